package dissect

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

// Follower asks the same of networks of one shape on one text: of every concept the unit
// that is best on the part that is chosen on, and of units that are named, each measured on
// the report. Labels and blocks are the same for all of them.
type Follower struct {
	Concepts  []string
	Untrained []float64 // by concept: the highest AUROC of any unit of any site of untrained networks; NaN: the label does not change in what they read
	Networks  int       // untrained
	Chosen    int       // characters that units are chosen on
	Reported  int       // characters that figures are measured on

	job            *job
	choose, report []text.Block
	plan           *plan
}

// Followed is a unit and what it tells of a concept, on the report.
type Followed struct {
	Unit  rnn.Unit
	AUROC stat.Interval // in the direction the unit has on the part that is chosen on
}

// Follow prepares the questions on a specimen: the admitted ones of the concepts (nil: all),
// at every site that is searched by default, on at most characters of each part, blocks
// taken by hash; untrained networks of the shape are read once. Errors are those of Run.
func Follow(ctx context.Context, s *specimen.Specimen, concepts []concept.Concept, characters, untrained, workers int) (*Follower, error) {
	in, err := newInput(s)
	if err != nil {
		return nil, err
	}
	opt := Options{Concepts: concepts, Sites: s.Sites(), Untrained: s.Controls(untrained), Extent: FiguresOnly, Workers: workers}
	if opt.Concepts == nil {
		opt.Concepts = concept.All()
	}
	if opt.Concepts, _, opt.cuts, err = in.admit(ctx, opt.Concepts, workers); err != nil {
		return nil, err
	}
	if len(opt.Concepts) == 0 {
		return nil, fmt.Errorf("%w: no rule of the concepts is for this kind of text", ErrInput)
	}
	j, err := newJob(ctx, in, opt, nil)
	if err != nil {
		return nil, err
	}
	f := &Follower{job: j, Networks: opt.Untrained, choose: upTo(in.Choose, characters), report: upTo(in.Report, characters)}
	f.Chosen, f.Reported = int(specimen.Scored(text.BlockList(f.choose))), int(specimen.Scored(text.BlockList(f.report)))
	f.plan = planReport(text.BlockList(f.report), 0)
	j.walk.Labels.Keep(slices.Concat(f.choose, f.report))
	for _, c := range opt.Concepts {
		f.Concepts, f.Untrained = append(f.Concepts, c.Name), append(f.Untrained, math.NaN())
	}
	if opt.Untrained == 0 {
		return f, nil
	}
	blind := &blindText{common: f.report, own: make([][]text.Block, len(opt.Concepts))}
	h, err := untrainedMax(ctx, j.walk, j.control, opt.Untrained, blind, j.symbols)
	if err != nil {
		return nil, err
	}
	for c, row := range h.auroc {
		for _, x := range row {
			raise(&f.Untrained[c], x)
		}
	}
	return f, nil
}

// Look measures a network of the same shape: of every concept its best unit, and that of
// named, which may be nil. A concept whose label does not change in what is read has an
// undefined AUROC.
func (f *Follower) Look(ctx context.Context, s *specimen.Specimen, named []rnn.Unit) (best, given []Followed, err error) {
	states, err := s.States(f.job.opt.Sites)
	if err != nil {
		return nil, nil, err
	}
	w := &specimen.Pass{States: states, Labels: f.job.walk.Labels, Workers: f.job.walk.Workers, Counts: true}
	if own, ok := states.(*specimen.Computed); ok {
		if err := own.Hold(ctx, f.choose, w.Workers, specimen.HoldMost); err != nil {
			return nil, nil, err
		}
		defer own.Release()
	}
	if w.Edges, err = specimen.SettleEdges(ctx, states, f.choose, w.Workers); err != nil {
		return nil, nil, err
	}
	validation, err := tallyOver(ctx, w, text.BlockList(f.choose), f.job.symbols, -1)
	if err != nil {
		return nil, nil, err
	}
	asked := f.ask(validation, states.Sites(), named)
	m := &followMeasurer{plan: f.plan, asked: asked, scratch: make([][][]int8, w.Workers)}
	for i := range m.scratch {
		m.scratch[i] = make([][]int8, len(f.Concepts))
	}
	if err := w.Over(ctx, text.BlockList(f.report), m); err != nil {
		return nil, nil, err
	}
	best, given = make([]Followed, len(f.Concepts)), make([]Followed, len(named))
	for c := range best {
		best[c] = Followed{AUROC: stat.Point(math.NaN(), 0)}
	}
	for _, q := range asked {
		x := Followed{Unit: q.unit, AUROC: q.auroc()}
		if q.named {
			given[q.concept] = x
		} else {
			best[q.concept] = x
		}
	}
	return best, given, nil
}

// followAsked is a unit that is measured for a concept.
type followAsked struct {
	mu            sync.Mutex
	concept, site int
	unit          rnn.Unit
	sign          int
	named         bool
	bins          *stat.Segments
}

// auroc is the figure in the direction of the unit's sign.
func (q *followAsked) auroc() stat.Interval {
	ci, _ := q.bins.AUROC()
	if q.sign < 0 {
		ci.Estimate, ci.Lo, ci.Hi = 1-ci.Estimate, 1-ci.Hi, 1-ci.Lo
	}
	return ci
}

// ask lists the best unit of every concept and the named one.
func (f *Follower) ask(validation *tally, sites []specimen.Site, named []rnn.Unit) []*followAsked {
	var out []*followAsked
	add := func(c, site, unit, sign int, isNamed bool) {
		out = append(out, &followAsked{concept: c, site: site, unit: rnn.Unit{Site: sites[site].Name, Unit: unit}, sign: sign, named: isNamed, bins: stat.NewSegments(f.plan.count)})
	}
	for c, row := range choose(validation) {
		var best *choice
		for _, ch := range row {
			if ch != nil && (best == nil || ch.validation > best.validation) {
				best = ch
			}
		}
		if best != nil {
			add(c, best.site, best.unit, best.sign, false)
		}
		if c >= len(named) {
			continue
		}
		for s := range sites {
			if sites[s].Name != named[c].Site {
				continue
			}
			sign := 1
			if auc, _ := validation.tables[s].AUROC(c, named[c].Unit); auc < .5 {
				sign = -1
			}
			add(c, s, named[c].Unit, sign, true)
		}
	}
	return out
}

// followMeasurer counts the units asked about by segment.
type followMeasurer struct {
	plan    *plan
	asked   []*followAsked
	scratch [][][]int8 // by worker, [C] of [T]
}

func (m *followMeasurer) Begin(worker, _ int, b *specimen.Passage) {
	for c := range b.Labels {
		m.scratch[worker][c] = specimen.OnOff(m.scratch[worker][c], len(b.Chars), &b.Labels[c])
	}
}

func (m *followMeasurer) Unit(worker, s, u int, bins []uint8, _ []int32, b *specimen.Passage) {
	first := m.plan.start(b.Number) + b.From
	for _, q := range m.asked {
		if q.site != s || q.unit.Unit != u {
			continue
		}
		q.mu.Lock()
		for t, y := range m.scratch[worker][q.concept] {
			if y >= 0 {
				q.bins.Add((first+t)/m.plan.segment, bins[t], y == 1)
			}
		}
		q.mu.Unlock()
	}
}

// Blocks are those that figures are measured on.
func (f *Follower) Blocks() []text.Block { return f.report }
