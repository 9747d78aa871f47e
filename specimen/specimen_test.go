package specimen

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/text"
)

// TestRecordedStatesReadAsTheNetworkDoes: the states of a network written down and read back
// as states from elsewhere are the same, block by block.
func TestRecordedStatesReadAsTheNetworkDoes(t *testing.T) {
	b := newBench(t, "mixed", 30_000, rnn.LSTM, 6)
	parts := b.Parts(0)
	states, err := b.States(b.Sites())
	if err != nil {
		t.Fatal(err)
	}
	n := b.Text.Source.Len()
	values := make([][]float32, len(states.Sites()))
	var blocks [][]text.Block
	for _, p := range []text.Blocks{parts.Choose, parts.Report} {
		blocks = append(blocks, ChooseBlocks(p, p.Len()))
	}
	for s, site := range states.Sites() {
		values[s] = make([]float32, n*site.Units)
		for _, list := range blocks {
			at := 0
			own := readAll(t, states, text.BlockList(list))[s]
			for _, x := range list {
				at += copy(values[s][x.Lo*site.Units:x.Hi*site.Units], own[at:])
			}
		}
	}
	recorded, err := NewRecordedStates(n, states.Sites(), values)
	if err != nil {
		t.Fatal(err)
	}
	s, err := FromRecording(Recording{States: recorded, Alphabet: b.Alphabet, Choose: blocks[0], Report: blocks[1], Split: "test"}, b.Text)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Check(0); err != nil {
		t.Fatal(err)
	}
	again, err := s.States([]string{"l0.c"})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(readAll(t, again, s.Parts(0).Report)[0], readAll(t, states, parts.Report)[1]) {
		t.Error("recorded states differ from those of the network")
	}
	if _, err := s.Weights("steering"); !errors.Is(err, ErrNoWeights) || !strings.HasPrefix(err.Error(), "steering needs") {
		t.Errorf("states alone are not enough, but: %v", err)
	}
	if _, err := s.States([]string{"l0.i"}); !errors.Is(err, ErrInput) {
		t.Errorf("a site that was not recorded: %v", err)
	}
	if n := s.Controls(19); n != 0 {
		t.Errorf("%d control networks without any", n)
	}
}

func TestRecordedStatesAreRefused(t *testing.T) {
	b := newBench(t, "mixed", 30_000, rnn.Elman, 2)
	h := Site{Name: "h", Units: 2}
	nan := float32(math.NaN())
	for name, err := range map[string]error{
		"no site":         second(NewRecordedStates(3, nil, nil)),
		"one name twice":  second(NewRecordedStates(1, []Site{h, h}, [][]float32{{1, 2}, {1, 2}})),
		"another length":  second(NewRecordedStates(3, []Site{h}, [][]float32{{1, 2, 3, 4}})),
		"not a number":    second(NewRecordedStates(1, []Site{h}, [][]float32{{1, nan}})),
		"no units":        second(NewRecordedStates(1, []Site{{Name: "h"}}, [][]float32{{}})),
		"another text":    recordedOver(t, b, 7, Site{}),
		"another control": recordedOver(t, b, b.Text.Source.Len(), Site{Name: "h", Units: 3}),
		"control's name":  recordedOver(t, b, b.Text.Source.Len(), Site{Name: "c", Units: 2}),
	} {
		if !errors.Is(err, ErrInput) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func second(_ *RecordedStates, err error) error { return err }

// recordedOver makes a specimen of states at n positions, with one control unless it has no units.
func recordedOver(t *testing.T, b *bench, n int, control Site) error {
	t.Helper()
	made := func(s Site) *RecordedStates {
		r, err := NewRecordedStates(n, []Site{s}, [][]float32{make([]float32, n*s.Units)})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	r := Recording{States: made(Site{Name: "h", Units: 2}), Alphabet: b.Alphabet}
	if control.Units > 0 {
		r.Controls = append(r.Controls, made(control))
	}
	_, err := FromRecording(r, b.Text)
	return err
}

// TestTrainingIsWhatTheNetworkLearnedFrom: of its own text the training part, of another
// text that of the first, and the blocks that are chosen on where nobody knows it.
func TestTrainingIsWhatTheNetworkLearnedFrom(t *testing.T) {
	b := newBench(t, "mixed", 30_000, rnn.Elman, 2)
	all, err := b.IDs()
	if err != nil {
		t.Fatal(err)
	}
	own, words, err := b.Training(0)
	if err != nil || !slices.Equal(own, all[:b.split.Train.Hi]) || words != "the training part of "+b.split.Name {
		t.Errorf("%d symbols of %q: %v", len(own), words, err)
	}
	other := OtherText(b.Network, Text{Name: "other", Source: text.InMemory(all[10_000:])})
	blind, words, err := other.Training(0)
	var want []int32
	even, _ := text.Alternating(len(all)-10_000, 0)
	for _, x := range even {
		want = append(want, all[10_000+x.Lo:10_000+x.Hi]...)
	}
	if err != nil || !slices.Equal(blind, want) || words != "the even blocks of other" {
		t.Errorf("%d symbols of %q, want %d: %v", len(blind), words, len(want), err)
	}
	tailIs := func(s *Specimen, whole []int32) {
		t.Helper()
		for _, limit := range []int{1, 7_000, len(whole), len(whole) + 1} {
			ids, total, _, err := s.TrainingTail(0, limit)
			if err != nil || total != len(whole) || !slices.Equal(ids, whole[max(0, len(whole)-limit):]) {
				t.Errorf("%d of %d symbols for %d of %d: %v", len(ids), total, limit, len(whole), err)
			}
		}
	}
	tailIs(b.Specimen, own)
	tailIs(other, blind)
	other.LearnedFrom(func(limit int) ([]int32, int, error) {
		return all[max(0, b.split.Train.Hi-limit):b.split.Train.Hi], b.split.Train.Hi, nil
	})
	known, words, err := other.Training(0)
	if err != nil || !slices.Equal(known, own) || words != "the network's training text" {
		t.Errorf("%d symbols of %q: %v", len(known), words, err)
	}
	tailIs(other, own)
	other.LearnedFrom(func(int) ([]int32, int, error) { return nil, 0, nil })
	tailIs(other, blind)
}
