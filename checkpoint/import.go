package checkpoint

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/nlpodyssey/safetensors"
	"github.com/rnnscope/rnnscope/checkpoint/torchfile"
	"github.com/rnnscope/rnnscope/text"
)

// ErrAsk marks a question: the file can be read in several ways, and the error says
// which option tells them apart.
var ErrAsk = errors.New("the file alone does not tell")

// How symbols enter a network.
const (
	InputOneHot    = "onehot"
	InputEmbedding = "embedding" // a row of [V,E] a symbol
	InputLinear    = "linear"    // an nn.Linear [E,V] of the one-hot vector
	InputTied      = "tied"      // a row of the output layer's own matrix
)

// ImportOptions say what a file of bare weights may leave open. Empty fields are
// not told; what the file leaves open as well is asked for (ErrAsk).
type ImportOptions struct {
	Alphabet     *text.Alphabet // symbol of every row of the output layer
	Nonlinearity string         // of an Elman network, rnn.Tanh or rnn.ReLU
	Input        string         // InputOneHot, ...
	Embedding    string         // name of the matrix that symbols enter by
	Output       string         // name of the last matrix
	Order        []string       // names of the recurrent stacks, from the input up
	Activation   string         // after a hidden layer before the output layer, one of rnn.Activations
	Norm         string         // rnn.LayerNorm or rnn.RMSNorm
	NormAt       string         // AtOutput or AtInput
	HiddenAt     string         // of a hidden layer, likewise
	NormEps      float64        // of the norm; 0: PyTorch's 1e-5
	Start        []string       // names of the initial h and, of an LSTM, the initial c
	Key          string         // the dict to take of a file that holds several networks
	ResetAfter   string         // of a GRU in the layout of Keras, ResetAfter or ResetBefore
	Ignore       []string       // tensors that are no part of the network: names, or beginnings with *
}

// Imported is a network from elsewhere and what was taken for granted in reading it.
type Imported struct {
	*Checkpoint
	Assumed []string // one sentence each
	Weights int      // numbers in the file that became weights
}

// Import reads weights that another program saved from PyTorch modules, as
// safetensors or by torch.save, under whatever names: one or several nn.RNN, nn.LSTM
// or nn.GRU (or their cells), one nn.Linear of the last states to symbols, which may
// have a LayerNorm or a hidden layer before it, and an nn.Embedding, an nn.Linear or
// one-hot vectors at the input. What is read follows from shapes alone, never from
// names; where shapes fit several ways the error matches ErrAsk and names the option
// to give. Absent biases are zeros, which is what they mean; F64, F16 and BF16 are
// converted to float32; projections, weight norms and linear inputs are multiplied
// out. Layers in the layout of Keras (kernel, recurrent_kernel) are told by these names
// and turned round.
//
// Errors: ErrAsk, ErrUnsupported for a network of another build, ErrAlphabet,
// ErrForeign, ErrCorrupt, ErrTruncated, ErrNotFinite, torchfile.ErrRefused.
func Import(path string, opt ImportOptions) (*Imported, error) {
	b, err := readFile(path)
	if err != nil {
		return nil, err
	}
	c, err := DecodeForeign(b, opt)
	return c, within(path, err)
}

// DecodeForeign is Import from memory.
func DecodeForeign(b []byte, opt ImportOptions) (*Imported, error) {
	var l *loose
	var err error
	isSafetensors := len(b) > 8 && b[8] == '{' // behind a length, which may look like a pickle's first bytes
	if torchfile.Is(b) && !isSafetensors {
		l, err = looseFromTorch(b, opt.Key)
	} else {
		l, err = looseFromSafetensors(b)
	}
	if err != nil {
		return nil, err
	}
	if err := l.ignore(opt.Ignore); err != nil {
		return nil, err
	}
	if err := l.keras(opt); err != nil {
		return nil, err
	}
	if err := l.fold(); err != nil {
		return nil, err
	}
	r, err := l.read(opt)
	if err != nil {
		return nil, err
	}
	return r.build(opt)
}

// array is one tensor, row-major.
type array struct {
	shape []int
	x     []float32
	of    string // the name it has in the file
	sum   string // see numbers
}

func (a *array) is(shape ...int) bool { return a != nil && slices.Equal(a.shape, shape) }

// loose is tensors whose meaning is not known yet.
type loose struct {
	arrays map[string]*array
	facts  map[string]string // of a module that was saved whole: "rnn.mode" is "RNN_RELU"
	told   []string          // what reading the file took for granted
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
		if l.arrays[name], err = newArray(name, shape, view); err != nil {
			return nil, err
		}
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

func newArray(name string, shape []int, view safetensors.TensorView) (*array, error) {
	a := &array{shape: shape, of: name}
	switch view.DType() {
	case safetensors.F32, safetensors.F64, safetensors.F16, safetensors.BF16:
	default:
		return a, nil // of another type: it can only be ignored
	}
	var err error
	if a.x, err = floats(view); err != nil {
		return nil, fmt.Errorf("tensor %s: %w", name, err)
	}
	return a, nil
}

var torchTypes = map[string]safetensors.DType{
	"float32": safetensors.F32, "float64": safetensors.F64, "float16": safetensors.F16, "bfloat16": safetensors.BF16,
}

// looseFromTorch reads a file of torch.save: the dict under key, or the only one with
// a recurrent network in it.
func looseFromTorch(b []byte, key string) (*loose, error) {
	groups, err := torchfile.Decode(b)
	switch {
	case errors.Is(err, torchfile.ErrCorrupt):
		return nil, fmt.Errorf("%w: %w", ErrCorrupt, err)
	case errors.Is(err, torchfile.ErrForeign):
		return nil, fmt.Errorf("%w: %w", ErrForeign, err)
	case err != nil:
		return nil, err
	}
	g, err := chooseGroup(groups, key)
	if err != nil {
		return nil, err
	}
	l := &loose{arrays: map[string]*array{}, facts: g.Facts}
	if g.Path != "" {
		l.told = append(l.told, fmt.Sprintf("weights under %q", g.Path))
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
		if l.arrays[name], err = newArray(name, t.Shape, view); err != nil {
			return nil, err
		}
	}
	return l, nil
}

// chooseGroup picks the dict that holds the network.
func chooseGroup(groups []torchfile.Group, key string) (torchfile.Group, error) {
	var fit []torchfile.Group
	var paths []string
	for _, g := range groups {
		recurrent := false
		for name := range g.Tensors {
			recurrent = recurrent || recurrentName.MatchString(name) || strings.Contains(name, "weight_hh")
		}
		if key == g.Path && key != "" {
			return g, nil
		}
		if recurrent {
			fit, paths = append(fit, g), append(paths, g.Path)
		}
	}
	slices.Sort(paths)
	switch {
	case key != "":
		return torchfile.Group{}, fmt.Errorf("no weights under %q; there are some under %s: %w", key, strings.Join(paths, ", "), ErrForeign)
	case len(fit) == 0:
		return torchfile.Group{}, fmt.Errorf("no tensor is called weight_hh: this file holds no nn.RNN, nn.LSTM or nn.GRU: %w", ErrForeign)
	case len(fit) > 1:
		return torchfile.Group{}, fmt.Errorf("%w which network is meant: give --key with one of %s", ErrAsk, strings.Join(paths, ", "))
	}
	return fit[0], nil
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

// Where a norm or a hidden layer stands.
const (
	AtOutput = "output" // on the last h, before the layers that follow it
	AtInput  = "input"  // on what symbols become, before the first stack
)

// question is an ErrAsk.
func question(format string, args ...any) error {
	return fmt.Errorf("%w %s", ErrAsk, fmt.Sprintf(format, args...))
}
