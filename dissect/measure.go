package dissect

import (
	"context"
	"sync"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/dissect/peaks"
	"github.com/rnnscope/rnnscope/dissect/swap"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"
)

// pairTally is a chosen unit and its concept by segment of the report.
// Workers share it: it is large, and adding a block to it is quick.
type pairTally struct {
	mu     sync.Mutex
	choice *choice
	bins   *stat.Segments
	onSum  []int64    // [S] fixed-point activation where the label is on
	offSum []int64    // [S] where it is off
	held   *heldTally // of a state concept
}

// heldTally is the same where the label has been held: histograms by how many of
// HeldGaps a position meets, and by segment for those that meet g = 20.
type heldTally struct {
	on, off [len(specimen.HeldGaps) + 1][stat.Bins]int64
	far     *stat.Segments
}

// farLevel is the level of g = 20.
const farLevel = 3

func (h *heldTally) add(segment int, level, bin uint8, on bool) {
	if on {
		h.on[level][bin]++
	} else {
		h.off[level][bin]++
	}
	if level >= farLevel {
		h.far.Add(segment, bin, on)
	}
}

// at gives the histograms over S_g for the g of a level.
func (h *heldTally) at(level int) (on, off []int64) {
	on, off = make([]int64, stat.Bins), make([]int64, stat.Bins)
	for k := level; k < len(h.on); k++ {
		for b := range on {
			on[b] += h.on[k][b]
			off[b] += h.off[k][b]
		}
	}
	return on, off
}

// urlTally is the URL unit by segment of the report.
type urlTally struct {
	mu            sync.Mutex
	on, off       []int64 // [S] sum of |fixed-point activation|
	plain         []int64 // [S] sum of fixed-point activation outside URLs
	onN, offN     []int64 // [S] characters
	site, unit, c int
}

// measured is what a pass over the report leaves behind.
type measured struct {
	*tally
	pairs [][]*pairTally         // [C][sites], nil without a choice
	state []*pairTally           // [C] of the state units, nil without one
	units []map[int][]*pairTally // by site: the pairs of each chosen unit
	url   *urlTally              // nil without a unit
	peaks [][]*peaks.List        // [sites][H]
}

// plan is what the pass over the report needs to know.
type plan struct {
	blocks  text.Blocks
	start   func(block int) int // number of a block's first scored character
	segment int                 // characters of a segment of the jackknife
	count   int                 // segments
	choices [][]*choice
	state   []*choice // [C] state units, nil without one
	urlUnit specimen.UnitAt
	hasURL  bool
	url     int // concept, -1: not asked for
	symbols int
}

// planReport cuts the report into segments: those of the swap when it has any,
// and never more than maxSegments.
func planReport(report text.Blocks, swapLength int) *plan {
	n := int(specimen.Scored(report))
	p := &plan{blocks: report, start: specimen.Numbering(report)}
	p.segment = max(swapLength, (n+maxSegments-1)/maxSegments)
	if swapLength == 0 {
		p.segment = max(1, (n+fewSegments-1)/fewSegments)
	}
	p.count = (n + p.segment - 1) / p.segment
	return p
}

// fewSegments is into how many segments a text too short for the null is cut.
const fewSegments = 20

func newMeasured(sites []specimen.Site, rules []specimen.Rule, p *plan) *measured {
	concepts := len(rules)
	m := &measured{tally: newTally(sites, concepts, p.symbols, false), pairs: make([][]*pairTally, concepts), peaks: newPeaks(sites)}
	for range sites {
		m.units = append(m.units, map[int][]*pairTally{})
	}
	for c := range m.pairs {
		m.pairs[c] = make([]*pairTally, len(sites))
		for s, ch := range p.choices[c] {
			if ch == nil {
				continue
			}
			m.pairs[c][s] = newPairTally(ch, rules[c].Concept.Class, p.count)
			m.units[s][ch.unit] = append(m.units[s][ch.unit], m.pairs[c][s])
		}
	}
	m.state = make([]*pairTally, concepts)
	for c, ch := range p.state {
		if ch != nil {
			m.state[c] = newPairTally(ch, rules[c].Concept.Class, p.count)
			m.units[ch.site][ch.unit] = append(m.units[ch.site][ch.unit], m.state[c])
		}
	}
	if p.hasURL {
		row := func() []int64 { return make([]int64, p.count) }
		m.url = &urlTally{
			site: p.urlUnit.Site, unit: p.urlUnit.Unit, c: p.url,
			on: row(), off: row(), plain: row(), onN: row(), offN: row(),
		}
	}
	return m
}

func newPairTally(ch *choice, class concept.Class, segments int) *pairTally {
	p := &pairTally{
		choice: ch, bins: stat.NewSegments(segments),
		onSum: make([]int64, segments), offSum: make([]int64, segments),
	}
	if class == concept.State {
		p.held = &heldTally{far: stat.NewSegments(segments)}
	}
	return p
}

// beside is what another worker fills: its own tally and peaks, the same pairs.
func (m *measured) beside(sites []specimen.Site, concepts int, p *plan) *measured {
	return &measured{tally: newTally(sites, concepts, p.symbols, false), pairs: m.pairs, state: m.state, units: m.units, url: m.url, peaks: newPeaks(sites)}
}

func newPeaks(sites []specimen.Site) [][]*peaks.List {
	var out [][]*peaks.List
	for _, s := range sites {
		lists := make([]*peaks.List, s.Units)
		for u := range lists {
			lists[u] = &peaks.List{}
		}
		out = append(out, lists)
	}
	return out
}

func (m *measured) merge(o *measured) {
	m.tally.merge(o.tally)
	for s := range m.peaks {
		for u, l := range m.peaks[s] {
			l.Merge(o.peaks[s][u])
		}
	}
}

func (p *pairTally) add(plan *plan, first int, state []int8, held, bins []uint8, fixed []int32) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for t, y := range state {
		if y < 0 {
			continue
		}
		s := (first + t) / plan.segment
		p.bins.Add(s, bins[t], y == 1)
		if held != nil {
			p.held.add(s, held[t], bins[t], y == 1)
		}
		if y == 1 {
			p.onSum[s] += int64(fixed[t])
		} else {
			p.offSum[s] += int64(fixed[t])
		}
	}
}

func (u *urlTally) add(plan *plan, first int, state []int8, fixed []int32) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for t, y := range state {
		s := (first + t) / plan.segment
		switch y {
		case 1:
			u.on[s] += absolute(fixed[t])
			u.onN[s]++
		case 0:
			u.off[s] += absolute(fixed[t])
			u.offN[s]++
			u.plain[s] += int64(fixed[t])
		}
	}
}

// measurer is the accumulator of the pass over the report.
type measurer struct {
	plan    *plan
	swap    *swap.Plan
	each    []*measured // by worker
	scratch []scratch   // by worker
}

// scratch is what a worker knows of the block it is at.
type scratch struct {
	states   [][]int8 // [C] of [T]
	meetings swap.Meetings
}

func (m *measurer) Begin(worker, s int, b *specimen.Passage) {
	x := &m.scratch[worker]
	m.each[worker].tables[s].AddStretch(&b.Stretch)
	for c := range b.Labels {
		x.states[c] = specimen.OnOff(x.states[c], len(b.Chars), &b.Labels[c])
	}
	m.swap.List(&x.meetings, m.plan.start(b.Number)+b.From, len(b.Chars), s)
}

func (m *measurer) Unit(worker, s, u int, bins []uint8, fixed []int32, b *specimen.Passage) {
	x, w, first := &m.scratch[worker], m.each[worker], m.plan.start(b.Number)+b.From
	w.tally.unit(s, u, bins, fixed, &b.Stretch, -1)
	for _, pair := range w.units[s][u] {
		c := pair.choice.concept
		pair.add(m.plan, first, x.states[c], b.Held[c], bins, fixed)
	}
	if w.url != nil && w.url.site == s && w.url.unit == u {
		w.url.add(m.plan, first, x.states[w.url.c], fixed)
	}
	w.peaks[s][u].Add(b.Block.Lo, fixed)
	m.swap.Add(s, u, first, bins, &x.meetings)
}

// measureOver is the pass over the report.
func measureOver(ctx context.Context, w *specimen.Pass, p *plan, swap *swap.Plan) (*measured, error) {
	sites, rules := w.States.Sites(), w.Labels.Rules
	m := &measurer{plan: p, swap: swap, each: []*measured{newMeasured(sites, rules, p)}, scratch: make([]scratch, w.Workers)}
	for len(m.each) < w.Workers {
		m.each = append(m.each, m.each[0].beside(sites, len(rules), p))
	}
	for i := range m.scratch {
		m.scratch[i].states = make([][]int8, len(rules))
	}
	if err := w.Over(ctx, p.blocks, m); err != nil {
		return nil, err
	}
	for _, o := range m.each[1:] {
		m.each[0].merge(o)
	}
	m.each[0].settle()
	return m.each[0], nil
}
