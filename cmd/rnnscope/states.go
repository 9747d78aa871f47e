package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/table"
	"github.com/rnnscope/rnnscope/dissect"
	"github.com/rnnscope/rnnscope/internal/durable"
	"github.com/rnnscope/rnnscope/run"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/states"
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
		return misused("--symbols and --controls belong to activations from elsewhere: give --states FILE as well")
	case f.States != "" && f.Symbols == "":
		return misused("--states needs the symbols that the activations belong to: give --symbols FILE")
	}
	return nil
}

// onStates dissects activations and keeps the result in a run of their own.
func (c *dissectCmd) onStates(ctx context.Context, s *session) error {
	switch {
	case len(c.Input) > 0, c.Samples > 0, c.Step >= 0, c.Only != "":
		return misused("--states brings its own text: another text, --samples, --step and --matrix are for networks")
	}
	rec, err := states.Read(ctx, states.Files{States: c.States, Symbols: c.Symbols, Controls: c.Controls})
	if err != nil {
		return err
	}
	in, err := rec.Specimen()
	if err != nil {
		return err
	}
	opt, err := c.options(ctx, s, in.Text.Source)
	if err != nil {
		return err
	}
	if opt.Untrained = len(rec.Controls); opt.Untrained < leastControls {
		if opt.Untrained > 0 {
			s.note.Printf("%d control networks are too few to call anything learned; %d are needed", opt.Untrained, leastControls)
		}
		opt.Untrained = 0
	}
	bar := s.note.Progress("dissecting", "symbol", 0)
	defer bar.Done()
	result, err := dissect.Run(ctx, in, opt, bar.of)
	if err != nil {
		return err
	}
	r, err := c.statesRun(s, rec)
	if err != nil {
		return err
	}
	defer s.close(r)
	s.store(r, in.Subject(), dissect.ViewName, result, result.Findings())
	if s.json {
		return s.printJSON(result)
	}
	return table.Verdicts(s.main.Stdout, result, c.Details)
}

// statesRun opens the run of the same states, or makes it.
func (c *dissectCmd) statesRun(s *session, rec *states.Recording) (*run.Run, error) {
	r, err := openKeeper(s, c.Dir)
	if err == nil {
		if r.Info().States != rec.SHA256 {
			s.close(r)
			return nil, fmt.Errorf("%s is a run of something else; choose another directory", c.Dir)
		}
		return r, nil
	}
	if mustNotExist(c.Dir) != nil {
		return nil, err
	}
	sources := append([]string{c.States}, c.Controls...)
	return run.Create(c.Dir, run.Info{
		Command: s.main.commandLine(), States: rec.SHA256, Notes: []string{"states from " + strings.Join(sources, ", ")},
	}, rec.Corpus)
}

// grid writes the states of a run in the form that dissect --states reads.
func (c *traceCmd) grid(ctx context.Context, s *session) error {
	base, ok := strings.CutSuffix(c.Out, ".npz")
	switch {
	case !ok:
		return misused("--grid writes a NumPy archive: give --out FILE.npz")
	case c.Text != "" || len(c.Units) > 0 || c.Loss:
		return misused("--grid is for the states of a whole text: --text, --units and --loss are for passages")
	case c.Controls < 0:
		return misused("--controls %d: want 0 or more networks", c.Controls)
	}
	symbolsFile := base + ".symbols.json"
	for _, path := range []string{c.Out, symbolsFile} {
		if err := mustNotExist(path); err != nil {
			return err
		}
	}
	r, ck, err := readNetwork(s, c.Dir, c.Step)
	if err != nil {
		return err
	}
	defer s.close(r)
	var inputs []string
	if c.File != "" {
		inputs = []string{c.File}
	}
	in, err := inputFlags{}.specimen(ctx, s, r, ck, "trace", inputs, c.unknownFlag)
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

func (c *traceCmd) writeGrid(ctx context.Context, s *session, in *specimen.Specimen, sites []string, base, symbolsFile string) error {
	t, err := states.Take(in)
	if err != nil {
		return err
	}
	own, err := in.States(sites)
	if err != nil {
		return err
	}
	if n := float64(t.Rows) * float64(len(sites)) * float64(in.Model.Config().Hidden) * 4; n > maxGrid {
		return misused("the states have %.1f GB, more than the %d that are written at once; give fewer --sites or a shorter text", n/1e9, maxGrid>>30)
	}
	write := func(path string, of specimen.States) error {
		bar := s.note.Progress("reading", "symbol", int64(t.Rows))
		defer bar.Done()
		return durable.WriteFile(path, func(w io.Writer) error { return t.WriteNPZ(ctx, w, of, bar.of) })
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
	if s.json {
		return s.printJSON(gridWritten{c.Out, symbolsFile, controls, t.Rows})
	}
	s.note.Printf("%s: %s at %s positions, symbols in %s", c.Out, strings.Join(sites, " "), table.Grouped(t.Rows), symbolsFile)
	return nil
}

// gridWritten is the answer of trace --grid --json.
type gridWritten struct {
	States   string   `json:"states"`   // path of the activations
	Symbols  string   `json:"symbols"`  // path of the symbols they belong to
	Controls []string `json:"controls"` // paths of the activations of untrained networks
	Rows     int      `json:"rows"`     // positions
}
