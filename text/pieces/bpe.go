package pieces

import (
	"container/heap"
	"fmt"
	"sync"
	"unicode/utf8"
)

// bpe joins the characters of a word pair by pair, the earliest learned pair first and of
// equal ones the leftmost.
type bpe struct {
	*Model
	index map[string]int32
	ranks map[[2]int32]merge
	bytes [256]int32 // <0x00>, ..., of byte fallback; -1: not there

	mu    sync.Mutex
	cache map[string][]Piece
}

// merge is what a pair becomes, and when.
type merge struct{ rank, id int32 }

// mostCached bounds the words whose pieces are remembered, and the length of one in bytes.
const (
	mostCached    = 1 << 15
	longestCached = 256
)

func newBPE(m *Model, index map[string]int32) (func(string, func(Piece) bool) bool, error) {
	b := &bpe{Model: m, index: index, ranks: make(map[[2]int32]merge, len(m.Merges)), cache: map[string][]Piece{}}
	for rank, pair := range m.Merges {
		x, okX := index[pair[0]]
		y, okY := index[pair[1]]
		joined := pair[0] + pair[1]
		if n := len(m.Continue); n > 0 && len(pair[1]) >= n {
			joined = pair[0] + pair[1][n:]
		}
		id, ok := index[joined]
		if !okX || !okY || !ok {
			return nil, fmt.Errorf("%w: its merge %d, of %q and %q, makes no symbol of its vocabulary", ErrRules, rank, pair[0], pair[1])
		}
		b.ranks[[2]int32{x, y}] = merge{int32(rank), id}
	}
	for i := range b.bytes {
		b.bytes[i] = -1
		if id, ok := index[fmt.Sprintf("<0x%02X>", i)]; ok && m.ByteFallback {
			b.bytes[i] = id
		}
	}
	return b.word, nil
}

func (b *bpe) word(word string, emit func(Piece) bool) bool {
	b.mu.Lock()
	out, ok := b.cache[word]
	b.mu.Unlock()
	if !ok {
		out = b.pieces(word)
		if len(word) <= longestCached {
			b.mu.Lock()
			if len(b.cache) >= mostCached {
				clear(b.cache)
			}
			b.cache[word] = out
			b.mu.Unlock()
		}
	}
	for _, p := range out {
		if !emit(p) {
			return false
		}
	}
	return true
}

// part is a piece in the making; of a chain of them, by place.
type part struct {
	Piece
	before, after int
	gone          bool
}

// candidate is a pair of neighbours that may be joined.
type candidate struct {
	merge
	at, with int
	left     int32 // ids they had
	right    int32
}

type candidates []candidate

func (c candidates) Len() int { return len(c) }
func (c candidates) Less(i, j int) bool {
	return c[i].rank < c[j].rank || c[i].rank == c[j].rank && c[i].at < c[j].at
}
func (c candidates) Swap(i, j int) { c[i], c[j] = c[j], c[i] }

// Push implements heap.Interface.
func (c *candidates) Push(x any) { *c = append(*c, x.(candidate)) }

// Pop implements heap.Interface.
func (c *candidates) Pop() any {
	last := (*c)[len(*c)-1]
	*c = (*c)[:len(*c)-1]
	return last
}

func (b *bpe) pieces(word string) []Piece {
	if id, ok := b.index[word]; ok && b.IgnoreMerges {
		return []Piece{{id, word}}
	}
	chain := b.letters(word)
	var open candidates
	join := func(at, with int) {
		if at < 0 || with >= len(chain) {
			return
		}
		if m, ok := b.ranks[[2]int32{chain[at].ID, chain[with].ID}]; ok {
			heap.Push(&open, candidate{m, at, with, chain[at].ID, chain[with].ID})
		}
	}
	for i := range len(chain) - 1 {
		join(i, i+1)
	}
	for len(open) > 0 {
		c := heap.Pop(&open).(candidate)
		x, y := &chain[c.at], &chain[c.with]
		if x.gone || y.gone || x.after != c.with || x.ID != c.left || y.ID != c.right {
			continue // one of them was joined to another meanwhile
		}
		x.ID, x.Text, x.after, y.gone = c.id, x.Text+y.Text, y.after, true
		if y.after < len(chain) {
			chain[y.after].before = c.at
		}
		join(x.before, c.at)
		join(c.at, x.after)
	}
	out := make([]Piece, 0, len(chain))
	for i := range chain {
		if !chain[i].gone {
			out = append(out, chain[i].Piece)
		}
	}
	return out
}

// letters is the characters of a word as symbols, unknown ones as bytes or as the unknown symbol.
func (b *bpe) letters(word string) []part {
	var chain []part
	add := func(id int32, text string) {
		chain = append(chain, part{Piece{id, text}, len(chain) - 1, len(chain) + 1, false})
	}
	unknown, masked := b.index[b.Unknown]
	masked = masked && b.Unknown != ""
	fused := false // the last is the unknown symbol, to which another may be joined
	for i, r := range word {
		size := utf8.RuneLen(r)
		if r == utf8.RuneError {
			_, size = utf8.DecodeRuneInString(word[i:])
		}
		text := word[i : i+size]
		name := text
		if i > 0 {
			name = b.Continue + name
		}
		if i+size == len(word) {
			name += b.End
		}
		id, ok := b.index[name]
		switch {
		case ok:
			add(id, text)
			fused = false
		case b.hasBytes(text):
			for k := range len(text) {
				add(b.bytes[text[k]], text[k:k+1])
			}
			fused = false
		case masked && fused && b.FuseUnknown:
			chain[len(chain)-1].Text += text
		case masked:
			add(unknown, text)
			fused = true
		default:
			add(-1, text)
			fused = false
		}
	}
	return chain
}

// hasBytes tells whether every byte of a character has a symbol.
func (b *bpe) hasBytes(text string) bool {
	for k := range len(text) {
		if b.bytes[text[k]] < 0 {
			return false
		}
	}
	return b.ByteFallback
}
