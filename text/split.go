package text

import (
	"fmt"
	"math"
)

// WarmUp is how many characters a network reads, from the zero state, before
// the first one of a block that counts.
const WarmUp = 500

// DefaultBlock is the size of an analysis block, in characters.
const DefaultBlock = 4000

// Span is the symbols [Lo, Hi) of a text.
type Span struct {
	Lo int `json:"lo"`
	Hi int `json:"hi"`
}

// Len returns the number of symbols.
func (s Span) Len() int { return s.Hi - s.Lo }

// Split cuts a text once: the network learns from Train, whatever is chosen is
// chosen on Val, whatever is reported is measured on Test.
type Split struct {
	Name  string `json:"name"` // goes with every figure: "tail 80/10/10"
	Train Span   `json:"train"`
	Val   Span   `json:"val"`
	Test  Span   `json:"test"`
}

// Shares of the default split; the test part is the rest.
const (
	DefaultTrain = 0.8
	DefaultVal   = 0.1

	leastShare = 0.001
)

// TailSplit puts the first share train of n symbols into Train, the next share
// val into Val and the tail into Test. It fails with ErrImpossible for shares
// that leave nothing for a part, and with ErrTooShort, naming the least n,
// when rounding does.
func TailSplit(n int, train, val float64) (Split, error) {
	test := 1 - train - val
	if math.Abs(test) < 1e-9 { // what rounding leaves of nothing
		test = 0
	}
	if !(min(train, val, test) > leastShare) {
		return Split{}, fmt.Errorf("%w: shares %.4g, %.4g and %.4g for training, validation and test; each must be above %g", ErrImpossible, train, val, test, leastShare)
	}
	cut := func(n int) (int, int) {
		return int(math.Round(float64(n) * train)), int(math.Round(float64(n) * (train + val)))
	}
	fits := func(n int) bool {
		a, b := cut(n)
		return a > 0 && b > a && n > b
	}
	name := fmt.Sprintf("tail %s/%s/%s", percent(train), percent(val), percent(test))
	if !fits(n) {
		least := n + 1
		for !fits(least) {
			least++
		}
		return Split{}, fmt.Errorf("%w: %d characters cannot be split %s; give at least %d", ErrTooShort, n, name, least)
	}
	a, b := cut(n)
	return Split{Name: name, Train: Span{0, a}, Val: Span{a, b}, Test: Span{b, n}}, nil
}

// DefaultSplit is TailSplit at 80/10/10.
func DefaultSplit(n int) (Split, error) { return TailSplit(n, DefaultTrain, DefaultVal) }

func percent(share float64) string { return fmt.Sprintf("%.4g", 100*share) }

// Block is one piece of analysis text: the network enters at Warm from the
// zero state, and what it does on [Lo, Hi) counts.
type Block struct {
	Index int `json:"index"`
	Warm  int `json:"warm"`
	Lo    int `json:"lo"`
	Hi    int `json:"hi"`
}

// Len returns the number of scored symbols.
func (b Block) Len() int { return b.Hi - b.Lo }

// Grid cuts analysis text into blocks of Size scored characters; 0 means
// DefaultBlock. Activations then depend on the text and the grid alone.
type Grid struct {
	Size int `json:"size"`
}

// Blocks tiles the span from its start; the last block may be shorter. Every
// scored character has at least WarmUp characters behind it. In a span that
// starts later than that, the first block reads its warm-up from what stands
// before the span: those characters are input only, they are neither scored
// nor chosen on, so nothing leaks from one part of a split into another. In a
// span at the start of the text the warm-up is taken from the span itself and
// the first WarmUp characters stay unscored. It panics on a negative size.
func (g Grid) Blocks(s Span) []Block { return g.Tiling(s).list() }

// AlternatingName is the split name of figures measured on Alternating blocks.
const AlternatingName = "alternating blocks, 500-character guards"

// Alternating splits a text of n symbols that the network was not trained on:
// choose on the even blocks, report on the odd ones. A guard of WarmUp
// characters stands before every block; it is the block's own warm-up and is
// scored by neither side, so no network ever reads a character scored on the
// other side. Indices count both kinds; block 0 means DefaultBlock; the last
// block may be shorter. It panics on a negative block size.
func Alternating(n, block int) (even, odd []Block) {
	e, o := AlternatingTilings(n, block)
	return e.list(), o.list()
}
