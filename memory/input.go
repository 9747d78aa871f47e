package memory

import (
	"errors"
	"fmt"
	"runtime"
	"slices"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/text"
)

// ErrInput marks an input whose memory cannot be measured.
var ErrInput = errors.New("memory")

// ViewName is the name of a Result among the views of a run, and of its findings.
const ViewName = "memory"

// BlockSize is the number of characters of a block: the longest gap is
// BlockSize + text.WarmUp.
const BlockSize = 16_000

// Sizes of what is looked at. They bound time and memory; none depends on the text.
const (
	segmentSize  = 4_000     // characters of a segment: the unit of every interval
	maxCharacter = 1_000_000 // characters read of each part; blocks are spread evenly over a longer one
	defaultOrder = 20        // of the n-gram line
)

// Input is a network and the text its memory is measured on.
type Input struct {
	Name     string         // of the text
	Model    *rnn.Model     //
	Alphabet *text.Alphabet // the network's
	IDs      []int32        // the whole text in the network's symbols
	Train    []int32        // what the n-gram line learns
	Baseline string         // what Train is, in words
	Choose   []text.Block   // where units are chosen
	Report   []text.Block   // where figures are measured, disjoint from Choose
	Split    string         // name of Report: "test of tail 80/10/10"
}

// OwnText is the input for the text the network was trained on.
func OwnText(name string, m *rnn.Model, a *text.Alphabet, ids []int32, s text.Split) Input {
	g := text.Grid{Size: BlockSize}
	return Input{
		Name: name, Model: m, Alphabet: a, IDs: ids,
		Train: ids[s.Train.Lo:s.Train.Hi], Baseline: "the training part of " + s.Name,
		Choose: g.Blocks(s.Val), Report: g.Blocks(s.Test), Split: "test of " + s.Name,
	}
}

// OtherText is the input for a text the network was not trained on. train is the
// network's own training text; nil (an imported network has none) lets the n-gram
// line learn the even blocks instead.
func OtherText(name string, m *rnn.Model, a *text.Alphabet, ids, train []int32) Input {
	even, odd := text.Alternating(len(ids), BlockSize)
	in := Input{
		Name: name, Model: m, Alphabet: a, IDs: ids, Train: train, Baseline: "the network's training text",
		Choose: even, Report: odd, Split: "odd of " + text.AlternatingName,
	}
	if train == nil {
		for _, b := range even {
			in.Train = append(in.Train, ids[b.Lo:b.Hi]...)
		}
		in.Baseline = "the even blocks of " + name
	}
	return in
}

// Options of a measurement. The zero value asks for everything at its default.
type Options struct {
	Kinds   []string // of pairs, default PairKinds()
	Order   int      // of the n-gram line, default 20
	Suites  []string // built-in minimal pairs; nil: those whose words the training text has
	Own     []Suite  // minimal pairs of the user's own
	At      []int    // positions whose influence is mapped; nil: three closers far from their openers
	Seed    uint64   // of every draw
	Workers int      // goroutines, default one a core; no result depends on it
	Version string   // of the program, for the findings
}

// PairKinds are concept's kinds and "block": braces with a line end between them.
func PairKinds() []string { return append(concept.PairKinds(), blockKind) }

const blockKind = "block"

// Progress is told how many of the parts of the measurement are done.
type Progress func(done, total int64)

func (o *Options) fill() error {
	if len(o.Kinds) == 0 {
		o.Kinds = PairKinds()
	}
	for _, k := range o.Kinds {
		if !slices.Contains(PairKinds(), k) {
			return fmt.Errorf("%w: no pairs of kind %q; choose among %v", ErrInput, k, PairKinds())
		}
	}
	if o.Order == 0 {
		o.Order = defaultOrder
	}
	if o.Workers <= 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	return nil
}

// check says what is wrong with an input, and bounds it.
func (in *Input) check() error {
	if in.Model == nil || in.Alphabet == nil {
		return fmt.Errorf("%w: a network and its alphabet are needed", ErrInput)
	}
	if v := in.Model.Config().Vocab; in.Alphabet.Size() > v {
		return fmt.Errorf("%w: the alphabet has %d symbols, the network %d", ErrInput, in.Alphabet.Size(), v)
	}
	if scored(in.Choose) == 0 || scored(in.Report) == 0 {
		return fmt.Errorf("%w: %d characters of %q leave none to choose on or none to report on; give a longer text", ErrInput, len(in.IDs), in.Name)
	}
	in.Choose, in.Report = spread(in.Choose), spread(in.Report)
	return nil
}

// scored is the number of characters the blocks score.
func scored(blocks []text.Block) int64 {
	var n int64
	for _, b := range blocks {
		n += int64(b.Len())
	}
	return n
}

// spread keeps at most maxCharacter characters' worth of blocks, evenly.
func spread(blocks []text.Block) []text.Block {
	most := maxCharacter / BlockSize
	if len(blocks) <= most {
		return blocks
	}
	out := make([]text.Block, most)
	for i := range out {
		out[i] = blocks[i*len(blocks)/most]
	}
	return out
}
