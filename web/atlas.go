package web

import (
	"context"
	"math"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"github.com/rnnscope/rnnscope/checkpoint"
	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/stat"
)

// atlasRow is a concept with the unit that follows it best.
type atlasRow struct {
	Concept string      `json:"concept"`
	Title   string      `json:"title"`
	TitleZH string      `json:"title_zh"`
	Class   string      `json:"class"`
	Verdict string      `json:"verdict"`
	Site    string      `json:"site"`
	Unit    int         `json:"unit" doc:"-1: none."`
	Tested  *tested     `json:"tested"`
	Causal  *causal     `json:"causal"`
	State   *atlasState `json:"state" doc:"The unit that follows it best inside equal characters."`
}

type atlasState struct {
	Site   string  `json:"site"`
	Unit   int     `json:"unit"`
	Tested *tested `json:"tested"`
	Causal *causal `json:"causal"`
}

type atlasOutput struct {
	Body struct {
		Measured bool       `json:"measured" doc:"The run has been dissected."`
		Text     string     `json:"text"`
		Split    string     `json:"split"`
		Reported int64      `json:"reported" doc:"Symbols that figures were measured on."`
		Rows     []atlasRow `json:"rows"`
	}
}

func (s *Server) atlasRoutes() {
	huma.Register(s.api, get("atlas", "/api/runs/{run}/atlas", "What the dissection and the interventions found, concept by concept."), s.atlas)
	huma.Register(s.api, get("matrix", "/api/runs/{run}/matrix", "Every unit beside every concept, on a sample and without verdicts. Frame: auroc f32 [C,U], above one half where the unit is high when the concept is on."), s.matrix)
	huma.Register(s.api, get("map", "/api/runs/{run}/map", "States of a sample, projected on their first three principal components. Frame: point f32 [N,3], id i32 [N], at i32 [N], label u8 [C,N] (2: not to be scored)."), s.stateMap)
	huma.Register(s.api, get("reading-map", "/api/readings/{id}/map", "A reading's states in the same projection. Frame: point f32 [T,3]."), s.readMap)
	huma.Register(s.api, get("reading-neighbours", "/api/readings/{id}/neighbours", "The places of the sample whose states are nearest to the state after one symbol."), s.neighbours)
}

func (s *Server) atlas(_ context.Context, in *RunInput) (*atlasOutput, error) {
	r, done, err := s.shelf.open(in.Run)
	if err != nil {
		return nil, told(err)
	}
	defer done()
	k, err := readKept(r)
	if err != nil {
		return nil, told(err)
	}
	out := &atlasOutput{}
	out.Body.Rows = []atlasRow{}
	if k.dissect == nil {
		return out, nil
	}
	b := &out.Body
	b.Measured, b.Text, b.Split, b.Reported = true, k.dissect.Text, k.dissect.Split, k.dissect.Reported
	for i := range k.dissect.Concepts {
		c := &k.dissect.Concepts[i]
		row := atlasRow{Concept: c.Concept, Title: c.Concept, TitleZH: c.Concept, Class: c.Class, Verdict: string(c.Verdict), Unit: -1}
		if known, err := concept.Find(c.Concept); err == nil {
			row.Title, row.TitleZH = known.Title("en"), known.Title("zh")
		}
		if c.Best != nil {
			row.Site, row.Unit = c.Best.Site, c.Best.Unit
			row.Tested = k.score("best", c.Best, string(c.Verdict), c.Holds)
			row.Causal = k.causal(row.Site, row.Unit, c.Concept)
		}
		if u := c.State; u != nil {
			row.State = &atlasState{u.Score.Site, u.Score.Unit, k.score("state", &u.Score, string(u.Verdict), u.Holds), k.causal(u.Score.Site, u.Score.Unit, c.Concept)}
		}
		b.Rows = append(b.Rows, row)
	}
	return out, nil
}

func (s *Server) matrix(ctx context.Context, in *panelInput) (*huma.StreamResponse, error) {
	var head map[string]any
	var values []float32
	var shape []int
	err := s.on(ctx, in.Run, in.Step, in.Site, nil, func(p *panel, _ *openRun, _ *checkpoint.Checkpoint) error {
		leave, err := s.heavy.enter(ctx)
		if err != nil {
			return err
		}
		defer leave()
		var names []string
		for _, c := range p.concepts {
			names = append(names, c.Name)
		}
		units := len(p.sites) * p.h
		head = map[string]any{"concepts": names, "sites": p.sites, "units": p.h, "measured": len(p.ids), "text": p.text, "split": p.split, "step": p.step}
		shape = []int{len(names), units}
		values, err = p.matrix(ctx)
		return err
	})
	if err != nil {
		return nil, told(err)
	}
	return framed(head, Array{"auroc", shape, values}), nil
}

// matrix is the AUROC of every unit for every concept, [C, sites*H].
func (p *panel) matrix(ctx context.Context) ([]float32, error) {
	p.once.Lock()
	defer p.once.Unlock()
	if p.all != nil {
		return p.all, nil
	}
	units := len(p.sites) * p.h
	out := make([]float32, len(p.concepts)*units)
	for i := range p.sites {
		for u := range p.h {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			bins := p.binned(i, u)
			for c, labels := range p.labels {
				var counts [3][stat.Bins]int64 // by label + 1
				for t, y := range labels {
					counts[y+1][bins[t]]++
				}
				a, _ := stat.AUROC(counts[2][:], counts[1][:])
				if math.IsNaN(a) {
					a = .5
				}
				out[c*units+i*p.h+u] = float32(a)
			}
		}
	}
	p.all = out
	return out, nil
}

// similarOrder orders the units of a heatmap so that like ones are neighbours: by their
// correlation with the most spread one, then greedily. values is [n,h].
func similarOrder(values []float32, n, h int) []int {
	order := make([]int, 0, h)
	if n < 2 {
		for u := range h {
			order = append(order, u)
		}
		return order
	}
	every := max(1, n/400)
	rows := make([][]float64, h)
	for u := range rows {
		for t := 0; t < n; t += every {
			rows[u] = append(rows[u], float64(values[t*h+u]))
		}
		standardise(rows[u])
	}
	left := make([]int, h)
	for u := range left {
		left[u] = u
	}
	at := 0
	for len(left) > 0 {
		u := left[at]
		order = append(order, u)
		left = slices.Delete(left, at, at+1)
		best := math.Inf(-1)
		for i, o := range left {
			if d := dot(rows[u], rows[o]); d > best {
				best, at = d, i
			}
		}
	}
	return order
}

func standardise(x []float64) {
	m, norm := stat.Mean(x), 0.0
	for i := range x {
		x[i] -= m
		norm += x[i] * x[i]
	}
	if norm = math.Sqrt(norm); norm > 0 {
		for i := range x {
			x[i] /= norm
		}
	}
}

func dot(a, b []float64) float64 {
	s := 0.0
	for i, v := range a {
		s += v * b[i]
	}
	return s
}
