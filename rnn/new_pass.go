package rnn

import (
	"fmt"
	"runtime"

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
	keep, err := m.keptParts(o.Sites)
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

// keptParts checks the sites of the options and returns which parts to keep, by layer.
func (m *Model) keptParts(sites []string) ([]map[string]bool, error) {
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
			return nil, fmt.Errorf("%w to keep: %q is one reader's copy of l%d.%s and goes through a hook only", ErrSite, name, s.Layer, s.copyOf())
		}
		keep[s.Layer][s.Part] = true
	}
	return keep, nil
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

// trainingSlabs is how often the weights stand in memory while they are trained:
// themselves, gradients, two moments, packed for both directions; and, while a
// resume file is written, weights and moments in PyTorch's order and as bytes.
const trainingSlabs = 14

// TrainingFits says whether a network of shape cfg can be trained on this machine
// over chunks of T steps and B streams. Errors match ErrConfig or ErrTooLarge.
func TrainingFits(cfg Config, t, b int) error {
	if err := cfg.Validate(); err != nil {
		return err
	}
	pass := (&Model{cfg: cfg}).passBytes(PassOptions{T: t, B: b, Backward: true})
	return fits(trainingSlabs*4*float64(cfg.Parameters()) + pass)
}

func cellOf(c Config) cellStep {
	switch c.Cell {
	case LSTM:
		return lstmStep{}
	case GRU:
		return gruStep{}
	}
	return elmanStep{relu: c.Nonlinearity == ReLU}
}
