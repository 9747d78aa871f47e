package text

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/rnnscope/rnnscope/text/pieces"
)

// Tokens says which symbols of several characters a text is cut into.
type Tokens struct {
	Kind Kind // Words or Pieces; "" for characters or bytes
	Size int  // most symbols
}

// Limits of vocabularies that are made here.
const (
	defaultWords = 10_000
	leastWord    = 2 // occurrences of a word that is listed
	mostTokens   = 1 << 20
)

// ErrTokensKind marks a way to cut a text that is not known.
var ErrTokensKind = errors.New("no way to cut a text")

// ParseTokens reads "characters", "words", "words:N" and "bpe:N". Errors match ErrTokensKind.
func ParseTokens(s string) (Tokens, error) {
	name, number, has := strings.Cut(s, ":")
	size := 0
	if has {
		n, err := strconv.Atoi(number)
		if err != nil || n < 2 || n > mostTokens {
			return Tokens{}, fmt.Errorf("%w: %q: want a number of symbols from 2 to %d", ErrTokensKind, s, mostTokens)
		}
		size = n
	}
	switch {
	case name == "characters" && !has || s == "":
		return Tokens{}, nil
	case name == "words" && !has:
		return Tokens{Words, defaultWords}, nil
	case name == "words":
		return Tokens{Words, size}, nil
	case name == "bpe" && size > 256:
		return Tokens{Pieces, size}, nil
	case name == "bpe":
		return Tokens{}, fmt.Errorf("%w: %q: byte pair encoding begins with 256 bytes: give more symbols, as in bpe:1000", ErrTokensKind, s)
	}
	return Tokens{}, fmt.Errorf("%w: %q: there are characters, words, words:N and bpe:N", ErrTokensKind, s)
}

// In is the corpus in words or pieces that are learned from the first share of it.
// Words that occur less than minCount times there, or twice, become one unknown symbol.
// Errors match ErrOneSymbol.
func (t Tokens) In(c *Corpus, share float64, minCount int) (*Corpus, error) {
	if t.Kind == "" {
		return c, nil
	}
	from := string(c.Raw[:int(share*float64(len(c.Raw)))])
	if cut := strings.LastIndexByte(from, '\n'); cut > 0 {
		from = from[:cut+1]
	}
	v, err := t.learn(strings.ToValidUTF8(from, ""), max(minCount, leastWord))
	if err != nil {
		return nil, err
	}
	out := *c
	if out.Alphabet, err = NewVocabulary(v); err != nil {
		return nil, fmt.Errorf("%w: %d words are learned from the text; give more of it", ErrOneSymbol, len(v.Names))
	}
	if out.IDs, err = out.Alphabet.Encode(c.Raw, UnknownError); err != nil {
		return nil, err
	}
	if list := out.Alphabet.Foreign(c.Raw); len(list) > 0 {
		out.Notes = append(out.Notes, foreignNote(list, out.Alphabet, true))
	}
	return &out, nil
}

func (t Tokens) learn(from string, least int) (Vocabulary, error) {
	v := Vocabulary{Kind: t.Kind, Unknown: -1, Line: -1}
	var rules pieces.Rules
	var err error
	if t.Kind == Pieces {
		v.Marks = MarkByte
		v.Names, rules, err = pieces.LearnBPE(from, t.Size)
	} else {
		v.Marks, rules, v.Unknown = MarkSpace, pieces.WordRules(), 0
		v.Names, err = pieces.Words(from, least, t.Size-1)
		v.Names = append([]string{pieces.Unknown}, v.Names...)
	}
	v.Rules = &rules
	return v, err
}
