package report

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/dissect"
	"github.com/rnnscope/rnnscope/dissect/look"
	"github.com/rnnscope/rnnscope/figure"
	"github.com/rnnscope/rnnscope/report/content"
	"github.com/rnnscope/rnnscope/report/page"
)

func render(t *testing.T, d *content.Data, lang string) string {
	t.Helper()
	var b bytes.Buffer
	if err := writePage(&b, d, lang); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestLook writes the page to $RNNSCOPE_LOOK for the eye.
func TestLook(t *testing.T) {
	dir := os.Getenv("RNNSCOPE_LOOK")
	if dir == "" {
		dir = t.TempDir()
	}
	for _, lang := range page.Languages {
		if err := os.WriteFile(filepath.Join(dir, "report-"+lang+".html"), []byte(render(t, fullAtlas(), lang)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

var machine = regexp.MustCompile(`(?s)<(script|style)>.*?</(script|style)>`)

// wellFormed parses the page, whose markup is also XML, and hands every start tag to visit.
func wellFormed(t *testing.T, html string, visit func(xml.StartElement)) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(machine.ReplaceAllString(html, "")))
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if el, ok := tok.(xml.StartElement); ok {
			visit(el)
		}
	}
}

func attr(el xml.StartElement, name string) string {
	for _, a := range el.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

func TestPageIsWellFormedAndReachesNothing(t *testing.T) {
	for _, lang := range page.Languages {
		ids, links := map[string]bool{}, []string{}
		wellFormed(t, render(t, fixture(), lang), func(el xml.StartElement) {
			if id := attr(el, "id"); id != "" {
				if ids[id] {
					t.Errorf("%s: id %s twice", lang, id)
				}
				ids[id] = true
			}
			for _, a := range el.Attr {
				n := strings.ToLower(a.Name.Local)
				if strings.HasPrefix(n, "on") {
					t.Errorf("%s: handler %s on <%s>", lang, a.Name.Local, el.Name.Local)
				}
				if (n == "src" || n == "href") && strings.Contains(a.Value, "//") && !strings.HasPrefix(a.Value, "data:image/png;base64,") {
					t.Errorf("%s: <%s %s=%q>", lang, el.Name.Local, a.Name.Local, a.Value)
				}
			}
			switch el.Name.Local {
			case "script", "style", "link", "iframe", "object", "embed", "img", "base", "form":
				t.Errorf("%s: <%s> beside the page's own", lang, el.Name.Local)
			}
			if h := attr(el, "href"); strings.HasPrefix(h, "#") {
				links = append(links, h[1:])
			}
		})
		for _, l := range links {
			if !ids[l] {
				t.Errorf("%s: link to #%s leads nowhere", lang, l)
			}
		}
	}
}

func TestTextNeverBecomesMarkup(t *testing.T) {
	html := render(t, fixture(), "en")
	body := machine.ReplaceAllString(html, "")
	for _, bad := range []string{"<script", "<img", "<b>", "<seen>", "<a> concept", "\x00", "\x07", "\u202e"} {
		if strings.Contains(strings.ReplaceAll(body, "<b></b>", ""), bad) {
			t.Errorf("%q reached the page", bad)
		}
	}
	if n := strings.Count(html, "<script>"); n != 1 {
		t.Errorf("%d scripts", n)
	}
	if n := strings.Count(html, "</style>"); n != 1 {
		t.Errorf("%d ends of the stylesheet", n)
	}
	if strings.Contains(html, "ZgotmplZ") {
		t.Error("the template refused a value")
	}
}

func TestEveryFigureHasWordsAndFiles(t *testing.T) {
	for _, lang := range page.Languages {
		p, figures, err := build(fixture(), lang)
		if err != nil {
			t.Fatal(err)
		}
		pictures := 0
		for _, s := range p.Sections {
			for _, b := range s.Blocks {
				if b.Picture == nil {
					continue
				}
				pictures++
				if b.Picture.Title == "" && b.Picture.ID != s.ID || b.Picture.Small == "" || b.Picture.Command == "" || len(b.Picture.Says) < 2 {
					t.Errorf("%s: figure %s lacks title, provenance, command or sentences", lang, b.Picture.ID)
				}
				for _, says := range b.Picture.Says {
					if strings.TrimSpace(says) == "" {
						t.Errorf("%s: figure %s has an empty sentence", lang, b.Picture.ID)
					}
				}
			}
		}
		if pictures != len(figures) || pictures < 9 {
			t.Errorf("%s: %d pictures, %d files", lang, pictures, len(figures))
		}
		svgs := 0
		wellFormed(t, render(t, fixture(), lang), func(el xml.StartElement) {
			if el.Name.Local == "svg" && attr(el, "role") == "img" {
				svgs++
				if attr(el, "aria-label") == "" {
					t.Errorf("%s: a figure without words for those who cannot see it", lang)
				}
			}
		})
		if svgs < pictures {
			t.Errorf("%s: %d svg for %d figures", lang, svgs, pictures)
		}
	}
}

func TestCataloguesHaveTheSameKeysAndArguments(t *testing.T) {
	verb := regexp.MustCompile(`%\[\d\]s`)
	en, zh := read(t, "en"), read(t, "zh")
	for key, form := range en {
		other, ok := zh[key]
		if !ok {
			t.Errorf("zh lacks %s", key)
			continue
		}
		for i, f := range []string{form, other} {
			if f == "" {
				t.Errorf("%s is empty in %s", key, page.Languages[i])
			}
			rest := verb.ReplaceAllString(f, "")
			if rest != f {
				rest = strings.ReplaceAll(rest, "%%", "") // a form with arguments goes through Sprintf
			}
			if strings.Contains(rest, "%%") || rest != f && strings.Contains(rest, "%") {
				t.Errorf("%s in %s: stray %%: %s", key, page.Languages[i], f)
			}
		}
		if key == "concept.alone" && strings.Contains(form+other, "%[4]s") {
			t.Error("concept.alone speaks of a figure that does not exist")
		}
		if a, b := set(verb.FindAllString(form, -1)), set(verb.FindAllString(other, -1)); a != b {
			t.Errorf("%s takes %s in English, %s in Chinese", key, a, b)
		}
	}
	for key := range zh {
		if _, ok := en[key]; !ok {
			t.Errorf("en lacks %s", key)
		}
	}
	han := regexp.MustCompile(`\p{Han}`)
	for key, form := range zh {
		if !han.MatchString(form) && en[key] == form && len(form) > 6 {
			t.Errorf("%s is not translated: %s", key, form)
		}
	}
}

func read(t *testing.T, lang string) map[string]string {
	t.Helper()
	raw, err := page.Catalogues.ReadFile("lang/" + lang + ".json")
	if err != nil {
		t.Fatal(err)
	}
	m := map[string]string{}
	if err := json.Unmarshal(raw, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

func set(verbs []string) string {
	seen := map[string]bool{}
	for _, v := range verbs {
		seen[v] = true
	}
	out := ""
	for _, v := range []string{"%[1]s", "%[2]s", "%[3]s", "%[4]s", "%[5]s", "%[6]s", "%[7]s"} {
		if seen[v] {
			out += v
		}
	}
	return out
}

func TestNoFormatErrorsInEitherLanguage(t *testing.T) {
	for _, lang := range page.Languages {
		for _, d := range []*content.Data{fixture(), bare(), poor()} {
			html := machine.ReplaceAllString(render(t, d, lang), "")
			for _, bad := range []string{"%!", "%[", "NaN", "<nil>", "%%"} {
				if i := strings.Index(html, bad); i >= 0 {
					t.Errorf("%s: %q in the page: %s", lang, bad, html[max(0, i-60):min(len(html), i+40)])
				}
			}
		}
	}
}

// bare is a run of which nothing but the network is known.
func bare() *content.Data {
	return &content.Data{Dir: "r", Name: "x", Cell: "gru", Test: math.NaN()}
}

// poor is a run in which everything was looked for and nothing was found.
func poor() *content.Data {
	d := fixture()
	r := d.Dissect
	for i := range r.Concepts {
		r.Concepts[i].Verdict = dissect.NotFound
		r.Concepts[i].Best = nil
	}
	r.Null = dissect.NullInfo{}
	r.Gallery, r.Peaks = nil, nil
	r.URL.Verdict = dissect.NotFound
	r.URL.Kinds = nil
	r.Jump.Units = nil
	r.Pairs = &look.PairResult{}
	d.Validation, d.Test = nil, math.NaN()
	for i := range d.Skills {
		for j := range d.Skills[i].Values {
			d.Skills[i].Values[j] = math.NaN()
		}
	}
	return d
}

func TestEveryKindOfPairHasAName(t *testing.T) {
	for _, lang := range page.Languages {
		for _, kind := range concept.PairKinds() {
			if _, ok := read(t, lang)["pair."+kind]; !ok {
				t.Errorf("%s lacks pair.%s", lang, kind)
			}
		}
	}
}

func TestNotFoundIsSaid(t *testing.T) {
	html := render(t, poor(), "en")
	for _, want := range []string{"Not found.", "none of 128 units jumps", "no matching brackets"} {
		if !strings.Contains(html, want) {
			t.Errorf("%q is not said", want)
		}
	}
	if html := render(t, bare(), "en"); !strings.Contains(html, "rnnscope dissect r") {
		t.Error("a missing view must name its command")
	}
}

func TestSameDataSameBytes(t *testing.T) {
	for _, lang := range page.Languages {
		first := render(t, fixture(), lang)
		if second := render(t, fixture(), lang); first != second {
			t.Errorf("%s differs between two renderings", lang)
		}
	}
}

func TestSize(t *testing.T) {
	if n := len(render(t, fixture(), "en")); n > 3<<20 {
		t.Errorf("%d bytes", n)
	}
}

func TestLettersKeepGraphemesWhole(t *testing.T) {
	e := excerpt("e\u0301👩‍👩‍👧\r\n א", .3)
	out := string(page.Letters(e, 1))
	if n := strings.Count(out, "<i "); n != 5 {
		t.Errorf("%d letters: %s", n, out)
	}
	values := regexp.MustCompile(`data-v="([^"]*)"`).FindStringSubmatch(out)[1]
	if n := len(strings.Fields(values)); n != 5 {
		t.Errorf("%d values: %s", n, values)
	}
	if got := len(strings.FieldsFunc(values, func(r rune) bool { return r == ' ' || r == '/' })); got != len(e.Activation) {
		t.Errorf("%d values for %d characters", got, len(e.Activation))
	}
	if !strings.Contains(out, `dir="auto"`) {
		t.Error("direction is the text's own")
	}
}

func TestLevelIsCentredAndBounded(t *testing.T) {
	for _, c := range []struct {
		v, scale float64
		want     int
	}{{0, 1, page.Levels}, {9, 1, 2 * page.Levels}, {-9, 1, 0}, {math.NaN(), 1, page.Levels}, {1, 0, page.Levels}, {.5, 1, page.Levels + page.Levels/2}} {
		if got := page.Level(c.v, c.scale); got != c.want {
			t.Errorf("level(%v, %v) = %d, want %d", c.v, c.scale, got, c.want)
		}
	}
}

func TestEveryGroundKeepsTextReadable(t *testing.T) {
	for _, dark := range []bool{false, true} {
		for i := range 2*page.Levels + 1 {
			ground := figure.DivergingText(float64(i-page.Levels)/page.Levels, dark)
			if c := figure.Contrast(figure.Text.RGBA(dark), ground); c < 4.5 {
				t.Errorf("dark %v, level %d: contrast %.2f", dark, i, c)
			}
		}
	}
}

func TestUnknownLanguage(t *testing.T) {
	if err := writePage(io.Discard, fixture(), "xx"); !errors.Is(err, page.ErrLanguage) {
		t.Errorf("%v", err)
	}
}

func TestNumbers(t *testing.T) {
	for got, want := range map[string]string{
		page.Number(-.001, 2): "0.00", page.Number(-1.5, 1): "−1.5", page.Number(math.NaN(), 2): "–", page.Number(10, 0): "10",
		page.Integer(1234567): "1\u202f234\u202f567", page.Integer(-12): "−12", page.Integer(999): "999", page.ShellQuote("a b"): "'a b'", page.ShellQuote("runs/x"): "runs/x", page.ShellQuote("it's"): `'it'\''s'`,
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// writePage renders the page in one language. The same data gives the same bytes.
func writePage(w io.Writer, d *content.Data, lang string) error {
	p, _, err := build(d, lang)
	if err != nil {
		return err
	}
	return p.Write(w)
}
