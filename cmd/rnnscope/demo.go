package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
	"github.com/rnnscope/rnnscope/cmd/rnnscope/table"
	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/dissect"
	"github.com/rnnscope/rnnscope/intervene"
	"github.com/rnnscope/rnnscope/report"
	"github.com/rnnscope/rnnscope/results"
	"github.com/rnnscope/rnnscope/run"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/text"
	"github.com/rnnscope/rnnscope/train"
)

type demoCmd struct {
	Out        string           `short:"o" placeholder:"DIR" default:"rnnscope-demo" help:"Directory of the run: made, or gone on with after an interruption."`
	Seed       uint64           `placeholder:"N" default:"1" help:"Of the text and of the network."`
	Size       int              `placeholder:"N" default:"${demo_size}" help:"Characters of text."`
	Iterations *int64           `placeholder:"N" help:"Updates of the weights (default: the demo preset's)."`
	Untrained  console.Networks `placeholder:"N" default:"19" help:"Untrained networks that a unit must beat to be called learned."`
	Lang       string           `enum:"en,zh" default:"en" help:"Language of the report: ${enum}."`
}

const (
	demoSize = 800_000 // default size of the demo's text
)

func (demoCmd) Help() string {
	return `Generates a text that mixes a novel, a play, encyclopedia markup, code, LaTeX and XML; trains an LSTM on it; shows
what it writes along the way; finds out which units follow what, and which of them the network uses; and writes a report.

Examples:

  rnnscope demo
  rnnscope demo --out second --seed 2`
}

// demoOutcome is the answer of demo --json.
type demoOutcome struct {
	Training *trainOutcome  `json:"training"`
	Verdicts map[string]int `json:"verdicts"` // concepts by verdict
	Causal   map[string]int `json:"causal"`   // concepts and units by causal verdict
	Report   string         `json:"report"`
	Seconds  float64        `json:"seconds"`
}

// Run walks through the whole house once: text, training, evolution, dissection, interventions, report.
func (c *demoCmd) Run(ctx context.Context, s *console.Session) error {
	started := time.Now()
	r, err := c.create(ctx, s)
	if err != nil {
		return err
	}
	defer s.Close(r)
	trained, err := trainRun(ctx, s, r, trainHow{From: -1})
	if err != nil {
		return err
	}
	if _, err := makeEvolution(ctx, s, r, 0); err != nil {
		return err
	}
	result, used, err := c.open(ctx, s, r)
	if err != nil {
		return err
	}
	page, err := writeReport(ctx, s, r, report.Options{Lang: c.Lang})
	if err != nil {
		return err
	}
	out := demoOutcome{Training: trained, Verdicts: map[string]int{}, Causal: map[string]int{}, Report: page, Seconds: time.Since(started).Seconds()}
	for _, k := range result.Concepts {
		out.Verdicts[string(k.Verdict)]++
	}
	for _, k := range used.Concepts {
		for _, p := range k.Pairs {
			out.Causal[string(p.Verdict)]++
		}
	}
	if s.JSON {
		return s.PrintJSON(out)
	}
	if err := table.Verdicts(s.Console.Stdout, result, false); err != nil {
		return err
	}
	if err := table.UsedUnits(s.Console.Stdout, used); err != nil {
		return err
	}
	return c.goodbye(s, out)
}

// open finds out what the units follow, and of the best of every concept found whether the network uses them. Both look at
// one specimen: the network on the run's own text.
func (c *demoCmd) open(ctx context.Context, s *console.Session, r *run.Run) (*dissect.Result, *intervene.Result, error) {
	ck, err := r.Latest()
	if err != nil {
		return nil, nil, err
	}
	in, err := r.Specimen(ctx, ck)
	if err != nil {
		return nil, nil, err
	}
	defer in.Close()
	found, err := c.dissect(ctx, s, in)
	if err != nil {
		return nil, nil, err
	}
	s.Keep(r, results.KeepDissection(r, in.Subject(), found))
	used, err := c.intervene(ctx, s, in, found)
	if err != nil {
		return nil, nil, err
	}
	if len(used.Concepts) > 0 {
		s.Keep(r, results.KeepVerdicts(r, in.Subject(), used))
	}
	return found, used, nil
}

func (c *demoCmd) dissect(ctx context.Context, s *console.Session, in *specimen.Specimen) (*dissect.Result, error) {
	bar := s.Note.Progress("dissecting", "char", 0)
	defer bar.Done()
	return dissect.Run(ctx, in, dissect.Options{Concepts: concept.All(), Untrained: int(c.Untrained), Version: console.ProgramVersion()}, bar.Of)
}

// intervene asks of the best two units of every concept found whether the network uses them. Where the text is too short for that, or nothing was found, there is nothing to ask.
func (c *demoCmd) intervene(ctx context.Context, s *console.Session, in *specimen.Specimen, atlas *dissect.Result) (*intervene.Result, error) {
	none := &intervene.Result{}
	list, _ := results.Found(atlas)
	if len(list) == 0 {
		return none, nil
	}
	opt := intervene.Options{Top: intervene.DefaultTop, Steer: true, Characters: intervene.DefaultCharacters, Seed: c.Seed, Version: console.ProgramVersion()}
	bar := s.Note.Progress("ablating", "char", 0)
	defer bar.Done()
	result, err := intervene.Run(ctx, in, list, opt, bar.Of)
	if errors.Is(err, intervene.ErrText) {
		return none, nil
	}
	return result, err
}

// goOn opens the run that an interrupted demo of the same settings has made. Anything else is refused as taken.
func (c *demoCmd) goOn(s *console.Session, taken error, corpus *text.Corpus, cfg train.Config) (*run.Run, error) {
	r, err := run.Open(c.Out)
	if err != nil {
		return nil, taken
	}
	had, there := r.Info(), r.ReportPath()
	if err := r.Close(); err != nil {
		return nil, err
	}
	if _, err := os.Stat(there); err == nil || had.Config == nil {
		return nil, taken
	}
	if had.SHA256 != corpus.SHA256 || had.Config.Seed != cfg.Seed || had.Config.Iterations != cfg.Iterations {
		return nil, fmt.Errorf("%w, or repeat the demo that made it with its own --size, --seed and --iterations to go on", taken)
	}
	s.Note.Printf("going on where %s stopped", c.Out)
	return console.OpenWriter(s, c.Out)
}

func (c *demoCmd) create(ctx context.Context, s *console.Session) (*run.Run, error) {
	in := console.InputFlags{SynthSize: c.Size, SynthSeed: c.Seed}
	corpus, err := in.Read(ctx, s, []string{console.SynthPrefix + "mixed"})
	if err != nil {
		return nil, err
	}
	split, err := text.DefaultSplit(len(corpus.IDs))
	if err != nil {
		return nil, err
	}
	cfg, err := train.Preset("demo")
	if err != nil {
		return nil, err
	}
	cfg.Seed = c.Seed
	assign(&cfg.Iterations, c.Iterations)
	if taken := console.MustNotExist(c.Out); taken != nil {
		return c.goOn(s, taken, corpus, cfg)
	}
	return newRun(s, c.Out, cfg, nil, corpus, split)
}

func (c *demoCmd) goodbye(s *console.Session, out demoOutcome) error {
	page, err := filepath.Abs(out.Report)
	if err != nil {
		page = out.Report
	}
	dir := console.ShellWord(c.Out)
	_, err = fmt.Fprintf(s.Console.Stdout, `
Report: %s

Next, with "go run ./cmd/rnnscope" in place of "rnnscope" in a clone:
  rnnscope sample %s --prompt 'The '         let it write
  rnnscope evolution %s                      how it learned
  rnnscope ablate %s                         which units it uses
  rnnscope trace %s --text 'He said, "Go."' --out heat.svg
  rnnscope train your-text.txt --out my-run   your own text
`, page, dir, dir, dir, dir)
	return err
}
