package match

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/rnnscope/rnnscope/rnn"
)

// Chosen is a unit of a selection.
type Chosen struct {
	Unit rnn.Unit `json:"unit"`
	F    float64  `json:"f"` // mean over the span of the unit's mid-distribution on the choosing part, 0 to 1

	column int
}

// High reports whether the unit is above its median in the span.
func (c Chosen) High() bool { return c.F >= .5 }

// edge is the F from which on a place is on the unit's side: at most twice as far from the extreme as the span, and beyond the median. A
// state that is on in 3 % of the text (F .97) is told from all below .94; half way to the median would let a fifth of the text in.
func (c Chosen) edge() float64 {
	if c.High() {
		return max(.5, 1-2*(1-c.F))
	}
	return min(.5, 2*c.F)
}

// side is edge as a sum of levels over n symbols.
func (c Chosen) side(n int) int { return int(c.edge() * Levels * float64(n)) }

// Rule is LSTMVis' way to choose units: those beyond a quantile throughout the span, on the same side, and not beyond it at the
// symbols just before and after.
type Rule struct {
	Quantile float64 `json:"quantile"` // above .5
	Before   bool    `json:"before"`   // off just before the span
	After    bool    `json:"after"`    // off just after it
}

// Passage is the levels of all units over a passage, and the span that somebody marked in it.
type Passage struct {
	Levels [][]byte // [T] of [U]
	Lo, Hi int
}

func (p Passage) check(units int) error {
	if p.Lo < 0 || p.Hi > len(p.Levels) || p.Lo >= p.Hi {
		return fmt.Errorf("%w: span %d:%d of a passage of %d symbols", ErrInput, p.Lo, p.Hi, len(p.Levels))
	}
	if p.Hi-p.Lo > longestSpan {
		return fmt.Errorf("%w: a span of %d symbols; mark at most %d", ErrInput, p.Hi-p.Lo, longestSpan)
	}
	for _, row := range p.Levels {
		if len(row) != units {
			return fmt.Errorf("%w: a passage of %d units where the index has %d", ErrInput, len(row), units)
		}
	}
	return nil
}

const (
	longestSpan = 200
	mostChosen  = 64
)

// f is the mean mid-distribution of unit u over the span: a level stands for the middle of its bin.
func (p Passage) f(u int) float64 {
	sum := 0
	for t := p.Lo; t < p.Hi; t++ {
		sum += int(p.Levels[t][u])
	}
	return (float64(sum)/float64(p.Hi-p.Lo) + .5) / Levels
}

// Extreme are the n units whose mean F over the span is farthest from one half, most extreme first.
func (x *Index) Extreme(p Passage, n int) ([]Chosen, error) {
	if err := p.check(x.units); err != nil {
		return nil, err
	}
	all := make([]Chosen, x.units)
	for u, unit := range x.Units() {
		all[u] = Chosen{Unit: unit, F: p.f(u), column: u}
	}
	slices.SortStableFunc(all, func(a, b Chosen) int { return cmp.Compare(abs(b.F-.5), abs(a.F-.5)) })
	return slices.Clone(all[:min(n, len(all))]), nil
}

// Beyond are the units that LSTMVis' rule finds, at most 64, most extreme first; none is an answer.
func (x *Index) Beyond(p Passage, r Rule) ([]Chosen, error) {
	if !(r.Quantile > .5 && r.Quantile < 1) {
		return nil, fmt.Errorf("%w: quantile %v; want one above .5 and below 1", ErrInput, r.Quantile)
	}
	all, err := x.Extreme(p, x.units)
	if err != nil {
		return nil, err
	}
	out := slices.DeleteFunc(all, func(c Chosen) bool { return !p.beyond(c, r) })
	return out[:min(mostChosen, len(out))], nil
}

// beyond reports whether the rule holds of a unit.
func (p Passage) beyond(c Chosen, r Rule) bool {
	on := func(t int) bool {
		f := (float64(p.Levels[t][c.column]) + .5) / Levels
		return c.High() && f >= r.Quantile || !c.High() && f <= 1-r.Quantile
	}
	for t := p.Lo; t < p.Hi; t++ {
		if !on(t) {
			return false
		}
	}
	if r.Before && p.Lo > 0 && on(p.Lo-1) {
		return false
	}
	return !(r.After && p.Hi < len(p.Levels) && on(p.Hi))
}

// Named are the units asked for by name.
func (x *Index) Named(p Passage, units []rnn.Unit) ([]Chosen, error) {
	if len(units) > mostChosen {
		return nil, fmt.Errorf("%w: %d units; name at most %d", ErrInput, len(units), mostChosen)
	}
	all, err := x.Extreme(p, x.units)
	if err != nil {
		return nil, err
	}
	var out []Chosen
	for _, u := range units {
		i := slices.IndexFunc(all, func(c Chosen) bool { return c.Unit == u })
		if i < 0 {
			return nil, fmt.Errorf("%w: the index has no unit %s", ErrInput, u)
		}
		out = append(out, all[i])
	}
	return out, nil
}

func abs(x float64) float64 { return max(x, -x) }
