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

// Steps says a spread of steps or characters: "213 [100, 400], 4 of 5".
func (s Spread) Steps() string {
	if s.N == 0 {
		return fmt.Sprintf("–, 0 of %d", s.Of)
	}
	return fmt.Sprintf("%.0f [%.0f, %.0f], %d of %d", s.Median, s.Lo, s.Hi, s.N, s.Of)
}

// LagWords says a lag with its interval, which it has of two runs and more.
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

// Verdicts counts verdicts in words, the commonest first.
func Verdicts(m map[evolve.Verdict]int) string {
	var out []string
	for _, n := range Commonest(m) {
		out = append(out, fmt.Sprintf("%s %d", n.Words(), m[n]))
	}
	return strings.Join(out, ", ")
}
