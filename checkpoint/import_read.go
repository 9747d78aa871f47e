package checkpoint

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/nlpodyssey/safetensors"
	"github.com/rnnscope/rnnscope/checkpoint/torchfile"
)

// array is one tensor, row-major.
type array struct {
	shape []int
	x     []float32
	of    string // the name it has in the file
	sum   string // see numbers
	bad   error  // why x cannot be used, or nil
}

func (a *array) is(shape ...int) bool { return a != nil && slices.Equal(a.shape, shape) }

// loose is tensors whose meaning is not known yet.
type loose struct {
	arrays      map[string]*array
	facts       map[string]string // of a module that was saved whole: "rnn.mode" is "RNN_RELU"
	assumptions []string          // what reading the file took for granted

	path      string   // of the dict that was taken, or ""
	elsewhere []string // dicts of the file that also hold weights, and were not taken
}

// looseFrom reads a file of either kind.
func looseFrom(b []byte, key string) (*loose, error) {
	isSafetensors := len(b) > 8 && b[8] == '{' // behind a length, which may look like a pickle's first bytes
	if torchfile.Is(b) && !isSafetensors {
		return looseFromTorch(b, key)
	}
	return looseFromSafetensors(b)
}

// looseFromSafetensors reads a safetensors file. One that save_model wrote says in
// its metadata which names share a tensor that it holds once.
func looseFromSafetensors(b []byte) (*loose, error) {
	f, err := parse(b)
	if err != nil {
		return nil, err
	}
	l := &loose{arrays: map[string]*array{}, facts: map[string]string{}}
	for name, view := range f.views {
		shape := make([]int, len(view.Shape()))
		for i, n := range view.Shape() {
			shape[i] = int(n) // the elements lie in memory
		}
		l.arrays[name] = newArray(name, shape, view)
	}
	for name, other := range f.meta {
		if fact, ok := strings.CutPrefix(name, factPrefix); ok {
			l.facts[fact] = other
		}
		if a := l.arrays[other]; a != nil && l.arrays[name] == nil {
			l.arrays[name] = a
		}
	}
	return l, nil
}

// factPrefix marks metadata in which a program that had the module says what the
// weights cannot: "module.rnn.mode" is "RNN_RELU".
const factPrefix = "module."

func newArray(name string, shape []int, view safetensors.TensorView) *array {
	a := &array{shape: shape, of: name}
	switch view.DType() {
	case safetensors.F32, safetensors.F64, safetensors.F16, safetensors.BF16:
	default:
		return a // of another type: it can only be ignored
	}
	if a.x, a.bad = floats(view); a.bad != nil {
		a.bad = fmt.Errorf("tensor %s: %w", name, a.bad)
	}
	return a
}

// finite is the error of the first tensor with a NaN or an infinity. It comes after
// ignore, since what is left out may hold anything.
func (l *loose) finite() error {
	for _, name := range slices.Sorted(maps.Keys(l.arrays)) {
		err := l.arrays[name].bad
		switch {
		case err != nil && recurrentName.MatchString(name):
			return err
		case err != nil:
			return fmt.Errorf("%w; if it is no part of the network, leave it out with --ignore %s", err, name)
		}
	}
	return nil
}

var torchTypes = map[string]safetensors.DType{
	"float32": safetensors.F32, "float64": safetensors.F64, "float16": safetensors.F16, "bfloat16": safetensors.BF16,
}

// looseFromTorch reads a file of torch.save: the dict under key, or the only one with
// a recurrent network in it.
func looseFromTorch(b []byte, key string) (*loose, error) {
	groups, err := torchGroups(b)
	if err != nil {
		return nil, err
	}
	g, err := chooseGroup(groups, key)
	if err != nil {
		return nil, err
	}
	l, err := looseOfGroup(g)
	if err != nil {
		return nil, err
	}
	for _, other := range groups {
		if other.Path != g.Path && isModel(other) {
			l.elsewhere = append(l.elsewhere, other.Path)
		}
	}
	return l, nil
}

func torchGroups(b []byte) ([]torchfile.Group, error) {
	groups, err := torchfile.Decode(b)
	switch {
	case errors.Is(err, torchfile.ErrCorrupt):
		return nil, fmt.Errorf("%w: %w", ErrCorrupt, err)
	case errors.Is(err, torchfile.ErrForeign):
		return nil, fmt.Errorf("%w: %w", ErrForeign, err)
	}
	return groups, err
}

// isModel tells weights from what an optimiser keeps.
func isModel(g torchfile.Group) bool {
	for name := range g.Tensors {
		if name == "weight" || strings.HasSuffix(name, ".weight") || strings.HasSuffix(name, "_weight") || recurrentName.MatchString(name) {
			return true
		}
	}
	return false
}

// looseOfGroup is the tensors of one dict.
func looseOfGroup(g torchfile.Group) (*loose, error) {
	l := &loose{arrays: map[string]*array{}, facts: g.Facts, path: g.Path}
	if g.Path != "" {
		l.assumptions = append(l.assumptions, fmt.Sprintf("weights under %q", g.Path))
	}
	for _, name := range slices.Sorted(maps.Keys(g.Tensors)) {
		t := g.Tensors[name]
		if t.Same != "" {
			l.arrays[name] = l.arrays[t.Same]
			continue
		}
		kind, ok := torchTypes[t.Type]
		if !ok {
			l.arrays[name] = &array{shape: t.Shape, of: name}
			continue
		}
		shape := make([]uint64, len(t.Shape))
		for i, n := range t.Shape {
			shape[i] = uint64(n)
		}
		view, err := safetensors.NewTensorView(kind, shape, t.Data)
		if err != nil {
			return nil, fmt.Errorf("%w: tensor %s: %w", ErrCorrupt, name, err)
		}
		l.arrays[name] = newArray(name, t.Shape, view)
	}
	return l, nil
}

// chooseGroup picks the dict that holds the network. key may name several, whose tensors are then
// one network's, each under its dict's name: {"rnn": rnn.state_dict(), "head": head.state_dict()}.
func chooseGroup(groups []torchfile.Group, key string) (torchfile.Group, error) {
	var fit, paths []string
	byPath := map[string]torchfile.Group{}
	for _, g := range groups {
		recurrent := false
		for name := range g.Tensors {
			recurrent = recurrent || recurrentName.MatchString(name) || strings.Contains(name, "weight_hh")
		}
		byPath[g.Path] = g
		paths = append(paths, g.Path)
		if recurrent {
			fit = append(fit, g.Path)
		}
	}
	slices.Sort(fit)
	slices.Sort(paths)
	switch {
	case key != "":
		return joinGroups(byPath, paths, key)
	case len(fit) == 0:
		return torchfile.Group{}, fmt.Errorf("no tensor is called weight_hh: this file holds no nn.RNN, nn.LSTM or nn.GRU: %w", ErrForeign)
	case len(fit) > 1:
		return torchfile.Group{}, fmt.Errorf("%w which network is meant: give --key with one of %s", ErrAmbiguous, strings.Join(fit, ", "))
	}
	return byPath[fit[0]], nil
}

// joinGroups is the group under key, or the tensors of several as one group.
func joinGroups(byPath map[string]torchfile.Group, paths []string, key string) (torchfile.Group, error) {
	if g, ok := byPath[key]; ok {
		return g, nil
	}
	all := torchfile.Group{Path: key, Tensors: map[string]torchfile.Tensor{}, Facts: map[string]string{}}
	for _, one := range strings.Split(key, ",") {
		g, ok := byPath[one]
		if !ok {
			return torchfile.Group{}, fmt.Errorf("no weights under %q; there are some under %s: %w", one, strings.Join(paths, ", "), ErrForeign)
		}
		prefix := ""
		if one != "" {
			prefix = one + "."
		}
		for name, t := range g.Tensors {
			if t.Same != "" {
				t.Same = prefix + t.Same
			}
			all.Tensors[prefix+name] = t
		}
		for fact, value := range g.Facts {
			all.Facts[prefix+fact] = value
		}
	}
	return all, nil
}

// ignore takes away tensors that the user says are no part of the network.
func (l *loose) ignore(patterns []string) error {
	for _, p := range patterns {
		found := false
		for name := range l.arrays {
			begin, isPrefix := strings.CutSuffix(p, "*")
			if name == p || isPrefix && strings.HasPrefix(name, begin) {
				delete(l.arrays, name)
				found = true
			}
		}
		if !found {
			return fmt.Errorf("--ignore %s: the file has %s: %w", p, strings.Join(slices.Sorted(maps.Keys(l.arrays)), ", "), ErrForeign)
		}
	}
	return nil
}
