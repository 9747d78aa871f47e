package match

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/text"
)

// runsBySight is the plain way: at every row of the reported part every length is tried.
func runsBySight(t *testing.T, x *Index, chosen []Chosen, alike, n, tolerance int) (out [][2]int) {
	t.Helper()
	levels := rowsOf(t, x, 0, x.Rows)
	on := func(row int) bool {
		k := 0
		for _, c := range chosen {
			if c.on(levels[row][c.column]) {
				k++
			}
		}
		return k >= alike
	}
	for _, piece := range x.Runs {
		end := piece.Row + piece.Hi - piece.Lo
		for lo := piece.Row; piece.Report && lo < end; lo++ {
			if lo > piece.Row && on(lo-1) {
				continue
			}
			hi := lo
			for hi < end && on(hi) {
				hi++
			}
			if l := hi - lo; l > 0 && l >= n-tolerance && l <= n+tolerance {
				out = append(out, [2]int{lo, hi})
			}
		}
	}
	return out
}

func TestRunsAreThoseOfThePlainWay(t *testing.T) {
	x := indexed(t, specimenOf(t, 40_000, 4, 11))
	row := startsOf(x, 8, false).at(777)
	chosen, err := x.Extreme(Passage{Levels: rowsOf(t, x, row, row+8), Hi: 8}, 3)
	if err != nil {
		t.Fatal(err)
	}
	s := newSeeker(x)
	if err := s.count(chosen); err != nil {
		t.Fatal(err)
	}
	for alike := 1; alike <= 3; alike++ {
		var got [][2]int
		for _, f := range s.stretches(alike, 8, 3, true) {
			got = append(got, [2]int{f.lo, f.hi})
		}
		if want := runsBySight(t, x, chosen, alike, 8, 3); !slices.Equal(got, want) || len(got) == 0 {
			t.Errorf("%d units: %d runs, want %d", alike, len(got), len(want))
		}
	}
}

// LSTMVis' rule finds the unit that is on throughout brackets and off around them, and its runs are brackets, whole ones, of about that length.
func TestRuleFindsWholeBrackets(t *testing.T) {
	s := specimenOf(t, 200_000, 6, 12)
	x := indexed(t, s)
	lo, n := bracketOf(t, s, x, 18, 22)
	levels := rowsOf(t, x, lo-1, lo+n+1)
	last := make([]int32, 1)
	at, _ := x.Position(lo + n - 1)
	if err := s.Text.Source.Read(last, at); err != nil {
		t.Fatal(err)
	}
	q := Query{
		Passage: Passage{Levels: levels, Lo: 1, Hi: 1 + n}, Last: last[0], Meaning: "bracket-depth", Draws: 39, Places: 8,
		Rule: &Rule{Quantile: .94, Off: .9, Before: true, After: true, Runs: true, Tolerance: 4},
	}
	r, err := Run(context.Background(), s, x, q, Options{Concepts: concept.All(), Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	if r.How != ByRule || len(r.Chosen) == 0 || !slices.ContainsFunc(r.Chosen, func(c Chosen) bool { return c.column == 0 }) {
		t.Fatalf("by the rule: %+v", r.Chosen)
	}
	if len(r.Places) < 4 {
		t.Fatalf("%d places", len(r.Places))
	}
	others := 0
	for _, p := range r.Places {
		if l := p.Hi - p.Lo; l < n-4 || l > n+4 {
			t.Errorf("a place of %d symbols, the span has %d", l, n)
		}
		spans := spansOf(p.Tracks, "bracket-depth")
		if p.Text[0] != '(' {
			others++ // noise may rise as a bracket does
		} else if len(spans) == 0 || spans[len(spans)-1][0]+p.From != p.Lo && spans[0][0]+p.From != p.Lo {
			t.Errorf("place at %d from %d: bracket track %v", p.Lo, p.From, spans)
		}
	}
	if others > len(r.Places)/4 {
		t.Errorf("%d of %d places do not begin with a bracket", others, len(r.Places))
	}
	if m := r.Meaning; m.Precision.Estimate < .8 || m.Recall.Estimate < .5 {
		t.Errorf("on at a bracket: %+v", m)
	}
	if q.Rule.Off != .9 {
		t.Error("the caller's rule was changed")
	}
}

func spansOf(tracks []Track, name string) [][2]int {
	for _, t := range tracks {
		if t.Concept == name {
			return t.Spans
		}
	}
	return nil
}

// bracketOf is the row of an opening bracket of the choosing part which with its content has least to most symbols, and how many.
func bracketOf(t *testing.T, s *specimen.Specimen, x *Index, least, most int) (row, n int) {
	t.Helper()
	for _, p := range x.Runs {
		ids := make([]int32, p.Hi-p.Lo)
		if err := s.Text.Source.Read(ids, p.Lo); err != nil {
			t.Fatal(err)
		}
		said := s.Alphabet.Decode(ids)
		for i := 1000; i < len(said)-1000 && !p.Report; i++ {
			if n = strings.IndexByte(said[i:], ')'); said[i] == '(' && n >= least && n <= most {
				return p.Row + i, n
			}
		}
	}
	t.Fatal("no such bracket")
	return 0, 0
}

// Marks: units that tell what was called right from what was called wrong are chosen, though others are more peculiar to the span.
func TestMarksChooseTheUnitThatTells(t *testing.T) {
	s := specimenOf(t, 120_000, 8, 13)
	x := indexed(t, s)
	const n = 6
	var marks Marks
	rng := rand.New(rand.NewPCG(1, 1))
	for len(marks.Right) < 6 || len(marks.Wrong) < 6 {
		st := startsOf(x, n, false)
		row := st.at(rng.IntN(st.total))
		at, _ := x.Position(row)
		levels := rowsOf(t, x, row, row+n)
		place := text.Span{Lo: at, Hi: at + n}
		f := Passage{Levels: levels, Hi: n}.f(0)
		switch {
		case f > .93 && len(marks.Right) < 6:
			marks.Right = append(marks.Right, place)
		case f < .8 && len(marks.Wrong) < 6:
			marks.Wrong = append(marks.Wrong, place)
		}
	}
	at := marks.Right[0]
	var span Passage
	for _, p := range x.Runs {
		if at.Lo >= p.Lo && at.Hi <= p.Hi {
			span = Passage{Levels: rowsOf(t, x, p.Row+at.Lo-p.Lo, p.Row+at.Hi-p.Lo), Hi: n}
		}
	}
	for name, m := range map[string]Marks{"both": marks, "right only": {Right: marks.Right}} {
		got, err := x.ChooseByMarks(span, &m, 2)
		if err != nil {
			t.Fatal(err)
		}
		if got[0].column != 0 || !got[0].Above {
			t.Errorf("%s: chose %+v before the unit that holds the bracket", name, got)
		}
	}
	_, piece := x.Position(startsOf(x, n, true).at(0))
	if _, err := x.ChooseByMarks(span, &Marks{Right: []text.Span{{Lo: piece.Lo, Hi: piece.Lo + n}}}, 2); !errors.Is(err, ErrInput) {
		t.Errorf("a mark on the reported part: %v", err)
	}
}

// What was prepared once answers as what is prepared anew, and a selection can be looked at before anything is searched.
func TestPreparedAnswersAlike(t *testing.T) {
	s := specimenOf(t, 60_000, 5, 14)
	x := indexed(t, s)
	p, err := Prepare(s, x)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		row := startsOf(x, 9, false).at(2000 * (i + 1))
		q := Query{Passage: Passage{Levels: rowsOf(t, x, row, row+9), Lo: 2, Hi: 7}, Refine: true, Extreme: 3}
		chosen, passage, err := p.Choose(q)
		if err != nil {
			t.Fatal(err)
		}
		a, err := p.Run(context.Background(), s, q, Options{Concepts: concept.All(), Workers: 2})
		if err != nil {
			t.Fatal(err)
		}
		b, err := Run(context.Background(), s, x, q, Options{Concepts: concept.All(), Workers: 1})
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(a.Chosen, b.Chosen) || !slices.Equal(a.Chosen, chosen) || len(a.Places) != len(b.Places) || !slices.Equal(a.Shared, b.Shared) {
			t.Errorf("span %d: prepared %+v, anew %+v", i, a.Chosen, b.Chosen)
		}
		if f := passage.Track(chosen[0], 2, 7); len(f) != 5 || abs(mean(f)-chosen[0].F) > 1e-9 {
			t.Errorf("track %v of F %v", f, chosen[0].F)
		}
	}
}

func mean(x []float64) float64 {
	s := 0.0
	for _, v := range x {
		s += v
	}
	return s / float64(len(x))
}
