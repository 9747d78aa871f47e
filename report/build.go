package report

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/rnnscope/rnnscope/checkpoint"
	"github.com/rnnscope/rnnscope/dissect"
	"github.com/rnnscope/rnnscope/explain"
	"github.com/rnnscope/rnnscope/figure"
	"github.com/rnnscope/rnnscope/finding"
	"github.com/rnnscope/rnnscope/internal/crew"
	"github.com/rnnscope/rnnscope/internal/durable"
	"github.com/rnnscope/rnnscope/intervene"
	"github.com/rnnscope/rnnscope/mechanism"
	"github.com/rnnscope/rnnscope/memory"
	"github.com/rnnscope/rnnscope/mistakes"
	"github.com/rnnscope/rnnscope/run"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/text"
	"github.com/rnnscope/rnnscope/trace"
)

// MetricTestLoss is the loss over the test part, nats a character, recorded at the step it was measured.
const MetricTestLoss = "test_loss"

// Options say how a report is written.
type Options struct {
	Lang string   // one of Languages; "" is English
	Dir  string   // where the page and figures/ are written; "" is the run's directory
	Want run.Want // which of what was measured on several texts and steps
}

// Build writes report.html and the figures (SVG, PNG, PDF) of a run, each atomically, and returns the page's path. It reads the run's
// metrics, samples and views, and traces one passage of the validation part with the latest weights. Errors match ErrLanguage or those of run.
func Build(ctx context.Context, r *run.Run, opt Options) (string, error) {
	d, err := Collect(ctx, r, opt.Want)
	if err != nil {
		return "", fmt.Errorf("report: %w", err)
	}
	var p page
	var figures []drawn
	err = guarded(ctx, func() (err error) {
		p, figures, err = build(d, opt.Lang)
		return err
	})
	if err != nil {
		return "", err
	}
	page, figureDir := r.ReportPath(), r.FigurePath("")
	if opt.Dir != "" {
		page, figureDir = filepath.Join(opt.Dir, filepath.Base(page)), filepath.Join(opt.Dir, filepath.Base(figureDir))
		if err := os.MkdirAll(figureDir, 0o755); err != nil {
			return "", fmt.Errorf("report: %w", err)
		}
	} else if err := ownFolder(filepath.Clean(figureDir)); err != nil {
		return "", err
	}
	if err := writeFigures(ctx, figureDir, figures); err != nil {
		return "", err
	}
	if err := guarded(ctx, func() error { return durable.WriteFile(page, p.write) }); err != nil {
		return "", fmt.Errorf("report: %w", err)
	}
	return page, nil
}

// writeFigures draws on all cores; figures share nothing but fonts.
func writeFigures(ctx context.Context, dir string, figures []drawn) error {
	return crew.TryEach(ctx, len(figures), runtime.GOMAXPROCS(0), func(_, i int) error {
		if err := guarded(ctx, func() error { return writeFigure(dir, figures[i]) }); err != nil {
			return fmt.Errorf("report: figure %s: %w", figures[i].name, err)
		}
		return nil
	})
}

func writeFigure(dir string, f drawn) error {
	for ext, write := range map[string]func(io.Writer, figure.Figure, float64) error{
		".svg": figure.WriteSVG, ".png": figure.WritePNG, ".pdf": figure.WritePDF,
	} {
		err := durable.WriteFile(filepath.Join(dir, f.name+ext), func(w io.Writer) error { return write(w, f.fig, fileWidth) })
		if err != nil {
			return err
		}
	}
	return nil
}

// Collect reads what a report speaks of from a run, of the text and step wanted. What was never made is left out.
func Collect(ctx context.Context, r *run.Run, want run.Want) (*Data, error) {
	d := described(r)
	last, err := r.Latest()
	if err := d.readNetwork(last, err); err != nil {
		return nil, err
	}
	if err := d.readSession(r); err != nil {
		return nil, err
	}
	if err := d.readMetrics(r); err != nil {
		return nil, err
	}
	if err := d.readEvolution(r); err != nil {
		return nil, err
	}
	if err := d.readMeasured(r, want); err != nil {
		return nil, err
	}
	return d, d.readText(ctx, r, last)
}

// readMeasured reads the views of a finished run.
func (d *Data) readMeasured(r *run.Run, want run.Want) error {
	var atlas dissect.Result
	var memories memory.Result
	var counting mechanism.View
	var use intervene.Result
	var wrong mistakes.Result
	var said explain.Result
	for _, v := range []struct {
		name string
		view any
		keep func()
	}{
		{dissect.ViewName, &atlas, func() { d.Dissect = &atlas }},
		{memory.ViewName, &memories, func() { d.Memory = &memories }},
		{explain.ViewName, &said, func() { d.Explain = &said }},
		{mechanism.ViewName, &counting, func() { d.Mechanism = &counting }},
		{intervene.ViewName, &use, func() { d.Use = &use }},
		{mistakes.ViewName, &wrong, func() { d.Mistakes = &wrong }},
		{intervene.SteeredViewName, &d.Steered, func() {}},
	} {
		ok, err := d.view(r, want, v.name, v.view)
		if err != nil {
			return err
		}
		if ok {
			v.keep()
		}
	}
	return d.readOthers(r)
}

func described(r *run.Run) *Data {
	i := r.Info()
	return &Data{
		Dir: r.Dir(), Name: i.Name, Version: i.Version, Command: i.Command, Seed: i.Seed, SHA256: i.SHA256, Sources: i.Sources,
		Characters: i.Symbols, Symbols: i.Alphabet.Size(), Kind: i.Alphabet.Kind(), Split: i.Split.Name, Test: math.NaN(),
	}
}

// readSession takes the kernels of the session that trained last.
func (d *Data) readSession(r *run.Run) error {
	all, err := r.Sessions()
	for _, s := range all {
		if s.Step >= 0 || d.Kernels == "" {
			d.Kernels = s.Kernels
		}
	}
	return err
}

func (d *Data) readMetrics(r *run.Run) error {
	for name, to := range map[string]*[]Value{run.MetricTrainLoss: &d.Loss, run.MetricValLoss: &d.Validation} {
		ms, err := r.Metrics(name)
		if err != nil {
			return err
		}
		for _, m := range ms {
			*to = append(*to, Value(m))
		}
	}
	ms, err := r.Metrics(MetricTestLoss)
	if len(ms) > 0 {
		d.Test = ms[len(ms)-1].Value
	}
	return err
}

// readNetwork takes the shape of the network; there is none where only its states are
// kept.
func (d *Data) readNetwork(c *checkpoint.Checkpoint, err error) error {
	if errors.Is(err, specimen.ErrNoWeights) {
		d.Step = finding.UnknownStep
		return nil
	}
	if err != nil {
		return err
	}
	cfg := c.Model.Config()
	d.Cell, d.Layers, d.Hidden, d.Embed = string(cfg.Cell), cfg.Layers, cfg.Hidden, cfg.Embed
	d.Parameters, d.Step = cfg.Parameters(), c.Step
	return nil
}

// readText looks at the text itself. A run without its text goes without.
func (d *Data) readText(ctx context.Context, r *run.Run, c *checkpoint.Checkpoint) error {
	corpus, err := r.Corpus()
	if errors.Is(err, run.ErrNoText) {
		return nil
	}
	if err != nil {
		return err
	}
	d.Marks = marks(corpus.Raw)
	if c == nil {
		return nil
	}
	return d.readPassage(ctx, r, corpus, c)
}

// readPassage traces the passage of the heatmap through the last layer's hidden state.
func (d *Data) readPassage(ctx context.Context, r *run.Run, corpus *text.Corpus, c *checkpoint.Checkpoint) error {
	lo, hi := passage(corpus, r.Info().Split.Val)
	if hi <= lo {
		return nil
	}
	site := c.Model.Config().HiddenSites()[d.Layers-1]
	block := text.Block{Warm: max(0, lo-text.WarmUp), Lo: lo, Hi: hi}
	runes, of := corpus.Alphabet.Show(corpus.IDs[lo:hi])
	p := &Passage{Site: site, Text: runes, Split: "validation"}
	err := trace.Blocks(ctx, c.Model, corpus.IDs, []text.Block{block}, trace.Options{Sites: []string{site}}, func(_ int, t *trace.Trace) error {
		p.Values = make([][]float32, t.Units)
		for n := range t.Len() {
			for u, v := range t.Row(0, n) {
				p.Values[u] = append(p.Values[u], v)
			}
		}
		for u := range p.Values {
			p.Values[u] = text.OnRunes(of, p.Values[u])
		}
		return nil
	})
	d.Passage = p
	return err
}

// passageSearch bounds how far into the validation part a passage is looked for, in characters.
const passageSearch = 20000

// passage picks the stretch of the validation part, from a line's start on, that has the most kinds of brackets, quotes
// and other marks: there is most to see.
func passage(c *text.Corpus, in text.Span) (lo, hi int) {
	n := min(heatCharacters, in.Hi-in.Lo)
	best := -1
	ids := c.IDs[in.Lo:min(in.Hi, in.Lo+passageSearch)]
	for i := 0; i+n <= len(ids); i++ {
		if i > 0 && !c.Alphabet.EndsLine(ids[i-1]) {
			continue
		}
		if k := kindsOfMarks(c.Alphabet.Shown(ids[i : i+n])); k > best {
			best, lo = k, in.Lo+i
		}
	}
	if best < 0 {
		lo = in.Lo
	}
	return lo, lo + n
}

func kindsOfMarks(s string) int {
	seen := map[rune]bool{}
	for _, r := range s {
		if strings.ContainsRune("()[]{}<>\"'“”‘’«»「」『』=:/\\#$&;", r) {
			seen[r] = true
		}
	}
	return len(seen)
}
