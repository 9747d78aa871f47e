package text

import (
	"fmt"
	"slices"
	"unicode"
	"unicode/utf8"
)

// token is one symbol of a text that is cut up; id is -1 where the vocabulary does
// not have it.
type token struct {
	id     int32
	text   string
	offset int // bytes before it
}

// tokenizer chooses how a text is cut into the symbols of the vocabulary, nil where
// the vocabulary alone does not say.
func (v *Vocabulary) tokenizer(a *Alphabet) tokenizer {
	switch {
	case v.Kind == Words:
		return wordTokenizer{a}
	case v.Kind == Pieces && v.Marks == MarkContinue:
		return wordPieceTokenizer{a}
	}
	return nil
}

// wordTokenizer cuts at white space; a line end is a symbol where the vocabulary
// has one for it.
type wordTokenizer struct{ a *Alphabet }

func (w wordTokenizer) tokens(s []byte, emit func(token) bool) {
	line := w.a.vocab.Line
	each(s, func(word []byte, offset int) bool {
		if len(word) == 1 && word[0] == '\n' {
			return line < 0 || emit(token{line, "\n", offset})
		}
		id, ok := w.a.vocab.index[string(word)]
		if !ok {
			id = -1
		}
		return emit(token{id, string(word), offset})
	})
}

// each visits words and line ends in order, until visit says no.
func each(s []byte, visit func(word []byte, offset int) bool) {
	for at := 0; at < len(s); {
		if s[at] == '\n' {
			if !visit(s[at:at+1], at) {
				return
			}
			at++
			continue
		}
		if n := blank(s[at:]); n > 0 {
			at += n
			continue
		}
		end := at
		for end < len(s) && blank(s[end:]) == 0 {
			_, n := utf8.DecodeRune(s[end:])
			end += n
		}
		if !visit(s[at:end], at) {
			return
		}
		at = end
	}
}

// blank is the length of the white space character that s begins with, 0 for none.
func blank(s []byte) int {
	if r, size := utf8.DecodeRune(s); unicode.IsSpace(r) {
		return size
	}
	return 0
}

// wordPieceTokenizer takes the longest piece that fits, from the start of each word
// on; a word that does not come out whole is unknown (Schuster and Nakajima 2012,
// as BERT does it).
type wordPieceTokenizer struct{ a *Alphabet }

func (w wordPieceTokenizer) tokens(s []byte, emit func(token) bool) {
	var pieces []token
	each(s, func(word []byte, offset int) bool {
		if word[0] == '\n' {
			return true
		}
		pieces = w.word(pieces[:0], string(word), offset)
		return !slices.ContainsFunc(pieces, func(t token) bool { return !emit(t) })
	})
}

// maxWord bounds the length of a word that is cut into pieces, in bytes; longer
// ones are unknown (BERT's bound is 100 characters).
const maxWord = 400

func (w wordPieceTokenizer) word(dst []token, word string, offset int) []token {
	first := len(dst)
	if len(word) > maxWord {
		return append(dst, token{-1, word, offset})
	}
	for at := 0; at < len(word); {
		end, prefix := len(word), ""
		if at > 0 {
			prefix = string(MarkContinue)
		}
		for ; end > at; end-- {
			if id, ok := w.a.vocab.index[prefix+word[at:end]]; ok {
				dst = append(dst, token{id, word[at:end], offset + at})
				break
			}
		}
		if end == at {
			return append(dst[:first], token{-1, word, offset})
		}
		at = end
	}
	return dst
}

// encodeTokens is Encode for words and pieces.
func (a *Alphabet) encodeTokens(s []byte, u UnknownPolicy) ([]int32, error) {
	if i := invalidAt(s); i >= 0 {
		return nil, encodingError("text", s, i)
	}
	if a.vocab.encoder == nil {
		return nil, fmt.Errorf("%w; give the text as a JSON list of symbols or of their ids", ErrTokens)
	}
	ids := make([]int32, 0, len(s)/4)
	var failed error
	a.vocab.encoder.tokens(s, func(t token) bool {
		switch {
		case t.id >= 0:
			ids = append(ids, t.id)
		case a.vocab.Unknown >= 0:
			ids = append(ids, a.vocab.Unknown)
		case u == UnknownError:
			failed = &SymbolError{Word: t.text, Index: len(ids), Offset: t.offset}
			return false
		}
		return true
	})
	return ids, failed
}

// invalidAt is the offset of the first byte that is no UTF-8, or -1.
func invalidAt(s []byte) int {
	if utf8.Valid(s) {
		return -1
	}
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRune(s[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return -1
}

// foreignTokens is Foreign for words and pieces.
func (a *Alphabet) foreignTokens(s []byte) []Foreign {
	if a.vocab.encoder == nil {
		return nil
	}
	var list []Foreign
	seen := map[string]int{}
	a.vocab.encoder.tokens(s, func(t token) bool {
		if t.id >= 0 {
			return true
		}
		i, ok := seen[t.text]
		if !ok {
			i = len(list)
			seen[t.text] = i
			list = append(list, Foreign{Rune: utf8.RuneError, Word: t.text, Offset: t.offset})
		}
		list[i].Count++
		return true
	})
	slices.SortStableFunc(list, func(x, y Foreign) int { return y.Count - x.Count })
	return list
}
