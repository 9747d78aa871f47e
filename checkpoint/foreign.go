package checkpoint

import (
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/nlpodyssey/safetensors"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/text"
)

// ImportOptions say what a file of bare weights cannot.
type ImportOptions struct {
	Alphabet     *text.Alphabet // symbol of every row of the output layer
	Nonlinearity string         // of an Elman network, rnn.Tanh (also "") or rnn.ReLU
}

// Import reads weights that another program saved from PyTorch modules: one
// nn.RNN, nn.LSTM or nn.GRU, one nn.Linear of its states to symbols and, if the
// input is not one-hot, one nn.Embedding, under whatever attribute names. The cell
// and the sizes follow from the tensors' shapes. Absent biases are zeros, which is
// what they mean; F64, F16 and BF16 are converted to float32.
//
// Errors: ErrUnsupported for a network of another build (bidirectional,
// projected, several stacks, an output layer in several steps), ErrAlphabet,
// ErrForeign, and those of Load.
func Import(path string, opt ImportOptions) (*Checkpoint, error) {
	b, err := readFile(path)
	if err != nil {
		return nil, err
	}
	c, err := DecodeForeign(b, opt)
	return c, within(path, err)
}

// DecodeForeign is Import from memory.
func DecodeForeign(b []byte, opt ImportOptions) (*Checkpoint, error) {
	f, err := parse(b)
	if err != nil {
		return nil, err
	}
	shape, err := f.infer(opt)
	if err != nil {
		return nil, err
	}
	if opt.Alphabet == nil || opt.Alphabet.Size() != shape.cfg.Vocab {
		have := 0
		if opt.Alphabet != nil {
			have = opt.Alphabet.Size()
		}
		return nil, fmt.Errorf("the network has %d symbols, the alphabet %d: %w", shape.cfg.Vocab, have, ErrAlphabet)
	}
	model, err := rnn.New(shape.cfg)
	if err != nil {
		return nil, err
	}
	for _, p := range model.Params() {
		source := shape.names[p.Name]
		if source == "" {
			continue // an absent bias: the model starts as zeros
		}
		x, err := f.take(source, p.Shape...)
		if err != nil {
			return nil, err
		}
		p.Import(x)
	}
	for name := range maps.Keys(f.views) {
		return nil, fmt.Errorf("tensor %s belongs to no part of a recurrent network with one output layer: %w", name, ErrUnsupported)
	}
	return &Checkpoint{Model: model, Alphabet: opt.Alphabet, Meta: map[string]string{}}, nil
}

// foreign is what infer found: the network's shape and, for every parameter of
// ours, the name it has in the file.
type foreign struct {
	cfg   rnn.Config
	names map[string]string
}

var recurrentName = regexp.MustCompile(`^(.*\.)?(weight_ih|weight_hh|weight_hr|bias_ih|bias_hh)_l(\d{1,4})(_reverse)?$`)

// infer works out the network from names and shapes.
func (f *file) infer(opt ImportOptions) (*foreign, error) {
	out := &foreign{names: map[string]string{}}
	prefix, err := f.recurrent(out)
	if err != nil {
		return nil, err
	}
	first, ok := f.matrix(out.names["rnn.weight_hh_l0"])
	if !ok || first[1] == 0 || first[0]%first[1] != 0 {
		return nil, fmt.Errorf("%sweight_hh_l0 is not [G*H,H]: %w", prefix, ErrCorrupt)
	}
	gates, hidden := first[0]/first[1], first[1]
	switch gates {
	case 1:
		out.cfg.Cell, out.cfg.Nonlinearity = rnn.Elman, opt.Nonlinearity
	case 3:
		out.cfg.Cell = rnn.GRU
	case 4:
		out.cfg.Cell = rnn.LSTM
	default:
		return nil, fmt.Errorf("%d gates; a network here has 1 (Elman), 3 (GRU) or 4 (LSTM): %w", gates, ErrUnsupported)
	}
	in, ok := f.matrix(out.names["rnn.weight_ih_l0"])
	if !ok {
		return nil, fmt.Errorf("%sweight_ih_l0 is not [G*H,in]: %w", prefix, ErrCorrupt)
	}
	if err := f.ends(out, hidden, in[1]); err != nil {
		return nil, err
	}
	out.cfg.Hidden = hidden
	if err := out.cfg.Validate(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnsupported, err)
	}
	return out, f.fitsForeign(out.cfg)
}

// fitsForeign bounds the memory of the network by the file's size.
func (f *file) fitsForeign(cfg rnn.Config) error {
	var elements uint64
	for _, v := range f.views {
		elements += v.DataLen() / v.DType().Size()
	}
	// Absent biases are the only weights that are not in the file.
	if biases := 2*cfg.Gates()*cfg.Hidden*cfg.Layers + cfg.Vocab; uint64(cfg.Parameters()-biases) > elements {
		return fmt.Errorf("%w: layers of different sizes", ErrUnsupported)
	}
	return nil
}

// recurrent fills in the names of the recurrent stack and the number of layers.
func (f *file) recurrent(out *foreign) (prefix string, err error) {
	found := false
	for _, name := range slices.Sorted(maps.Keys(f.views)) {
		m := recurrentName.FindStringSubmatch(name)
		if m == nil {
			continue
		}
		switch {
		case m[4] != "":
			return "", fmt.Errorf("%s is of a bidirectional network: %w", name, ErrUnsupported)
		case m[2] == "weight_hr":
			return "", fmt.Errorf("%s is of an LSTM with projections: %w", name, ErrUnsupported)
		case found && m[1] != prefix:
			return "", fmt.Errorf("two recurrent stacks, %q and %q: %w", prefix, m[1], ErrUnsupported)
		}
		prefix, found = m[1], true
		layer, _ := strconv.Atoi(m[3])
		out.names[fmt.Sprintf("rnn.%s_l%d", m[2], layer)] = name
		out.cfg.Layers = max(out.cfg.Layers, layer+1)
	}
	if !found {
		return "", fmt.Errorf("no tensor is called weight_ih_l0: this file holds no nn.RNN, nn.LSTM or nn.GRU: %w", ErrForeign)
	}
	for l := range out.cfg.Layers {
		for _, part := range []string{"weight_ih", "weight_hh"} {
			if out.names[fmt.Sprintf("rnn.%s_l%d", part, l)] == "" {
				return "", fmt.Errorf("%w: tensor %s%s_l%d is missing", ErrCorrupt, prefix, part, l)
			}
		}
	}
	return prefix, nil
}

// ends finds the output layer and the embedding among the tensors that are left,
// and with them V and E. in is the width of the first layer's input.
func (f *file) ends(out *foreign, hidden, in int) error {
	taken := map[string]bool{}
	for _, name := range out.names {
		taken[name] = true
	}
	var heads, embeddings []string
	for _, name := range slices.Sorted(maps.Keys(f.views)) {
		shape, ok := f.matrix(name)
		if taken[name] || !ok {
			continue
		}
		// One-hot input: V = in. Otherwise the embedding is [V,in] and the head [V,H].
		if shape[1] == hidden {
			heads = append(heads, name)
		}
		if shape[1] == in {
			embeddings = append(embeddings, name)
		}
	}
	matrices := len(f.matrices(taken))
	if matrices == 0 {
		return fmt.Errorf("no output layer [V,%d] beside the recurrent one: %w", hidden, ErrUnsupported)
	}
	if matrices > 2 {
		return fmt.Errorf("%d matrices beside the recurrent ones (%s), where one output layer and at most one embedding are known: %w",
			matrices, strings.Join(f.matrices(taken), ", "), ErrUnsupported)
	}
	head, embedding, err := assign(heads, embeddings, matrices)
	if err != nil {
		return err
	}
	shape, _ := f.matrix(head)
	out.cfg.Vocab = shape[0]
	out.names["fc.weight"] = head
	if bias := strings.TrimSuffix(head, "weight") + "bias"; bias != head {
		if v, ok := f.views[bias]; ok && len(v.Shape()) == 1 {
			out.names["fc.bias"] = bias
		}
	}
	if embedding != "" {
		out.names["embedding.weight"] = embedding
		out.cfg.Embed = in
		return nil
	}
	if in != out.cfg.Vocab {
		return fmt.Errorf("the input has %d numbers and the output %d symbols, and there is no embedding: %w", in, out.cfg.Vocab, ErrUnsupported)
	}
	return nil
}

// matrices lists the two-dimensional tensors that are not taken.
func (f *file) matrices(taken map[string]bool) []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(f.views)) {
		if _, ok := f.matrix(name); ok && !taken[name] {
			out = append(out, name)
		}
	}
	return out
}

// assign tells head and embedding apart: by shape when only one way fits, by name
// when E = H makes both ways fit.
func assign(heads, embeddings []string, matrices int) (head, embedding string, err error) {
	if matrices == 1 {
		if len(heads) == 1 {
			return heads[0], "", nil
		}
		return "", "", fmt.Errorf("no output layer whose input is the hidden state: %w", ErrUnsupported)
	}
	type pair struct{ head, embedding string }
	var fits []pair
	for _, h := range heads {
		for _, e := range embeddings {
			if h != e {
				fits = append(fits, pair{h, e})
			}
		}
	}
	if len(fits) > 1 {
		fits = slices.DeleteFunc(fits, func(p pair) bool { return !looksLikeEmbedding(p.embedding) || looksLikeEmbedding(p.head) })
	}
	if len(fits) != 1 {
		return "", "", fmt.Errorf("cannot tell output layer from embedding among %s; call the embedding \"embedding\": %w",
			strings.Join(heads, ", "), ErrUnsupported)
	}
	return fits[0].head, fits[0].embedding, nil
}

func looksLikeEmbedding(name string) bool {
	name = strings.ToLower(name)
	return strings.Contains(name, "emb") || strings.Contains(name, "encoder") || strings.Contains(name, "wte")
}

// matrix returns the shape of a two-dimensional tensor whose sizes are sane.
func (f *file) matrix(name string) (shape [2]int, ok bool) {
	v, ok := f.views[name]
	if !ok || len(v.Shape()) != 2 {
		return shape, false
	}
	for i, n := range v.Shape() {
		if n == 0 || n > math.MaxInt32 {
			return shape, false
		}
		shape[i] = int(n)
	}
	return shape, true
}

var _ safetensors.View = tensor{}
