package web

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/rnnscope/rnnscope/checkpoint"
	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/run"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"
	"github.com/rnnscope/rnnscope/web/reading"
	"github.com/rnnscope/rnnscope/web/shelf"
)

// RunInput names a run.
type RunInput struct {
	Run string `path:"run" maxLength:"400"`
}

// NetworkInput names a run and the step of its weights.
type NetworkInput struct {
	RunInput
	Step int64 `query:"step" default:"-1" doc:"-1: the newest."`
}

// RunLine is a run in a list.
type RunLine struct {
	ID         string      `json:"id"`
	Name       string      `json:"name"`
	Path       string      `json:"path" doc:"Below the served directory."`
	Cell       string      `json:"cell"`
	Layers     int         `json:"layers"`
	Hidden     int         `json:"hidden"`
	Characters int         `json:"characters"`
	Step       int64       `json:"step"`
	Iterations int64       `json:"iterations" doc:"0: imported."`
	Loss       stat.Number `json:"loss" doc:"Newest of the validation part, nats a symbol."`
	State      string      `json:"state" enum:"finished,training,stopped,imported,states,broken"`
	Working    string      `json:"working" doc:"What a job of this server does with it."`
	Updated    time.Time   `json:"updated"`
	Error      string      `json:"error,omitempty"`
}

type runsOutput struct {
	Body struct {
		Runs     []RunLine     `json:"runs"`
		Dir      string        `json:"dir" doc:"Name of the served directory."`
		Writes   bool          `json:"writes" doc:"Jobs, trainings and notes are possible."`
		Version  string        `json:"version"`
		Concepts []conceptInfo `json:"concepts"`
	}
}

type conceptInfo struct {
	Name    string `json:"name"`
	Title   string `json:"title"`
	TitleZH string `json:"title_zh"`
	Plain   string `json:"plain"`
	PlainZH string `json:"plain_zh"`
	Rule    string `json:"rule" doc:"The exact definition."`
	Kind    string `json:"kind"`
	Class   string `json:"class"`
}

// runView is one run.
type runView struct {
	RunLine
	Seed       uint64     `json:"seed"`
	SHA256     string     `json:"sha256"`
	Split      text.Split `json:"split"`
	Symbols    []string   `json:"symbols" doc:"Each as it can be seen, by id."`
	Spelled    []string   `json:"spelled" doc:"Each as it is written, by id; bytes that are no text read U+FFFD."`
	SymbolKind string     `json:"symbol_kind" doc:"characters, bytes, words or pieces; empty where no alphabet is known."`
	Sites      []siteInfo `json:"sites"`
	Steps      []int64    `json:"steps" doc:"Snapshots: steps whose weights are kept."`
	Newest     int64      `json:"newest" doc:"Step of the newest weights: the last snapshot, or the state in which the training was stopped behind it."`
	Views      []string   `json:"views" doc:"Analyses that have been made."`
	Passage    int        `json:"passage" doc:"Most symbols of one reading."`
	Parameters int        `json:"parameters"`
	Command    string     `json:"command"`
	HasText    bool       `json:"has_text"`
	HasWeights bool       `json:"has_weights" doc:"false: states that were recorded elsewhere, which no text can be read with."`
}

type siteInfo struct {
	Name  string `json:"name"`
	Layer int    `json:"layer"`
	Part  string `json:"part"`
	Units int    `json:"units"`
	State bool   `json:"state" doc:"h or c: kept by every reading."`
}

type runOutput struct{ Body runView }

type metricsOutput struct {
	Body struct {
		Train []run.Metric `json:"train"`
		Val   []run.Metric `json:"val"`
		LR    []run.Metric `json:"lr"`
	}
}

func (s *Server) runRoutes() {
	huma.Register(s.api, get("runs", "/api/runs", "The runs of the served directory."), s.allRuns)
	huma.Register(s.api, get("run", "/api/runs/{run}", "One run: its network, alphabet and what has been measured."), s.oneRun)
	huma.Register(s.api, get("metrics", "/api/runs/{run}/metrics", "Losses along training, nats a symbol."), s.metrics)
}

func (s *Server) allRuns(ctx context.Context, _ *struct{}) (*runsOutput, error) {
	out := &runsOutput{}
	out.Body.Runs = []RunLine{}
	out.Body.Dir, out.Body.Version = filepath.Base(s.shelf.Root()), s.opt.Version
	out.Body.Writes = s.writes()
	for _, c := range concept.All() {
		out.Body.Concepts = append(out.Body.Concepts, conceptInfo{c.Name, c.Title("en"), c.Title("zh"), c.Plain("en"), c.Plain("zh"), c.Definition, string(c.Kind), string(c.Class)})
	}
	for _, id := range s.shelf.IDs() {
		if err := ctx.Err(); err != nil {
			return nil, httpError(err)
		}
		out.Body.Runs = append(out.Body.Runs, s.line(id))
	}
	return out, nil
}

// writes says that this server may change runs.
func (s *Server) writes() bool { return !s.opt.ReadOnly && s.opt.Command != nil }

// line is a run in the list; one that cannot be opened says why.
func (s *Server) line(id string) RunLine {
	r, done, err := s.shelf.Open(id)
	if err != nil {
		return RunLine{ID: id, Name: id, State: "broken", Error: err.Error(), Loss: stat.Number(math.NaN())}
	}
	defer done()
	l, err := s.describe(id, r)
	if err != nil {
		l.State, l.Error = "broken", err.Error()
	}
	return l
}

// freshly is how lately a training must have written to count as going on.
const freshly = 20 * time.Second

func (s *Server) describe(id string, r *shelf.Run) (RunLine, error) {
	info := r.Info()
	l := RunLine{ID: id, Name: info.Name, Path: s.shelf.Path(r.Dir()), Characters: info.Symbols, Loss: stat.Number(math.NaN()), State: "imported"}
	if l.Name == "" {
		l.Name = id
	}
	l.Working, _ = s.jobs.Active(id)
	if f, err := os.Stat(filepath.Join(r.Dir(), "run.db")); err == nil {
		l.Updated = f.ModTime().UTC()
	}
	val, err := r.Metrics(run.MetricValLoss)
	if err != nil {
		return l, err
	}
	if n := len(val); n > 0 {
		l.Loss, l.Step = stat.Number(val[n-1].Value), val[n-1].Step
	}
	c := info.Config
	if c == nil {
		ck, done, err := s.shelf.Network(id, r, -1)
		if errors.Is(err, specimen.ErrNoWeights) {
			l.State = "states"
			return l, nil
		}
		if err != nil {
			return l, err
		}
		defer done()
		m := ck.Model.Config()
		l.Cell, l.Layers, l.Hidden, l.Step = string(m.Cell), m.Layers, m.Hidden, ck.Step
		return l, nil
	}
	l.Cell, l.Layers, l.Hidden, l.Iterations = string(c.Model.Cell), c.Model.Layers, c.Model.Hidden, c.Iterations
	switch {
	case l.Step >= l.Iterations && l.Iterations > 0:
		l.State = "finished"
	case l.Working == "train" || l.Working == "resume" || time.Since(l.Updated) < freshly:
		l.State = "training"
	default:
		l.State = "stopped"
	}
	return l, nil
}

func (s *Server) oneRun(_ context.Context, in *RunInput) (*runOutput, error) {
	r, done, err := s.shelf.Open(in.Run)
	if err != nil {
		return nil, httpError(err)
	}
	defer done()
	out := &runOutput{}
	v := &out.Body
	if v.RunLine, err = s.describe(in.Run, r); err != nil {
		return nil, httpError(err)
	}
	info := r.Info()
	v.Seed, v.SHA256, v.Split, v.Command, v.HasText = info.Seed, info.SHA256, info.Split, info.Command, info.SHA256 != ""
	if v.Steps, err = r.Steps(); err != nil {
		return nil, httpError(err)
	}
	if v.Views, err = r.Views(); err != nil {
		return nil, httpError(err)
	}
	ck, doneNet, err := s.shelf.Network(in.Run, r, -1)
	if errors.Is(err, specimen.ErrNoWeights) {
		k, err := s.analyses(r)
		if err != nil {
			return nil, httpError(err)
		}
		v.describeRecording(k)
		return out, nil
	}
	if err != nil {
		return nil, httpError(err)
	}
	defer doneNet()
	v.HasWeights, v.Newest = true, ck.Step
	v.network(ck)
	return out, nil
}

// describeRecording describes a run of recorded states by what was found in them.
func (v *runView) describeRecording(k *analyses) {
	v.HasText, v.Symbols, v.Spelled, v.Sites = false, []string{}, []string{}, []siteInfo{}
	if k.dissect == nil {
		return
	}
	for i, at := range k.dissect.Sites {
		v.Sites = append(v.Sites, siteInfo{Name: at.Name, Layer: i, Part: at.Name, Units: at.Units, State: true})
	}
}

func (v *runView) network(ck *checkpoint.Checkpoint) {
	v.Passage, v.Parameters = reading.Limit(ck), ck.Model.Config().Parameters()
	v.SymbolKind = string(ck.Alphabet.Kind())
	for id := range int32(ck.Alphabet.Size()) {
		v.Symbols = append(v.Symbols, ck.Alphabet.Visible(id))
		v.Spelled = append(v.Spelled, strings.ToValidUTF8(ck.Alphabet.Symbol(id), "\uFFFD"))
	}
	states := ck.Model.Config().StateSites()
	for _, site := range ck.Model.Sites() {
		// The copies of h that one reader sees have h's own values.
		if strings.Contains(site.Part, ".") || site.Units != ck.Model.Config().Hidden {
			continue
		}
		state := false
		for _, name := range states {
			state = state || name == site.Name
		}
		v.Sites = append(v.Sites, siteInfo{site.Name, site.Layer, site.Part, site.Units, state})
	}
}

// lastState is the state of the last layer.
func lastState(m *rnn.Model) string {
	name := ""
	for _, site := range m.Sites() {
		if site.Part == "h" {
			name = site.Name
		}
	}
	return name
}

// metricsMost bounds the points of a curve: more than a screen has columns says nothing.
const metricsMost = 2000

func (s *Server) metrics(_ context.Context, in *RunInput) (*metricsOutput, error) {
	r, done, err := s.shelf.Open(in.Run)
	if err != nil {
		return nil, httpError(err)
	}
	defer done()
	out := &metricsOutput{}
	for name, to := range map[string]*[]run.Metric{run.MetricTrainLoss: &out.Body.Train, run.MetricValLoss: &out.Body.Val, run.MetricLR: &out.Body.LR} {
		all, err := r.Metrics(name)
		if err != nil {
			return nil, httpError(err)
		}
		*to = thin(all)
	}
	return out, nil
}

// thin is means of neighbours: no more points than a screen has columns.
func thin(all []run.Metric) []run.Metric {
	if len(all) <= metricsMost {
		return append([]run.Metric{}, all...)
	}
	out := make([]run.Metric, 0, metricsMost)
	per := float64(len(all)) / metricsMost
	for i := 0; i < metricsMost; i++ {
		lo, hi := int(float64(i)*per), min(len(all), int(float64(i+1)*per))
		m := run.Metric{Step: all[hi-1].Step}
		for _, x := range all[lo:hi] {
			m.Value += x.Value / float64(hi-lo)
		}
		out = append(out, m)
	}
	return out
}
