package dissect

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
	r, err := newModelReader(b.in.Model, b.in.Text, b.in.Model.Config().StateSites())
	if err != nil {
		t.Fatal(err)
	}
	want := readAll(t, r, b.in.Report)
	n := b.in.Report.Len()
	some := text.BlockList{b.in.Report.At(0), b.in.Report.At(n / 2), b.in.Report.At(n - 1)}
	bytes := scored(some) * 2 * 6 * 4
	for _, most := range []int64{bytes - 1, bytes} {
		if err := r.hold(context.Background(), some, 2, most); err != nil {
			t.Fatal(err)
		}
		if held := len(r.held); held != 0 != (most == bytes) {
			t.Fatalf("%d blocks held of %d bytes, %d allowed", held, bytes, most)
		}
		for s, acts := range readAll(t, r, b.in.Report) {
			if !slices.Equal(acts, want[s]) {
				t.Errorf("site %d: other activations with %d blocks held", s, len(r.held))
			}
		}
	}
	r.held[keyOf(some[0])][0][0] = 7
	if readAll(t, r, b.in.Report)[0][0] != 7 {
		t.Error("a held block was computed again")
	}
	r.release()
	if readAll(t, r, b.in.Report)[0][0] != want[0][0] {
		t.Error("a released block is still there")
	}
}
