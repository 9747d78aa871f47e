package mechanism

import (
	"context"
	"math/rand/v2"
	"slices"

	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/synth"
	"github.com/rnnscope/rnnscope/text"
)

// What is read first: so many characters of whole lines of a^n b^n, or so many lines of
// one pair.
const (
	countWarm   = 500
	bracketWarm = 3
)

// CountsTo tells of which strings a^n b^n a network that has read a^n then knows every
// further character: b as long as one is due, and then the line end. within is the
// share of n <= trained; to is the largest n such that every string from trained/2 to n
// is read so, 0 without one. It looks up to most. (Weiss, Goldberg and Yahav 2018 test
// a^n b^n so. The shortest strings do not count for to: they are rare in the training
// text, and a network may miss one and count on.)
func CountsTo(ctx context.Context, m *rnn.Model, a *text.Alphabet, trained, most int) (to int, within stat.Interval, err error) {
	id := func(r rune) int32 {
		v, ok := a.Lookup(r)
		if !ok {
			panic("mechanism: the counting language has a, b and line ends")
		}
		return v
	}
	letterA, letterB, end := id('a'), id('b'), id('\n')
	r := newReader(m)
	seqs := make([]sequence, most)
	for i := range seqs {
		s := sequence{ids: []int32{end}}
		// Whole lines first, of lengths that the training text has: from the zero state, or
		// after very short lines, some networks that count are lost.
		for k := 0; len(s.ids) < countWarm; k++ {
			n := max(1, trained*(1+k%5)/6)
			s.ids = append(s.ids, slices.Repeat([]int32{letterA}, n)...)
			s.ids = append(s.ids, slices.Repeat([]int32{letterB}, n)...)
			s.ids = append(s.ids, end)
		}
		for range i + 1 {
			s.ids = append(s.ids, letterA)
		}
		for range i + 1 {
			s.ids = append(s.ids, letterB)
			s.at = append(s.at, len(s.ids)-1)
		}
		seqs[i] = s
	}
	wrong := make([]bool, most)
	err = r.read(ctx, seqs, func(i, k, _ int, logits []float32) {
		due, not := letterB, end
		if k == i {
			due, not = end, letterB
		}
		if logits[due] <= logits[not] {
			wrong[i] = true
		}
	})
	right := int64(0)
	for _, w := range wrong[:trained] {
		if !w {
			right++
		}
	}
	from := max(1, trained/2)
	for n := from; n <= most && !wrong[n-1]; n++ {
		to = n
	}
	return to, stat.Wilson(right, int64(trained)), err
}

// LineScore is how a network reads whole lines of a nested language.
type LineScore struct {
	Marks int `json:"marks"` // on a line
	Depth int `json:"depth"` // greatest
	// Right is the share of lines read without a fault: after every mark the line end is
	// less likely than the right closer exactly where something is open, and that
	// closer is the likeliest of all closers.
	Right stat.Interval `json:"right"`
	// Each is the share of single predictions that are right.
	Each stat.Interval `json:"each"`
}

// Lines are lines of marks of a language, without filler.
type Lines struct {
	Language synth.Nesting
	N        int // lines
	Marks    int // on each
	Depth    int // greatest
}

// ReadLines scores lines drawn at random.
func ReadLines(ctx context.Context, m *rnn.Model, a *text.Alphabet, q Lines, rng *rand.Rand) (LineScore, error) {
	score, lang, lines := LineScore{Marks: q.Marks, Depth: q.Depth}, q.Language, q.N
	end, _ := a.Lookup('\n')
	kinds := make([]Kind, len(lang.Marks))
	for i, k := range lang.Marks {
		kinds[i].Open, _ = a.Lookup(k.Open)
		kinds[i].Close, _ = a.Lookup(k.Close)
	}
	seqs, tops := make([]sequence, lines), make([][]int, lines)
	for i := range seqs {
		seqs[i], tops[i] = bracketLine(kinds, end, q.Marks, q.Depth, rng)
	}
	fault := make([]bool, lines)
	var right int64
	var asked int64
	err := newReader(m).read(ctx, seqs, func(i, k, _ int, logits []float32) {
		best := 0
		for c := range kinds {
			if logits[kinds[c].Close] > logits[kinds[best].Close] {
				best = c
			}
		}
		top := tops[i][k]
		closes := logits[kinds[best].Close] > logits[end]
		ok := closes == (top >= 0) && (top < 0 || best == top)
		asked++
		if ok {
			right++
		} else {
			fault[i] = true
		}
	})
	whole := int64(0)
	for _, f := range fault {
		if !f {
			whole++
		}
	}
	score.Right, score.Each = stat.Wilson(whole, int64(lines)), stat.Wilson(right, asked)
	return score, err
}

// bracketLine is a balanced line that uses its whole length, with the kind on top
// after each mark (-1: none).
func bracketLine(kinds []Kind, end int32, marks, depth int, rng *rand.Rand) (sequence, []int) {
	s := sequence{ids: []int32{end}}
	for range bracketWarm {
		k := kinds[rng.IntN(len(kinds))]
		s.ids = append(s.ids, k.Open, k.Close, end)
	}
	var stack, tops []int
	for left := marks; left > 0; left-- {
		open := rng.IntN(2) == 0
		switch {
		case len(stack) == 0:
			open = true
		case len(stack) >= min(depth, left):
			open = false
		}
		if open {
			k := rng.IntN(len(kinds))
			stack = append(stack, k)
			s.ids = append(s.ids, kinds[k].Open)
		} else {
			top := len(stack) - 1
			s.ids = append(s.ids, kinds[stack[top]].Close)
			stack = stack[:top]
		}
		s.at = append(s.at, len(s.ids)-1)
		top := -1
		if n := len(stack); n > 0 {
			top = stack[n-1]
		}
		tops = append(tops, top)
	}
	return s, tops
}
