package dissect

import (
	"errors"
	"fmt"
	"iter"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/text"
)

// ErrInput marks an input that cannot be dissected.
var ErrInput = errors.New("dissect")

// Input is a network and the text it is dissected on. The text is read piece by
// piece and never held.
type Input struct {
	Name     string         // of the text
	Model    *rnn.Model     //
	Alphabet *text.Alphabet // the network's
	Text     text.Source    // the whole text in the network's symbols
	Choose   text.Blocks    // where units are chosen, ascending
	Report   text.Blocks    // where figures are measured, ascending, disjoint from Choose
	Split    string         // name of Report: "test of tail 80/10/10"
}

// OwnText is the input for the text the network was trained on: choose on
// validation, report on test.
func OwnText(name string, m *rnn.Model, a *text.Alphabet, src text.Source, s text.Split, g text.Grid) Input {
	return Input{
		Name: name, Model: m, Alphabet: a, Text: src,
		Choose: g.Tiling(s.Val), Report: g.Tiling(s.Test), Split: "test of " + s.Name,
	}
}

// OtherText is the input for a text the network was not trained on: choose on
// the even blocks, report on the odd ones.
func OtherText(name string, m *rnn.Model, a *text.Alphabet, src text.Source, g text.Grid) Input {
	even, odd := text.AlternatingTilings(src.Len(), g.Size)
	return Input{
		Name: name, Model: m, Alphabet: a, Text: src,
		Choose: even, Report: odd, Split: "odd of " + text.AlternatingName,
	}
}

// Options of a dissection. The zero value asks for everything at its default.
type Options struct {
	Sites     []string          // default: h of every layer, and c for the LSTM
	Concepts  []concept.Concept // default: concept.All()
	Untrained int               // untrained networks of the same shape for "learned"; 0: none, nothing is then called learned
	Positions int               // characters each of them reads, default 20,000
	Draws     int               // local-4 swaps, default 40 a test of the family, at least 999
	Seed      uint64            // of every draw
	Workers   int               // goroutines, default one a core; no result depends on it
	Version   string            // of the program, for the findings

	figuresOnly bool // leave out what shows text
	closerOnly  bool // of what shows text only the closer look
}

// Progress is told how many of the characters to be read have been read. It is
// called from several goroutines, never at once.
type Progress func(done, total int64)

// Sizes of what is kept. All of them bound memory, none depends on the text.
const (
	// whole blocks, since slow units go on rising for as long as they are read: 48 stretches of 500
	// characters missed the heights of one in Wikipedia markup
	sampleBlocks = 16        // blocks that settle the bin borders: 4,096 values a unit from 16 places
	detailBlocks = 64        // blocks looked at character by character, chosen by hash
	maxGroups    = 64        // groups of the local-4 swap, chosen by hash
	crossBytes   = 256 << 20 // their cross sums
	minGroups    = 10        // fewer: too little text
	maxSegments  = 200       // of the jackknife
)

// defaultPositions is what an untrained network reads unless told otherwise.
const defaultPositions = 20_000

// check says what is wrong with an input.
func (in *Input) check() error {
	if in.Model == nil || in.Alphabet == nil {
		return fmt.Errorf("%w: a network and its alphabet are needed", ErrInput)
	}
	if v := in.Model.Config().Vocab; in.Alphabet.Size() > v {
		return fmt.Errorf("%w: the alphabet has %d symbols, the network %d", ErrInput, in.Alphabet.Size(), v)
	}
	if in.Text == nil || in.Choose == nil || in.Report == nil {
		return fmt.Errorf("%w: a text and blocks of it are needed", ErrInput)
	}
	held, _ := in.Text.(text.Held) // any other source decodes with the alphabet
	for p, id := range held {
		if id < 0 || int(id) >= in.Model.Config().Vocab {
			return fmt.Errorf("%w: symbol %d at position %d is outside the network's %d", ErrInput, id, p, in.Model.Config().Vocab)
		}
	}
	if scored(in.Choose) == 0 || scored(in.Report) == 0 {
		return fmt.Errorf("%w: %d characters of %q leave none to choose units on or none to report on; give a longer text",
			ErrInput, in.Text.Len(), in.Name)
	}
	return nil
}

// scored is the number of characters the blocks score.
func scored(blocks text.Blocks) int64 {
	var n int64
	for i := range blocks.Len() {
		n += int64(blocks.At(i).Len())
	}
	return n
}

// stripes cuts blocks into runs of equal length, up to stripe, each with the place of its
// first.
func stripes(blocks text.Blocks) iter.Seq2[int, []text.Block] {
	return func(yield func(int, []text.Block) bool) {
		size := stripeOf(blocks.Len())
		for first := 0; first < blocks.Len(); first += size {
			var part []text.Block
			for i := first; i < min(first+size, blocks.Len()); i++ {
				part = append(part, blocks.At(i))
			}
			if !yield(first, part) {
				return
			}
		}
	}
}

// stripeOf is the length of the runs of n blocks: a short one at the end would take as long as
// the rest.
func stripeOf(n int) int {
	runs := max(1, (n+stripe-1)/stripe)
	return max(1, (n+runs-1)/runs)
}
