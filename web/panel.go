package web

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/rnnscope/rnnscope/checkpoint"
	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"
	"github.com/rnnscope/rnnscope/trace"
)

// Bounds of panels.
const (
	panelsBytes = 224 << 20
	panelBytes  = 96 << 20 // of one
	panelReport = 80_000   // symbols that are shown and scored, at most
	panelChoose = 24_000   // symbols on which ranges are chosen, at most
	panelBlock  = 4000
	labelLead   = 12_000 // symbols labelled before a block: more than any state's limit
)

// segmentOf is how many of n symbols make a segment of an interval: as in a dissection, so that the two tell one interval of one figure.
func segmentOf(n int) int {
	const shortest, longest, groups = 1000, 4000, 10
	if length, ok := stat.SegmentLength(int64(n), shortest, longest, groups); ok {
		return length
	}
	return shortest
}

// panelKey is one network of a run, and which of its sites: "" all states, else one gate.
type panelKey struct {
	run     string
	created int64
	step    int64
	site    string
}

// panel is what every unit of some sites did over a sample of the text: ranges from the part
// where things are chosen, values and labels from the part that is reported.
type panel struct {
	text   string
	split  string
	step   int64
	sites  []string
	h      int             // units of a site
	blocks []text.Block    // of the report
	ids    []int32         // [N], of the report's blocks one after another
	at     []int           // [N], positions in the text
	edges  [][]*stat.Edges // by site and unit, from the choosing part
	ranks  [][][]int32     // by site and unit: mid-distribution function of each bin
	scale  [][]float32     // by site and unit: a value is fixed * scale
	fixed  [][][]int16     // by site and unit, [N]
	full   [][]float32     // by site and unit: activation of full colour

	concepts []concept.Concept
	labels   [][]int8 // by concept, [N]: 1 on, 0 off, -1 not to be scored

	once        sync.Mutex // what is computed when first asked for
	all         []float32  // see matrix
	projections map[int]*projection
	nearNull    map[int]float64
	spanNull    map[int]float64
}

func (p *panel) bytes() int64 {
	u := int64(len(p.sites) * p.h)
	return u*int64(2*len(p.ids)+4*stat.Bins+16*stat.Bins) + int64(len(p.concepts)*len(p.ids))
}

// value is what a unit was at a sampled position.
func (p *panel) value(site, unit, n int) float32 {
	return float32(p.fixed[site][unit][n]) * p.scale[site][unit]
}

// flights are the panels in the making.
type flights struct {
	mu    sync.Mutex
	byKey map[panelKey]*flight
	wg    sync.WaitGroup
}

func (f *flights) close() {
	f.mu.Lock()
	for _, one := range f.byKey {
		one.stop()
	}
	f.mu.Unlock()
	f.wg.Wait()
}

// flight is a panel in the making.
type flight struct {
	done    chan struct{}
	p       *panel
	err     error
	waiting int
	stop    context.CancelFunc

	mu          sync.Mutex
	read, total int64
}

func (f *flight) progress(done, total int64) {
	f.mu.Lock()
	f.read, f.total = done, total
	f.mu.Unlock()
}

func (f *flight) state() (done, total int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.read, f.total
}

// panel gives the panel of a network, and makes it when it is not there: one for all who wait,
// and none when nobody waits any more.
func (s *Server) panel(ctx context.Context, id string, r *openRun, ck *checkpoint.Checkpoint, site string, watch func(done, total int64)) (*panel, func(), error) {
	key := panelKey{id, r.Info().Created.UnixNano(), ck.Step, ""}
	if site != "" && !slices.Contains(ck.Model.Config().StateSites(), site) {
		if at, err := ck.Model.Site(site); err != nil {
			return nil, nil, err
		} else if at.Units != ck.Model.Config().Hidden {
			return nil, nil, fmt.Errorf("%w: %s is one number", rnn.ErrSite, site)
		}
		key.site = site
	}
	if p, done, ok := s.panels.Get(key); ok {
		return p, done, nil
	}
	f := s.board(ctx, key, id, ck)
	beat := time.NewTicker(150 * time.Millisecond)
	defer beat.Stop()
	for {
		select {
		case <-f.done:
			if f.err != nil {
				return nil, nil, f.err
			}
			p, done := s.panels.Put(key, f.p)
			return p, done, nil
		case <-ctx.Done():
			s.leave(key, f)
			return nil, nil, ctx.Err()
		case <-beat.C:
			if watch != nil {
				watch(f.state())
			}
		}
	}
}

// board joins the making of a panel, or starts it.
func (s *Server) board(ctx context.Context, key panelKey, id string, ck *checkpoint.Checkpoint) *flight {
	s.flights.mu.Lock()
	defer s.flights.mu.Unlock()
	if f := s.flights.byKey[key]; f != nil {
		f.waiting++
		return f
	}
	own, stop := context.WithCancel(context.WithoutCancel(ctx))
	f := &flight{done: make(chan struct{}), waiting: 1, stop: stop}
	s.flights.byKey[key] = f
	s.flights.wg.Go(func() {
		defer stop()
		defer close(f.done)
		f.p, f.err = s.makePanel(own, key, id, ck, f.progress)
		s.flights.mu.Lock()
		delete(s.flights.byKey, key)
		s.flights.mu.Unlock()
	})
	return f
}

func (s *Server) leave(key panelKey, f *flight) {
	s.flights.mu.Lock()
	defer s.flights.mu.Unlock()
	if f.waiting--; f.waiting == 0 {
		f.stop()
		if s.flights.byKey[key] == f {
			delete(s.flights.byKey, key)
		}
	}
}

func (s *Server) makePanel(ctx context.Context, key panelKey, id string, ck *checkpoint.Checkpoint, progress func(done, total int64)) (*panel, error) {
	leave, err := s.heavy.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	r, doneRun, err := s.shelf.open(id)
	if err != nil {
		return nil, err
	}
	defer doneRun()
	f, doneText, err := s.shelf.source(ctx, id, r)
	if err != nil {
		return nil, err
	}
	defer doneText()
	sites := []string{key.site}
	if key.site == "" {
		sites = ck.Model.Config().StateSites()
	}
	info := r.Info()
	return newPanel(ctx, f, info.Split, ck, sites, progress)
}

// newPanel reads the sample: ranges on validation, values on test.
func newPanel(ctx context.Context, f *text.File, split text.Split, ck *checkpoint.Checkpoint, sites []string, progress func(done, total int64)) (*panel, error) {
	h := ck.Model.Config().Hidden
	p := &panel{text: f.Name, split: "test of " + split.Name, step: ck.Step, sites: sites, h: h}
	grid := text.Grid{Size: panelBlock}
	most := max(panelBlock, min(panelReport, panelBytes/(2*h*len(sites))))
	choose := spread(grid.Blocks(split.Val), panelChoose/panelBlock)
	p.blocks = spread(grid.Blocks(split.Test), max(1, most/panelBlock))
	if len(choose) == 0 || len(p.blocks) == 0 {
		return nil, fmt.Errorf("%w: the text's validation or test part is empty", errAsked)
	}
	total := int64(0)
	for _, b := range slices.Concat(choose, p.blocks) {
		total += int64(b.Hi - b.Warm)
	}
	if err := p.readRanges(ctx, f, ck.Model, choose, func(done int64) { progress(done, total) }); err != nil {
		return nil, err
	}
	before := total
	for _, b := range p.blocks {
		before -= int64(b.Hi - b.Warm)
	}
	if err := p.readValues(ctx, f, ck.Model, func(done int64) { progress(before+done, total) }); err != nil {
		return nil, err
	}
	return p, p.label(ctx, f, ck.Alphabet, concept.All())
}

// spread takes n of the blocks, evenly.
func spread(blocks []text.Block, n int) []text.Block {
	if len(blocks) <= n {
		return blocks
	}
	out := make([]text.Block, n)
	for i := range out {
		out[i] = blocks[(2*i+1)*len(blocks)/(2*n)]
	}
	return out
}

// readBlocks lets the network read blocks one after another, each from its own stretch of text.
func (p *panel) readBlocks(ctx context.Context, src text.Source, m *rnn.Model, blocks []text.Block, progress func(int64), visit func(ids []int32, b text.Block, t *trace.Trace)) error {
	// Some blocks at a time: their text is held, and they run beside each other.
	const together = 16
	read := int64(0)
	for lo := 0; lo < len(blocks); lo += together {
		var ids []int32
		var local []text.Block
		some := blocks[lo:min(lo+together, len(blocks))]
		for _, b := range some {
			at := len(ids)
			ids = append(ids, make([]int32, b.Hi-b.Warm)...)
			if err := src.Read(ids[at:], b.Warm); err != nil {
				return err
			}
			local = append(local, text.Block{Warm: at, Lo: at + b.Lo - b.Warm, Hi: len(ids)})
		}
		i := 0
		before := read
		opt := trace.Options{Sites: p.sites, Memory: 64 << 20, Progress: func(done, _ int64) { progress(before + done) }}
		err := trace.Blocks(ctx, m, ids, local, opt, func(_ int, t *trace.Trace) error {
			visit(t.IDs, some[i], t)
			i++
			return nil
		})
		if err != nil {
			return err
		}
		read += int64(len(ids))
	}
	return nil
}

func (p *panel) readRanges(ctx context.Context, src text.Source, m *rnn.Model, blocks []text.Block, progress func(int64)) error {
	n := 0
	for _, b := range blocks {
		n += b.Len()
	}
	// Of a large network every k-th value is enough for 128 borders, and all of them much memory.
	every := max(1, len(p.sites)*p.h*n*4/(64<<20))
	values := make([][][]float32, len(p.sites))
	for i := range values {
		values[i] = make([][]float32, p.h)
	}
	at := 0
	err := p.readBlocks(ctx, src, m, blocks, progress, func(_ []int32, _ text.Block, t *trace.Trace) {
		for row := range t.Len() {
			if at++; at%every != 0 {
				continue
			}
			for i := range p.sites {
				for u, v := range t.Row(i, row) {
					values[i][u] = append(values[i][u], v)
				}
			}
		}
	})
	if err != nil {
		return err
	}
	for i := range p.sites {
		p.edges = append(p.edges, make([]*stat.Edges, p.h))
		p.ranks = append(p.ranks, make([][]int32, p.h))
		p.scale, p.full = append(p.scale, make([]float32, p.h)), append(p.full, make([]float32, p.h))
		for u, vs := range values[i] {
			p.edges[i][u] = stat.QuantileEdges(vs)
			var counts [stat.Bins]int64
			top := float32(0)
			for _, v := range vs {
				counts[p.edges[i][u].Bin(v)]++
				top = max(top, float32(math.Abs(float64(v))))
			}
			p.ranks[i][u] = stat.MidRanks(counts[:])
			p.scale[i][u] = max(top*1.5, 1e-6) / math.MaxInt16
			p.full[i][u] = float32(scaleOf(vs))
		}
	}
	return nil
}

func (p *panel) readValues(ctx context.Context, src text.Source, m *rnn.Model, progress func(int64)) error {
	n := 0
	for _, b := range p.blocks {
		n += b.Len()
	}
	p.ids, p.at = make([]int32, 0, n), make([]int, 0, n)
	for range p.sites {
		units := make([][]int16, p.h)
		for u := range units {
			units[u] = make([]int16, 0, n)
		}
		p.fixed = append(p.fixed, units)
	}
	return p.readBlocks(ctx, src, m, p.blocks, progress, func(ids []int32, b text.Block, t *trace.Trace) {
		p.ids = append(p.ids, ids...)
		for row := range t.Len() {
			p.at = append(p.at, b.Lo+row)
		}
		for i := range p.sites {
			for u := range p.h {
				column, scale := p.fixed[i][u], p.scale[i][u]
				for row := range t.Len() {
					v := t.Value[i][row*p.h+u] / scale
					column = append(column, int16(max(-math.MaxInt16, min(math.MaxInt16, math.Round(float64(v))))))
				}
				p.fixed[i][u] = column
			}
		}
	})
}

// label says of every sampled position what it is part of. Labels are streaming functions of
// the text; they begin some way before each block.
func (p *panel) label(ctx context.Context, src text.Source, a *text.Alphabet, all []concept.Concept) error {
	labels := make([][]int32, len(all)) // -1: not to be scored
	for _, b := range p.blocks {
		if err := ctx.Err(); err != nil {
			return err
		}
		from := max(0, b.Lo-labelLead)
		to := min(src.Len(), b.Hi+labelLead/4)
		ids := make([]int32, to-from)
		if err := src.Read(ids, from); err != nil {
			return err
		}
		for i, c := range all {
			for _, l := range concept.LabelSymbols(c, a, ids)[b.Lo-from : b.Hi-from] {
				y := l.Y
				if !l.Valid {
					y = -1
				}
				labels[i] = append(labels[i], y)
			}
		}
	}
	for i, c := range all {
		p.keep(c, labels[i])
	}
	return nil
}

// keep adds a concept that is both on and off in the sample. A quantity counts as on above its
// median, a depth or category above 0.
func (p *panel) keep(c concept.Concept, ys []int32) {
	above := int32(0)
	if c.Kind == concept.Numeric {
		sorted := slices.DeleteFunc(slices.Clone(ys), func(y int32) bool { return y < 0 })
		slices.Sort(sorted)
		if len(sorted) > 0 {
			above = sorted[len(sorted)/2]
		}
	}
	labels := make([]int8, len(ys))
	on, off := 0, 0
	for i, y := range ys {
		switch {
		case y < 0:
			labels[i] = -1
		case y > above:
			labels[i] = 1
			on++
		default:
			off++
		}
	}
	if on >= 20 && off >= 20 {
		p.concepts, p.labels = append(p.concepts, c), append(p.labels, labels)
	}
}

// index finds a unit; errors match errAsked.
func (p *panel) index(site string, unit int) (int, error) {
	i := slices.Index(p.sites, site)
	if i < 0 {
		return 0, fmt.Errorf("%w: %q", rnn.ErrSite, site)
	}
	if unit < 0 || unit >= p.h {
		return 0, fmt.Errorf("%w: %w: %s has units 0 to %d", errAsked, errUnit, site, p.h-1)
	}
	return i, nil
}
