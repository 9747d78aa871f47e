package checkpoint

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Names of the weights of a layer in Keras.
const (
	kerasRecurrent = "recurrent_kernel"
	kerasKernel    = "kernel"
	kerasEmbedding = "embeddings"
	kerasBias      = "bias"
)

// How the reset gate of a GRU acts.
const (
	ResetAfter  = "yes" // on the product with the recurrent matrix: Keras's reset_after=True, PyTorch
	ResetBefore = "no"  // on the state, before the product
)

// keras rewrites layers in the layout of Keras as PyTorch's: kernel [D,kH] and
// recurrent_kernel [H,kH] are transposed, the gates of a GRU come in another order (z, r,
// candidate there; r, z, candidate here), those of an LSTM in the same (i, f, candidate, o),
// and the two rows of a GRU's bias are the two biases. Errors match ErrAmbiguous and
// ErrUnsupported.
func (l *loose) keras(opt ImportOptions) error {
	var recurrent []string
	for name := range l.arrays {
		if base, ok := strings.CutSuffix(name, kerasRecurrent); ok && l.arrays[base+kerasKernel] != nil {
			recurrent = append(recurrent, base)
		}
	}
	if len(recurrent) == 0 {
		if opt.ResetAfter != "" {
			return fmt.Errorf("--reset-after is for a GRU in the layout of Keras (recurrent_kernel), and this file has none: %w", ErrForeign)
		}
		return nil
	}
	slices.Sort(recurrent)
	for _, base := range recurrent {
		if err := l.kerasStack(base, opt); err != nil {
			return err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(l.arrays)) {
		a := l.arrays[name]
		base, isKernel := strings.CutSuffix(name, kerasKernel)
		if isBias := strings.HasSuffix(name, kerasBias) && strings.Contains(name, "/"); isBias {
			delete(l.arrays, name)
			l.arrays[dottedPath(name)] = a
			continue
		}
		if !isKernel || len(a.shape) != 2 {
			base, isKernel = strings.CutSuffix(name, kerasEmbedding)
			if !isKernel || len(a.shape) != 2 {
				continue
			}
		} else {
			a = a.transpose()
		}
		delete(l.arrays, name)
		l.arrays[dottedPath(base)+"weight"] = a
	}
	l.assumptions = append(l.assumptions, "layout of Keras: kernels transposed, gates in Keras's order")
	return nil
}

// kerasStack rewrites one recurrent layer.
func (l *loose) kerasStack(base string, opt ImportOptions) error {
	u, w, b := l.arrays[base+kerasRecurrent], l.arrays[base+kerasKernel], l.arrays[base+kerasBias]
	if len(u.shape) != 2 || len(w.shape) != 2 || u.shape[0] < 1 || u.shape[1]%u.shape[0] != 0 || w.shape[1] != u.shape[1] {
		return fmt.Errorf("%s%s %v and %s%s %v belong to no recurrent layer: %w", base, kerasKernel, w.shape, base, kerasRecurrent, u.shape, ErrForeign)
	}
	h, gates := u.shape[0], u.shape[1]/u.shape[0]
	if gates != 1 && gates != 3 && gates != 4 {
		return fmt.Errorf("%s%s %v has %d gates; a SimpleRNN has 1, a GRU 3, an LSTM 4: %w", base, kerasRecurrent, u.shape, gates, ErrForeign)
	}
	rows := func(a *array) *array { return a }
	if gates == 3 {
		if err := l.kerasReset(base, b, opt); err != nil {
			return err
		}
		rows = func(a *array) *array { return a.swapGates(h) }
	}
	delete(l.arrays, base+kerasRecurrent)
	delete(l.arrays, base+kerasKernel)
	delete(l.arrays, base+kerasBias)
	base = dottedPath(base)
	l.arrays[base+"weight_ih_l0"], l.arrays[base+"weight_hh_l0"] = rows(w.transpose()), rows(u.transpose())
	if b == nil {
		return nil
	}
	n := gates * h
	first, second := make([]float32, n), make([]float32, n)
	switch {
	case len(b.x) == n:
		copy(first, b.x)
	case len(b.x) == 2*n && gates == 3:
		copy(first, b.x[:n])
		copy(second, b.x[n:])
	default:
		return fmt.Errorf("%s%s %v does not fit %d gates of %d units: %w", base, kerasBias, b.shape, gates, h, ErrForeign)
	}
	l.arrays[base+"bias_ih_l0"] = rows(&array{shape: []int{n}, x: first, of: b.of})
	l.arrays[base+"bias_hh_l0"] = rows(&array{shape: []int{n}, x: second, of: b.of})
	return nil
}

// dottedPath is a path of Keras's as PyTorch writes one.
func dottedPath(name string) string { return strings.ReplaceAll(name, "/", ".") }

// kerasReset finds out how the reset gate acts. Only a bias of two rows tells.
func (l *loose) kerasReset(base string, b *array, opt ImportOptions) error {
	how := opt.ResetAfter
	if b != nil && len(b.shape) == 2 && b.shape[0] == 2 {
		if how == ResetBefore {
			return fmt.Errorf("%s%s has two rows, as a GRU has with reset_after=True; --reset-after no does not fit it: %w", base, kerasBias, ErrForeign)
		}
		return nil
	}
	switch how {
	case ResetAfter:
		return nil
	case ResetBefore:
		return fmt.Errorf("%s is a GRU with reset_after=False, which multiplies the state by its reset gate before the recurrent product; the GRU here is PyTorch's, which does it after: %w", strings.TrimRight(base, "./"), ErrUnsupported)
	}
	return question("how the reset gate of the GRU %s acts: give --reset-after yes (after the recurrent product: Keras's default, PyTorch) or --reset-after no (reset_after=False)", strings.TrimRight(base, "./"))
}

// transpose is a matrix the other way round.
func (a *array) transpose() *array {
	if len(a.x) != a.shape[0]*a.shape[1] {
		return a // of a type that is no weight
	}
	n, m := a.shape[0], a.shape[1]
	out := &array{shape: []int{m, n}, x: make([]float32, len(a.x)), of: a.of}
	for i := range n {
		for j := range m {
			out.x[j*n+i] = a.x[i*m+j]
		}
	}
	return out
}

// swapGates exchanges the first two gates of h rows each.
func (a *array) swapGates(h int) *array {
	width := len(a.x) / max(1, a.shape[0])
	out := &array{shape: a.shape, x: slices.Clone(a.x), of: a.of}
	if len(a.x) >= 2*h*width {
		copy(out.x[:h*width], a.x[h*width:2*h*width])
		copy(out.x[h*width:2*h*width], a.x[:h*width])
	}
	return out
}
