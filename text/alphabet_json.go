package text

import (
	"encoding/json"
	"fmt"
	"unicode/utf8"

	"github.com/rnnscope/rnnscope/text/pieces"
)

// alphabetJSON is the stored form. Symbols are strings in id order. Of plain
// characters and bytes each is one code point and the unknown symbol is not listed;
// in byte mode the code point is the byte's value. A vocabulary lists all symbols
// and has Kind.
type alphabetJSON struct {
	Bytes     bool     `json:"bytes"`
	Symbols   []string `json:"symbols"`
	Unknown   bool     `json:"unknown"`
	Kind      Kind     `json:"kind,omitempty"`
	Marks     Marks    `json:"marks,omitempty"`
	Special   []int32  `json:"special,omitempty"`
	UnknownID *int32   `json:"unknown_id,omitempty"`
	LineID    *int32   `json:"line_id,omitempty"`
	Cut       bool     `json:"cut,omitempty"`

	Rules *pieces.Rules `json:"rules,omitempty"`
}

// MarshalJSON writes {"bytes":bool,"symbols":[...],"unknown":bool} and, for a
// vocabulary, "kind", "marks", "special", "unknown_id", "line_id" and
// "rules".
func (a *Alphabet) MarshalJSON() ([]byte, error) {
	if a.vocab != nil {
		return json.Marshal(a.vocab.toJSON())
	}
	out := alphabetJSON{Bytes: a.bytes, Unknown: a.unknown, Symbols: make([]string, len(a.runes))}
	for i, r := range a.runes {
		out.Symbols[i] = string(r)
	}
	return json.Marshal(out)
}

func (v *Vocabulary) toJSON() alphabetJSON {
	out := alphabetJSON{Symbols: v.Names, Kind: v.Kind, Marks: v.Marks, Special: v.Special, Cut: v.Cut, Rules: v.Rules}
	if v.Unknown >= 0 {
		out.UnknownID = &v.Unknown
	}
	if v.Line >= 0 {
		out.LineID = &v.Line
	}
	return out
}

// UnmarshalJSON reads what MarshalJSON writes; it fails with ErrAlphabet.
func (a *Alphabet) UnmarshalJSON(data []byte) error {
	parsed, err := ParseAlphabet(data)
	if err != nil {
		return err
	}
	*a = *parsed
	return nil
}

// alphabet makes the alphabet of the stored form.
func (in alphabetJSON) alphabet() (*Alphabet, error) {
	if in.Kind == "" {
		return in.plain()
	}
	v := Vocabulary{Kind: in.Kind, Marks: in.Marks, Names: in.Symbols, Special: in.Special, Cut: in.Cut, Rules: in.Rules, Unknown: -1, Line: -1}
	if in.UnknownID != nil {
		v.Unknown = *in.UnknownID
	}
	if in.LineID != nil {
		v.Line = *in.LineID
	}
	return NewVocabulary(v)
}

// plain makes an alphabet of characters or bytes.
func (in alphabetJSON) plain() (*Alphabet, error) {
	symbols := make([]rune, len(in.Symbols))
	for i, s := range in.Symbols {
		r, size := utf8.DecodeRuneInString(s)
		if size == 0 || size != len(s) {
			return nil, fmt.Errorf("%w: symbol %d is %q, not one character", ErrAlphabet, i, s)
		}
		symbols[i] = r
	}
	return NewAlphabet(symbols, in.Bytes, in.Unknown)
}
