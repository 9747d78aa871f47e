package vocabulary

import (
	"embed"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/rnnscope/rnnscope/explain/tree"
)

//go:embed lang/*.json
var langFiles embed.FS

// Words are the sentences of a language.
type Words struct {
	lang string
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

// Say fills a sentence: {name} in it becomes the value of name among the pairs.
func (w *Words) Say(key string, pairs ...string) string {
	s, ok := w.of[key]
	if !ok {
		panic("vocabulary: no words for " + key)
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		pairs[i] = "{" + pairs[i] + "}"
	}
	return strings.NewReplacer(pairs...).Replace(s)
}

// Asked is a question that was answered yes or no.
type Asked struct {
	tree.Question
	Yes bool
}

// Phrase puts an answered question into words.
func (w *Words) Phrase(columns []Column, a Asked) string {
	c := &columns[a.Column]
	yes := ".no"
	if a.Yes {
		yes = ".yes"
	}
	switch c.Kind {
	case Symbol:
		return w.symbol(c, a, yes)
	case Suffix:
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
		return w.Say("since"+yes, "x", w.of["class."+c.Class], "n", n)
	}
	return w.Say("since"+yes, "x", quote(c.Texts[0]), "n", n)
}

func (w *Words) symbol(c *Column, a Asked, yes string) string {
	place := w.place(c)
	if a.Kind == tree.Equal {
		return w.Say("symbol"+yes, "place", place, "x", w.symbolText(c.Texts[a.Arg]))
	}
	return w.Say("class"+yes, "place", place, "x", w.of["class."+c.Texts[c.Bins+a.Arg]])
}

// place is where a symbol stands.
func (w *Words) place(c *Column) string {
	if s, ok := w.of["lag."+strconv.Itoa(c.Lag)]; ok {
		return s
	}
	return w.Say("lag.n", "n", strconv.Itoa(c.Lag+1))
}

// symbolText is a symbol as it is shown; several that share a bin are rare ones.
func (w *Words) symbolText(s string) string {
	if s == "" {
		return w.of["rare"]
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

func quote(s string) string { return "‘" + s + "’" }
