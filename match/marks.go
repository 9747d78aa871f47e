package match

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"
)

// Marks are places of the choosing part that somebody called right or wrong, in symbols of the text. Places of the part that is reported on
// cannot be marks: what was chosen there could not be reported there.
type Marks struct {
	Right []text.Span `json:"right"`
	Wrong []text.Span `json:"wrong"`
}

// mostMarks is how many places may be marked.
const mostMarks = 400

func (m *Marks) none() bool { return m == nil || len(m.Right)+len(m.Wrong) == 0 }

// ChooseByMarks are the n units that tell the right places and the span itself best, from places anywhere and from those called wrong: by the
// differences of their mean F from either, in standard deviations of a place, added up. From the wrong ones alone would not do: what was found
// is alike in the very units that found it, right and wrong places too, and those would be dropped.
func (x *Index) ChooseByMarks(p Passage, m *Marks, n int) ([]Chosen, error) {
	if len(m.Right)+len(m.Wrong) > mostMarks {
		return nil, fmt.Errorf("%w: %d marked places; mark at most %d", ErrInput, len(m.Right)+len(m.Wrong), mostMarks)
	}
	all, err := x.Extreme(p, x.units)
	if err != nil {
		return nil, err
	}
	right, err := x.rows(m.Right)
	if err != nil {
		return nil, err
	}
	wrong, err := x.rows(m.Wrong)
	if err != nil {
		return nil, err
	}
	apart := make([]float64, x.units) // by column
	for i := range all {
		c := &all[i]
		yes, err := x.means(c.column, right)
		if err != nil {
			return nil, err
		}
		no, err := x.means(c.column, wrong)
		if err != nil {
			return nil, err
		}
		apart[c.column] = c.between(append(yes, c.F), no)
	}
	slices.SortStableFunc(all, func(a, b Chosen) int { return cmp.Compare(apart[b.column], apart[a.column]) })
	return slices.Clone(all[:min(n, len(all))]), nil
}

// between sets F, side and edge by the unit's means at right and wrong places, and tells how far right ones lie from any and from wrong.
func (c *Chosen) between(right, wrong []float64) float64 {
	c.F = stat.Mean(right)
	*c = c.withEdge()
	spread := variance(right)
	const floor = .05 // of a standard deviation that few places show too small
	far := func(mean, variance float64) float64 {
		return abs(c.F-mean) / (math.Sqrt((spread+variance)/2) + floor)
	}
	anywhere := far(.5, 1./12)
	if len(wrong) == 0 {
		return anywhere
	}
	other := stat.Mean(wrong)
	off := far(other, variance(wrong))
	if off > anywhere { // what it tells is this: its edge lies half way
		c.Above, c.Edge = c.F >= other, (c.F+other)/2
	}
	return anywhere + off
}

func variance(x []float64) float64 {
	m, s := stat.Mean(x), 0.0
	for _, v := range x {
		s += (v - m) * (v - m)
	}
	return s / float64(len(x))
}

// rows are the rows of marked places [lo, hi) of the text.
func (x *Index) rows(places []text.Span) ([][2]int, error) {
	var out [][2]int
	for _, p := range places {
		i := slices.IndexFunc(x.Runs, func(r Piece) bool { return p.Lo >= r.Lo && p.Hi <= r.Hi })
		switch {
		case p.Hi <= p.Lo || p.Hi-p.Lo > 2*longestSpan:
			return nil, fmt.Errorf("%w: a marked place of symbols %d to %d", ErrInput, p.Lo, p.Hi)
		case i < 0:
			return nil, fmt.Errorf("%w: the marked place at %d is not of the indexed text", ErrInput, p.Lo)
		case x.Runs[i].Report:
			return nil, fmt.Errorf("%w: the marked place at %d is of the part that is reported on; mark places of the choosing part", ErrInput, p.Lo)
		}
		row := x.Runs[i].Row + p.Lo - x.Runs[i].Lo
		out = append(out, [2]int{row, row + p.Hi - p.Lo})
	}
	return out, nil
}

// means are the mean F of a column in each of some windows.
func (x *Index) means(column int, windows [][2]int) ([]float64, error) {
	out := make([]float64, len(windows))
	var levels []byte
	for i, w := range windows {
		var err error
		if levels, err = x.Column(levels, column, w[0], w[1]); err != nil {
			return nil, err
		}
		sum := 0
		for _, v := range levels {
			sum += int(v)
		}
		out[i] = (float64(sum)/float64(len(levels)) + .5) / Levels
	}
	return out, nil
}
