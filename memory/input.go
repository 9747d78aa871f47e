package memory

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/text"
)

// ErrInput marks a specimen or a question whose memory cannot be measured.
var ErrInput = specimen.ErrInput

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

	// baselineCharacters bounds what the n-gram line is counted on: a model takes 30 to 100 bytes a character, so that it stays
	// below .5 GB for any text, and the whole command below 1 GB on 20 MB of it.
	baselineCharacters = 5_000_000
)

// input is a specimen as memory reads it: the text held, in long blocks.
type input struct {
	Name     string         // of the text
	Model    *rnn.Model     //
	Alphabet *text.Alphabet // the network's
	IDs      []int32        // the whole text in the network's symbols
	Train    []int32        // what the n-gram line learns
	Baseline string         // where Train is from, in words
	Learned  int            // symbols there are; Train is the last of them
	Choose   []text.Block   // where units are chosen
	Report   []text.Block   // where figures are measured, disjoint from Choose
	Split    string         // name of Report: "test of tail 80/10/10"
}

// What was asked for and there is not: a kind of pair, a built-in suite, a position of the text.
var (
	ErrKind     = errors.New("no pairs of kind")
	ErrSuite    = errors.New("no suite")
	ErrPosition = errors.New("no position")
)

// newInput holds the text of a specimen. Errors match ErrInput or
// specimen.ErrNoWeights, or are those of the text's medium.
func newInput(s *specimen.Specimen) (*input, error) {
	if err := s.Check(BlockSize); err != nil {
		return nil, err
	}
	m, err := s.Weights("memory")
	if err != nil {
		return nil, err
	}
	in := &input{Name: s.Text.Name, Model: m, Alphabet: s.Alphabet, Split: s.Split}
	if in.IDs, err = s.IDs(); err != nil {
		return nil, err
	}
	if in.Train, in.Baseline, err = s.Training(BlockSize); err != nil {
		return nil, err
	}
	in.boundBaseline(baselineCharacters)
	parts := s.Parts(BlockSize)
	in.Choose, in.Report = spread(parts.Choose), spread(parts.Report)
	return in, nil
}

// boundBaseline keeps the last limit characters of what the n-gram line learns, those nearest to the text that is measured.
// The copy lets the rest go.
func (in *input) boundBaseline(limit int) {
	in.Learned = len(in.Train)
	if in.Learned > limit {
		in.Train = slices.Clone(in.Train[in.Learned-limit:])
	}
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
			return fmt.Errorf("%w: %w %q; choose among %s", ErrInput, ErrKind, k, strings.Join(PairKinds(), ", "))
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

// scoredSymbols is the number of symbols the blocks score.
func scoredSymbols(blocks []text.Block) int64 { return specimen.Scored(text.BlockList(blocks)) }

// spread lists the blocks, at most maxCharacter characters' worth, evenly.
func spread(blocks text.Blocks) []text.Block {
	n := min(blocks.Len(), maxCharacter/BlockSize)
	out := make([]text.Block, n)
	for i := range out {
		out[i] = blocks.At(i * blocks.Len() / n)
	}
	return out
}

// splits tells that a symbol may be a part of what is read, or more than one thing of it.
func (in *input) splits() bool { return !in.Alphabet.OneEach() }
