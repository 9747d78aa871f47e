package inspect

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
	"github.com/rnnscope/rnnscope/cmd/rnnscope/table"
	"github.com/rnnscope/rnnscope/dissect"
	"github.com/rnnscope/rnnscope/explain"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/run"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/states"
	"github.com/rnnscope/rnnscope/text"
)

// statesFlags name activations that somebody else computed.
type statesFlags struct {
	States   string   `type:"existingfile" placeholder:"FILE" help:"Activations [T,U] from elsewhere instead of a network: .npy, .npz, .safetensors or .parquet, a matrix a site; RUN is then a new directory. Needs --symbols."`
	Symbols  string   `type:"existingfile" placeholder:"FILE" help:"The T symbols of --states as JSON: a list of strings, a string, or {\"symbols\": alphabet, \"ids\": [...]}."`
	Controls []string `sep:"," placeholder:"FILE" help:"Activations of untrained networks of the same shape on the same symbols, a file each; with fewer than 5, nothing is called learned."`
}

// leastControls is how many control networks "learned" needs of states from elsewhere.
const leastControls = 5

func (f statesFlags) validate() error {
	switch {
	case f.States == "" && (f.Symbols != "" || len(f.Controls) > 0):
		return console.Misusef("--symbols and --controls belong to activations from elsewhere: give --states FILE as well")
	case f.States != "" && f.Symbols == "":
		return console.Misusef("--states needs the symbols that the activations belong to: give --symbols FILE")
	}
	return nil
}

// open reads the activations as something to examine, and how many control networks count:
// none where they are too few to call anything learned.
func (f statesFlags) open(ctx context.Context, s *console.Session) (rec *states.Recording, in *specimen.Specimen, controls int, err error) {
	rec, err = states.Read(ctx, states.Files{States: f.States, Symbols: f.Symbols, Controls: f.Controls})
	if err != nil {
		return nil, nil, 0, err
	}
	if in, err = rec.Specimen(); err != nil {
		return nil, nil, 0, err
	}
	controls = len(rec.Controls)
	if controls > 0 && controls < leastControls {
		s.Note.Printf("%d control networks are too few to call anything learned; %d are needed", controls, leastControls)
		controls = 0
	}
	return rec, in, controls, nil
}

// run opens the run of the same states, or makes it.
func (f statesFlags) run(s *console.Session, dir string, rec *states.Recording) (*run.Run, error) {
	r, err := console.OpenKeeper(s, dir)
	if err == nil {
		if r.Info().States != rec.SHA256 {
			s.Close(r)
			return nil, fmt.Errorf("%s is a run of something else; choose another directory", dir)
		}
		return r, nil
	}
	if console.MustNotExist(dir) != nil {
		return nil, err
	}
	sources := append([]string{f.States}, f.Controls...)
	return run.Create(dir, run.Info{
		Command: s.Console.CommandLine(), States: rec.SHA256, Notes: []string{"states from " + strings.Join(sources, ", ")},
	}, rec.Corpus)
}

// onStates dissects activations and keeps the result in a run of their own.
func (c *DissectCmd) onStates(ctx context.Context, s *console.Session) error {
	switch {
	case len(c.Input) > 0, c.Samples > 0, c.Step >= 0, c.Only != "":
		return console.Misusef("--states brings its own text: another text, --samples, --step and --matrix are for networks")
	}
	rec, in, controls, err := c.statesFlags.open(ctx, s)
	if err != nil {
		return err
	}
	opt, err := c.options(ctx, s, in.Text.Source)
	if err != nil {
		return err
	}
	opt.Untrained = controls
	bar := s.Note.Progress("dissecting", "symbol", 0)
	defer bar.Done()
	result, err := dissect.Run(ctx, in, opt, bar.Of)
	if err != nil {
		return err
	}
	r, err := c.statesFlags.run(s, c.Dir, rec)
	if err != nil {
		return err
	}
	defer s.Close(r)
	s.Store(r, in.Subject(), dissect.ViewName, result, result.Findings())
	if s.JSON {
		return s.PrintJSON(result)
	}
	return table.Verdicts(s.Console.Stdout, result, c.Details)
}

// onStates explains activations and keeps the result in a run of their own.
func (c *ExplainCmd) onStates(ctx context.Context, s *console.Session) error {
	switch {
	case len(c.Input) > 0, c.Step >= 0, c.Experiment != "":
		return console.Misusef("--states brings its own text: another text, --step and --experiment are for networks")
	case c.Dir == "":
		return console.Misusef("name the run that keeps the result: rnnscope explain RUN --states FILE --symbols FILE")
	}
	rec, in, controls, err := c.statesFlags.open(ctx, s)
	if err != nil {
		return err
	}
	units, err := unitsOf(c.Units, in.Sites(), rec.States)
	if err != nil {
		return err
	}
	concepts, err := c.Choose(ctx, func() (text.Original, error) { return console.OriginalOf(ctx, in.Text.Source) })
	if err != nil {
		return err
	}
	opt := explain.Options{Sites: c.Sites, Concepts: concepts, Untrained: controls, Workers: int(c.Workers), Version: console.ProgramVersion()}
	if c.Table != "" {
		return c.table(ctx, s, in, opt)
	}
	r, err := c.statesFlags.run(s, c.Dir, rec)
	if err != nil {
		return err
	}
	defer s.Close(r)
	return c.tell(ctx, s, r, in, opt, units)
}

// unitsOf reads the names of units of recorded sites.
func unitsOf(names []string, sites []string, rec *specimen.RecordedStates) ([]rnn.Unit, error) {
	var out []rnn.Unit
	for _, name := range names {
		site, number, ok := strings.Cut(strings.TrimSuffix(name, "]"), "[")
		n, err := strconv.Atoi(number)
		i := slices.IndexFunc(rec.Sites(), func(s specimen.Site) bool { return s.Name == site })
		if !ok || err != nil || i < 0 || n < 0 || n >= rec.Sites()[i].Units {
			return nil, console.Misusef("there is no unit %s; write a site and a number, as in %s[0]; sites: %s", name, sites[0], strings.Join(sites, " "))
		}
		out = append(out, rnn.Unit{Site: site, Unit: n})
	}
	return out, nil
}
