package rnn

import (
	"fmt"
	"math"
	"math/rand/v2"
	"sync/atomic"

	"github.com/rnnscope/rnnscope/internal/crew"
	"github.com/rnnscope/rnnscope/internal/f32"
)

// PassOptions says what a Pass is for.
type PassOptions struct {
	T, B     int
	Backward bool     // keep what Backward needs
	Workers  int      // goroutines, 0: GOMAXPROCS; the result's bits never depend on it
	Train    bool     // apply dropout (SetDropout gives it its randomness)
	Sites    []string // states and gates kept for Read; the copies h.rec, h.up, h.out, c.rec only go through a Hook

	block int // steps in a time block, 0: chosen by blockRows; tests choose small ones
	own   int // in the place of ownRows, 0: that
}

// Pass runs a model over chunks of T steps and B streams. It allocates when it is
// made and not afterwards. It is for one goroutine at a time.
//
// The rows of the batch are cut into shards, one a worker, that run through time and from
// layer to layer without waiting for each other. Where shards are small, what is one product
// over all rows of a block of steps (inputs of upper layers, logits) is shared out by rows
// between two barriers.
type Pass struct {
	m        *Model
	o        PassOptions
	cell     cellStep
	crew     *crew.Crew
	shards   int
	own      bool // every worker makes the products between layers for its own rows
	block    int  // steps in a time block
	ahead    int  // steps whose input products are made at once
	most     int  // rows in a chunk at most
	layers   []passLayer
	table    []float32 // [V,GH] what an input symbol adds to the gates of layer 0
	dTable   []float32 // [V,GH] its gradient
	encoder  *encoder  // nil with one-hot input
	head     head
	xin      []float32 // [ahead,B,GH] input products of an upper layer, rows as those of gates
	dRec     []float32 // [B,3H] GRU: gradient by the recurrent products, one step, rows as those of gates
	dh       []float32 // [block,B,H] gradient from above
	drop     dropout
	counter  *counter // nil without Config.Counter
	tasks    []task
	packs    []packTask
	reads    map[string]*reading
	keepsSum []bool // by layer: the Elman sum is a kept site

	// The call under way.
	x, y       []int32
	losses     []float32 // [T*B]
	scale      float32
	st         *State
	hook       *hookSites
	forwarded  bool
	padded     bool        // some symbol of x is padding
	altered    atomic.Bool // a hook changed something since Forward began
	seed       Seed
	norms      []float32
	inputGrads []float32   // [T*B,V], nil unless they are asked for
	seedRow    []float32   // [workers,V], allocated by InputGradient
	tableT     *f32.Packed // [GH,V], likewise

	runForward, runAlone, runScore, runBackward, runRepack, runLogits, runInput func(worker int)
}

// passLayer is what one layer keeps of a chunk.
type passLayer struct {
	w     *layer
	gates []float32 // [steps,B,GH], rows gateStride apart: gates, then their gradients; steps: T or 1
	h     []float32 // [T+1,B,H], slot 0 the state at the start
	c     []float32 // [T+1,B,H] or, not kept, [2,B,H] in turn
	tanhC []float32 // [T,B,H] or [1,B,H]
	hn    []float32 // GRU, [T,B,H] or [1,B,H], rows oddLines(H) apart: W_hn h + b_hn, then its gradient
	x     []float32 // [T,B,H] with dropout: h after the mask, what the layer above reads

	steps  int // slots of gates
	keepC  bool
	keepTC bool // tanhC and hn have T slots

	bias []float32  // [GH] b_ih + b_hh (LSTM, Elman)
	hhT  f32.Packed // [H,GH]
	hh   f32.Packed // [GH,H], with Backward
	ihT  f32.Packed // [H,GH], upper layers
	ih   f32.Packed // [GH,H], upper layers with Backward

	dhc, dcc []float32 // [B,H] gradients carried back through time

	// Copies for a hook that changes what one reader sees, allocated when first asked for.
	hrec, crec []float32 // [B,H]
	hread      []float32 // [T,B,H] h.up or h.out
}

func (p *Pass) width() int     { return p.m.cfg.Hidden }
func (p *Pass) gateWidth() int { return p.m.cfg.Gates() * p.m.cfg.Hidden }

// gateStride is the distance between rows of gates. The Elman cell takes all rows of a step
// as one piece.
func (p *Pass) gateStride() int {
	if p.m.cfg.Cell == Elman {
		return p.gateWidth()
	}
	return oddLines(p.gateWidth())
}

// gateRow is row i of gates or what is laid out like them.
func (p *Pass) gateRow(m []float32, i int) []float32 {
	at, gh := i*p.gateStride(), p.gateWidth()
	return m[at : at+gh : at+gh]
}

// hnRow is row i of the GRU's hn.
func (p *Pass) hnRow(m []float32, i int) []float32 {
	n := p.width()
	at := i * oddLines(n)
	return m[at : at+n : at+n]
}

// shard is the rows [lo,hi) of worker w; empty when there are more workers than rows.
func (p *Pass) shard(w int) (lo, hi int) {
	if w >= p.shards {
		return 0, 0
	}
	return w * p.o.B / p.shards, (w + 1) * p.o.B / p.shards
}

// chunk is the size of equal chunks of rows, as many for every worker.
func (p *Pass) chunk(rows int) int {
	of := p.o.Workers
	rounds := (rows + of*p.most - 1) / (of * p.most)
	return (rows + of*rounds - 1) / (of * rounds)
}

// claim gives the asking worker the next chunk [lo,hi) of rows, empty at the end.
func (p *Pass) claim(rows int) (lo, hi int) {
	size := p.chunk(rows)
	lo = p.crew.Next() * size
	return min(lo, rows), min(lo+size, rows)
}

// Repack must be called after the weights changed and before the next Forward.
func (p *Pass) Repack() { p.crew.Do(p.runRepack) }

// SetDropout gives the randomness of dropout: every Forward draws one value from rng.
func (p *Pass) SetDropout(rng *rand.Rand) { p.drop.rng = rng }

// Forward reads x [T,B] from the state st and leaves st after the last step. A
// negative symbol is padding: the row keeps its state. hook may be nil. It panics
// when x or st has another shape, a symbol is not below V, the hook asks for a site
// the network does not have, or dropout has no randomness.
func (p *Pass) Forward(x []int32, st *State, hook Hook) {
	p.padded = p.checkSymbols(x)
	if st.B != p.o.B || len(st.H) != len(p.layers) || st.width != p.width() || (st.C == nil) != (p.m.cfg.Cell != LSTM) || (st.Count == nil) == p.m.cfg.Counter {
		panic("rnn: Forward from a state of another shape")
	}
	p.drop.draw()
	p.x, p.st, p.hook = x, st, p.resolveHook(hook)
	p.altered.Store(false)
	if p.alone() {
		p.crew.Do(p.runAlone)
	} else {
		p.crew.Do(p.runForward)
	}
	p.st, p.forwarded = nil, true
}

// Score is the summed loss, in nats, of the last Forward against the targets y
// [T,B]; positions with a negative target are left out. losses [T,B], if not nil,
// receives every position's own (0 where left out).
func (p *Pass) Score(y []int32, losses []float32) float64 {
	p.checkForwarded()
	p.checkSymbols(y)
	p.y = y
	p.crew.Do(p.runScore)
	if losses != nil {
		copy(losses, p.losses)
	}
	return p.total()
}

// Backward is Score that also overwrites the model's gradients with those of
// scale * (summed loss), truncated at the start of the chunk. It uses up the last
// Forward: the gates hold their gradients afterwards, and neither Backward nor Read
// of a gate may follow before the next Forward. It panics without
// PassOptions.Backward, and after a Forward in which a hook changed a value.
func (p *Pass) Backward(y []int32, scale float32) float64 {
	p.checkBackward()
	if c := p.m.cfg; c.Head != (Head{}) || c.Start {
		panic("rnn: a network with a head or a start of its own is not trained; use InputGradient")
	}
	p.checkSymbols(y)
	p.y, p.scale, p.seed = y, scale, nil
	p.crew.Do(p.runBackward)
	p.forwarded = false
	return p.total()
}

// total adds the losses in the order of positions.
func (p *Pass) total() float64 {
	var sum float64
	for _, l := range p.losses {
		sum += float64(l)
	}
	return sum
}

func (p *Pass) checkForwarded() {
	if !p.forwarded {
		panic("rnn: there is no Forward to score")
	}
}

func (p *Pass) checkBackward() {
	p.checkForwarded()
	if !p.o.Backward {
		panic("rnn: this pass was made without Backward")
	}
	if p.altered.Load() {
		panic("rnn: Backward through values a hook changed")
	}
}

// checkSymbols panics on what is no text of this shape, and says whether it is padded.
func (p *Pass) checkSymbols(x []int32) (padded bool) {
	if len(x) != p.o.T*p.o.B {
		panic(fmt.Sprintf("rnn: %d symbols for %d steps of %d streams", len(x), p.o.T, p.o.B))
	}
	v := int32(min(p.m.cfg.Vocab, math.MaxInt32))
	low := int32(0)
	for _, s := range x {
		if s >= v {
			panic(fmt.Sprintf("rnn: symbol %d in an alphabet of %d", s, v))
		}
		low = min(low, s)
	}
	return low < 0
}

// cellStep is one step of one layer for rows [lo,hi), the recurrent products done:
// gates holds W_hh h. Time is a loop elsewhere.
type cellStep interface {
	// forward turns the products into gates and the new state.
	forward(p *Pass, l, t, lo, hi int)
	// units is forward for units [lo,hi) of a Stepper's one stream, from the state and,
	// but for h, to it; h is left in slot 1.
	units(p *Pass, l, lo, hi int)
	// share is forward for units [lo,hi) of the one row of a pass, v.
	share(p *Pass, l int, v *row, lo, hi int)
	// backward turns gates into gate gradients, given dhc, the whole gradient by h
	// of step t, and leaves in dhc what reaches the state before directly.
	backward(p *Pass, l, t, lo, hi int)
}

// task is a part of the weight gradients: rows, columns or units [lo,hi).
type task struct {
	kind   taskKind
	layer  int
	lo, hi int
}

type taskKind int

const (
	gradHH      taskKind = iota // rows of weight_hh, and biases of the GRU's n block
	gradIH                      // rows of weight_ih of an upper layer, and its biases
	gradTable                   // columns of the input table, and its biases
	gradCounter                 // weight and bias of the counter
)

// packTask is a range of columns of one matrix to pack, or the biases of a layer.
type packTask struct {
	to         *f32.Packed
	src        []float32
	ld         int
	trans      bool
	col0, col1 int
	bias       *passLayer // sum the two biases of this layer instead
}

// Seed sets the gradient by the logits of one position: d comes in as zeros, [V];
// logits are the position's own. It is called from several goroutines at once.
type Seed func(t, row int, logits, d []float32)

// head is the readout, logits = h W^T + b, and the memory it works in.
type head struct {
	w      *weight    // [V,H]
	b      *weight    // [V]
	fwd    f32.Packed // [H,V]
	back   f32.Packed // [V,H], with Backward
	logits []float32  // [rows,V], rows ld apart: a block of steps, or one chunk a worker
	ld     int        // V in whole cache lines
	all    []float32  // [T*B,V], allocated when Logits is first called
	before *features  // between h and the readout, nil where the readout reads h
	width  int        // of what the readout reads
}

// reading is a kept site.
type reading struct {
	layer, part int
	gate        []float32 // [B,H] scratch of a gate
}
