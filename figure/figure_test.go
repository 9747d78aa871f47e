package figure

import (
	"bytes"
	"encoding/xml"
	"errors"
	"image/png"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"codeberg.org/go-fonts/dejavu/dejavusansmono"
	"codeberg.org/go-fonts/liberation/liberationsansbold"
	"codeberg.org/go-fonts/liberation/liberationsansregular"
	"gonum.org/v1/plot/palette/brewer"

	"github.com/rnnscope/rnnscope/rnn"
)

// examples holds one figure of each kind, drawn from formulas.
func examples() map[string]Figure {
	head := func(title string) Head {
		return Head{Title: title, Alt: "An example of " + title + ".", Provenance: "rnnscope 0.1 · seed 1 · text 4f2a91c0 · split tail 80/10/10 · kernels avx2 · LSTM 1x128, step 4000"}
	}
	var steps, raw, smooth, val, valSteps []float64
	for i := 0; i <= 4000; i += 2 {
		base := 1.1 + 3.2*math.Exp(-float64(i)/300)
		steps = append(steps, float64(i))
		raw = append(raw, base+.12*math.Sin(float64(i*i%97)))
		smooth = append(smooth, base)
		if i%400 == 0 {
			valSteps, val = append(valSteps, float64(i)), append(val, base+.1)
		}
	}
	text := []rune("He said, \"go to https://a.org/x#top now.\"\n\\begin{proof} f(g(x), [1]) \\end{proof}\t中文「引号」 é ok; and then the line goes on for a while until it ends here.")
	wave := func(f float64) []float64 {
		out := make([]float64, len(text))
		for t := range out {
			out[t] = math.Sin(float64(t) * f)
		}
		return out
	}
	many := func(n int) (names []string, values [][]float64) {
		for i := range n {
			names = append(names, rnn.UnitName("l0.h", i))
			values = append(values, wave(.05+float64(i)*.01))
		}
		return names, values
	}
	units5, five := many(5)
	units128, wide := many(128)
	code := []rune("if (a[i] == (b + c[j])) { f(x, {1, 2}); } // done (really)")
	trace := make([]float64, len(code))
	depth := make([][]float64, 5)
	for t := range code {
		trace[t] = math.Tanh(float64(t-25) / 12)
	}
	for i := range depth {
		for t := range code {
			depth[i] = append(depth[i], math.Cos(float64(t)*.1*float64(i+1)))
		}
	}
	panels := []Panel{}
	for i, n := range []string{"words from the text", "balanced quotes", "balanced brackets", "line length distance", "indentation agrees with depth"} {
		p := Panel{Title: n, X: valSteps, Lo: 0, Hi: 1}
		for _, s := range valSteps {
			p.Y = append(p.Y, 1/(1+math.Exp(-(logStep(s)-2-.2*float64(i))*4)))
		}
		panels = append(panels, p)
	}
	panels[3].Y[2] = math.NaN()
	return map[string]Figure{
		"lines": &Lines{Head: head("Loss while training"), XLabel: "step, log scale", YLabel: "nats per character", Steps: true,
			Right:  &RightAxis{Label: "bits", Factor: 1 / math.Ln2},
			Curves: []Curve{{Name: "training, each step", X: steps, Y: raw, Ink: Blue, Faint: true}, {Name: "training, smoothed", X: steps, Y: smooth, Ink: Blue}, {Name: "validation", X: valSteps, Y: val, Ink: Vermilion, Dots: true}}},
		"multiples": &Multiples{Head: head("Skills while training"), XLabel: "step", Panels: panels},
		"heat":      &Heatmap{Head: head("Activations over a passage"), Text: text, Units: units128, Values: wide, Limit: 1, Legend: "activation of one unit after one character"},
		"heat5":     &Heatmap{Head: head("Activations of five units"), Text: text, Units: units5, Values: five, Limit: 1, Legend: "activation"},
		"strip": &Strip{Head: head("A unit on URLs"), Limit: 1, Absolute: true, Shading: "inside a URL", Legend: "|activation|",
			Rows: []StripRow{{Name: "With a fragment", Text: text[:50], Values: wave(.2)[:50], Spans: [][2]int{{16, 35}}}, {Name: "Signed", Text: text, Values: wave(.1)}}},
		"pairs": &Pairs{Head: head("Pairs of brackets"), Text: code, Pairs: []Pair{{3, 22}, {5, 7}, {12, 21}, {18, 20}, {24, 39}, {27, 37}, {31, 36}, {49, 56}},
			Units: units5, Values: depth, Limit: 1, Memory: "l0.c[17]", Trace: trace, OpenLabel: "opens", CloseLabel: "closes", Legend: "activation", MemoryLegend: "memory unit"},
		"forest": &Forest{Head: head("Concepts beside the untrained maximum"), Lo: .4, Hi: 1, Reference: .5, XLabel: "AUROC on test", NullLabel: "best unit of 19 untrained networks", EstLabel: "best unit, 95 % interval",
			Rows: []ForestRow{{Name: "inside a URL", Verdict: "learned", Estimate: .93, Lo: .9, Hi: .96, Null: .61, Strong: true}, {Name: "inside quotes", Verdict: "associated", Estimate: .6, Lo: .55, Hi: .65, Null: .62}, {Name: "LaTeX environment", Verdict: "too little text", Estimate: math.NaN(), Lo: math.NaN(), Hi: math.NaN(), Null: math.NaN()}}},
	}
}

// TestLook writes every example to $RNNSCOPE_LOOK for the eye; without it, to a folder that is thrown away.
func TestLook(t *testing.T) {
	dir, widths := os.Getenv("RNNSCOPE_LOOK"), []float64{960, 390}
	if dir == "" {
		dir, widths = t.TempDir(), widths[1:]
	}
	for name, f := range examples() {
		for _, width := range widths {
			for ext, write := range map[string]func(io.Writer, Figure, float64) error{"svg": WriteSVG, "png": WritePNG, "pdf": WritePDF} {
				var b bytes.Buffer
				if err := write(&b, f, width); err != nil {
					t.Fatalf("%s.%s: %v", name, ext, err)
				}
				file := filepath.Join(dir, name+map[float64]string{960: "", 390: "-phone"}[width]+"."+ext)
				if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}

func TestEveryFigureIsWellFormedAndSelfContained(t *testing.T) {
	for name, f := range examples() {
		var b bytes.Buffer
		if err := WriteSVG(&b, f, 700); err != nil {
			t.Fatal(err)
		}
		d := xml.NewDecoder(strings.NewReader(b.String()))
		for {
			_, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		outside := strings.ReplaceAll(b.String(), `xmlns="http://www.w3.org/2000/svg"`, "")
		if strings.Contains(outside, `href="http`) || strings.Contains(outside, "<script") {
			t.Errorf("%s: the file reaches outside itself", name)
		}
		for _, want := range []string{"<title>", "<desc>", "seed 1"} {
			if !strings.Contains(b.String(), want) {
				t.Errorf("%s: no %s", name, want)
			}
		}
	}
}

func TestSameFigureSameBytes(t *testing.T) {
	for name, f := range examples() {
		for kind, write := range map[string]func(io.Writer, Figure, float64) error{"svg": WriteSVG, "png": WritePNG} {
			var a, b bytes.Buffer
			if err := errors.Join(write(&a, f, 500), write(&b, examples()[name], 500)); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(a.Bytes(), b.Bytes()) {
				t.Errorf("%s.%s differs between two drawings", name, kind)
			}
		}
	}
}

func TestTextIsEscaped(t *testing.T) {
	text := []rune("a<script>alert(1)</script>&\"'\x00\x07")
	row := make([]float64, len(text))
	f := &Heatmap{Head: Head{Title: "<b>", Alt: `"><script>`}, Text: text, Units: []string{"<u>"}, Values: [][]float64{row}, Limit: 1, Legend: "<i>"}
	for _, out := range []string{Inline(f, 400, "x"), svgOf(t, f)} {
		if strings.Contains(out, "<script") || strings.Contains(out, "<b>") || strings.Contains(out, "<u>") || strings.Contains(out, "<i>") {
			t.Error("text reached the markup")
		}
		if err := xml.Unmarshal([]byte(out), new(struct{})); err != nil {
			t.Error(err)
		}
	}
}

func svgOf(t *testing.T, f Figure) string {
	t.Helper()
	var b bytes.Buffer
	if err := WriteSVG(&b, f, 400); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestContrast(t *testing.T) {
	for _, dark := range []bool{false, true} {
		paper := Paper.RGBA(dark)
		for _, k := range []Ink{Text, Muted} {
			for _, ground := range []Ink{Paper, Shade} {
				if got := Contrast(k.RGBA(dark), ground.RGBA(dark)); got < 4.5 {
					t.Errorf("dark %v: ink %d on %d has contrast %.2f", dark, k, ground, got)
				}
			}
		}
		for k := Blue; k < inkCount; k++ {
			if got := Contrast(k.RGBA(dark), paper); got < 3 {
				t.Errorf("dark %v: series %s has contrast %.2f", dark, inks[k].name, got)
			}
		}
		for i := -50; i <= 50; i++ {
			v := float64(i) / 50
			if got := Contrast(Text.RGBA(dark), DivergingText(v, dark)); got < 4.5 {
				t.Errorf("dark %v: text on activation %.2f has contrast %.2f", dark, v, got)
			}
		}
		if got := Contrast(Diverging(0, dark), paper); got > 1.15 {
			t.Errorf("dark %v: zero stands out from the paper, contrast %.2f", dark, got)
		}
	}
}

func TestDivergingIsCentredAndRedBelowBlueAbove(t *testing.T) {
	for _, dark := range []bool{false, true} {
		lo, hi := Diverging(-.7, dark), Diverging(.7, dark)
		if lo.R <= lo.B || hi.B <= hi.R {
			t.Errorf("dark %v: %v below, %v above", dark, lo, hi)
		}
		if Diverging(math.NaN(), dark) != Diverging(0, dark) || Diverging(5, dark) != Diverging(1, dark) {
			t.Error("NaN must be neutral and the scale must end at 1")
		}
	}
	if code(0, 1) != 128 || code(-9, 1) != 1 || code(9, 1) != 255 || code(math.NaN(), 1) != 128 {
		t.Error("raster codes")
	}
}

// TestFontsAreTheirSources compares the packed fonts with those of go-fonts.
func TestFontsAreTheirSources(t *testing.T) {
	for name, want := range map[string][]byte{
		"LiberationSans-Regular": liberationsansregular.TTF, "LiberationSans-Bold": liberationsansbold.TTF, "DejaVuSansMono": dejavusansmono.TTF,
	} {
		if got, err := outlines(name); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not what go-fonts has (%v)", name, err)
		}
	}
}

// TestLightStopsAreColorBrewers compares the colours written here with gonum's copy of ColorBrewer.
func TestLightStopsAreColorBrewers(t *testing.T) {
	p, err := brewer.GetPalette(brewer.TypeDiverging, "RdBu", len(lightStops))
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range p.Colors() {
		r, g, b, _ := c.RGBA()
		if want := hex(r>>8<<16 | g>>8<<8 | b>>8); lightStops[i] != want {
			t.Errorf("colour %d is %v, want %v", i, lightStops[i], want)
		}
	}
}

func TestPNGHasTheSizeAsked(t *testing.T) {
	f := examples()["lines"]
	var b bytes.Buffer
	if err := WritePNG(&b, f, 600); err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(&b)
	if err != nil {
		t.Fatal(err)
	}
	if got := img.Bounds().Dx(); got != 1200 {
		t.Errorf("600 px wide at two dots a pixel: %d dots", got)
	}
}

func TestEveryCharacterHasAShape(t *testing.T) {
	f := face(12, true, false)
	for _, r := range "az·⏎␣⍽◌⇥「」引号中文é“”‘’ßΩЖ\u2400" {
		if lookup(f, r).from == fromBox {
			t.Errorf("%q has no glyph", r)
		}
	}
	for _, r := range "\ue123\U0001F469" { // private use; an emoji
		if lookup(f, r).from != fromBox {
			t.Errorf("%q would be drawn as nothing", r)
		}
	}
}

func TestEmptyFiguresDoNotFail(t *testing.T) {
	for _, f := range []Figure{&Lines{}, &Multiples{}, &Heatmap{}, &Strip{Rows: []StripRow{{}}}, &Pairs{}, &Forest{Hi: 1},
		&Lines{Curves: []Curve{{X: []float64{1}, Y: []float64{math.NaN()}}}}, &Multiples{Panels: []Panel{{}}}} {
		for _, write := range []func(io.Writer, Figure, float64) error{WriteSVG, WritePNG, WritePDF} {
			if err := write(io.Discard, f, 300); err != nil {
				t.Errorf("%T: %v", f, err)
			}
		}
	}
}

func TestThinKeepsExtremes(t *testing.T) {
	var pts []point
	for i := range 1000 {
		pts = append(pts, point{float64(i) / 100, float64(i * 7919 % 101)})
	}
	got := thin(pts)
	if len(got) > 20 {
		t.Errorf("%d points in 10 columns", len(got))
	}
	lo, hi := got[0].y, got[0].y
	for _, p := range got {
		lo, hi = math.Min(lo, p.y), math.Max(hi, p.y)
	}
	if lo != 0 || hi != 100 {
		t.Errorf("extremes %v %v", lo, hi)
	}
}
