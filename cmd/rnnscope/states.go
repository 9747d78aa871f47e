package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
	"github.com/rnnscope/rnnscope/cmd/rnnscope/table"
	"github.com/rnnscope/rnnscope/dissect"
	"github.com/rnnscope/rnnscope/explain"
	"github.com/rnnscope/rnnscope/internal/durable"
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
		return console.Misused("--symbols and --controls belong to activations from elsewhere: give --states FILE as well")
	case f.States != "" && f.Symbols == "":
		return console.Misused("--states needs the symbols that the activations belong to: give --symbols FILE")
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
func (c *dissectCmd) onStates(ctx context.Context, s *console.Session) error {
	switch {
	case len(c.Input) > 0, c.Samples > 0, c.Step >= 0, c.Only != "":
		return console.Misused("--states brings its own text: another text, --samples, --step and --matrix are for networks")
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
func (c *explainCmd) onStates(ctx context.Context, s *console.Session) error {
	switch {
	case len(c.Input) > 0, c.Step >= 0, c.Experiment != "":
		return console.Misused("--states brings its own text: another text, --step and --experiment are for networks")
	case c.Dir == "":
		return console.Misused("name the run that keeps the result: rnnscope explain RUN --states FILE --symbols FILE")
	}
	rec, in, controls, err := c.statesFlags.open(ctx, s)
	if err != nil {
		return err
	}
	units, err := unitsOf(c.Unit, in.Sites(), rec.States)
	if err != nil {
		return err
	}
	concepts, err := c.Choose(func() (text.Given, error) { return console.GivenOf(ctx, in.Text.Source) })
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
			return nil, console.Misused("there is no unit %s; write a site and a number, as in %s[0]; sites: %s", name, sites[0], strings.Join(sites, " "))
		}
		out = append(out, rnn.Unit{Site: site, Unit: n})
	}
	return out, nil
}

// grid writes the states of a run in the form that dissect --states reads.
func (c *traceCmd) grid(ctx context.Context, s *console.Session) error {
	base, ok := strings.CutSuffix(c.Out, ".npz")
	switch {
	case !ok:
		return console.Misused("--grid writes a NumPy archive: give --out FILE.npz")
	case c.Text != "" || len(c.Units) > 0 || c.Loss:
		return console.Misused("--grid is for the states of a whole text: --text, --units and --loss are for passages")
	case c.Controls < 0:
		return console.Misused("--controls %d: want 0 or more networks", c.Controls)
	}
	symbolsFile := base + ".symbols.json"
	for _, path := range []string{c.Out, symbolsFile} {
		if err := console.MustNotExist(path); err != nil {
			return err
		}
	}
	r, ck, err := console.ReadNetwork(s, c.Dir, c.Step)
	if err != nil {
		return err
	}
	defer s.Close(r)
	var inputs []string
	if c.File != "" {
		inputs = []string{c.File}
	}
	in, err := console.InputFlags{}.Specimen(ctx, s, r, ck, "trace", inputs, c.UnknownFlag)
	if err != nil {
		return err
	}
	defer in.Close()
	sites := c.Sites
	if len(sites) == 0 {
		sites = in.Sites()
	}
	return c.writeGrid(ctx, s, in, sites, base, symbolsFile)
}

// maxGrid bounds what is held of one site list, in bytes.
const maxGrid = 8 << 30

func (c *traceCmd) writeGrid(ctx context.Context, s *console.Session, in *specimen.Specimen, sites []string, base, symbolsFile string) error {
	t, err := states.Take(in)
	if err != nil {
		return err
	}
	own, err := in.States(sites)
	if err != nil {
		return err
	}
	if n := float64(t.Rows) * float64(len(sites)) * float64(in.Model.Config().Hidden) * 4; n > maxGrid {
		return console.Misused("the states have %.1f GB, more than the %d that are written at once; give fewer --sites or a shorter text", n/1e9, maxGrid>>30)
	}
	write := func(path string, of specimen.States) error {
		bar := s.Note.Progress("reading", "symbol", int64(t.Rows))
		defer bar.Done()
		return durable.WriteFile(path, func(w io.Writer) error { return t.WriteNPZ(ctx, w, of, bar.Of) })
	}
	if err := write(c.Out, own); err != nil {
		return err
	}
	var controls []string
	for k := range c.Controls {
		control, err := in.Control(k, sites, 0) // as dissect makes them
		if err != nil {
			return err
		}
		controls = append(controls, fmt.Sprintf("%s.control-%02d.npz", base, k+1))
		if err := write(controls[k], control); err != nil {
			return err
		}
	}
	if err := durable.WriteFile(symbolsFile, func(w io.Writer) error { return t.WriteSymbols(w, own.Sites()) }); err != nil {
		return err
	}
	if s.JSON {
		return s.PrintJSON(gridWritten{c.Out, symbolsFile, controls, t.Rows})
	}
	s.Note.Printf("%s: %s at %s positions, symbols in %s", c.Out, strings.Join(sites, " "), table.Grouped(t.Rows), symbolsFile)
	return nil
}

// gridWritten is the answer of trace --grid --json.
type gridWritten struct {
	States   string   `json:"states"`   // path of the activations
	Symbols  string   `json:"symbols"`  // path of the symbols they belong to
	Controls []string `json:"controls"` // paths of the activations of untrained networks
	Rows     int      `json:"rows"`     // positions
}
