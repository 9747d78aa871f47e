package specimen

import (
	"slices"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"
)

// spelled is some neighbouring symbols and their characters: ends[i] characters are
// complete after symbol i, counted from the beginning of the text; nil where every
// symbol is one character.
type spelled struct {
	runes []rune
	ends  []int
	from  int // characters before runes
}

// len is the number of symbols.
func (s spelled) len() int {
	if s.ends == nil {
		return len(s.runes)
	}
	return len(s.ends)
}

// split parts the first n symbols from the others.
func (s spelled) split(n int) (head, tail spelled) {
	if s.ends == nil {
		return spelled{runes: s.runes[:n]}, spelled{runes: s.runes[n:]}
	}
	k := s.ends[n-1] - s.from
	return spelled{s.runes[:k], s.ends[:n], s.from}, spelled{s.runes[k:], s.ends[n:], s.from + k}
}

// labelStream is one concept on its way through the text.
type labelStream struct {
	plain     concept.Labeler        // where every symbol is one character
	carried   *concept.SymbolLabeler // elsewhere
	base      int                    // position of out[0]
	out       []concept.Label
	events    *concept.EventScanner // of a state concept
	onSymbols *concept.SymbolAges   // events carried to symbols
	ages      []int32               // symbols since an event, from base on
	done      int                   // blocks labelled of those asked for
}

func newLabelStream(c concept.Concept, a *text.Alphabet) *labelStream {
	s := &labelStream{}
	if c.Class == concept.State {
		s.events = c.NewEvents()
	}
	if a.OneEach() {
		s.plain = c.New()
		return s
	}
	s.carried = concept.OnSymbols(c.New())
	if s.events != nil {
		s.onSymbols = s.events.OnSymbols()
	}
	return s
}

// write labels some more symbols.
func (s *labelStream) write(x spelled) {
	switch {
	case s.plain != nil:
		s.out = s.plain.Write(s.out, x.runes)
		if s.events != nil {
			s.ages = s.events.Ages(s.ages, x.runes)
		}
	default:
		s.out = s.carried.Write(s.out, x.runes, x.ends)
		if s.events != nil {
			s.ages = s.onSymbols.Ages(s.ages, x.runes, x.ends)
		}
	}
}

// flush ends the text.
func (s *labelStream) flush() {
	if s.plain != nil {
		s.out = s.plain.Flush(s.out)
		return
	}
	s.out = s.carried.Flush(s.out)
}

// feed gives a concept the next symbols and takes its labels of the blocks asked
// for as they come. end: the text ends behind them.
func (s *labelStream) feed(x spelled, end bool, r Rule, c int, todo []*BlockLabels) {
	s.take(r, c, todo)
	for x.len() > 0 {
		var some spelled
		some, x = x.split(min(chunk, x.len()))
		s.write(some)
		s.take(r, c, todo)
	}
	if end {
		s.flush()
		s.take(r, c, todo)
	}
}

// take labels the blocks whose labels are out, and lets go of what is behind the
// next one, or behind the beginning of the last.
func (s *labelStream) take(r Rule, c int, todo []*BlockLabels) {
	for ; s.done < len(todo); s.done++ {
		b := todo[s.done]
		if s.base+len(s.out) < b.Block.Hi {
			break
		}
		labels := s.out[b.Block.Lo-s.base : b.Block.Hi-s.base]
		fill(&b.Labels[c], labels, r)
		if s.events != nil {
			b.Held[c] = slices.Grow(b.Held[c][:0], len(labels))[:len(labels)]
			for t, age := range s.ages[b.Block.Lo-s.base : b.Block.Hi-s.base] {
				b.Held[c][t] = heldLevel(labels[t], age)
			}
		}
	}
	low := todo[min(s.done, len(todo)-1)].Block.Lo
	if drop := min(low-s.base, len(s.out)); drop > 0 {
		s.out = s.out[:copy(s.out, s.out[drop:])]
		s.ages = s.ages[:copy(s.ages, s.ages[min(drop, len(s.ages)):])]
		s.base += drop
	}
}

func fill(dst *stat.Labels, labels []concept.Label, r Rule) {
	dst.Positive, dst.Invalid = dst.Positive[:0], dst.Invalid[:0]
	if r.Numeric {
		dst.Values = slices.Grow(dst.Values[:0], len(labels))[:len(labels)]
		dst.Sparse = true
	}
	for t, y := range labels {
		if !y.Valid {
			dst.Invalid = append(dst.Invalid, int32(t))
			if r.Numeric {
				dst.Values[t] = 0
			}
			continue
		}
		if y.Y > r.Above {
			dst.Positive = append(dst.Positive, int32(t))
		}
		if r.Numeric {
			dst.Values[t] = min(maxValue, max(-maxValue, y.Y))
			dst.Sparse = dst.Sparse && (y.Y == 0 || y.Y > r.Above)
		}
	}
	settleRuns(dst, len(labels))
}

// settleRuns lists the runs of n labels where they last: elsewhere they are not worth their while.
func settleRuns(l *stat.Labels, n int) {
	if l.Runs = l.AppendRuns(l.Runs[:0]); len(l.Runs) > n/2 {
		l.Runs = nil
	}
}
