package records

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
	"github.com/rnnscope/rnnscope/cmd/rnnscope/table"
	"github.com/rnnscope/rnnscope/internal/durable"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/states"
)

// grid writes the states of a run in the form that dissect --states reads.
func (c *TraceCmd) grid(ctx context.Context, s *console.Session) error {
	base, ok := strings.CutSuffix(c.Out, ".npz")
	switch {
	case !ok:
		return console.Misusef("--grid writes a NumPy archive: give --out FILE.npz")
	case c.Text != "" || len(c.Units) > 0 || c.Loss:
		return console.Misusef("--grid is for the states of a whole text: --text, --units and --loss are for passages")
	case c.Controls < 0:
		return console.Misusef("--controls %d: want 0 or more networks", c.Controls)
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
	in, err := console.InputFlags{}.Specimen(ctx, s, r, ck, console.TextRequest{Verb: "trace", Inputs: inputs, Unknown: c.UnknownFlag})
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

func (c *TraceCmd) writeGrid(ctx context.Context, s *console.Session, in *specimen.Specimen, sites []string, base, symbolsFile string) error {
	t, err := states.NewWriter(in)
	if err != nil {
		return err
	}
	own, err := in.States(sites)
	if err != nil {
		return err
	}
	if n := float64(t.Rows) * float64(len(sites)) * float64(in.Model.Config().Hidden) * 4; n > maxGrid {
		return console.Misusef("the states have %.1f GB, more than the %d that are written at once; give fewer --sites or a shorter text", n/1e9, maxGrid>>30)
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
		return s.PrintJSON(GridWritten{c.Out, symbolsFile, controls, t.Rows})
	}
	s.Note.Printf("%s: %s at %s positions, symbols in %s", c.Out, strings.Join(sites, " "), table.Grouped(t.Rows), symbolsFile)
	return nil
}

// GridWritten is the answer of trace --grid --json.
type GridWritten struct {
	States   string   `json:"states"`   // path of the activations
	Symbols  string   `json:"symbols"`  // path of the symbols they belong to
	Controls []string `json:"controls"` // paths of the activations of untrained networks
	Rows     int      `json:"rows"`     // positions
}
