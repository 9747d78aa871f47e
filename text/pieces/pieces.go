package pieces

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// ErrRules marks rules that this package does not know or that contradict themselves.
var ErrRules = errors.New("this tokenizer cuts a text by rules that are not known here")

// Rules are what a tokenizer.json says of cutting, without the symbols themselves.
type Rules struct {
	Normalizer   json.RawMessage `json:"normalizer,omitempty"`
	PreTokenizer json.RawMessage `json:"pre_tokenizer,omitempty"`
	Added        []Added         `json:"added_tokens,omitempty"`
	Model        Model           `json:"model"`
}

// Added is a symbol that is found in a text before anything else is done.
type Added struct {
	ID         int32  `json:"id"`
	Content    string `json:"content"`
	SingleWord bool   `json:"single_word,omitempty"`
	LStrip     bool   `json:"lstrip,omitempty"`
	RStrip     bool   `json:"rstrip,omitempty"`
	Normalized bool   `json:"normalized,omitempty"`
	Special    bool   `json:"special,omitempty"`
}

// Model is how a word becomes pieces.
type Model struct {
	Type         string    `json:"type"`             // BPE, Unigram, WordPiece or WordLevel
	Merges       Merges    `json:"merges,omitempty"` // of BPE, the first to be done first
	Scores       []float64 `json:"scores,omitempty"` // of Unigram, by id: ln p
	Unknown      string    `json:"unk_token,omitempty"`
	Continue     string    `json:"continuing_subword_prefix,omitempty"`
	End          string    `json:"end_of_word_suffix,omitempty"`
	FuseUnknown  bool      `json:"fuse_unk,omitempty"`
	ByteFallback bool      `json:"byte_fallback,omitempty"`
	IgnoreMerges bool      `json:"ignore_merges,omitempty"`
	Longest      int       `json:"max_input_chars_per_word,omitempty"` // of WordPiece, in characters
}

// Merges are pairs of pieces; in JSON each is ["a", "b"] or "a b".
type Merges [][2]string

// UnmarshalJSON reads both forms.
func (m *Merges) UnmarshalJSON(data []byte) error {
	var pairs [][2]string
	if json.Unmarshal(data, &pairs) == nil {
		*m = pairs
		return nil
	}
	var lines []string
	if err := json.Unmarshal(data, &lines); err != nil {
		return err
	}
	for _, line := range lines {
		a, b, ok := strings.Cut(line, " ")
		if !ok {
			return fmt.Errorf("the merge %q is no pair", line)
		}
		*m = append(*m, [2]string{a, b})
	}
	return nil
}

// Cutter cuts texts. It may be shared.
type Cutter struct {
	raw, normal []Added // found before and after normalising
	normalize   normalizer
	split       splitter
	word        func(word string, emit func(Piece) bool) bool
}

// Piece is one symbol of a text.
type Piece struct {
	ID   int32 // -1: what it stands for is not in the vocabulary
	Text string
}

// New makes ready to cut into symbols, names by id. Errors match ErrRules.
func New(r Rules, names []string) (*Cutter, error) {
	index := make(map[string]int32, len(names))
	for id, name := range names {
		index[name] = int32(id)
	}
	c := &Cutter{}
	var err error
	if c.normalize, err = newNormalizer(r.Normalizer); err != nil {
		return nil, err
	}
	if c.split, err = newSplitter(r.PreTokenizer); err != nil {
		return nil, err
	}
	if c.word, err = r.Model.cut(index, names); err != nil {
		return nil, err
	}
	for _, a := range r.Added {
		switch {
		case a.Content == "":
		case a.Normalized:
			a.Content = c.normalize(a.Content)
			c.normal = append(c.normal, a)
		default:
			c.raw = append(c.raw, a)
		}
	}
	return c, nil
}

func (m *Model) cut(index map[string]int32, names []string) (func(string, func(Piece) bool) bool, error) {
	switch m.Type {
	case "BPE":
		return newBPE(m, index)
	case "Unigram":
		return newUnigram(m, index, names)
	case "WordPiece":
		return newWordPiece(m, index), nil
	case "WordLevel":
		return func(word string, emit func(Piece) bool) bool { return emit(lookUp(index, word, m.Unknown)) }, nil
	}
	return nil, fmt.Errorf("%w: the model %q", ErrRules, m.Type)
}

// lookUp is a whole word as a piece.
func lookUp(index map[string]int32, word, unknown string) Piece {
	id, ok := index[word]
	if !ok && unknown != "" {
		id, ok = index[unknown]
	}
	if !ok {
		id = -1
	}
	return Piece{id, word}
}

// Cut hands over the pieces of s, valid UTF-8, until emit says no. Errors match ErrRules.
func (c *Cutter) Cut(s string, emit func(Piece) bool) error {
	first := true
	var failed error
	parts(s, c.raw, func(raw string, a *Added) bool {
		if a != nil {
			first = false
			return emit(Piece{a.ID, a.Content})
		}
		return parts(c.normalize(raw), c.normal, func(part string, a *Added) bool {
			if a != nil {
				first = false
				return emit(Piece{a.ID, a.Content})
			}
			words, err := c.split([]string{part}, first)
			first = false
			if err != nil {
				failed = err
				return false
			}
			for _, w := range words {
				if !c.word(w, emit) {
					return false
				}
			}
			return true
		})
	})
	return failed
}

// parts visits what lies between added symbols (a nil) and these, in order.
func parts(s string, added []Added, visit func(part string, a *Added) bool) bool {
	for len(s) > 0 {
		lo, hi, a := next(s, added)
		if a == nil {
			return visit(s, nil)
		}
		if lo > 0 && !visit(s[:lo], nil) {
			return false
		}
		if !visit("", a) {
			return false
		}
		s = s[hi:]
	}
	return true
}

// next finds the first added symbol in s, of several at one place the longest.
func next(s string, added []Added) (lo, hi int, found *Added) {
	for i := range added {
		a := &added[i]
		for from := 0; ; {
			at := strings.Index(s[from:], a.Content)
			if at < 0 {
				break
			}
			at += from
			if a.SingleWord && !standsAlone(s, at, at+len(a.Content)) {
				from = at + len(a.Content)
				continue
			}
			if found == nil || at < lo || at == lo && len(a.Content) > len(found.Content) {
				lo, hi, found = at, at+len(a.Content), a
			}
			break
		}
	}
	if found == nil {
		return 0, 0, nil
	}
	if found.LStrip {
		lo = len(strings.TrimRightFunc(s[:lo], unicode.IsSpace))
	}
	if found.RStrip {
		hi = len(s) - len(strings.TrimLeftFunc(s[hi:], unicode.IsSpace))
	}
	return lo, hi, found
}

func standsAlone(s string, lo, hi int) bool {
	before, _ := utf8.DecodeLastRuneInString(s[:lo])
	after, _ := utf8.DecodeRuneInString(s[hi:])
	return (lo == 0 || !isWord(before)) && (hi == len(s) || !isWord(after))
}

// isWord is \w of Unicode's regular expressions (UTS 18).
func isWord(r rune) bool {
	return unicode.In(r, unicode.L, unicode.M, unicode.Nd, unicode.Nl, unicode.Pc, unicode.Other_Alphabetic, unicode.Join_Control)
}

// kindOf reads the type of one part of the rules; "" of none.
func kindOf(raw json.RawMessage) (string, error) {
	if len(raw) == 0 || string(raw) == "null" {
		return "", nil
	}
	var k struct {
		Type string `json:"type"`
	}
	if err := json.Unmarshal(raw, &k); err != nil {
		return "", fmt.Errorf("%w: %v", ErrRules, err)
	}
	if k.Type == "" {
		return "", fmt.Errorf("%w: a part without a type", ErrRules)
	}
	return k.Type, nil
}

// pattern is what a rule looks for: a text or a regular expression.
type pattern struct {
	String *string `json:"String"`
	Regex  *string `json:"Regex"`
}

// mostParts bounds how deep rules may nest.
const mostParts = 64

func sequence(raw json.RawMessage, key string) ([]json.RawMessage, error) {
	var all map[string]json.RawMessage
	var list []json.RawMessage
	if err := json.Unmarshal(raw, &all); err != nil {
		return nil, fmt.Errorf("%w: %v", ErrRules, err)
	}
	if err := json.Unmarshal(all[key], &list); err != nil {
		return nil, fmt.Errorf("%w: %v", ErrRules, err)
	}
	if len(list) > mostParts || slices.ContainsFunc(list, func(r json.RawMessage) bool { k, _ := kindOf(r); return k == "Sequence" }) {
		return nil, fmt.Errorf("%w: a sequence of sequences", ErrRules)
	}
	return list, nil
}
