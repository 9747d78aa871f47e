package compare

import (
	"cmp"

	"github.com/rnnscope/rnnscope/stat"
)

// Spread is the median and the range of something over runs. Runs in which it lies beyond what was measured (a concept that was
// not born by the last step, a horizon longer than the longest gap) count as larger than all others. Where a figure is among
// them it is null, and the one named Above is a bound that it exceeds; elsewhere those are null.
type Spread struct {
	N           int         `json:"n"`      // runs that have it
	Beyond      int         `json:"beyond"` // runs in which it lies beyond what was measured
	Of          int         `json:"of"`     // runs that were asked; of the rest nothing is known
	Median      stat.Number `json:"median"`
	Lo          stat.Number `json:"lo"`
	Hi          stat.Number `json:"hi"`
	MedianAbove stat.Number `json:"median_above"`
	LoAbove     stat.Number `json:"lo_above"`
	HiAbove     stat.Number `json:"hi_above"`
}

// SpreadOf is a spread with a name.
type SpreadOf struct {
	Name  string `json:"name"`
	Kind  string `json:"kind"`  // of pairs
	Asked string `json:"asked"` // what is recalled: memory.AskedMark or memory.AskedName
	Spread
}

// spreadOf sums values up; of counts the runs that were asked.
func spreadOf(values []stat.Censored, of int) Spread {
	s := Spread{Of: of}
	for _, v := range values {
		if v.Above {
			s.Beyond++
		}
	}
	s.N = len(values) - s.Beyond
	s.Median, s.MedianAbove = quantile(values, .5)
	s.Lo, s.LoAbove = quantile(values, 0)
	s.Hi, s.HiAbove = quantile(values, 1)
	return s
}

// quantile is known, or lies above a bound, or neither.
func quantile(values []stat.Censored, q float64) (known, above stat.Number) {
	c := stat.QuantileCensored(values, q)
	if c.Above {
		return stat.Undefined(), stat.Number(c.Value)
	}
	return stat.Number(c.Value), stat.Undefined()
}

// compare orders spreads by their medians: those that are only bounded last, and of these those that fewer runs have.
func (s Spread) compare(o Spread) int {
	known := func(s Spread) int {
		if s.Median.Defined() {
			return 0
		}
		return 1
	}
	if c := cmp.Compare(known(s), known(o)); c != 0 {
		return c
	}
	if s.Median.Defined() {
		return cmp.Compare(s.Median, o.Median)
	}
	return cmp.Or(cmp.Compare(o.N, s.N), cmp.Compare(s.Lo, o.Lo))
}

// Words says the median and the range; what lies beyond the measured has a > before its bound. They are "" where no run has it and
// nothing is known of it.
func (s Spread) Words(number func(stat.Number) string) string {
	word := func(known, above stat.Number) string {
		if known.Defined() {
			return number(known)
		}
		return ">" + number(above)
	}
	switch {
	case s.N+s.Beyond == 0:
		return ""
	case s.N == 0:
		return word(s.Median, s.MedianAbove)
	}
	return word(s.Median, s.MedianAbove) + " [" + word(s.Lo, s.LoAbove) + ", " + word(s.Hi, s.HiAbove) + "]"
}
