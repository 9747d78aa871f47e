package dissect

import (
	"context"
	"runtime"
	"slices"
	"strings"

	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/text"
	"github.com/rnnscope/rnnscope/trace"
)

// reader gives activations on ascending blocks of text: visit is called for every part of
// every block, the parts of one block in their order and never at once. Its activations are
// the visitor's until it returns; worker is below workers and never the same in two
// calls at once.
type reader interface {
	sites() []SiteInfo
	read(ctx context.Context, blocks []text.Block, workers int, visit func(worker int, p *part)) error
}

// part is the activations of the characters [lo, hi) of a block, counted from its first scored
// one, by site [hi-lo,H].
type part struct {
	block  int // index among the blocks read
	lo, hi int
	acts   [][]float32
}

// row is the activations [H] of a site, n characters behind lo.
func (p *part) row(site, n int) []float32 {
	h := len(p.acts[site]) / (p.hi - p.lo)
	return p.acts[site][n*h : (n+1)*h]
}

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

// modelReader reads the sites of a network.
type modelReader struct {
	model *rnn.Model
	text  text.Source
	names []string
	infos []SiteInfo

	tracer *trace.Reader
	traced int                    // goroutines the tracer was made for
	ids    []int32                // of the blocks being read, one after the other
	held   map[[2]int][][]float32 // by Lo and Hi, by site [N,H]: activations not to be computed again
}

func newModelReader(m *rnn.Model, src text.Source, sites []string) (*modelReader, error) {
	r := &modelReader{model: m, text: src, names: sites}
	for _, name := range sites {
		s, err := m.Site(name)
		if err != nil {
			return nil, err
		}
		r.infos = append(r.infos, SiteInfo{Name: name, Units: m.Config().Hidden, Range: rangeOf(m.Config(), s.Part)})
	}
	return r, nil
}

func (r *modelReader) sites() []SiteInfo { return r.infos }

// read gathers the text of the blocks and their warm-up, wherever they stand.
func (r *modelReader) read(ctx context.Context, blocks []text.Block, workers int, visit func(worker int, p *part)) error {
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
		visit(worker, &part{places[p.Block], p.Lo, p.Hi, p.Value})
		return ctx.Err()
	})
}

func workersOr(n int) int {
	if n > 0 {
		return n
	}
	return runtime.GOMAXPROCS(0)
}
