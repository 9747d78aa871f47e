package page

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/rnnscope/rnnscope/text"
)

// Languages are those a report can be written in.
var Languages = []string{"en", "zh"}

// ErrLanguage says that there is no catalogue for the language asked for.
var ErrLanguage = errors.New("unknown language")

//go:embed lang/*.json
var Catalogues embed.FS

// Words is the catalogue of one language: lang/LANGUAGE.json, and lang/SECTION.LANGUAGE.json of sections that keep their words
// in a file of their own.
type Words struct {
	Lang  string
	table map[string]string
}

func LoadWords(lang string) (Words, error) {
	if lang == "" {
		lang = "en"
	}
	raw, err := Catalogues.ReadFile("lang/" + lang + ".json")
	if err != nil {
		return Words{}, fmt.Errorf("%w %q: choose from %s", ErrLanguage, lang, strings.Join(Languages, ", "))
	}
	w := Words{Lang: lang, table: map[string]string{}}
	if err := json.Unmarshal(raw, &w.table); err != nil {
		return Words{}, fmt.Errorf("report: catalogue %s: %w", lang, err)
	}
	more, err := fs.Glob(Catalogues, "lang/*."+lang+".json")
	if err != nil {
		return Words{}, fmt.Errorf("report: catalogues of %s: %w", lang, err)
	}
	for _, name := range more {
		raw, err := Catalogues.ReadFile(name)
		if err != nil {
			return Words{}, fmt.Errorf("report: %w", err)
		}
		if err := json.Unmarshal(raw, &w.table); err != nil {
			return Words{}, fmt.Errorf("report: catalogue %s: %w", name, err)
		}
	}
	return w, nil
}

// symbolNouns is what a character is called where the symbols are others.
var symbolNouns = map[string]map[text.Kind][]string{
	"en": {
		text.Words:  {"characters", "words", "character", "word", "Characters", "Words"},
		text.Pieces: {"characters", "pieces", "character", "piece", "Characters", "Pieces"},
		text.Bytes:  {"characters", "bytes", "character", "byte", "Characters", "Bytes"},
	},
	"zh": {
		text.Words:  {"字符串", "字符串", "逐字读", "逐词读", "字符", "词"},
		text.Pieces: {"字符串", "字符串", "逐字读", "逐词元读", "字符", "词元"},
		text.Bytes:  {"字符串", "字符串", "逐字读", "逐字节读", "字符", "字节"},
	},
}

// ofCharacters begin the keys of sentences that speak of characters whatever the symbols are.
var ofCharacters = []string{"event.", "kinds.", "symbols."}

// Of speaks of the symbols of a network.
func (w Words) Of(k text.Kind) Words {
	nouns := symbolNouns[w.Lang][k]
	if nouns == nil {
		return w
	}
	r, table := strings.NewReplacer(nouns...), make(map[string]string, len(w.table))
	for key, form := range w.table {
		if !slices.ContainsFunc(ofCharacters, func(begin string) bool { return strings.HasPrefix(key, begin) }) {
			form = r.Replace(form)
		}
		table[key] = form
	}
	return Words{Lang: w.Lang, table: table}
}

// Say returns the words of key with its arguments, %[1]s and on, filled in. A missing key is a programmer's error.
func (w Words) Say(key string, args ...string) string {
	form, ok := w.table[key]
	if !ok {
		panic("report: no words for " + key + " in " + w.Lang)
	}
	if len(args) == 0 {
		return form
	}
	list := make([]any, len(args))
	for i, a := range args {
		list[i] = a
	}
	if w.Lang == "en" {
		form = singular(form, args)
	}
	return fmt.Sprintf(form, list...)
}

// countable is a number and what it counts in a form of the English catalogue, as in "%[2]s pairs".
var countable = regexp.MustCompile(`%\[(\d)\]s (characters|words|pieces|bytes|units|pairs|orders|updates|streams|parameters|occurrences|windows|tests|steps|` +
	`snapshots|skills|shuffles|places|permutations|networks|letters|groups|segments|closers|marks|times)\b`)

// singular makes one thing of what is counted by an argument that is 1.
func singular(form string, args []string) string {
	return countable.ReplaceAllStringFunc(form, func(s string) string {
		if at := int(s[2] - '1'); at >= len(args) || args[at] != "1" {
			return s
		}
		return strings.TrimSuffix(s, "s")
	})
}

// Has reports whether the catalogue knows key.
func (w Words) Has(key string) bool { _, ok := w.table[key]; return ok }

// Translate is what the language calls a thing that rnnscope names in English; what it does not know stays as it is.
func (w Words) Translate(prefix, name string) string {
	if w.Has(prefix + name) {
		return w.Say(prefix + name)
	}
	return name
}

// Marks names a text and its marks, such as "novel.txt, straight marks".
func (w Words) Marks(language string) string {
	if at := strings.LastIndex(language, ", "); at >= 0 {
		if key := "mech.marks." + language[at+2:]; w.Has(key) {
			return w.Say(key, language[:at])
		}
	}
	return language
}

// Part names a part of a text, such as "test of tail 80/10/10", in the language; what it does not know stays as it is.
func (w Words) Part(name string) string {
	if w.Has("part." + name) {
		return w.Say("part." + name)
	}
	if of, whole, ok := strings.Cut(name, " of "); ok && w.Has("part."+of+" of") {
		return w.Say("part."+of+" of", w.Part(whole))
	}
	if kind, shares, ok := strings.Cut(name, " "); ok && w.Has("part."+kind) {
		return w.Say("part."+kind, shares)
	}
	return name
}

// Sentences joins whole sentences as the language does.
func (w Words) Sentences(parts ...string) string {
	sep := " "
	if w.Lang == "zh" {
		sep = ""
	}
	var some []string
	for _, p := range parts {
		if p != "" {
			some = append(some, p)
		}
	}
	return strings.Join(some, sep)
}

// List joins names: "a, b and c".
func (w Words) List(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return strings.Join(names[:last], w.Say("list.comma")) + w.Say("list.and") + names[last]
}

// Number writes v with so many decimals, "–" when there is none.
func Number(v float64, decimals int) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return "–"
	}
	s := strconv.FormatFloat(v, 'f', decimals, 64)
	if strings.Trim(s, "-0.") == "" {
		s = strings.TrimPrefix(s, "-")
	}
	return strings.Replace(s, "-", "−", 1)
}

// Integer groups thousands with thin spaces.
func Integer[T int | int64 | uint64](v T) string {
	s := fmt.Sprint(v)
	neg := strings.HasPrefix(s, "-")
	s = strings.TrimPrefix(s, "-")
	out := ""
	for len(s) > 3 {
		out = "\u202f" + s[len(s)-3:] + out
		s = s[:len(s)-3]
	}
	if neg {
		s = "−" + s
	}
	return s + out
}

func Percent(v float64) string {
	if math.IsNaN(v) {
		return "–"
	}
	return strconv.FormatFloat(v*100, 'f', 0, 64) + "\u00a0%"
}

func Bits(nats float64) float64 { return nats / math.Ln2 }
