package look

import (
	"math"
	"slices"

	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/text"
)

// Sample is a part of the report that is looked at symbol by symbol.
type Sample struct {
	Alphabet *text.Alphabet
	Runes    []rune // [V] of one character each, U+FFFD of others
	Sites    []specimen.Site
	Labels   []*specimen.BlockLabels // of its blocks
	Pages    *specimen.Pages         // of its text
	Ask      *specimen.Request       // the activations that are needed of it
	Workers  int
}

// Show is the symbols [lo, hi) as text.Alphabet.Show has them.
func (l *Sample) Show(lo, hi int) (runes []rune, of []int) {
	ids := l.Pages.Read(lo, hi)
	if !l.Alphabet.OneEach() {
		return l.Alphabet.Show(ids)
	}
	for _, id := range ids {
		runes = append(runes, l.Runes[id])
	}
	return runes, nil
}

// Text is the symbols [lo, hi) to be looked at.
func (l *Sample) Text(lo, hi int) string {
	runes, _ := l.Show(lo, hi)
	return string(runes)
}

// RuneAt is the character of a symbol, U+FFFD of one that is not one character.
func (l *Sample) RuneAt(position int) rune { return l.Runes[l.Pages.Read(position, position+1)[0]] }

// EndsLine tells whether a line ends within a symbol.
func (l *Sample) EndsLine(position int) bool {
	if l.Alphabet.OneEach() {
		return l.RuneAt(position) == '\n'
	}
	return l.Alphabet.EndsLine(l.Pages.Read(position, position+1)[0])
}

// BlockAt finds the block that scores a position, nil without.
func (l *Sample) BlockAt(position int) *specimen.BlockLabels {
	for _, b := range l.Labels {
		if b.Block.Lo <= position && position < b.Block.Hi {
			return b
		}
	}
	return nil
}

// SiteIndex is the number of a site.
func (l *Sample) SiteIndex(name string) int {
	return slices.IndexFunc(l.Sites, func(x specimen.Site) bool { return x.Name == name })
}

// Rounded is an activation as results keep it: to four decimals.
func Rounded(a float32) float32 { return float32(math.Round(float64(a)*1e4) / 1e4) }

// Round rounds to a multiple of step.
func Round(x, step float64) float64 { return math.Round(x/step) * step }
