package evolve

import (
	"slices"
	"strings"
	"unicode"

	"github.com/rnnscope/rnnscope/stat"
)

// events counts what was right and what there was.
type events struct{ right, all int64 }

func (e *events) add(right bool) {
	e.all++
	if right {
		e.right++
	}
}

// share measures samples one by one and pools them.
func share(count func(s []rune, e *events)) func(*facts, [][]rune) stat.Interval {
	return func(_ *facts, samples [][]rune) stat.Interval {
		var e events
		for _, s := range samples {
			count(s, &e)
		}
		return stat.Wilson(e.right, e.all)
	}
}

// keeps holds for training texts whose looked-at stretches have at least n
// events of which at least the share least are right: else the text itself
// does not have the rule.
func keeps(n int64, least float64, count func(s []rune, e *events)) func(*facts) bool {
	return func(f *facts) bool {
		var e events
		for _, s := range f.samplePieces() {
			count(s, &e)
		}
		return e.all >= n && float64(e.right) >= least*float64(e.all)
	}
}

// tail is how near the end of a sample an opener may stand without counting:
// it had no room to be closed.
const tail = 100

func bracketSkill() skill {
	return skill{
		Definition: Definition{
			Name:   "brackets",
			Titles: map[string]string{"en": "Balanced brackets", "zh": "配对正确的括号"},
			Text: "Share of the brackets ( ) [ ] { } of the sample that are matched: a closer matches the innermost open bracket if that is of its kind. A closer that matches nothing and an opener that is never matched are wrong. " +
				"Openers still open in the last 100 characters of a sample do not count.",
			Rule:  "Twenty stretches of the training text have together at least 20 brackets, and 9 in 10 of them are matched.",
			Share: true,
		},
		applies: keeps(20, 0.9, countBrackets),
		measure: share(countBrackets),
	}
}

func countBrackets(s []rune, e *events) { matchBrackets(s, e, func(int, int) {}) }

// matchBrackets counts, and calls with both ends of every matched pair.
func matchBrackets(s []rune, e *events, pair func(open, shut int)) {
	const open, shut = "([{", ")]}"
	type mark struct {
		kind, at int
	}
	var stack []mark
	for i, r := range s {
		if k := strings.IndexRune(open, r); k >= 0 {
			stack = append(stack, mark{k, i})
			continue
		}
		k := strings.IndexRune(shut, r)
		if k < 0 {
			continue
		}
		if n := len(stack); n > 0 && stack[n-1].kind == k {
			pair(stack[n-1].at, i)
			stack = stack[:n-1]
			e.add(true)
			e.add(true)
			continue
		}
		e.add(false)
		stack = unwind(stack, func(m mark) bool { return m.kind == k }, e)
	}
	for _, m := range stack {
		if m.at < len(s)-tail {
			e.add(false)
		}
	}
}

// unwind drops openers above the innermost one that fits a misplaced closer,
// and that one: they were wrong, and must not spoil what follows. Nothing fits:
// the stack stays.
func unwind[T any](stack []T, fits func(T) bool, e *events) []T {
	for i := len(stack) - 1; i >= 0; i-- {
		if !fits(stack[i]) {
			continue
		}
		for range stack[i:] {
			e.add(false)
		}
		return stack[:i]
	}
	return stack
}

func quoteSkill() skill {
	return skill{
		Definition: Definition{
			Name:   "quotes",
			Titles: map[string]string{"en": "Balanced quotation marks", "zh": "配对正确的引号"},
			Text: "Share of the quotation marks of the sample that are matched. Directed marks “ ” ‘ ’ « » 「 」 『 』 match like brackets; ’ after a letter or digit that closes nothing is an apostrophe and does not count. " +
				"A straight \" is paired with the next one in its paragraph (stretch without a blank line); both are right if no white space follows the first or stands before the second; the last of an odd number is wrong, and \\\" does not count. Marks in the last 100 characters that wait for a partner do not count.",
			Rule:  "Twenty stretches of the training text have together at least 20 quotation marks, and 9 in 10 of them are matched.",
			Share: true,
		},
		applies: keeps(20, 0.9, countQuotes),
		measure: share(countQuotes),
	}
}

func countQuotes(s []rune, e *events) {
	none := func(int, int) {}
	matchDirected(s, e, none)
	matchStraight(s, e, none)
}

func matchDirected(s []rune, e *events, pair func(open, shut int)) {
	open, shut := []rune("“‘«「『"), []rune("”’»」』")
	type mark struct{ kind, at int }
	var stack []mark
	for i, r := range s {
		if k := slices.Index(open, r); k >= 0 {
			stack = append(stack, mark{k, i})
			continue
		}
		k := slices.Index(shut, r)
		if k < 0 {
			continue
		}
		inWord := r == '’' && i > 0 && isWordRune(s[i-1])
		if inWord && i+1 < len(s) && isWordRune(s[i+1]) {
			continue
		}
		n := len(stack)
		switch {
		case n > 0 && stack[n-1].kind == k:
			pair(stack[n-1].at, i)
			stack = stack[:n-1]
			e.add(true)
			e.add(true)
		case !inWord:
			e.add(false)
			stack = unwind(stack, func(m mark) bool { return m.kind == k }, e)
		}
	}
	for _, m := range stack {
		if m.at < len(s)-tail {
			e.add(false)
		}
	}
}

func isWordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

func matchStraight(s []rune, e *events, pair func(open, shut int)) {
	waiting := -1
	blank := false
	for i, r := range s {
		escaped := i > 0 && s[i-1] == '\\'
		switch {
		case r == '"' && escaped:
		case r == '"' && waiting >= 0:
			right := !unicode.IsSpace(s[waiting+1]) && !unicode.IsSpace(s[i-1])
			e.add(right)
			e.add(right)
			if right {
				pair(waiting, i)
			}
			waiting = -1
		case r == '"':
			waiting = i
		case r == '\n' && blank && waiting >= 0:
			e.add(false)
			waiting = -1
		}
		blank = r == '\n' || blank && unicode.IsSpace(r)
	}
	if waiting >= 0 && waiting < len(s)-tail {
		e.add(false)
	}
}

func tagSkill() skill {
	return skill{
		Definition: Definition{
			Name:   "tags",
			Titles: map[string]string{"en": "Matched tags and environments", "zh": "配对正确的标签与环境"},
			Text: "Share of the XML tags <name ...>, </name> and the LaTeX commands \\begin{name}, \\end{name} of the sample that are matched: a closing one matches the innermost open one if that has its kind and name. " +
				"Empty tags <name/> and comments do not count, nor do openers still open in the last 300 characters.",
			Rule:  "Twenty stretches of the training text have together at least 20 of them, and 9 in 10 are matched.",
			Share: true,
		},
		applies: keeps(20, 0.9, countTags),
		measure: share(countTags),
	}
}

// tagTail is tail for tags, which span more.
const tagTail = 300

func countTags(s []rune, e *events) { matchTags(s, e, func(tag, tag) {}) }

func matchTags(s []rune, e *events, pair func(open, shut tag)) {
	var stack []tag
	for _, t := range tagsOf(s) {
		if t.opens {
			stack = append(stack, t)
			continue
		}
		if n := len(stack); n > 0 && stack[n-1].name == t.name {
			pair(stack[n-1], t)
			stack = stack[:n-1]
			e.add(true)
			e.add(true)
			continue
		}
		e.add(false)
		stack = unwind(stack, func(m tag) bool { return m.name == t.name }, e)
	}
	for _, m := range stack {
		if m.at < len(s)-tagTail {
			e.add(false)
		}
	}
}

// tag is one opening or closing mark with a name.
type tag struct {
	name  string // with its kind in front: < or \
	opens bool
	at    int
}

// tagsOf reads the tags and environments of s in order. A tag ends at the
// first > on its line or the next one; anything else is no tag.
func tagsOf(s []rune) []tag {
	var out []tag
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '<':
			if t, ok := xmlTag(s, i); ok {
				out = append(out, t)
			}
		case '\\':
			for _, command := range []string{`\begin{`, `\end{`} {
				if name, ok := nameAfter(s[i:], command); ok {
					out = append(out, tag{`\` + name, command == `\begin{`, i})
				}
			}
		}
	}
	return out
}

// nameAfter is the name in braces after command at the start of s.
func nameAfter(s []rune, command string) (string, bool) {
	n := len(command)
	if len(s) < n || string(s[:n]) != command {
		return "", false
	}
	for j := n; j < len(s) && j < n+40; j++ {
		if s[j] == '}' {
			return string(s[n:j]), true
		}
		if s[j] == '\n' || s[j] == '{' {
			break
		}
	}
	return "", false
}

// longestTag bounds the search for the end of a tag.
const longestTag = 300

// xmlTag reads the tag that begins at s[i] = '<'; false for empty tags,
// comments and what is no tag.
func xmlTag(s []rune, i int) (tag, bool) {
	t := tag{opens: true, at: i}
	j := i + 1
	if j < len(s) && s[j] == '/' {
		t.opens = false
		j++
	}
	from := j
	for j < len(s) && (isWordRune(s[j]) || strings.ContainsRune("-_:.", s[j])) {
		j++
	}
	if j == from || !unicode.IsLetter(s[from]) {
		return t, false
	}
	t.name = "<" + string(s[from:j])
	quoted := false
	for ; j < len(s) && j < i+longestTag; j++ {
		switch {
		case s[j] == '"':
			quoted = !quoted
		case quoted:
		case s[j] == '<':
			return t, false
		case s[j] == '>':
			return t, s[j-1] != '/'
		}
	}
	return t, false
}
