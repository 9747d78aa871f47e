package checkpoint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rnnscope/rnnscope/rnn"
)

// reading is one way to read the tensors of a file as a network.
type reading struct {
	cell      rnn.Cell
	vocab     int
	stacks    []*stack // from the input up
	input     string   // InputOneHot, ...
	entry     *module  // the matrix that symbols enter by; nil with one-hot vectors
	entryAt   *module  // its norm
	entryThen *module  // a hidden layer between it and the first stack, or nil
	head      *module  // the last matrix
	hidden    *module  // of the hidden layer before it, or nil
	norm      *module  // on the last h, or nil
	start     []*array // the initial state: h, and c of an LSTM
	elsewhere string   // what the program does not have: "a norm between stacks"

	l   *loose
	opt ImportOptions
}

// read finds the one way in which the shapes make a network, or says what is missing.
func (l *loose) read(opt ImportOptions) (*reading, error) {
	p, err := l.parts()
	if err != nil {
		return nil, err
	}
	cell, err := p.cell()
	if err != nil {
		return nil, err
	}
	vocab := 0
	if opt.Alphabet != nil {
		vocab = opt.Alphabet.Size()
	}
	all, err := p.readings(cell, vocab)
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, p.explain(cell, vocab)
	}
	fit := slices.DeleteFunc(slices.Clone(all), func(r *reading) bool {
		return !r.fitsOptions(opt) || !r.agrees(l.facts) || !r.sharesRightly(p)
	})
	if len(fit) == 0 {
		return nil, fmt.Errorf("no way to read the tensors agrees with what was told; they fit as %s: %w", describeReadings(all), ErrUnsupported)
	}
	if fit = distinct(fit); len(fit) > 1 {
		return nil, question("%s", tellApart(fit))
	}
	r := fit[0]
	if r.elsewhere != "" {
		return nil, fmt.Errorf("%s: %w", r.elsewhere, ErrUnsupported)
	}
	r.l, r.opt = l, opt
	return r, nil
}

// maxStacks bounds the orders that are tried.
const maxStacks = 6

// readings lists every way in which all tensors have a part.
func (p *parts) readings(cell rnn.Cell, vocab int) ([]*reading, error) {
	if len(p.stacks) > maxStacks {
		return nil, fmt.Errorf("%d recurrent stacks, more than %d: %w", len(p.stacks), maxStacks, ErrUnsupported)
	}
	if len(p.matrices) > 3 || len(p.norms) > 2 { // an entry, a hidden layer and the output layer
		return nil, nil
	}
	var out []*reading
	for order := range orders(p.stacks) {
		base := reading{cell: cell, vocab: vocab, stacks: order}
		start, ok := p.start(order)
		if !ok {
			continue
		}
		base.start = start
		for _, r := range p.ends(base) {
			out = append(out, p.withNorms(r)...)
		}
	}
	return out, nil
}

// orders yields the orders of stacks in which each reads the one before.
func orders(stacks []*stack) func(yield func([]*stack) bool) {
	return func(yield func([]*stack) bool) {
		var extend func(done []*stack) bool
		extend = func(done []*stack) bool {
			if len(done) == len(stacks) {
				return yield(slices.Clone(done))
			}
			for _, s := range stacks {
				if slices.Contains(done, s) || len(done) > 0 && done[len(done)-1].out() != s.in() {
					continue
				}
				if !extend(append(done, s)) {
					return false
				}
			}
			return true
		}
		extend(nil)
	}
}

// ends finds the matrices at both ends of the stacks.
func (p *parts) ends(base reading) []*reading {
	var out []*reading
	last := base.stacks[len(base.stacks)-1].out()
	for _, head := range p.matrices {
		if head.weight.shape[0] != base.vocab {
			continue
		}
		r := base
		r.head = head
		if head.weight.shape[1] == last {
			out = append(out, p.entries(r)...)
		}
		for _, hidden := range p.matrices {
			if hidden != head && hidden.weight.is(head.weight.shape[1], last) {
				r.hidden = hidden
				out = append(out, p.entries(r)...)
			}
		}
	}
	return out
}

// entries finds how symbols enter, so that every matrix has a part.
func (p *parts) entries(base reading) []*reading {
	var left []*module
	for _, m := range p.matrices {
		if m != base.head && m != base.hidden {
			left = append(left, m)
		}
	}
	in := base.stacks[0].in()
	out := base.entriesOf(left, in, nil)
	if base.hidden != nil {
		return out
	}
	for i, m := range left {
		rest := slices.Delete(slices.Clone(left), i, i+1)
		// A hidden layer at the input, [in,K] behind what gives K numbers.
		if m.weight.shape[0] == in {
			out = append(out, base.entriesOf(rest, m.weight.shape[1], m)...)
		}
		for j, s := range base.stacks[:len(base.stacks)-1] {
			if m.weight.is(base.stacks[j+1].in(), s.out()) {
				between := base
				between.elsewhere = fmt.Sprintf("a layer, %s, between %s and %s", m.name, s.title(), base.stacks[j+1].title())
				out = append(out, between.entriesOf(rest, in, nil)...)
			}
		}
	}
	return out
}

// entriesOf lists how symbols can become so many numbers with the matrices that are
// left, all of them.
func (r reading) entriesOf(left []*module, in int, then *module) []*reading {
	var out []*reading
	add := func(input string, entry *module) {
		c := r
		c.input, c.entry, c.entryThen = input, entry, then
		out = append(out, &c)
	}
	switch len(left) {
	case 0:
		if in == r.vocab && then == nil { // a layer behind one-hot vectors is InputLinear
			add(InputOneHot, nil)
		}
		if r.head.weight.is(r.vocab, in) {
			add(InputTied, r.head)
		}
	case 1:
		if left[0].weight.is(r.vocab, in) && left[0].bias == nil {
			add(InputEmbedding, left[0])
		}
		if left[0].weight.is(in, r.vocab) {
			add(InputLinear, left[0])
		}
	}
	return out
}

// start finds the initial state among what belongs to no module; ok is false where
// something else is left.
func (p *parts) start(order []*stack) (start []*array, ok bool) {
	if len(p.rest) == 0 {
		return nil, true
	}
	s := order[0]
	layers, hidden, want := len(s.layers), s.layers[0].hidden, 1
	if s.gates == 4 {
		want = 2
	}
	if len(order) > 1 || len(p.rest) != want || s.out() != hidden {
		return nil, false
	}
	for _, a := range p.rest {
		if a.x == nil || !a.is(layers, 1, hidden) && !a.is(layers, hidden) && !(layers == 1 && (a.is(1, hidden) || a.is(hidden))) {
			return nil, false
		}
	}
	return p.rest, true
}

// withNorms gives every norm each place where it fits.
func (p *parts) withNorms(r *reading) []*reading {
	out := []*reading{r}
	for _, n := range p.norms {
		var next []*reading
		for _, r := range out {
			next = append(next, r.places(n)...)
		}
		out = next
	}
	return out
}

func (r *reading) places(n *module) []*reading {
	size := n.weight.shape[0]
	var out []*reading
	add := func(change func(*reading)) {
		c := *r
		change(&c)
		out = append(out, &c)
	}
	if last := r.stacks[len(r.stacks)-1]; size == last.out() && r.norm == nil {
		add(func(c *reading) { c.norm = n })
	}
	if r.entry != nil && size == r.stacks[0].in() && r.entryAt == nil && r.entryThen == nil {
		add(func(c *reading) { c.entryAt = n })
	}
	if r.entryThen != nil && (size == r.stacks[0].in() || size == r.entryThen.weight.shape[1]) {
		add(func(c *reading) {
			c.elsewhere = fmt.Sprintf("a norm, %s, beside the hidden layer %s at the input", n.name, r.entryThen.name)
		})
	}
	for _, s := range r.stacks[:len(r.stacks)-1] {
		if size == s.out() {
			add(func(c *reading) {
				c.elsewhere = fmt.Sprintf("a norm, %s, between %s and what follows it", n.name, s.title())
			})
		}
	}
	if r.hidden != nil && size == r.hidden.weight.shape[0] {
		add(func(c *reading) {
			c.elsewhere = fmt.Sprintf("a norm, %s, behind the hidden layer %s", n.name, r.hidden.name)
		})
	}
	return out
}

// tensorOf is the name of a module's weight in the file.
func (m *module) tensorOf() string {
	if m == nil {
		return ""
	}
	return m.weight.of
}

// choices are the options that say which reading is meant, with its values.
func (r *reading) choices() [][2]string {
	var order []string
	for _, s := range r.stacks {
		order = append(order, s.name)
	}
	at := ""
	switch {
	case r.norm != nil:
		at = AtOutput
	case r.entryAt != nil:
		at = AtInput
	case strings.HasPrefix(r.elsewhere, "a norm"):
		at = "elsewhere"
	}
	hidden := ""
	switch {
	case r.hidden != nil:
		hidden = AtOutput
	case r.entryThen != nil:
		hidden = AtInput
	case strings.HasPrefix(r.elsewhere, "a layer"):
		hidden = "elsewhere"
	}
	return [][2]string{
		{"--hidden-at", hidden}, {"--input", r.input}, {"--output", r.head.name}, {"--embedding", r.entryName()},
		{"--order", strings.Join(order, ",")}, {"--norm-at", at},
	}
}

// entryName is the name of the matrix that symbols enter by.
func (r *reading) entryName() string {
	if r.entry == nil {
		return ""
	}
	return r.entry.name
}

// fitsOptions tells whether the reading is what the options ask for.
func (r *reading) fitsOptions(opt ImportOptions) bool {
	asked := map[string]string{
		"--input": opt.Input, "--output": opt.Output, "--embedding": opt.Embedding, "--order": strings.Join(opt.Order, ","), "--norm-at": opt.NormAt,
		"--hidden-at": opt.HiddenAt,
	}
	if opt.Input == InputTied && r.tiesOutput() {
		asked["--input"] = r.input
		asked["--output"] = "" // either name will do
	}
	for _, c := range r.choices() {
		want := strings.TrimSuffix(asked[c[0]], ".weight")
		if want != "" && want != strings.TrimSuffix(c[1], ".weight") {
			return false
		}
	}
	return true
}

// tiesOutput tells whether symbols enter by the output layer's matrix, whether it stands in
// the file once or twice.
func (r *reading) tiesOutput() bool {
	return r.input == InputTied || r.input == InputEmbedding && r.entry.weight.numbers() == r.head.weight.numbers()
}

// agrees tells whether the classes of a module that was saved whole allow the reading.
func (r *reading) agrees(facts map[string]string) bool {
	is := func(m *module, class string) bool {
		return m == nil || facts[m.name] == "" || strings.HasSuffix(facts[m.name], "."+class)
	}
	switch r.input {
	case InputEmbedding:
		if !is(r.entry, "Embedding") {
			return false
		}
	case InputLinear:
		if !is(r.entry, "Linear") {
			return false
		}
	}
	return is(r.head, "Linear") && is(r.hidden, "Linear") && is(r.entryThen, "Linear")
}

// sharesRightly tells whether two matrices that the file says are one tensor are the
// embedding and the output layer, the only two that are tied.
func (r *reading) sharesRightly(p *parts) bool {
	for i, a := range p.matrices {
		for _, b := range p.matrices[:i] {
			if a.weight == b.weight && (r.input != InputEmbedding || r.entry != a && r.entry != b || r.head != a && r.head != b) {
				return false
			}
		}
	}
	return true
}
