package match

import (
	"context"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/text"
)

// Where says which part of a window a feature speaks of.
type Where string

// The places of a window.
const (
	AtStart Where = "start"  // its first symbol; an n-gram begins there
	Inside  Where = "inside" // any of its symbols; an n-gram lies in it
	AtEnd   Where = "end"    // its last symbol; an n-gram ends there
)

var wheres = [...]Where{AtStart, Inside, AtEnd}

// longestGram is the longest n-gram that places are asked for.
const longestGram = 5

// insideLimit bounds the windows in which every n-gram is looked at: longer ones are asked at their edges.
const insideLimit = 64

// tracks is what is known of every row of the index: its symbol, and which concepts are on.
type tracks struct {
	x        *Index
	ids      []int32 // [rows]
	concepts []string
	words    int      // uint64s a row
	on       []uint64 // [rows, words]
}

// newTracks labels the rows of an index by every concept that is a rule for the text.
func newTracks(ctx context.Context, s *specimen.Specimen, x *Index, of []concept.Concept, workers int, tell Progress) (*tracks, error) {
	parts := s.Parts(text.DefaultBlock)
	admitted, _, cuts, err := s.Admit(ctx, of, parts, workers)
	if err != nil {
		return nil, err
	}
	rules, err := s.NewRules(ctx, admitted, parts, workers)
	if err != nil {
		return nil, err
	}
	t := &tracks{x: x, ids: make([]int32, x.Rows), words: (len(rules) + 63) / 64}
	t.on = make([]uint64, x.Rows*t.words)
	for i := range rules {
		rules[i].Above = max(rules[i].Above, cuts[rules[i].Concept.Name])
		t.concepts = append(t.concepts, rules[i].Concept.Name)
	}
	return t, t.label(ctx, s.NewLabeller(rules, parts, workers), tell)
}

func (t *tracks) label(ctx context.Context, l *specimen.Labeller, tell Progress) error {
	l.KeepAll = false
	for _, run := range t.x.Runs {
		for lo := run.Lo; lo < run.Hi; lo += text.DefaultBlock {
			b := text.Block{Lo: lo, Hi: min(lo+text.DefaultBlock, run.Hi)}
			labels, err := l.Label(ctx, []text.Block{b})
			if err != nil {
				return err
			}
			t.take(labels[0], run.Row+lo-run.Lo)
			l.Release(labels)
			if tell != nil {
				tell(int64(run.Row+b.Hi-run.Lo), int64(t.x.Rows))
			}
		}
	}
	return nil
}

// take writes the labels of a block whose first symbol is row.
func (t *tracks) take(b *specimen.BlockLabels, row int) {
	copy(t.ids[row:], b.Chars)
	for c := range b.Labels {
		for _, p := range b.Labels[c].Positive {
			t.on[(row+int(p))*t.words+c/64] |= 1 << (c % 64)
		}
	}
}

// window collects which concepts are on in rows [row, row+n): at its start, inside, at its end.
func (t *tracks) window(dst *[3][]uint64, row, n int) {
	at := func(r int) []uint64 { return t.on[r*t.words : (r+1)*t.words] }
	dst[0] = append(dst[0][:0], at(row)...)
	dst[2] = append(dst[2][:0], at(row+n-1)...)
	dst[1] = append(dst[1][:0], at(row)...)
	for r := row + 1; r < row+n; r++ {
		for w, bits := range at(r) {
			dst[1][w] |= bits
		}
	}
}

// is reports whether concept c is on at a row.
func (t *tracks) is(row, c int) bool { return t.on[row*t.words+c/64]>>(c%64)&1 == 1 }

// around lists the concepts that are on somewhere in symbols [lo, hi) of the text, and not all over: what lies outside the piece of the place
// is not labelled.
func (t *tracks) around(p Place, lo, hi int) []Track {
	_, piece := t.x.Position(p.row)
	from, to := max(lo, piece.Lo), min(hi, piece.Hi)
	out := []Track{}
	for c, name := range t.concepts {
		track := Track{Concept: name}
		for at := from; at < to; at++ {
			if !t.is(piece.Row+at-piece.Lo, c) {
				continue
			}
			if n := len(track.Spans); n > 0 && track.Spans[n-1][1] == at-lo {
				track.Spans[n-1][1]++
			} else {
				track.Spans = append(track.Spans, [2]int{at - lo, at - lo + 1})
			}
		}
		if len(track.Spans) > 0 && track.Spans[0] != [2]int{from - lo, to - lo} {
			out = append(out, track)
		}
	}
	return out
}

// gram is an n-gram at a place of a window.
type gram struct {
	where uint8
	n     uint8
	ids   [longestGram]int32
}

// grams lists the n-grams of a window, each once.
func (t *tracks) grams(row, n int, do func(gram)) {
	seen := map[gram]bool{}
	tell := func(where uint8, lo, k int) {
		g := gram{where: where, n: uint8(k)}
		copy(g.ids[:], t.ids[lo:lo+k])
		if !seen[g] {
			seen[g] = true
			do(g)
		}
	}
	for k := 1; k <= min(longestGram, n); k++ {
		tell(0, row, k)
		tell(2, row+n-k, k)
		for lo := row; n <= insideLimit && lo+k <= row+n; lo++ {
			tell(1, lo, k)
		}
	}
}
