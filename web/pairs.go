package web

import (
	"context"

	"github.com/danielgtaylor/huma/v2"

	"github.com/rnnscope/rnnscope/concept"
)

func (s *Server) memoryRoutes() {
	huma.Register(s.api, get("reading-pairs", "/api/readings/{id}/pairs", "Openers and closers of a reading that belong together."), s.pairs)
}

type pairView struct {
	Open  int    `json:"open" doc:"Shown symbol."`
	Close int    `json:"close"`
	Kind  string `json:"kind"`
	Depth int    `json:"depth"`
}

type pairsOutput struct {
	Body struct {
		Pairs []pairView `json:"pairs"`
	}
}

// pairs are those whose both ends are shown.
func (s *Server) pairs(_ context.Context, in *ReadingInput) (*pairsOutput, error) {
	r, unlock, err := s.readings.Find(in.ID)
	if err != nil {
		return nil, httpError(err)
	}
	ids := append([]int32(nil), r.Live.IDs()...)
	warm, spell := r.Warm, r.Net.Alphabet.Spell()
	unlock()
	runes, ends := spell.Write(nil, nil, ids)
	symbol := make([]int, 0, len(runes)) // of each character
	for i, end := range ends {
		for len(symbol) < end {
			symbol = append(symbol, i)
		}
	}
	out := &pairsOutput{}
	out.Body.Pairs = []pairView{}
	for _, p := range concept.Pairs(runes) {
		open, shut := symbol[p.Open]-warm, symbol[p.Close]-warm
		if open >= 0 && shut < len(ids)-warm {
			out.Body.Pairs = append(out.Body.Pairs, pairView{open, shut, p.Kind, p.Depth})
		}
	}
	return out, nil
}
