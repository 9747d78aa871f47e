package pieces

import "unicode/utf8"

// wordPiece takes the longest symbol a word begins with, then of the rest, and so on; a
// word that does not come out is unknown as a whole.
type wordPiece struct {
	*Model
	index map[string]int32
}

// longestWord is BERT's limit where none is given, in characters.
const longestWord = 100

func newWordPiece(m *Model, index map[string]int32) func(string, func(Piece) bool) bool {
	if m.Longest == 0 {
		m.Longest = longestWord
	}
	return (&wordPiece{m, index}).word
}

func (w *wordPiece) word(word string, emit func(Piece) bool) bool {
	out, ok := w.pieces(word)
	if !ok {
		return emit(Piece{lookUp(w.index, w.Unknown, "").ID, word})
	}
	for _, p := range out {
		if !emit(p) {
			return false
		}
	}
	return true
}

func (w *wordPiece) pieces(word string) (out []Piece, ok bool) {
	if utf8.RuneCountInString(word) > w.Longest {
		return nil, false
	}
	for at := 0; at < len(word); {
		end := len(word)
		for ; end > at; end-- {
			if !utf8.RuneStart(at2(word, end)) {
				continue
			}
			name := word[at:end]
			if at > 0 {
				name = w.Continue + name
			}
			if id, found := w.index[name]; found {
				out = append(out, Piece{id, word[at:end]})
				break
			}
		}
		if end == at {
			return nil, false
		}
		at = end
	}
	return out, true
}

// at2 is the byte at i, at the end one that begins a character.
func at2(s string, i int) byte {
	if i == len(s) {
		return 0
	}
	return s[i]
}
