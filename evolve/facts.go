package evolve

import (
	"index/suffixarray"
	"sync"
)

// facts are what skill figures need to know of the training text.
type facts struct {
	runes    []rune
	words    map[string]bool // letter runs, lower case
	familiar float64         // share of letter runs whose kind occurs twice or more
	cdf      []float64       // share of lines of at most so many characters
	lines    int
	unit     int // columns of one level of indentation, 0 when there is none

	index func() *suffixarray.Index // of the text as UTF-8
}

func newFacts(training []rune) *facts {
	f := &facts{runes: training}
	f.words, f.familiar = readWords(training)
	lengths := completeLines(training, false)
	f.lines = len(lengths)
	f.cdf = lengthCDF(lengths)
	f.unit = indentUnit(f.samplePieces())
	f.index = sync.OnceValue(func() *suffixarray.Index { return suffixarray.New([]byte(string(training))) })
	return f
}

// The stretches of the training text that rules look at.
const (
	lookStretches = 20
	lookLength    = 10_000
)

// samplePieces cuts twenty stretches of at most 10,000 characters out of the training
// text, evenly spread.
func (f *facts) samplePieces() [][]rune {
	n := len(f.runes)
	if n <= lookStretches*lookLength {
		return [][]rune{f.runes}
	}
	out := make([][]rune, lookStretches)
	for i := range out {
		at := i * (n - lookLength) / (lookStretches - 1)
		out[i] = f.runes[at : at+lookLength]
	}
	return out
}
