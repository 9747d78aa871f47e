package checkpoint

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/rnnscope/rnnscope/rnn"
)

// torchEps is the eps of PyTorch's norms when none is given.
const torchEps = 1e-5

// build makes the network of a reading.
func (r *reading) build(opt ImportOptions) (*ImportResult, error) {
	cfg, assumed, err := r.config(opt)
	if err != nil {
		return nil, err
	}
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnsupported, err)
	}
	if err := r.boundMemory(cfg); err != nil {
		return nil, err
	}
	model, err := rnn.New(cfg)
	if err != nil {
		return nil, err
	}
	w := &wiring{r: r, cfg: cfg, params: map[string]rnn.Param{}, last: r.stacks[len(r.stacks)-1]}
	for _, p := range model.Params() {
		w.params[p.Name] = p
	}
	for _, step := range []func(){w.entry, w.layers, w.start, w.head} {
		step()
	}
	for _, p := range model.Params() {
		if i := firstNotFinite(p.Data); i >= 0 {
			return nil, fmt.Errorf("%s: element %d, multiplied out, is %v: %w", p.Name, i, p.Data[i], ErrNotFinite)
		}
	}
	weights := 0
	counted := map[*array]bool{}
	for _, a := range r.l.arrays {
		if !counted[a] {
			counted[a] = true
			weights += len(a.x)
		}
	}
	return &ImportResult{
		Checkpoint: &Checkpoint{Model: model, Alphabet: opt.Alphabet, Meta: map[string]string{}},
		Assumed:    append(r.l.assumptions, append(r.assumptions(), assumed...)...), Weights: weights,
	}, nil
}

// boundMemory bounds the network by the file: what is multiplied out or filled up may
// be larger than what the file holds, but not without limit.
func (r *reading) boundMemory(cfg rnn.Config) error {
	elements := 0
	for _, a := range r.l.arrays {
		elements += len(a.x)
	}
	if n := cfg.Parameters(); n > max(64*elements, 1<<22) {
		return fmt.Errorf("%d weights would become %d: layers of too different sizes, or a projection of too many units: %w", elements, n, ErrUnsupported)
	}
	return nil
}

// config is the shape of the network; what the weights leave open is asked for, all
// at once.
func (r *reading) config(opt ImportOptions) (cfg rnn.Config, assumed []string, err error) {
	cfg = rnn.Config{Cell: r.cell, Vocab: r.vocab, Start: len(r.start) > 0}
	var sizes []string
	for _, s := range r.stacks {
		for _, y := range s.layers {
			cfg.Layers++
			cfg.Hidden = max(cfg.Hidden, y.hidden)
			sizes = append(sizes, strconv.Itoa(y.hidden))
		}
	}
	for _, s := range sizes {
		if s != strconv.Itoa(cfg.Hidden) {
			cfg.Sizes = strings.Join(sizes, ",")
		}
	}
	if r.input != InputOneHot {
		cfg.Embed = r.stacks[0].in()
	}
	var asked []string
	if r.cell == rnn.Elman {
		if cfg.Nonlinearity = r.nonlinearity(opt); cfg.Nonlinearity == "" {
			asked = append(asked, "which function the Elman cell has: give --nonlinearity tanh or relu")
		}
	}
	if m := r.hiddenLayer(); m != nil {
		activation := r.activation(opt)
		if activation == "" {
			asked = append(asked, fmt.Sprintf("which function follows %s: give --activation with one of %s", m.name, strings.Join(rnn.Activations, ", ")))
		}
		if r.hidden != nil {
			cfg.Head.Hidden, cfg.Head.Activation = m.weight.shape[0], activation
		}
	}
	if r.norm != nil || r.entryAt != nil {
		kind, eps, note := r.normKind(opt)
		if kind == "" {
			asked = append(asked, "which norm without a bias this is: give --norm layer or rms")
		}
		if r.norm != nil {
			cfg.Head.Norm, cfg.Head.Eps = kind, eps
			if last := r.stacks[len(r.stacks)-1]; last.layers[len(last.layers)-1].hr != nil {
				return cfg, nil, fmt.Errorf("a norm, %s, of projected states: %w", r.norm.name, ErrUnsupported)
			}
		}
		if note != "" {
			assumed = append(assumed, note)
		}
	}
	if len(r.start) == 2 {
		if err := r.orderStart(opt); err != nil {
			asked = append(asked, err.Error())
		}
	}
	if len(asked) > 0 {
		return cfg, nil, question("%s", strings.Join(asked, "; and "))
	}
	return cfg, assumed, nil
}

// nonlinearity is what was told of an Elman network's, or what its module says.
func (r *reading) nonlinearity(opt ImportOptions) string {
	if opt.Nonlinearity != "" {
		return opt.Nonlinearity
	}
	found := ""
	for _, s := range r.stacks {
		mode := ""
		switch prefix := s.name + "."; {
		case r.l.facts[prefix+"mode"] == "RNN_TANH", r.l.facts[prefix+"nonlinearity"] == rnn.Tanh:
			mode = rnn.Tanh
		case r.l.facts[prefix+"mode"] == "RNN_RELU", r.l.facts[prefix+"nonlinearity"] == rnn.ReLU:
			mode = rnn.ReLU
		}
		if mode == "" || found != "" && found != mode {
			return ""
		}
		found = mode
	}
	return found
}

// hiddenLayer is the one before the output layer or the one behind the entry.
func (r *reading) hiddenLayer() *module {
	if r.hidden != nil {
		return r.hidden
	}
	return r.entryThen
}

// activation is what was told of the hidden layer's, or the one module that stands
// between the two layers of an nn.Sequential that was saved whole.
func (r *reading) activation(opt ImportOptions) string {
	if opt.Activation != "" {
		return opt.Activation
	}
	if r.hidden == nil {
		return ""
	}
	parent, from, ok1 := cutNumber(r.hidden.name)
	other, to, ok2 := cutNumber(r.head.name)
	if !ok1 || !ok2 || parent != other || !strings.HasSuffix(r.l.facts[parent], ".Sequential") {
		return ""
	}
	found := ""
	for i := from + 1; i < to; i++ {
		class := r.l.facts[parent+"."+strconv.Itoa(i)]
		name := activationClasses[class[strings.LastIndex(class, ".")+1:]]
		switch {
		case name == "identity":
		case name == "" || found != "":
			return ""
		default:
			found = name
		}
	}
	if found == "" && to > from {
		return "identity"
	}
	return found
}

// activationClasses are PyTorch's modules that have a name among rnn.Activations when
// they are made without arguments; Dropout does nothing in evaluation.
var activationClasses = map[string]string{
	"ReLU": "relu", "Tanh": "tanh", "Sigmoid": "sigmoid", "SiLU": "silu", "Identity": "identity", "Dropout": "identity",
}

// cutNumber takes the number off "decoder.2".
func cutNumber(name string) (parent string, n int, ok bool) {
	dot := strings.LastIndex(name, ".")
	if dot < 0 {
		return "", 0, false
	}
	n, err := strconv.Atoi(name[dot+1:])
	return name[:dot], n, err == nil
}

// normKind is which norm it is, its eps, and a sentence on what was taken for granted.
func (r *reading) normKind(opt ImportOptions) (kind string, eps float64, note string) {
	n := r.norm
	if n == nil {
		n = r.entryAt
	}
	kind, eps = opt.Norm, opt.NormEps
	class := r.l.facts[n.name]
	switch {
	case kind != "":
	case n.bias != nil, strings.HasSuffix(class, ".LayerNorm"):
		kind = rnn.LayerNorm
	case strings.HasSuffix(class, ".RMSNorm"):
		kind = rnn.RMSNorm
	}
	if said, err := strconv.ParseFloat(r.l.facts[n.name+".eps"], 64); eps == 0 && err == nil {
		eps = said
	}
	if eps == 0 {
		eps, note = torchEps, fmt.Sprintf("eps of %s is 1e-05, PyTorch's default (--norm-eps)", n.name)
	}
	return kind, eps, note
}

// orderStart puts the initial h before the initial c, as told.
func (r *reading) orderStart(opt ImportOptions) error {
	if len(opt.Start) == 2 {
		for i := range 2 {
			if r.start[i].of == opt.Start[0] && r.start[1-i].of == opt.Start[1] {
				r.start = []*array{r.start[i], r.start[1-i]}
				return nil
			}
		}
	}
	return fmt.Errorf("which initial state is which: give --start %s,%s if the first is h and the second c, else the other way round", r.start[0].of, r.start[1].of)
}

// assumptions says in words what the shapes were read as.
func (r *reading) assumptions() []string {
	var out []string
	say := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	input := r.input
	if r.tiesOutput() {
		input = InputTied
	}
	switch input {
	case InputOneHot:
		say("input: one-hot vectors of %d symbols", r.vocab)
	case InputTied:
		say("input: rows of the output layer's matrix %s (tied)", r.head.tensorOf())
	case InputEmbedding:
		say("input: embedding %s [%d,%d]", r.entry.tensorOf(), r.vocab, r.stacks[0].in())
	case InputLinear:
		say("input: linear layer %s of one-hot vectors, kept as an embedding", r.entry.tensorOf())
	}
	if r.entryThen != nil {
		say("hidden layer %s behind it, multiplied into it", r.entryThen.tensorOf())
	}
	if r.entryAt != nil {
		say("norm %s on the embedding, multiplied into it", r.entryAt.name)
	}
	absent, projected := 0, false
	for _, s := range r.stacks {
		for _, y := range s.layers {
			if y.bih == nil && y.bhh == nil {
				absent++
			}
			projected = projected || y.hr != nil
		}
	}
	if len(r.stacks) > 1 {
		say("%d stacks in a row: %s", len(r.stacks), r.choices()[4][1])
	}
	if absent > 0 {
		say("no bias in %d recurrent layers", absent)
	}
	if projected {
		say("projections multiplied out: h is the state before its projection")
	}
	if len(r.start) > 0 {
		say("initial state from %s", r.start[0].of)
	}
	if r.norm != nil {
		say("norm %s on the last h", r.norm.name)
	}
	if r.hidden != nil {
		say("hidden layer %s of %d units before the output layer", r.hidden.name, r.hidden.weight.shape[0])
	}
	if r.head.bias == nil {
		say("output: %s, without bias", r.head.tensorOf())
	} else {
		say("output: %s", r.head.tensorOf())
	}
	say("nothing without weights stands between these (no function, scale or shortcut)")
	return out
}

// wiring copies the tensors of a reading into a network.
type wiring struct {
	r      *reading
	cfg    rnn.Config
	params map[string]rnn.Param
	last   *stack
}

// put sets a parameter from a matrix [rows,cols] that may be smaller: rows stand in
// blocks of gates, each filled up to H.
func (w *wiring) put(name string, m [][]float64, block int) {
	p := w.params[name]
	cols := p.Len() / p.Shape[0]
	torch := make([]float32, p.Len())
	for r, row := range m {
		to := r
		if block > 0 {
			to = r/block*w.cfg.Hidden + r%block
		}
		for c, x := range row {
			torch[to*cols+c] = float32(x)
		}
	}
	p.Import(torch)
}

// rows is a as float64, [rows][cols]; a vector has one column.
func rows(a *array) [][]float64 {
	cols := 1
	if len(a.shape) > 1 {
		cols = a.shape[len(a.shape)-1]
	}
	var out [][]float64
	for at := 0; at < len(a.x); at += cols {
		row := make([]float64, cols)
		for c := range row {
			row[c] = float64(a.x[at+c])
		}
		out = append(out, row)
	}
	return out
}

// times is a b.
func times(a, b [][]float64) [][]float64 {
	out := make([][]float64, len(a))
	for i := range a {
		out[i] = make([]float64, len(b[0]))
		for k, x := range a[i] {
			for j, y := range b[k] {
				out[i][j] += x * y
			}
		}
	}
	return out
}

// reads multiplies a projection of what is read into the weights that read it.
func reads(a *array, hr *array) [][]float64 {
	if hr == nil {
		return rows(a)
	}
	return times(rows(a), rows(hr))
}

func (w *wiring) entry() {
	r := w.r
	if r.input == InputOneHot {
		return
	}
	m := rows(r.entry.weight)
	if r.input == InputLinear {
		m = transpose(m)
		for _, row := range m {
			for i := range row {
				if r.entry.bias != nil {
					row[i] += float64(r.entry.bias.x[i])
				}
			}
		}
	}
	if r.entryThen != nil {
		m = times(m, transpose(rows(r.entryThen.weight)))
		for _, row := range m {
			for i := range row {
				if r.entryThen.bias != nil {
					row[i] += float64(r.entryThen.bias.x[i])
				}
				row[i] = rnn.Activate(r.activation(r.opt), row[i])
			}
		}
	}
	if r.entryAt != nil {
		kind, eps, _ := r.normKind(r.opt)
		for _, row := range m {
			normRow(row, r.entryAt, kind, eps)
		}
	}
	w.put("embedding.weight", m, 0)
}

func transpose(m [][]float64) [][]float64 {
	out := make([][]float64, len(m[0]))
	for i := range out {
		out[i] = make([]float64, len(m))
		for j := range m {
			out[i][j] = m[j][i]
		}
	}
	return out
}

// normRow applies a norm to a row of the embedding.
func normRow(x []float64, n *module, kind string, eps float64) {
	var mean, squares float64
	for _, v := range x {
		mean += v / float64(len(x))
	}
	if kind == rnn.RMSNorm {
		mean = 0
	}
	for _, v := range x {
		squares += (v - mean) * (v - mean) / float64(len(x))
	}
	for i := range x {
		x[i] = (x[i] - mean) / math.Sqrt(squares+eps) * float64(n.weight.x[i])
		if n.bias != nil {
			x[i] += float64(n.bias.x[i])
		}
	}
}

func (w *wiring) layers() {
	at := 0
	var below *array // projection of the layer below
	for _, s := range w.r.stacks {
		for _, y := range s.layers {
			w.put(fmt.Sprintf("rnn.weight_ih_l%d", at), reads(y.ih, below), y.hidden)
			w.put(fmt.Sprintf("rnn.weight_hh_l%d", at), reads(y.hh, y.hr), y.hidden)
			if y.bih != nil {
				w.put(fmt.Sprintf("rnn.bias_ih_l%d", at), rows(y.bih), y.hidden)
			}
			if y.bhh != nil {
				w.put(fmt.Sprintf("rnn.bias_hh_l%d", at), rows(y.bhh), y.hidden)
			}
			below = y.hr
			at++
		}
	}
}

func (w *wiring) start() {
	for i, name := range []string{"start.h", "start.c"}[:len(w.r.start)] {
		p := w.params[name]
		p.Import(w.r.start[i].x)
	}
}

func (w *wiring) head() {
	r := w.r
	hr := w.last.layers[len(w.last.layers)-1].hr
	if r.norm != nil {
		w.put("head.norm.weight", rows(r.norm.weight), 0)
		if r.norm.bias != nil {
			w.put("head.norm.bias", rows(r.norm.bias), 0)
		}
	}
	if r.hidden != nil {
		w.put("head.weight", reads(r.hidden.weight, hr), 0)
		if r.hidden.bias != nil {
			w.put("head.bias", rows(r.hidden.bias), 0)
		}
		hr = nil
	}
	w.put("fc.weight", reads(r.head.weight, hr), 0)
	if r.head.bias != nil {
		w.put("fc.bias", rows(r.head.bias), 0)
	}
}
