package finding

import (
	"encoding/json"
	"maps"
	"math"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/rnnscope/rnnscope/stat"
)

// TestTable: every metric has one row, a range, a sentence in every language and verdicts with words.
func TestTable(t *testing.T) {
	seen := map[string]bool{}
	for _, m := range Metrics() {
		if seen[m.Name] || m.Name == "" || strings.ToLower(m.Name) != m.Name || strings.ContainsAny(m.Name, " :-") {
			t.Errorf("metric %q: a name twice, or no name", m.Name)
		}
		seen[m.Name] = true
		if m.Lo > m.Hi || math.IsNaN(m.Lo+0) || m.Source == "" {
			t.Errorf("%s: range [%v,%v], source %q", m.Name, m.Lo, m.Hi, m.Source)
		}
		for _, language := range []string{"en", "zh"} {
			w := LoadWords(language)
			if s := w.Metric(m.Name); s == "" || !strings.ContainsAny(s[len(s)-1:]+s[max(0, len(s)-3):], ".。") {
				t.Errorf("%s in %s: %q is no sentence", m.Name, language, s)
			}
			for _, v := range m.Verdicts {
				if w.Verdict(v) == "" {
					t.Errorf("%s in %s: no words for the verdict %s", m.Name, language, v)
				}
			}
		}
	}
	if _, ok := Lookup("auroc"); !ok {
		t.Error("auroc is not in the table")
	}
	if _, ok := Lookup("mean_after 2 to 6 after the end"); ok {
		t.Error("a sentence is in the table")
	}
}

// TestWords: both languages have the same keys, none without a use.
func TestWords(t *testing.T) {
	en, zh := LoadWords("en"), LoadWords("zh")
	if d := cmp.Diff(slices.Sorted(maps.Keys(en)), slices.Sorted(maps.Keys(zh))); d != "" {
		t.Error(d)
	}
	used := map[string]bool{}
	for _, m := range Metrics() {
		used["metric."+m.Name] = true
		for _, k := range m.Kinds {
			used["kind."+m.Name+"."+k] = true
		}
	}
	for _, v := range declaredVerdicts(t) {
		used["verdict."+string(v)] = true
	}
	for _, c := range []Control{LocalSwap, Untrained, OtherUnits, SignFlips, LikePlaces, ShamTriggers, WiredNetworks, NGrams} {
		used["control."+string(c)] = true
	}
	for _, g := range Unknown.Gaps() {
		used["gap."+string(g)] = true
	}
	for key := range en {
		if !used[key] {
			t.Errorf("nobody can ask for %s", key)
		}
	}
}

func TestSplit(t *testing.T) {
	for name, want := range map[string]Split{
		"test of tail 80/10/10":                           {Part: Test, Rule: Tail, Shares: "80/10/10"},
		"validation and test of tail 90/5/5":              {Part: HeldOut, Rule: Tail, Shares: "90/5/5"},
		"odd of alternating blocks, 500-character guards": {Part: Odd, Rule: Alternating},
		"test of streams 80/10/10":                        {Part: Test, Rule: Streams, Shares: "80/10/10"},
		"all of the text":                                 {Part: Whole, Rule: Uncut},
		"":                                                {},
		"the whole of another text":                       {Other: "the whole of another text"},
		"test of a theory":                                {Other: "test of a theory"},
	} {
		got := ParseSplit(name)
		if got != want {
			t.Errorf("%q: %+v, want %+v", name, got, want)
		}
		if got.String() != name {
			t.Errorf("%q comes back as %q", name, got.String())
		}
	}
}

func TestSubject(t *testing.T) {
	if g := Unknown.Gaps(); len(g) != 5 {
		t.Errorf("gaps of the unknown subject: %v", g)
	}
	s := Subject{Text: "novel.txt", SHA256: "ab", Step: 2000, Split: ParseSplit("test of tail 80/10/10"), Weights: "cd"}
	if g := s.Gaps(); len(g) != 0 {
		t.Errorf("gaps of a full subject: %v", g)
	}
	if got := s.String(); got != "novel.txt, test of tail 80/10/10, step 2000" {
		t.Error(got)
	}
	if got := Unknown.String(); got != "unknown text, unknown step" {
		t.Error(got)
	}
	s.Step, s.Weights = EveryStep, ""
	if g := s.Gaps(); len(g) != 0 {
		t.Errorf("gaps of a result of all steps: %v", g)
	}
}

func TestFindingJSON(t *testing.T) {
	f := Finding{
		Subject: Subject{Text: "a", Step: 3, Split: ParseSplit("test of tail 80/10/10")}, Concept: "url", Site: "l0.c", Unit: 3, Metric: "url_mean",
		Kind: "after", From: 2, To: 6, Verdict: Learned, Basis: &Basis{Rules: 2, Budget: map[string]int{"draws": 99}, Controls: []Control{LocalSwap}}, Method: "m", Version: "v",
	}.WithInterval(stat.Interval{Estimate: .5, Lo: math.NaN(), Hi: math.Inf(1), N: 7})
	b, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	var got Finding
	if err := json.Unmarshal(b, &got); err != nil {
		t.Fatal(err)
	}
	f.Hi = math.NaN() // what is not finite is null
	if d := cmp.Diff(f, got, cmpopts.EquateNaNs()); d != "" {
		t.Error(d)
	}
}

// declaredVerdicts are the constants of type Verdict, as verdict.go declares them.
func declaredVerdicts(t *testing.T) []Verdict {
	t.Helper()
	source, err := os.ReadFile("verdict.go")
	if err != nil {
		t.Fatal(err)
	}
	var all []Verdict
	for _, m := range regexp.MustCompile(`Verdict\s*= "([^"]+)"`).FindAllStringSubmatch(string(source), -1) {
		all = append(all, Verdict(m[1]))
	}
	if len(all) < 16 {
		t.Errorf("only %d verdicts found: %v", len(all), all)
	}
	return all
}

// TestVerdictsOfOlderRuns: what older views say in words is read as the code of today, and codes stay.
func TestVerdictsOfOlderRuns(t *testing.T) {
	for was, want := range map[string]Verdict{
		"not in this text": NotInText, "too little text": TooLittleText, "not found": NotFound, "learned": Learned, "associated": Associated,
		"encoded, not shown to be used": Encoded, "used": Used, "untestable": Untestable, "trigger-wait": Waits, "partial": Partial, "not_found": NotFound,
	} {
		var got Verdict
		if err := json.Unmarshal([]byte(`"`+was+`"`), &got); err != nil || got != want {
			t.Errorf("%s is read as %s (%v)", was, got, err)
		}
	}
}
