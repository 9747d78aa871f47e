package records

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/rnnscope/rnnscope/checkpoint"
	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
	"github.com/rnnscope/rnnscope/cmd/rnnscope/table"
	"github.com/rnnscope/rnnscope/figure"
	"github.com/rnnscope/rnnscope/internal/durable"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/run"
	"github.com/rnnscope/rnnscope/text"
	"github.com/rnnscope/rnnscope/trace"
)

type TraceCmd struct {
	Dir      string   `arg:"" name:"run" help:"Directory of the run."`
	Text     string   `placeholder:"TEXT" xor:"source" help:"The passage; \\n is a newline."`
	File     string   `placeholder:"FILE" xor:"source" help:"Read the passage from a file, or - for standard input, as it is."`
	Sites    []string `placeholder:"SITE,..." help:"What to record, as in l0.h,l0.c (default: h of every layer)."`
	Step     int64    `placeholder:"N" default:"-1" help:"Use the weights of this training step (default: the newest)."`
	Loss     bool     `help:"Also how badly each next character was predicted."`
	Out      string   `short:"o" placeholder:"FILE" help:"Write to FILE; its ending chooses the format: .csv, .json, .npy (one site), .npz, .svg, .png or .pdf (heatmap). Default: CSV on standard output."`
	Grid     bool     `help:"The states of the whole text (the run's own, or --file) at every position that analyses score, in the form that dissect --states reads; needs --out FILE.npz."`
	Controls int      `placeholder:"N" default:"0" help:"With --grid: also the states of N untrained networks of the same shape."`
	Units    []string `aliases:"unit" placeholder:"UNIT,..." help:"Heatmap: only these units, in this order, as in l0.h[3] or l0.h3, or by their numbers alone (default: the 64 that vary most)."`
	From     int      `placeholder:"N" default:"0" help:"Heatmap: begin at this character; a picture holds ${heatmap_characters}. The network reads from the first one in any case."`
	console.UnknownFlag
}

func (TraceCmd) Help() string {
	return `Examples:

  rnnscope trace my-run --text 'She said, "Come in." He did.' > states.csv
  rnnscope trace my-run --file page.txt --sites l0.c --out cells.npy
  rnnscope trace my-run --text 'see http://a.org/b#c now' --out heat.svg
  rnnscope trace my-run --file page.txt --json | jq .text`
}

func (c *TraceCmd) Run(ctx context.Context, s *console.Session) error {
	if c.Grid {
		return c.grid(ctx, s)
	}
	if c.Controls != 0 {
		return console.Misusef("--controls belongs to --grid")
	}
	r, ck, err := console.ReadNetwork(s, c.Dir, c.Step)
	if err != nil {
		return err
	}
	defer s.Close(r)
	passage, err := c.passage(ctx, s)
	if err != nil {
		return err
	}
	ids, err := ck.Alphabet.Encode(passage, c.Policy())
	if err != nil {
		return fmt.Errorf("the passage: %w", err)
	}
	if err := c.fits(ck.Model, len(ids)); err != nil {
		return err
	}
	t, err := trace.Passage(ctx, ck.Model, ids, trace.Options{Sites: c.sites(ck.Model), Loss: c.Loss})
	if err != nil {
		return err
	}
	if c.Out != "" {
		if err := console.MustNotExist(c.Out); err != nil {
			return err
		}
		if err := c.writeFile(ctx, s, r, ck, t); err != nil {
			return err
		}
		s.Note.Printf("%s: %s characters, %s, %d units each", c.Out, table.Grouped(t.Len()), strings.Join(t.Sites, " "), t.Units)
	}
	if s.JSON {
		return t.WriteJSON(obeying{ctx, text.JSONScreen(s.Console.Data)}, ck.Alphabet)
	}
	if c.Out == "" {
		return t.WriteCSV(obeying{ctx, s.Console.Stdout}, ck.Alphabet)
	}
	return nil
}

// obeying is a writer that fails when the command is asked to stop.
type obeying struct {
	ctx context.Context
	w   io.Writer
}

func (o obeying) Write(p []byte) (int, error) {
	if err := o.ctx.Err(); err != nil {
		return 0, err
	}
	return o.w.Write(p)
}

// lines is a writer that tells how many lines were written.
type lines struct {
	w    io.Writer
	bar  *console.Progress
	done int64
}

func (l *lines) Write(p []byte) (int, error) {
	n, err := l.w.Write(p)
	l.done += int64(bytes.Count(p[:n], []byte{'\n'}))
	l.bar.Set(l.done, "")
	return n, err
}

const (
	longestPassage = 256 << 20 // bytes that are read of a passage
	mostTraced     = 1 << 30   // bytes of activations that a trace holds
)

// fits refuses a passage whose activations would not fit in a part of the memory.
func (c *TraceCmd) fits(m *rnn.Model, characters int) error {
	each := 4 * m.Config().Hidden * len(c.sites(m))
	if most := mostTraced / each; characters > most {
		return fmt.Errorf("a trace of %s characters would hold %.1f GB: give at most %s (head -c), or fewer --sites; texts of any length are read by dissect and memory",
			table.Grouped(characters), float64(characters)*float64(each)/1e9, table.Grouped(most))
	}
	return nil
}

func (c *TraceCmd) passage(ctx context.Context, s *console.Session) ([]byte, error) {
	if c.File == "" {
		if c.Text == "" {
			return nil, console.Misusef("nothing to trace: give --text or --file")
		}
		return []byte(console.Unescape(c.Text)), nil
	}
	return console.ReadFile(ctx, s, c.File, longestPassage)
}

func (c *TraceCmd) sites(m *rnn.Model) []string {
	if len(c.Sites) > 0 {
		return c.Sites
	}
	return m.Config().HiddenSites()
}

// writeFile writes the trace in the format that the file's ending names.
func (c *TraceCmd) writeFile(ctx context.Context, s *console.Session, r *run.Run, ck *checkpoint.Checkpoint, t *trace.Trace) error {
	write, err := c.writer(s, r, ck, t)
	if err != nil {
		return err
	}
	return durable.WriteFile(c.Out, func(w io.Writer) error { return write(obeying{ctx, w}) })
}

func (c *TraceCmd) writer(s *console.Session, r *run.Run, ck *checkpoint.Checkpoint, t *trace.Trace) (func(io.Writer) error, error) {
	ending := c.Out[strings.LastIndexByte(c.Out, '.')+1:]
	switch ending {
	case "csv":
		return func(w io.Writer) error {
			bar := s.Note.Progress("writing", "row", int64(t.Len())+1)
			defer bar.Done()
			return t.WriteCSV(&lines{w: w, bar: bar}, ck.Alphabet)
		}, nil
	case "json":
		return func(w io.Writer) error { return t.WriteJSON(w, ck.Alphabet) }, nil
	case "npz":
		return t.WriteNPZ, nil
	case "npy":
		if len(t.Sites) != 1 {
			return nil, console.Misusef("an .npy file holds one site; give one with --sites, or write an .npz")
		}
		return func(w io.Writer) error { return t.WriteNPY(w, t.Sites[0]) }, nil
	}
	draw, known := map[string]func(io.Writer, figure.Figure, float64) error{
		"svg": figure.WriteSVG, "png": figure.WritePNG, "pdf": figure.WritePDF}[ending]
	if !known {
		return nil, console.Misusef("%s: unknown ending; use .csv .json .npy .npz .svg .png or .pdf", c.Out)
	}
	heat, err := c.heatmap(s, r, ck, t)
	if err != nil {
		return nil, err
	}
	return func(w io.Writer) error { return draw(w, heat, heatmapWidth) }, nil
}
