package table

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/rnnscope/rnnscope/finding"
	"github.com/rnnscope/rnnscope/intervene"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/stat"
)

// milli prints nats in thousandths: effects of one unit are small.
func milli(x float64) string { return Fixed(1000*x, 1) }

func Ablation(w io.Writer, r *intervene.Result) error {
	var b strings.Builder
	fmt.Fprintf(&b, r.Symbols.Say("%s, %s: up to %s of %d characters a concept, chosen by the text and the concept alone. Effects in thousandths of a nat a character.\n\n"), r.Text, r.Symbols.Say(r.Split), Several(mostWindows(r), "window"), r.Window)
	rows := [][]string{{"concept", "unit", "verdict", "AUROC", "matters", "elsewhere", "D", "95 % interval", "resample D", "zero D", "p", "gate"}}
	for _, c := range r.Concepts {
		if len(c.Pairs) == 0 {
			rows = append(rows, []string{ConceptTitle(c.Concept), "", "no unit: it never changes on validation", "", "", "", "", "", "", "", "", ""})
		}
		for i, p := range c.Pairs {
			name := ""
			if i == 0 {
				name = ConceptTitle(c.Concept)
			}
			if i > 0 && p.Verdict == intervene.Untestable {
				break
			}
			rows = append(rows, useRow(name, p))
		}
	}
	b.WriteString(Aligned(rows, 3))
	b.WriteString("\n" + useLegend(r))
	untestable(&b, r)
	steeringTable(&b, r)
	idle(&b, r)
	_, err := fmt.Fprint(w, b.String())
	return err
}

func useRow(name string, p intervene.Pair) []string {
	row := []string{name, p.Unit.String(), useVerdict(&p), Fixed(float64(p.AUROC), 3)}
	if p.Verdict == intervene.Untestable {
		return append(row, "", "", "", "", "", "", "", "")
	}
	d := p.Mean.D
	return append(row, milli(p.Mean.P.Estimate), milli(p.Mean.M.Estimate), milli(d.Estimate), milliBounds(d),
		milli(p.Resample.D.Estimate), milli(p.Zero.D.Estimate), pValue(float64(p.Adjusted)), useGate(&p))
}

// useVerdict is the verdict; of a unit that is not shown to be used, also whether its effect is
// shown to be none.
func useVerdict(p *intervene.Pair) string {
	if p.Verdict == intervene.Encoded && p.Equivalent {
		return "encoded, equivalent to none"
	}
	return verdictWords(finding.Verdict(p.Verdict))
}

// useGate is the last column: compared with the other units, or why there was no need to.
func useGate(p *intervene.Pair) string {
	switch {
	case p.Gate.Passed:
		return "yes"
	case p.Gate.Limit.Defined():
		return "no"
	}
	return "–"
}

// mostWindows is the largest number of windows that a concept was measured in.
func mostWindows(r *intervene.Result) int {
	n := 0
	for _, c := range r.Concepts {
		n = max(n, c.Windows)
	}
	return n
}

func useLegend(r *intervene.Result) string {
	return fmt.Sprintf(r.Symbols.Say(`AUROC: over all of that text. matters, elsewhere: change of the loss where the concept matters for the next character, and at like
places (same character, same base loss) where it does not, with the unit at its mean over validation; D is the difference. p: sign flips by
window, times %d tests, two units of each built-in concept at every site, asked for or not. gate: D is above 95 %% of the other units of the site, given
their variance and outgoing weights; –: not compared, because it lacks something already. used: p < .05, interval above 0, resampling agrees,
gate passed. equivalent to none: the whole interval of D lies within 2 thousandths of a nat.
`), r.Tests)
}

// untestable says which concepts cannot be tested on this text, and why.
func untestable(b *strings.Builder, r *intervene.Result) {
	names := map[string][]string{}
	var order []string
	for _, c := range r.Concepts {
		if len(c.Pairs) == 0 || c.Pairs[0].Verdict != intervene.Untestable {
			continue
		}
		why := c.Pairs[0].Reasons[0]
		if names[why] == nil {
			order = append(order, why)
		}
		names[why] = append(names[why], ConceptTitle(c.Concept))
	}
	for _, why := range order {
		fmt.Fprintf(b, "untestable, %s: %s\n", why, strings.Join(names[why], ", "))
	}
}

func steeringTable(b *strings.Builder, r *intervene.Result) {
	rows := [][]string{{"concept", "unit", "predicts", "q05", "q50", "q95", "slope", "others", "monotone", "steers"}}
	for _, c := range r.Concepts {
		if k := c.Steering; k != nil {
			rows = append(rows, curveRow(ConceptTitle(c.Concept), k))
		}
	}
	if len(rows) == 1 {
		return
	}
	section(b, "STEERING", r.Symbols.Say("The unit is held at quantiles of its own values: mean logit of the characters the concept predicts, where it matters."))
	b.WriteString(Aligned(rows, 3))
	b.WriteString("slope: a standard deviation of the unit; others: 95 % quantile of |slope| of 20 units drawn at random; steers: |Spearman| >= .9 and steeper.\n")
}

func curveRow(name string, k *intervene.Curve) []string {
	steers := "no"
	if k.Steers {
		steers = "yes"
	}
	n := len(k.Doses)
	return []string{name, k.Unit.String(), Visibles(k.Predicts), Fixed(k.Doses[0].Logit.Estimate, 2), Fixed(k.Doses[n/2].Logit.Estimate, 2), Fixed(k.Doses[n-1].Logit.Estimate, 2),
		Fixed(float64(k.Slope), 3), Fixed(float64(k.Others), 3), Fixed(float64(k.Spearman), 2), steers}
}

// idle names a unit that follows a concept well while the network does without it.
func idle(b *strings.Builder, r *intervene.Result) {
	of, p := r.Idle()
	if p == nil {
		b.WriteString("\nNo unit among these follows its concept (AUROC at least .8) and is yet without effect (D within 2 thousandths of a nat, under the mean and under resampling).\n")
		return
	}
	fmt.Fprintf(b, "\nHigh score, no use: %s follows %q with AUROC %s, and without it predictions are as good: D %s %s, resampled %s %s.\n", p.Unit, ConceptTitle(of),
		Fixed(float64(p.AUROC), 3), milli(p.Mean.D.Estimate), milliBounds(p.Mean.D), milli(p.Resample.D.Estimate), milliBounds(p.Resample.D))
}

func milliBounds(i stat.Interval) string { return "[" + milli(i.Lo) + ", " + milli(i.Hi) + "]" }

// UsedUnits names the used units of a result, a line a concept.
func UsedUnits(w io.Writer, r *intervene.Result) error {
	var b strings.Builder
	asked := 0
	for _, c := range r.Concepts {
		var used []string
		for _, p := range c.Pairs {
			asked++
			if p.Verdict == intervene.Used {
				used = append(used, fmt.Sprintf("%s (D %s %s)", p.Unit, milli(p.Mean.D.Estimate), milliBounds(p.Mean.D)))
			}
		}
		if len(used) > 0 {
			fmt.Fprintf(&b, "  %s: %s\n", ConceptTitle(c.Concept), strings.Join(used, ", "))
		}
	}
	if asked == 0 {
		return nil
	}
	head := r.Symbols.Say("Units that the network uses for what they follow; D: thousandths of a nat a character that predictions lose without them where it matters:\n")
	if b.Len() == 0 {
		head = fmt.Sprintf("Of %d units and concepts none is shown to be used.\n", asked)
	}
	_, err := fmt.Fprint(w, "\n"+head+b.String())
	return err
}

func Groups(w io.Writer, r *intervene.GroupResult) error {
	var b strings.Builder
	fmt.Fprintf(&b, r.Symbols.Say("%s, %s: the best units of a concept set to their means together, %s. D in thousandths of a nat a character.\n\n"), r.Text, r.Symbols.Say(r.Split), Several(r.Windows, "window"))
	rows := [][]string{{"concept", "site", "units", "D", "95 % interval", "random: median", "most", "above"}}
	for _, c := range r.Concepts {
		if c.Reason != "" {
			rows = append(rows, []string{ConceptTitle(c.Concept), "untestable", "", "", "", "", "", ""})
			continue
		}
		for i, g := range c.Sizes {
			name, site := "", ""
			if i == 0 {
				name, site = ConceptTitle(c.Concept), c.Site
			}
			q := Quantiles(append([]float64(nil), g.Random...), 0.5, 1)
			rows = append(rows, []string{name, site, strconv.Itoa(g.K), milli(g.Best.Estimate), "[" + milli(g.Best.Lo) + ", " + milli(g.Best.Hi) + "]",
				milli(q[0]), milli(q[1]), Fixed(g.Above, 1)})
		}
	}
	b.WriteString(Aligned(rows, 2))
	b.WriteString("above: share of as large groups, drawn at random, with a smaller D.\n")
	_, err := fmt.Fprint(w, b.String())
	return err
}

func Change(w io.Writer, r *intervene.ChangeResult) error {
	var b strings.Builder
	fmt.Fprintf(&b, r.Symbols.Say("%s, %s: change of the loss by the kind of the next character, thousandths of a nat, %s of %d characters\n\n"), r.Text, r.Symbols.Say(r.Split), Several(r.Windows, "window"), r.Window)
	rows := [][]string{{"units", "mode", r.Symbols.Say("next character"), "change", "95 % interval", r.Symbols.Say("characters")}}
	for _, c := range r.Changes {
		var names []string
		for _, v := range c.Interventions {
			site := v.Site
			if v.Path != "" {
				site += "." + v.Path
			}
			names = append(names, rnn.Unit{Site: site, Unit: v.Units[0]}.String())
		}
		add := func(units, mode, kind string, e intervene.KindEffect) {
			i := e.Change
			rows = append(rows, []string{units, mode, kind, milli(i.Estimate), "[" + milli(i.Lo) + ", " + milli(i.Hi) + "]", strconv.FormatInt(i.N, 10)})
		}
		add(strings.Join(names, " "), string(c.Interventions[0].Mode), "any", intervene.KindEffect{Change: c.All})
		for _, k := range c.Kinds {
			add("", "", k.Kind, k)
		}
	}
	b.WriteString(Aligned(rows, 3))
	_, err := fmt.Fprint(w, b.String())
	return err
}
