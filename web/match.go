package web

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/match"
	"github.com/rnnscope/rnnscope/run"

	"github.com/rnnscope/rnnscope/web/jobs"
)

type matchInput struct {
	ReadingInput
	Body struct {
		Lo int    `json:"lo" minimum:"0" doc:"The span [lo,hi) of shown symbols."`
		Hi int    `json:"hi" minimum:"1"`
		As string `json:"as,omitempty" maxLength:"64" doc:"A concept that the units are held for: precision and recall."`
	}
}

// matchView is the last match of a run.
type matchView struct {
	Result *match.Result `json:"result" doc:"null: nothing has been matched."`
	Text   string        `json:"text"`
	Step   int64         `json:"step"`
}

type matchOutput struct{ Body matchView }

func (s *Server) matchRoutes() {
	huma.Register(s.api, post("match-start", "/api/readings/{id}/match", "Finds the places of the reported part where the units peculiar to a span are most alike: a job. It counts as a look at that part."), s.startMatch)
	huma.Register(s.api, get("match", "/api/runs/{run}/match", "The last match of a run."), s.matched)
}

// startMatch runs the command on what the reading reads, that before it included.
func (s *Server) startMatch(_ context.Context, in *matchInput) (*jobOutput, error) {
	if !s.writes() {
		return nil, huma.Error403Forbidden(jobs.ErrNone.Error())
	}
	r, unlock, err := s.readings.Find(in.ID)
	if err != nil {
		return nil, told(err)
	}
	name, step, lo, hi := r.Run, r.Net.Step, in.Body.Lo+r.Warm, in.Body.Hi+r.Warm
	if lo >= hi || hi > r.Live.Len() {
		unlock()
		return nil, huma.Error422UnprocessableEntity("the span is empty, or not of this passage")
	}
	passage := r.Net.Alphabet.Decode(r.Live.IDs())
	unlock()
	dir, err := s.shelf.Dir(name)
	if err != nil {
		return nil, told(err)
	}
	passage = strings.NewReplacer(`\`, `\\`, "\n", `\n`, "\t", `\t`).Replace(passage)
	args := []string{"match", dir, "--passage=" + passage, "--span", fmt.Sprintf("%d:%d", lo, hi), "--step", fmt.Sprint(step)}
	if in.Body.As != "" {
		if _, err := concept.Find(in.Body.As); err != nil {
			return nil, huma.Error422UnprocessableEntity(err.Error())
		}
		args = append(args, "--as", in.Body.As)
	}
	j, err := s.jobs.Add("match", name, s.commandLine(args), args)
	if errors.Is(err, jobs.ErrFull) {
		return nil, huma.Error503ServiceUnavailable(err.Error())
	}
	if err != nil {
		return nil, told(err)
	}
	return &jobOutput{j}, nil
}

func (s *Server) matched(_ context.Context, in *RunInput) (*matchOutput, error) {
	r, done, err := s.shelf.Open(in.Run)
	if err != nil {
		return nil, told(err)
	}
	defer done()
	out := &matchOutput{}
	var m match.Result
	on, err := r.View(match.ViewName, run.Want{}, &m)
	if errors.Is(err, run.ErrNoView) {
		return out, nil
	}
	if err != nil {
		return nil, told(err)
	}
	out.Body = matchView{&m, on.Text, on.Step}
	return out, nil
}
