package web

import (
	"context"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/sse"

	"github.com/rnnscope/rnnscope/checkpoint"
	"github.com/rnnscope/rnnscope/web/panel"
	"github.com/rnnscope/rnnscope/web/reading"
	"github.com/rnnscope/rnnscope/web/shelf"
)

type unitInput struct {
	NetworkInput
	Site string `query:"site" required:"true" maxLength:"32"`
	Unit int    `query:"unit" minimum:"0"`
}

type panelInput struct {
	NetworkInput
	Site string `query:"site" maxLength:"32" doc:"A gate; empty: all states."`
}

// unitView is what is shown of one unit: what the sample says, beside what the run's analyses say.
type unitView struct {
	*panel.Unit
	Concepts []unitConcept `json:"concepts" doc:"The most unlike chance first."`
	Kept     unitAnalyses  `json:"kept" doc:"What the run's analyses say of this unit."`
}

type unitConcept struct {
	panel.Beside
	Tested *testResult `json:"tested" doc:"null: not tested."`
	Causal *causal     `json:"causal" doc:"null: not tested."`
	Other  bool        `json:"other" doc:"A rule for another kind of text: it gets no verdict here."`
	Chosen *bestUnit   `json:"chosen" doc:"The unit that the dissection chose for the concept instead; null: none, or this one."`
}

type unitOutput struct{ Body unitView }

type panelProgress struct {
	Done  int64 `json:"done"`
	Total int64 `json:"total"`
}

type panelReady struct {
	Measured int      `json:"measured" doc:"Symbols of the sample."`
	Split    string   `json:"split"`
	Sites    []string `json:"sites"`
}

type failure struct {
	Error string `json:"error"`
}

func (s *Server) unitRoutes() {
	huma.Register(s.api, get("unit", "/api/runs/{run}/unit", "Everything that is known of one unit, whichever it is."), s.unit)
	huma.Register(s.api, get("unit-output", "/api/runs/{run}/unit/output", "What a unit raises and lowers: change of the next symbol's probabilities when it is held high and low."), s.unitOutput)
	sse.Register(s.api, get("panel", "/api/runs/{run}/panel", "Reads the sample that units are shown on, with progress."),
		map[string]any{"progress": panelProgress{}, "ready": panelReady{}, "failed": failure{}}, s.panelEvents)
}

// on calls f with the panel of a network.
func (s *Server) on(ctx context.Context, run string, step int64, site string, watch func(done, total int64), f func(p *panel.Panel, r *shelf.Run, ck *checkpoint.Checkpoint) error) error {
	r, doneRun, err := s.shelf.Open(run)
	if err != nil {
		return err
	}
	defer doneRun()
	ck, doneNet, err := s.shelf.Network(run, r, step)
	if err != nil {
		return err
	}
	defer doneNet()
	p, donePanel, err := s.panel(ctx, run, r, ck, site, watch)
	if err != nil {
		return err
	}
	defer donePanel()
	return f(p, r, ck)
}

func (s *Server) panelEvents(ctx context.Context, in *panelInput, send sse.Sender) {
	watch := func(done, total int64) { _ = send.Data(panelProgress{done, total}) }
	err := s.on(ctx, in.Run, in.Step, in.Site, watch, func(p *panel.Panel, _ *shelf.Run, _ *checkpoint.Checkpoint) error {
		return send.Data(panelReady{p.Len(), p.Split, p.Sites})
	})
	if err != nil {
		_ = send.Data(failure{err.Error()})
	}
}

func (s *Server) unit(ctx context.Context, in *unitInput) (*unitOutput, error) {
	out := &unitOutput{}
	err := s.on(ctx, in.Run, in.Step, in.Site, nil, func(p *panel.Panel, r *shelf.Run, ck *checkpoint.Checkpoint) error {
		k, err := s.analyses(r)
		if err != nil {
			return err
		}
		v, err := s.page(ctx, in, r, p, k.chosenFor(in.Site, in.Unit))
		if err != nil {
			return err
		}
		out.Body = unitView{Unit: v, Concepts: []unitConcept{}}
		for _, c := range v.Concepts {
			out.Body.Concepts = append(out.Body.Concepts, k.concept(c, in.Site, in.Unit))
		}
		out.Body.Kept = k.unit(in.Site, in.Unit)
		return nil
	})
	return out, httpError(err)
}

// pageKey is one unit of a network of a run.
type pageKey struct {
	panel.Key
	site  string
	unit  int
	first string
}

// pageBytes bounds the pages that are kept.
const pageBytes = 24 << 20

// page is what the sample says of a unit, the named concepts first, computed once while it is kept.
func (s *Server) page(ctx context.Context, in *unitInput, r *shelf.Run, p *panel.Panel, first []string) (*panel.Unit, error) {
	key := pageKey{panel.Key{Run: in.Run, Created: r.Info().Created.UnixNano(), Step: p.Step}, in.Site, in.Unit, strings.Join(first, " ")}
	if v, done, ok := s.pages.Get(key); ok {
		done()
		return v, nil
	}
	leave, err := s.paging.Enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	v, err := p.Unit(in.Site, in.Unit, first...)
	if err != nil {
		return nil, err
	}
	v, done := s.pages.Put(key, v)
	done()
	return v, nil
}

// colour is how the panel says a unit is coloured; false while there is no panel.
func (s *Server) colour(r *reading.Reading, site string, unit int) (panel.Colour, bool) {
	all := s.colours(r, site)
	if unit >= len(all) {
		return panel.Colour{}, false
	}
	return all[unit], true
}

// colours is colour of all units of a site; none while there is no panel.
func (s *Server) colours(r *reading.Reading, site string) []panel.Colour {
	p, done, ok := s.panels.Have(panel.Key{Run: r.Run, Created: r.Made, Step: r.Net.Step})
	if !ok {
		return nil
	}
	defer done()
	return p.Colours(site)
}

type rankInput struct {
	ReadingInput
	Lo int `query:"lo" minimum:"0"`
	Hi int `query:"hi" minimum:"1" doc:"The span [lo,hi) of shown symbols."`
	N  int `query:"n" default:"24" minimum:"1" maximum:"200"`
}

type rankOutput struct {
	Body struct {
		Units []panel.RankedUnit `json:"units" doc:"The most extreme first."`
		Null  float64            `json:"null" doc:"The most extreme unit of a random span of this length lies as far from the middle as this or less, 95 times in 100 (|2F-1|)."`
		Spans int                `json:"spans" doc:"Random spans behind the null."`
		Text  string             `json:"text"`
		Split string             `json:"split"`
		Step  int64              `json:"step"`
	}
}

// readRank ranks the units by how unlike themselves they are over a span, beside what the most
// extreme unit of a random span is: of many units one is always extreme.
func (s *Server) readRank(ctx context.Context, in *rankInput) (*rankOutput, error) {
	r, unlock, err := s.readings.Find(in.ID)
	if err != nil {
		return nil, httpError(err)
	}
	run, step := r.Run, r.Net.Step
	unlock()
	out := &rankOutput{}
	err = s.on(ctx, run, step, "", nil, func(p *panel.Panel, _ *shelf.Run, _ *checkpoint.Checkpoint) error {
		r, unlock, err := s.readings.Find(in.ID)
		if err != nil {
			return err
		}
		defer unlock()
		lo, hi := in.Lo+r.Warm, min(in.Hi+r.Warm, r.Live.Read())
		if lo >= hi {
			return huma.Error422UnprocessableEntity("the span is empty, or has not been read yet")
		}
		ranked := p.Rank(func(site string, t, unit int) float32 { return r.Live.Values(site)[t*p.H+unit] }, lo, hi)
		out.Body.Units = ranked[:min(in.N, len(ranked))]
		out.Body.Null, out.Body.Spans = p.RankNull(hi - lo)
		out.Body.Text, out.Body.Split, out.Body.Step = p.Text, p.Split, p.Step
		return nil
	})
	return out, httpError(err)
}

type outputOutput struct{ Body panel.Output }

func (s *Server) unitOutput(ctx context.Context, in *unitInput) (*outputOutput, error) {
	out := &outputOutput{}
	err := s.on(ctx, in.Run, in.Step, in.Site, nil, func(p *panel.Panel, _ *shelf.Run, ck *checkpoint.Checkpoint) error {
		leave, err := s.heavy.Enter(ctx)
		if err != nil {
			return err
		}
		defer leave()
		v, err := p.Output(ctx, ck.Model, in.Site, in.Unit)
		if err == nil {
			out.Body = *v
		}
		return err
	})
	return out, httpError(err)
}

// panel gives the panel of a network, and makes it when it is not there.
func (s *Server) panel(ctx context.Context, id string, r *shelf.Run, ck *checkpoint.Checkpoint, site string, watch func(done, total int64)) (*panel.Panel, func(), error) {
	key, err := panel.Of(id, r.Info().Created.UnixNano(), ck, site)
	if err != nil {
		return nil, nil, err
	}
	return s.panels.Get(ctx, key, func(ctx context.Context, progress func(done, total int64)) (*panel.Panel, error) {
		leave, err := s.sampling.Enter(ctx)
		if err != nil {
			return nil, err
		}
		defer leave()
		// Whoever asked first may be gone: the run is opened for those who wait.
		r, doneRun, err := s.shelf.Open(id)
		if err != nil {
			return nil, err
		}
		defer doneRun()
		f, doneText, err := s.shelf.Source(ctx, id, r)
		if err != nil {
			return nil, err
		}
		defer doneText()
		return panel.New(ctx, panel.Text{Source: f, Name: f.Name, Split: r.Info().Split}, ck, key.SitesOf(ck.Model), progress)
	}, watch)
}
