package synth

import (
	"encoding/xml"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// syllables maps every form of the lexicon to its number of syllables.
func syllables() map[string]int {
	l, m := words(), map[string]int{}
	add := func(ws ...word) {
		for _, w := range ws {
			m[w.text] = len(w.stress)
		}
	}
	allNouns := slices.Concat(l.feelings, l.abstract, l.weather, l.body, l.clothes, l.kin)
	for _, t := range l.topics {
		allNouns = slices.Concat(allNouns, t.people, t.things, t.places, t.beasts)
	}
	for _, n := range allNouns {
		add(n.one, n.many)
	}
	for _, v := range slices.Concat(l.take, l.meet, l.move, l.rest, l.speak, l.think, l.seek, l.begin, l.sky) {
		add(v.base, v.third, v.past, v.part, v.ing)
	}
	for _, ws := range [][]word{l.ofPerson, l.ofThing, l.ofPlace, l.ofFeeling, l.manner, l.often, l.women, l.men, l.surnames, l.towns} {
		add(ws...)
	}
	return m
}

// TestVerseHasTenSyllables counts each verse line with the lexicon; words that
// are not in it are the monosyllables of the frames.
func TestVerseHasTenSyllables(t *testing.T) {
	text := generate(t, "play", 60_000, 4, Options{})
	count, lines := syllables(), 0
	for _, line := range strings.Split(text.S, "\n") {
		if line == "" || strings.HasPrefix(line, "[") || strings.HasPrefix(line, "SCENE") || strings.HasSuffix(line, ":") {
			continue
		}
		lines++
		sum := 0
		for _, w := range verseWords(line) {
			n, known := count[w]
			if !known {
				n, known = count[strings.ToLower(w)]
			}
			if !known {
				n = 1
			}
			sum += n
		}
		if sum != syllablesALine {
			t.Fatalf("%d syllables in %q", sum, line)
		}
	}
	if lines < 500 {
		t.Errorf("only %d verse lines", lines)
	}
}

// verseWords splits a line, keeping entries of two words together.
func verseWords(line string) []string {
	for _, pair := range []string{"walking stick", "lecture hall"} {
		line = strings.ReplaceAll(line, pair, strings.ReplaceAll(pair, " ", "_"))
	}
	var out []string
	for _, f := range strings.Fields(line) {
		out = append(out, strings.ReplaceAll(strings.Trim(f, ".,;!?"), "_", " "))
	}
	return out
}

// TestVerseRises: in words of several syllables stresses stand on even places.
func TestVerseRises(t *testing.T) {
	for _, c := range []struct {
		stress string
		at     int
		want   bool
	}{{"1", 0, true}, {"1", 1, true}, {"10", 1, true}, {"10", 0, false}, {"01", 0, true}, {"01", 1, false}, {"1010", 3, true}, {"100", 2, false}} {
		if got := rises(c.stress, c.at); got != c.want {
			t.Errorf("rises(%q, %d) = %v", c.stress, c.at, got)
		}
	}
}

func TestNovelWraps(t *testing.T) {
	for _, width := range []int{50, 70} {
		text := generate(t, "novel", 60_000, 4, Options{Width: width})
		lines := strings.Split(text.S, "\n")
		for i, l := range lines {
			n := utf8.RuneCountInString(l)
			if n > width {
				t.Fatalf("width %d: %d runes in %q", width, n, l)
			}
			if i+1 == len(lines) || l == "" || lines[i+1] == "" {
				continue
			}
			first, _, _ := strings.Cut(lines[i+1], " ")
			if n+1+utf8.RuneCountInString(first) <= width {
				t.Fatalf("width %d: %q fits on the line %q", width, first, l)
			}
		}
	}
}

// TestGenderHolds reads the narration only: in each paragraph the person is the
// one its first sentence names, or the last paragraph's, and every third-person singular
// pronoun has that person's gender.
func TestGenderHolds(t *testing.T) {
	gender := map[string]bool{} // true: a woman
	for _, w := range words().women {
		gender[w.text] = true
	}
	for _, w := range words().men {
		gender[w.text] = false
	}
	pronoun := map[string]bool{"she": true, "her": true, "herself": true, "he": false, "him": false, "his": false, "himself": false}
	letters := regexp.MustCompile(`[A-Za-z]+`)
	var checked, carried int
	for seed := uint64(1); seed <= 3; seed++ {
		woman, known := false, false
		for _, p := range strings.Split(narration(generate(t, "novel", 60_000, seed, Options{})), "\n\n") {
			named := false
			first, _, _ := strings.Cut(p, ".")
			for _, w := range letters.FindAllString(first, -1) {
				if g, ok := gender[w]; ok && !named {
					woman, named, known = g, true, true
				}
			}
			for _, w := range letters.FindAllString(p, -1) {
				g, ok := pronoun[strings.ToLower(w)]
				if !ok {
					continue
				}
				if !known || g != woman {
					t.Fatalf("pronoun %q of the wrong gender in\n%s", w, p)
				}
				checked++
				if !named {
					carried++
				}
			}
		}
	}
	if checked < 1000 || carried < 300 {
		t.Errorf("only %d pronouns, %d of them from an earlier paragraph", checked, carried)
	}
}

// narration is the text outside quotation marks.
func narration(t *Text) string {
	var b strings.Builder
	for i, r := range t.Runes {
		if t.Labels["in-quote"][i] == 0 {
			b.WriteRune(r)
		}
	}
	return b.String()
}

func TestQuoteStyles(t *testing.T) {
	straight := generate(t, "novel", 40_000, 1, Options{Quotes: QuotesStraight})
	if strings.ContainsAny(straight.S, "“”‘’") || !strings.Contains(straight.S, `"`) {
		t.Error("straight style has curly marks or no marks")
	}
	if slices.Max(straight.Labels["quote-single"]) != 1 {
		t.Error("straight style never nests")
	}
	curly := generate(t, "novel", 40_000, 1, Options{Quotes: QuotesCurly})
	if strings.ContainsAny(curly.S, `"'`) {
		t.Error("curly style has straight marks")
	}
	if got := slices.Max(curly.Labels["quote-depth"]); got != 3 {
		t.Errorf("curly style nests to %d, want 3", got)
	}
	depth := int16(0)
	for i, r := range curly.Runes {
		next := rune(0)
		if i+1 < len(curly.Runes) {
			next = curly.Runes[i+1]
		}
		switch {
		case r == '“' || r == '‘':
			depth++
		case r == '”' || r == '’' && !(next >= 'a' && next <= 'z'):
			depth--
		}
		if depth != curly.Labels["quote-depth"][i] {
			t.Fatalf("rune %d: label %d, count %d", i, curly.Labels["quote-depth"][i], depth)
		}
		if odd := curly.Labels["quote-parity"][i] == 1; odd != (depth%2 == 1) {
			t.Fatalf("rune %d: depth %d, odd by its label: %v", i, depth, odd)
		}
	}
}

// TestXMLParses lets the standard library's parser judge.
func TestXMLParses(t *testing.T) {
	text := generate(t, "xml", 60_000, 8, Options{})
	for _, s := range text.Bounds {
		d := xml.NewDecoder(strings.NewReader(string(text.Runes[s.Lo:s.Hi])))
		for {
			if _, err := d.Token(); err == io.EOF {
				break
			} else if err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestCodeHangsTogether: indentation is four spaces for each open brace,
// functions are known before they are called, and calls have the declared
// number of arguments.
func TestCodeHangsTogether(t *testing.T) {
	text := generate(t, "code", 60_000, 8, Options{})
	declared := regexp.MustCompile(`^(?:extern |static )?(?:int|long|unsigned|void) (\w+)\((.*)\);?$`)
	called := regexp.MustCompile(`(\w+)\(`)
	calls := 0
	for _, s := range text.Bounds {
		args := map[string]int{}
		at := s.Lo
		for _, line := range strings.Split(string(text.Runes[s.Lo:s.Hi]), "\n") {
			checkIndent(t, text, at, line)
			at += utf8.RuneCountInString(line) + 1
			code := regexp.MustCompile(`"(\\.|[^"])*"|//.*|'[^']+'`).ReplaceAllString(line, "0")
			if m := declared.FindStringSubmatch(code); m != nil {
				args[m[1]] = countArgs(m[2])
				continue
			}
			if strings.HasPrefix(strings.TrimSpace(code), "*") || strings.HasPrefix(code, "/*") || strings.HasPrefix(code, "#") {
				continue
			}
			for _, m := range called.FindAllStringSubmatchIndex(code, -1) {
				name := code[m[2]:m[3]]
				if slices.Contains([]string{"printf", "log", "warn", "trace", "fprintf", "debug"}, name) {
					continue
				}
				want, ok := args[name]
				if !ok {
					t.Fatalf("%s is called before it is declared: %s", name, line)
				}
				calls++
				if got := countArgs(inside(code[m[1]:])); got != want {
					t.Fatalf("%s takes %d arguments, got %d: %s", name, want, got, line)
				}
			}
		}
	}
	if calls < 200 {
		t.Errorf("only %d calls", calls)
	}
}

func checkIndent(t *testing.T, text *Text, at int, line string) {
	t.Helper()
	body := strings.TrimLeft(line, " ")
	if body == "" || strings.HasPrefix(body, "*") {
		return
	}
	want := int16(0)
	if at > 0 {
		want = text.Labels["brace-depth"][at-1]
	}
	if body[0] == '}' {
		want--
	}
	if got := len(line) - len(body); got != 4*int(want) {
		t.Fatalf("indentation %d at brace depth %d: %q", got, want, line)
	}
}

// inside is what stands before the bracket that closes s.
func inside(s string) string {
	depth := 0
	for i, r := range s {
		switch r {
		case '(':
			depth++
		case ')':
			if depth == 0 {
				return s[:i]
			}
			depth--
		}
	}
	return s
}

// countArgs counts the arguments in a list, by commas outside brackets.
func countArgs(s string) int {
	if s == "" || s == "void" {
		return 0
	}
	depth, n := 0, 1
	for _, r := range s {
		switch r {
		case '(', '[':
			depth++
		case ')', ']':
			depth--
		case ',':
			if depth == 0 {
				n++
			}
		}
	}
	return n
}

// TestLatexHangsTogether: environments close in order and every reference
// names a label set before it in the same paper.
func TestLatexHangsTogether(t *testing.T) {
	text := generate(t, "latex", 60_000, 8, Options{})
	commands := regexp.MustCompile(`\\(begin|end|label|ref)\{([^}]*)\}`)
	refs := 0
	for _, s := range text.Bounds {
		var open []string
		labels := map[string]bool{}
		for _, m := range commands.FindAllStringSubmatch(string(text.Runes[s.Lo:s.Hi]), -1) {
			switch m[1] {
			case "begin":
				open = append(open, m[2])
			case "end":
				if len(open) == 0 || open[len(open)-1] != m[2] {
					t.Fatalf(`\end{%s} closes %v`, m[2], open)
				}
				open = open[:len(open)-1]
			case "label":
				labels[m[2]] = true
			case "ref":
				refs++
				if !labels[m[2]] {
					t.Fatalf("reference to %s before its label", m[2])
				}
			}
		}
	}
	if refs < 50 {
		t.Errorf("only %d references", refs)
	}
}

// TestURLs: every labelled stretch, three runes before it included, is a whole
// URL and no URL is left unlabelled.
func TestURLs(t *testing.T) {
	text := generate(t, "wiki", 60_000, 8, Options{})
	head := regexp.MustCompile(`^(https?://|www\.)[a-z][^\s<>"]*[A-Za-z0-9)]$`)
	labelled, hash := 0, 0
	for i := 0; i < len(text.Runes); i++ {
		if text.Labels["url"][i] == 0 {
			continue
		}
		j := i
		for text.Labels["url"][j] == 1 {
			j++
		}
		u := string(text.Runes[i-3 : j])
		if !head.MatchString(u) {
			t.Fatalf("labelled as URL: %q", u)
		}
		labelled++
		if strings.Contains(u, "#") {
			hash++
		}
		i = j
	}
	if all := len(regexp.MustCompile(`https?://|www\.`).FindAllString(regexp.MustCompile(`//www`).ReplaceAllString(text.S, "//"), -1)); all != labelled {
		t.Errorf("%d URLs, %d labelled", all, labelled)
	}
	if hash == 0 || hash == labelled {
		t.Errorf("%d of %d URLs have a fragment", hash, labelled)
	}
}

// TestArticles: "a" and "an" agree with the sound that follows.
func TestArticles(t *testing.T) {
	for want, words := range map[string][]string{
		"an ": {"oar", "hourglass", "honest clerk", "umbrella", "inn"},
		"a ":  {"useless oar", "hook", "horse", "boat", "house"},
	} {
		for _, w := range words {
			if got := article(w); got != want+w {
				t.Errorf("article(%q) = %q", w, got)
			}
		}
	}
}

func TestForms(t *testing.T) {
	for entry, want := range map[string][5]string{
		"carry:10":               {"carry", "carries", "carried", "carried", "carrying"},
		"drop+:1":                {"drop", "drops", "dropped", "dropped", "dropping"},
		"hide:1/hid/hidden:10":   {"hide", "hides", "hid", "hidden", "hiding"},
		"begin+:01/began/begun":  {"begin", "begins", "began", "begun", "beginning"},
		"go:1/went/gone":         {"go", "goes", "went", "gone", "going"},
		"watch:1":                {"watch", "watches", "watched", "watched", "watching"},
		"obey:01":                {"obey", "obeys", "obeyed", "obeyed", "obeying"},
		"see:1/saw/seen":         {"see", "sees", "saw", "seen", "seeing"},
		"invite:01":              {"invite", "invites", "invited", "invited", "inviting"},
		"keep:1/kept/kept":       {"keep", "keeps", "kept", "kept", "keeping"},
		"forget+:01/forgot/f:01": {"forget", "forgets", "forgot", "f", "forgetting"},
	} {
		v := verbs(entry)[0]
		if got := [5]string{v.base.text, v.third.text, v.past.text, v.part.text, v.ing.text}; got != want {
			t.Errorf("%s: %v", entry, got)
		}
	}
}
