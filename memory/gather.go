package memory

import (
	"context"
	"fmt"
	"slices"

	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/text"
	"github.com/rnnscope/rnnscope/trace"
)

// traceMemory bounds the traces in the making: long blocks side by side.
const traceMemory = 192 << 20

// ask collects the positions whose state or prediction somebody needs.
type ask struct{ states, predictions []int }

func (a *ask) state(positions ...int)      { a.states = append(a.states, positions...) }
func (a *ask) prediction(positions ...int) { a.predictions = append(a.predictions, positions...) }

// snapshot answers an ask: values after the network has read the symbol at a position.
type snapshot struct {
	sites       []string
	units, v    int
	states      []int     // ascending
	predictions []int     // ascending
	value       []float32 // [states, sites, H]
	logp        []float32 // [predictions, V]
}

// gather reads the blocks once and keeps what was asked for. Every position must
// lie in the scored part of a block.
func gather(ctx context.Context, in *input, blocks []text.Block, workers int, a *ask) (*snapshot, error) {
	c := in.Model.Config()
	s := &snapshot{sites: c.StateSites(), units: c.Hidden, v: c.Vocab, states: distinct(a.states), predictions: distinct(a.predictions)}
	s.value = make([]float32, len(s.states)*len(s.sites)*s.units)
	s.logp = make([]float32, len(s.predictions)*s.v)
	opt := trace.Options{Sites: s.sites, Predictions: true, Workers: workers, Memory: traceMemory}
	err := eachBlock(ctx, in, blocks, opt, func(b text.Block, t *trace.Trace) {
		lo, _ := slices.BinarySearch(s.states, b.Lo)
		for i := lo; i < len(s.states) && s.states[i] < b.Hi; i++ {
			for k := range s.sites {
				copy(s.row(i, k), t.Row(k, s.states[i]-b.Lo))
			}
		}
		lo, _ = slices.BinarySearch(s.predictions, b.Lo)
		for i := lo; i < len(s.predictions) && s.predictions[i] < b.Hi; i++ {
			n := s.predictions[i] - b.Lo
			copy(s.logp[i*s.v:(i+1)*s.v], t.LogProb[n*s.v:(n+1)*s.v])
		}
	})
	return s, err
}

// eachBlock traces the blocks, shown to trace as a text of their own stretch, and
// calls visit with each as it stands in the whole text.
func eachBlock(ctx context.Context, in *input, blocks []text.Block, opt trace.Options, visit func(b text.Block, t *trace.Trace)) error {
	if len(blocks) == 0 {
		return ctx.Err()
	}
	from := blocks[0].Warm
	shifted := make([]text.Block, len(blocks))
	for i, b := range blocks {
		shifted[i] = text.Block{Index: i, Warm: b.Warm - from, Lo: b.Lo - from, Hi: b.Hi - from}
	}
	return trace.Blocks(ctx, in.Model, in.IDs.span(from, blocks[len(blocks)-1].Hi), shifted, opt, func(_ int, t *trace.Trace) error {
		visit(blocks[t.Block.Index], t)
		return nil
	})
}

func distinct(p []int) []int {
	p = slices.Clone(p)
	slices.Sort(p)
	return slices.Compact(p)
}

func (s *snapshot) row(i, site int) []float32 {
	at := (i*len(s.sites) + site) * s.units
	return s.value[at : at+s.units]
}

// state returns the values [H] of a site after position p; p must have been asked for.
func (s *snapshot) state(p, site int) []float32 {
	i, ok := slices.BinarySearch(s.states, p)
	if !ok {
		panic(fmt.Sprintf("memory: the state at %d was not asked for", p))
	}
	return s.row(i, site)
}

// prediction returns ln P [V] of the symbol after position p.
func (s *snapshot) prediction(p int) []float32 {
	i, ok := slices.BinarySearch(s.predictions, p)
	if !ok {
		panic(fmt.Sprintf("memory: the prediction at %d was not asked for", p))
	}
	return s.logp[i*s.v : (i+1)*s.v]
}

// load makes stream b of st the whole state after position p.
func (s *snapshot) load(st *rnn.State, b, p int) {
	site := 0
	for l := range st.H {
		copy(st.H[l][b*s.units:(b+1)*s.units], s.state(p, site))
		site++
		if st.C != nil {
			copy(st.C[l][b*s.units:(b+1)*s.units], s.state(p, site))
			site++
		}
	}
}
