package dissect

import (
	"context"
	"fmt"
	"slices"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/internal/crew"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"
)

// rule says when a label counts as on.
type rule struct {
	concept concept.Concept
	above   int32 // on: Y > above
	numeric bool  // Y itself is correlated with activations
}

func (r rule) String() string {
	switch r.concept.Kind {
	case concept.Binary:
		return "on"
	case concept.Depth:
		return fmt.Sprintf("depth > %d", r.above)
	case concept.Category:
		return "of any kind"
	}
	return fmt.Sprintf("value > %d", r.above)
}

// maxValue bounds numeric labels, so that sums cannot overflow.
const maxValue = 1 << 14

// blockLabels is the labels of the scored characters of one block.
type blockLabels struct {
	stat.Stretch
	block text.Block
	held  [][]uint8 // [C] of [T]: how many of HeldGaps are met; nil but for state concepts
}

// HeldGaps are the g of S_g: the positions at which a label has not changed for
// at least g characters and none of the last g could have changed it. Only a
// unit that holds the state tells it there.
var HeldGaps = [...]int32{5, 10, 20, 50, 100}

// heldLevel is how many of HeldGaps a position meets.
func heldLevel(y concept.Label, age int32) uint8 {
	n := uint8(0)
	for n < uint8(len(HeldGaps)) && concept.Held(HeldGaps[n], y, age) {
		n++
	}
	return n
}

// on reports whether concept c is on at a position of the block.
func (b *blockLabels) on(c, position int) bool {
	_, found := slices.BinarySearch(b.Labels[c].Positive, int32(position-b.block.Lo))
	return found
}

// labeller runs the concepts over the text, a concept a goroutine, all of them
// equally far. It moves forward only; asked for something behind, it starts the text
// again. What it holds does not grow with the text: a piece of it, and the labels of
// the blocks asked for.
type labeller struct {
	text    text.Source
	runeOf  []rune // by symbol
	rules   []rule
	workers int

	strands []*strand
	fed     int // characters given to the concepts
	low     int // labels before it are gone
	ids     []int32
	runes   []rune

	keepAll bool                    // the text is small
	wanted  map[[2]int]bool         // blocks to keep, by Lo and Hi
	kept    map[[2]int]*blockLabels //
	free    []*blockLabels          // to be filled again
}

// strand is one concept on its way through the text.
type strand struct {
	labeler concept.Labeler
	base    int // position of out[0]
	out     []concept.Label
	events  *concept.EventScanner // of a state concept
	ages    []int32               // characters since an event, from base on
	done    int                   // blocks labelled of those asked for
}

// keepLabels is how many scored characters' labels are kept rather than made twice.
// Tests set it; nothing else does.
var keepLabels int64 = 1 << 20

// Sizes of the pieces in which the labeller reads the text and feeds a concept.
const (
	piece    = 1 << 16
	mouthful = 1 << 12
)

func newLabeller(in *Input, rules []rule, workers int) *labeller {
	l := &labeller{
		text: in.Text, rules: rules, workers: workers, runeOf: make([]rune, in.Model.Config().Vocab),
		keepAll: scored(in.Choose)+scored(in.Report) <= keepLabels,
		wanted:  map[[2]int]bool{}, kept: map[[2]int]*blockLabels{},
	}
	for v := range l.runeOf {
		l.runeOf[v] = runeOfSymbol(in.Alphabet, int32(v))
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

func keyOf(b text.Block) [2]int { return [2]int{b.Lo, b.Hi} }

// keep asks for the labels of some blocks to be kept when they are next made.
func (l *labeller) keep(blocks []text.Block) {
	for _, b := range blocks {
		l.wanted[keyOf(b)] = true
	}
}

// release takes labels back that are not needed any more, unless they are to be kept.
func (l *labeller) release(labels []*blockLabels) {
	for _, b := range labels {
		if l.kept[keyOf(b.block)] != b {
			l.free = append(l.free, b)
		}
	}
}

// forget takes labels back even if they were to be kept.
func (l *labeller) forget(labels []*blockLabels) {
	for _, b := range labels {
		key := keyOf(b.block)
		if l.kept[key] == b && !l.wanted[key] {
			delete(l.kept, key)
		}
	}
	l.release(labels)
}

// keepOnly forgets all labels but those of some blocks.
func (l *labeller) keepOnly(blocks []text.Block) {
	kept := l.kept
	l.kept, l.wanted, l.free, l.strands = map[[2]int]*blockLabels{}, map[[2]int]bool{}, nil, nil
	l.keep(blocks)
	for _, b := range blocks {
		if labels, ok := kept[keyOf(b)]; ok {
			l.kept[keyOf(b)] = labels
		}
	}
}

// label gives the labels of blocks in the order of their beginnings; they may overlap.
func (l *labeller) label(ctx context.Context, blocks []text.Block) ([]*blockLabels, error) {
	out := make([]*blockLabels, len(blocks))
	var todo []*blockLabels
	for i, b := range blocks {
		if kept, ok := l.kept[keyOf(b)]; ok {
			out[i] = kept
			continue
		}
		out[i] = l.blank(b)
		if err := l.text.Read(out[i].Chars, b.Lo); err != nil {
			return nil, err
		}
		todo = append(todo, out[i])
	}
	if len(todo) == 0 {
		return out, ctx.Err()
	}
	if err := l.run(ctx, todo); err != nil {
		return nil, err
	}
	for _, b := range todo {
		if key := keyOf(b.block); l.keepAll || l.wanted[key] {
			l.kept[key] = b
		}
	}
	return out, nil
}

// blank is room for the labels of a block.
func (l *labeller) blank(b text.Block) *blockLabels {
	var out *blockLabels
	if n := len(l.free); n > 0 {
		out, l.free = l.free[n-1], l.free[:n-1]
	} else {
		out = &blockLabels{held: make([][]uint8, len(l.rules))}
		out.Labels = make([]stat.Labels, len(l.rules))
	}
	out.block, out.Chars = b, slices.Grow(out.Chars[:0], b.Len())[:b.Len()]
	return out
}

// run feeds the concepts until they have labelled all blocks asked for.
func (l *labeller) run(ctx context.Context, todo []*blockLabels) error {
	if l.strands == nil || todo[0].block.Lo < l.low {
		l.restart()
	}
	err := l.advance(ctx, todo)
	if err != nil {
		l.strands = nil // they may have lost labels they still owe
	}
	return err
}

func (l *labeller) advance(ctx context.Context, todo []*blockLabels) error {
	last := todo[len(todo)-1].block
	for _, s := range l.strands {
		s.done = 0
	}
	// What the concepts still hold of the text may be enough.
	feed := func(runes []rune, end bool) error {
		return crew.ForEach(ctx, len(l.rules), l.workers, func(c int) { l.strands[c].feed(runes, end, l.rules[c], c, todo) })
	}
	if err := feed(nil, false); err != nil {
		return err
	}
	for slices.ContainsFunc(l.strands, func(s *strand) bool { return s.done < len(todo) }) {
		n := min(piece, l.text.Len()-l.fed)
		if l.fed < last.Hi {
			n = min(n, last.Hi-l.fed)
		} else {
			n = min(n, mouthful) // for those that hold labels back
		}
		if err := l.next(n); err != nil {
			return err
		}
		if err := feed(l.runes, l.fed == l.text.Len()); err != nil {
			return err
		}
	}
	l.low = last.Lo
	return nil
}

func (l *labeller) restart() {
	l.strands, l.fed, l.low = make([]*strand, len(l.rules)), 0, 0
	for c := range l.strands {
		l.strands[c] = &strand{labeler: l.rules[c].concept.New()}
		if l.rules[c].concept.Class == concept.State {
			l.strands[c].events = l.rules[c].concept.NewEvents()
		}
	}
}

// next reads the next n characters.
func (l *labeller) next(n int) error {
	l.ids = slices.Grow(l.ids[:0], n)[:n]
	if err := l.text.Read(l.ids, l.fed); err != nil {
		return err
	}
	l.runes = l.runes[:0]
	for _, id := range l.ids {
		l.runes = append(l.runes, l.runeOf[id])
	}
	l.fed += n
	return nil
}

// feed gives a concept the next characters and takes its labels of the blocks asked
// for as they come. end: the text ends behind them.
func (s *strand) feed(runes []rune, end bool, r rule, c int, todo []*blockLabels) {
	s.take(r, c, todo)
	for len(runes) > 0 {
		n := min(mouthful, len(runes))
		s.out = s.labeler.Write(s.out, runes[:n])
		if s.events != nil {
			s.ages = s.events.Ages(s.ages, runes[:n])
		}
		runes = runes[n:]
		s.take(r, c, todo)
	}
	if end {
		s.out = s.labeler.Flush(s.out)
		s.take(r, c, todo)
	}
}

// take labels the blocks whose labels are out, and lets go of what is behind the
// next one, or behind the beginning of the last.
func (s *strand) take(r rule, c int, todo []*blockLabels) {
	for ; s.done < len(todo); s.done++ {
		b := todo[s.done]
		if s.base+len(s.out) < b.block.Hi {
			break
		}
		labels := s.out[b.block.Lo-s.base : b.block.Hi-s.base]
		fill(&b.Labels[c], labels, r)
		if s.events != nil {
			b.held[c] = slices.Grow(b.held[c][:0], len(labels))[:len(labels)]
			for t, age := range s.ages[b.block.Lo-s.base : b.block.Hi-s.base] {
				b.held[c][t] = heldLevel(labels[t], age)
			}
		}
	}
	low := todo[min(s.done, len(todo)-1)].block.Lo
	if drop := min(low-s.base, len(s.out)); drop > 0 {
		s.out = s.out[:copy(s.out, s.out[drop:])]
		s.ages = s.ages[:copy(s.ages, s.ages[min(drop, len(s.ages)):])]
		s.base += drop
	}
}

func fill(dst *stat.Labels, labels []concept.Label, r rule) {
	dst.Positive, dst.Invalid = dst.Positive[:0], dst.Invalid[:0]
	if r.numeric {
		dst.Values = slices.Grow(dst.Values[:0], len(labels))[:len(labels)]
		dst.Sparse = true
	}
	for t, y := range labels {
		if !y.Valid {
			dst.Invalid = append(dst.Invalid, int32(t))
			if r.numeric {
				dst.Values[t] = 0
			}
			continue
		}
		if y.Y > r.above {
			dst.Positive = append(dst.Positive, int32(t))
		}
		if r.numeric {
			dst.Values[t] = min(maxValue, max(-maxValue, y.Y))
			dst.Sparse = dst.Sparse && (y.Y == 0 || y.Y > r.above)
		}
	}
	// Runs are worth their while where labels last.
	if dst.Runs = dst.AppendRuns(dst.Runs[:0]); len(dst.Runs) > len(labels)/2 {
		dst.Runs = nil
	}
}

// rules decides when the labels of each concept count as on. A depth or a kind
// does above 0; a quantity above its median on the blocks units are chosen on, or
// above 0 where it mostly is 0.
func rules(ctx context.Context, in *Input, concepts []concept.Concept, workers int) ([]rule, error) {
	out := make([]rule, len(concepts))
	var numeric []int
	for c, k := range concepts {
		out[c] = rule{concept: k, numeric: k.Kind == concept.Depth || k.Kind == concept.Numeric}
		if k.Kind == concept.Numeric {
			numeric = append(numeric, c)
		}
	}
	if len(numeric) == 0 {
		return out, nil
	}
	only := make([]rule, len(numeric))
	for i, c := range numeric {
		only[i] = out[c]
	}
	l := newLabeller(in, only, workers)
	l.keepAll = false
	counts := make([][]int64, len(numeric)) // of values from -maxValue on
	for i := range counts {
		counts[i] = make([]int64, 2*maxValue+1)
	}
	for _, blocks := range stripes(in.Choose) {
		labelled, err := l.label(ctx, blocks)
		if err != nil {
			return nil, err
		}
		for _, b := range labelled {
			countValues(counts, b)
		}
		l.release(labelled)
	}
	for i, c := range numeric {
		out[c].above = max(0, medianOf(counts[i]))
	}
	return out, nil
}

// countValues counts the valid values of a block.
func countValues(counts [][]int64, b *blockLabels) {
	for i := range counts {
		for _, y := range b.Labels[i].Values {
			counts[i][maxValue+y]++
		}
		counts[i][maxValue] -= int64(len(b.Labels[i].Invalid)) // they read 0
	}
}

// medianOf is the lowest value that half of them do not exceed.
func medianOf(counts []int64) int32 {
	var n, below int64
	for _, k := range counts {
		n += k
	}
	for y, k := range counts {
		if below += k; k > 0 && 2*below >= n {
			return int32(y) - maxValue
		}
	}
	return 0
}
