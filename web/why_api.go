package web

import (
	"context"

	"github.com/danielgtaylor/huma/v2"
	"github.com/rnnscope/rnnscope/web/frame"
	"github.com/rnnscope/rnnscope/web/why"
)

type whyInput struct {
	ReadingInput
	At      int   `query:"at" minimum:"0" doc:"Shown symbol."`
	Instead int32 `query:"instead" default:"-1" minimum:"-1" doc:"Why it and not this symbol; -1: why it at all."`
	Target  int32 `query:"target" default:"-1" minimum:"-1" doc:"Ask about this symbol at the place; -1: the one that stands there."`
}

type whyOutput struct{ Body why.View }

func (s *Server) whyRoutes() {
	huma.Register(s.api, get("reading-why", "/api/readings/{id}/why", "Which earlier symbols decided one."), s.why)
	huma.Register(s.api, get("reading-edit", "/api/readings/{id}/edit", "What changes when one symbol is another. Frame: change f32 [S,T] of every site, loss f32 [T] before and after."), s.edit)
}

func (s *Server) why(ctx context.Context, in *whyInput) (*whyOutput, error) {
	leave, err := s.heavy.Enter(ctx)
	if err != nil {
		return nil, httpError(err)
	}
	defer leave()
	r, unlock, err := s.readings.Find(in.ID)
	if err != nil {
		return nil, httpError(err)
	}
	defer unlock()
	v, err := why.Ask(ctx, r, in.At, in.Target, in.Instead)
	if err != nil {
		return nil, httpError(err)
	}
	return &whyOutput{*v}, nil
}

type editInput struct {
	ReadingInput
	At int   `query:"at" minimum:"0" doc:"Shown symbol."`
	To int32 `query:"to" minimum:"0" doc:"The symbol that stands there instead."`
}

// edit reads the passage with one symbol changed.
func (s *Server) edit(ctx context.Context, in *editInput) (*huma.StreamResponse, error) {
	leave, err := s.heavy.Enter(ctx)
	if err != nil {
		return nil, httpError(err)
	}
	defer leave()
	r, unlock, err := s.readings.Find(in.ID)
	if err != nil {
		return nil, httpError(err)
	}
	defer unlock()
	e, err := why.Edit(ctx, r, in.At, in.To)
	if err != nil {
		return nil, httpError(err)
	}
	n := len(e.Before)
	return frameResponse(map[string]any{"sites": e.Sites, "at": in.At, "to": in.To}, frame.Of("change", []int{len(e.Sites), n}, e.Change),
		frame.Of("before", []int{n}, e.Before), frame.Of("after", []int{n}, e.After)), nil
}
