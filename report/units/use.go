package units

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/rnnscope/rnnscope/figure"
	"github.com/rnnscope/rnnscope/intervene"
	"github.com/rnnscope/rnnscope/report/page"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/text"
)

// Use is what the network does with its units: verdicts, losses by kind of character, dose curves, samples.
func (b *Builder) Use() *page.Section {
	r := b.D.Use
	if r == nil && len(b.D.Steered) == 0 {
		return nil
	}
	s := b.Section("use")
	if r != nil {
		s.Add(page.Block{Prose: []string{b.W.Say("use.from", r.Text, b.W.Part(r.Split), page.Integer(r.Windows), page.Integer(r.Window)), b.useSummary(r)}})
		s.Add(b.useTable(r)...)
		s.Add(b.lossByKind(r)...)
		s.Add(b.doseCurves(r)...)
	}
	s.Add(b.steered()...)
	return s
}

// useSummary counts verdicts and names the best follower without which predictions are as good.
func (b *Builder) useSummary(r *intervene.Result) string {
	used, encoded, untestable := 0, 0, 0
	for _, c := range r.Concepts {
		if b.AsideNamed(c.Concept) {
			continue
		}
		for _, p := range c.Pairs {
			switch p.Verdict {
			case intervene.Used:
				used++
			case intervene.Untestable:
				untestable++
			default:
				encoded++
			}
		}
	}
	of, idle := r.Idle()
	says := b.W.Say("use.says", page.Integer(used+encoded+untestable), page.Integer(used), page.Integer(encoded), page.Integer(untestable))
	if idle == nil {
		return says
	}
	return b.W.Sentences(says, b.W.Say("use.idle", idle.String(), b.ConceptTitle(of), page.Number(float64(idle.AUROC), 3), page.MilliInterval(idle.Mean.D)))
}

var useVerdicts = map[intervene.Verdict]string{
	intervene.Used: "use.used", intervene.Encoded: "use.encoded", intervene.Untestable: "use.untestable",
}

// useTable shows the pairs that are used, and folded all of them.
func (b *Builder) useTable(r *intervene.Result) []page.Block {
	used, all := &page.Table{Unit: 1, Note: b.W.Say("use.note", page.Integer(r.Tests))}, &page.Table{Unit: 1, Note: b.W.Say("use.equivalent")}
	for _, key := range []string{"concept", "unit", "verdict", "matters", "elsewhere", "d", "resample"} {
		all.Head = append(all.Head, b.W.Say("use.head."+key))
		if key != "verdict" {
			used.Head = append(used.Head, b.W.Say("use.head."+key))
		}
	}
	for _, c := range r.Concepts {
		if b.AsideNamed(c.Concept) {
			continue
		}
		for _, p := range c.Pairs {
			own, row := unitID(p.Site, p.Unit.Unit), []string{b.ConceptTitle(c.Concept), p.String()}
			verdict, effects := b.shortVerdict(&p), []string{"–", "–", "–", "–"}
			if p.Verdict != intervene.Untestable {
				effects = []string{page.Number(1000*p.Mean.P.Estimate, 1), page.Number(1000*p.Mean.M.Estimate, 1), page.NoBreak(page.MilliInterval(p.Mean.D)), page.Number(1000*p.Resample.D.Estimate, 1)}
			}
			all.Pages, all.Rows = append(all.Pages, own), append(all.Rows, slices.Concat(row, []string{verdict}, effects))
			if p.Verdict == intervene.Used {
				used.Pages, used.Rows = append(used.Pages, own), append(used.Rows, slices.Concat(row, effects))
			}
		}
	}
	var out []page.Block
	if len(used.Rows) > 0 {
		out = append(out, page.Block{Table: used})
	}
	return append(out, page.Block{Table: all, Fold: b.W.Say("use.all", page.Integer(len(all.Rows)))})
}

// shortVerdict is the verdict in a narrow column; of a unit that is not shown to be used, also whether its effect is
// shown to be none.
func (b *Builder) shortVerdict(p *intervene.Pair) string {
	if p.Verdict == intervene.Encoded && p.Equivalent {
		return b.W.Say("causal.short.equivalent")
	}
	return b.W.Say("causal.short." + causalClasses[p.Verdict])
}

// lossByKind is what the used units' absence does to each kind of next character.
func (b *Builder) lossByKind(r *intervene.Result) []page.Block {
	t := &page.Table{Head: []string{b.W.Say("use.head.unit"), b.W.Say("use.kind.all")}}
	var kinds []string
	for _, u := range r.Units {
		for _, k := range u.Kinds {
			if !slices.Contains(kinds, k.Kind) {
				kinds = append(kinds, k.Kind)
				t.Head = append(t.Head, b.W.Say("use.kind."+strings.ReplaceAll(k.Kind, " ", "-")))
			}
		}
	}
	for _, u := range r.Units {
		if !b.isUsed(r, u.Unit) {
			continue
		}
		t.Pages = append(t.Pages, unitID(u.Site, u.Unit.Unit))
		row := []string{u.String(), page.NoBreak(page.MilliInterval(u.All))}
		for _, name := range kinds {
			cell := "–"
			for _, k := range u.Kinds {
				if k.Kind == name {
					cell = page.NoBreak(page.MilliInterval(k.Change))
				}
			}
			row = append(row, cell)
		}
		t.Rows = append(t.Rows, row)
	}
	if len(t.Rows) == 0 {
		return nil
	}
	return []page.Block{{Heading: b.W.Say("use.kinds.title")}, {Prose: []string{b.W.Say("use.kinds.what")}}, {Table: t}}
}

// isUsed reports whether a unit is used for a concept that has something of its own to say.
func (b *Builder) isUsed(r *intervene.Result, u rnn.Unit) bool {
	for _, c := range r.Concepts {
		for _, p := range c.Pairs {
			if p.Verdict == intervene.Used && p.Unit == u && !b.AsideNamed(c.Concept) {
				return true
			}
		}
	}
	return false
}

// dosesShown bounds the curves of one picture.
const dosesShown = 4

// doseCurves draws the curves of the units that steer most, or of the first that were turned, and what the network writes
// with the first of them turned.
func (b *Builder) doseCurves(r *intervene.Result) []page.Block {
	var steer, rest []*intervene.Curve
	seen, texts := map[rnn.Unit]bool{}, map[*intervene.Curve][]intervene.SteeredText{}
	for _, c := range r.Concepts {
		k := c.Steering
		if k == nil || seen[k.Unit] || b.AsideNamed(c.Concept) {
			continue
		}
		seen[k.Unit] = true
		texts[k] = c.Samples
		if k.Steers {
			steer = append(steer, k)
		} else {
			rest = append(rest, k)
		}
	}
	if len(steer)+len(rest) == 0 {
		return nil
	}
	slices.SortStableFunc(steer, func(x, y *intervene.Curve) int {
		return cmp.Compare(math.Abs(float64(y.Slope)), math.Abs(float64(x.Slope)))
	})
	curves := append(steer, rest...)
	out := []page.Block{b.dosePicture("use-doses", curves[:min(dosesShown, len(curves))])}
	if t := b.samples("", texts[curves[0]]); t != nil {
		out = append(out, page.Block{Table: t})
	}
	return out
}

func (b *Builder) dosePicture(id string, curves []*intervene.Curve) page.Block {
	fig := &figure.Lines{XLabel: b.W.Say("use.axis.dose"), YLabel: b.W.Say("use.axis.logit")}
	fig.Head = b.Head(b.W.Say("use.doses.title"), b.W.Say("use.doses.what"))
	says := []string{b.W.Say("use.doses.what")}
	for i, k := range curves {
		c := figure.Curve{Name: k.Unit.String() + ", " + b.ConceptTitle(k.Concept), Ink: figure.Series(i), Dots: true}
		for _, d := range k.Doses {
			x := d.Quantile
			if x < 0 {
				x = d.Value
				fig.XLabel = b.W.Say("use.axis.value")
			}
			c.X, c.Y = append(c.X, x), append(c.Y, d.Logit.Estimate)
			c.Low, c.High = append(c.Low, d.Logit.Lo), append(c.High, d.Logit.Hi)
		}
		fig.Curves = append(fig.Curves, c)
		key := "use.steers"
		if !k.Steers {
			key = "use.still"
		}
		others := "–"
		if !math.IsNaN(float64(k.Others)) {
			others = page.Number(float64(k.Others), 3)
		}
		says = append(says, b.W.Say(key, k.Unit.String(), b.ConceptTitle(k.Concept), page.Number(float64(k.Slope), 3), others, visibles(k.Predicts)))
	}
	return b.Picture(id, fig, fig.Title, b.Command("ablate")+" --steer", says...)
}

// steered is the unit that was turned last, and what the network then wrote.
func (b *Builder) steered() []page.Block {
	if len(b.D.Steered) == 0 {
		return nil
	}
	r := b.D.Steered[len(b.D.Steered)-1]
	out := []page.Block{b.dosePicture("use-steered", []*intervene.Curve{r.Curve})}
	if t := b.samples(r.Prompt, r.Samples); t != nil {
		out = append(out, page.Block{Table: t})
	}
	return out
}

// samples are texts from one random stream, untouched first, blanks that follow each other as dots; nil without any.
func (b *Builder) samples(prompt string, texts []intervene.SteeredText) *page.Table {
	t := &page.Table{Head: []string{b.W.Say("use.head.dose"), b.W.Say("use.head.sample")}, Note: b.W.Say("use.samples"), Written: true}
	for _, s := range texts {
		dose := s.Dose
		if dose == "" {
			dose = b.W.Say("use.untouched")
		}
		t.Rows = append(t.Rows, []string{page.NoBreak(dose), strings.ReplaceAll(page.Visible(prompt+s.Text), "  ", "··")})
	}
	if len(t.Rows) == 0 {
		return nil
	}
	return t
}

// visibles joins characters so that blanks can be seen.
func visibles(chars []string) string {
	var out strings.Builder
	for _, c := range chars {
		out.WriteString(text.VisibleString(c))
	}
	return out.String()
}
