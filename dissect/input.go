package dissect

import (
	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/text"
)

// ErrInput marks a specimen that cannot be dissected.
var ErrInput = specimen.ErrInput

// input is a specimen with its parts in blocks of text.DefaultBlock.
type input struct {
	*specimen.Specimen
	Choose text.Blocks // where units are chosen
	Report text.Blocks // where figures are measured
}

func newInput(s *specimen.Specimen) (*input, error) {
	if err := s.Check(text.DefaultBlock); err != nil {
		return nil, err
	}
	parts := s.Parts(text.DefaultBlock)
	return &input{s, parts.Choose, parts.Report}, nil
}

func (in *input) parts() specimen.Parts { return specimen.Parts{Choose: in.Choose, Report: in.Report} }

// Options of a dissection. The zero value asks for everything at its default.
type Options struct {
	Sites     []string          // default: h of every layer, and c for the LSTM
	Concepts  []concept.Concept // default: concept.All()
	Untrained int               // untrained networks of the same shape for "learned"; 0: none, nothing is then called learned
	Positions int               // characters each of them reads, default 20,000
	Draws     int               // local-4 swaps behind a p, default 40 a test of the family, at least 9,999
	Seed      uint64            // moves every draw; 0, which the commands leave it at, makes a verdict depend on nothing but network, text, unit and concept
	Workers   int               // goroutines, default one a core; no result depends on it
	Version   string            // of the program, for the findings
	AnyRule   bool              // measure concepts whose rules are for other kinds of text as well; for simulations

	cuts   map[string]int32 // by concept: a depth is on above it
	Extent Extent           // how much is looked at besides figures
}

// Extent says how much of a dissection is made.
type Extent int

// The extents.
const (
	Everything  Extent = iota
	CloserOnly         // of what shows text only the closer look
	FiguresOnly        // nothing that shows text
)

// Progress is told how many of the characters to be read have been read. It is
// called from several goroutines, never at once.
type Progress func(done, total int64)

// Sizes of what is kept. All of them bound memory, none depends on the text.
const (
	// whole blocks, since slow units go on rising for as long as they are read: 48 stretches of 500
	// characters missed the heights of one in Wikipedia markup
	sampleBlocks = 16  // blocks that settle the bin borders: 4,096 values a unit from 16 places
	detailBlocks = 64  // blocks looked at character by character, chosen by hash
	maxSegments  = 200 // of the jackknife
)

// defaultPositions is what an untrained network reads unless told otherwise.
const defaultPositions = 20_000
