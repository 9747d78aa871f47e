package text

import (
	"fmt"
	"slices"
	"unicode/utf8"
)

// Alphabet maps symbols to ids and back. A symbol is a code point, a byte, a word
// or a piece of a word (see Kind). Ids follow the order the symbols were given in;
// alphabets made by Read are sorted by code point, and their unknown symbol, if
// there is one, is the last. The unknown symbol stands for everything outside the
// alphabet, and nothing that generates text may draw it (see Unknown). An Alphabet
// is read-only and may be shared.
type Alphabet struct {
	bytes   bool
	unknown bool
	runes   []rune // [V without unknown]
	low     [256]int32
	high    map[rune]int32 // code points from 256 on
	fromOne bool           // the file it was read from counted ids from 1
	vocab   *vocabulary    // words, pieces, or characters beside special symbols; else nil, and runes holds the symbols
}

// UnknownPolicy says what Encode does with a symbol that an alphabet without
// an unknown symbol does not have.
type UnknownPolicy int

const (
	UnknownError UnknownPolicy = iota // stop with an *SymbolError
	UnknownSkip                       // leave the symbol out
)

// NewAlphabet makes an alphabet of the symbols in the order given. In byte
// mode a symbol is rune(byte). It fails with ErrAlphabet for no symbols, a
// symbol given twice, a rune that is no Unicode character or, in byte mode, no
// byte.
func NewAlphabet(symbols []rune, bytes, unknown bool) (*Alphabet, error) {
	if len(symbols) == 0 {
		return nil, fmt.Errorf("%w: it has no symbols", ErrAlphabet)
	}
	a := &Alphabet{bytes: bytes, unknown: unknown, runes: slices.Clone(symbols), high: map[rune]int32{}}
	for i := range a.low {
		a.low[i] = -1
	}
	for id, r := range a.runes {
		if !utf8.ValidRune(r) || bytes && r > 255 {
			return nil, fmt.Errorf("%w: symbol %d is U+%04X, which cannot occur in a text", ErrAlphabet, id, r)
		}
		if _, twice := a.find(r); twice {
			return nil, fmt.Errorf("%w: %s is listed twice", ErrAlphabet, describe(r, bytes))
		}
		if r < 256 {
			a.low[r] = int32(id)
		} else {
			a.high[r] = int32(id)
		}
	}
	return a, nil
}

func (a *Alphabet) find(r rune) (int32, bool) {
	if uint32(r) < 256 {
		id := a.low[r]
		return id, id >= 0
	}
	id, ok := a.high[r]
	return id, ok
}

// Size returns V, the unknown symbol included.
func (a *Alphabet) Size() int {
	if a.vocab != nil {
		return len(a.vocab.Names)
	}
	if a.unknown {
		return len(a.runes) + 1
	}
	return len(a.runes)
}

// Bytes tells whether symbols are bytes rather than code points.
func (a *Alphabet) Bytes() bool { return a.bytes }

// Unknown returns the id of the unknown symbol. It must never be sampled.
func (a *Alphabet) Unknown() (id int32, ok bool) {
	if a.vocab != nil {
		return a.vocab.Unknown, a.vocab.Unknown >= 0
	}
	return int32(len(a.runes)), a.unknown
}

// Lookup returns the id of the symbol that is written as r alone.
func (a *Alphabet) Lookup(r rune) (id int32, ok bool) { return a.find(r) }

// Rune returns the symbol of id: rune(byte) in byte mode, U+FFFD for the unknown
// symbol and for one that is not a single character (see Spell). It panics if id
// is not in [0, Size()).
func (a *Alphabet) Rune(id int32) rune {
	if a.vocab != nil {
		return a.vocab.rune(id)
	}
	if a.unknown && int(id) == len(a.runes) {
		return utf8.RuneError
	}
	return a.runes[id]
}

// Symbol returns id as it is written in a text: one code point, the byte itself in
// byte mode, a word with the space before it. Joined, the symbols of a text are
// that text, but for spaces at the start of lines (see Decode).
func (a *Alphabet) Symbol(id int32) string {
	if a.vocab != nil {
		return a.vocab.symbol(id)
	}
	if a.bytes && int(id) < len(a.runes) {
		return string([]byte{byte(a.runes[id])})
	}
	return string(a.Rune(id))
}

// Visible returns id as something to be seen on an axis or in a message.
func (a *Alphabet) Visible(id int32) string {
	if a.vocab != nil {
		return a.vocab.visible(id)
	}
	r := a.Rune(id)
	if a.bytes && r >= utf8.RuneSelf && int(id) < len(a.runes) {
		return fmt.Sprintf("\\x%02X", r)
	}
	return Visible(r)
}

// Encode returns the ids of s. What is outside the alphabet becomes the unknown
// symbol if there is one; otherwise the policy decides. Errors: *SymbolError,
// *EncodingError when s is not UTF-8 (not in byte mode), and ErrTokens where the
// vocabulary does not say how a text is cut into its symbols.
func (a *Alphabet) Encode(s []byte, u UnknownPolicy) ([]int32, error) {
	if a.vocab != nil && a.vocab.Kind != Characters {
		return a.encodeTokens(s, u)
	}
	if a.bytes {
		return a.encodeBytes(s, u)
	}
	ids := make([]int32, 0, utf8.RuneCount(s))
	unknown, masked := a.Unknown()
	for offset, index := 0, 0; offset < len(s); index++ {
		r, size := utf8.DecodeRune(s[offset:])
		if r == utf8.RuneError && size == 1 {
			return nil, encodingError("text", s, offset)
		}
		id, ok := a.find(r)
		switch {
		case ok:
			ids = append(ids, id)
		case masked:
			ids = append(ids, unknown)
		case u == UnknownError:
			return nil, &SymbolError{Rune: r, Index: index, Offset: offset}
		}
		offset += size
	}
	return ids, nil
}

func (a *Alphabet) encodeBytes(s []byte, u UnknownPolicy) ([]int32, error) {
	ids := make([]int32, 0, len(s))
	for i, b := range s {
		id := a.low[b]
		switch {
		case id >= 0:
			ids = append(ids, id)
		case a.unknown:
			ids = append(ids, int32(len(a.runes)))
		case u == UnknownError:
			return nil, &SymbolError{Rune: rune(b), Bytes: true, Index: i, Offset: i}
		}
	}
	return ids, nil
}

// Decode returns the text of ids; unknown symbols become U+FFFD, special ones
// stand for nothing.
func (a *Alphabet) Decode(ids []int32) string {
	if a.vocab != nil {
		return a.decode(ids)
	}
	out := make([]byte, 0, len(ids))
	for _, id := range ids {
		if a.bytes && int(id) < len(a.runes) {
			out = append(out, byte(a.runes[id]))
			continue
		}
		out = utf8.AppendRune(out, a.Rune(id))
	}
	return string(out)
}

// Runes returns the symbols of ids, one rune for each id (see Rune, and Spell for
// alphabets whose symbols are not one character each).
func (a *Alphabet) Runes(ids []int32) []rune {
	out := make([]rune, len(ids))
	for i, id := range ids {
		out[i] = a.Rune(id)
	}
	return out
}

// Foreign is a symbol of a text that an alphabet does not have.
type Foreign struct {
	Rune   rune   `json:"rune"`
	Word   string `json:"word,omitempty"` // in its place where symbols are words or pieces
	Count  int    `json:"count"`
	Offset int    `json:"offset"` // bytes before its first occurrence
}

// Foreign lists the symbols of s outside the alphabet, the most frequent
// first: what UnknownSkip leaves out or the unknown symbol stands for.
func (a *Alphabet) Foreign(s []byte) []Foreign {
	if a.vocab != nil && a.vocab.Kind != Characters {
		return a.foreignTokens(s)
	}
	f := foreignCounts{seen: map[rune]int{}}
	add := func(r rune, offset int) {
		if _, ok := a.find(r); !ok {
			f.add(r, int64(offset))
		}
	}
	if a.bytes {
		for i, b := range s {
			add(rune(b), i)
		}
	} else {
		for i, r := range string(s) {
			add(r, i)
		}
	}
	return f.sorted()
}

// foreignCounts counts symbols outside an alphabet.
type foreignCounts struct {
	seen map[rune]int // place in list
	list []Foreign
}

func (f *foreignCounts) add(r rune, offset int64) {
	i, ok := f.seen[r]
	if !ok {
		i = len(f.list)
		f.seen[r] = i
		f.list = append(f.list, Foreign{Rune: r, Offset: int(offset)})
	}
	f.list[i].Count++
}

// sorted is the list, the most frequent first.
func (f *foreignCounts) sorted() []Foreign {
	slices.SortStableFunc(f.list, func(x, y Foreign) int { return y.Count - x.Count })
	return f.list
}

// alphabetOf makes the alphabet of a decoded text, sorted by code point.
// Symbols seen fewer than minCount times become the unknown symbol.
func alphabetOf(raw []byte, bytes bool, minCount int) (*Alphabet, error) {
	counts := map[rune]int{}
	var low [256]int
	if bytes {
		for _, b := range raw {
			low[b]++
		}
	} else {
		for i := 0; i < len(raw); {
			r, size := utf8.DecodeRune(raw[i:])
			i += size
			if r < 256 {
				low[r]++
			} else {
				counts[r]++
			}
		}
	}
	for r, n := range low {
		if n > 0 {
			counts[rune(r)] = n
		}
	}
	if len(counts) == 0 {
		return nil, ErrEmpty
	}
	if len(counts) == 1 {
		return nil, fmt.Errorf("%w; a network needs at least two to tell apart", ErrOneSymbol)
	}
	var runes []rune
	for r, n := range counts {
		if n >= minCount {
			runes = append(runes, r)
		}
	}
	if len(runes) < 2 {
		return nil, fmt.Errorf("%w: %w %d leaves %d of %d symbols; choose a smaller one", ErrOneSymbol, ErrMinCount, minCount, len(runes), len(counts))
	}
	slices.Sort(runes)
	return NewAlphabet(runes, bytes, len(runes) < len(counts))
}

// UnmarshalText reads "error" or "skip", the values of --unknown.
func (u *UnknownPolicy) UnmarshalText(name []byte) error {
	switch string(name) {
	case "error":
		*u = UnknownError
	case "skip":
		*u = UnknownSkip
	default:
		return fmt.Errorf("%q is no way to treat unknown characters; choose skip or error", name)
	}
	return nil
}

// String returns what UnmarshalText reads.
func (u UnknownPolicy) String() string {
	if u == UnknownSkip {
		return "skip"
	}
	return "error"
}
