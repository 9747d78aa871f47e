package explain

import (
	"context"
	"sync"
	"time"

	"github.com/rnnscope/rnnscope/explain/tree"
	"github.com/rnnscope/rnnscope/internal/crew"
	"github.com/rnnscope/rnnscope/specimen"
)

// Table is what the descriptions of a site are grown on, for whoever wants to try another
// learner on the same rows and columns.
type Table struct {
	Site        string
	Words       []TableColumn
	Values      [][]uint8   // [C][N] bins
	Position    []int       // [N] in the text
	Activations [][]float32 // [H][N], in 16-bit steps
	// R2 [H] of trees of the most leaves on these very rows, unpruned, and the time it took
	// to lay the table out and to grow them.
	R2      []float64
	Seconds float64
}

// TableColumn says what a column of the table is.
type TableColumn struct {
	Kind    string   `json:"kind"`
	Lag     int      `json:"lag"`
	Length  int      `json:"length"`
	Concept string   `json:"concept,omitempty"`
	Class   string   `json:"class,omitempty"`
	Texts   []string `json:"texts,omitempty"`
	Lows    []int32  `json:"lows,omitempty"`
	Bins    int      `json:"bins"`
	Ordered bool     `json:"ordered"`
	Short   bool     `json:"short"`
}

// MakeTable grows the trees of one site and keeps what they were grown on. Errors are Run's.
func MakeTable(ctx context.Context, sp *specimen.Specimen, site string, opt Options) (*Table, error) {
	opt.Sites = []string{site}
	j, err := newJob(sp, opt)
	if err != nil {
		return nil, err
	}
	if err := j.prepare(ctx); err != nil {
		return nil, err
	}
	surveys, err := j.survey(ctx, j.states)
	if err != nil {
		return nil, err
	}
	group, err := j.read(ctx, j.states, 0, surveys)
	if err != nil {
		return nil, err
	}
	s := group[0]
	for _, v := range s.words.Values {
		s.grown = append(s.grown, v[:j.plan.grow])
	}
	out := &Table{Site: site, Values: s.grown, Position: j.plan.at[:j.plan.grow], R2: make([]float64, s.col.units)}
	for i := range s.words.Columns {
		c := &s.words.Columns[i]
		out.Words = append(out.Words, TableColumn{string(c.Kind), c.Lag, c.Length, c.Concept, c.Class, c.Texts, c.Lows, c.Bins, c.Ordered, c.Short()})
	}
	begin := time.Now()
	s.table = tree.NewTable(s.words.TreeColumns(), s.grown)
	growers := sync.Pool{New: func() any { return tree.NewGrower(s.table, len(s.words.Columns), Leaves[Sizes-1], leafRows) }}
	err = crew.ForEach(ctx, s.col.units, j.workers(), func(u int) {
		g := growers.Get().(*tree.Grower)
		y := s.col.unit(u)[:j.plan.grow]
		t := g.Grow(y)
		growers.Put(g)
		gain := 0.0
		for i := range t.Nodes {
			gain += t.Nodes[i].Gain
		}
		sd := deviation(y)
		out.R2[u] = gain / (sd * sd * float64(len(y)))
	})
	out.Seconds = time.Since(begin).Seconds()
	for u := range s.col.units {
		a := make([]float32, j.plan.grow)
		for r, q := range s.col.unit(u)[:j.plan.grow] {
			a[r] = float32(s.col.lo[u] + s.col.step[u]*float64(q))
		}
		out.Activations = append(out.Activations, a)
	}
	return out, err
}
