package rnn

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"sync/atomic"

	"github.com/rnnscope/rnnscope/internal/crew"
	"github.com/rnnscope/rnnscope/internal/f32"
)

// Rows of a time block: the logits and the gradients that come down from above live
// for one block of steps, not for all T. The input products of upper layers are made for
// fewer steps ahead, so that they are still near when the recurrence comes to them; for two
// workers it is as many rows as the matrix kernel takes at once.
const (
	blockRows = 1024
	aheadRows = 400
)

// blockLogits bounds the logits of a block of steps where the alphabet is large.
const blockLogits = 4 << 20

// chunkRows is how many rows one worker takes at most where rows are shared out: what
// the matrix kernel works on at once.
const chunkRows = 140

// ownRows is how many rows of the batch a worker must have to make the products between
// layers and those of the readout for its own rows, not for a share of all: then nobody
// waits and less memory changes cores. Fewer rows fill the matrix kernel's tiles worse than
// that saves (25 and 32 were a per cent slower of their own, 50 two faster).
const ownRows = 40

// maxWorkers bounds PassOptions.Workers: more would have no rows to work on.
const maxWorkers = 256

// PassOptions says what a Pass is for.
type PassOptions struct {
	T, B     int
	Backward bool     // keep what Backward needs
	Workers  int      // goroutines, 0: GOMAXPROCS; the result's bits never depend on it
	Train    bool     // apply dropout (SetDropout gives it its randomness)
	Sites    []string // states and gates kept for Read; the copies h.rec, h.up, h.out, c.rec only go through a Door

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
	door       *doorway
	forwarded  bool
	padded     bool        // some symbol of x is padding
	altered    atomic.Bool // a door changed something since Forward began
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

	// Copies of a door that changes one reader's value, allocated when first asked for.
	hrec, crec []float32 // [B,H]
	hread      []float32 // [T,B,H] h.up or h.out
}

// NewPass allocates a pass and packs the weights. Errors match ErrConfig (sizes
// below 1), ErrTooLarge or ErrSite.
func (m *Model) NewPass(o PassOptions) (*Pass, error) {
	if o.T < 1 || o.B < 1 {
		return nil, fmt.Errorf("%w: %d steps of %d streams, want at least 1 of each", ErrConfig, o.T, o.B)
	}
	if o.Workers < 0 {
		return nil, fmt.Errorf("%w: %d workers", ErrConfig, o.Workers)
	}
	if o.Workers == 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	o.Workers = min(o.Workers, maxWorkers)
	keep, err := m.kept(o.Sites)
	if err != nil {
		return nil, err
	}
	if err := fits(m.passBytes(o)); err != nil {
		return nil, err
	}
	p := &Pass{m: m, o: o, cell: cellOf(m.cfg), crew: crew.New(o.Workers), shards: min(o.Workers, o.B)}
	p.block = min(o.T, max(1, min(blockRows, blockLogits/m.cfg.Vocab)/o.B))
	p.ahead = min(o.T, max(1, aheadRows/o.B))
	if o.block > 0 {
		p.block, p.ahead = min(o.T, o.block), min(o.T, o.block)
	}
	own := ownRows
	if o.own > 0 {
		own = o.own
	}
	p.own = o.B >= own*o.Workers
	p.most = max(16, min(chunkRows, blockLogits/m.cfg.Vocab/o.Workers))
	var room arena
	p.allocate(keep, &room) // counts
	room.slab = f32.Make(room.n)
	p.allocate(keep, &room)
	p.head.before = newFeatures(p)
	p.planReads(keep)
	p.runForward, p.runAlone, p.runScore, p.runBackward = p.forward, p.forwardAlone, p.score, p.backward
	p.runRepack, p.runLogits, p.runInput = p.repack, p.allLogits, p.inputGradient
	p.planPacks()
	p.planTasks()
	p.Repack()
	return p, nil
}

// passBytes is about what a pass with these options allocates.
func (m *Model) passBytes(o PassOptions) float64 {
	c := m.cfg
	rows, h, gh := float64(o.T)*float64(o.B), float64(c.Hidden), float64(c.Gates()*c.Hidden)
	per := h
	if o.Backward {
		per = gh + 3*h
	}
	block := min(rows, max(blockRows, float64(o.B)))
	fixed := block*(gh+h+float64(c.Vocab)) + 2*float64(c.Parameters())
	return 4 * (rows*per*float64(c.Layers) + fixed)
}

// kept checks the sites of the options and returns which parts to keep, by layer.
func (m *Model) kept(sites []string) ([]map[string]bool, error) {
	keep := make([]map[string]bool, m.cfg.Layers)
	for l := range keep {
		keep[l] = map[string]bool{}
	}
	for _, name := range sites {
		s, err := m.Site(name)
		if err != nil {
			return nil, err
		}
		if s.copyOf() != "" {
			return nil, fmt.Errorf("%w to keep: %q is one reader's copy of l%d.%s and goes through a door only", ErrSite, name, s.Layer, s.copyOf())
		}
		keep[s.Layer][s.Part] = true
	}
	return keep, nil
}

// arena cuts one slab of memory into arrays; before it has its slab it counts.
type arena struct {
	n    int // floats asked for so far
	slab []float32
}

// take is the next n floats, from a cache line's start.
func (a *arena) take(n int) []float32 {
	const line = 16
	whole := (n + line - 1) / line * line
	if a.slab == nil {
		a.n += whole
		return nil
	}
	s := a.slab[:n:n]
	a.slab = a.slab[whole:]
	return s
}

// allocate takes all arrays of the pass from room.
func (p *Pass) allocate(keep []map[string]bool, room *arena) {
	c, o := p.m.cfg, p.o
	gh, bh, stride := p.gateWidth(), o.B*c.Hidden, p.gateStride()
	p.drop.init(c.Dropout, o.Train && c.Layers > 1)
	p.layers, p.keepsSum = make([]passLayer, c.Layers), make([]bool, c.Layers)
	for l := range p.layers {
		y := &p.layers[l]
		y.w = &p.m.layers[l]
		p.keepsSum[l] = keep[l]["a"]
		y.steps, y.keepC, y.keepTC = 1, o.Backward || keep[l]["c"], o.Backward
		if o.Backward || p.keepsGate(keep[l]) {
			y.steps = o.T
		}
		y.gates = room.take(y.steps * o.B * stride)
		y.h = room.take((o.T + 1) * bh)
		slots := 1
		if y.keepTC {
			slots = o.T
		}
		switch c.Cell {
		case LSTM:
			y.tanhC = room.take(slots * bh)
			cells := 2
			if y.keepC {
				cells = o.T + 1
			}
			y.c = room.take(cells * bh)
		case GRU:
			y.hn = room.take(slots * o.B * oddLines(c.Hidden))
		}
		y.bias = room.take(gh)
		if p.drop.on && l < c.Layers-1 {
			y.x = room.take(o.T * bh)
		}
		if o.Backward {
			y.dhc, y.dcc = room.take(bh), room.take(bh)
		}
	}
	if c.Cell == GRU && o.Backward {
		p.dRec = room.take(o.B * stride)
	}
	p.losses = room.take(o.T * o.B)
	const line = 16
	p.head.ld = (c.Vocab + line - 1) / line * line
	logits, dh := o.Workers*p.most*p.head.ld, 0
	if o.Backward {
		logits, dh = max(logits, p.block*o.B*p.head.ld), p.block*bh
	}
	xin := 0
	if c.Layers > 1 {
		xin = p.ahead * o.B * stride
	}
	// Input products are for the forward alone, the other two for what comes after.
	shared := room.take(max(xin, logits+dh))
	if shared != nil {
		p.xin, p.head.logits, p.dh = shared[:xin], shared[:logits], shared[logits:logits+dh]
	}
	p.head.w, p.head.b, p.head.width = &p.m.fcW, &p.m.fcB, c.readoutWidth()
	p.counter = newCounter(p.m, o, room)
	p.table, p.dTable = p.m.layers[0].ih.w, p.m.layers[0].ih.g
	if c.Embed > 0 {
		p.encoder = newEncoder(p.m, o.Backward, room)
		p.table, p.dTable = p.encoder.table, p.encoder.dTable
	}
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

// oddLines is the distance between rows of n, an odd number of cache lines where a row is an
// even one: else the rows of a tile of the matrix kernel would compete for a few sets of
// the cache.
func oddLines(n int) int {
	const line = 16
	if n%(2*line) == 0 {
		return n + line
	}
	return n
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
// negative symbol is padding: the row keeps its state. door may be nil. It panics
// when x or st has another shape, a symbol is not below V, the door asks for a site
// the network does not have, or dropout has no randomness.
func (p *Pass) Forward(x []int32, st *State, door Door) {
	p.padded = p.checkSymbols(x)
	if st.B != p.o.B || len(st.H) != len(p.layers) || st.width != p.width() || (st.C == nil) != (p.m.cfg.Cell != LSTM) || (st.Count == nil) == p.m.cfg.Counter {
		panic("rnn: Forward from a state of another shape")
	}
	p.drop.draw()
	p.x, p.st, p.door = x, st, p.openDoor(door)
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
// PassOptions.Backward, and after a Forward in which a door changed a value.
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
		panic("rnn: Backward through values a door changed")
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
