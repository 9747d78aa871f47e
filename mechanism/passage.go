package mechanism

import (
	"context"

	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/text"
)

// passage is the n characters of the language's text with the most marks.
func (l *Language) passage(n int) []int32 {
	n = min(n, len(l.ids))
	in := make([]int, len(l.ids)+1)
	for i, id := range l.ids {
		in[i+1] = in[i]
		for _, k := range l.Kinds {
			if id == k.Open || id == k.Close {
				in[i+1]++
				break
			}
		}
	}
	best := 0
	for i := 0; i+n <= len(l.ids); i++ {
		if in[i+n]-in[i] > in[best+n]-in[best] {
			best = i
		}
	}
	return l.ids[best : best+n]
}

// follow reads a passage from outside of everything and records the depth reading.
func follow(ctx context.Context, m *rnn.Model, l *Language, a *Axis, ids []int32) (*Trace, error) {
	r := newReader(m)
	s := sequence{ids: ids}
	for i := range ids {
		s.at = append(s.at, i)
	}
	t := &Trace{}
	v := make([]float64, r.state)
	var stack []int
	err := r.follow(ctx, []sequence{s}, false, func(_, k, row int, _ []float32) {
		r.load(v, row)
		t.Axis = append(t.Axis, a.along(v[:r.memory]))
		t.Unit = append(t.Unit, v[a.index])
		if count := r.countOf(row); count != nil {
			t.Count = append(t.Count, *count)
		}
	})
	for i, id := range ids {
		kind, open, is := l.markIn(ids, i, id, stack)
		if is {
			t.Marks = append(t.Marks, i)
			if open {
				stack = append(stack, kind)
			} else {
				stack = stack[:lastIndex(stack, kind)]
			}
		}
		t.Depth = append(t.Depth, len(stack))
	}
	t.show(l.alphabet, ids)
	return t, err
}

// show carries what was recorded by symbol to the characters that are shown.
func (t *Trace) show(a *text.Alphabet, ids []int32) {
	runes, of := a.Show(ids)
	t.Text = runes
	if of == nil {
		return
	}
	t.Axis, t.Unit, t.Depth = text.OnRunes(of, t.Axis), text.OnRunes(of, t.Unit), text.OnRunes(of, t.Depth)
	if t.Count != nil {
		t.Count = text.OnRunes(of, t.Count)
	}
	for i, mark := range t.Marks {
		_, to := text.RunesAt(of, mark, mark+1)
		t.Marks[i] = max(0, to-1)
	}
}
