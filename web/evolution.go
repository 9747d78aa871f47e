package web

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/sse"

	"github.com/rnnscope/rnnscope/checkpoint"
	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/evolve"
	"github.com/rnnscope/rnnscope/run"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"
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

// growthPoint is one snapshot.
type growthPoint struct {
	Step     int64         `json:"step"`
	AUROC    stat.Interval `json:"auroc" doc:"Of the unit, in the direction it has at the last snapshot."`
	Best     float64       `json:"best" doc:"Of the best unit of the site at this snapshot: a maximum. That of step 0, before anything was learned, is its null."`
	BestUnit int           `json:"best_unit"`
	Measured int           `json:"measured"`
	Left     int           `json:"left" doc:"Snapshots still to come."`
}

type growthEnd struct {
	Text  string `json:"text"`
	Split string `json:"split"`
}

func (s *Server) evolutionRoutes() {
	huma.Register(s.api, get("evolution", "/api/runs/{run}/evolution", "Samples, losses and skills along training."), s.evolution)
	sse.Register(s.api, get("growth", "/api/runs/{run}/growth", "A unit's AUROC for a concept at every snapshot, the last first."),
		map[string]any{"point": growthPoint{}, "end": growthEnd{}, "failed": failure{}}, s.growth)
}

func (s *Server) evolution(_ context.Context, in *RunInput) (*evolutionOutput, error) {
	r, done, err := s.shelf.open(in.Run)
	if err != nil {
		return nil, told(err)
	}
	defer done()
	out := &evolutionOutput{}
	b := &out.Body
	b.Moments, b.Definitions, b.Reference, b.Emergence = []moment{}, []evolve.Definition{}, []evolve.Skill{}, []evolve.Emergence{}
	steps, err := r.Steps()
	if err != nil {
		return nil, told(err)
	}
	losses, err := r.Metrics(run.MetricValLoss)
	if err != nil {
		return nil, told(err)
	}
	at := map[int64]float64{}
	for _, m := range losses {
		at[m.Step] = m.Value
	}
	samples, err := r.Samples()
	if err != nil {
		return nil, told(err)
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
	return out, told(s.skills(r, out))
}

// skills adds what rnnscope evolution measured.
func (s *Server) skills(r *openRun, out *evolutionOutput) error {
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

// growthBlocks are the blocks a unit is scored on at every snapshot: few, since there are many
// snapshots.
const growthBlocks = 3

func (s *Server) growth(ctx context.Context, in *growthInput, send sse.Sender) {
	if err := s.grow(ctx, in, send); err != nil && ctx.Err() == nil {
		_ = send.Data(failure{err.Error()})
	}
}

func (s *Server) grow(ctx context.Context, in *growthInput, send sse.Sender) error {
	leave, err := s.heavy.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	r, done, err := s.shelf.open(in.Run)
	if err != nil {
		return err
	}
	defer done()
	c, err := concept.Find(in.Concept)
	if err != nil {
		return told(huma.Error422UnprocessableEntity(err.Error()))
	}
	f, doneText, err := s.shelf.source(ctx, in.Run, r)
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
		ck, doneNet, err := s.shelf.network(in.Run, r, steps[i])
		if err != nil {
			return err
		}
		p, err := growthPanel(ctx, f, r.Info().Split, ck, in.Site, c)
		doneNet()
		if err != nil {
			return err
		}
		point, err := p.score(in.Unit, &sign)
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

// growthPanel is a small panel with one concept.
func growthPanel(ctx context.Context, f *text.File, split text.Split, ck *checkpoint.Checkpoint, site string, c concept.Concept) (*panel, error) {
	if _, err := ck.Model.Site(site); err != nil {
		return nil, err
	}
	p := &panel{sites: []string{site}, h: ck.Model.Config().Hidden, step: ck.Step}
	p.blocks = spread(text.Grid{Size: panelBlock}.Blocks(split.Test), growthBlocks)
	none := func(int64) {}
	if err := p.readRanges(ctx, f, ck.Model, p.blocks, none); err != nil { // borders only: nothing is chosen by them
		return nil, err
	}
	if err := p.readValues(ctx, f, ck.Model, none); err != nil {
		return nil, err
	}
	return p, p.label(ctx, f, ck.Alphabet, []concept.Concept{c})
}

// score measures a unit, and finds the best of the site. sign 0 is set to the unit's direction.
func (p *panel) score(unit int, sign *int) (*growthPoint, error) {
	if _, err := p.index(p.sites[0], unit); err != nil {
		return nil, err
	}
	out := &growthPoint{AUROC: stat.Point(math.NaN(), 0), BestUnit: -1, Measured: len(p.ids)}
	if len(p.concepts) == 0 {
		return out, nil
	}
	h := histogram{Counts: make([]int, 1)}
	for u := range p.h {
		bins := p.binned(0, u)
		if u == unit {
			c := p.beside(0, bins, make([]float64, len(p.ids)), &h)
			if *sign == 0 {
				*sign = c.Sign
			}
			out.AUROC = c.AUROC
			if c.Sign != *sign {
				out.AUROC = stat.Interval{Estimate: 1 - c.AUROC.Estimate, Lo: 1 - c.AUROC.Hi, Hi: 1 - c.AUROC.Lo, N: c.AUROC.N}
			}
		}
		var on, off [stat.Bins]int64
		for t, y := range p.labels[0] {
			switch y {
			case 1:
				on[bins[t]]++
			case 0:
				off[bins[t]]++
			}
		}
		if a, _ := stat.AUROC(on[:], off[:]); !math.IsNaN(a) && max(a, 1-a) > out.Best {
			out.Best, out.BestUnit = max(a, 1-a), u
		}
	}
	return out, nil
}
