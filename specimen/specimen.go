package specimen

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"sync"

	"github.com/rnnscope/rnnscope/checkpoint"
	"github.com/rnnscope/rnnscope/finding"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/text"
)

// Errors; match with errors.Is.
var (
	// ErrInput marks a specimen that cannot be examined.
	ErrInput = errors.New("cannot be examined")
	// ErrNoWeights marks a question that needs the network's weights, asked of states
	// that were recorded elsewhere.
	ErrNoWeights = errors.New("needs the network's weights")
)

// NoStep is the step of training of a network of which nobody knows it.
const NoStep = -1

// Network is a network and its alphabet at a step of its training.
type Network struct {
	Model    *rnn.Model
	Alphabet *text.Alphabet
	Step     int64  // of its training; NoStep where nobody knows
	SHA256   string // of its weights, hex; "" where nobody knows
}

// NetworkOf is the network of a checkpoint.
func NetworkOf(c *checkpoint.Checkpoint) Network {
	return Network{Model: c.Model, Alphabet: c.Alphabet, Step: c.Step, SHA256: c.WeightsSHA256()}
}

// Text is a text in a network's symbols.
type Text struct {
	Name   string      // what reports call it
	SHA256 string      // of the text's bytes, hex: two texts of one name are not taken for one another
	Source text.Source // read piece by piece and never held, unless IDs is asked for
}

// InMemory is a text in memory.
func InMemory(c *text.Corpus) Text {
	return Text{Name: c.Name, SHA256: c.SHA256, Source: text.InMemory(c.IDs)}
}

// TextOf is a text in memory of which the bytes are at hand.
func TextOf(name string, raw []byte, ids []int32) Text {
	return Text{Name: name, SHA256: sumOf(raw), Source: text.InMemory(ids)}
}

// OnFile is a text that stays on its medium; the file must stay open.
func OnFile(f *text.File) Text { return Text{Name: f.Name, SHA256: f.SHA256, Source: f} }

// Specimen is a network or recorded states, and a text cut into parts. Make one with
// Own, Other, Written or Recorded.
type Specimen struct {
	Network             // Model is nil where only states are given
	Text    Text        //
	Split   string      // name of what is reported on: "test of tail 80/10/10"
	Learn   []text.Span // where contexts are counted and baselines learn, ascending
	Measure []text.Span // where figures are measured, ascending, disjoint from what is chosen on

	cut      func(size int) Parts
	recorded *RecordedStates // nil: the network computes its states
	controls []*RecordedStates
	overlay  func(States) States
	learned  string    // what Learn is, in words
	unseen   text.Span // what the network has not learned from, in one piece
	unseenIs string    // that, in words
	origin   Learned   // what the network learned from, where that is another text

	once sync.Once
	ids  []int32
	err  error
}

// Parts are blocks of a text, ascending.
type Parts struct {
	Choose text.Blocks // where units, signs and thresholds are chosen
	Report text.Blocks // where figures are measured, disjoint from Choose
}

// OwnText is the specimen of a network and the text it was trained on: whatever is chosen
// is chosen on validation, figures are measured on test.
func OwnText(n Network, t Text, s text.Split) *Specimen {
	return &Specimen{
		Network: n, Text: t, Split: "test of " + s.Name, learned: "the training part of " + s.Name,
		Learn: []text.Span{s.Train}, Measure: []text.Span{s.Test},
		unseen: text.Span{Lo: s.Val.Lo, Hi: s.Test.Hi}, unseenIs: "validation and test of " + s.Name,
		cut: func(size int) Parts {
			g := text.Grid{Size: size}
			return Parts{Choose: g.Tiling(s.Val), Report: g.Tiling(s.Test)}
		},
	}
}

// OtherText is the specimen of a network and a text it was not trained on: whatever is
// chosen is chosen on the even blocks, figures are measured on the odd ones.
func OtherText(n Network, t Text) *Specimen {
	length := 0
	if t.Source != nil {
		length = t.Source.Len()
	}
	even, odd := text.Alternating(length, 0)
	return &Specimen{
		Network: n, Text: t, Split: "odd of " + text.AlternatingName, Learn: spansOf(even), Measure: spansOf(odd),
		unseen: text.Span{Hi: length}, unseenIs: finding.WholeText.String(),
		cut: func(size int) Parts {
			even, odd := text.AlternatingTilings(length, size)
			return Parts{Choose: even, Report: odd}
		},
	}
}

// Learned reads the last limit symbols of what a network learned from, and says how many there are.
// nil without an error: nobody knows it.
type Learned func(limit int) (ids []int32, total int, err error)

// LearnedFrom says how to read what the network of an OtherText specimen was trained on: what
// baselines learn from then.
func (s *Specimen) LearnedFrom(read Learned) { s.origin = read }

// learnedElsewhere is what origin's symbols are called.
const learnedElsewhere = "the network's training text"

// Training is what the network learned from, in its symbols, and which part of which text
// that is, in words. Where nobody knows the network's own text (it was imported), it is
// the part of this text that is chosen on, in blocks of size symbols.
func (s *Specimen) Training(size int) (ids []int32, words string, err error) {
	if s.origin != nil {
		if ids, _, err = s.origin(math.MaxInt); ids != nil || err != nil {
			return ids, learnedElsewhere, err
		}
	}
	if s.learned != "" {
		all, err := s.IDs()
		if err != nil {
			return nil, "", err
		}
		return all[s.Learn[0].Lo:s.Learn[0].Hi], s.learned, nil
	}
	ids, _, err = s.evenTail(size, s.Text.Source.Len())
	return ids, s.evenBlocks(), err
}

// TrainingTail is the last limit symbols of Training, and how many there are: no more than these are held.
func (s *Specimen) TrainingTail(size, limit int) (ids []int32, total int, words string, err error) {
	if s.origin != nil {
		if ids, total, err = s.origin(limit); ids != nil || err != nil {
			return ids, total, learnedElsewhere, err
		}
	}
	if s.learned != "" {
		b := s.Learn[0]
		ids = make([]int32, min(limit, b.Hi-b.Lo))
		return ids, b.Hi - b.Lo, s.learned, s.Text.Source.Read(ids, b.Hi-len(ids))
	}
	ids, total, err = s.evenTail(size, limit)
	return ids, total, s.evenBlocks(), err
}

func (s *Specimen) evenBlocks() string { return "the even blocks of " + s.Text.Name }

// evenTail is the last limit symbols of the blocks that are chosen on, one after another, and how many
// symbols they have.
func (s *Specimen) evenTail(size, limit int) (ids []int32, total int, err error) {
	choose := s.Parts(size).Choose
	for i := range choose.Len() {
		total += choose.At(i).Len()
	}
	ids = make([]int32, min(limit, total))
	left := len(ids)
	for i := choose.Len() - 1; left > 0; i-- {
		b := choose.At(i)
		n := min(left, b.Len())
		if err := s.Text.Source.Read(ids[left-n:left], b.Hi-n); err != nil {
			return nil, 0, err
		}
		left -= n
	}
	return ids, total, nil
}

// Unseen is all of the text that the network has not learned from, in one piece, and what
// that is, in words: for who looks how a text is made and chooses nothing in it. Errors
// match ErrInput (there is none) or are those of the text's medium.
func (s *Specimen) Unseen() (ids []int32, words string, err error) {
	if s.unseenIs == "" {
		return nil, "", fmt.Errorf("%w: of %q nobody knows what was not learned from", ErrInput, s.Text.Name)
	}
	all, err := s.IDs()
	if err != nil {
		return nil, "", err
	}
	return all[s.unseen.Lo:s.unseen.Hi], s.unseenIs, nil
}

// Parts cuts the text into blocks of size scored symbols, 0 standing for
// text.DefaultBlock. Recorded states keep the blocks they were taken in.
func (s *Specimen) Parts(size int) Parts { return s.cut(size) }

// SetParts has the parts cut by a rule of the caller's own: for simulations, whose texts are
// made of parts.
func (s *Specimen) SetParts(cut func(size int) Parts) { s.cut = cut }

// IDs is the whole text, read once and then held. Errors are those of the text's medium.
func (s *Specimen) IDs() ([]int32, error) {
	s.once.Do(func() {
		if held, ok := s.Text.Source.(text.InMemory); ok {
			s.ids = held
			return
		}
		s.ids = make([]int32, s.Text.Source.Len())
		s.err = s.Text.Source.Read(s.ids, 0)
	})
	return s.ids, s.err
}

// Close lets go of a text that stays on its medium.
func (s *Specimen) Close() error {
	if f, ok := s.Text.Source.(*text.File); ok {
		return f.Close()
	}
	return nil
}

// Symbols is V: how many different symbols there can be.
func (s *Specimen) Symbols() int {
	if s.Model != nil {
		return s.Model.Config().Vocab
	}
	return s.Alphabet.Size()
}

// Weights is the network, or an error that matches ErrNoWeights and says that what needs
// them, in words, cannot be answered of states alone.
func (s *Specimen) Weights(what string) (*rnn.Model, error) {
	if s.Model == nil {
		return nil, fmt.Errorf("%s %w: these states were recorded elsewhere", what, ErrNoWeights)
	}
	return s.Model, nil
}

// Sites are the sites that are looked at unless others are named: h of every layer and c
// of an LSTM; of recorded states all there are.
func (s *Specimen) Sites() []string {
	if s.recorded == nil {
		return s.Model.Config().StateSites()
	}
	var names []string
	for _, site := range s.recorded.Sites() {
		names = append(names, site.Name)
	}
	return names
}

// Check says why a specimen cannot be looked at in blocks of size symbols; it matches
// ErrInput.
func (s *Specimen) Check(size int) error {
	if s.Alphabet == nil || s.Model == nil && s.recorded == nil {
		return fmt.Errorf("%w: a network and its alphabet are needed", ErrInput)
	}
	if v := s.Symbols(); s.Alphabet.Size() > v {
		return fmt.Errorf("%w: the alphabet has %d symbols, the network %d", ErrInput, s.Alphabet.Size(), v)
	}
	if s.Text.Source == nil || s.cut == nil {
		return fmt.Errorf("%w: a text and blocks of it are needed", ErrInput)
	}
	held, _ := s.Text.Source.(text.InMemory) // any other source decodes with the alphabet
	for p, id := range held {
		if id < 0 || int(id) >= s.Symbols() {
			return fmt.Errorf("%w: symbol %d at position %d is outside the network's %d", ErrInput, id, p, s.Symbols())
		}
	}
	parts := s.Parts(size)
	if parts.Choose == nil || parts.Report == nil {
		return fmt.Errorf("%w: a text and blocks of it are needed", ErrInput)
	}
	if Scored(parts.Choose) == 0 || Scored(parts.Report) == 0 {
		return fmt.Errorf("%w: %d characters of %q leave none to choose units on or none to report on; give a longer text",
			ErrInput, s.Text.Source.Len(), s.Text.Name)
	}
	return nil
}

func sumOf(raw []byte) string {
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}

func spansOf(blocks []text.Block) []text.Span {
	var out []text.Span
	for _, b := range blocks {
		out = append(out, text.Span{Lo: b.Lo, Hi: b.Hi})
	}
	return out
}
