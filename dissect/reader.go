package dissect

import (
	"context"
	"runtime"
	"strings"

	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/text"
	"github.com/rnnscope/rnnscope/trace"
)

// reader gives activations on ascending blocks of text: visit is called once for
// every block, by its index, with the activations of its scored characters, by
// site [N,H]. They are the visitor's until it returns; worker is below workers and
// never the same in two calls at once.
type reader interface {
	sites() []SiteInfo
	read(ctx context.Context, blocks []text.Block, workers int, visit func(worker, block int, acts [][]float32)) error
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
	ids   []int32
	names []string
	infos []SiteInfo
}

func newModelReader(m *rnn.Model, ids []int32, sites []string) (*modelReader, error) {
	r := &modelReader{model: m, ids: ids, names: sites}
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

// read shows trace only the stretch of text that the blocks need: it looks at
// all it is given.
func (r *modelReader) read(ctx context.Context, blocks []text.Block, workers int, visit func(worker, block int, acts [][]float32)) error {
	if len(blocks) == 0 {
		return ctx.Err()
	}
	from := blocks[0].Warm
	ids := r.ids[from:blocks[len(blocks)-1].Hi]
	shifted := make([]text.Block, len(blocks))
	for i, b := range blocks {
		shifted[i] = text.Block{Index: i, Warm: b.Warm - from, Lo: b.Lo - from, Hi: b.Hi - from}
	}
	opt := trace.Options{Sites: r.names, Workers: workers, Visitors: workers}
	return trace.Blocks(ctx, r.model, ids, shifted, opt, func(worker int, t *trace.Trace) error {
		visit(worker, t.Block.Index, t.Value)
		return ctx.Err()
	})
}

func workersOr(n int) int {
	if n > 0 {
		return n
	}
	return runtime.GOMAXPROCS(0)
}
