package report

import (
	"fmt"
	"math"
	"slices"

	"github.com/rnnscope/rnnscope/figure"
	"github.com/rnnscope/rnnscope/report/content"
	"github.com/rnnscope/rnnscope/report/page"
	"github.com/rnnscope/rnnscope/stat"
)

// landmarks are the steps whose samples are always shown.
var landmarks = []int64{0, 10, 30, 100, 300, 500, 1000, 2000, 5000, 10000, 20000, 50000, 100000}

// evolution shows what the network wrote as it learned.
func (b *builder) evolution() *page.Section {
	if len(b.D.Moments) == 0 {
		return b.MissingSection("evolution", "evolution")
	}
	s := b.Section("evolution")
	shown := chosen(b.D.Moments)
	first, last := shown[0], shown[len(shown)-1]
	says := b.W.Say("evolution.says", page.Integer(first.Step), page.Integer(last.Step), temperature(last.Temperature))
	s.Add(page.Block{Prose: []string{says}}, page.Block{Timeline: b.cards(shown)})
	if fig := b.skillFigure(); fig != nil {
		s.Add(b.Picture("skills", fig, fig.Title, b.Command("evolution"), b.W.Say("skills.what"), b.skillSentence()))
		s.Add(b.emergence()...)
	}
	s.Add(b.heldOut()...)
	return s
}

func temperature(t float64) string { return page.Number(t, 1) }

// chosen picks the landmarks that were kept and the last moment.
func chosen(all []content.Moment) []content.Moment {
	last := all[len(all)-1].Step
	var out []content.Moment
	for _, m := range all {
		if m.Step == last || slices.Contains(landmarks, m.Step) {
			out = append(out, m)
		}
	}
	return out
}

func (b *builder) cards(ms []content.Moment) []page.Card {
	var out []page.Card
	for _, m := range ms {
		c := page.Card{
			ID: fmt.Sprintf("step-%d", m.Step), Step: b.W.Say("evolution.step", page.Integer(m.Step)), Sample: plain(m.Sample),
			Position: page.Number(math.Log10(1+float64(m.Step)), 3),
		}
		if !math.IsNaN(m.Loss) {
			c.Loss = b.W.Say("evolution.loss", page.Number(page.Bits(m.Loss), 2))
		}
		for _, k := range b.D.Skills {
			v, ok := m.Skills[k.Name]
			if !ok {
				v.Estimate = math.NaN()
			}
			c.Skills = append(c.Skills, page.Fact{Name: b.skillTitle(k), Value: skillValue(k, v.Estimate), Hint: b.few(k, v)})
		}
		out = append(out, c)
	}
	return out
}

// plain keeps a sample readable: control characters as signs, reordering ones as boxes.
func plain(s string) string {
	out := ""
	for _, r := range s {
		if r == '\n' || r == '\t' || r == ' ' {
			out += string(r)
			continue
		}
		out += page.UnescapedLetter(r)
	}
	return out
}

// fewCases is below how many cases a figure is marked as resting on few.
const fewCases = 30

// few says of how many cases a share speaks when they are few.
func (b *builder) few(k content.Skill, v stat.Interval) string {
	if !k.Share || math.IsNaN(v.Estimate) || v.N >= fewCases {
		return ""
	}
	return b.W.Say("skills.of", page.Integer(v.N))
}

func skillValue(k content.Skill, v float64) string {
	if k.Share {
		return page.Percent(v)
	}
	return page.Number(v, 1)
}

func (b *builder) skillTitle(k content.Skill) string {
	if b.W.Has("skill." + k.Name) {
		return b.W.Say("skill." + k.Name)
	}
	if t := k.Titles[b.W.Lang]; t != "" {
		return t
	}
	return k.Name
}

func (b *builder) skillFigure() *figure.Multiples {
	var panels []figure.Panel
	for _, k := range b.D.Skills {
		if !slices.ContainsFunc(k.Values, func(v float64) bool { return !math.IsNaN(v) }) {
			continue
		}
		p := figure.Panel{Title: b.skillTitle(k), X: k.Steps, Y: k.Values, Low: k.Low, High: k.High}
		if k.Reference != nil {
			p.Reference = &k.Reference.Estimate
		}
		if k.Share {
			p.Lo, p.Hi = 0, 1
		}
		panels = append(panels, p)
	}
	if len(panels) == 0 {
		return nil
	}
	return &figure.Multiples{Head: b.Head(b.W.Say("skills.title"), b.W.Say("skills.alt", page.Integer(len(panels)))),
		XLabel: b.W.Say("axis.step"), Panels: panels}
}

// skillSentence names the shares that moved most between the first and the last moment.
func (b *builder) skillSentence() string {
	best, gain := "", 0.0
	var from, to float64
	for _, k := range b.D.Skills {
		first, last := k.First.Estimate, k.Last.Estimate
		if k.Share && min(k.First.N, k.Last.N) >= fewCases && math.Abs(last-first) > gain {
			best, gain, from, to = b.skillTitle(k), math.Abs(last-first), first, last
		}
	}
	if best == "" {
		return ""
	}
	return b.W.Say("skills.says", best, page.Percent(from), page.Percent(to))
}

// losses draws training and validation loss.
func (b *builder) losses() *page.Section {
	if len(b.D.Loss) == 0 && len(b.D.Validation) == 0 {
		return nil
	}
	s := b.Section("losses")
	fig := &figure.Lines{
		Head:   b.Head(b.W.Say("losses.title"), b.lossSentence()),
		XLabel: b.W.Say("axis.step.log"), YLabel: b.W.Say("axis.nats"), Steps: true,
		Right: &figure.RightAxis{Label: b.W.Say("axis.bits"), Factor: 1 / math.Ln2},
	}
	if xs, ys := columns(b.D.Loss); len(xs) > 0 {
		fig.Curves = append(fig.Curves,
			figure.Curve{Name: b.W.Say("losses.step"), X: xs, Y: ys, Ink: figure.Blue, Faint: true},
			figure.Curve{Name: b.W.Say("losses.smooth"), X: xs, Y: smooth(ys), Ink: figure.Blue})
	}
	if xs, ys := columns(b.D.Validation); len(xs) > 0 {
		fig.Curves = append(fig.Curves, figure.Curve{Name: b.W.Say("losses.validation"), X: xs, Y: ys, Ink: figure.Vermilion, Dots: true})
	}
	s.Add(b.Picture("losses", fig, "", b.Command("report"), b.W.Say("losses.what"), b.lossSentence()))
	return s
}

func columns(vs []content.Value) (xs, ys []float64) {
	for _, v := range vs {
		xs, ys = append(xs, float64(v.Step)), append(ys, v.Value)
	}
	return xs, ys
}

// smooth averages over a twentieth of the steps so far, so that on a log axis each part is smoothed alike.
func smooth(ys []float64) []float64 {
	sum := make([]float64, len(ys)+1)
	for i, y := range ys {
		sum[i+1] = sum[i] + y
	}
	out := make([]float64, len(ys))
	for i := range ys {
		half := i / 40
		lo, hi := i-half, min(len(ys), i+half+1)
		out[i] = (sum[hi] - sum[lo]) / float64(hi-lo)
	}
	return out
}

func (b *builder) lossSentence() string {
	if len(b.D.Validation) == 0 {
		return ""
	}
	first, last := page.Ends(b.D.Validation)
	best := b.D.Validation[0]
	for _, v := range b.D.Validation {
		if v.Value < best.Value {
			best = v
		}
	}
	says := b.W.Say("losses.says", page.Number(page.Bits(first), 2), page.Number(page.Bits(last), 2), page.Number(page.Bits(best.Value), 2), page.Integer(best.Step))
	if math.IsNaN(b.D.Test) {
		return says
	}
	return b.W.Sentences(says, b.W.Say("losses.test", page.Number(page.Bits(b.D.Test), 2)))
}
