// Package reading keeps passages that a page shows and somebody edits: what the network did over them, read on from the first
// change.
package reading

import (
	"fmt"
	"math"
	"sync"

	"github.com/rnnscope/rnnscope/checkpoint"
	"github.com/rnnscope/rnnscope/trace"

	"github.com/rnnscope/rnnscope/web/frame"
	"github.com/rnnscope/rnnscope/web/guard"
)

// Bounds of passages that are read live.
const (
	storeBytes   = 256 << 20 // of all readings together
	passageBytes = 64 << 20  // of one
	passageMost  = 20_000    // symbols
	likeliest    = 5
	headBytes    = 64 << 10 // of a text, for what is shown first
	First        = 96       // symbols of the first piece that is sent: soon there
	Next         = 256      // of the others
)

// Reading is a passage that a page shows: the network's states over it, kept while somebody
// edits so that only what follows the edit is read again.
type Reading struct {
	mu   sync.Mutex // one request at a time
	ID   string
	Run  string
	Made int64 // when the run was created
	Net  *checkpoint.Checkpoint
	Live *trace.Live
	Warm int // leading symbols that the network reads before what is shown
}

func (r *Reading) bytes() int64 { return r.Live.Bytes() + 1<<16 }

// Len is how many symbols the page shows.
func (r *Reading) Len() int { return r.Live.Len() - r.Warm }

// Column is a unit's values over the shown symbols that were read.
func (r *Reading) Column(site string, unit, lo, hi int) ([]float32, error) {
	rows := r.Live.Values(site)
	if rows == nil {
		return nil, fmt.Errorf("%w: the reading has no site %q", guard.ErrRequest, site)
	}
	h := r.Net.Model.Config().Hidden
	if unit < 0 || unit >= h {
		return nil, fmt.Errorf("%w: there is no such unit: %s has units 0 to %d", guard.ErrRequest, site, h-1)
	}
	out := make([]float32, 0, hi-lo)
	for t := lo + r.Warm; t < hi+r.Warm; t++ {
		out = append(out, rows[t*h+unit])
	}
	return out, nil
}

// Piece is what is said of the shown symbols [lo,hi).
func (r *Reading) Piece(site string, unit, lo, hi int) []frame.Array {
	value, _ := r.Column(site, unit, lo, hi)
	n := hi - lo
	a, b := lo+r.Warm, hi+r.Warm
	ids, probs := r.Live.Top()
	k := 0
	if r.Live.Read() > 0 {
		k = len(ids) / r.Live.Read()
	}
	return []frame.Array{
		frame.Of("value", []int{n}, value),
		frame.Of("loss", []int{n}, Bits(r.Live.Losses()[a:b])),
		frame.Of("entropy", []int{n}, Bits(r.Live.Entropies()[a:b])),
		frame.Of("next", []int{n, k}, ids[a*k:b*k]),
		frame.Of("probability", []int{n, k}, probs[a*k:b*k]),
	}
}

// Bits is nats in bits.
func Bits(nats []float32) []float32 {
	out := make([]float32, len(nats))
	for i, v := range nats {
		out[i] = float32(float64(v) / math.Ln2)
	}
	return out
}
