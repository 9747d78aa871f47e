package inspect

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
	"github.com/rnnscope/rnnscope/cmd/rnnscope/table"
	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/finding"
	"github.com/rnnscope/rnnscope/intervene"
	"github.com/rnnscope/rnnscope/results"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/run"
	"github.com/rnnscope/rnnscope/specimen"
)

type SteerCmd struct {
	Dir     string   `arg:"" name:"run" help:"Directory of the run."`
	Input   []string `arg:"" optional:"" name:"text" help:"Measure on another text: files, folders, globs, - or synth:NAME (default: the test part of the run's own)."`
	Unit    string   `required:"" aliases:"units" placeholder:"UNIT" help:"The unit to turn, as in l0.c[41] or l0.c41."`
	Concept string   `placeholder:"NAME" help:"What it should steer, by name or as NAME=REGEX (default: what the dissection found it for)."`
	Dose    []string `placeholder:"X,..." help:"Values to hold it at, or quantiles of its own values as in q05,q95 (default: seven quantiles from q05 to q95)."`
	Prompt  string   `short:"p" placeholder:"TEXT" help:"Text that the samples go on from; \\n is a newline."`
	Length  int      `short:"n" placeholder:"N" default:"${steered_length}" help:"Characters of the sample at each dose; 0: none."`
	interveneFlags
}

func (SteerCmd) Help() string {
	return `Holds one unit at several doses while the network reads test text: how likely do the characters become that the concept predicts,
where it matters? Beside it the same for 20 units drawn at random, and samples from one random stream at the lowest and highest dose.

Examples:

  rnnscope steer my-run --unit l0.c41
  rnnscope steer my-run --unit l0.c41 --concept in-quote --dose q05,q50,q95
  rnnscope steer my-run --unit l0.c41 --dose=-0.9,0,0.9 --prompt 'She said'`
}

func (c *SteerCmd) Run(ctx context.Context, s *console.Session) error {
	if err := c.enough(); err != nil {
		return err
	}
	r, ck, err := console.OpenNetwork(s, c.Dir, c.Step)
	if err != nil {
		return err
	}
	defer s.Close(r)
	if strings.Contains(c.Unit, ",") {
		return console.Misusef("--unit %s: steer turns one unit at a time", c.Unit)
	}
	u, err := ck.Model.ParseUnit(c.Unit)
	if err != nil {
		return err
	}
	in, err := c.Specimen(ctx, s, r, ck, console.TextRequest{Verb: "steer", Inputs: c.Input, Unknown: c.UnknownFlag})
	if err != nil {
		return err
	}
	defer in.Close()
	at := in.Subject()
	k, err := c.concept(r, u, at)
	if err != nil {
		return err
	}
	if _, err := rulesHere(ctx, s, in, []intervene.Candidate{{Concept: k}}); err != nil {
		return err
	}
	values, err := c.doses(ctx, s, in, u)
	if err != nil {
		return err
	}
	prompt, err := in.Alphabet.Encode([]byte(console.Unescape(c.Prompt)), c.Policy())
	if err != nil {
		return fmt.Errorf("the prompt: %w", err)
	}
	bar := s.Note.Progress("steering", "char", 0)
	curve, err := intervene.Steer(ctx, in, intervene.Steering{Concept: k, Unit: u, Values: values}, c.options(s), bar.Of)
	bar.Done()
	if err != nil {
		return err
	}
	answer := intervene.SteeredUnit{Curve: curve, Prompt: console.Unescape(c.Prompt)}
	if answer.Samples, err = intervene.SteeredTexts(ctx, in, curve, intervene.Writing{Prompt: prompt, Length: c.Length, Seed: c.Seed}); err != nil {
		return err
	}
	s.Keep(r, results.KeepSteered(r, at, answer))
	if s.JSON {
		return s.PrintJSON(answer)
	}
	return printSteer(s, &answer)
}

// concept is the one asked for, or the first the unit was found for.
func (c *SteerCmd) concept(r *run.Run, u rnn.Unit, at finding.Subject) (concept.Concept, error) {
	if c.Concept != "" {
		return conceptOf(c.Concept)
	}
	atlas, _, err := results.Dissection(r, c.Text, at)
	if err != nil {
		return concept.Concept{}, err
	}
	if atlas != nil {
		for _, k := range atlas.Concepts {
			if k.Best != nil && k.Best.Site == u.Site && k.Best.Unit == u.Unit {
				return conceptOf(k.Concept)
			}
		}
	}
	return concept.Concept{}, console.Misusef("%s is no concept's best unit; say with --concept what it should steer", u)
}

// doses reads --dose: values, or quantiles of the unit's own values.
func (c *SteerCmd) doses(ctx context.Context, s *console.Session, in *specimen.Specimen, u rnn.Unit) ([]float64, error) {
	if len(c.Dose) == 0 {
		return nil, nil
	}
	ref, err := intervene.ReferenceOf(ctx, in, []string{u.Site}, int(c.Workers))
	if err != nil {
		return nil, err
	}
	var out []float64
	for _, d := range c.Dose {
		v, err := Dose(d, func(q float64) float64 { return ref.Quantile(u, q) })
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

// Dose reads a value, or a quantile written q05 for .05.
func Dose(s string, quantile func(q float64) float64) (float64, error) {
	if digits, ok := strings.CutPrefix(s, "q"); ok && len(digits) == 2 { // q200 would read as .200
		if percent, err := strconv.ParseUint(digits, 10, 8); err == nil {
			return quantile(float64(percent) / 100), nil
		}
	}
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsNaN(v) || math.IsInf(float64(float32(v)), 0) { // activations are float32
		return 0, console.Misusef("%w: %q; write a number, or a quantile of the unit's own values in two digits, q00 to q99, as in q05", intervene.ErrDose, s)
	}
	return v, nil
}

func printSteer(s *console.Session, a *intervene.SteeredUnit) error {
	k := a.Curve
	var b strings.Builder
	fmt.Fprintf(&b, "%s held at a value; %s: mean logit and probability of %s over %s characters where it matters\n\n", k.Unit, table.ConceptTitle(k.Concept), table.Visibles(k.Predicts), table.Grouped(int(k.N)))
	rows := [][]string{{"quantile", "value", "logit", "95 % interval", "probability"}}
	for _, d := range k.Doses {
		q := "–"
		if d.Quantile >= 0 {
			q = table.Fixed(d.Quantile, 2)
		}
		rows = append(rows, []string{q, table.Fixed(d.Value, 3), table.Fixed(d.Logit.Estimate, 3), table.Bounds(d.Logit, 3), table.Fixed(d.Share, 4)})
	}
	b.WriteString(table.Aligned(rows, 0))
	word := "does not steer"
	if k.Steers {
		word = "steers"
	}
	fmt.Fprintf(&b, "\nIt %s: slope %s a standard deviation, beside %s (95 %% quantile of %d units at random); Spearman %s, wanted .9.\n",
		word, table.Fixed(float64(k.Slope), 3), table.Fixed(float64(k.Others), 3), k.Compared, table.Fixed(float64(k.Spearman), 2))
	for _, t := range a.Samples {
		title := t.Dose
		if title == "" {
			title = "untouched"
		}
		fmt.Fprintf(&b, "\n--- %s ---\n%s%s\n", title, a.Prompt, t.Text)
	}
	_, err := fmt.Fprint(s.Console.Stdout, b.String())
	return err
}
