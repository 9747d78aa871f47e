package web

import (
	"context"
	"errors"

	"github.com/danielgtaylor/huma/v2"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/mechanism"
	"github.com/rnnscope/rnnscope/memory"
	"github.com/rnnscope/rnnscope/run"
)

type memoryOutput struct {
	Body struct {
		Memory    *memoryPart    `json:"memory" doc:"null: not measured."`
		Mechanism *mechanismPart `json:"mechanism" doc:"null: not measured."`
	}
}

type memoryPart struct {
	Step     int64           `json:"step"`
	Text     string          `json:"text"`
	Split    string          `json:"split"`
	Baseline string          `json:"baseline"`
	Order    int             `json:"order"`
	Recall   []memory.Recall `json:"recall"`
}

type mechanismPart struct {
	Step   int64  `json:"step"`
	Split  string `json:"split"`
	Result any    `json:"result"`
}

func (s *Server) memoryRoutes() {
	huma.Register(s.api, get("memory", "/api/runs/{run}/memory", "How far back the network remembers, and how it counts quotes: what the commands found."), s.remembered)
	huma.Register(s.api, get("reading-pairs", "/api/readings/{id}/pairs", "Openers and closers of a reading that belong together."), s.pairs)
}

func (s *Server) remembered(_ context.Context, in *RunInput) (*memoryOutput, error) {
	r, done, err := s.shelf.Open(in.Run)
	if err != nil {
		return nil, told(err)
	}
	defer done()
	out := &memoryOutput{}
	var m memory.Result
	switch on, err := r.View(memory.ViewName, run.Want{}, &m); {
	case err == nil:
		out.Body.Memory = &memoryPart{on.Step, m.Text, m.Split, m.Baseline, m.Order, m.Recall}
	case !errors.Is(err, run.ErrNoView):
		return nil, told(err)
	}
	var k mechanism.View
	switch on, err := r.View(mechanism.ViewName, run.Want{}, &k); {
	case err == nil:
		out.Body.Mechanism = &mechanismPart{on.Step, k.Split, k.Result}
	case !errors.Is(err, run.ErrNoView):
		return nil, told(err)
	}
	return out, nil
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
		return nil, told(err)
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
