package states

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/rnnscope/rnnscope/internal/durable"
	"github.com/rnnscope/rnnscope/text"
)

// ErrSymbols marks a file of symbols that cannot be read.
var ErrSymbols = errors.New("not symbols of states")

// maxSymbolsFile bounds the file: a hundred million symbols as ids.
const maxSymbolsFile = 1 << 30

// symbolsFile is the object form.
type symbolsFile struct {
	Symbols json.RawMessage `json:"symbols"`
	IDs     []int32         `json:"ids"`
	Text    string          `json:"text,omitempty"`
	SHA256  string          `json:"sha256,omitempty"`
	Rows    [][2]int        `json:"rows,omitempty"`
	Choose  []stretch       `json:"choose,omitempty"`
	Report  []stretch       `json:"report,omitempty"`
	Split   string          `json:"split,omitempty"`
	Sites   []site          `json:"sites,omitempty"`
}

// site says in which order sites are listed, and between what their values lie.
type site struct {
	Name  string `json:"name"`
	Range string `json:"range,omitempty"`
}

// stretch is scored symbols [lo,hi), or [warm,lo,hi) where a network read from warm on
// before its states counted.
type stretch []int

// symbols is a file of symbols, read.
type symbols struct {
	symbolsFile
	alphabet *text.Alphabet
	sum      string // SHA-256 of the file
}

func readSymbols(ctx context.Context, path string) (*symbols, error) {
	b, err := durable.ReadFile(ctx, path, maxSymbolsFile)
	if err != nil {
		return nil, err
	}
	s, err := parseSymbols(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return s, nil
}

func parseSymbols(b []byte) (*symbols, error) {
	sum := sha256.Sum256(b)
	s := &symbols{sum: hex.EncodeToString(sum[:])}
	b = bytes.TrimSpace(b)
	var err error
	switch {
	case len(b) == 0:
		return nil, fmt.Errorf("%w: the file is empty", ErrSymbols)
	case b[0] == '{':
		err = s.object(b)
	case b[0] == '[':
		err = s.list(b)
	case b[0] == '"':
		err = s.characters(b)
	default:
		err = fmt.Errorf("%w: give JSON: a list of strings, a string, or {\"symbols\": ..., \"ids\": ...}", ErrSymbols)
	}
	if err != nil {
		return nil, err
	}
	for i, id := range s.IDs {
		if id < 0 || int(id) >= s.alphabet.Size() {
			return nil, fmt.Errorf("%w: symbol %d is %d; ids are 0 to %d", ErrSymbols, i, id, s.alphabet.Size()-1)
		}
	}
	if len(s.IDs) < 2 {
		return nil, fmt.Errorf("%w: %d symbols", ErrSymbols, len(s.IDs))
	}
	return s, nil
}

func (s *symbols) object(b []byte) error {
	if err := json.Unmarshal(b, &s.symbolsFile); err != nil {
		return fmt.Errorf("%w: %v", ErrSymbols, err)
	}
	var err error
	s.alphabet, err = text.ParseAlphabet(s.Symbols)
	return err
}

func (s *symbols) list(b []byte) error {
	var names []string
	if err := json.Unmarshal(b, &names); err != nil {
		return fmt.Errorf("%w: a list of strings is wanted (%v)", ErrSymbols, err)
	}
	return s.number(names)
}

func (s *symbols) characters(b []byte) error {
	var all string
	if err := json.Unmarshal(b, &all); err != nil {
		return fmt.Errorf("%w: %v", ErrSymbols, err)
	}
	names := make([]string, 0, utf8.RuneCountInString(all))
	for _, r := range all {
		names = append(names, string(r))
	}
	return s.number(names)
}

// number makes the alphabet of the symbols that occur.
func (s *symbols) number(names []string) error {
	different := slices.Clone(names)
	slices.Sort(different)
	different = slices.Compact(different)
	list, err := json.Marshal(different)
	if err != nil {
		return err
	}
	if s.alphabet, err = text.ParseAlphabet(list); err != nil {
		return err
	}
	ids := make(map[string]int32, len(different))
	for id, name := range different {
		ids[name] = int32(id)
	}
	s.IDs = make([]int32, len(names))
	for i, name := range names {
		s.IDs[i] = ids[name]
	}
	return nil
}

// corpus is the text of the symbols, in a form that reads as the same symbols again.
func (s *symbols) corpus(name string) *text.Corpus {
	c := &text.Corpus{Name: name, Sources: []string{name}, Alphabet: s.alphabet, IDs: s.IDs}
	if _, vocabulary := s.alphabet.Vocabulary(); vocabulary {
		c.Raw, _ = json.Marshal(s.IDs) // a list of numbers always marshals
	} else {
		c.Raw = []byte(s.alphabet.Decode(s.IDs))
	}
	sum := sha256.Sum256(c.Raw)
	c.SHA256 = hex.EncodeToString(sum[:])
	return c
}

func spans(pairs [][2]int) []text.Span {
	var out []text.Span
	for _, p := range pairs {
		out = append(out, text.Span{Lo: p[0], Hi: p[1]})
	}
	return out
}

// blocks are scored stretches, which must ascend within a text of n symbols.
func blocks(stretches []stretch, n int) ([]text.Block, error) {
	var out []text.Block
	last := 0
	for i, s := range stretches {
		if len(s) == 2 {
			s = stretch{s[0], s[0], s[1]}
		}
		if len(s) != 3 || s[0] < 0 || s[1] < s[0] || s[1] < last || s[2] <= s[1] || s[2] > n {
			return nil, fmt.Errorf("%w: scored symbols %v behind %d, of %d; want [lo,hi] or [warm,lo,hi]", ErrSymbols, s, last, n)
		}
		last = s[2]
		out = append(out, text.Block{Index: i, Warm: s[0], Lo: s[1], Hi: s[2]})
	}
	return out, nil
}
