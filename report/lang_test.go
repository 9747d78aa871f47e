package report

import (
	"strings"
	"testing"

	"github.com/rnnscope/rnnscope/report/page"
	"github.com/rnnscope/rnnscope/text"
)

// The html speaks of words, pieces and bytes where these are the symbols.
func TestWordsOfSymbols(t *testing.T) {
	for lang, want := range map[string]map[text.Kind]string{
		"en": {text.Characters: "1 character at", text.Words: "1 word at", text.Pieces: "1 piece at", text.Bytes: "1 byte at"},
		"zh": {text.Characters: "逐字读", text.Words: "逐词读", text.Pieces: "逐词元读", text.Bytes: "逐字节读"},
	} {
		for kind, words := range want {
			w, err := page.LoadWords(lang)
			if err != nil {
				t.Fatal(err)
			}
			said := strings.Replace(w.Of(kind).Say("lead", "LSTM", "3", "2", "1"), "one ", "1 ", 1)
			if !strings.Contains(said, words) {
				t.Errorf("%s: %s", kind, said)
			}
		}
	}
	for lang, want := range map[string]map[string]string{
		"en": {"mistakes.says": "3 of 40 pieces are errors", "lab.figure.largest eigenvalue a character": "largest eigenvalue a piece", "kinds.what": "kind of character"},
		"zh": {"mistakes.says": "词元", "pair.string": "字符串", "environment.axis": "词元数"},
	} {
		w, err := page.LoadWords(lang)
		if err != nil {
			t.Fatal(err)
		}
		for key, words := range want {
			args := []string{"3", "40", "8 %", "half", "1.2"}
			if said := w.Of(text.Pieces).Say(key, args...); !strings.Contains(said, words) {
				t.Errorf("%s: %s: %s", lang, key, said)
			}
		}
	}
}
