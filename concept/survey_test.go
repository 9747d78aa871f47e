package concept

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/rnnscope/rnnscope/synth"
)

// TestSurveyOfSynth: a rule is admitted in the domains that it is written for and
// in no other; what is not there has no openings.
func TestSurveyOfSynth(t *testing.T) {
	belongs := map[string][]string{
		"comment": {"code"}, "string-literal": {"code"}, "code-bracket-depth": {"code"},
		"comment-python": nil, "string-python": nil,
		"wiki-link": {"wiki"}, "wiki-template": {"wiki"}, "heading": {"wiki"},
		"xml-tag": {"xml", "wiki"}, "xml-depth": {"xml", "wiki"}, "xml-closing-tag": {"xml", "wiki"}, "xml-attribute": {"xml", "wiki"}, "comment-xml": {"xml", "wiki"},
		"latex-math": {"latex"}, "latex-environment": {"latex"}, "speaker-heading": {"play"},
		"in-quote": {"novel", "code", "xml", "chinese", "quotes-straight"}, "bracket-depth": {"code", "dyck", "latex", "wiki"},
	}
	seen := map[string]bool{}
	for _, domain := range []string{"novel", "play", "code", "latex", "xml", "wiki", "dyck"} {
		rs := generated(t, domain, 60_000)
		for _, a := range SurveyAll(All(), rs) {
			want, listed := belongs[a.Concept]
			if !listed || a.Openings == 0 {
				continue
			}
			seen[a.Concept] = seen[a.Concept] || slices.Contains(want, domain)
			if a.Admitted != slices.Contains(want, domain) && !(a.For == Any && a.Admitted) {
				t.Errorf("%s in %s: %+v", a.Concept, domain, a)
			}
			if a.Admitted != (a.Reason == "") {
				t.Errorf("%s in %s: admitted %t because %q", a.Concept, domain, a.Admitted, a.Reason)
			}
		}
	}
	for name, domains := range belongs {
		if len(domains) > 0 && !seen[name] {
			t.Errorf("%s was not met where it belongs", name)
		}
	}
}

func generated(t *testing.T, domain string, n int) []rune {
	t.Helper()
	text, err := synth.Generate(domain, n, rand.New(rand.NewPCG(3, 4)), synth.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return text.Runes
}

// TestSurveyOfOtherNotations: marks of another notation admit nothing, whatever
// the spans that come of them look like.
func TestSurveyOfOtherNotations(t *testing.T) {
	for _, k := range []struct{ concept, line, reason string }{
		{"comment", "see [//host.org/x one] and //b.net/c\n/* so */ x\n", "stand in text that is not"},
		{"quote-single", "the ''ship'' and '''port''' of 'x' here\n", "another notation"},
		{"latex-math", "\\emph{a} \\textbf{b} \\it c \\bf d $10 or more, $20 in all, $x$ \n", "another notation"},
		{"in-quote", "a \"b and nothing else\n\nc \"d\" e\n\n", "only"},
		{"speaker-heading", "Once upon a time.\n\n", "only"},
	} {
		c, err := Find(k.concept)
		if err != nil {
			t.Fatal(err)
		}
		a := SurveyAll([]Concept{c}, []rune(strings.Repeat(k.line, 200)))[0]
		if a.Admitted || !strings.Contains(a.Reason, k.reason) {
			t.Errorf("%s: %+v, want %q", k.concept, a, k.reason)
		}
	}
}

// TestSurveyCountsThePart: text that is not of the part is read and not counted,
// and how the text is cut changes nothing.
func TestSurveyCountsThePart(t *testing.T) {
	c, err := Find("quote-straight")
	if err != nil {
		t.Fatal(err)
	}
	survey := func(chunk int) Admission {
		s := NewSurvey([]Concept{c})
		part := func(text string, counted bool) {
			rs := []rune(text)
			for lo := 0; lo < len(rs); lo += chunk {
				s.Write(rs[lo:min(len(rs), lo+chunk)], counted)
			}
		}
		part(strings.Repeat("\"lost\n\n", 50)+"x", false)
		part(strings.Repeat("\"kept\" ", 50), true)
		return s.Admissions()[0]
	}
	for _, chunk := range []int{1, 7, 5000} {
		if a := survey(chunk); !a.Admitted || a.Closed != 50 || a.Lost != 0 || a.Openings != 50 {
			t.Errorf("in chunks of %d: %+v", chunk, a)
		}
	}
}

// TestSurveyCutsDepths: where something is always open, a depth is cut higher; a
// category becomes its frequent values.
func TestSurveyCutsDepths(t *testing.T) {
	depth, _ := Find("xml-depth")
	name, _ := Find("xml-name")
	rs := []rune("<all>" + strings.Repeat("<p>"+strings.Repeat("x", 30)+"</p><i>"+strings.Repeat("y", 30)+"</i>"+strings.Repeat("z", 20), 200))
	got := SurveyAll([]Concept{depth, name}, rs)
	if got[0].Above != 1 {
		t.Errorf("cut at %d, want 1: %+v", got[0].Above, got[0])
	}
	if !slices.Equal(got[1].Values, []string{"i", "p"}) && !slices.Equal(got[1].Values, []string{"p", "i"}) {
		t.Errorf("values %q", got[1].Values)
	}
	s := NewSurvey([]Concept{depth})
	s.Skip(rs[:5])
	s.Write(rs[5:], true)
	if a := s.Admissions()[0]; a.Above != 1 {
		t.Errorf("behind skipped text cut at %d", a.Above)
	}
}

func TestValues(t *testing.T) {
	for _, k := range []struct{ concept, text, marks string }{
		{"bracket-top:square", "(a[b{c}d]e)", "..11..11..."},
		{"xml-name:b", "<a><b>x</b>y</a>", ".....11111......"},
		{"quote-top:corner", "「a『b』」", "11..1."},
	} {
		c, err := Find(k.concept)
		if err != nil {
			t.Error(err)
			continue
		}
		if got := drawn(LabelAll(c, []rune(k.text))); got != k.marks {
			t.Errorf("%s:\n%s\n%s want\n%s got", k.concept, k.text, k.marks, got)
		}
		if !c.BuiltIn() || c.Kind != Binary || c.Title("en") == c.Name {
			t.Errorf("%s: %+v", k.concept, c)
		}
		checkStream(t, c, []rune(strings.Repeat(k.text, 3)), func(int) int { return 1 })
	}
	for _, wrong := range []string{"bracket-top:angle", "in-quote:x", "xml-name:"} {
		if _, err := Find(wrong); err == nil {
			t.Errorf("%s was found", wrong)
		}
	}
	if n, want := FamilySize(), len(Names())-4+3+3*mostValues; n != want {
		t.Errorf("the family has %d members, want %d", n, want)
	}
}

func ExampleSurveyAll() {
	text := strings.Repeat("He paid $10 for it and $20 for that.\n", 20)
	math, _ := Find("latex-math")
	a := SurveyAll([]Concept{math}, []rune(text))[0]
	fmt.Println(a.Admitted, a.Reason)
	// Output: false 40 of 40 places where it goes on stand in text that is not LaTeX
}
