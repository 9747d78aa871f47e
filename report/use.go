package report

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/rnnscope/rnnscope/figure"
	"github.com/rnnscope/rnnscope/intervene"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"
)

// use is what the network does with its units: verdicts, losses by kind of character, dose curves, samples.
func (b *builder) use() *section {
	r := b.d.Use
	if r == nil && len(b.d.Steered) == 0 {
		return nil
	}
	s := b.section("use")
	if r != nil {
		s.add(block{Prose: []string{b.w.say("use.from", r.Text, b.w.part(r.Split), integer(r.Windows), integer(r.Window)), b.useSummary(r)}})
		s.add(b.useTable(r)...)
		s.add(b.lossByKind(r)...)
		s.add(b.doseCurves(r)...)
	}
	s.add(b.steered()...)
	return s
}

// useSummary counts verdicts and names the best follower without which predictions are as good.
func (b *builder) useSummary(r *intervene.Result) string {
	used, encoded, untestable := 0, 0, 0
	for _, c := range r.Concepts {
		if b.asideNamed(c.Concept) {
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
	says := b.w.say("use.says", integer(used+encoded+untestable), integer(used), integer(encoded), integer(untestable))
	if idle == nil {
		return says
	}
	return b.w.sentences(says, b.w.say("use.idle", idle.String(), b.conceptTitle(of), number(float64(idle.AUROC), 3), milliInterval(idle.Mean.D)))
}

// milliInterval writes nats in thousandths.
func milliInterval(i stat.Interval) string {
	return interval(stat.Interval{Estimate: 1000 * i.Estimate, Lo: 1000 * i.Lo, Hi: 1000 * i.Hi, N: i.N}, 1)
}

var useVerdicts = map[intervene.Verdict]string{
	intervene.Used: "use.used", intervene.Encoded: "use.encoded", intervene.Untestable: "use.untestable",
}

// useTable shows the pairs that are used, and folded all of them.
func (b *builder) useTable(r *intervene.Result) []block {
	used, all := &table{Unit: 1, Note: b.w.say("use.note", integer(r.Tests))}, &table{Unit: 1}
	for _, key := range []string{"concept", "unit", "verdict", "matters", "elsewhere", "d", "resample"} {
		all.Head = append(all.Head, b.w.say("use.head."+key))
		if key != "verdict" {
			used.Head = append(used.Head, b.w.say("use.head."+key))
		}
	}
	for _, c := range r.Concepts {
		if b.asideNamed(c.Concept) {
			continue
		}
		for _, p := range c.Pairs {
			page, row := unitID(p.Site, p.Unit.Unit), []string{b.conceptTitle(c.Concept), p.String()}
			verdict, effects := b.w.say("causal.short."+causalClasses[p.Verdict]), []string{"–", "–", "–", "–"}
			if p.Verdict != intervene.Untestable {
				effects = []string{number(1000*p.Mean.P.Estimate, 1), number(1000*p.Mean.M.Estimate, 1), unbroken(milliInterval(p.Mean.D)), number(1000*p.Resample.D.Estimate, 1)}
			}
			all.Pages, all.Rows = append(all.Pages, page), append(all.Rows, slices.Concat(row, []string{verdict}, effects))
			if p.Verdict == intervene.Used {
				used.Pages, used.Rows = append(used.Pages, page), append(used.Rows, slices.Concat(row, effects))
			}
		}
	}
	var out []block
	if len(used.Rows) > 0 {
		out = append(out, block{Table: used})
	}
	return append(out, block{Table: all, Fold: b.w.say("use.all", integer(len(all.Rows)))})
}

// lossByKind is what the used units' absence does to each kind of next character.
func (b *builder) lossByKind(r *intervene.Result) []block {
	t := &table{Head: []string{b.w.say("use.head.unit"), b.w.say("use.kind.all")}}
	var kinds []string
	for _, u := range r.Units {
		for _, k := range u.Kinds {
			if !slices.Contains(kinds, k.Kind) {
				kinds = append(kinds, k.Kind)
				t.Head = append(t.Head, b.w.say("use.kind."+strings.ReplaceAll(k.Kind, " ", "-")))
			}
		}
	}
	for _, u := range r.Units {
		if !b.isUsed(r, u.Unit) {
			continue
		}
		t.Pages = append(t.Pages, unitID(u.Site, u.Unit.Unit))
		row := []string{u.String(), unbroken(milliInterval(u.All))}
		for _, name := range kinds {
			cell := "–"
			for _, k := range u.Kinds {
				if k.Kind == name {
					cell = unbroken(milliInterval(k.Change))
				}
			}
			row = append(row, cell)
		}
		t.Rows = append(t.Rows, row)
	}
	if len(t.Rows) == 0 {
		return nil
	}
	return []block{{Heading: b.w.say("use.kinds.title")}, {Prose: []string{b.w.say("use.kinds.what")}}, {Table: t}}
}

// isUsed reports whether a unit is used for a concept that has something of its own to say.
func (b *builder) isUsed(r *intervene.Result, u rnn.Unit) bool {
	for _, c := range r.Concepts {
		for _, p := range c.Pairs {
			if p.Verdict == intervene.Used && p.Unit == u && !b.asideNamed(c.Concept) {
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
func (b *builder) doseCurves(r *intervene.Result) []block {
	var steer, rest []*intervene.Curve
	seen, texts := map[rnn.Unit]bool{}, map[*intervene.Curve][]intervene.SteeredText{}
	for _, c := range r.Concepts {
		k := c.Steering
		if k == nil || seen[k.Unit] || b.asideNamed(c.Concept) {
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
	out := []block{b.dosePicture("use-doses", curves[:min(dosesShown, len(curves))])}
	if t := b.samples("", texts[curves[0]]); t != nil {
		out = append(out, block{Table: t})
	}
	return out
}

func (b *builder) dosePicture(id string, curves []*intervene.Curve) block {
	fig := &figure.Lines{XLabel: b.w.say("use.axis.dose"), YLabel: b.w.say("use.axis.logit")}
	fig.Head = b.head(b.w.say("use.doses.title"), b.w.say("use.doses.what"))
	says := []string{b.w.say("use.doses.what")}
	for i, k := range curves {
		c := figure.Curve{Name: k.Unit.String() + ", " + b.conceptTitle(k.Concept), Ink: figure.Series(i), Dots: true}
		for _, d := range k.Doses {
			x := d.Quantile
			if x < 0 {
				x = d.Value
				fig.XLabel = b.w.say("use.axis.value")
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
			others = number(float64(k.Others), 3)
		}
		says = append(says, b.w.say(key, k.Unit.String(), b.conceptTitle(k.Concept), number(float64(k.Slope), 3), others, visibles(k.Predicts)))
	}
	return b.picture(id, fig, fig.Title, b.command("ablate")+" --steer", says...)
}

// steered is the unit that was turned last, and what the network then wrote.
func (b *builder) steered() []block {
	if len(b.d.Steered) == 0 {
		return nil
	}
	r := b.d.Steered[len(b.d.Steered)-1]
	out := []block{b.dosePicture("use-steered", []*intervene.Curve{r.Curve})}
	if t := b.samples(r.Prompt, r.Samples); t != nil {
		out = append(out, block{Table: t})
	}
	return out
}

// samples are texts from one random stream, untouched first, blanks that follow each other as dots; nil without any.
func (b *builder) samples(prompt string, texts []intervene.SteeredText) *table {
	t := &table{Head: []string{b.w.say("use.head.dose"), b.w.say("use.head.sample")}, Note: b.w.say("use.samples"), Written: true}
	for _, s := range texts {
		dose := s.Dose
		if dose == "" {
			dose = b.w.say("use.untouched")
		}
		t.Rows = append(t.Rows, []string{unbroken(dose), strings.ReplaceAll(visible(prompt+s.Text), "  ", "··")})
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
