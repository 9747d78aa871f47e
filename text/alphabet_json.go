package text

import (
	"bytes"
	"encoding/json"
	"fmt"
	"unicode/utf8"
)

// alphabetJSON is the stored form. Symbols are strings of one code point, in
// id order and without the unknown symbol; in byte mode the code point is the
// byte's value.
type alphabetJSON struct {
	Bytes   bool     `json:"bytes"`
	Symbols []string `json:"symbols"`
	Unknown bool     `json:"unknown"`
}

// MarshalJSON writes {"bytes":bool,"symbols":[...],"unknown":bool}.
func (a *Alphabet) MarshalJSON() ([]byte, error) {
	out := alphabetJSON{Bytes: a.bytes, Unknown: a.unknown, Symbols: make([]string, len(a.runes))}
	for i, r := range a.runes {
		out.Symbols[i] = string(r)
	}
	return json.Marshal(out)
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

// ParseAlphabet reads an alphabet file: our own object, or what other programs
// save beside their weights: a list of symbols in id order, or a map from
// symbol to id. It fails with ErrAlphabet.
func ParseAlphabet(data []byte) (*Alphabet, error) {
	data = bytes.TrimPrefix(bytes.TrimSpace(data), bom)
	if len(data) > 0 && data[0] == '[' {
		var list []string
		if err := json.Unmarshal(data, &list); err != nil {
			return nil, fmt.Errorf("%w: %v", ErrAlphabet, err)
		}
		return fromSymbols(alphabetJSON{Symbols: list})
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(data, &fields); err != nil {
		return nil, fmt.Errorf("%w: give a JSON list of symbols, a map from symbol to id, or the alphabet of a run (%v)", ErrAlphabet, err)
	}
	if _, ours := fields["symbols"]; !ours {
		return fromMap(data)
	}
	var in alphabetJSON
	if err := json.Unmarshal(data, &in); err != nil {
		return nil, fmt.Errorf("%w: %v", ErrAlphabet, err)
	}
	return fromSymbols(in)
}

func fromMap(data []byte) (*Alphabet, error) {
	var ids map[string]int
	if err := json.Unmarshal(data, &ids); err != nil {
		return nil, fmt.Errorf("%w: %v", ErrAlphabet, err)
	}
	list := make([]string, len(ids))
	for symbol, id := range ids {
		if id < 0 || id >= len(list) || list[id] != "" {
			return nil, fmt.Errorf("%w: the ids of its %d symbols are not 0 to %d, each once", ErrAlphabet, len(list), len(list)-1)
		}
		list[id] = symbol
	}
	return fromSymbols(alphabetJSON{Symbols: list})
}

func fromSymbols(in alphabetJSON) (*Alphabet, error) {
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
