package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/rnnscope/rnnscope/checkpoint"
	"github.com/rnnscope/rnnscope/figure"
	"github.com/rnnscope/rnnscope/internal/durable"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/run"
	"github.com/rnnscope/rnnscope/trace"
)

type traceCmd struct {
	Dir   string   `arg:"" name:"run" help:"Directory of the run."`
	Text  string   `placeholder:"TEXT" xor:"source" help:"The passage; \\n is a newline."`
	File  string   `placeholder:"FILE" xor:"source" help:"Read the passage from a file, or - for standard input, as it is."`
	Sites []string `placeholder:"SITE,..." help:"What to record, as in l0.h,l0.c (default: h of every layer)."`
	Step  int64    `placeholder:"N" default:"-1" help:"Use the weights of this training step (default: the newest)."`
	Loss  bool     `help:"Also how badly each next character was predicted."`
	Out   string   `short:"o" placeholder:"FILE" help:"Write to FILE; its ending chooses the format: .csv, .json, .npy (one site), .npz, .svg, .png or .pdf (heatmap). Default: CSV on standard output."`
	Units []int    `placeholder:"U,..." help:"Heatmap: only these units, in this order (default: the 64 that vary most)."`
	unknownFlag
}

func (traceCmd) Help() string {
	return `Examples:

  rnnscope trace my-run --text 'She said, "Come in." He did.' > states.csv
  rnnscope trace my-run --file page.txt --sites l0.c --out cells.npy
  rnnscope trace my-run --text 'see http://a.org/b#c now' --out heat.svg
  rnnscope trace my-run --file page.txt --json | jq .text`
}

func (c *traceCmd) Run(s *session) error {
	r, ck, err := readNetwork(s, c.Dir, c.Step)
	if err != nil {
		return err
	}
	defer s.close(r)
	passage, err := c.passage(s)
	if err != nil {
		return err
	}
	ids, err := ck.Alphabet.Encode(passage, c.policy())
	if err != nil {
		return fmt.Errorf("the passage: %w", err)
	}
	t, err := trace.Passage(s, ck.Model, ids, trace.Options{Sites: c.sites(ck.Model), Loss: c.Loss})
	if err != nil {
		return err
	}
	if c.Out != "" {
		if err := mustNotExist(c.Out); err != nil {
			return err
		}
		if err := c.writeFile(r, ck, t); err != nil {
			return err
		}
		s.note.Printf("%s: %s characters, %s, %d units each", c.Out, grouped(t.Len()), strings.Join(t.Sites, " "), t.Units)
	}
	if s.json {
		return t.WriteJSON(s.main.Stdout, ck.Alphabet)
	}
	if c.Out == "" {
		return t.WriteCSV(s.main.Stdout, ck.Alphabet)
	}
	return nil
}

func (c *traceCmd) passage(s *session) ([]byte, error) {
	switch c.File {
	case "":
		if c.Text == "" {
			return nil, misused("nothing to trace: give --text or --file")
		}
		return []byte(unescape(c.Text)), nil
	case "-":
		return io.ReadAll(s.main.Stdin)
	}
	return os.ReadFile(c.File)
}

func (c *traceCmd) sites(m *rnn.Model) []string {
	if len(c.Sites) > 0 {
		return c.Sites
	}
	return m.Config().HiddenSites()
}

// writeFile writes the trace in the format that the file's ending names.
func (c *traceCmd) writeFile(r *run.Run, ck *checkpoint.Checkpoint, t *trace.Trace) error {
	write, err := c.writer(r, ck, t)
	if err != nil {
		return err
	}
	return durable.WriteFile(c.Out, write)
}

func (c *traceCmd) writer(r *run.Run, ck *checkpoint.Checkpoint, t *trace.Trace) (func(io.Writer) error, error) {
	ending := c.Out[strings.LastIndexByte(c.Out, '.')+1:]
	switch ending {
	case "csv":
		return func(w io.Writer) error { return t.WriteCSV(w, ck.Alphabet) }, nil
	case "json":
		return func(w io.Writer) error { return t.WriteJSON(w, ck.Alphabet) }, nil
	case "npz":
		return t.WriteNPZ, nil
	case "npy":
		if len(t.Sites) != 1 {
			return nil, misused("an .npy file holds one site; give one with --sites, or write an .npz")
		}
		return func(w io.Writer) error { return t.WriteNPY(w, t.Sites[0]) }, nil
	}
	draw, known := map[string]func(io.Writer, figure.Figure, float64) error{
		"svg": figure.WriteSVG, "png": figure.WritePNG, "pdf": figure.WritePDF}[ending]
	if !known {
		return nil, misused("%s: unknown ending; use .csv .json .npy .npz .svg .png or .pdf", c.Out)
	}
	heat, err := c.heatmap(r, ck, t)
	if err != nil {
		return nil, err
	}
	return func(w io.Writer) error { return draw(w, heat, heatmapWidth) }, nil
}
