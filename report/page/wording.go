package page

import (
	"math"
	"slices"
	"strings"

	"github.com/rnnscope/rnnscope/report/content"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"
)

func Ends(vs []content.Value) (first, last float64) {
	if len(vs) == 0 {
		return math.NaN(), math.NaN()
	}
	return vs[0].Value, vs[len(vs)-1].Value
}

// Interval writes 0.93 [0.90, 0.96].
func Interval(i stat.Interval, decimals int) string {
	if math.IsNaN(i.Estimate) {
		return "–"
	}
	if math.IsNaN(i.Lo) || math.IsNaN(i.Hi) {
		return Number(i.Estimate, decimals)
	}
	return Number(i.Estimate, decimals) + " [" + Number(i.Lo, decimals) + ", " + Number(i.Hi, decimals) + "]"
}

func Pvalue(p float64) string {
	switch {
	case math.IsNaN(p):
		return "p –"
	case p < .001:
		return "p < 0.001"
	}
	return "p = " + Number(p, 3)
}

// NoBreak keeps a figure and its interval on one line.
func NoBreak(s string) string { return strings.ReplaceAll(s, " ", "\u00a0") }

// Shares writes 93 % [90, 96].
func Shares(i stat.Interval) string {
	if math.IsNaN(i.Lo) || math.IsNaN(i.Hi) {
		return Percent(i.Estimate)
	}
	return Percent(i.Estimate) + " [" + Number(100*i.Lo, 0) + ", " + Number(100*i.Hi, 0) + "]"
}

func Prose(says string) Block { return Block{Prose: []string{says}} }

func Floats(xs []float32) []float64 {
	out := make([]float64, len(xs))
	for i, x := range xs {
		out[i] = float64(x)
	}
	return out
}

// UnitName is a unit as the page writes it.
func UnitName(u rnn.Unit) string { return rnn.UnitName(u.Site, u.Unit) }

// Limit is the 99 % quantile of |v|, rounded up to one decimal.
func Limit(values [][]float64) float64 { return Quantile(values, 99) }

// Quantile is a percentile of |v|, rounded up to one decimal, at least 0.1.
func Quantile(values [][]float64, percent int) float64 {
	var all []float64
	for _, row := range values {
		for _, v := range row {
			all = append(all, math.Abs(v))
		}
	}
	if len(all) == 0 {
		return 1
	}
	slices.Sort(all)
	return math.Max(.1, math.Ceil(10*all[(len(all)-1)*percent/100])/10)
}

// Visible shows a context on one line.
func Visible(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch r {
		case ' ', '\u3000':
			b.WriteRune(r)
		case '\n', '\t':
			b.WriteString(text.Visible(r))
		default:
			b.WriteString(UnescapedLetter(r))
		}
	}
	return b.String()
}

// MilliInterval writes nats in thousandths.
func MilliInterval(i stat.Interval) string {
	return Interval(stat.Interval{Estimate: 1000 * i.Estimate, Lo: 1000 * i.Lo, Hi: 1000 * i.Hi, N: i.N}, 1)
}
