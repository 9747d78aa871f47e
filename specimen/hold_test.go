package specimen

import (
	"context"
	"slices"
	"testing"

	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/text"
)

// TestHeldBlocksReadTheSame: some blocks from memory, others from the network, in their places;
// what would take too much is not held, and what was released is gone.
func TestHeldBlocksReadTheSame(t *testing.T) {
	b := newBench(t, "mixed", 60_000, rnn.LSTM, 6)
	report := b.Parts(0).Report
	r, err := NewNetworkStates(b.Model, b.Text.Source, b.Model.Config().StateSites())
	if err != nil {
		t.Fatal(err)
	}
	want := readAll(t, r, report)
	n := report.Len()
	some := text.BlockList{report.At(0), report.At(n / 2), report.At(n - 1)}
	bytes := Scored(some) * 2 * 6 * 4
	for _, most := range []int64{bytes - 1, bytes} {
		if err := r.Hold(context.Background(), some, 2, most); err != nil {
			t.Fatal(err)
		}
		if held := len(r.held); held != 0 != (most == bytes) {
			t.Fatalf("%d blocks held of %d bytes, %d allowed", held, bytes, most)
		}
		for s, acts := range readAll(t, r, report) {
			if !slices.Equal(acts, want[s]) {
				t.Errorf("site %d: other activations with %d blocks held", s, len(r.held))
			}
		}
	}
	r.held[keyOf(some[0])][0][0] = 7
	if readAll(t, r, report)[0][0] != 7 {
		t.Error("a held block was computed again")
	}
	r.Release()
	if readAll(t, r, report)[0][0] != want[0][0] {
		t.Error("a released block is still there")
	}
}

// readAll is the activations of all blocks, by site.
func readAll(t *testing.T, r States, of text.Blocks) [][]float32 {
	t.Helper()
	all := make([][]float32, len(r.Sites()))
	start := Numbering(of)
	for s, info := range r.Sites() {
		all[s] = make([]float32, int(Scored(of))*info.Units)
	}
	err := r.Read(context.Background(), ChooseBlocks(of, of.Len()), 1, func(_ int, p *Part) {
		for s, info := range r.Sites() {
			for n := p.Lo; n < p.Hi; n++ {
				copy(all[s][(start(p.Block)+n)*info.Units:][:info.Units], p.Row(s, n-p.Lo))
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}
