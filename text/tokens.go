package text

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"unicode"
	"unicode/utf8"

	"github.com/rnnscope/rnnscope/text/pieces"
)

// tokenizer chooses how a text is cut into the symbols of the vocabulary, nil where
// the vocabulary does not say or says what is not known here.
func (v *Vocabulary) tokenizer(a *Alphabet) (tokenizer, error) {
	switch {
	case v.Rules != nil:
		c, err := pieces.New(*v.Rules, v.Names)
		if err != nil {
			return nil, err
		}
		return pieceTokenizer{c, v.Unknown}, nil
	case v.Kind == Words && !v.Cut:
		return wordTokenizer{a}, nil
	}
	return nil, nil
}

// pieceTokenizer cuts by the rules of a tokenizer.json.
type pieceTokenizer struct {
	cutter  *pieces.Cutter
	unknown int32
}

func (p pieceTokenizer) tokens(s []byte, emit func(token) bool) error {
	at := 0
	return p.cutter.Cut(string(s), func(x pieces.Piece) bool {
		id := x.ID
		if id == p.unknown {
			id = -1
		}
		t := token{id, x.Text, at} // as far as normalising leaves lengths alone
		at = min(at+len(x.Text), len(s))
		return emit(t)
	})
}

// wordTokenizer cuts at white space; a line end is a symbol where the vocabulary
// has one for it.
type wordTokenizer struct{ a *Alphabet }

func (w wordTokenizer) tokens(s []byte, emit func(token) bool) error {
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
	return nil
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

// cuts tells that a text must be cut into symbols of several characters.
func (a *Alphabet) cuts() bool { return a.vocab != nil && a.vocab.Kind != Characters }

// encodeTokens is Encode for words and pieces.
func (a *Alphabet) encodeTokens(s []byte, u UnknownPolicy) ([]int32, error) {
	if i := invalidAt(s); i >= 0 {
		return nil, encodingError("text", s, i)
	}
	if list, ok := tokenList(s); ok {
		return a.encodeList(list, u)
	}
	if a.vocab.encoder == nil {
		err := ErrTokens
		if a.vocab.uncut != nil {
			err = fmt.Errorf("%w: %w", ErrTokens, a.vocab.uncut)
		}
		return nil, fmt.Errorf("%w; cut it with your own tokenizer and give a JSON list of the symbols or of their ids in place of the text", err)
	}
	ids := make([]int32, 0, len(s)/4)
	var failed error
	err := a.vocab.encoder.tokens(s, func(t token) bool {
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
	return ids, errors.Join(failed, err)
}

// isTokenList tells a text that is given as a JSON list of symbols or of their ids.
func isTokenList(s []byte) bool {
	_, ok := tokenList(s)
	return ok
}

// tokenList reads a JSON list of strings, or of numbers.
func tokenList(s []byte) (list []any, ok bool) {
	if t := bytes.TrimLeft(s, " \t\r\n"); len(t) == 0 || t[0] != '[' {
		return nil, false
	}
	if json.Unmarshal(s, &list) != nil {
		return nil, false
	}
	for _, x := range list {
		switch x.(type) {
		case string, float64:
		default:
			return nil, false
		}
	}
	return list, len(list) > 0
}

// encodeList is Encode of a text that is cut already: names of symbols, or ids.
func (a *Alphabet) encodeList(list []any, u UnknownPolicy) ([]int32, error) {
	ids := make([]int32, 0, len(list))
	for i, x := range list {
		switch x := x.(type) {
		case float64:
			if x < 0 || x >= float64(a.Size()) || x != math.Trunc(x) {
				return nil, fmt.Errorf("%w: element %d of the list is %v; ids are 0 to %d", ErrUnknown, i, x, a.Size()-1)
			}
			ids = append(ids, int32(x))
		case string:
			id, ok := a.vocab.index[x]
			switch {
			case ok:
				ids = append(ids, id)
			case a.vocab.Unknown >= 0:
				ids = append(ids, a.vocab.Unknown)
			case u == UnknownError:
				return nil, &SymbolError{Word: x, Index: i}
			}
		}
	}
	return ids, nil
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
	if a.vocab.encoder == nil || isTokenList(s) {
		return nil
	}
	var list []Foreign
	seen := map[string]int{}
	_ = a.vocab.encoder.tokens(s, func(t token) bool { // what fails failed in Encode
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
