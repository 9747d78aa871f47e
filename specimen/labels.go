package specimen

import (
	"context"
	"slices"

	"github.com/rnnscope/rnnscope/internal/crew"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"
)

// Labeller labels a text in one forward pass, a concept a goroutine, all of them equally
// far; going back restarts the pass. What it holds does not grow with the text: a piece
// of it, and the labels of the blocks asked for. Labels are made on characters and
// carried to symbols by concept.OnSymbols where the two differ.
type Labeller struct {
	text     text.Source
	alphabet *text.Alphabet
	Runes    []rune // by symbol; U+FFFD where a symbol is not one character
	Rules    []Rule
	workers  int

	streams []*labelStream
	low     int // labels before it are gone
	fed     int // symbols given to the concepts
	spell   *text.Spelling
	ids     []int32
	fresh   spelled

	KeepAll bool                    // the text is small
	Stored  Stored                  // labels that were made before; nil: there are none
	wanted  map[[2]int]bool         // blocks to keep, by Lo and Hi
	cache   map[[2]int]*BlockLabels //
	free    []*BlockLabels          // to be filled again
}

// KeepLabels is how many scored symbols' labels are kept rather than made twice.
// Tests set it; nothing else does.
var KeepLabels int64 = 1 << 20

// Sizes of the pieces in which the labeller reads the text and feeds a concept.
const (
	piece = 1 << 16
)

// NewLabeller labels the text of a specimen by rules. passes are the blocks it
// will be asked for: of a small text all labels are kept.
func (s *Specimen) NewLabeller(rules []Rule, passes Parts, workers int) *Labeller {
	l := &Labeller{
		text: s.Text.Source, alphabet: s.Alphabet, Rules: rules, workers: workers, Runes: make([]rune, s.Symbols()),
		KeepAll: Scored(passes.Choose)+Scored(passes.Report) <= KeepLabels,
		wanted:  map[[2]int]bool{}, cache: map[[2]int]*BlockLabels{},
	}
	for v := range l.Runes {
		l.Runes[v] = runeOfSymbol(s.Alphabet, int32(v))
	}
	return l
}

// runeOfSymbol is the rune of a symbol; symbols the alphabet does not have read U+FFFD.
func runeOfSymbol(a *text.Alphabet, id int32) rune {
	if u, ok := a.Unknown(); int(id) >= a.Size() || ok && id == u {
		return '\uFFFD'
	}
	return a.Rune(id)
}

// Keep asks for the labels of some blocks to be kept when they are next made.
func (l *Labeller) Keep(blocks []text.Block) {
	for _, b := range blocks {
		l.wanted[keyOf(b)] = true
	}
}

// Release takes labels back that are not needed any more, unless they are to be kept.
func (l *Labeller) Release(labels []*BlockLabels) {
	for _, b := range labels {
		if l.cache[keyOf(b.Block)] != b {
			l.free = append(l.free, b)
		}
	}
}

// Forget takes labels back even if they were to be kept.
func (l *Labeller) Forget(labels []*BlockLabels) {
	for _, b := range labels {
		key := keyOf(b.Block)
		if l.cache[key] == b && !l.wanted[key] {
			delete(l.cache, key)
		}
	}
	l.Release(labels)
}

// KeepOnly forgets all labels but those of some blocks.
func (l *Labeller) KeepOnly(blocks []text.Block) {
	old := l.cache
	l.cache, l.wanted, l.free, l.streams = map[[2]int]*BlockLabels{}, map[[2]int]bool{}, nil, nil
	l.Keep(blocks)
	for _, b := range blocks {
		if labels, ok := old[keyOf(b)]; ok {
			l.cache[keyOf(b)] = labels
		}
	}
}

// Label gives the labels of blocks in the order of their beginnings; they may overlap.
func (l *Labeller) Label(ctx context.Context, blocks []text.Block) ([]*BlockLabels, error) {
	out := make([]*BlockLabels, len(blocks))
	var todo, made []*BlockLabels
	for i, b := range blocks {
		if labels, ok := l.cache[keyOf(b)]; ok {
			out[i] = labels
			continue
		}
		out[i] = l.blank(b)
		if err := l.text.Read(out[i].Chars, b.Lo); err != nil {
			return nil, err
		}
		switch ok, err := l.takeStored(out[i]); {
		case err != nil:
			return nil, err
		case ok:
			made = append(made, out[i])
		default:
			todo = append(todo, out[i])
		}
	}
	if len(todo) > 0 {
		if err := l.run(ctx, todo); err != nil {
			return nil, err
		}
	}
	for _, b := range append(made, todo...) {
		if key := keyOf(b.Block); l.KeepAll || l.wanted[key] {
			l.cache[key] = b
		}
	}
	return out, ctx.Err()
}

// blank is room for the labels of a block.
func (l *Labeller) blank(b text.Block) *BlockLabels {
	var out *BlockLabels
	if n := len(l.free); n > 0 {
		out, l.free = l.free[n-1], l.free[:n-1]
	} else {
		out = &BlockLabels{Held: make([][]uint8, len(l.Rules))}
		out.Labels = make([]stat.Labels, len(l.Rules))
	}
	out.Block, out.Chars = b, slices.Grow(out.Chars[:0], b.Len())[:b.Len()]
	return out
}

// run feeds the concepts until they have labelled all blocks asked for.
func (l *Labeller) run(ctx context.Context, todo []*BlockLabels) error {
	if l.streams == nil || todo[0].Block.Lo < l.low {
		l.restart()
	}
	err := l.advance(ctx, todo)
	if err != nil {
		l.streams = nil // they may have lost labels they still owe
	}
	return err
}

func (l *Labeller) advance(ctx context.Context, todo []*BlockLabels) error {
	last := todo[len(todo)-1].Block
	for _, s := range l.streams {
		s.done = 0
	}
	// What the concepts still hold of the text may be enough.
	feed := func(x spelled, end bool) error {
		return crew.ForEach(ctx, len(l.Rules), l.workers, func(c int) { l.streams[c].feed(x, end, l.Rules[c], c, todo) })
	}
	if err := feed(spelled{}, false); err != nil {
		return err
	}
	for slices.ContainsFunc(l.streams, func(s *labelStream) bool { return s.done < len(todo) }) {
		n := min(piece, l.text.Len()-l.fed)
		if l.fed < last.Hi {
			n = min(n, last.Hi-l.fed)
		} else {
			n = min(n, chunk) // for those that hold labels back
		}
		if err := l.next(n); err != nil {
			return err
		}
		if err := feed(l.fresh, l.fed == l.text.Len()); err != nil {
			return err
		}
	}
	l.low = last.Lo
	return nil
}

func (l *Labeller) restart() {
	l.streams, l.fed, l.low, l.spell, l.fresh = make([]*labelStream, len(l.Rules)), 0, 0, l.alphabet.Spell(), spelled{}
	for c := range l.streams {
		l.streams[c] = newLabelStream(l.Rules[c].Concept, l.alphabet)
	}
}

// next reads the next n symbols.
func (l *Labeller) next(n int) error {
	l.ids = slices.Grow(l.ids[:0], n)[:n]
	if err := l.text.Read(l.ids, l.fed); err != nil {
		return err
	}
	l.fed += n
	x := &l.fresh
	if l.alphabet.OneEach() {
		x.runes = x.runes[:0]
		for _, id := range l.ids {
			x.runes = append(x.runes, l.Runes[id])
		}
		return nil
	}
	if len(x.ends) > 0 {
		x.from = x.ends[len(x.ends)-1]
	}
	x.runes, x.ends = l.spell.Write(x.runes[:0], x.ends[:0], l.ids)
	return nil
}

// OnOff is 1 for on, 0 for off and -1 for invalid, in place of state.
func OnOff(state []int8, n int, l *stat.Labels) []int8 {
	if cap(state) < n {
		state = make([]int8, n)
	}
	state = state[:n]
	clear(state)
	for _, t := range l.Positive {
		state[t] = 1
	}
	for _, t := range l.Invalid {
		state[t] = -1
	}
	return state
}
