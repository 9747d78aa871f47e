package memory

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sort"
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

// heldSymbols bounds what is held of a text, at four bytes a symbol: of a longer one its end, where an
// own text has its validation and test. A variable, so that a test can ask for less.
var heldSymbols = 64_000_000

// input is a specimen as memory reads it: the text held, in long blocks.
type input struct {
	Name     string         // of the text
	Model    *rnn.Model     //
	Alphabet *text.Alphabet // the network's
	IDs      stretch        // the text in the network's symbols, or the end of a long one
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
	if err := in.hold(s); err != nil {
		return nil, err
	}
	// Of what the n-gram line learns the part nearest to the text that is measured is kept.
	if in.Train, in.Learned, in.Baseline, err = s.TrainingTail(BlockSize, baselineCharacters); err != nil {
		return nil, err
	}
	parts := s.Parts(BlockSize)
	in.Choose, in.Report = in.spread(parts.Choose), in.spread(parts.Report)
	if len(in.Choose) == 0 || len(in.Report) == 0 {
		return nil, fmt.Errorf("%w: the last %d symbols of the text, which are all that memory holds, have nothing to choose on or to report on", ErrInput, heldSymbols)
	}
	return in, nil
}

// stretch is the end of a text from a position on; places are those in the text.
type stretch struct {
	from int
	ids  []int32
}

func (s stretch) at(p int) int32 { return s.ids[p-s.from] }

// span is shared, not copied.
func (s stretch) span(lo, hi int) []int32 { return s.ids[lo-s.from : hi-s.from] }

// end is the length of the text.
func (s stretch) end() int { return s.from + len(s.ids) }

// hold reads the text, or the end of a long one.
func (in *input) hold(s *specimen.Specimen) (err error) {
	n := s.Text.Source.Len()
	if n <= heldSymbols {
		in.IDs.ids, err = s.IDs()
		return err
	}
	in.IDs = stretch{from: n - heldSymbols, ids: make([]int32, heldSymbols)}
	return s.Text.Source.Read(in.IDs.ids, in.IDs.from)
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

// spread lists the blocks that are held with what is read before them, at most maxCharacter characters' worth, evenly.
func (in *input) spread(blocks text.Blocks) []text.Block {
	first := 0
	if in.IDs.from > 0 {
		first = sort.Search(blocks.Len(), func(i int) bool { return blocks.At(i).Lo-max(pairLead, BlockSize) >= in.IDs.from })
	}
	there := blocks.Len() - first
	n := min(there, maxCharacter/BlockSize)
	out := make([]text.Block, n)
	for i := range out {
		out[i] = blocks.At(first + i*there/n)
	}
	return out
}

// splits tells that a symbol may be a part of what is read, or more than one thing of it.
func (in *input) splits() bool { return !in.Alphabet.OneEach() }
