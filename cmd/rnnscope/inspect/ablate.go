package inspect

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rnnscope/rnnscope/checkpoint"
	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
	"github.com/rnnscope/rnnscope/cmd/rnnscope/table"
	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/dissect"
	"github.com/rnnscope/rnnscope/finding"
	"github.com/rnnscope/rnnscope/intervene"
	"github.com/rnnscope/rnnscope/results"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/run"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/text"
)

type AblateCmd struct {
	Dir       string   `arg:"" name:"run" help:"Directory of the run."`
	Input     []string `arg:"" optional:"" name:"text" help:"Measure on another text: files, folders, globs, - or synth:NAME (default: the test part of the run's own)."`
	Units     []string `aliases:"unit" placeholder:"UNIT,..." help:"Only these units, as in l0.c[41] or l0.c41 (default: the best of every concept that was found)."`
	Concepts  []string `placeholder:"NAME,..." help:"Only these concepts (default: those the dissection calls learned or associated)."`
	Concept   []string `sep:"none" placeholder:"NAME=REGEX" help:"A concept of your own, on in every match of a regular expression, line by line; can be given again."`
	Mode      string   `enum:"verdict,zero,mean,mean-given-character" default:"verdict" help:"verdict asks with several modes whether units are used; any other sets --units to that and tells what becomes of the loss: ${enum}."`
	Path      string   `enum:",rec,up,out" default:"" help:"With --mode: only what this reader sees: rec (the next step), up (the layer above), out (the readout)."`
	Together  bool     `help:"With --mode: all --units at once."`
	Top       int      `placeholder:"N" default:"2" help:"Units a concept; the best inside each current character is asked about beside them."`
	Steer     bool     `help:"Also turn each concept's first unit through seven doses."`
	Groups    bool     `xor:"instead" help:"Instead: the best 1, 2, 4 ... units of each concept together, against as many at random."`
	Calibrate *int     `xor:"instead" placeholder:"N" help:"Instead: judge N concepts and units drawn at random; at most .05 of them may be called used."`
	interveneFlags
}

// interveneFlags are shared by the commands that intervene on a run's text.
type interveneFlags struct {
	console.InputFlags
	console.UnknownFlag
	Text       string        `placeholder:"NAME" help:"Take units and concepts from the dissection of this text (default: of the text measured on; without one, of the run's own)."`
	Characters int           `placeholder:"N" default:"60000" help:"Characters of test text a unit is measured on for a concept, at most."`
	Step       int64         `placeholder:"N" default:"-1" help:"Use the weights of this training step (default: the newest)."`
	Seed       uint64        `placeholder:"N" default:"1" help:"Of samples, of random groups and of what --calibrate draws; a verdict has seeds of its own."`
	Workers    console.Cores `placeholder:"N" help:"Cores to use (default: all); no result depends on it."`
}

func (AblateCmd) Help() string {
	return `Does the network use the units it has? A unit is set to its mean, and to its value at a place with the same character in
the opposite state, while the network reads. It is used for a concept when predictions then become worse where the concept matters
for the next character, more so than at like places where it does not, and more than for other units of the site.
On another text, units and contexts are chosen on even blocks and effects measured on odd ones.

Examples:

  rnnscope ablate my-run
  rnnscope ablate my-run other.txt --unknown skip --concepts in-quote
  rnnscope ablate my-run --concepts in-quote,url --steer
  rnnscope ablate my-run --units l0.c41,l0.c[7] --concepts in-quote
  rnnscope ablate my-run --units l0.c41,l0.c7 --mode mean --together
  rnnscope ablate my-run --groups --concepts in-quote
  rnnscope ablate my-run --calibrate 500`
}

func (c *AblateCmd) Run(ctx context.Context, s *console.Session) error {
	if err := c.check(); err != nil {
		return err
	}
	r, ck, err := console.OpenNetwork(s, c.Dir, c.Step)
	if err != nil {
		return err
	}
	defer s.Close(r)
	units, err := parseUnits(ck, c.Units)
	if err != nil {
		return err
	}
	in, err := c.Specimen(ctx, s, r, ck, console.TextRequest{Verb: "ablate", Inputs: c.Input, Unknown: c.UnknownFlag})
	if err != nil {
		return err
	}
	defer in.Close()
	at := in.Subject()
	switch {
	case c.Calibrate != nil:
		return c.calibrate(ctx, s, r, in, at)
	case c.Groups:
		return c.groups(ctx, s, r, in, at)
	case c.Mode != "verdict":
		return c.change(ctx, s, in, units)
	}
	return c.verdicts(ctx, s, r, in, at, units)
}

// check refuses settings under which there is nothing to measure.
func (c *AblateCmd) check() error {
	instead := c.Groups || c.Calibrate != nil
	switch {
	case c.Mode == "verdict" && (c.Path != "" || c.Together):
		return console.Misusef("--path and --together say how --mode changes units; give a --mode that changes units, too")
	case c.Mode != "verdict" && (instead || c.Steer || len(c.asked()) > 0):
		return console.Misusef("--mode %s tells what becomes of the loss when --units change, and no more: leave out --concepts, --steer, --groups and --calibrate", c.Mode)
	case instead && (c.Steer || len(c.Units) > 0):
		return console.Misusef("--groups and --calibrate choose units themselves and turn none: leave out --units and --steer")
	case c.Top < 1:
		return console.Misusef("--top %d: want at least 1 unit a concept", c.Top)
	case c.Calibrate != nil && *c.Calibrate < 1:
		return console.Misusef("--calibrate %d: want at least 1 draw", *c.Calibrate)
	}
	return c.enough()
}

// enough refuses less text than one window.
func (f interveneFlags) enough() error {
	if f.Characters < intervene.Window {
		return console.Misusef("--characters %d: want at least the %d of one window", f.Characters, intervene.Window)
	}
	return nil
}

func (f interveneFlags) options(s *console.Session) intervene.Options {
	return intervene.Options{
		Characters: f.Characters, Seed: f.Seed, Workers: int(f.Workers), Version: console.ProgramVersion(),
		Estimate: func(n int64, perSecond float64) {
			left := time.Duration(float64(n) / perSecond * float64(time.Second))
			s.Note.Printf("%s characters to read under interventions: about %s at the speed of the untouched network", table.Grouped(int(n)), left.Round(time.Second))
		},
	}
}

func parseUnits(ck *checkpoint.Checkpoint, names []string) ([]rnn.Unit, error) {
	var units []rnn.Unit
	for _, name := range names {
		u, err := ck.Model.ParseUnit(name)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(units, u) {
			units = append(units, u)
		}
	}
	return units, nil
}

// asked are the concepts of --concepts and --concept, by name or as NAME=REGEX. Names given to --concept, as it was once
// written, count too.
func (c *AblateCmd) asked() []string {
	out := slices.Clone(c.Concepts)
	for _, given := range c.Concept {
		if strings.Contains(given, "=") {
			out = append(out, given)
			continue
		}
		out = append(out, strings.Split(given, ",")...)
	}
	return out
}

// candidates are the concepts asked for, or those found by the dissection, each with the
// units it found.
func (c *AblateCmd) candidates(s *console.Session, r *run.Run, at finding.Subject, units []rnn.Unit) ([]intervene.Candidate, error) {
	atlas, from, err := results.Dissection(r, c.Text, at)
	if err != nil {
		return nil, err
	}
	if atlas != nil && len(units) == 0 {
		s.Note.Printf("units are those that were found on %s", from)
	}
	var out []intervene.Candidate
	for _, name := range c.asked() {
		k, err := conceptOf(name)
		if err != nil {
			return nil, err
		}
		one := results.UnitsFor(atlas, k.Name)
		one.Concept = k
		out = append(out, one)
	}
	if len(c.asked()) == 0 {
		if out, err = c.found(s, atlas); err != nil {
			return nil, err
		}
	}
	if len(units) > 0 {
		for i := range out {
			out[i].Units, out[i].Beside = units, nil
		}
	}
	return out, nil
}

// found are the concepts of a dissection; without any there is nothing to ask about.
func (c *AblateCmd) found(s *console.Session, atlas *dissect.Result) ([]intervene.Candidate, error) {
	if atlas == nil {
		return nil, fmt.Errorf("no units are known yet: run `rnnscope dissect %s` first, or name --concepts", console.ShellWord(c.Dir))
	}
	found, own := results.Found(atlas)
	for _, name := range own {
		s.Note.Printf("left out: the concept %s is your own; ask for it with --concept %s=REGEX", name, name)
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("the dissection of %s found no concept; name one with --concepts", console.ShellWord(c.Dir))
	}
	return found, nil
}

// conceptOf finds a concept by name, or makes one from NAME=REGEX.
func conceptOf(given string) (concept.Concept, error) {
	if name, expression, own := strings.Cut(given, "="); own {
		return concept.FromRegexp(name, expression)
	}
	return concept.Find(given)
}

// rulesHere leaves out the concepts that are rules for another kind of text than the one
// at hand: dissect gives them no verdict, and neither does ablate.
func rulesHere(ctx context.Context, s *console.Session, in *specimen.Specimen, list []intervene.Candidate) ([]intervene.Candidate, error) {
	of := make([]concept.Concept, len(list))
	for i, c := range list {
		of[i] = c.Concept
	}
	found, err := in.Survey(ctx, of, in.Parts(text.DefaultBlock), 0)
	if err != nil {
		return nil, err
	}
	var out []intervene.Candidate
	var why string
	for i, a := range found {
		if a.Admitted {
			out = append(out, list[i])
			continue
		}
		why = fmt.Sprintf("%s is a rule for another kind of text: %s", a.Concept, a.Reason)
		s.Note.Printf("left out: %s", why)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("nothing to ask: %s", why)
	}
	return out, nil
}

func (c *AblateCmd) verdicts(ctx context.Context, s *console.Session, r *run.Run, in *specimen.Specimen, at finding.Subject, units []rnn.Unit) error {
	list, err := c.candidates(s, r, at, units)
	if err != nil {
		return err
	}
	if list, err = rulesHere(ctx, s, in, list); err != nil {
		return err
	}
	result, err := c.intervene(ctx, s, in, units, list)
	if err != nil {
		return err
	}
	s.Keep(r, results.KeepVerdicts(r, at, result))
	if s.JSON {
		return s.PrintJSON(result)
	}
	return table.Ablation(s.Console.Stdout, result)
}

// intervene asks whether units are used.
func (c *AblateCmd) intervene(ctx context.Context, s *console.Session, in *specimen.Specimen, units []rnn.Unit, list []intervene.Candidate) (*intervene.Result, error) {
	opt := c.options(s)
	opt.Top, opt.Steer = c.Top, c.Steer
	if len(units) > 0 {
		opt.Top = len(units)
		for _, u := range units {
			if !slices.Contains(opt.Sites, u.Site) {
				opt.Sites = append(opt.Sites, u.Site)
			}
		}
	}
	bar := s.Note.Progress("ablating", "char", 0)
	defer bar.Done()
	return intervene.Run(ctx, in, list, opt, bar.Of)
}

// candidateConcepts is the concept of each candidate.
func (c *AblateCmd) candidateConcepts(s *console.Session, r *run.Run, at finding.Subject) ([]concept.Concept, error) {
	list, err := c.candidates(s, r, at, nil)
	if err != nil {
		return nil, err
	}
	var concepts []concept.Concept
	for _, k := range list {
		concepts = append(concepts, k.Concept)
	}
	return concepts, nil
}

func (c *AblateCmd) calibrate(ctx context.Context, s *console.Session, r *run.Run, in *specimen.Specimen, at finding.Subject) error {
	concepts, err := c.candidateConcepts(s, r, at)
	if err != nil {
		return err
	}
	bar := s.Note.Progress("calibrating", "char", 0)
	result, err := intervene.Calibrate(ctx, in, concepts, *c.Calibrate, c.options(s), bar.Of)
	bar.Done()
	if err != nil {
		return err
	}
	s.Store(r, at, "intervene-calibration", result, nil)
	if s.JSON {
		return s.PrintJSON(result)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s, %s: %d units drawn at random, each judged for one of %d concepts drawn at random, without correction for many tests\n\n", result.Text, result.Split, result.Draws, result.Testable)
	b.WriteString(table.Aligned([][]string{
		{"", "share", "95 % interval"},
		{"called used", table.Fixed(result.Used.Estimate, 3), table.Bounds(result.Used, 3)},
		{"p < .05 alone", table.Fixed(result.Small.Estimate, 3), table.Bounds(result.Small, 3)},
		{"gate alone", table.Fixed(result.Gate.Estimate, 3), table.Bounds(result.Gate, 3)},
	}, 1))
	_, err = fmt.Fprint(s.Console.Stdout, b.String())
	return err
}

func (c *AblateCmd) groups(ctx context.Context, s *console.Session, r *run.Run, in *specimen.Specimen, at finding.Subject) error {
	concepts, err := c.candidateConcepts(s, r, at)
	if err != nil {
		return err
	}
	bar := s.Note.Progress("ablating groups", "char", 0)
	result, err := intervene.Groups(ctx, in, concepts, c.options(s), bar.Of)
	bar.Done()
	if err != nil {
		return err
	}
	s.Store(r, at, "intervene-groups", result, nil)
	if s.JSON {
		return s.PrintJSON(result)
	}
	return table.Groups(s.Console.Stdout, result)
}

// change tells what one mode does to the loss, for each unit or for all together.
func (c *AblateCmd) change(ctx context.Context, s *console.Session, in *specimen.Specimen, units []rnn.Unit) error {
	if len(units) == 0 {
		return console.Misusef("--mode %s needs --units; to ask about a concept's best units leave --mode out", c.Mode)
	}
	var list [][]intervene.Intervention
	for _, u := range units {
		v := intervene.Intervention{Site: u.Site, Units: []int{u.Unit}, Mode: intervene.Mode(c.Mode), Path: c.Path}
		if c.Together && len(list) > 0 {
			list[0] = append(list[0], v)
			continue
		}
		list = append(list, []intervene.Intervention{v})
	}
	bar := s.Note.Progress("ablating", "char", 0)
	result, err := intervene.Change(ctx, in, list, c.options(s), bar.Of)
	bar.Done()
	if err != nil {
		return err
	}
	if s.JSON {
		return s.PrintJSON(result)
	}
	return table.Change(s.Console.Stdout, result)
}
