package content

import (
	"context"
	"errors"
	"math"
	"strings"

	"github.com/rnnscope/rnnscope/checkpoint"
	"github.com/rnnscope/rnnscope/dissect"
	"github.com/rnnscope/rnnscope/explain"
	"github.com/rnnscope/rnnscope/finding"
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

// Collect reads what a report speaks of from a run, of the text and step wanted. What was never made is left out.
func Collect(ctx context.Context, r *run.Run, want run.Want) (*Data, error) {
	d, last, err := measured(r, want)
	if err != nil {
		return nil, err
	}
	if err := d.readMetrics(r); err != nil {
		return nil, err
	}
	if err := d.readEvolution(r); err != nil {
		return nil, err
	}
	return d, d.readText(ctx, r, last)
}

// Part is something a report speaks of that takes its own reading.
type Part uint

// The parts.
const (
	Losses    Part = 1 << iota // along training
	Evolution                  // samples and skills; with the losses
	Text                       // a passage of it, read by the network
)

// textMost is how many symbols a text may have that is read for a part alone: the whole of it is held meanwhile.
const textMost = 64 << 20

// CollectParts reads what was measured of a run and the named parts. A text too large to be held is left out.
func CollectParts(ctx context.Context, r *run.Run, want run.Want, parts Part) (*Data, error) {
	d, last, err := measured(r, want)
	if err != nil {
		return nil, err
	}
	if parts&(Losses|Evolution) != 0 {
		if err := d.readMetrics(r); err != nil {
			return nil, err
		}
	}
	if parts&Evolution != 0 {
		if err := d.readEvolution(r); err != nil {
			return nil, err
		}
	}
	if parts&Text != 0 && r.Info().Symbols <= textMost {
		err = d.readText(ctx, r, last)
	}
	return d, err
}

// measured is Measured, with the latest weights; nil where there are none.
func measured(r *run.Run, want run.Want) (*Data, *checkpoint.Checkpoint, error) {
	d := described(r)
	last, err := r.Latest()
	if err := d.readNetwork(last, err); err != nil {
		return nil, nil, err
	}
	if err := d.readSession(r); err != nil {
		return nil, nil, err
	}
	return d, last, d.readMeasured(r, want)
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

// PassageCharacters is how many characters the passage of the heatmap has, at most.
const PassageCharacters = 220

// passageSearch bounds how far into the validation part a passage is looked for, in characters.
const passageSearch = 20000

// passage picks the stretch of the validation part, from a line's start on, that has the most kinds of brackets, quotes
// and other marks: there is most to see.
func passage(c *text.Corpus, in text.Span) (lo, hi int) {
	n := min(PassageCharacters, in.Hi-in.Lo)
	best := -1
	ids := c.IDs[in.Lo:min(in.Hi, in.Lo+passageSearch)]
	for i := 0; i+n <= len(ids); i++ {
		if i > 0 && !c.Alphabet.EndsLine(ids[i-1]) {
			continue
		}
		if k := kindsOfMarks(c.Alphabet.ShowString(ids[i : i+n])); k > best {
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

// view reads a view of the subject wanted and notes which that is. ok is false where nothing was measured on it.
func (d *Data) view(r *run.Run, want run.Want, name string, v any) (ok bool, err error) {
	subject, err := r.View(name, want, v)
	if errors.Is(err, run.ErrNoView) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if d.Subjects == nil {
		d.Subjects = map[string]finding.Subject{}
	}
	d.Subjects[name] = subject
	return true, nil
}

// readOthers lists what the run holds of other texts and steps than those shown.
func (d *Data) readOthers(r *run.Run) error {
	names, err := r.Views()
	if err != nil {
		return err
	}
	for _, name := range names {
		all, err := r.Subjects(name)
		if err != nil {
			return err
		}
		for _, s := range all {
			if shown, ok := d.Subjects[name]; ok && shown != s {
				d.Others = append(d.Others, OtherResult{name, s})
			}
		}
	}
	return nil
}

// OtherResult is a result that the run holds and the report does not show.
type OtherResult struct {
	View    string
	Subject finding.Subject
}

// TrainingSubject is the subject of what was measured while the network was trained.
func (d *Data) TrainingSubject() finding.Subject {
	return finding.Subject{Text: d.Name, SHA256: d.SHA256, Step: d.Step, Split: finding.ParseSplit(d.Split)}
}
