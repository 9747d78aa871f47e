package births

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"
)

// jackknifed is into how many segments the report is cut for intervals.
const jackknifed = 20

// follower asks the same of networks of one shape on one text: of every concept the unit that
// is best on the part that is chosen on, and of units that are named, each measured on the
// report. Labels and blocks are the same for all of them.
type follower struct {
	names          []string  // of the concepts
	untrained      []float64 // by concept: the highest AUROC of any unit of any site of untrained networks; NaN: the label does not change in what they read
	networks       int       // untrained
	choose, report []text.Block
	labels         *specimen.Labeller
	symbols        int
	sites          []string
	workers        int
}

// followed is a unit and what it tells of a concept, on the report, in the direction it has
// on the part that is chosen on.
type followed struct {
	unit  rnn.Unit
	auroc stat.Interval
}

// follow prepares the questions on a specimen: the admitted ones of the concepts, at every site
// that is searched by default, on at most so many characters of each part, blocks taken by hash.
func follow(ctx context.Context, s *specimen.Specimen, opt Options, tell func()) (*follower, error) {
	if err := s.Check(text.DefaultBlock); err != nil {
		return nil, err
	}
	concepts := opt.Concepts
	if concepts == nil {
		concepts = concept.All()
	}
	parts, workers := s.Parts(text.DefaultBlock), specimen.WorkersOr(opt.Workers)
	admitted, _, cuts, err := s.Admit(ctx, concepts, parts, workers)
	if err != nil {
		return nil, err
	}
	if len(admitted) == 0 {
		return nil, fmt.Errorf("%w: no rule of the concepts is for this kind of text", specimen.ErrInput)
	}
	rules, err := s.NewRules(ctx, admitted, parts, workers)
	if err != nil {
		return nil, err
	}
	for c := range rules {
		if rules[c].Concept.Kind == concept.Depth {
			rules[c].Above = cuts[rules[c].Concept.Name]
		}
	}
	f := &follower{choose: specimen.SomeBlocks(parts.Choose, opt.Characters), report: specimen.SomeBlocks(parts.Report, opt.Characters), labels: s.NewLabeller(rules, parts, workers),
		symbols: s.Symbols(), sites: s.Sites(), workers: workers, networks: s.Controls(opt.Untrained)}
	f.labels.Keep(slices.Concat(f.choose, f.report))
	for _, c := range admitted {
		f.names, f.untrained = append(f.names, c.Name), append(f.untrained, math.NaN())
	}
	return f, f.readUntrained(ctx, s, tell)
}

// readUntrained measures how high untrained networks of the shape reach on the report; tell is told of each.
func (f *follower) readUntrained(ctx context.Context, s *specimen.Specimen, tell func()) error {
	for k := range f.networks {
		states, err := s.Control(k, f.sites, 0)
		if err != nil {
			return err
		}
		w, err := f.pass(ctx, states, f.report)
		if err != nil {
			return err
		}
		tables, err := f.count(ctx, w, f.report)
		if err != nil {
			return err
		}
		for c := range f.names {
			for _, t := range tables {
				for u := range t.U {
					if a, _ := t.AUROC(c, u); !math.IsNaN(a) && !(f.untrained[c] >= max(a, 1-a)) {
						f.untrained[c] = max(a, 1-a)
					}
				}
			}
		}
		tell()
	}
	return nil
}

// pass is ready to read states; bin borders are settled on blocks.
func (f *follower) pass(ctx context.Context, states specimen.States, blocks []text.Block) (*specimen.Pass, error) {
	w := &specimen.Pass{States: states, Labels: f.labels, Workers: f.workers, Counts: true}
	if own, ok := states.(*specimen.NetworkStates); ok {
		if err := own.Hold(ctx, blocks, w.Workers, specimen.HoldMost); err != nil {
			return nil, err
		}
	}
	var err error
	w.Edges, err = specimen.SettleEdges(ctx, states, blocks, w.Workers)
	return w, err
}

// count makes the tables of all units, by site.
func (f *follower) count(ctx context.Context, w *specimen.Pass, blocks []text.Block) ([]*stat.Table, error) {
	c := &counter{each: make([][]*stat.Table, w.Workers)}
	for i := range c.each {
		for _, s := range w.States.Sites() {
			c.each[i] = append(c.each[i], stat.NewCounts(s.Units, len(f.names), f.symbols))
		}
	}
	if err := w.Over(ctx, text.BlockList(blocks), c); err != nil {
		return nil, err
	}
	for s, t := range c.each[0] {
		for _, o := range c.each[1:] {
			t.Merge(o[s])
		}
		t.Settle()
	}
	return c.each[0], nil
}

// counter counts every unit, by worker and site.
type counter struct{ each [][]*stat.Table }

func (c *counter) Begin(worker, s int, x *specimen.Passage) { c.each[worker][s].AddStretch(&x.Stretch) }

func (c *counter) Unit(worker, s, u int, bins []uint8, fixed []int32, x *specimen.Passage) {
	c.each[worker][s].AddUnit(u, bins, fixed, &x.Stretch)
}

// look measures a network of the same shape: of every concept its best unit, and that of
// named, which may be nil. A concept whose label does not change in what is read has an
// undefined AUROC.
func (f *follower) look(ctx context.Context, s *specimen.Specimen, named []rnn.Unit) (best, given []followed, err error) {
	states, err := s.States(f.sites)
	if err != nil {
		return nil, nil, err
	}
	w, err := f.pass(ctx, states, f.choose)
	if err != nil {
		return nil, nil, err
	}
	tables, err := f.count(ctx, w, f.choose)
	if err != nil {
		return nil, nil, err
	}
	if own, ok := states.(*specimen.NetworkStates); ok {
		own.Release()
	}
	n := int(specimen.Scored(text.BlockList(f.report)))
	m := &measurer{asked: f.ask(tables, states.Sites(), named), start: specimen.Numbering(text.BlockList(f.report)),
		segment: (n + jackknifed - 1) / jackknifed, scratch: make([][][]int8, w.Workers)}
	for i := range m.scratch {
		m.scratch[i] = make([][]int8, len(f.names))
	}
	if err := w.Over(ctx, text.BlockList(f.report), m); err != nil {
		return nil, nil, err
	}
	best, given = make([]followed, len(f.names)), make([]followed, len(named))
	for c := range best {
		best[c].auroc = stat.Point(math.NaN(), 0)
	}
	for _, q := range m.asked {
		x := followed{q.unit, q.auroc()}
		if q.named {
			given[q.concept] = x
		} else {
			best[q.concept] = x
		}
	}
	return best, given, nil
}

// ask lists the best unit of every concept and the named one.
func (f *follower) ask(tables []*stat.Table, sites []specimen.Site, named []rnn.Unit) []*asked {
	var out []*asked
	add := func(c, site, unit int, isNamed bool) {
		q := &asked{concept: c, site: site, unit: rnn.Unit{Site: sites[site].Name, Unit: unit}, sign: 1, named: isNamed, bins: stat.NewSegments(jackknifed)}
		if a, _ := tables[site].AUROC(c, unit); a < .5 {
			q.sign = -1
		}
		out = append(out, q)
	}
	for c := range f.names {
		site, unit, top := 0, -1, -1.0
		for s, t := range tables {
			for u := range t.U {
				if a, _ := t.AUROC(c, u); max(a, 1-a) > top { // undefined compares false
					site, unit, top = s, u, max(a, 1-a)
				}
			}
		}
		if unit >= 0 {
			add(c, site, unit, false)
		}
		for s := range sites {
			if c < len(named) && sites[s].Name == named[c].Site {
				add(c, s, named[c].Unit, true)
			}
		}
	}
	return out
}

// asked is a unit that is measured for a concept.
type asked struct {
	mu            sync.Mutex
	concept, site int
	unit          rnn.Unit
	sign          int
	named         bool
	bins          *stat.Segments
}

// auroc is the figure in the direction of the unit's sign.
func (q *asked) auroc() stat.Interval {
	ci, _ := q.bins.AUROC()
	if q.sign < 0 {
		ci.Estimate, ci.Lo, ci.Hi = 1-ci.Estimate, 1-ci.Hi, 1-ci.Lo
	}
	return ci
}

// measurer counts the units asked about by segment.
type measurer struct {
	asked   []*asked
	start   func(block int) int // number of a block's first scored character
	segment int
	scratch [][][]int8 // by worker, [C] of [T]
}

func (m *measurer) Begin(worker, _ int, b *specimen.Passage) {
	for c := range b.Labels {
		m.scratch[worker][c] = specimen.OnOff(m.scratch[worker][c], len(b.Chars), &b.Labels[c])
	}
}

func (m *measurer) Unit(worker, s, u int, bins []uint8, _ []int32, b *specimen.Passage) {
	first := m.start(b.Number) + b.From
	for _, q := range m.asked {
		if q.site != s || q.unit.Unit != u {
			continue
		}
		q.mu.Lock()
		for t, y := range m.scratch[worker][q.concept] {
			if y >= 0 {
				q.bins.Add((first+t)/m.segment, bins[t], y == 1)
			}
		}
		q.mu.Unlock()
	}
}
