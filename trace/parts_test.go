package trace

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/text"
)

// TestPartsAreTheTrace: every value of every site, whatever the warm-up, the length of
// blocks, their number and the workers, is to the bit that of a whole trace.
func TestPartsAreTheTrace(t *testing.T) {
	for _, cell := range []rnn.Cell{rnn.LSTM, rnn.GRU, rnn.Elman} {
		for _, hidden := range []int{5, 128} { // gates of 128 are not stored row behind row
			m, ids := sample(t, cell, hidden, 2, 4000)
			opt := Options{Sites: readable(m), Visitors: 3, Workers: 2}
			blocks := []text.Block{{Warm: 0, Lo: 0, Hi: 1203}, {Warm: 700, Lo: 1203, Hi: 1204}, {Warm: 704, Lo: 1204, Hi: 2204}, {Warm: 2000, Lo: 2300, Hi: 3899}}
			for k := 4; k < 60 && hidden < 10; k++ { // more than a batch
				blocks = append(blocks, text.Block{Warm: 3899, Lo: 3900 + k%7, Hi: 3940 + k})
			}
			want := make([][][]float32, len(blocks))
			for i, b := range blocks {
				err := Blocks(context.Background(), m, ids, []text.Block{b}, Options{Sites: opt.Sites}, func(_ int, x *Trace) error {
					for _, v := range x.Value {
						want[i] = append(want[i], slices.Clone(v))
					}
					return nil
				})
				if err != nil {
					t.Fatal(err)
				}
			}
			r := NewReader(m, opt)
			for range 2 { // the second time in the same memory
				partsAre(t, fmt.Sprint(cell, hidden), r, hidden, ids, blocks, want)
			}
			partsAre(t, fmt.Sprint(cell, hidden, " alone"), r, hidden, ids, blocks[3:4], want[3:4])
		}
	}
}

func partsAre(t *testing.T, what string, r *Reader, h int, ids []int32, blocks []text.Block, want [][][]float32) {
	t.Helper()
	var mu sync.Mutex
	next := make([]int, len(blocks))
	err := r.Parts(context.Background(), ids, blocks, func(_ int, p *Part) error {
		mu.Lock()
		defer mu.Unlock()
		if p.Lo != next[p.Block] || p.Lo%PartSize != 0 || p.Hi <= p.Lo {
			t.Errorf("%s: block %d: part %d to %d after %d", what, p.Block, p.Lo, p.Hi, next[p.Block])
		}
		next[p.Block] = p.Hi
		for s, values := range p.Value {
			for n := p.Lo; n < p.Hi; n++ {
				got := values[(n-p.Lo)*h:][:h]
				if !slices.Equal(got, want[p.Block][s][n*h:(n+1)*h]) {
					return fmt.Errorf("%s: site %d of block %d, symbol %d: other values", what, s, p.Block, n)
				}
				if s == 0 {
					clear(got) // nobody else may see it
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, b := range blocks {
		if next[i] != b.Len() {
			t.Errorf("%s: block %d: %d of %d symbols", what, i, next[i], b.Len())
		}
	}
}

// TestPartsStop: the first error ends it, and so does the context.
func TestPartsStop(t *testing.T) {
	m, ids := sample(t, rnn.GRU, 4, 1, 3000)
	blocks := []text.Block{{Warm: 0, Lo: 100, Hi: 3000}}
	stop := errors.New("stop")
	r := NewReader(m, Options{Sites: []string{"l0.h"}})
	if err := r.Parts(context.Background(), ids, blocks, func(int, *Part) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("got %v, want the visitor's error", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := r.Parts(ctx, ids, blocks, func(int, *Part) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the context's error", err)
	}
}
