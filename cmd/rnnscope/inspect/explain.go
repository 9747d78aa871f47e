package inspect

import (
	"context"
	"fmt"
	"slices"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
	"github.com/rnnscope/rnnscope/cmd/rnnscope/table"
	"github.com/rnnscope/rnnscope/explain"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/run"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/text"
)

type ExplainCmd struct {
	Dir   string   `arg:"" optional:"" name:"run" help:"Directory of the run."`
	Input []string `arg:"" optional:"" help:"Another text to explain on: files, folders, globs, - or synth:NAME (default: the run's own)."`
	console.InputFlags
	console.UnknownFlag
	console.ConceptFlags
	statesFlags
	Units     []string         `sep:"," aliases:"unit" placeholder:"UNIT,..." help:"Print these units in full, as in l0.c[41]; from what the run keeps, if it was explained on this text and step before."`
	Sites     []string         `placeholder:"SITE,..." help:"Sites to explain, as in l0.h,l0.c (default: h of every layer, and c of an LSTM)."`
	Untrained console.Networks `placeholder:"N" default:"19" help:"Untrained networks of the same shape whose units a beyond-score must exceed."`
	Show      int              `placeholder:"N" default:"8" help:"Units to print of the best and of the least explained."`
	Lang      string           `enum:"en,zh" default:"en" help:"Language of the descriptions: ${enum}."`
	Again     bool             `help:"Explain anew even if the run keeps a result for this text and step."`
	Table     string           `placeholder:"FILE" help:"Only write what the descriptions of one site are grown on, predicates and activations by position, to FILE (NPZ)."`
	Step      int64            `placeholder:"N" default:"-1" help:"Use the weights of this training step (default: the newest)."`
	Workers   console.Cores    `placeholder:"N" help:"Cores to use (default: all); no result depends on it."`

	Experiment string `enum:",planted,untrained,directions" default:"" placeholder:"NAME" help:"How often the method is right: planted (instead of a run: units of known rule in untrained networks, on generated text) or untrained (networks of the run's shape, each held against the others). Or whether other directions of the top layer's h are easier to explain than its units: directions (principal components, random rotations, dictionaries)."`
	Seeds      int    `placeholder:"N" help:"Networks of the experiment (default: 50); of directions: rotations, and dictionaries of each size (default: 3)."`
	Times      []int  `placeholder:"N,..." default:"2,4,8" help:"Entries of the dictionaries of directions, in units of the layer."`
}

func (ExplainCmd) Help() string {
	return `Every unit gets a short description in readable predicates of the text, found by search: a regression tree of at most 4, 16 and
64 leaves. It is grown on the validation part, pruned on held-back blocks of it, and scored on the test part: how much of the unit it
predicts (R2), how much of that the last five characters cannot tell (beyond), and what the network loses when descriptions
take the place of its units.

Examples:

  rnnscope explain my-run
  rnnscope explain my-run --units l0.c[41],l0.h[7]
  rnnscope explain my-run other.txt --unknown skip --sites l0.h --json
  rnnscope explain my-run --untrained 0         quick: nothing is then said to remember
  rnnscope explain new-run --states h.npz --symbols s.json --controls u1.npz,u2.npz,u3.npz,u4.npz,u5.npz

Untrained networks are most of the work; each is kept when it is done, so that a stopped explain goes on behind it,
and one with more of them does only those.`
}

// mostTimes bounds the dictionaries of --experiment directions.
const mostTimes = 64

func (c *ExplainCmd) Run(ctx context.Context, s *console.Session) error {
	if err := c.statesFlags.validate(); err != nil {
		return err
	}
	if c.Untrained < 0 || c.Show < 0 {
		return console.Misusef("--untrained %d --show %d: want 0 or more", c.Untrained, c.Show)
	}
	if len(c.Times) > 0 && slices.Max(c.Times) > mostTimes {
		return console.Misusef("--times %v: want at most %d times the units", c.Times, mostTimes)
	}
	if c.Seeds < 0 || len(c.Times) > 0 && slices.Min(c.Times) < 1 {
		return console.Misusef("--seeds %d --times %v: want at least 1 of each", c.Seeds, c.Times)
	}
	if c.Seeds == 0 {
		c.Seeds = map[string]int{"directions": 3}[c.Experiment]
	}
	if c.Seeds == 0 {
		c.Seeds = 50
	}
	if c.States != "" {
		return c.onStates(ctx, s)
	}
	if c.Experiment == "planted" {
		return c.planted(ctx, s)
	}
	if c.Dir == "" {
		return console.Misusef("name a run: rnnscope explain RUN")
	}
	r, err := console.OpenKeeper(s, c.Dir)
	if err != nil {
		return err
	}
	defer s.Close(r)
	ck, err := console.Weights(s, r, c.Step)
	if err != nil {
		return err
	}
	var units []rnn.Unit
	for _, name := range c.Units {
		u, err := ck.Model.ParseUnit(name)
		if err != nil {
			return console.AsMisuse(err)
		}
		units = append(units, u)
	}
	sp, err := c.Specimen(ctx, s, r, ck, console.TextRequest{Verb: "explain", Inputs: c.Input, Unknown: c.UnknownFlag})
	if err != nil {
		return err
	}
	defer sp.Close()
	opt, err := c.options(ctx, s, r, sp)
	if err != nil {
		return err
	}
	switch {
	case c.Table != "":
		return c.table(ctx, s, sp, opt)
	case c.Experiment == "untrained":
		return c.untrained(ctx, s, sp, opt)
	case c.Experiment == "directions":
		return c.directions(ctx, s, sp, opt)
	}
	return c.tell(ctx, s, r, sp, opt, units)
}

// tell explains, or takes what is kept, and prints it.
func (c *ExplainCmd) tell(ctx context.Context, s *console.Session, r *run.Run, sp *specimen.Specimen, opt explain.Options, units []rnn.Unit) error {
	result, err := c.result(ctx, s, r, sp, opt, units)
	if err != nil {
		return err
	}
	if len(units) > 0 {
		if result, err = OnlyUnits(result, units); err != nil {
			return err
		}
	}
	if s.JSON {
		return s.PrintJSON(result)
	}
	if len(units) > 0 {
		return table.ExplainedUnits(s.Console.Stdout, result, c.Lang)
	}
	return table.Explained(s.Console.Stdout, result, console.ShellWord(c.Dir), c.Show, c.Lang)
}

func (c *ExplainCmd) options(ctx context.Context, s *console.Session, r *run.Run, sp *specimen.Specimen) (explain.Options, error) {
	concepts, err := c.Choose(ctx, func() (text.Original, error) { return console.OriginalOf(ctx, sp.Text.Source) })
	return explain.Options{
		Sites: c.Sites, Concepts: concepts, Untrained: int(c.Untrained), Seed: r.Info().Seed, Workers: int(c.Workers), Version: console.ProgramVersion(),
	}, err
}

// result takes what the run keeps, where single units are asked for, or explains and keeps it.
func (c *ExplainCmd) result(ctx context.Context, s *console.Session, r *run.Run, sp *specimen.Specimen, opt explain.Options, units []rnn.Unit) (*explain.Result, error) {
	var old explain.Result
	subject := sp.Subject()
	if len(units) > 0 && !c.Again && r.ViewOf(subject, explain.ViewName, &old) == nil && old.Has(units) {
		return &old, nil
	}
	if len(units) > 0 && len(opt.Sites) == 0 {
		opt.Sites = sitesOf(units)
	}
	var saved explain.Saved
	if r.ViewOf(subject, explain.SavedName, &saved) == nil && !c.Again {
		opt.Saved = &saved
	}
	opt.Keep = func(v *explain.Saved) { s.Store(r, subject, explain.SavedName, v, nil) }
	bar := newStages(s.Note)
	defer bar.done()
	result, err := explain.Run(ctx, sp, opt, bar.tell)
	if err != nil {
		return nil, err
	}
	if len(units) > 0 {
		return result, nil // one site alone does not replace what is kept of all
	}
	s.Store(r, subject, explain.ViewName, result, result.Findings())
	return result, nil
}

func sitesOf(units []rnn.Unit) []string {
	var out []string
	seen := map[string]bool{}
	for _, u := range units {
		if !seen[u.Site] {
			out, seen[u.Site] = append(out, u.Site), true
		}
	}
	return out
}

// OnlyUnits leaves the units asked for.
func OnlyUnits(r *explain.Result, units []rnn.Unit) (*explain.Result, error) {
	out := *r
	out.Sites = nil
	for _, site := range r.Sites {
		all := site.Units
		site.Units = nil
		for _, u := range units {
			if u.Site == site.Name {
				site.Units = append(site.Units, all[u.Unit])
			}
		}
		if len(site.Units) > 0 {
			out.Sites = append(out.Sites, site)
		}
	}
	if len(out.Sites) == 0 {
		return nil, fmt.Errorf("%s is not among the sites explained", units[0])
	}
	return &out, nil
}

// stages is progress of work that goes through several stages.
type stages struct {
	note *console.Notes
	name string
	bar  *console.Progress
}

func newStages(n *console.Notes) *stages { return &stages{note: n} }

func (p *stages) tell(stage string, done, total int64) {
	if stage != p.name {
		p.done()
		p.name, p.bar = stage, p.note.Progress(stage, "step", total)
	}
	p.bar.Of(done, total)
}

func (p *stages) done() {
	if p.bar != nil {
		p.bar.Done()
	}
}
