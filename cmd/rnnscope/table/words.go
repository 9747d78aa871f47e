package table

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"
)

// Clip shortens a line to a display width.
func Clip(line string, columns int) string {
	var b strings.Builder
	width := 0
	for _, r := range line {
		symbol := string(r)
		if unicode.IsControl(r) {
			symbol = text.Visible(r)
		}
		width += text.Width(symbol)
		if width > columns {
			return b.String() + "…"
		}
		b.WriteString(symbol)
	}
	return b.String()
}

// Visibles joins characters so that blanks can be seen.
func Visibles(chars []string) string {
	var b strings.Builder
	for _, c := range chars {
		b.WriteString(text.VisibleString(c))
	}
	return b.String()
}

// Quantiles of values that need not be sorted.
func Quantiles(values []float64, qs ...float64) []float64 {
	sorted := slices.Clone(values)
	slices.Sort(sorted)
	out := make([]float64, len(qs))
	for i, q := range qs {
		out[i] = stat.Quantile(sorted, q)
	}
	return out
}

// Grouped writes 1234567 as 1,234,567.
func Grouped(n int) string {
	digits := strconv.Itoa(n)
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 && digits[i-1] != '-' {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	return b.String()
}
