package memory

import (
	"context"
	"errors"
	"testing"

	"github.com/rnnscope/rnnscope/specimen"
)

// Of a long text its end is held: blocks lie there with what is read before them, positions stay those of
// the text, the same pairs are found, and a position before it is refused.
func TestTheEndOfALongTextIsHeld(t *testing.T) {
	s := waitInput(t)
	n := s.Text.Source.Len()
	whole, err := newInput(s)
	if err != nil {
		t.Fatal(err)
	}
	defer func(was int) { heldSymbols = was }(heldSymbols)
	heldSymbols = n - whole.Choose[0].Lo + pairLead
	end, err := newInput(s)
	if err != nil {
		t.Fatal(err)
	}
	if end.IDs.from != n-heldSymbols || end.IDs.at(end.IDs.from) != whole.IDs.at(end.IDs.from) || end.IDs.end() != n {
		t.Fatalf("held from %d of %d", end.IDs.from, end.IDs.end())
	}
	if len(end.Choose) != len(whole.Choose) || len(end.Report) != len(whole.Report) || end.Learned != whole.Learned || len(end.Train) != len(whole.Train) {
		t.Errorf("%d and %d blocks, %d and %d for the n-gram line", len(end.Choose), len(whole.Choose), len(end.Train), len(whole.Train))
	}
	opt := Options{Seed: 6, Workers: 2, Suites: []string{SuiteNone}}
	all, err := Run(context.Background(), s, opt, nil)
	if err != nil {
		t.Fatal(err)
	}
	if all.From != int64(end.IDs.from) || all.Reported != scoredSymbols(whole.Report) {
		t.Errorf("held from %d, %d measured", all.From, all.Reported)
	}
	opt.At = []int{end.IDs.from}
	if _, err := Run(context.Background(), s, opt, nil); !errors.Is(err, ErrPosition) {
		t.Errorf("a position that is not held: %v", err)
	}
	heldSymbols--
	if less, err := newInput(s); err != nil || len(less.Choose) != len(whole.Choose)-1 {
		t.Errorf("a block whose lead is not held: %v, %v", less.Choose, err)
	}
	heldSymbols = 100
	if _, err := newInput(s); !errors.Is(err, specimen.ErrInput) {
		t.Errorf("nothing held to choose on: %v", err)
	}
}
