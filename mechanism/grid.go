package mechanism

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/rnnscope/rnnscope/stat"
)

// Names of the grid's figures.
const (
	knownWithin = "known at depth 2 to D"
	knownBeyond = "known beyond D"
	kindWithin  = "kind of closer known at depth 2 to D"
)

// extras is the second axis of the grid.
var extras = []int{0, 4, 12}

// gridDepths goes to three times the depth of the text.
func (l *Language) gridDepths() []int {
	d := l.Depth
	switch {
	case l.straight():
		return []int{1}
	case d == 1:
		return []int{1, 2, 3}
	}
	list := []int{1, 2, 3, d - 1, d, d + 1, (3*d + 1) / 2, 2 * d, 3 * d}
	list = slices.DeleteFunc(list, func(x int) bool { return x < 1 || x > 3*d })
	slices.Sort(list)
	return slices.Compact(list)
}

func (s *suite) gridGaps() []int {
	if s.l.GapHigh == 0 || s.quick {
		return []int{-1}
	}
	return []int{-1, 3 * s.l.GapHigh}
}

func (s *suite) grid() error {
	t := newTest(TestGrid, "")
	lengths := extras
	if s.quick {
		lengths = extras[:2]
	}
	for _, gap := range s.gridGaps() {
		for _, d := range s.l.gridDepths() {
			for _, e := range lengths {
				c, err := s.cell(d, e, gap, max(24, 2*s.n/3))
				if err != nil {
					return err
				}
				s.res.Grid = append(s.res.Grid, c)
			}
		}
	}
	first, err := s.cell(1, 0, -1, 3*s.n) // everything else rests on this one
	if err != nil {
		return err
	}
	s.res.Inside = Inside{AUROC: first.Known, Nats: first.Inside}
	if s.l.straight() {
		t.Applicable, t.Why = false, "straight marks cannot nest"
		t.figure("known at depth 1", s.poolCells(func(c *Cell) bool { return c.Gap < 0 }))
		s.done(t)
		return nil
	}
	s.gridRules(&t)
	s.done(t)
	return nil
}

// gridRules excludes by what is known within and beyond the depth of the text.
func (s *suite) gridRules(t *Test) {
	l := s.l
	within := t.figure(knownWithin, s.poolCells(func(c *Cell) bool { return c.Gap < 0 && !c.Beyond && c.Depth > 1 }))
	beyond := t.figure(knownBeyond, s.poolCells(func(c *Cell) bool { return c.Gap < 0 && c.Beyond }))
	if l.Depth < 2 {
		t.exclude(beyond.Lo > knows, Flag, "depth 2 is known")
		t.exclude(beyond.Hi < knows, Counter, "beyond the depth of the text it is lost")
		return
	}
	t.exclude(within.Lo > knows, Flag, "depth 2 and more is known")
	t.exclude(within.Hi < knows, Counter, "depth 2 and more is not known")
	t.exclude(beyond.Hi < knows, Counter, "beyond the depth of the text it is lost")
	if !l.Free {
		t.exclude(within.Hi < knows, Stack, "depth 2 and more is not known")
		t.exclude(beyond.Lo > surely, Stack, "it holds beyond the depth of the text")
		return
	}
	kind := t.figure(kindWithin, s.kindKnown(func(c *Cell) bool { return c.Gap < 0 && !c.Beyond && c.Depth > 1 }))
	t.figure("kind of closer known beyond D", s.kindKnown(func(c *Cell) bool { return c.Gap < 0 && c.Beyond }))
	t.exclude(kind.Lo > knows, Flag, "the kinds on the way out are known")
	t.exclude(kind.Lo > knows, Counter, "the kinds on the way out are known")
	t.exclude(kind.Hi < knows, Stack, "the kinds on the way out are not known")
}

// poolCells is the mean of cells, which are independent.
func (s *suite) poolCells(which func(c *Cell) bool) stat.Interval {
	var sum, v, n float64
	var count int64
	for i := range s.res.Grid {
		if c := &s.res.Grid[i]; which(c) {
			sum, v, n, count = sum+c.Known.Estimate, v+c.variance, n+1, count+c.Known.N
		}
	}
	if n == 0 {
		return stat.Point(float64(stat.Undefined()), 0)
	}
	return stat.WithinUnit(sum/n, v/(n*n), count)
}

// kindKnown is the share of right kinds over cells.
func (s *suite) kindKnown(which func(c *Cell) bool) stat.Interval {
	var right, asked []float64
	for i := range s.res.Grid {
		if c := &s.res.Grid[i]; which(c) {
			right, asked = append(right, c.right), append(asked, c.asked)
		}
	}
	return stat.SegmentMean(right, asked)
}

// cell measures one cell: n sequences close all but the outermost, n all.
func (s *suite) cell(d, extra, gap, n int) (Cell, error) {
	c := Cell{Depth: d, Extra: extra, Gap: gap, Beyond: d > s.l.Depth}
	seqs, kinds, _ := s.closing(d, extra, gap, n)
	var inside, outside []float64
	var right, asked []float64
	err := s.reader.read(s.ctx, seqs, func(i, at, _ int, logits []float32) {
		k := kinds[i]
		if at == len(k)-1 {
			score := s.l.insideScore(k[0], logits)
			if i%2 == 0 {
				inside = append(inside, score)
			} else {
				outside = append(outside, score)
			}
			return
		}
		if len(s.l.Kinds) > 1 {
			right = append(right, s.l.rightKind(k[len(k)-1-at], logits))
			asked = append(asked, 1)
		}
	})
	if err != nil {
		return c, err
	}
	if len(inside) != n || len(outside) != n {
		panic(fmt.Sprintf("mechanism: %d and %d answers, want %d", len(inside), len(outside), n))
	}
	c.Known, c.variance = stat.IndependentAUROC(inside, outside)
	c.Inside = difference(inside, outside)
	c.Kind = stat.SegmentMean(right, asked)
	c.right, c.asked = total(right), total(asked)
	return c, nil
}

// closing draws the sequences of a cell, those that end inside and outside by turns, with the
// kinds that were opened and where the last mark stands.
func (s *suite) closing(d, extra, gap, n int) (seqs []sequence, kinds [][]int, last []int) {
	seqs, kinds, last = make([]sequence, 2*n), make([][]int, 2*n), make([]int, 2*n)
	for i := range seqs {
		k := s.l.kinds(0, d, s.rng)
		w := s.l.begin(s.rng)
		w.gap = gap
		w.open(k...)
		for range extra {
			w.put(k[d-1], false)
			w.put(k[d-1], true)
		}
		for j := d - 1; j >= 1; j-- {
			w.record()
			w.put(k[j], false)
		}
		if i%2 == 1 {
			w.put(k[0], false)
		}
		w.lead(k[0])
		seqs[i], kinds[i], last[i] = w.sequence, k, w.decided
	}
	return seqs, kinds, last
}

// readUnmarked is whether inside is told from outside by a network that reads, from the zero state,
// only what follows the last mark: what stands inside may say so by itself. It draws from a
// stream of its own, so that nothing else depends on it.
func (s *suite) readUnmarked(rng *rand.Rand) error {
	all := s.rng
	s.rng = rng
	seqs, kinds, last := s.closing(1, 0, -1, 3*s.n)
	s.rng = all
	for i := range seqs {
		seqs[i].ids = seqs[i].ids[last[i]+1:]
		seqs[i].at = []int{len(seqs[i].ids) - 1}
		if len(seqs[i].ids) == 0 { // nothing follows the mark
			seqs[i].at = nil
		}
	}
	var inside, outside []float64
	err := s.reader.read(s.ctx, seqs, func(i, _, _ int, logits []float32) {
		score := s.l.insideScore(kinds[i][0], logits)
		if i%2 == 0 {
			inside = append(inside, score)
		} else {
			outside = append(outside, score)
		}
	})
	in := &s.res.Inside
	in.Unmarked, in.UnmarkedNats = stat.Point(math.NaN(), 0), stat.Point(math.NaN(), 0)
	if err == nil && len(inside) > 1 && len(outside) > 1 {
		in.Unmarked, _ = stat.IndependentAUROC(inside, outside)
		in.UnmarkedNats = difference(inside, outside)
	}
	return err
}

func total(x []float64) float64 {
	var sum float64
	for _, v := range x {
		sum += v
	}
	return sum
}

// rightKind is 1 where the closer of a kind is likelier than those of all others.
func (l *Language) rightKind(kind int, logits []float32) float64 {
	for k, other := range l.Kinds {
		if k != kind && logits[other.Close] >= logits[l.Kinds[kind].Close] {
			return 0
		}
	}
	return 1
}

// difference of two independent means, with its normal interval.
func difference(a, b []float64) stat.Interval {
	one := func(n int) []float64 {
		v := make([]float64, n)
		for i := range v {
			v[i] = 1
		}
		return v
	}
	return stat.SegmentContrast(append(append([]float64{}, a...), make([]float64, len(b))...), append(one(len(a)), make([]float64, len(b))...),
		append(make([]float64, len(a)), b...), append(make([]float64, len(a)), one(len(b))...))
}
