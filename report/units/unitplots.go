package units

import (
	"html/template"
	"math"
	"slices"
	"strings"

	"github.com/rnnscope/rnnscope/dissect"
	"github.com/rnnscope/rnnscope/intervene"
	"github.com/rnnscope/rnnscope/report/page"
	"github.com/rnnscope/rnnscope/stat"
)

// plotsShown bounds the response curves of one concept on a page.
const plotsShown = 12

// responsePlots draws mean activations around events, all on one scale.
func (b *Builder) responsePlots(all []dissect.Response) []page.SmallPlot {
	all = all[:min(len(all), plotsShown)]
	f := frame{x0: dissect.CurveLo, x1: dissect.CurveHi, zero: true}
	for _, r := range all {
		f.reach(r.Mean)
	}
	var out []page.SmallPlot
	for i, r := range all {
		x := make([]float64, len(r.Mean))
		for o := range x {
			x[o] = float64(dissect.CurveLo + o)
		}
		title := b.event(r.Event)
		before := slices.ContainsFunc(all[:i], func(o dissect.Response) bool { return o.Event == r.Event })
		after := slices.ContainsFunc(all[i+1:], func(o dissect.Response) bool { return o.Event == r.Event })
		switch { // one string that opens and closes
		case after:
			title = b.W.Say("event.mark.on", page.Visible(r.Event))
		case before:
			title = b.W.Say("event.mark.off", page.Visible(r.Event))
		}
		out = append(out, page.SmallPlot{Title: title, Note: b.W.Say("page.events", page.Integer(r.Events)), Plot: f.curve(title, x, r.Mean, false)})
	}
	return out
}

// event names what a response curve is taken around.
func (b *Builder) event(name string) string {
	if key := "event." + strings.ReplaceAll(name, " ", "-"); b.W.Has(key) {
		return b.W.Say(key)
	}
	for _, end := range []string{"on", "off"} {
		if mark, ok := strings.CutSuffix(name, " "+end); ok {
			return b.W.Say("event.mark."+end, page.Visible(mark))
		}
	}
	return b.W.Say("event.after", page.Visible(name))
}

// dosePlot draws a dose curve.
func (b *Builder) dosePlot(k *intervene.Curve) page.SmallPlot {
	var x []float64
	var y []stat.Interval
	for _, d := range k.Doses {
		x, y = append(x, d.Value), append(y, d.Logit)
	}
	f := frame{x0: math.Inf(1), x1: math.Inf(-1)}
	for _, v := range x {
		f.x0, f.x1 = math.Min(f.x0, v), math.Max(f.x1, v)
	}
	f.reach(y)
	title := b.ConceptTitle(k.Concept)
	return page.SmallPlot{Title: title, Note: b.steerSentence(k), Plot: f.curve(title, x, y, true)}
}

// frame is the scale of small plots.
type frame struct {
	x0, x1, y0, y1 float64
	any, zero      bool // zero: a line at x = 0
}

// Sizes of a small plot, in pixels of its own.
const (
	plotWidth, plotHeight        = 260.0, 130.0
	plotLeft, plotRight          = 34.0, 6.0
	plotTop, plotBottom, dotSize = 8.0, 20.0, 2.6
)

// reach widens the scale to hold estimates and intervals.
func (f *frame) reach(ys []stat.Interval) {
	for _, i := range ys {
		for _, v := range []float64{i.Estimate, i.Lo, i.Hi} {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				continue
			}
			if !f.any {
				f.y0, f.y1, f.any = v, v, true
			}
			f.y0, f.y1 = math.Min(f.y0, v), math.Max(f.y1, v)
		}
	}
}

func (f *frame) x(v float64) float64 {
	if !(f.x1 > f.x0) {
		return (plotLeft + plotWidth - plotRight) / 2
	}
	return plotLeft + (v-f.x0)/(f.x1-f.x0)*(plotWidth-plotLeft-plotRight)
}

func (f *frame) y(v float64) float64 {
	if !(f.y1 > f.y0) {
		return plotHeight / 2
	}
	return plotTop + (f.y1-v)/(f.y1-f.y0)*(plotHeight-plotTop-plotBottom)
}

// curve draws one line with its band; points marks every measurement.
func (f *frame) curve(label string, x []float64, y []stat.Interval, points bool) template.HTML {
	if !f.any {
		return ""
	}
	c := func(v float64) string { return strings.Replace(page.Number(v, 1), "−", "-", 1) }
	var s strings.Builder
	s.WriteString(`<svg class="small" viewBox="0 0 260 130" width="260" height="130" role="img" aria-label="` + template.HTMLEscapeString(label) + `">`)
	base := plotHeight - plotBottom
	s.WriteString(`<path class="axis" d="M` + c(plotLeft) + ` ` + c(plotTop) + `V` + c(base) + `H` + c(plotWidth-plotRight) + `"/>`)
	if f.zero {
		s.WriteString(`<path class="event" d="M` + c(f.x(0)) + ` ` + c(plotTop) + `V` + c(base) + `"/>`)
	}
	if f.y0 < 0 && f.y1 > 0 {
		s.WriteString(`<path class="nought" d="M` + c(plotLeft) + ` ` + c(f.y(0)) + `H` + c(plotWidth-plotRight) + `"/>`)
	}
	line, low, high := "", "", ""
	for i, v := range y {
		if !v.Defined() || math.IsNaN(v.Lo) || math.IsNaN(v.Hi) {
			continue
		}
		at := c(f.x(x[i]))
		line += at + " " + c(f.y(v.Estimate)) + "L"
		high += at + " " + c(f.y(v.Hi)) + "L"
		low = "L" + at + " " + c(f.y(v.Lo)) + low
		if points {
			s.WriteString(`<circle class="line" cx="` + at + `" cy="` + c(f.y(v.Estimate)) + `" r="` + c(dotSize) + `"/>`)
		}
	}
	if line != "" {
		s.WriteString(`<path class="band" d="M` + strings.TrimSuffix(high, "L") + low + `Z"/><path class="line" d="M` + strings.TrimSuffix(line, "L") + `"/>`)
	}
	text := func(x, y float64, anchor, word string) {
		s.WriteString(`<text x="` + c(x) + `" y="` + c(y) + `" text-anchor="` + anchor + `">` + word + `</text>`)
	}
	decimals := 1
	if f.y1-f.y0 < .5 {
		decimals = 2
	}
	text(plotLeft-4, plotTop+4, "end", page.Number(f.y1, decimals))
	text(plotLeft-4, base, "end", page.Number(f.y0, decimals))
	text(plotLeft, plotHeight-5, "start", short(f.x0))
	text(plotWidth-plotRight, plotHeight-5, "end", short(f.x1))
	if f.zero {
		text(f.x(0), plotHeight-5, "middle", "0")
	}
	s.WriteString("</svg>")
	return template.HTML(s.String())
}

// short writes a whole number whole.
func short(v float64) string {
	if v == math.Trunc(v) {
		return page.Number(v, 0)
	}
	return page.Number(v, 2)
}

// spreadPlot draws two histograms over the same bins of activation: bars where the label is on, an outline where it is off, and a mark
// at the threshold between them.
func spreadPlot(s *dissect.Score) template.HTML {
	n := min(len(s.OnBins), len(s.OffBins))
	if n == 0 || len(s.BinEdges) != n-1 {
		return ""
	}
	const width, height = 200.0, 48.0
	top := 1e-9
	for i := range n {
		top = math.Max(top, math.Max(s.OnBins[i], s.OffBins[i]))
	}
	column := width / float64(n)
	on, off := "", "M0 "+page.Number(height, 0)
	for i := range n {
		x0, x1 := page.Number(float64(i)*column, 1), page.Number(float64(i+1)*column, 1)
		y := func(v float64) string { return page.Number(height*(1-v/top), 1) }
		on += "M" + x0 + " " + page.Number(height, 0) + "V" + y(s.OnBins[i]) + "H" + x1 + "V" + page.Number(height, 0) + "Z"
		off += "V" + y(s.OffBins[i]) + "H" + x1
	}
	return template.HTML(`<svg class="bins" viewBox="0 0 200 64" width="200" height="64" aria-hidden="true"><path class="yes" d="` + on +
		`"/><path class="no" d="` + off + "V" + page.Number(height, 0) + `"/>` + threshold(s, column, height) + `<text x="0" y="61">` + page.Number(s.BinEdges[0], 1) +
		`</text><text x="200" y="61" text-anchor="end">` + page.Number(s.BinEdges[n-2], 1) + `</text></svg>`)
}

// threshold marks what separates on from off; bins are equally wide.
func threshold(s *dissect.Score, column, height float64) string {
	n := len(s.BinEdges)
	width := (s.BinEdges[n-1] - s.BinEdges[0]) / math.Max(1, float64(n-1))
	x := column * (1 + (s.Threshold-s.BinEdges[0])/width)
	if !(width > 0) || !(x >= 0 && x <= column*float64(n+1)) {
		return ""
	}
	return `<path class="cut" d="M` + page.Number(x, 1) + ` 0V` + page.Number(height, 0) + `"/>`
}

// miniForest draws one AUROC between .4 and 1 with its interval, chance and the untrained maximum.
func miniForest(est, lo, hi, null float64) template.HTML {
	if math.IsNaN(est) {
		return ""
	}
	x := func(v float64) string { return page.Number(4+192*(math.Max(.4, math.Min(1, v))-.4)/.6, 1) }
	out := `<svg class="mini" viewBox="0 0 200 18" width="200" height="18" aria-hidden="true">` +
		`<path class="base" d="M4 9H196"/><path class="chance" d="M` + x(.5) + ` 3V15"/>`
	if !math.IsNaN(lo) && !math.IsNaN(hi) {
		out += `<path class="range" d="M` + x(lo) + ` 9H` + x(hi) + `"/>`
	}
	if !math.IsNaN(null) {
		out += `<path class="null" d="M` + x(null) + ` 4.5l4.5 4.5l-4.5 4.5l-4.5 -4.5z"/>`
	}
	return template.HTML(out + `<circle cx="` + x(est) + `" cy="9" r="3.8"/></svg>`)
}
