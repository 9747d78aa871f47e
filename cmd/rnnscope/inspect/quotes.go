package inspect

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
	"github.com/rnnscope/rnnscope/cmd/rnnscope/table"
	"github.com/rnnscope/rnnscope/internal/f32"
	"github.com/rnnscope/rnnscope/lab"
	"github.com/rnnscope/rnnscope/mechanism"
	"github.com/rnnscope/rnnscope/report"
	"github.com/rnnscope/rnnscope/report/page"
	"github.com/rnnscope/rnnscope/run"
	"github.com/rnnscope/rnnscope/synth"
	"github.com/rnnscope/rnnscope/text"
)

type QuotesCmd struct {
	Dir   string   `arg:"" optional:"" name:"run" help:"Directory of the run."`
	Input []string `arg:"" optional:"" name:"text" help:"Take marks and what stands between them from another text: files, folders, globs, - or synth:NAME (default: the parts of the run's text it was not trained on)."`
	console.InputFlags
	console.UnknownFlag
	Marks  []string `placeholder:"PAIR,..." sep:"," help:"Marks to look at instead of quotation marks, an opener and its closer each, as in ( ) written (),[]. A straight mark is written once."`
	Step   int64    `placeholder:"N" default:"-1" help:"Use the weights of this training step (default: the newest)."`
	Growth bool     `help:"Also look at every snapshot of the training."`
	Seed   uint64   `placeholder:"N" default:"1" help:"Seed of the probes, and of the networks of --experiment."`

	Experiment bool          `help:"Train networks of every cell on generated languages of nested marks and compare them; needs --out."`
	Out        string        `placeholder:"DIR" help:"Directory for the results of --experiment: made, or gone on with."`
	Only       []string      `placeholder:"LANGUAGE,..." help:"Only these languages of --experiment: straight, one kind, two kinds, reference (or of these: a^n b^n, Dyck-1, Dyck-2)."`
	Lang       string        `enum:"en,zh" default:"en" help:"Language of the experiment's page: ${enum}."`
	Networks   int           `placeholder:"N" default:"5" help:"Networks of every architecture in --experiment; below 5 none gets a verdict."`
	Iterations int64         `placeholder:"N" default:"2000" help:"Updates of every network in --experiment."`
	Workers    console.Cores `placeholder:"N" help:"Networks trained at once in --experiment (default: all cores); no result depends on it."`
}

func (QuotesCmd) Help() string {
	return `Six tests say whether a network keeps count of quotation marks with a flag, a counter or a stack. Each may exclude some
of the three; what no test excludes is the verdict, and may be nothing ("mixed"). A network that does not tell inside
from outside gets "none".

Examples:

  rnnscope quotes my-run
  rnnscope quotes my-run other.txt --unknown skip
  rnnscope quotes my-run --marks "(),[]" --growth
  rnnscope quotes --experiment --out laboratory`
}

func (c *QuotesCmd) Run(ctx context.Context, s *console.Session) error {
	if c.Experiment {
		return c.experiment(ctx, s)
	}
	if c.Dir == "" {
		return console.Misusef("name a run: rnnscope quotes RUN, or train the experiment's networks: rnnscope quotes --experiment --out DIR")
	}
	marks, err := parseMarks(c.Marks)
	if err != nil {
		return err
	}
	r, ck, err := console.OpenNetwork(s, c.Dir, c.Step)
	if err != nil {
		return err
	}
	defer s.Close(r)
	sp, err := c.Specimen(ctx, s, r, ck, console.TextRequest{Verb: "quotes", Inputs: c.Input, Unknown: c.UnknownFlag})
	if err != nil {
		return err
	}
	defer sp.Close()
	_, part, err := sp.Unseen()
	if err != nil {
		return err
	}
	subject := run.Subject(ck, sp.Text.Name, sp.Text.SHA256, part)
	l, err := mechanism.ReadMarks(sp, marks)
	if err != nil {
		return err
	}
	result, err := mechanism.Run(ctx, sp, mechanism.Options{Seed: c.Seed, Language: l, Passage: QuotesPassage})
	if err != nil {
		return err
	}
	view := &mechanism.View{Result: result, Split: subject.Split.String()}
	if c.Growth {
		if view.Growth, err = c.growth(ctx, s, r, l, result.Probes); err != nil {
			return err
		}
	}
	s.Store(r, subject, c.viewName(), view, result.Findings(console.ProgramVersion()))
	if s.JSON {
		return s.PrintJSON(view)
	}
	return printMechanism(s, view, ck.Alphabet.Kind())
}

// experiment trains the networks of lab.Quotes and writes the figures and their page.
func (c *QuotesCmd) experiment(ctx context.Context, s *console.Session) error {
	if c.Out == "" {
		return console.Misusef("--experiment needs a directory, new or of the same experiment: --out DIR")
	}
	if c.Networks < 1 || c.Iterations < 1 {
		return console.Misusef("--networks %d and --iterations %d must be at least 1", c.Networks, c.Iterations)
	}
	known := lab.QuotesLanguages()
	for _, name := range c.Only {
		if !slices.Contains(known, name) {
			return console.Misusef("--only %q: the experiment has %s", name, strings.Join(known, ", "))
		}
	}
	var bar *console.Progress
	x, err := lab.Quotes(ctx, lab.QuotesOptions{Seed: c.Seed, Only: c.Only, Networks: c.Networks, Iterations: c.Iterations, Workers: int(c.Workers), Dir: c.Out},
		func(done, total int64, name string) {
			if bar == nil {
				if done > 0 {
					s.Note.Printf("going on with what %s holds of this experiment", c.Out)
				}
				bar = s.Note.Progress("training", "update", total)
			}
			bar.Set(done, name)
		})
	if bar != nil {
		bar.Done()
	}
	if err != nil && ctx.Err() != nil {
		return console.Reword("stopped; go on with the same command", context.Canceled)
	}
	if err != nil {
		return err
	}
	x.Command, x.Version, x.Kernels = s.Console.CommandLine(), console.ProgramVersion(), f32.Path()
	if err := lab.FinishQuotes(c.Out, x, func() error { return report.WriteLaboratory(ctx, c.Out, x, c.Lang) }); err != nil {
		return err
	}
	if s.JSON {
		return s.PrintJSON(x)
	}
	if err := table.Experiment(s.Console.Stdout, x); err != nil {
		return err
	}
	s.Note.Printf("\n%.0f s; the page is %s, the figures behind it %s", x.Seconds,
		filepath.Join(c.Out, "report.html"), filepath.Join(c.Out, "experiment.json"))
	return nil
}

// QuotesPassage is the length of the passage whose trace is kept.
const QuotesPassage = 240

// viewName is the name under which results are kept: those on marks that somebody named stand beside those on quotation marks.
func (c *QuotesCmd) viewName() string {
	if len(c.Marks) == 0 {
		return mechanism.ViewName
	}
	return mechanism.ViewName + ":" + strings.Join(c.Marks, " ")
}

// parseMarks reads pairs such as “” or ", one a word. Two letters can be a pair, as in
// a^n b^n; one letter, digit or space opens and closes nothing.
func parseMarks(words []string) ([]synth.Mark, error) {
	var marks []synth.Mark
	for _, w := range words {
		rs := []rune(w)
		if len(rs) == 1 {
			rs = append(rs, rs[0])
		}
		straight := len(rs) == 2 && rs[0] == rs[1]
		if len(rs) != 2 || straight && (unicode.IsLetter(rs[0]) || unicode.IsNumber(rs[0]) || unicode.IsSpace(rs[0])) {
			return nil, console.Misusef("--marks %q: write an opener and its closer, as in (), or one straight mark that is no letter, digit or space", w)
		}
		marks = append(marks, synth.Mark{Open: rs[0], Close: rs[1]})
	}
	return marks, nil
}

// growth looks at every snapshot, with the probes of the last.
func (c *QuotesCmd) growth(ctx context.Context, s *console.Session, r *run.Run, l *mechanism.Language, probes string) ([]mechanism.Moment, error) {
	steps, err := r.Steps()
	if err != nil {
		return nil, err
	}
	bar := s.Note.Progress("looking back", "snapshot", int64(len(steps)))
	defer bar.Done()
	var out []mechanism.Moment
	for i, step := range steps {
		ck, err := r.Checkpoint(step)
		if err != nil {
			return nil, err
		}
		m, err := mechanism.Look(ctx, ck.Model, l, step, probes, c.Seed)
		if err != nil {
			return nil, err
		}
		out = append(out, *m)
		bar.Set(int64(i+1), "")
	}
	return out, nil
}

// printMechanism prints the six tests and the verdict of a network of such symbols.
func printMechanism(s *console.Session, v *mechanism.View, of text.Kind) error {
	r := v.Result
	words, err := page.LoadWords("en")
	if err != nil {
		return err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s %dx%d on %s (%s): %s, depth to %d\n\n", r.Cell, r.Layers, r.Hidden, r.Language, v.Split, table.Several(r.Pairs, "pair"), r.Depth)
	fmt.Fprintf(&b, "inside or outside         AUROC %s, %s nats\n", table.FormatInterval(r.Inside.AUROC, 3), table.FormatInterval(r.Inside.Nats, 2))
	if r.Inside.Unmarked.Defined() {
		fmt.Fprintf(&b, "without reading the mark  AUROC %s, %s nats\n", table.FormatInterval(r.Inside.Unmarked, 3), table.FormatInterval(r.Inside.UnmarkedNats, 2))
	}
	naturalLines(&b, r.Natural, of)
	if c := r.Chosen; c != nil {
		fmt.Fprintf(&b, of.Say("probes are of             %s; filler costs %s, pieces of the text %s, the text %s nats a character\n"), r.Probes,
			table.FormatInterval(c.Filler, 2), table.FormatInterval(c.Pieces, 2), table.FormatInterval(c.Text, 2))
	}
	fmt.Fprintf(&b, "depth, best unit          %s[%d]  |r| %s\n", r.Axis.Site, r.Axis.Unit, table.FormatInterval(r.Axis.R, 3))
	fmt.Fprintf(&b, "depth, best direction     R2 %s\n\n", table.FormatInterval(r.Axis.R2, 3))
	for _, t := range r.Tests {
		if !t.Applicable {
			fmt.Fprintf(&b, "%s: does not apply, %s\n\n", t.Name, t.Why)
			continue
		}
		fmt.Fprintf(&b, "%s\n", t.Name)
		for _, f := range t.Figures {
			fmt.Fprintf(&b, "    %-38s %s\n", of.Say(f.Name), table.FormatInterval(f.Interval, 3))
		}
		for _, e := range t.Excludes {
			fmt.Fprintf(&b, "    no %s: %s\n", e.Mechanism, words.Translate("lab.because.", e.Because))
		}
		b.WriteString("\n")
	}
	fmt.Fprintf(&b, "verdict for this network: %s\n", verdictSentence(r))
	if len(v.Growth) > 0 {
		rows := [][]string{{"step", "inside or outside, AUROC", "depth 2 and more known", "own marks that fit", "shuffled", "verdict"}}
		for _, m := range v.Growth {
			rows = append(rows, []string{table.Grouped(int(m.Step)), table.FormatInterval(m.Inside, 2), table.FormatInterval(m.Nested, 2),
				table.Fixed(m.Written.Fitting.Estimate, 2), table.Fixed(m.Written.Shuffled.Estimate, 2), m.Verdict})
		}
		b.WriteString("\nalong the training\n" + table.Aligned(rows, 5))
	}
	_, err = fmt.Fprint(s.Console.Stdout, b.String())
	return err
}

// naturalLines tell of the text itself, and whether the probes are like it.
func naturalLines(b *strings.Builder, n *mechanism.Natural, of text.Kind) {
	if n == nil {
		return
	}
	if n.Pairs > 0 {
		fmt.Fprintf(b, of.Say("the same in the text      AUROC %s, %s nats, at %s with the same last characters\n"), table.FormatInterval(n.AUROC, 3), table.FormatInterval(n.Nats, 2), table.Several(2*n.Pairs, "place"))
	}
	off := ""
	if n.Off {
		off = ": the probes are off its text"
	}
	fmt.Fprintf(b, of.Say("loss, probes and text     %s and %s nats a character; 95 %% of stretches below %s%s\n"), table.FormatInterval(n.ProbeLoss, 2), table.FormatInterval(n.TextLoss, 2), table.Fixed(float64(n.Limit), 2), off)
}

func verdictSentence(r *mechanism.Result) string {
	switch {
	case r.Verdict == mechanism.None:
		return "none; it does not tell inside from outside"
	case r.Verdict == mechanism.OffText:
		return "off its text; it tells inside from outside in the text, not in the probes, which are unlike it, so that the tests show nothing"
	case r.Verdict == mechanism.Mixed:
		return "mixed; flag, counter and stack are each excluded by some test"
	case len(r.Left) > 1:
		return r.Verdict + "; the tests that apply do not tell these apart"
	}
	said := r.Verdict
	if r.Inside.ByContent() {
		said += "; but what stands inside says as much without the mark"
	}
	if none := r.Inapplicable(); len(none) > 0 && !slices.Contains(none, "") {
		return said + " (not applicable: " + strings.Join(none, ", ") + ")"
	}
	return said
}
