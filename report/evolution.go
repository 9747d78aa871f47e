package report

import (
	"fmt"
	"math"
	"slices"

	"github.com/rnnscope/rnnscope/figure"
	"github.com/rnnscope/rnnscope/stat"
)

// landmarks are the steps whose samples are always shown.
var landmarks = []int64{0, 10, 30, 100, 300, 500, 1000, 2000, 5000, 10000, 20000, 50000, 100000}

// evolution shows what the network wrote as it learned.
func (b *builder) evolution() *section {
	if len(b.d.Moments) == 0 {
		return b.absent("evolution", "evolution")
	}
	s := b.section("evolution")
	shown := chosen(b.d.Moments)
	first, last := shown[0], shown[len(shown)-1]
	says := b.w.say("evolution.says", integer(first.Step), integer(last.Step), temperature(last.Temperature))
	s.add(block{Prose: []string{says}}, block{Timeline: b.cards(shown)})
	if fig := b.skillFigure(); fig != nil {
		s.add(b.picture("skills", fig, fig.Title, b.command("evolution"), b.w.say("skills.what"), b.skillSentence()))
		s.add(b.emergence()...)
	}
	s.add(b.heldOut()...)
	return s
}

func temperature(t float64) string { return number(t, 1) }

// chosen picks the landmarks that were kept and the last moment.
func chosen(all []Moment) []Moment {
	last := all[len(all)-1].Step
	var out []Moment
	for _, m := range all {
		if m.Step == last || slices.Contains(landmarks, m.Step) {
			out = append(out, m)
		}
	}
	return out
}

func (b *builder) cards(ms []Moment) []card {
	var out []card
	for _, m := range ms {
		c := card{
			ID: fmt.Sprintf("step-%d", m.Step), Step: b.w.say("evolution.step", integer(m.Step)), Sample: plain(m.Sample),
			Position: number(math.Log10(1+float64(m.Step)), 3),
		}
		if !math.IsNaN(m.Loss) {
			c.Loss = b.w.say("evolution.loss", number(bits(m.Loss), 2))
		}
		for _, k := range b.d.Skills {
			v, ok := m.Skills[k.Name]
			if !ok {
				v.Estimate = math.NaN()
			}
			c.Skills = append(c.Skills, fact{Name: b.skillTitle(k), Value: skillValue(k, v.Estimate), Hint: b.few(k, v)})
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
		out += unescapedLetter(r)
	}
	return out
}

// fewCases is below how many cases a figure is marked as resting on few.
const fewCases = 30

// few says of how many cases a share speaks when they are few.
func (b *builder) few(k Skill, v stat.Interval) string {
	if !k.Share || math.IsNaN(v.Estimate) || v.N >= fewCases {
		return ""
	}
	return b.w.say("skills.of", integer(v.N))
}

func skillValue(k Skill, v float64) string {
	if k.Share {
		return percent(v)
	}
	return number(v, 1)
}

func (b *builder) skillTitle(k Skill) string {
	if b.w.has("skill." + k.Name) {
		return b.w.say("skill." + k.Name)
	}
	if t := k.Titles[b.w.lang]; t != "" {
		return t
	}
	return k.Name
}

func (b *builder) skillFigure() *figure.Multiples {
	var panels []figure.Panel
	for _, k := range b.d.Skills {
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
	return &figure.Multiples{Head: b.head(b.w.say("skills.title"), b.w.say("skills.alt", integer(len(panels)))),
		XLabel: b.w.say("axis.step"), Panels: panels}
}

// skillSentence names the shares that moved most between the first and the last moment.
func (b *builder) skillSentence() string {
	best, gain := "", 0.0
	var from, to float64
	for _, k := range b.d.Skills {
		first, last := k.First.Estimate, k.Last.Estimate
		if k.Share && min(k.First.N, k.Last.N) >= fewCases && math.Abs(last-first) > gain {
			best, gain, from, to = b.skillTitle(k), math.Abs(last-first), first, last
		}
	}
	if best == "" {
		return ""
	}
	return b.w.say("skills.says", best, percent(from), percent(to))
}

// losses draws training and validation loss.
func (b *builder) losses() *section {
	if len(b.d.Loss) == 0 && len(b.d.Validation) == 0 {
		return nil
	}
	s := b.section("losses")
	fig := &figure.Lines{
		Head:   b.head(b.w.say("losses.title"), b.lossSentence()),
		XLabel: b.w.say("axis.step.log"), YLabel: b.w.say("axis.nats"), Steps: true,
		Right: &figure.RightAxis{Label: b.w.say("axis.bits"), Factor: 1 / math.Ln2},
	}
	if xs, ys := columns(b.d.Loss); len(xs) > 0 {
		fig.Curves = append(fig.Curves,
			figure.Curve{Name: b.w.say("losses.step"), X: xs, Y: ys, Ink: figure.Blue, Faint: true},
			figure.Curve{Name: b.w.say("losses.smooth"), X: xs, Y: smooth(ys), Ink: figure.Blue})
	}
	if xs, ys := columns(b.d.Validation); len(xs) > 0 {
		fig.Curves = append(fig.Curves, figure.Curve{Name: b.w.say("losses.validation"), X: xs, Y: ys, Ink: figure.Vermilion, Dots: true})
	}
	s.add(b.picture("losses", fig, "", b.command("report"), b.w.say("losses.what"), b.lossSentence()))
	return s
}

func columns(vs []Value) (xs, ys []float64) {
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
	if len(b.d.Validation) == 0 {
		return ""
	}
	first, last := ends(b.d.Validation)
	best := b.d.Validation[0]
	for _, v := range b.d.Validation {
		if v.Value < best.Value {
			best = v
		}
	}
	says := b.w.say("losses.says", number(bits(first), 2), number(bits(last), 2), number(bits(best.Value), 2), integer(best.Step))
	if math.IsNaN(b.d.Test) {
		return says
	}
	return b.w.sentences(says, b.w.say("losses.test", number(bits(b.d.Test), 2)))
}
