package text

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/rnnscope/rnnscope/text/pieces"
)

// Kind says what the symbols of an alphabet are.
type Kind string

// The kinds.
const (
	Characters Kind = "characters" // Unicode code points
	Bytes      Kind = "bytes"
	Words      Kind = "words"  // what stands between white space, and line ends
	Pieces     Kind = "pieces" // parts of words: BPE, WordPiece, unigram
)

// One is the word for one symbol: character, byte, word, piece.
func (k Kind) One() string { return strings.TrimSuffix(string(k), "s") }

// Say is a sentence about characters as one about these symbols: of words, "nats a character" is "nats a
// word". It is for sentences of the program, never for text that somebody gave. The zero Kind is Characters.
func (k Kind) Say(sentence string) string {
	if k == "" || k == Characters {
		return sentence
	}
	return strings.NewReplacer("character", k.One(), "CHARACTER", strings.ToUpper(k.One()), "字符", kindsInChinese[k]).Replace(sentence)
}

// ForResults is what results say of its symbols: nothing of characters, which are what is meant otherwise.
func (k Kind) ForResults() Kind {
	if k == Characters {
		return ""
	}
	return k
}

var kindsInChinese = map[Kind]string{Bytes: "字节", Words: "词", Pieces: "词元"}

// Marks says how a vocabulary of pieces notes where words begin or end.
type Marks string

// The marks.
const (
	NoMarks      Marks = ""     // pieces are written as they stand
	MarkSpace    Marks = "▁"    // a space (SentencePiece); the one at the start of a text is not written
	MarkByte     Marks = "Ġ"    // every byte is a printable character, a space is Ġ (byte-level BPE)
	MarkContinue Marks = "##"   // a piece that goes on with the word before (WordPiece)
	MarkEnd      Marks = "</w>" // a piece that ends a word
	MarkJoin     Marks = "@@"   // a piece whose word goes on in the next
)

// Vocabulary describes an alphabet whose symbols are not plain characters or
// bytes: words, pieces of words, or characters beside special symbols.
type Vocabulary struct {
	Kind    Kind     // Characters, Words or Pieces
	Marks   Marks    // of Pieces, and of Words that have the space before them
	Names   []string // [V] the symbols by id, as the vocabulary has them: "▁the", "<pad>"
	Special []int32  // ids of symbols that stand for no text: <pad>, <bos>
	Unknown int32    // id of the symbol that stands for everything else; -1: none
	Line    int32    // id of the symbol of a line end among Words; -1: none
	Cut     bool     // Words that stand otherwise than between white space: a text must come cut

	Rules *pieces.Rules // how a text is cut into these symbols, if a tokenizer.json says so
}

// vocabulary is a Vocabulary made ready.
type vocabulary struct {
	Vocabulary
	index   map[string]int32 // id by name
	spelled []spelled        // [V]
	encoder tokenizer        // nil: only symbols that are given as such can be read
	uncut   error            // why Rules make no encoder
}

// tokenizer cuts a text into the symbols of a vocabulary.
type tokenizer interface {
	// tokens hands over the symbols of s, valid UTF-8, until emit says no.
	tokens(s []byte, emit func(token) bool) error
}

// spelled is what a symbol stands for in a text.
type spelled struct {
	text    string // without the space that may come before
	left    bool   // no space comes before it
	right   bool   // no space comes after it
	nothing bool   // a special symbol: stands for no text
	spaced  bool   // a space comes before it, whatever stands there
}

// NewVocabulary makes the alphabet of a vocabulary. It fails with ErrAlphabet for
// no symbols, a symbol given twice, and ids that are not in it.
func NewVocabulary(v Vocabulary) (*Alphabet, error) {
	v.Names, v.Special = slices.Clone(v.Names), slices.Clone(v.Special)
	if err := v.check(); err != nil {
		return nil, err
	}
	a := &Alphabet{high: map[rune]int32{}, vocab: &vocabulary{Vocabulary: v, index: make(map[string]int32, len(v.Names))}}
	for i := range a.low {
		a.low[i] = -1
	}
	a.vocab.spelled = make([]spelled, len(v.Names))
	for id, name := range v.Names {
		if first, twice := a.vocab.index[name]; twice {
			return nil, fmt.Errorf("%w: %q is listed twice, as symbols %d and %d", ErrAlphabet, name, first, id)
		}
		a.vocab.index[name] = int32(id)
		a.vocab.spelled[id] = v.spell(int32(id))
		a.single(int32(id))
	}
	a.vocab.encoder, a.vocab.uncut = v.tokenizer(a)
	return a, nil
}

func (v *Vocabulary) check() error {
	if len(v.Names) < 2 {
		return fmt.Errorf("%w: %d symbols, where at least two are needed to tell apart", ErrAlphabet, len(v.Names))
	}
	switch v.Kind {
	case Characters, Words, Pieces:
	default:
		return fmt.Errorf("%w: %q is no kind of symbols; there are characters, words and pieces", ErrAlphabet, v.Kind)
	}
	switch v.Marks {
	case NoMarks, MarkSpace, MarkByte, MarkContinue, MarkEnd, MarkJoin:
	default:
		return fmt.Errorf("%w: %q marks no pieces here; known are ▁ Ġ ## </w> @@", ErrAlphabet, v.Marks)
	}
	for _, id := range slices.Concat(v.Special, []int32{max(v.Unknown, 0), max(v.Line, 0)}) {
		if id < 0 || int(id) >= len(v.Names) {
			return fmt.Errorf("%w: it speaks of symbol %d and has %d", ErrAlphabet, id, len(v.Names))
		}
	}
	v.Unknown, v.Line = max(v.Unknown, -1), max(v.Line, -1)
	for id, name := range v.Names {
		if !utf8.ValidString(name) {
			return fmt.Errorf("%w: symbol %d is %q, which cannot occur in a text", ErrAlphabet, id, name)
		}
		if v.Kind == Characters && utf8.RuneCountInString(name) != 1 && int32(id) != v.Unknown && !slices.Contains(v.Special, int32(id)) {
			return fmt.Errorf("%w: symbol %d is %q, not one character", ErrAlphabet, id, name)
		}
	}
	return nil
}

// spell says what a symbol stands for.
func (v *Vocabulary) spell(id int32) spelled {
	name := v.Names[id]
	switch {
	case id == v.Unknown:
		bare := v.Kind == Characters || v.Marks == MarkSpace // else a space stands before it and after
		return spelled{text: "\uFFFD", left: bare, right: bare, spaced: v.Kind == Words && v.Marks == MarkSpace}
	case id == v.Line:
		return spelled{text: "\n", left: true, right: true}
	case slices.Contains(v.Special, id) || name == "":
		return spelled{nothing: true}
	case v.Kind == Characters:
		return spelled{text: name, left: true, right: true}
	case v.Kind == Words && v.Marks == NoMarks:
		blank := strings.TrimSpace(name) == ""
		return spelled{text: name, left: blank, right: blank}
	}
	switch v.Marks {
	case MarkSpace:
		if b, ok := byteFallback(name); ok {
			return spelled{text: string([]byte{b}), left: true, right: true}
		}
		return spelled{text: strings.ReplaceAll(name, string(MarkSpace), " "), left: true, right: true}
	case MarkByte:
		return spelled{text: pieces.FromByteLevel(name), left: true, right: true}
	case MarkContinue:
		rest, goesOn := strings.CutPrefix(name, string(MarkContinue))
		return spelled{text: rest, left: goesOn}
	case MarkEnd:
		rest, ends := strings.CutSuffix(name, string(MarkEnd))
		return spelled{text: rest, right: !ends}
	case MarkJoin:
		rest, goesOn := strings.CutSuffix(name, string(MarkJoin))
		return spelled{text: rest, right: goesOn}
	}
	return spelled{text: name, left: true, right: true}
}

// byteFallback reads SentencePiece's <0x0A>, which stands for one byte.
func byteFallback(name string) (byte, bool) {
	var b byte
	if len(name) != 6 {
		return 0, false
	}
	n, err := fmt.Sscanf(name, "<0x%02X>", &b)
	return b, n == 1 && err == nil
}

// single notes a symbol that is written as one character, for Lookup. Of two such
// symbols (a piece with and without a space) the one that glues counts.
func (a *Alphabet) single(id int32) {
	s := a.vocab.spelled[id]
	if s.nothing || id == a.vocab.Unknown || utf8.RuneCountInString(s.text) != 1 {
		return
	}
	r, size := utf8.DecodeRuneInString(s.text)
	if r == utf8.RuneError && size == 1 {
		return
	}
	if _, taken := a.find(r); taken && !s.left {
		return
	}
	if r < 256 {
		a.low[r] = id
	} else {
		a.high[r] = id
	}
}

// Kind tells what the symbols are.
func (a *Alphabet) Kind() Kind {
	switch {
	case a.vocab != nil:
		return a.vocab.Kind
	case a.bytes:
		return Bytes
	}
	return Characters
}

// Vocabulary returns what describes an alphabet of words, of pieces, or of
// characters beside special symbols; ok is false for the others.
func (a *Alphabet) Vocabulary() (v Vocabulary, ok bool) {
	if a.vocab == nil {
		return Vocabulary{}, false
	}
	return a.vocab.Vocabulary, true
}

// OneEach reports whether every symbol stands for one character, so that
// positions in symbols and in characters are the same.
func (a *Alphabet) OneEach() bool { return a.vocab == nil && !a.bytes }

// Special reports whether id stands for no text, as <pad> does.
func (a *Alphabet) Special(id int32) bool { return a.vocab != nil && a.vocab.spelled[id].nothing }

// Find returns the id of a symbol by its name in the vocabulary.
func (a *Alphabet) Find(name string) (id int32, ok bool) {
	if a.vocab != nil {
		id, ok = a.vocab.index[name]
		return id, ok
	}
	if a.bytes && len(name) == 1 {
		return a.find(rune(name[0]))
	}
	r, size := utf8.DecodeRuneInString(name)
	if size == 0 || size != len(name) {
		return 0, false
	}
	return a.find(r)
}

// rune is the character of a symbol that stands for one, else U+FFFD.
func (v *vocabulary) rune(id int32) rune {
	r, size := utf8.DecodeRuneInString(v.spelled[id].text)
	if size != len(v.spelled[id].text) || size == 0 {
		return utf8.RuneError
	}
	return r
}

// symbol is id as it is written: a space before it where one belongs.
func (v *vocabulary) symbol(id int32) string {
	s := v.spelled[id]
	if s.nothing || s.left || v.Marks == MarkEnd || v.Marks == MarkJoin {
		return s.text
	}
	return " " + s.text
}

// visible is id to be seen. A special symbol shows its name.
func (v *vocabulary) visible(id int32) string {
	s := v.spelled[id]
	switch {
	case s.nothing || id == v.Unknown:
		return v.Names[id]
	case v.Kind == Words && id != v.Line:
		return VisibleString(s.text)
	case !utf8.ValidString(s.text):
		return visibleBytes(s.text)
	}
	return VisibleString(v.symbol(id))
}

// visibleBytes shows what is no whole character as \xE4.
func visibleBytes(s string) string {
	var out strings.Builder
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		if r == utf8.RuneError && size == 1 {
			fmt.Fprintf(&out, "\\x%02X", s[0])
		} else {
			out.WriteString(Visible(r))
		}
		s = s[size:]
	}
	return out.String()
}

// token is one symbol of a text that is cut up; id is -1 where the vocabulary does
// not have it.
type token struct {
	id     int32
	text   string
	offset int // bytes before it
}
