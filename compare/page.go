package compare

import (
	"bytes"
	"cmp"
	"fmt"
	"html/template"
	"io"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rnnscope/rnnscope/evolve"
	"github.com/rnnscope/rnnscope/figure"
	"github.com/rnnscope/rnnscope/internal/durable"
	"github.com/rnnscope/rnnscope/stat"
)

const figureWidth = 760

// Write makes index.html and its figures as SVG in a folder that exists. A figure of nothing
// is left out.
func (r *Result) Write(dir string) error {
	page := struct {
		*Result
		Figures []drawn
	}{Result: r}
	for _, f := range []struct {
		name string
		fig  *figure.Forest
	}{{"units.svg", r.unitFigure()}, {"verdicts.svg", r.verdictFigure()}, {"births.svg", r.birthFigure()}} {
		if f.fig == nil {
			continue
		}
		var svg bytes.Buffer
		if err := figure.WriteSVG(&svg, f.fig, figureWidth); err != nil {
			return err
		}
		if err := put(filepath.Join(dir, f.name), svg.Bytes()); err != nil {
			return err
		}
		page.Figures = append(page.Figures, drawn{f.fig.Title, f.fig.Alt, template.HTML(inline(svg.String()))})
	}
	var html bytes.Buffer
	if err := pageTemplate.Execute(&html, page); err != nil {
		return err
	}
	return put(filepath.Join(dir, "index.html"), html.Bytes())
}

// drawn is a figure that stands in the page itself.
type drawn struct {
	Title, Alt string
	SVG        template.HTML
}

// inline is an SVG file as an element of a page.
func inline(svg string) string {
	if i := strings.Index(svg, "<svg"); i > 0 {
		return svg[i:]
	}
	return svg
}

func put(path string, b []byte) error {
	return durable.WriteFile(path, func(w io.Writer) error { _, err := w.Write(b); return err })
}

// unitFigure is the share of units found again, a row a pair and site.
func (r *Result) unitFigure() *figure.Forest {
	f := &figure.Forest{Lo: 0, Hi: 1, Reference: math.NaN(), XLabel: "share of units found again", EstLabel: "share, 95 % interval"}
	f.Title, f.Alt = "Units matched across networks", fmt.Sprintf("%d pairs of runs", len(r.Pairs))
	for _, p := range r.Pairs {
		for _, s := range p.Sites {
			f.Rows = append(f.Rows, row(fmt.Sprintf("%s in %s: %s", p.A, p.B, s.Site), s.Replicated, fmt.Sprintf("one to one %.2f", s.OneToOne.Estimate)))
		}
	}
	return some(f)
}

func (r *Result) verdictFigure() *figure.Forest {
	f := &figure.Forest{Lo: 0, Hi: 1, Reference: math.NaN(), XLabel: "share of runs", EstLabel: "share, 95 % interval"}
	f.Title, f.Alt = "Verdicts over runs", fmt.Sprintf("%d concepts and mechanisms", len(r.Verdicts)+len(r.Mechanisms))
	for _, v := range slices.Concat(r.Verdicts, r.Mechanisms) {
		f.Rows = append(f.Rows, row(v.Name, v.Share, fmt.Sprintf("%s in %d of %d", v.Verdict, v.Runs, v.Share.N)))
	}
	return some(f)
}

// birthFigure is the median and the range of births, on the logarithm of steps.
func (r *Result) birthFigure() *figure.Forest {
	f := &figure.Forest{Lo: 0, Hi: 1, Reference: math.NaN(), XLabel: "birth, log10(1 + step)", EstLabel: "median, least to greatest"}
	f.Title, f.Alt = "Births over runs", fmt.Sprintf("%d concepts", len(r.Births))
	at := func(v stat.Number) float64 { return math.Log10(1 + float64(v)) }
	for _, b := range r.Births {
		if b.Best.N == 0 {
			continue
		}
		x := stat.Interval{Estimate: at(b.Best.Median), Lo: at(b.Best.Lo), Hi: at(b.Best.Hi), N: int64(b.Best.N)}
		f.Rows = append(f.Rows, row(b.Concept, x, fmt.Sprintf("born in %d of %d", b.Best.N, b.Best.Of)))
		f.Hi = max(f.Hi, x.Hi+.2)
	}
	return some(f)
}

func row(name string, x stat.Interval, says string) figure.ForestRow {
	return figure.ForestRow{Name: name, Verdict: says, Estimate: x.Estimate, Lo: x.Lo, Hi: x.Hi, Null: math.NaN(), Strong: true}
}

func some(f *figure.Forest) *figure.Forest {
	if len(f.Rows) == 0 {
		return nil
	}
	return f
}

// Words for the page.
var pageTemplate = template.Must(template.New("compare").Funcs(template.FuncMap{
	"share":  func(i stat.Interval) string { return fmt.Sprintf("%.2f [%.2f, %.2f]", i.Estimate, i.Lo, i.Hi) },
	"number": func(n stat.Number) string { return decimals(float64(n), 3) },
	"step":   func(s Spread) string { return s.Steps() },
	"lag":    func(i stat.Interval) string { return LagWords(i) },
	"came":   func(m map[evolve.Verdict]int) string { return Verdicts(m) },
	"skill":  func(s string) string { return strings.ReplaceAll(strings.TrimPrefix(s, "held-out-"), "-", " ") },
}).Parse(`<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>rnnscope: {{len .Runs}} runs compared</title>
<style>
:root{color-scheme:light dark}
body{font:16px/1.5 system-ui,sans-serif;max-width:64rem;margin:2rem auto;padding:0 1rem}
.scroll{overflow-x:auto}
table{border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:.9rem}
th,td{padding:.25rem .75rem;text-align:right;border-bottom:1px solid #8884;white-space:nowrap}
th:first-child,td:first-child{text-align:left}
figure{margin:1rem 0;overflow-x:auto}
figure svg{background:#fff;max-width:100%;height:auto}
</style>
<h1>{{len .Runs}} runs compared</h1>
<div class="scroll"><table><thead><tr><th>run</th><th>cell</th><th>layers</th><th>units</th><th>seed</th><th>step</th><th>validation, nats</th></tr></thead><tbody>
{{range .Runs}}<tr><td>{{.Name}}</td><td>{{.Cell}}</td><td>{{.Layers}}</td><td>{{.Hidden}}</td><td>{{.Seed}}</td><td>{{.Step}}</td><td>{{number .Loss}}</td></tr>
{{end}}</tbody></table></div>
{{range .Figures}}<h2>{{.Title}}</h2><figure role="img" aria-label="{{.Alt}}">{{.SVG}}</figure>
{{end}}
{{if .Pairs}}<h2>Units found again</h2>
<p>A unit is found again when its correlation with its partner, within the current character, has a lower bound above the best unit of {{.Untrained}} untrained networks and above the best unit of the partner out of step. The partner is chosen on one part of {{.Text}} and measured on another.</p>
<div class="scroll"><table><thead><tr><th>units of</th><th>in</th><th>site</th><th>found again</th><th>one to one</th><th>median |r|</th></tr></thead><tbody>
{{range .Pairs}}{{$p := .}}{{range .Sites}}<tr><td>{{$p.A}}</td><td>{{$p.B}}</td><td>{{.Site}}</td><td>{{share .Replicated}}</td><td>{{share .OneToOne}}</td><td>{{number .Median}}</td></tr>
{{end}}{{end}}</tbody></table></div>{{end}}
{{if .Births}}<h2>Births</h2>
<div class="scroll"><table><thead><tr><th>concept</th><th>born at step</th><th>the survivor</th><th>serves</th><th>lag, decades</th></tr></thead><tbody>
{{range .Births}}<tr><td>{{.Concept}}</td><td>{{step .Best}}</td><td>{{step .Survivor}}</td><td>{{skill .Skill}}</td><td>{{lag .Lag}}</td></tr>
{{end}}</tbody></table></div>{{end}}
{{if .Emergences}}<h2>How skills came</h2>
<div class="scroll"><table><thead><tr><th>skill</th><th>middle at step</th><th>verdicts</th></tr></thead><tbody>
{{range .Emergences}}<tr><td>{{.Name}}</td><td>{{step .Middle}}</td><td>{{came .Verdicts}}</td></tr>
{{end}}</tbody></table></div>{{end}}
{{if .Horizons}}<h2>Horizons</h2>
<div class="scroll"><table><thead><tr><th>closers</th><th>characters</th><th>never halves in</th></tr></thead><tbody>
{{range .Horizons}}<tr><td>{{.Name}}</td><td>{{step .Spread}}</td><td>{{.Beyond}}</td></tr>
{{end}}</tbody></table></div>{{end}}
{{if .Missing}}<h2>Not asked</h2><ul>{{range .Missing}}<li>{{.Run}}: rnnscope {{.Command}}</li>{{end}}</ul>{{end}}
</html>
`))

func decimals(v float64, n int) string {
	if math.IsNaN(v) {
		return "–"
	}
	return fmt.Sprintf("%.*f", n, v)
}

// Steps says a spread of steps or characters: "213 [100, 400], 4 of 5".
func (s Spread) Steps() string {
	if s.N == 0 {
		return fmt.Sprintf("–, 0 of %d", s.Of)
	}
	return fmt.Sprintf("%.0f [%.0f, %.0f], %d of %d", s.Median, s.Lo, s.Hi, s.N, s.Of)
}

// LagWords says a lag with its interval, which it has of two runs and more.
func LagWords(i stat.Interval) string {
	switch {
	case math.IsNaN(i.Estimate):
		return "–"
	case i.N < 2:
		return fmt.Sprintf("%+.2f", i.Estimate)
	}
	return fmt.Sprintf("%+.2f [%+.2f, %+.2f]", i.Estimate, i.Lo, i.Hi)
}

// Verdicts counts verdicts in words, the commonest first.
func Verdicts(m map[evolve.Verdict]int) string {
	var names []evolve.Verdict
	for n := range m {
		names = append(names, n)
	}
	slices.SortFunc(names, func(a, b evolve.Verdict) int { return cmp.Or(m[b]-m[a], cmp.Compare(a, b)) })
	var out []string
	for _, n := range names {
		out = append(out, fmt.Sprintf("%s %d", n.Words(), m[n]))
	}
	return strings.Join(out, ", ")
}
