package explain

import (
	"context"
	"math"
	"sync"

	"github.com/rnnscope/rnnscope/explain/tree"
	"github.com/rnnscope/rnnscope/explain/vocabulary"
	"github.com/rnnscope/rnnscope/internal/crew"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"
)

// leafRows is the fewest rows that a leaf may be grown on.
const leafRows = 20

// grown is a description under way: a tree and what is left of it at each size.
type grown struct {
	tree *tree.Tree
	cuts [Sizes]tree.Cut
	sums *tree.Sums // over the report's segments
}

// study is one site of one network: its activations, its vocabulary, and the trees.
type study struct {
	plan   *plan
	scored []stretch // what descriptions are scored on: the report, or a part of every segment
	words  *vocabulary.Vocabulary
	grown  [][]uint8 // values of the rows that grow
	table  *tree.Table
	col    *column
	units  []unitTrees
}

// unitTrees are the descriptions of a unit by all words and by the short ones.
type unitTrees struct{ full, short grown }

// studyBytes bounds the activations that are held at once; one site is held in any case.
const studyBytes = 256 << 20

// studies reads some sites of a network, as many at once as memory allows, grows all their
// units, scores them on some rows and hands each site over. advance is called once for each unit.
func (j *job) studies(ctx context.Context, src specimen.States, scored []stretch, advance func(), visit func(i int, s *study) error) error {
	surveys, err := j.survey(ctx, src)
	if err != nil {
		return err
	}
	sites := src.Sites()
	for lo := 0; lo < len(sites); {
		hi, bytes := lo, 0
		for hi < len(sites) && (hi == lo || bytes+2*sites[hi].Units*len(j.plan.at) <= studyBytes) {
			bytes += 2 * sites[hi].Units * len(j.plan.at)
			hi++
		}
		group, err := j.read(ctx, src, lo, surveys[lo:hi])
		if err != nil {
			return err
		}
		for k, s := range group {
			s.scored = scored
			if err := s.grow(ctx, j.workers(), advance); err != nil {
				return err
			}
			if err := visit(lo+k, s); err != nil {
				return err
			}
			group[k] = nil
		}
		lo = hi
	}
	return nil
}

// survey reads the choosing part once and settles the suffixes of every site.
func (j *job) survey(ctx context.Context, src specimen.States) ([]*survey, error) {
	p := j.plan
	var surveys []*survey
	for _, site := range src.Sites() {
		surveys = append(surveys, newSurvey(site.Units, j.grams))
	}
	rows := rowsOf(p.choose, p.at, 0, p.report[0].lo)
	var mu sync.Mutex // sums of integers, so that their order does not matter
	err := src.Read(ctx, p.choose, j.workers(), func(_ int, x *specimen.Part) {
		mu.Lock()
		defer mu.Unlock()
		for t := x.Lo; t < x.Hi; t++ {
			if r := int(rows[x.Block][t]); r >= 0 {
				for i, s := range surveys {
					s.add(r, x.Row(i, t-x.Lo), r < p.grow)
				}
			}
		}
	})
	if err != nil {
		return nil, err
	}
	for _, s := range surveys {
		s.nominated = make([][vocabulary.Longest][]int32, len(s.lo))
		if err := crew.ForEach(ctx, len(s.lo), j.workers(), func(u int) { s.nominated[u] = s.nominate(u) }); err != nil {
			return nil, err
		}
		s.sums = [vocabulary.Longest][]int64{}
	}
	return surveys, nil
}

// read reads all rows of the sites from number first on that the surveys are of.
func (j *job) read(ctx context.Context, src specimen.States, first int, surveys []*survey) ([]*study, error) {
	p := j.plan
	out := make([]*study, len(surveys))
	for i, sv := range surveys {
		out[i] = &study{plan: p, words: j.base.With(j.grams, sv.nominated), col: sv.newColumn(len(p.at))}
	}
	report := p.report[0].lo
	for _, part := range []struct {
		blocks []text.Block
		rows   [][]int32
	}{
		{p.choose, rowsOf(p.choose, p.at, 0, report)},
		{p.reported, rowsOf(p.reported, p.at, report, len(p.at))},
	} {
		err := src.Read(ctx, part.blocks, j.workers(), func(_ int, x *specimen.Part) {
			for i, s := range out {
				for t := x.Lo; t < x.Hi; t++ {
					if r := part.rows[x.Block][t]; r >= 0 {
						s.col.set(int(r), x.Row(first+i, t-x.Lo))
					}
				}
			}
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// grow grows, prunes and walks the trees of all units.
func (s *study) grow(ctx context.Context, workers int, advance func()) error {
	for _, v := range s.words.Values {
		s.grown = append(s.grown, v[:s.plan.grow])
	}
	s.table = tree.NewTable(s.words.TreeColumns(), s.grown)
	s.units = make([]unitTrees, s.col.units)
	growers := sync.Pool{New: func() any { return s.newWorker() }}
	err := crew.ForEach(ctx, s.col.units, workers, func(u int) {
		w := growers.Get().(*worker)
		s.units[u] = w.unit(s, u)
		growers.Put(w)
		advance()
	})
	s.table = nil
	return err
}

// worker is the memory that growing and scoring one unit takes.
type worker struct {
	full, short *tree.Grower
	walk        *tree.Walker
	values      [][]uint8
}

func (s *study) newWorker() *worker {
	most := Leaves[Sizes-1]
	return &worker{
		full:   tree.NewGrower(s.table, len(s.words.Columns), most, leafRows),
		short:  tree.NewGrower(s.table, max(1, s.words.Short), most, leafRows),
		walk:   tree.NewWalker(s.table.Columns),
		values: make([][]uint8, len(s.words.Columns)),
	}
}

func (w *worker) unit(s *study, u int) unitTrees {
	y := s.col.unit(u)
	return unitTrees{
		full:  w.describe(s, y, w.full.Grow(y[:s.plan.grow])),
		short: w.describe(s, y, w.short.Grow(y[:s.plan.grow])),
	}
}

// describe prunes a tree on what was held back and walks the report down it.
func (w *worker) describe(s *study, y []uint16, t *tree.Tree) grown {
	held := w.sums(s, y, t, s.plan.held)
	g := grown{tree: t, sums: w.sums(s, y, t, s.scored)}
	for i, k := range Leaves {
		g.cuts[i] = t.Prune(k, held)
	}
	return g
}

// sums walks some segments down a tree.
func (w *worker) sums(s *study, y []uint16, t *tree.Tree, segments []stretch) *tree.Sums {
	out := t.NewSums(len(segments))
	for i, seg := range segments {
		out.Add(i, w.walk.Walk(t, w.at(s, seg.lo, seg.lo, seg.hi-seg.lo), seg.hi-seg.lo), y[seg.lo:seg.hi])
	}
	return out
}

// at is the values of n rows: of the short columns from row lo on, of all others
// from row far on.
func (w *worker) at(s *study, lo, far, n int) [][]uint8 {
	for c, v := range s.words.Values {
		from := far
		if c < s.words.Short {
			from = lo
		}
		w.values[c] = v[from : from+n]
	}
	return w.values
}

// rSquared is R^2 of a cut on the report, 1 - squared error / squared distance from the
// mean there, with one segment left out at a time. Undefined for a unit that
// does not move.
func rSquared(s *tree.Sums, errors []float64) (r2 float64, leave []float64) {
	n, y, yy, e := 0.0, 0.0, 0.0, 0.0
	for k := range s.Rows {
		n, y, yy, e = n+float64(s.Rows[k]), y+float64(s.Total[k]), yy+float64(s.Squares[k]), e+errors[k]
	}
	of := func(n, y, yy, e float64) float64 {
		moves := yy - y*y/n
		if !(moves > 1e-9*yy) {
			return math.NaN()
		}
		return 1 - e/moves
	}
	for k := range s.Rows {
		if s.Rows[k] > 0 {
			leave = append(leave, of(n-float64(s.Rows[k]), y-float64(s.Total[k]), yy-float64(s.Squares[k]), e-errors[k]))
		}
	}
	return of(n, y, yy, e), leave
}

// score is R^2 by size with intervals, and the values with one segment left out.
func (g *grown) score() (r2 [Sizes]stat.Interval, leave [Sizes][]float64) {
	for i, cut := range g.cuts {
		var est float64
		est, leave[i] = rSquared(g.sums, g.sums.Errors(g.tree, cut))
		r2[i] = stat.Jackknife(est, leave[i])
		r2[i].N = rowsIn(g.sums)
	}
	return r2, leave
}

func rowsIn(s *tree.Sums) int64 {
	var n int64
	for _, k := range s.Rows {
		n += k
	}
	return n
}

// beyond is R^2 by all words less R^2 by the short ones, at equal leaves, jackknifed as
// one figure.
func (u *unitTrees) beyond() [Sizes]stat.Interval {
	full, fullLeave := u.full.score()
	short, shortLeave := u.short.score()
	var out [Sizes]stat.Interval
	for i := range out {
		d := make([]float64, len(fullLeave[i]))
		for k := range d {
			d[k] = fullLeave[i][k] - shortLeave[i][k]
		}
		out[i] = stat.Jackknife(full[i].Estimate-short[i].Estimate, d)
		out[i].N = full[i].N
	}
	return out
}
