package pieces

import (
	"fmt"
	"math"
	"unicode/utf8"
)

// unigram takes the likeliest way to cut a word (Viterbi).
type unigram struct {
	*Model
	index   map[string]int32
	unknown int32
	least   float64 // ln p of an unknown character
	longest int     // bytes of the longest symbol
}

// unknownPenalty is how much worse than the rarest symbol an unknown character is, in nats.
const unknownPenalty = 10

func newUnigram(m *Model, index map[string]int32, names []string) (func(string, func(Piece) bool) bool, error) {
	if len(m.Scores) > len(names) || len(m.Scores) == 0 {
		return nil, fmt.Errorf("%w: %d scores of %d symbols", ErrRules, len(m.Scores), len(names))
	}
	u := &unigram{Model: m, index: make(map[string]int32, len(names)), unknown: -1, least: math.Inf(1)}
	for id, score := range m.Scores {
		u.index[names[id]] = int32(id)
		u.least, u.longest = min(u.least, score), max(u.longest, len(names[id]))
	}
	u.least -= unknownPenalty
	if id, ok := u.index[m.Unknown]; ok && m.Unknown != "" {
		u.unknown = id
	}
	return u.word, nil
}

// node is the best way to a place: from where, by which symbol.
type node struct {
	score float64
	from  int
	id    int32
	set   bool
}

func (u *unigram) word(word string, emit func(Piece) bool) bool {
	best := make([]node, len(word)+1)
	best[0].set = true
	reach := func(from, to int, id int32, score float64) {
		if s := best[from].score + score; !best[to].set || s > best[to].score {
			best[to] = node{s, from, id, true}
		}
	}
	for at := 0; at < len(word); {
		_, size := utf8.DecodeRuneInString(word[at:])
		single := false
		for end := at + size; end <= len(word) && end-at <= u.longest; {
			if id, ok := u.index[word[at:end]]; ok {
				reach(at, end, id, u.Scores[id])
				single = single || end == at+size
			}
			_, n := utf8.DecodeRuneInString(word[end:])
			if end += n; n == 0 {
				break
			}
		}
		if !single {
			reach(at, at+size, -1, u.least)
		}
		at += size
	}
	return u.write(word, best, emit)
}

// write hands over the best way, unknown characters side by side as one.
func (u *unigram) write(word string, best []node, emit func(Piece) bool) bool {
	var back []Piece
	for end := len(word); end > 0; {
		n := best[end]
		p := Piece{n.id, word[n.from:end]}
		if k := len(back) - 1; k >= 0 && p.ID < 0 && back[k].ID < 0 {
			back[k].Text = p.Text + back[k].Text
		} else {
			back = append(back, p)
		}
		end = n.from
	}
	for i := len(back) - 1; i >= 0; i-- {
		if p := back[i]; p.ID < 0 {
			if !u.strange(p.Text, emit) {
				return false
			}
		} else if !emit(p) {
			return false
		}
	}
	return true
}

// strange hands over what has no symbol: as bytes where these have symbols.
func (u *unigram) strange(text string, emit func(Piece) bool) bool {
	if id, ok := u.index[text]; ok {
		return emit(Piece{id, text})
	}
	var spelled []Piece
	for k := range len(text) {
		if id, ok := u.index[fmt.Sprintf("<0x%02X>", text[k])]; ok && u.ByteFallback {
			spelled = append(spelled, Piece{id, text[k : k+1]})
		}
	}
	if len(spelled) < len(text) {
		return emit(Piece{u.unknown, text})
	}
	for _, p := range spelled {
		if !emit(p) {
			return false
		}
	}
	return true
}
