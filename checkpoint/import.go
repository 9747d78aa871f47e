package checkpoint

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/rnnscope/rnnscope/text"
)

// ErrAmbiguous marks a question: the file can be read in several ways, and the error says
// which option tells them apart.
var ErrAmbiguous = errors.New("the file alone does not tell")

// How symbols enter a network.
const (
	InputOneHot    = "onehot"
	InputEmbedding = "embedding" // a row of [V,E] a symbol
	InputLinear    = "linear"    // an nn.Linear [E,V] of the one-hot vector
	InputTied      = "tied"      // a row of the output layer's own matrix
)

// ImportOptions say what a file of bare weights may leave open. Empty fields are
// not told; what the file leaves open as well is asked for (ErrAmbiguous).
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
	Key          string         // the dict to take of a file that holds several networks; several, with commas, are taken together
	ResetAfter   string         // of a GRU in the layout of Keras, ResetAfter or ResetBefore
	Ignore       []string       // tensors that are no part of the network: names, or beginnings with *
}

// ImportResult is a network from elsewhere and what was taken for granted in reading it.
type ImportResult struct {
	*Checkpoint
	Assumed []string // one sentence each
	Weights int      // numbers in the file that became weights
}

// Import reads weights that another program saved from PyTorch modules, as
// safetensors or by torch.save, under whatever names: one or several nn.RNN, nn.LSTM
// or nn.GRU (or their cells), one nn.Linear of the last states to symbols, which may
// have a LayerNorm or a hidden layer before it, and an nn.Embedding, an nn.Linear or
// one-hot vectors at the input. What is read follows from shapes alone, never from
// names; where shapes fit several ways the error matches ErrAmbiguous and names the option
// to give. Absent biases are zeros, which is what they mean; F64, F16 and BF16 are
// converted to float32; projections, weight norms and linear inputs are multiplied
// out. An index of Hugging Face (weight_map) stands for the files that it names. Layers in the layout of Keras (kernel, recurrent_kernel) are told by these names
// and turned round.
//
// Errors: ErrAmbiguous, ErrUnsupported for a network of another build, ErrAlphabet,
// ErrForeign, ErrCorrupt, ErrTruncated, ErrNotFinite, torchfile.ErrRefused.
func Import(path string, opt ImportOptions) (*ImportResult, error) {
	b, err := readFile(path)
	if err != nil {
		return nil, err
	}
	if files, ok := shardsOf(b); ok {
		l, err := looseFromShards(filepath.Dir(path), files, opt.Key)
		if err != nil {
			return nil, within(path, err)
		}
		c, err := l.network(opt)
		return c, within(path, err)
	}
	c, err := DecodeForeign(b, opt)
	if err != nil && shardName.MatchString(filepath.Base(path)) {
		err = fmt.Errorf("this is one part of several (give the .index.json beside it, which names all): %w", err)
	}
	return c, within(path, err)
}

// DecodeForeign is Import from memory.
func DecodeForeign(b []byte, opt ImportOptions) (*ImportResult, error) {
	l, err := looseFrom(b, opt.Key)
	if err != nil {
		return nil, err
	}
	return l.network(opt)
}

// network reads the tensors as a network.
func (l *loose) network(opt ImportOptions) (*ImportResult, error) {
	if err := l.ignore(opt.Ignore); err != nil {
		return nil, err
	}
	if err := l.finite(); err != nil {
		return nil, err
	}
	if err := l.keras(opt); err != nil {
		return nil, err
	}
	if err := l.fold(); err != nil {
		return nil, err
	}
	r, err := l.read(opt)
	if errors.Is(err, ErrUnsupported) && len(l.elsewhere) > 0 {
		err = fmt.Errorf("%w; there are more weights under %s: to take dicts together give --key %s,%s", err, strings.Join(l.elsewhere, ", "), l.path, strings.Join(l.elsewhere, ","))
	}
	if err != nil {
		return nil, err
	}
	return r.build(opt)
}

// Where a norm or a hidden layer stands.
const (
	AtOutput = "output" // on the last h, before the layers that follow it
	AtInput  = "input"  // on what symbols become, before the first stack
)

// question is an ErrAmbiguous.
func question(format string, args ...any) error {
	return fmt.Errorf("%w %s", ErrAmbiguous, fmt.Sprintf(format, args...))
}
