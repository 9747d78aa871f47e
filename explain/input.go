package explain

import (
	"errors"
	"fmt"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/text"
)

// ErrInput marks an input that cannot be explained.
var ErrInput = errors.New("explain")

// Input is a network and the text its units are explained on.
type Input struct {
	Name     string         // of the text
	Model    *rnn.Model     //
	Alphabet *text.Alphabet // the network's
	Text     text.Source    // the whole text in the network's symbols
	Choose   text.Blocks    // where descriptions are grown and pruned, ascending
	Report   text.Blocks    // where they are scored, ascending, disjoint from Choose
	Split    string         // name of Report: "test of tail 80/10/10"
	Train    text.Span      // what the network learned from, for n-grams; may be empty
	Step     int64          // of the training
}

// OwnText is the input for the text the network was trained on: descriptions are grown on
// validation and scored on test.
func OwnText(name string, m *rnn.Model, a *text.Alphabet, src text.Source, s text.Split, g text.Grid) Input {
	return Input{
		Name: name, Model: m, Alphabet: a, Text: src, Train: s.Train,
		Choose: g.Tiling(s.Val), Report: g.Tiling(s.Test), Split: "test of " + s.Name,
	}
}

// OtherText is the input for a text the network was not trained on: grown on the even
// blocks, scored on the odd ones.
func OtherText(name string, m *rnn.Model, a *text.Alphabet, src text.Source, g text.Grid) Input {
	even, odd := text.AlternatingTilings(src.Len(), g.Size)
	return Input{
		Name: name, Model: m, Alphabet: a, Text: src,
		Choose: even, Report: odd, Split: "odd of " + text.AlternatingName,
	}
}

func (in *Input) check() error {
	if in.Model == nil || in.Alphabet == nil || in.Text == nil || in.Choose == nil || in.Report == nil {
		return fmt.Errorf("%w: a network, its alphabet, a text and blocks of it are needed", ErrInput)
	}
	if v := in.Model.Config().Vocab; in.Alphabet.Size() > v {
		return fmt.Errorf("%w: the alphabet has %d symbols, the network %d", ErrInput, in.Alphabet.Size(), v)
	}
	return nil
}

// Leaves are the sizes of descriptions, ascending; the last is grown, the others are
// what it was on the way.
var Leaves = [...]int{4, 16, 64}

// Sizes is how many sizes there are.
const Sizes = len(Leaves)

// Options of an explanation. The zero value asks for everything at its default.
type Options struct {
	Sites     []string          // default: h of every layer, and c for the LSTM
	Concepts  []concept.Concept // default: concept.All()
	Untrained int               // untrained networks of the same shape that a beyond-score must exceed
	Seed      uint64
	Workers   int // goroutines, 0: one a core; no result depends on it
	Version   string
}

// Progress is told what is being done and how far it is. It is called from several
// goroutines, never at once. It may be nil.
type Progress func(stage string, done, total int64)

// DefaultSites are h of every layer and, for the LSTM, c.
func DefaultSites(c rnn.Config) []string {
	var sites []string
	for l := range c.Layers {
		sites = append(sites, fmt.Sprintf("l%d.h", l))
		if c.Cell == rnn.LSTM {
			sites = append(sites, fmt.Sprintf("l%d.c", l))
		}
	}
	return sites
}
