package concept

import (
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode"
)

// claim is a clause of what is written about some concepts, word for word, and a text on which it can be seen, with the
// marks beneath it as in passage. ~n~ in the text stands for n letters x, ~n<a>~ for <a> n times, ~n:c~ in the marks
// for n marks c; a name that is a label is marked by its first letter, a number above 9 by +. {followed} and {closing}
// are the listed abbreviations.
type claim struct{ concepts, says, text, marks string }

var repeats = regexp.MustCompile(`~(\d+)([^~]*)~`)

// repeated writes out what stands for many.
func repeated(s string) string {
	return repeats.ReplaceAllStringFunc(s, func(m string) string {
		g := repeats.FindStringSubmatch(m)
		n, _ := strconv.Atoi(g[1]) // digits
		what := strings.TrimPrefix(g[2], ":")
		if what == "" {
			what = "x"
		}
		return strings.Repeat(what, n)
	})
}

func (k claim) runes() []rune {
	return []rune(strings.NewReplacer("¶", "\n", "→", "\t", "␍", "\r").Replace(repeated(k.text)))
}

func (k claim) clause() string {
	return strings.NewReplacer("{followed}", listWords(followed), "{closing}", listWords(closing)).Replace(k.says)
}

// seen writes the labels of a concept as marks.
func (k claim) seen(c Concept) string {
	names := map[int32]rune{}
	for _, w := range regexp.MustCompile(`[a-z]+`).FindAllString(string(k.runes()), -1) {
		names[NameID(w)] = rune(w[0])
	}
	var s strings.Builder
	for _, l := range LabelAll(c, k.runes()) {
		switch name := names[l.Y]; {
		case !l.Valid:
			s.WriteByte('?')
		case name != 0:
			s.WriteRune(name)
		case l.Y > 9:
			s.WriteByte('+')
		default:
			s.WriteByte(".123456789"[l.Y])
		}
	}
	return s.String()
}

func (k claim) check(t *testing.T) {
	t.Helper()
	for _, name := range strings.Fields(k.concepts) {
		c, err := Find(name)
		if err != nil {
			t.Error(err)
			continue
		}
		if got, want := k.seen(c), repeated(k.marks); got != want {
			t.Errorf("%s: %q\n%.200s\n%.200s want\n%.200s got", name, k.clause(), k.text, want, got)
		}
	}
}

// rest is what a text says that none of clauses says.
func rest(text string, clauses []string) string {
	covered := make([]bool, len(text))
	for _, clause := range clauses {
		for at := 0; clause != ""; {
			i := strings.Index(text[at:], clause)
			if i < 0 {
				break
			}
			for k := range clause {
				covered[at+i+k] = true
			}
			at += i + len(clause)
		}
	}
	var left strings.Builder
	for i, r := range text {
		if !covered[i] && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
			left.WriteRune(r)
		} else if left.Len() > 0 && !strings.HasSuffix(left.String(), " ") {
			left.WriteByte(' ')
		}
	}
	return left.String()
}

// TestDefinitionsSayWhatLabelsDo: every clause of every definition is shown on a text, and no definition has a word
// that no clause shows.
func TestDefinitionsSayWhatLabelsDo(t *testing.T) {
	shown := map[string][]string{}
	for _, k := range claims {
		for _, name := range strings.Fields(k.concepts) {
			c, err := Find(name)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(c.Definition, k.clause()) {
				t.Errorf("the definition of %s does not say %q", name, k.clause())
			}
			shown[name] = append(shown[name], k.clause())
		}
		k.check(t)
	}
	for _, c := range All() {
		if left := rest(c.Definition, shown[c.Name]); left != "" {
			t.Errorf("%s: its definition says, and nothing shows: %s", c.Name, left)
		}
	}
}

// TestMethodsSayWhatLabelsDo: the same of the rules in docs/methods.md.
func TestMethodsSayWhatLabelsDo(t *testing.T) {
	b, err := os.ReadFile("../docs/methods.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rules, found := strings.Cut(strings.Join(strings.Fields(string(b)), " "), "Rules that needed a decision: ")
	rules, _, ends := strings.Cut(rules, " **Whose rule is it?**")
	if !found || !ends {
		t.Fatal("docs/methods.md has no rules of concepts")
	}
	var shown []string
	for _, k := range methodsClaims {
		shown = append(shown, k.says)
		if !strings.Contains(rules, k.says) {
			t.Errorf("docs/methods.md does not say %q", k.says)
		}
		k.check(t)
	}
	for _, name := range Names() { // the name before each rule
		shown = append(shown, "- `"+name+"`:")
	}
	if left := rest(rules, shown); left != "" {
		t.Errorf("docs/methods.md says, and nothing shows: %s", left)
	}
}
