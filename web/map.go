package web

import (
	"context"

	"github.com/danielgtaylor/huma/v2"
	"github.com/rnnscope/rnnscope/checkpoint"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/web/frame"
	"github.com/rnnscope/rnnscope/web/panel"
	"github.com/rnnscope/rnnscope/web/reading"
	"github.com/rnnscope/rnnscope/web/shelf"
)

type mapInput struct {
	NetworkInput
	Site string `query:"site" required:"true" maxLength:"32"`
}

func (s *Server) stateMap(ctx context.Context, in *mapInput) (*huma.StreamResponse, error) {
	var head map[string]any
	var arrays []frame.Array
	err := s.on(ctx, in.Run, in.Step, in.Site, nil, func(p *panel.Panel, _ *shelf.Run, _ *checkpoint.Checkpoint) error {
		i, err := p.Index(in.Site, 0)
		if err != nil {
			return err
		}
		pr, err := p.Project(ctx, i)
		if err != nil {
			return err
		}
		head, arrays = p.Points(i, pr)
		return nil
	})
	if err != nil {
		return nil, httpError(err)
	}
	return frameResponse(head, arrays...), nil
}

func (s *Server) readMap(ctx context.Context, in *SiteInput) (*huma.StreamResponse, error) {
	var points []float32
	n := 0
	err := s.onReading(ctx, in.ID, in.Site, func(r *reading.Reading, p *panel.Panel, site int) error {
		pr, err := p.Project(ctx, site)
		if err != nil {
			return err
		}
		rows := r.Live.Values(in.Site)
		n = max(0, r.Live.Read()-r.Warm)
		for t := range n {
			row := rows[(t+r.Warm)*p.H : (t+r.Warm+1)*p.H]
			points = pr.Put(points, func(u int) float32 { return row[u] })
		}
		return nil
	})
	if err != nil {
		return nil, httpError(err)
	}
	return frameResponse(nil, frame.Of("point", []int{n, panel.Axes}, points)), nil
}

// onReading calls f with a reading, locked, and the panel of its network.
func (s *Server) onReading(ctx context.Context, id, site string, f func(r *reading.Reading, p *panel.Panel, site int) error) error {
	r, unlock, err := s.readings.Find(id)
	if err != nil {
		return err
	}
	run, step := r.Run, r.Net.Step
	unlock()
	return s.on(ctx, run, step, site, nil, func(p *panel.Panel, _ *shelf.Run, _ *checkpoint.Checkpoint) error {
		i, err := p.Index(site, 0)
		if err != nil {
			return err
		}
		r, unlock, err := s.readings.Find(id)
		if err != nil {
			return err
		}
		defer unlock()
		if r.Live.Values(site) == nil {
			return rnn.ErrSite
		}
		return f(r, p, i)
	})
}

type neighboursInput struct {
	SiteInput
	At int `query:"at" minimum:"0" doc:"Shown symbol."`
}

type neighboursOutput struct {
	Body struct {
		Places []panel.Neighbour `json:"places"`
		Null   float64           `json:"null" doc:"The nearest place to a random place of the sample is as near as this or nearer 5 times in 100."`
		Text   string            `json:"text"`
		Split  string            `json:"split"`
		Step   int64             `json:"step"`
	}
}

func (s *Server) neighbours(ctx context.Context, in *neighboursInput) (*neighboursOutput, error) {
	out := &neighboursOutput{}
	err := s.onReading(ctx, in.ID, in.Site, func(r *reading.Reading, p *panel.Panel, site int) error {
		pr, err := p.Project(ctx, site)
		if err != nil {
			return err
		}
		t := in.At + r.Warm
		if t >= r.Live.Read() {
			return huma.Error422UnprocessableEntity("this symbol has not been read")
		}
		row := r.Live.Values(in.Site)[t*p.H : (t+1)*p.H]
		state := make([]float64, p.H)
		for u := range state {
			state[u] = float64(row[u]) - pr.Mean[u]
		}
		out.Body.Places = p.Nearest(site, pr, state, panel.Neighbours, -1)
		out.Body.Null = p.NearestNull(site, pr)
		out.Body.Text, out.Body.Split, out.Body.Step = p.Text, p.Split, p.Step
		return nil
	})
	return out, httpError(err)
}
