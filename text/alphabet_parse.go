package text

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/rnnscope/rnnscope/text/pieces"
)

// MaxSymbols bounds an alphabet that is read from a file.
const MaxSymbols = 1 << 22

// ParseAlphabet reads an alphabet file: our own object, or what other programs
// save beside their weights:
//
//   - a list of symbols in id order, or a string of characters
//   - a map from symbol to id, or from id to symbol
//   - an object that holds one of these: {"stoi", "itos"}, {"token_to_idx",
//     "idx_to_token"} (torch-rnn, whose ids begin at 1), {"char2idx"}, ...
//   - {"bytes": true}: symbol i is byte i
//
// Symbols of more than one character make a vocabulary: of pieces where they carry
// the marks of one (▁, Ġ, ##, </w>, @@) or have spaces in them, else of words. <pad>, <bos> and the like
// stand for no text, <unk> for everything that is not listed; <eos> is a line end
// among words that have no other. It fails with ErrAlphabet.
func ParseAlphabet(data []byte) (*Alphabet, error) {
	data = bytes.TrimSpace(withoutMarks(bytes.TrimSpace(data)))
	if err := WholeCharacters(data); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrAlphabet, err)
	}
	var value any
	if err := json.Unmarshal(data, &value); err != nil {
		return nil, fmt.Errorf("%w: give JSON: a list of symbols in id order, a map from symbol to id or from id to symbol, or the alphabet of a run (%v)", ErrAlphabet, err)
	}
	object, isObject := value.(map[string]any)
	_, ours := object["symbols"]
	if isObject && ours {
		var in alphabetJSON
		if err := json.Unmarshal(data, &in); err != nil {
			return nil, fmt.Errorf("%w: %v", ErrAlphabet, err)
		}
		return in.alphabet()
	}
	if isObject && object["bytes"] == true && len(object) == 1 {
		return everyByte()
	}
	if model, ok := object["model"].(map[string]any); ok {
		return fromTokenizer(data, model)
	}
	names, err := symbolNames(value)
	if err != nil {
		return nil, err
	}
	a, err := fromNames(names)
	if err == nil {
		a.fromOne = countsFromOne(value)
	}
	return a, err
}

// countsFromOne tells ids that begin at 1, as in Lua.
func countsFromOne(value any) bool {
	m, ok := value.(map[string]any)
	if !ok {
		return false
	}
	for key, x := range m {
		if x == 0.0 || key == "0" {
			return false
		}
		if inside, ok := x.(map[string]any); ok && len(inside) > 0 {
			return countsFromOne(inside)
		}
		if _, isList := x.([]any); isList {
			return false
		}
	}
	return len(m) > 1
}

// WithZero is the alphabet of a file that counted ids from 1, for a network that has
// a row for id 0 as well, which stands for nothing. ok is false for other alphabets.
func (a *Alphabet) WithZero() (b *Alphabet, ok bool) {
	if !a.fromOne {
		return nil, false
	}
	v := Vocabulary{Kind: a.Kind(), Unknown: -1, Line: -1}
	if a.vocab != nil {
		v = a.vocab.Vocabulary
		v.Special = slices.Clone(v.Special)
		for i := range v.Special {
			v.Special[i]++
		}
		for _, id := range []*int32{&v.Unknown, &v.Line} {
			if *id >= 0 {
				*id++
			}
		}
	} else {
		for _, r := range a.runes {
			v.Names = append(v.Names, string(r))
		}
	}
	v.Names, v.Special = slices.Concat([]string{"<0>"}, v.Names), slices.Concat([]int32{0}, v.Special)
	b, err := NewVocabulary(v)
	return b, err == nil
}

// everyByte is the alphabet in which symbol i is byte i.
func everyByte() (*Alphabet, error) {
	symbols := make([]rune, 256)
	for i := range symbols {
		symbols[i] = rune(i)
	}
	return NewAlphabet(symbols, true, false)
}

// symbolNames finds the names of symbols by id in a JSON value.
func symbolNames(value any) ([]string, error) {
	switch v := value.(type) {
	case string:
		var names []string
		for _, r := range v {
			names = append(names, string(r))
		}
		return names, nil
	case []any:
		return namesOfList(v)
	case map[string]any:
		return namesOfMap(v)
	}
	return nil, fmt.Errorf("%w: give a JSON list of symbols in id order, or a map from symbol to id", ErrAlphabet)
}

func namesOfList(list []any) ([]string, error) {
	names := make([]string, len(list))
	for i, x := range list {
		s, ok := x.(string)
		if !ok {
			return nil, fmt.Errorf("%w: symbol %d of the list is %v, not a string", ErrAlphabet, i, x)
		}
		names[i] = s
	}
	return names, nil
}

// namesOfMap tells a map of symbols from one of ids and from one that holds either.
func namesOfMap(m map[string]any) ([]string, error) {
	numbers, strs := 0, 0
	for _, x := range m {
		switch x.(type) {
		case float64:
			numbers++
		case string:
			strs++
		}
	}
	switch {
	case len(m) > 0 && numbers == len(m):
		ids := make(map[string]float64, len(m))
		for s, x := range m {
			ids[s] = x.(float64)
		}
		return namesByID(ids)
	case len(m) > 0 && strs == len(m):
		ids := make(map[string]float64, len(m))
		for _, key := range slices.Sorted(maps.Keys(m)) { // the same key is named every time
			id, err := strconv.ParseUint(key, 10, 32)
			if err != nil {
				return nil, fmt.Errorf("%w: %q is no id", ErrAlphabet, key)
			}
			s := m[key].(string)
			if _, twice := ids[s]; twice {
				return nil, fmt.Errorf("%w: %q is listed twice", ErrAlphabet, s)
			}
			ids[s] = float64(id)
		}
		return namesByID(ids)
	}
	return namesInside(m)
}

// namesByID puts symbols in the order of their ids, which begin at 0 or, as in Lua,
// at 1.
func namesByID(ids map[string]float64) ([]string, error) {
	least := min(1, float64(len(ids)-1)) // one symbol has no second to tell by
	for _, id := range ids {
		least = min(least, id)
	}
	names, have := make([]string, len(ids)), make([]bool, len(ids))
	for s, id := range ids {
		at := id - least
		if least != 0 && least != 1 || at != float64(int(at)) || at >= float64(len(ids)) || have[int(at)] {
			return nil, fmt.Errorf("%w: the ids of its %d symbols are not 0 to %d, each once", ErrAlphabet, len(ids), len(ids)-1)
		}
		names[int(at)], have[int(at)] = s, true
	}
	return names, nil
}

// Keys under which programs keep symbols by id and ids by symbol, in the order in
// which they are looked for.
var (
	listKeys = []string{"itos", "idx_to_token", "idx2token", "ix_to_char", "idx2char", "idx_to_char", "int2char", "id2token", "idx2word", "ix_to_word", "id_to_token", "vocab", "chars", "tokens"}
	mapKeys  = []string{"stoi", "token_to_idx", "token2idx", "char_to_ix", "char2idx", "char_to_idx", "char2int", "token2id", "word2idx", "word_to_ix", "token_to_id"}
)

// namesInside looks for symbols in an object that holds several things. Where it
// holds them both ways the two must agree.
func namesInside(m map[string]any) ([]string, error) {
	var found []string
	var under string
	for _, key := range slices.Concat(listKeys, mapKeys) {
		inside, ok := m[key]
		if !ok {
			continue
		}
		names, err := symbolNames(inside)
		if err != nil {
			return nil, fmt.Errorf("%q: %w", key, err)
		}
		if found != nil && !slices.Equal(found, names) {
			return nil, fmt.Errorf("%w: %q and %q do not agree", ErrAlphabet, under, key)
		}
		found, under = names, key
	}
	if found == nil {
		return nil, fmt.Errorf("%w: no symbols found; give a list of symbols in id order, or a map from symbol to id", ErrAlphabet)
	}
	return found, nil
}

// fromNames makes the alphabet of symbols that are known by their names alone.
func fromNames(names []string) (*Alphabet, error) {
	if len(names) > MaxSymbols {
		return nil, fmt.Errorf("%w: %d symbols, more than %d", ErrAlphabet, len(names), MaxSymbols)
	}
	v := Vocabulary{Names: names, Unknown: -1, Line: -1}
	var ends int32 = -1
	long, special := 0, 0
	for id, name := range names {
		switch what := roleOf(name); {
		case what == unknownRole && v.Unknown < 0:
			v.Unknown, special = int32(id), special+1
		case what == endRole && ends < 0:
			ends, special = int32(id), special+1
		case what != noRole || name == "" && len(names) > 1:
			v.Special, special = append(v.Special, int32(id)), special+1
		case utf8.RuneCountInString(name) > 1:
			long++
		}
	}
	if long == 0 && special == 0 {
		return alphabetJSON{Symbols: names}.plain()
	}
	v.Kind = Characters
	if long > 0 {
		v.Kind, v.Marks = Words, marksOf(names)
		if v.Marks != NoMarks || slices.ContainsFunc(names, holdsSpace) {
			v.Kind = Pieces
		}
	}
	newline := int32(slices.Index(names, "\n"))
	switch {
	case v.Kind == Words && newline >= 0:
		v.Line = newline
	case v.Kind == Words && ends >= 0:
		v.Line, ends = ends, -1
	}
	if ends >= 0 {
		v.Special = append(v.Special, ends)
		slices.Sort(v.Special)
	}
	return NewVocabulary(v)
}

// role is what a symbol that is no text is for.
type role int

const (
	noRole role = iota
	specialRole
	unknownRole
	endRole
)

// roleOf reads the customary names: <pad>, [CLS], <|endoftext|>, </s>, ...
func roleOf(name string) role {
	inner, ok := trimBrackets(name)
	if !ok {
		return noRole
	}
	switch strings.ToLower(inner) {
	case "unk", "unknown", "oov":
		return unknownRole
	case "eos":
		return endRole
	case "pad", "bos", "sos", "s", "/s", "go", "start", "end", "stop", "mask", "cls", "sep", "blank", "null", "none", "empty", "endoftext", "startoftext":
		return specialRole
	}
	return noRole
}

// trimBrackets takes the brackets of a special symbol off.
func trimBrackets(name string) (inner string, ok bool) {
	for _, pair := range [][2]string{{"<|", "|>"}, {"<", ">"}, {"[", "]"}, {"__", "__"}} {
		if rest, ok := strings.CutPrefix(name, pair[0]); ok {
			if inner, ok := strings.CutSuffix(rest, pair[1]); ok && inner != "" {
				return inner, true
			}
		}
	}
	return "", false
}

// holdsSpace tells that a symbol has a space in it or is one, as no word does.
func holdsSpace(name string) bool { return strings.ContainsAny(name, " \t") }

// marksOf recognises a vocabulary of pieces by the marks of its symbols.
func marksOf(names []string) Marks {
	var space, goesOn, ends, joins, bytewise, printable int
	for _, name := range names {
		switch {
		case strings.HasPrefix(name, string(MarkSpace)):
			space++
		case strings.HasPrefix(name, string(MarkContinue)) && len(name) > 2:
			goesOn++
		case strings.HasSuffix(name, string(MarkEnd)) && len(name) > 4:
			ends++
		case strings.HasSuffix(name, string(MarkJoin)) && len(name) > 2:
			joins++
		}
		if strings.HasPrefix(name, string(MarkByte)) {
			bytewise++
		}
		if pieces.IsByteLevel(name) || roleOf(name) != noRole {
			printable++
		}
	}
	few := max(2, len(names)/50)
	switch {
	case bytewise >= few && printable == len(names):
		return MarkByte
	case space >= few:
		return MarkSpace
	case goesOn >= few:
		return MarkContinue
	case ends >= few:
		return MarkEnd
	case joins >= few:
		return MarkJoin
	}
	return NoMarks
}
