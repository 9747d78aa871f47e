package compare

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/rnnscope/rnnscope/evolve"
	"github.com/rnnscope/rnnscope/stat"
)

// Steps says a spread of steps or characters: "213 [100, >2500], 4 of 5".
func (s Spread) Steps() string {
	return s.counted(func(v stat.Number) string { return fmt.Sprintf("%.0f", v) })
}

// Decades says a spread of lags: "+0.50 [-0.20, >+1.31], 4 of 5"; "–" without any.
func (s Spread) Decades() string {
	if s.N+s.Beyond == 0 {
		return "–"
	}
	return s.counted(func(v stat.Number) string { return fmt.Sprintf("%+.2f", v) })
}

func (s Spread) counted(number func(stat.Number) string) string {
	words := s.Words(number)
	if words == "" {
		words = "–"
	}
	return fmt.Sprintf("%s, %d of %d", words, s.N, s.Of)
}

// LagWords says a mean lag with its interval, which it has of two runs and more.
func LagWords(i stat.Interval) string {
	switch {
	case math.IsNaN(i.Estimate):
		return "–"
	case i.N < 2:
		return fmt.Sprintf("%+.2f", i.Estimate)
	}
	return fmt.Sprintf("%+.2f [%+.2f, %+.2f]", i.Estimate, i.Lo, i.Hi)
}

// Commonest lists the verdicts that were counted, the commonest first.
func Commonest(m map[evolve.Verdict]int) []evolve.Verdict {
	return slices.SortedFunc(maps.Keys(m), func(a, b evolve.Verdict) int { return cmp.Or(m[b]-m[a], cmp.Compare(a, b)) })
}

// Came counts how a skill came and, of its jumps, whether the metric made them: "perhaps abrupt 3, gradual 1 (of the
// jumps: metric-induced 2, cannot tell 1)".
func (x EmergeSpread) Came() string {
	if len(x.Metric) == 0 {
		return Verdicts(x.Verdicts)
	}
	return Verdicts(x.Verdicts) + " (of the jumps: " + Verdicts(x.Metric) + ")"
}

// Verdicts counts verdicts in words, the commonest first.
func Verdicts(m map[evolve.Verdict]int) string {
	var out []string
	for _, n := range Commonest(m) {
		out = append(out, fmt.Sprintf("%s %d", n.Words(), m[n]))
	}
	return strings.Join(out, ", ")
}
