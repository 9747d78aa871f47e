package report

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
var catalogues embed.FS

// words is the catalogue of one language: lang/LANGUAGE.json, and lang/SECTION.LANGUAGE.json of sections that keep their words
// in a file of their own.
type words struct {
	lang  string
	table map[string]string
}

func loadWords(lang string) (words, error) {
	if lang == "" {
		lang = "en"
	}
	raw, err := catalogues.ReadFile("lang/" + lang + ".json")
	if err != nil {
		return words{}, fmt.Errorf("%w %q: choose from %s", ErrLanguage, lang, strings.Join(Languages, ", "))
	}
	w := words{lang: lang, table: map[string]string{}}
	if err := json.Unmarshal(raw, &w.table); err != nil {
		return words{}, fmt.Errorf("report: catalogue %s: %w", lang, err)
	}
	more, err := fs.Glob(catalogues, "lang/*."+lang+".json")
	if err != nil {
		return words{}, fmt.Errorf("report: catalogues of %s: %w", lang, err)
	}
	for _, name := range more {
		raw, err := catalogues.ReadFile(name)
		if err != nil {
			return words{}, fmt.Errorf("report: %w", err)
		}
		if err := json.Unmarshal(raw, &w.table); err != nil {
			return words{}, fmt.Errorf("report: catalogue %s: %w", name, err)
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
		text.Words:  {"逐字读", "逐词读", "字符", "词"},
		text.Pieces: {"逐字读", "逐词元读", "字符", "词元"},
		text.Bytes:  {"逐字读", "逐字节读", "字符", "字节"},
	},
}

// ofCharacters begin the keys of sentences that speak of characters whatever the symbols are.
var ofCharacters = []string{"lab.", "mistakes.", "environment.", "event.", "kinds."}

// of speaks of the symbols of a network.
func (w words) of(k text.Kind) words {
	nouns := symbolNouns[w.lang][k]
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
	return words{lang: w.lang, table: table}
}

// say returns the words of key with its arguments, %[1]s and on, filled in. A missing key is a programmer's error.
func (w words) say(key string, args ...string) string {
	form, ok := w.table[key]
	if !ok {
		panic("report: no words for " + key + " in " + w.lang)
	}
	if len(args) == 0 {
		return form
	}
	list := make([]any, len(args))
	for i, a := range args {
		list[i] = a
	}
	if w.lang == "en" {
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

// has reports whether the catalogue knows key.
func (w words) has(key string) bool { _, ok := w.table[key]; return ok }

// named is what the language calls a thing that rnnscope names in English; what it does not know stays as it is.
func (w words) named(prefix, name string) string {
	if w.has(prefix + name) {
		return w.say(prefix + name)
	}
	return name
}

// marks names a text and its marks, such as "novel.txt, straight marks".
func (w words) marks(language string) string {
	if at := strings.LastIndex(language, ", "); at >= 0 {
		if key := "mech.marks." + language[at+2:]; w.has(key) {
			return w.say(key, language[:at])
		}
	}
	return language
}

// part names a part of a text, such as "test of tail 80/10/10", in the language; what it does not know stays as it is.
func (w words) part(name string) string {
	if w.has("part." + name) {
		return w.say("part." + name)
	}
	if of, whole, ok := strings.Cut(name, " of "); ok && w.has("part."+of+" of") {
		return w.say("part."+of+" of", w.part(whole))
	}
	if kind, shares, ok := strings.Cut(name, " "); ok && w.has("part."+kind) {
		return w.say("part."+kind, shares)
	}
	return name
}

// sentences joins whole sentences as the language does.
func (w words) sentences(parts ...string) string {
	sep := " "
	if w.lang == "zh" {
		sep = ""
	}
	var kept []string
	for _, p := range parts {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, sep)
}

// list joins names: "a, b and c".
func (w words) list(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return strings.Join(names[:last], w.say("list.comma")) + w.say("list.and") + names[last]
}

// number writes v with so many decimals, "–" when there is none.
func number(v float64, decimals int) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return "–"
	}
	s := strconv.FormatFloat(v, 'f', decimals, 64)
	if strings.Trim(s, "-0.") == "" {
		s = strings.TrimPrefix(s, "-")
	}
	return strings.Replace(s, "-", "−", 1)
}

// integer groups thousands with thin spaces.
func integer[T int | int64 | uint64](v T) string {
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

func percent(v float64) string {
	if math.IsNaN(v) {
		return "–"
	}
	return strconv.FormatFloat(v*100, 'f', 0, 64) + "\u00a0%"
}

func bits(nats float64) float64 { return nats / math.Ln2 }
