package match

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/rnnscope/rnnscope/rnn"
)

// Chosen is a unit of a selection.
type Chosen struct {
	Unit  rnn.Unit `json:"unit"`
	F     float64  `json:"f"`     // mean over the span of the unit's mid-distribution on the choosing part, 0 to 1
	Edge  float64  `json:"edge"`  // the F from which on a place is on the unit's side
	Above bool     `json:"above"` // its side is above the edge; otherwise below

	column int
}

// withEdge gives a unit the edge that its F suggests: at most twice as far from the extreme as the span, and beyond the median. A
// state that is on in 3 % of the text (F .97) is told from all below .94; half way to the median would let a fifth of the text in.
func (c Chosen) withEdge() Chosen {
	if c.Above = c.F >= .5; c.Above {
		c.Edge = max(.5, 1-2*(1-c.F))
	} else {
		c.Edge = min(.5, 2*c.F)
	}
	return c
}

// side is the edge as a sum of levels over n symbols.
func (c Chosen) side(n int) int { return int(c.Edge * Levels * float64(n)) }

// on reports whether a level is on the unit's side.
func (c Chosen) on(level byte) bool {
	f := (float64(level) + .5) / Levels
	return c.Above && f >= c.Edge || !c.Above && f <= c.Edge
}

// Rule is LSTMVis' way to choose units: those beyond a quantile throughout the span, on the same side, and off at the symbols
// just before and after. Its way to match is then to look for runs of text throughout which the units are on (Strobelt et al. 2018, 5.2).
type Rule struct {
	Quantile  float64 `json:"quantile"`  // above .5: on is beyond it, or below 1 less it
	Off       float64 `json:"off"`       // off is not beyond this one, at most Quantile; 0: Quantile
	Before    bool    `json:"before"`    // off just before the span
	After     bool    `json:"after"`     // off just after it
	Runs      bool    `json:"runs"`      // places are whole runs in which the units are on; otherwise windows of the span's length
	Tolerance int     `json:"tolerance"` // symbols by which a run may be shorter or longer than the span
}

func (r *Rule) check() error {
	if r.Off == 0 {
		r.Off = r.Quantile
	}
	switch {
	case !(r.Quantile > .5 && r.Quantile < 1):
		return fmt.Errorf("%w: quantile %v; want one above .5 and below 1", ErrInput, r.Quantile)
	case !(r.Off >= .5 && r.Off <= r.Quantile):
		return fmt.Errorf("%w: off below quantile %v; want one from .5 to %v, where on begins", ErrInput, r.Off, r.Quantile)
	case r.Tolerance < 0 || r.Tolerance > longestSpan:
		return fmt.Errorf("%w: a tolerance of %d symbols; want 0 to %d", ErrInput, r.Tolerance, longestSpan)
	}
	return nil
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
		all[u] = Chosen{Unit: unit, F: p.f(u), column: u}.withEdge()
	}
	slices.SortStableFunc(all, func(a, b Chosen) int { return cmp.Compare(abs(b.F-.5), abs(a.F-.5)) })
	return slices.Clone(all[:min(n, len(all))]), nil
}

// Beyond are the units that LSTMVis' rule finds, at most 64, most extreme first; none is an answer.
func (x *Index) Beyond(p Passage, r Rule) ([]Chosen, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	all, err := x.Extreme(p, x.units)
	if err != nil {
		return nil, err
	}
	for i := range all {
		if all[i].Edge = r.Quantile; !all[i].Above {
			all[i].Edge = 1 - r.Quantile
		}
	}
	out := slices.DeleteFunc(all, func(c Chosen) bool { return !p.beyond(c, r) })
	return out[:min(mostChosen, len(out))], nil
}

// beyond reports whether the rule holds of a unit, whose edge is where on begins.
func (p Passage) beyond(c Chosen, r Rule) bool {
	off := c
	if off.Edge = r.Off; !c.Above {
		off.Edge = 1 - r.Off
	}
	for t := p.Lo; t < p.Hi; t++ {
		if !c.on(p.Levels[t][c.column]) {
			return false
		}
	}
	if r.Before && p.Lo > 0 && off.on(p.Levels[p.Lo-1][c.column]) {
		return false
	}
	return !(r.After && p.Hi < len(p.Levels) && off.on(p.Levels[p.Hi][c.column]))
}

// ChooseByName are the units asked for by name.
func (x *Index) ChooseByName(p Passage, units []rnn.Unit) ([]Chosen, error) {
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
