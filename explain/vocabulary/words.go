package vocabulary

import (
	"embed"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/rnnscope/rnnscope/explain/tree"
	"github.com/rnnscope/rnnscope/text"
)

//go:embed lang/*.json
var langFiles embed.FS

// Words are the sentences of a language.
type Words struct {
	lang string
	kind text.Kind // of the symbols that are spoken of
	of   map[string]string
}

// Languages are those that words come in.
var Languages = []string{"en", "zh"}

// NewWords reads the sentences of a language; any but "zh" is English.
func NewWords(lang string) *Words {
	if lang != "zh" && !strings.HasPrefix(lang, "zh-") {
		lang = "en"
	} else {
		lang = "zh"
	}
	w := &Words{lang: lang}
	b, err := langFiles.ReadFile("lang/" + lang + ".json")
	if err == nil {
		err = json.Unmarshal(b, &w.of)
	}
	if err != nil {
		panic(err) // the file is part of the program
	}
	return w
}

// For is the sentences about symbols of a kind: of words, "the last character is a capital" is "the last
// word ends in a capital", since a class is that of a symbol's last character.
func (w *Words) For(kind text.Kind) *Words {
	return &Words{lang: w.lang, kind: kind, of: w.of}
}

// get is the sentence of a key for the kind of symbols, "" if there is none.
func (w *Words) get(key string) string {
	if strings.HasPrefix(key, "class.") && !strings.HasPrefix(key, "class.yes") && !strings.HasPrefix(key, "class.no") {
		return w.of[key] // names of classes of characters, whatever the symbols are
	}
	if s := w.of[key+".tokens"]; s != "" && (w.kind == text.Words || w.kind == text.Pieces) {
		return w.kind.Say(s)
	}
	return w.kind.Say(w.of[key])
}

// Say fills a sentence: {name} in it becomes the value of name among the pairs.
func (w *Words) Say(key string, pairs ...string) string {
	s := w.get(key)
	if s == "" {
		panic("vocabulary: no words for " + key)
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		pairs[i] = "{" + pairs[i] + "}"
	}
	return strings.NewReplacer(pairs...).Replace(s)
}

// Answer is a question that was answered yes or no.
type Answer struct {
	tree.Question
	Yes bool
}

// Phrase puts an answered question into words.
func (w *Words) Phrase(columns []Column, a Answer) string {
	c := &columns[a.Column]
	yes := ".no"
	if a.Yes {
		yes = ".yes"
	}
	switch c.Kind {
	case Symbol:
		return w.symbol(c, a, yes)
	case Suffix:
		if c.Texts[a.Arg] == "" {
			return w.Say("suffix.other"+yes, "x", someOf(c.Texts))
		}
		return w.Say("suffix"+yes, "x", quote(c.Texts[a.Arg]))
	case Concept:
		title := c.title.Title(w.lang)
		if len(c.Lows) == 2 {
			return w.Say("concept"+yes, "x", w.inSentence(title))
		}
		return w.Say("amount"+yes, "x", w.inSentence(title), "n", strconv.Itoa(int(c.Lows[a.Arg])))
	case Changed:
		return w.Say("changed"+yes, "x", w.inSentence(c.title.Title(w.lang)), "n", strconv.Itoa(int(c.Lows[a.Arg])))
	}
	n := strconv.Itoa(int(c.Lows[a.Arg]))
	switch {
	case c.Concept != "":
		return w.Say("since.on"+yes, "x", w.inSentence(c.title.Title(w.lang)), "n", n)
	case c.Class != "":
		return w.Say("since.class"+yes, "x", w.get("class."+c.Class), "n", n)
	}
	return w.Say("since"+yes, "x", quote(c.Texts[0]), "n", n)
}

func (w *Words) symbol(c *Column, a Answer, yes string) string {
	place := w.place(c)
	if a.Kind == tree.Equal {
		return w.Say("symbol"+yes, "place", place, "x", w.symbolText(c.Texts[a.Arg]))
	}
	return w.Say("class"+yes, "place", place, "x", w.get("class."+c.Texts[c.Bins+a.Arg]))
}

// place is where a symbol stands.
func (w *Words) place(c *Column) string {
	if s := w.get("lag." + strconv.Itoa(c.Lag)); s != "" {
		return s
	}
	return w.Say("lag.n", "n", strconv.Itoa(c.Lag+1))
}

// symbolText is a symbol as it is shown; several that share a bin are rare ones.
func (w *Words) symbolText(s string) string {
	if s == "" {
		return w.get("rare")
	}
	return quote(s)
}

// inSentence is a title inside a sentence: its first letter small, unless more of the
// word is large.
func (w *Words) inSentence(title string) string {
	r := []rune(title)
	if w.lang == "zh" || len(r) < 2 || strings.ToUpper(string(r[:2])) == string(r[:2]) {
		return title
	}
	for _, name := range []string{"LaTeX", "Python", "XML"} {
		if strings.HasPrefix(title, name) {
			return title
		}
	}
	return strings.ToLower(string(r[:1])) + string(r[1:])
}

// shownOf bounds the strings that are listed.
const shownOf = 6

// someOf lists strings of a column; the bin of all others has none.
func someOf(texts []string) string {
	var out []string
	for _, s := range texts {
		if s != "" {
			out = append(out, quote(s))
		}
	}
	if len(out) > shownOf {
		out = append(out[:shownOf], "…")
	}
	return strings.Join(out, " ")
}

func quote(s string) string { return "‘" + s + "’" }
