package concept

// Writing is a kind of text that some concepts are written for: their marks mean
// something else elsewhere.
type Writing string

// The kinds of text. A concept for Any is looked for in every text.
const (
	Any           Writing = ""
	CCode         Writing = "a program in C, Go or a language like them"
	Python        Writing = "a program in Python"
	Wiki          Writing = "wiki text"
	Markup        Writing = "HTML or XML"
	EscapedMarkup Writing = "HTML or XML written with &lt; and &gt;"
	LaTeX         Writing = "LaTeX"
	Prose         Writing = "running text without markup"
)

// writings is every kind that is measured, in a fixed order.
var writings = [...]Writing{CCode, Python, Wiki, Markup, EscapedMarkup, LaTeX, Prose}

// writtenFor names the kind of text of the concepts that have one.
var writtenFor = map[string]Writing{
	"comment": CCode, "string-literal": CCode, "code-bracket-depth": CCode,
	"comment-python": Python, "string-python": Python,
	"wiki-link": Wiki, "wiki-template": Wiki, "heading": Wiki,
	"xml-tag": Markup, "xml-attribute": Markup, "xml-closing-tag": Markup, "xml-depth": Markup, "xml-name": Markup,
	"xml-tag-escaped": EscapedMarkup, "xml-depth-escaped": EscapedMarkup,
	"latex-environment": LaTeX, "latex-name": LaTeX, "latex-math": LaTeX,
	"proper-noun-next": Prose, "quote-single": Prose,
}

// WrittenFor is the kind of text the concept's rule is written for.
func (c Concept) WrittenFor() Writing { return writtenFor[c.Name] }

// windowSize is the stretch of text, in characters, whose kind is measured.
const windowSize = 1000

// What a window of a kind has, at least. Measured on two stretches of 300,000
// characters each of novels, plays, the kernel, Go and Python sources, LaTeX, a
// wiki's dump and HTML; the nearest text of another kind stays below a third.
const (
	codeLines    = .05 // of the lines that are not blank: a lone brace, or one ending in {
	codeWords    = .05 // of the words: keywords
	pythonLines  = .04 // def, if, for ... ending in a colon
	pythonWords  = .12
	latexMarks   = 5.0 // commands in 1,000 characters
	wikiLinks    = 2   // in a window
	closingShare = .2  // closing tags beside opening ones
	proseLetters = .6  // of the characters: letters and spaces
)

var (
	codeKeywords = set(`if else for while do switch case return break continue int char long void struct static const unsigned func var type
		package import range nil bool string default sizeof inline extern enum union typedef goto public private class new this`)
	pythonKeywords = set("def self import from return class if elif else for in not is None True False try except raise with as lambda and or")
	pythonOpeners  = set("def class if elif else for while try except with finally")
)

// window counts what tells the kind of a stretch of text.
type window struct {
	chars, lines, braces, colons   int
	words, code, python            int
	commands, links, opened, close int
	escOpened, escClose            int
	letters                        int

	word  []rune
	line  [2]rune // first and last character of the line that is no white space
	first string  // its first word
	tail  [6]rune // the last characters
}

const longestKeyword = 10

func (w *window) read(r rune) {
	w.chars++
	if isLetter(r) || r == ' ' {
		w.letters++
	}
	if letter(r) || r == '_' {
		if len(w.word) <= longestKeyword {
			w.word = append(w.word, r)
		}
	} else if len(w.word) > 0 {
		w.endWord()
	}
	w.mark(r)
	if r == '\n' {
		w.endLine()
	} else if !isSpace(r) {
		if w.line[0] == 0 {
			w.line[0] = r
		}
		w.line[1] = r
	}
	copy(w.tail[:], w.tail[1:])
	w.tail[len(w.tail)-1] = r
}

// mark counts commands, links and tags at the letter behind their opener.
func (w *window) mark(r rune) {
	n := len(w.tail)
	p1, p2 := w.tail[n-1], w.tail[n-2]
	if !isLetter(r) {
		return
	}
	switch {
	case p1 == '\\':
		w.commands++
	case p1 == '[' && p2 == '[':
		w.links++
	case p1 == '<':
		w.opened++
	case p1 == '/' && p2 == '<':
		w.close++
	case p1 == ';' && string(w.tail[n-4:]) == "&lt;":
		w.escOpened++
	case p1 == '/' && string(w.tail[n-5:n-1]) == "&lt;":
		w.escClose++
	}
}

func (w *window) endWord() {
	word := string(w.word)
	w.word = w.word[:0]
	w.words++
	if w.first == "" {
		w.first = word
	}
	if codeKeywords[word] {
		w.code++
	}
	if pythonKeywords[word] {
		w.python++
	}
}

func (w *window) endLine() {
	first, last := w.line[0], w.line[1]
	if first != 0 {
		w.lines++
		if last == '{' || first == '}' && (last == '}' || last == ')' || last == ';' || last == ',') {
			w.braces++
		}
		if last == ':' && pythonOpeners[w.first] {
			w.colons++
		}
	}
	w.line, w.first = [2]rune{}, ""
}

// is reports whether the window is of a kind.
func (w *window) is(k Writing) bool {
	share := func(n, of int, least float64) bool { return n > 0 && float64(n) >= least*float64(of) }
	code := share(w.braces, w.lines, codeLines) && share(w.code, w.words, codeWords)
	python := share(w.colons, w.lines, pythonLines) && share(w.python, w.words, pythonWords)
	switch k {
	case CCode:
		return code
	case Python:
		return python
	case Wiki:
		return w.links >= wikiLinks
	case Markup:
		return share(w.close, w.opened, closingShare)
	case EscapedMarkup:
		return share(w.escClose, w.escOpened, closingShare)
	case LaTeX:
		return share(w.commands, w.chars, latexMarks/1000)
	case Prose:
		for _, other := range writings {
			if other != Prose && w.is(other) {
				return false
			}
		}
		return share(w.letters, w.chars, proseLetters)
	}
	return true
}

// next stands at the start of the next window.
func (w *window) next() {
	*w = window{word: w.word, line: w.line, first: w.first, tail: w.tail}
}
