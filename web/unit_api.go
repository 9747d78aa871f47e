package web

import (
	"context"
	"math"
	"slices"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/sse"

	"github.com/rnnscope/rnnscope/checkpoint"
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
func (s *Server) on(ctx context.Context, run string, step int64, site string, watch func(done, total int64), f func(p *panel, r *openRun, ck *checkpoint.Checkpoint) error) error {
	r, doneRun, err := s.shelf.open(run)
	if err != nil {
		return err
	}
	defer doneRun()
	ck, doneNet, err := s.shelf.network(run, r, step)
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
	err := s.on(ctx, in.Run, in.Step, in.Site, watch, func(p *panel, _ *openRun, _ *checkpoint.Checkpoint) error {
		return send.Data(panelReady{len(p.ids), p.split, p.sites})
	})
	if err != nil {
		_ = send.Data(failure{err.Error()})
	}
}

func (s *Server) unit(ctx context.Context, in *unitInput) (*unitOutput, error) {
	out := &unitOutput{}
	err := s.on(ctx, in.Run, in.Step, in.Site, nil, func(p *panel, r *openRun, ck *checkpoint.Checkpoint) error {
		v, err := p.view(in.Site, in.Unit)
		if err != nil {
			return err
		}
		k, err := readKept(r)
		if err != nil {
			return err
		}
		for i := range v.Concepts {
			c := &v.Concepts[i]
			c.Tested, c.Causal = k.tested(in.Site, in.Unit, c.Concept), k.causal(in.Site, in.Unit, c.Concept)
		}
		if v.Kept, err = k.unit(r, in.Site, in.Unit); err != nil {
			return err
		}
		out.Body = *v
		return nil
	})
	return out, told(err)
}

// scale is the activation of full colour that the panel found for a unit, 0 while there is none.
func (s *Server) scale(r *reading, site string, unit int) float64 {
	all := s.scales(r, site)
	if unit >= len(all) {
		return 0
	}
	return float64(all[unit])
}

// scales is scale of all units of a site.
func (s *Server) scales(r *reading, site string) []float32 {
	p, done, ok := s.panelOf(r)
	if !ok {
		return []float32{}
	}
	defer done()
	i := slices.Index(p.sites, site)
	if i < 0 {
		return []float32{}
	}
	return p.full[i]
}

// panelOf is the panel of a reading's network where there is one.
func (s *Server) panelOf(r *reading) (*panel, func(), bool) {
	return s.panels.Get(panelKey{r.run, r.created, r.step, ""})
}

type rankInput struct {
	ReadingInput
	Lo int `query:"lo" minimum:"0"`
	Hi int `query:"hi" minimum:"1" doc:"The span [lo,hi) of shown symbols."`
	N  int `query:"n" default:"24" minimum:"1" maximum:"200"`
}

// rankedUnit is a unit over a span.
type rankedUnit struct {
	Site  string  `json:"site"`
	Unit  int     `json:"unit"`
	F     float64 `json:"f" doc:"Mean over the span of the share of the text at which it is lower: 1 the highest, 0 the lowest."`
	Value float64 `json:"value" doc:"Mean over the span."`
}

type rankOutput struct {
	Body struct {
		Units []rankedUnit `json:"units" doc:"The most extreme first."`
		Null  float64      `json:"null" doc:"The most extreme unit of a random span of this length lies as far from the middle as this or less, 95 times in 100 (|2F-1|)."`
		Spans int          `json:"spans" doc:"Random spans behind the null."`
		Text  string       `json:"text"`
		Split string       `json:"split"`
		Step  int64        `json:"step"`
	}
}

// readRank ranks the units by how unlike themselves they are over a span, beside what the most
// extreme unit of a random span is: of many units one is always extreme.
func (s *Server) readRank(ctx context.Context, in *rankInput) (*rankOutput, error) {
	r, unlock, err := s.find(in.ID)
	if err != nil {
		return nil, told(err)
	}
	run, step := r.run, r.step
	unlock()
	out := &rankOutput{}
	err = s.on(ctx, run, step, "", nil, func(p *panel, _ *openRun, _ *checkpoint.Checkpoint) error {
		r, unlock, err := s.find(in.ID)
		if err != nil {
			return err
		}
		defer unlock()
		lo, hi := in.Lo+r.warm, min(in.Hi+r.warm, r.live.Read())
		if lo >= hi {
			return huma.Error422UnprocessableEntity("the span is empty, or has not been read yet")
		}
		ranked := p.rank(func(site string, t, unit int) float32 { return r.live.Values(site)[t*p.h+unit] }, lo, hi)
		out.Body.Units = ranked[:min(in.N, len(ranked))]
		out.Body.Null, out.Body.Spans = p.rankNull(hi - lo)
		out.Body.Text, out.Body.Split, out.Body.Step = p.text, p.split, p.step
		return nil
	})
	return out, told(err)
}

// f is the mid-distribution function of a value of a unit, on the choosing part.
func (p *panel) f(site, unit int, v float32) float64 {
	return float64(p.ranks[site][unit][p.edges[site][unit].Bin(v)]) / (1 << 16)
}

func extreme(f float64) float64 { return math.Abs(2*f - 1) }

// rank orders all units by their mean F over positions [lo,hi).
func (p *panel) rank(value func(site string, t, unit int) float32, lo, hi int) []rankedUnit {
	var out []rankedUnit
	for i, site := range p.sites {
		for u := range p.h {
			r := rankedUnit{Site: site, Unit: u}
			for t := lo; t < hi; t++ {
				v := value(site, t, u)
				r.F += p.f(i, u, v)
				r.Value += float64(v)
			}
			r.F /= float64(hi - lo)
			r.Value /= float64(hi - lo)
			out = append(out, r)
		}
	}
	slices.SortStableFunc(out, func(a, b rankedUnit) int {
		switch x, y := extreme(a.F), extreme(b.F); {
		case x > y:
			return -1
		case x < y:
			return 1
		}
		return 0
	})
	return out
}

const nullSpans = 200

// rankNull is the 95 % quantile of the largest |2F-1| of random spans of n symbols, 100 at most.
func (p *panel) rankNull(n int) (null float64, spans int) {
	n = min(n, 100)
	p.once.Lock()
	defer p.once.Unlock()
	if null, ok := p.spanNull[n]; ok {
		return null, nullSpans
	}
	defer func() {
		if p.spanNull == nil {
			p.spanNull = map[int]float64{}
		}
		p.spanNull[n] = null
	}()
	var largest []float64
	for k := range nullSpans {
		t := int(mix(k+1) % uint64(len(p.ids)))
		lo, hi := p.around(t, 0, n-1)
		if hi-lo < n {
			continue
		}
		top := 0.0
		for i := range p.sites {
			for u := range p.h {
				f := 0.0
				for t := lo; t < hi; t++ {
					f += p.f(i, u, p.value(i, u, t))
				}
				top = max(top, extreme(f/float64(n)))
			}
		}
		largest = append(largest, top)
	}
	if len(largest) == 0 {
		return 1, 0
	}
	slices.Sort(largest)
	return largest[min(len(largest)-1, len(largest)*95/100)], len(largest)
}
