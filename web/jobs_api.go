package web

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/sse"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/synth"
	"github.com/rnnscope/rnnscope/train"

	"github.com/rnnscope/rnnscope/web/guard"
	"github.com/rnnscope/rnnscope/web/jobs"
	"github.com/rnnscope/rnnscope/web/reading"
)

// jobRequest says which command is to be run on what.
type jobRequest struct {
	Kind    string `json:"kind" enum:"dissect,ablate,steer,memory,quotes,evolution,explain,errors,index,train,resume,report"`
	Run     string `json:"run" maxLength:"400" doc:"The run; of train, the name of the new one."`
	Unit    string `json:"unit,omitempty" maxLength:"64" doc:"Of ablate and steer: l0.c[41]."`
	Concept string `json:"concept,omitempty" maxLength:"64" doc:"Of ablate and steer."`
	Step    *int64 `json:"step,omitempty" doc:"Of the weights; the newest without it, or for -1."`

	Preset     string `json:"preset,omitempty" maxLength:"32" doc:"Of train."`
	Built      string `json:"built,omitempty" maxLength:"32" doc:"Of train: a built-in text."`
	Text       string `json:"text,omitempty" doc:"Of train: an uploaded text, instead."`
	Name       string `json:"name,omitempty" maxLength:"120" doc:"Of train: what the uploaded text is called."`
	Iterations int64  `json:"iterations,omitempty" minimum:"0" maximum:"10000000" doc:"Of train and resume; 0: the preset's."`
}

type jobInput struct{ Body jobRequest }

type jobOutput struct{ Body jobs.Job }

type jobsOutput struct {
	Body struct {
		Jobs    []jobs.Job `json:"jobs"`
		Presets []string   `json:"presets"`
		Built   []string   `json:"built"`
	}
}

type jobIDInput struct {
	ID int64 `path:"id"`
}

type jobList struct {
	Jobs []jobs.Job `json:"jobs"`
}

func (s *Server) jobRoutes() {
	huma.Register(s.api, get("jobs", "/api/jobs", "What is being worked on, waits, or has ended."), s.jobsNow)
	start := post("job-start", "/api/jobs", "Runs one of the program's commands, as the command line would.")
	start.MaxBodyBytes = maxUpload
	huma.Register(s.api, start, s.startJob)
	stop := post("job-stop", "/api/jobs/{id}/stop", "Stops a job. What it had finished is kept; a training is saved first.")
	huma.Register(s.api, stop, s.stopJob)
	sse.Register(s.api, get("events", "/api/events", "All jobs, again whenever one has got further; and every run, a training too, that has got further or came or went."),
		map[string]any{"jobs": jobList{}, "runs": runChanges{}}, s.events)
}

func (s *Server) jobsNow(context.Context, *struct{}) (*jobsOutput, error) {
	out := &jobsOutput{}
	out.Body.Jobs, _ = s.jobs.List()
	out.Body.Presets, out.Body.Built = train.Presets(), synth.Names()
	return out, nil
}

func (s *Server) stopJob(_ context.Context, in *jobIDInput) (*struct{}, error) {
	if !s.writes() {
		return nil, huma.Error403Forbidden(jobs.ErrNone.Error())
	}
	if err := s.jobs.Cancel(in.ID); err != nil {
		return nil, huma.Error404NotFound(err.Error())
	}
	return nil, nil
}

func (s *Server) startJob(_ context.Context, in *jobInput) (*jobOutput, error) {
	if !s.writes() {
		return nil, huma.Error403Forbidden(jobs.ErrNone.Error())
	}
	args, err := s.arguments(&in.Body)
	if err != nil {
		return nil, httpError(err)
	}
	j, err := s.jobs.Add(in.Body.Kind, in.Body.Run, s.commandLine(args), args)
	if errors.Is(err, jobs.ErrFull) {
		return nil, huma.Error503ServiceUnavailable(err.Error())
	}
	if err != nil {
		return nil, httpError(err)
	}
	return &jobOutput{j}, nil
}

var (
	plainName = regexp.MustCompile(`^[\pL\pN][\pL\pN ._-]{0,63}$`)
	unitName  = regexp.MustCompile(`^l[0-9]{1,4}\.[a-z]{1,8}\[[0-9]{1,6}\]$`)
)

// arguments is the command line of a job, made of checked words only.
func (s *Server) arguments(q *jobRequest) ([]string, error) {
	if q.Kind == "train" {
		return s.trainArguments(q)
	}
	dir, err := s.shelf.Dir(q.Run)
	if err != nil {
		return nil, err
	}
	args := []string{q.Kind, dir}
	if q.Kind == "index" {
		args = []string{"match", dir, "--index"}
	}
	if step := reading.OrElse(q.Step, -1); step >= 0 && (q.Kind == "index" || q.Kind == "dissect" || q.Kind == "ablate" || q.Kind == "steer") {
		args = append(args, "--step", strconv.FormatInt(step, 10))
	}
	if q.Kind == "ablate" || q.Kind == "steer" {
		more, err := q.unitArguments()
		if err != nil {
			return nil, err
		}
		args = append(args, more...)
	}
	if q.Kind == "resume" && q.Iterations > 0 {
		args = append(args, "--iterations", strconv.FormatInt(q.Iterations, 10))
	}
	return args, nil
}

func (q *jobRequest) unitArguments() ([]string, error) {
	if q.Unit == "" && q.Kind == "ablate" && q.Concept == "" {
		return nil, nil // the best of what was found
	}
	if !unitName.MatchString(q.Unit) {
		return nil, fmt.Errorf("%w: unit %q; write it as in l0.c[41]", guard.ErrRequest, q.Unit)
	}
	if _, err := concept.Find(q.Concept); err != nil {
		return nil, fmt.Errorf("%w: %w", guard.ErrRequest, err)
	}
	if q.Kind == "steer" {
		return []string{"--unit", q.Unit, "--concept", q.Concept}, nil
	}
	return []string{"--units", q.Unit, "--concepts", q.Concept}, nil
}

// trainArguments makes a new run in the served directory of a built-in or uploaded text.
func (s *Server) trainArguments(q *jobRequest) ([]string, error) {
	if !plainName.MatchString(q.Run) || strings.HasSuffix(q.Run, ".") {
		return nil, fmt.Errorf("%w: a run's name is letters, digits, spaces and . _ -, at most 64", guard.ErrRequest)
	}
	out := filepath.Join(s.shelf.Root(), q.Run)
	if _, err := os.Lstat(out); err == nil {
		return nil, huma.Error409Conflict(q.Run + " already exists; choose another name")
	}
	if _, err := train.Preset(q.Preset); err != nil {
		return nil, fmt.Errorf("%w: %w", guard.ErrRequest, err)
	}
	input := "synth:" + q.Built
	switch {
	case q.Text != "":
		var err error
		if input, err = s.upload(q.Name, q.Text); err != nil {
			return nil, err
		}
	case !contains(synth.Names(), q.Built):
		return nil, fmt.Errorf("%w: built-in texts are %s", guard.ErrRequest, strings.Join(synth.Names(), ", "))
	}
	args := []string{"train", input, "--out", out, "--preset", q.Preset}
	if q.Iterations > 0 {
		args = append(args, "--iterations", strconv.FormatInt(q.Iterations, 10))
	}
	return args, nil
}

func contains(list []string, s string) bool {
	for _, one := range list {
		if one == s {
			return true
		}
	}
	return false
}

// upload keeps a text until the server closes: the run makes a copy of its own.
func (s *Server) upload(name, content string) (string, error) {
	name = strings.TrimSuffix(filepath.Base(strings.ReplaceAll(name, "\\", "/")), ".txt")
	if !plainName.MatchString(name) {
		name = "uploaded"
	}
	s.uploads.Lock()
	defer s.uploads.Unlock()
	if s.uploadDir == "" {
		dir, err := os.MkdirTemp("", "rnnscope-upload-*")
		if err != nil {
			return "", err
		}
		s.uploadDir = dir
	}
	dir, err := os.MkdirTemp(s.uploadDir, "*")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, name+".txt")
	return path, os.WriteFile(path, []byte(content), 0o600)
}

// commandLine is the job as somebody would type it in the directory above the runs.
func (s *Server) commandLine(args []string) string {
	line := s.opt.Program
	for _, a := range args {
		if rel, err := filepath.Rel(filepath.Dir(s.shelf.Root()), a); err == nil && filepath.IsAbs(a) {
			a = filepath.ToSlash(rel)
			if strings.HasPrefix(a, "..") {
				a = filepath.Base(a)
			}
		}
		if strings.ContainsAny(a, " '\"[]$`\\*?") {
			a = "'" + strings.ReplaceAll(a, "'", `'\''`) + "'"
		}
		line += " " + a
	}
	return line
}
