package web

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/sse"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/evolve"
	"github.com/rnnscope/rnnscope/run"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/web/panel"
	"github.com/rnnscope/rnnscope/web/shelf"
)

// moment is what is known of one snapshot.
type moment struct {
	Step   int64          `json:"step"`
	Loss   stat.Number    `json:"loss" doc:"Validation, nats a symbol."`
	Sample string         `json:"sample"`
	Skills []evolve.Skill `json:"skills" doc:"Empty before rnnscope evolution has been run."`
	Kept   bool           `json:"kept" doc:"Its weights are kept: it can be read."`
}

type evolutionOutput struct {
	Body struct {
		Text        string              `json:"text"`
		Split       string              `json:"split"`
		Prompt      string              `json:"prompt"`
		Temperature float64             `json:"temperature"`
		Moments     []moment            `json:"moments"`
		Definitions []evolve.Definition `json:"definitions"`
		Reference   []evolve.Skill      `json:"reference" doc:"The same figures of held-out text: what a perfect imitator would reach."`
		Emergence   []evolve.Emergence  `json:"emergence"`
		Measured    bool                `json:"measured" doc:"The skills have been measured."`
	}
}

type growthInput struct {
	RunInput
	Site    string `query:"site" required:"true" maxLength:"32"`
	Unit    int    `query:"unit" minimum:"0"`
	Concept string `query:"concept" required:"true" maxLength:"64"`
}

type growthEnd struct {
	Text  string `json:"text"`
	Split string `json:"split"`
}

func (s *Server) evolutionRoutes() {
	huma.Register(s.api, get("evolution", "/api/runs/{run}/evolution", "Samples, losses and skills along training."), s.evolution)
	sse.Register(s.api, get("growth", "/api/runs/{run}/growth", "A unit's AUROC for a concept at every snapshot, the last first."),
		map[string]any{"point": panel.GrowthPoint{}, "end": growthEnd{}, "failed": failure{}}, s.growth)
}

func (s *Server) evolution(_ context.Context, in *RunInput) (*evolutionOutput, error) {
	r, done, err := s.shelf.Open(in.Run)
	if err != nil {
		return nil, httpError(err)
	}
	defer done()
	out := &evolutionOutput{}
	b := &out.Body
	b.Moments, b.Definitions, b.Reference, b.Emergence = []moment{}, []evolve.Definition{}, []evolve.Skill{}, []evolve.Emergence{}
	steps, err := r.Steps()
	if err != nil {
		return nil, httpError(err)
	}
	losses, err := r.Metrics(run.MetricValLoss)
	if err != nil {
		return nil, httpError(err)
	}
	at := map[int64]float64{}
	for _, m := range losses {
		at[m.Step] = m.Value
	}
	samples, err := r.Samples()
	if err != nil {
		return nil, httpError(err)
	}
	for _, x := range samples {
		if x.Index != 0 {
			continue
		}
		m := moment{Step: x.Step, Loss: stat.Number(math.NaN()), Sample: strings.ToValidUTF8(x.Text, "\uFFFD"), Skills: []evolve.Skill{}}
		if l, ok := at[x.Step]; ok {
			m.Loss = stat.Number(l)
		}
		_, m.Kept = slices.BinarySearch(steps, x.Step)
		b.Moments = append(b.Moments, m)
		b.Prompt, b.Temperature = x.Prompt, x.Temperature
	}
	b.Text, b.Split = r.Info().Name, "validation of "+r.Info().Split.Name
	return out, httpError(s.skills(r, out))
}

// skills adds what rnnscope evolution measured.
func (s *Server) skills(r *shelf.Run, out *evolutionOutput) error {
	var h evolve.History
	err := r.ViewOf(r.Whole(), evolve.ViewName, &h)
	if errors.Is(err, run.ErrNoView) {
		return nil
	}
	if err != nil {
		return err
	}
	b := &out.Body
	b.Measured, b.Definitions, b.Emergence = true, h.Definitions, h.Emergence
	if h.Reference != nil {
		b.Reference = h.Reference
	}
	if b.Emergence == nil {
		b.Emergence = []evolve.Emergence{}
	}
	for i := range b.Moments {
		for _, x := range h.Snapshots {
			if x.Step == b.Moments[i].Step {
				b.Moments[i].Skills = x.Skills
			}
		}
	}
	return nil
}

func (s *Server) growth(ctx context.Context, in *growthInput, send sse.Sender) {
	if err := s.grow(ctx, in, send); err != nil && ctx.Err() == nil {
		_ = send.Data(failure{err.Error()})
	}
}

func (s *Server) grow(ctx context.Context, in *growthInput, send sse.Sender) error {
	leave, err := s.heavy.Enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	r, done, err := s.shelf.Open(in.Run)
	if err != nil {
		return err
	}
	defer done()
	c, err := concept.Find(in.Concept)
	if err != nil {
		return httpError(huma.Error422UnprocessableEntity(err.Error()))
	}
	f, doneText, err := s.shelf.Source(ctx, in.Run, r)
	if err != nil {
		return err
	}
	defer doneText()
	steps, err := r.Steps()
	if err != nil {
		return err
	}
	sign := 0
	for i := len(steps) - 1; i >= 0; i-- {
		ck, doneNet, err := s.shelf.Network(in.Run, r, steps[i])
		if err != nil {
			return err
		}
		p, err := panel.Growth(ctx, f, r.Info().Split, ck, in.Site, c)
		doneNet()
		if err != nil {
			return err
		}
		point, err := p.Score(in.Unit, &sign)
		if err != nil {
			return err
		}
		point.Step, point.Left = steps[i], i
		if err := send.Data(*point); err != nil {
			return err
		}
	}
	return send.Data(growthEnd{f.Name, "test of " + r.Info().Split.Name})
}
