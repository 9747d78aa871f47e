package web

import (
	"context"

	"github.com/danielgtaylor/huma/v2"

	"github.com/rnnscope/rnnscope/checkpoint"
	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/web/frame"
	"github.com/rnnscope/rnnscope/web/panel"
	"github.com/rnnscope/rnnscope/web/shelf"
)

// atlasRow is a concept with the unit that follows it best.
type atlasRow struct {
	Concept string      `json:"concept"`
	Title   string      `json:"title"`
	TitleZH string      `json:"title_zh"`
	Class   string      `json:"class"`
	Rule    string      `json:"rule" doc:"The exact definition, as labels were made."`
	On      string      `json:"on" doc:"When a label counts as on: \"depth > 0\"."`
	N       int64       `json:"n" doc:"Symbols that figures were measured on."`
	Places  int64       `json:"positive" doc:"Of them on."`
	Verdict string      `json:"verdict"`
	Site    string      `json:"site"`
	Unit    int         `json:"unit" doc:"-1: none."`
	Tested  *testResult `json:"tested"`
	Causal  *causal     `json:"causal"`
	State   *atlasState `json:"state" doc:"The unit that follows it best inside equal characters."`
}

type atlasState struct {
	Site   string      `json:"site"`
	Unit   int         `json:"unit"`
	Tested *testResult `json:"tested"`
	Causal *causal     `json:"causal"`
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
	r, done, err := s.shelf.Open(in.Run)
	if err != nil {
		return nil, httpError(err)
	}
	defer done()
	k, err := s.analyses(r)
	if err != nil {
		return nil, httpError(err)
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
		row := atlasRow{Concept: c.Concept, Title: c.Concept, TitleZH: c.Concept, Class: c.Class, Rule: c.Definition, On: c.Rule, N: c.N, Places: c.Positive, Verdict: string(c.Verdict), Unit: -1}
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
	err := s.on(ctx, in.Run, in.Step, in.Site, nil, func(p *panel.Panel, _ *shelf.Run, _ *checkpoint.Checkpoint) error {
		leave, err := s.heavy.Enter(ctx)
		if err != nil {
			return err
		}
		defer leave()
		var names []string
		for _, c := range p.Concepts {
			names = append(names, c.Name)
		}
		units := len(p.Sites) * p.H
		head = map[string]any{"concepts": names, "sites": p.Sites, "units": p.H, "measured": p.Len(), "text": p.Text, "split": p.Split, "step": p.Step}
		shape = []int{len(names), units}
		values, err = p.Matrix(ctx)
		return err
	})
	if err != nil {
		return nil, httpError(err)
	}
	return frameResponse(head, frame.Of("auroc", shape, values)), nil
}
