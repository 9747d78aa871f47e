package checkpoint

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
)

// fold undoes ways of storing one weight as several: weight norm (Salimans and Kingma
// 2016) under both of PyTorch's namings, spectral norm (Miyato et al. 2018) as it
// acts in evaluation, and the raw weights of AWD-LSTM's weight drop (Merity et al.
// 2018), which is off in evaluation.
func (l *loose) fold() error {
	for _, name := range slices.Sorted(maps.Keys(l.arrays)) {
		if l.arrays[name] == nil {
			continue // folded with another
		}
		for _, f := range []func(string) error{l.foldNorm, l.foldParametrization, l.foldSpectral, l.foldRaw} {
			if err := f(name); err != nil {
				return err
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(l.arrays)) {
		module, weight, found := cutLast(name, "parametrizations.")
		if weight, _, isOriginal := strings.Cut(weight, ".original"); found && isOriginal {
			return fmt.Errorf("%s%s is parametrized in a way that is not known (weight norm and spectral norm are); make it plain before you save, with torch.nn.utils.parametrize.remove_parametrizations: %w",
				module, weight, ErrUnsupported)
		}
	}
	return nil
}

// replace puts a weight in the place of the tensors it was made of.
func (l *loose) replace(name string, a *array, parts ...string) {
	for _, p := range parts {
		delete(l.arrays, p)
	}
	a.of = name
	l.arrays[name] = a
}

// foldNorm reads NAME_g and NAME_v.
func (l *loose) foldNorm(name string) error {
	base, ok := strings.CutSuffix(name, "_v")
	g, v := l.arrays[base+"_g"], l.arrays[name]
	if !ok || g == nil || v == nil {
		return nil
	}
	w, err := weightNorm(base, g, v)
	if err != nil {
		return err
	}
	l.replace(base, w, name, base+"_g")
	return nil
}

// foldParametrization reads MODULE.parametrizations.NAME.original0 and original1,
// weight norm since PyTorch 2.1.
func (l *loose) foldParametrization(name string) error {
	base, ok := strings.CutSuffix(name, ".original1")
	g, v := l.arrays[base+".original0"], l.arrays[name]
	module, weight, found := cutLast(base, "parametrizations.")
	if !ok || !found || g == nil || v == nil {
		return nil
	}
	w, err := weightNorm(base, g, v)
	if err != nil {
		return err
	}
	l.replace(module+weight, w, name, base+".original0")
	return nil
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 || i > 0 && s[i-1] != '.' {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

// weightNorm is g v / |v|, the norm taken over the dimensions in which g has size 1.
func weightNorm(name string, g, v *array) (*array, error) {
	if len(v.shape) != 2 || len(g.shape) != 2 || g.x == nil || v.x == nil {
		return nil, fmt.Errorf("%s is weight-normed in a way that is not known (%v, %v): %w", name, g.shape, v.shape, ErrUnsupported)
	}
	rows, cols := v.shape[0], v.shape[1]
	if (g.shape[0] != rows && g.shape[0] != 1) || (g.shape[1] != cols && g.shape[1] != 1) || g.shape[0]*g.shape[1] == rows*cols && rows*cols > 1 {
		return nil, fmt.Errorf("%s is weight-normed in a way that is not known (%v, %v): %w", name, g.shape, v.shape, ErrUnsupported)
	}
	at := func(r, c int) int { return min(r, g.shape[0]-1)*g.shape[1] + min(c, g.shape[1]-1) }
	squares := make([]float64, len(g.x))
	for i, x := range v.x {
		squares[at(i/cols, i%cols)] += float64(x) * float64(x)
	}
	w := &array{shape: v.shape, x: make([]float32, len(v.x))}
	for i, x := range v.x {
		k := at(i/cols, i%cols)
		w.x[i] = float32(float64(g.x[k]) * float64(x) / math.Sqrt(squares[k]))
	}
	if i := firstNotFinite(w.x); i >= 0 {
		return nil, fmt.Errorf("%s, weight-normed, element %d is %v: %w", name, i, w.x[i], ErrNotFinite)
	}
	return w, nil
}

// foldSpectral reads NAME_orig, NAME_u and NAME_v or, since PyTorch 1.9,
// MODULE.parametrizations.NAME.original, .0._u and .0._v: W / (u W v).
func (l *loose) foldSpectral(name string) error {
	base, ok := strings.CutSuffix(name, "_orig")
	nameU, nameV, target := base+"_u", base+"_v", base
	if p, since := strings.CutSuffix(name, ".original"); since {
		module, weight, found := cutLast(p, "parametrizations.")
		ok, nameU, nameV, target = found, p+".0._u", p+".0._v", module+weight
	}
	w, u, v := l.arrays[name], l.arrays[nameU], l.arrays[nameV]
	if !ok || w == nil || u == nil || v == nil {
		return nil
	}
	if len(w.shape) != 2 || !u.is(w.shape[0]) || !v.is(w.shape[1]) || w.x == nil || u.x == nil || v.x == nil {
		return fmt.Errorf("%s is spectrally normed in a way that is not known: %w", target, ErrUnsupported)
	}
	var sigma float64
	for i, x := range w.x {
		sigma += float64(x) * float64(u.x[i/w.shape[1]]) * float64(v.x[i%w.shape[1]])
	}
	out := &array{shape: w.shape, x: make([]float32, len(w.x))}
	for i, x := range w.x {
		out.x[i] = float32(float64(x) / sigma)
	}
	if i := firstNotFinite(out.x); i >= 0 {
		return fmt.Errorf("%s, spectrally normed, element %d is %v: %w", target, i, out.x[i], ErrNotFinite)
	}
	l.replace(target, out, name, nameU, nameV)
	return nil
}

// foldRaw reads NAME_raw: weight drop keeps the weight there, and what it last drew
// from it, if anything, under NAME. In a module around the layer ("rnns.0.module.")
// it may hold either.
func (l *loose) foldRaw(name string) error {
	base, ok := strings.CutSuffix(name, "_raw")
	raw := l.arrays[name]
	if !ok || raw == nil || !strings.Contains(base, "weight_") {
		return nil
	}
	before, after, inModule := cutLast(base, "module.")
	drawn := []string{name, base}
	if inModule {
		drawn = append(drawn, before+after)
	} else if dot := strings.LastIndex(base, "."); dot >= 0 {
		drawn = append(drawn, base[:dot]+".module"+base[dot:])
	}
	target := base
	for _, other := range drawn[1:] {
		if l.arrays[other] != nil {
			target = other
		}
	}
	// The other tensors of the layer say under which of the two prefixes it stands.
	for _, other := range drawn[1:] {
		if l.arrays[strings.Replace(other, "weight_hh", "weight_ih", 1)] != nil && strings.Contains(other, "weight_hh") {
			target = other
		}
	}
	l.replace(target, raw, drawn...)
	return nil
}
