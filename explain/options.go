package explain

import (
	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/stat"
)

// Leaves are the sizes of descriptions, ascending; the last is grown, the others are
// what it was on the way.
var Leaves = [...]int{4, 16, 64}

// Sizes is how many sizes there are.
const Sizes = len(Leaves)

// Curve is a figure by size.
type Curve [Sizes]stat.Number

// Options of an explanation. The zero value asks for everything at its default.
type Options struct {
	Sites     []string          // default: h of every layer, and c for the LSTM
	Concepts  []concept.Concept // default: concept.All()
	Untrained int               // untrained networks of the same shape that a beyond-score must exceed
	Seed      uint64
	Workers   int // goroutines, 0: one a core; no result depends on it
	Version   string
	// Saved is what Keep was last given by an explanation that did not come to its end; Keep is
	// called after every untrained network. Either may be nil.
	Saved *Saved
	Keep  func(*Saved)
}

// Progress is told what is being done and how far it is. It is called from several
// goroutines, never at once. It may be nil.
type Progress func(stage string, done, total int64)
