package dissect

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/rnnscope/rnnscope/concept"
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
	for _, g := range HeldGaps {
		if concept.Held(g, y, age) {
			n++
		}
	}
	return n
}

// on reports whether concept c is on at a position of the block.
func (b *blockLabels) on(c, position int) bool {
	_, found := slices.BinarySearch(b.Labels[c].Positive, int32(position-b.block.Lo))
	return found
}

// labeller runs the concepts over the text, all at once, a concept a goroutine.
// It moves forward only; asked for something behind, it starts the text again.
type labeller struct {
	ids     []int32
	runeOf  []rune // by symbol
	rules   []rule
	workers int

	strands []*strand
	kept    map[int]*blockLabels // by block.Lo, when the text is small
}

// strand is one concept on its way through the text.
type strand struct {
	labeler concept.Labeler
	fed     int // characters written
	base    int // position of out[0]
	out     []concept.Label
	events  *concept.EventScanner // of a state concept
	ages    []int32               // characters since an event, from base on
	runes   []rune
	ended   bool
}

// keepLabels is how many scored characters' labels are kept rather than made twice.
const keepLabels = 1 << 20

func newLabeller(in *Input, rules []rule, workers int) *labeller {
	l := &labeller{ids: in.IDs, rules: rules, workers: workers, runeOf: make([]rune, in.Model.Config().Vocab)}
	for v := range l.runeOf {
		l.runeOf[v] = runeOfSymbol(in.Alphabet, int32(v))
	}
	if scored(in.Choose)+scored(in.Report) <= keepLabels {
		l.kept = map[int]*blockLabels{}
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

// label gives the labels of ascending blocks.
func (l *labeller) label(ctx context.Context, blocks []text.Block) ([]*blockLabels, error) {
	out := make([]*blockLabels, len(blocks))
	var todo []*blockLabels
	for i, b := range blocks {
		if kept, ok := l.kept[b.Lo]; ok {
			out[i] = kept
			continue
		}
		out[i] = &blockLabels{
			Stretch: stat.Stretch{Chars: l.ids[b.Lo:b.Hi], Labels: make([]stat.Labels, len(l.rules))},
			block:   b, held: make([][]uint8, len(l.rules)),
		}
		todo = append(todo, out[i])
	}
	if len(todo) == 0 {
		return out, nil
	}
	l.rewind(todo[0].block.Lo)
	err := parallel(ctx, len(l.rules), l.workers, func(c int) {
		for _, b := range todo {
			if ctx.Err() != nil {
				return
			}
			l.labelBlock(c, b)
		}
	})
	if err != nil {
		return nil, err
	}
	if l.kept != nil {
		for _, b := range todo {
			l.kept[b.block.Lo] = b
		}
	}
	return out, nil
}

// rewind starts the concepts anew when lo lies behind what they still hold.
func (l *labeller) rewind(lo int) {
	if l.strands == nil {
		l.strands = make([]*strand, len(l.rules))
	}
	for c, r := range l.strands {
		if r == nil || r.base > lo {
			l.strands[c] = &strand{labeler: l.rules[c].concept.New()}
			if l.rules[c].concept.Class == concept.State {
				l.strands[c].events = l.rules[c].concept.NewEvents()
			}
		}
	}
}

func (l *labeller) labelBlock(c int, b *blockLabels) {
	r, rule := l.strands[c], l.rules[c]
	labels := r.labels(l, b.block.Lo, b.block.Hi)
	fill(&b.Labels[c], labels, rule)
	if r.events == nil {
		return
	}
	b.held[c] = make([]uint8, len(labels))
	for t, age := range r.ages[b.block.Lo-r.base : b.block.Hi-r.base] {
		b.held[c][t] = heldLevel(labels[t], age)
	}
}

func fill(dst *stat.Labels, labels []concept.Label, r rule) {
	if r.numeric {
		dst.Values = make([]int32, len(labels))
		dst.Sparse = true
	}
	for t, y := range labels {
		if !y.Valid {
			dst.Invalid = append(dst.Invalid, int32(t))
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
}

// labels feeds the labeler until it has said everything about [lo, hi).
func (r *strand) labels(l *labeller, lo, hi int) []concept.Label {
	for r.base+len(r.out) < hi && !r.ended {
		if drop := min(lo-r.base, len(r.out)); drop > 0 {
			r.out = r.out[:copy(r.out, r.out[drop:])]
			r.ages = r.ages[:copy(r.ages, r.ages[min(drop, len(r.ages)):])]
			r.base += drop
		}
		if r.fed == len(l.ids) {
			r.out = r.labeler.Flush(r.out)
			r.ended = true
			break
		}
		end := min(r.fed+text.DefaultBlock, len(l.ids))
		r.runes = r.runes[:0]
		for _, id := range l.ids[r.fed:end] {
			r.runes = append(r.runes, l.runeOf[id])
		}
		r.out = r.labeler.Write(r.out, r.runes)
		if r.events != nil {
			r.ages = r.events.Ages(r.ages, r.runes)
		}
		r.fed = end
	}
	return r.out[lo-r.base : hi-r.base]
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
	l.kept = nil
	counts := make([]map[int32]int64, len(numeric))
	for i := range counts {
		counts[i] = map[int32]int64{}
	}
	for blocks := range slices.Chunk(in.Choose, detailBlocks) {
		labelled, err := l.label(ctx, blocks)
		if err != nil {
			return nil, err
		}
		for _, b := range labelled {
			countValues(counts, b)
		}
	}
	for i, c := range numeric {
		out[c].above = max(0, medianOf(counts[i]))
	}
	return out, nil
}

func countValues(counts []map[int32]int64, b *blockLabels) {
	for i := range counts {
		invalid := b.Labels[i].Invalid
		for t, y := range b.Labels[i].Values {
			if _, bad := slices.BinarySearch(invalid, int32(t)); !bad {
				counts[i][y]++
			}
		}
	}
}

func medianOf(counts map[int32]int64) int32 {
	var values []int32
	var n, below int64
	for y, k := range counts {
		values = append(values, y)
		n += k
	}
	slices.Sort(values)
	for _, y := range values {
		below += counts[y]
		if 2*below >= n {
			return y
		}
	}
	return 0
}

// parallel calls do(0..n-1) on up to workers goroutines and returns ctx's error.
func parallel(ctx context.Context, n, workers int, do func(i int)) error {
	next := make(chan int)
	var wg sync.WaitGroup
	for range max(1, min(workers, n)) {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := range next {
				if ctx.Err() == nil {
					do(i)
				}
			}
		}()
	}
	for i := range n {
		next <- i
	}
	close(next)
	wg.Wait()
	return ctx.Err()
}
