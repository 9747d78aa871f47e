package specimen

import (
	"context"
	"runtime"
	"slices"
	"strings"

	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/text"
	"github.com/rnnscope/rnnscope/trace"
)

// Ranges of a site's values.
const (
	rangeTanh = "tanh"
	rangeGate = "gate"
	rangeOpen = "open"
)

func rangeOf(c rnn.Config, part string) string {
	part, _, _ = strings.Cut(part, ".")
	switch {
	case c.Cell == rnn.Elman && (c.Nonlinearity == rnn.ReLU || part == "a"), part == "c":
		return rangeOpen
	case part == "h", part == "n", part == "g":
		return rangeTanh
	}
	return rangeGate
}

// NetworkStates reads the sites of a network.
type NetworkStates struct {
	model *rnn.Model
	text  text.Source
	names []string
	infos []Site

	tracer *trace.Reader
	traced int                    // goroutines the tracer was made for
	ids    []int32                // of the blocks being read, one after the other
	held   map[[2]int][][]float32 // by Lo and Hi, by site [N,H]: activations not to be computed again
}

// NewNetworkStates reads the sites of a network over a text. Errors match rnn.ErrSite.
func NewNetworkStates(m *rnn.Model, src text.Source, sites []string) (*NetworkStates, error) {
	r := &NetworkStates{model: m, text: src, names: sites}
	for _, name := range sites {
		s, err := m.Site(name)
		if err != nil {
			return nil, err
		}
		r.infos = append(r.infos, Site{Name: name, Units: m.Config().Hidden, Range: rangeOf(m.Config(), s.Part)})
	}
	return r, nil
}

func (r *NetworkStates) Sites() []Site { return r.infos }

// Read gathers the text of the blocks and their warm-up, wherever they stand.
func (r *NetworkStates) Read(ctx context.Context, blocks []text.Block, workers int, visit func(worker int, p *Part)) error {
	places, err := r.visitHeld(ctx, blocks, workers, visit)
	if err != nil || len(places) == 0 {
		return err
	}
	n := 0
	for _, i := range places {
		n += blocks[i].Hi - blocks[i].Warm
	}
	r.ids = slices.Grow(r.ids[:0], n)[:n]
	shifted := make([]text.Block, len(places))
	at := 0
	for k, i := range places {
		b := blocks[i]
		if err := r.text.Read(r.ids[at:at+b.Hi-b.Warm], b.Warm); err != nil {
			return err
		}
		shifted[k] = text.Block{Index: i, Warm: at, Lo: at + b.Lo - b.Warm, Hi: at + b.Hi - b.Warm}
		at = shifted[k].Hi
	}
	if r.tracer == nil || r.traced != workers {
		r.tracer, r.traced = trace.NewReader(r.model, trace.Options{Sites: r.names, Workers: workers, Visitors: workers}), workers
	}
	return r.tracer.Parts(ctx, r.ids, shifted, func(worker int, p *trace.Part) error {
		visit(worker, &Part{places[p.Block], p.Lo, p.Hi, p.Value})
		return ctx.Err()
	})
}

// WorkersOr is the number of goroutines asked for, or one a core.
func WorkersOr(n int) int {
	if n > 0 {
		return n
	}
	return runtime.GOMAXPROCS(0)
}
