package pieces

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/dlclark/regexp2"
)

// splitter cuts stretches of a text into smaller ones, which pieces do not cross. first
// tells that the text begins with the first of them.
type splitter func(parts []string, first bool) ([]string, error)

func newSplitter(raw json.RawMessage) (splitter, error) {
	kind, err := kindOf(raw)
	if err != nil {
		return nil, err
	}
	var o splitOptions
	if kind != "" {
		if err := json.Unmarshal(raw, &o); err != nil {
			return nil, fmt.Errorf("%w: the pre-tokenizer %s: %v", ErrRules, kind, err)
		}
	}
	switch kind {
	case "":
		return func(p []string, _ bool) ([]string, error) { return p, nil }, nil
	case "Sequence":
		return splitters(raw)
	case "ByteLevel":
		return o.byteLevel()
	case "Metaspace":
		return o.metaspace()
	case "Whitespace":
		return wordsAndMarks, nil
	case "WhitespaceSplit":
		return byRune(unicode.IsSpace, "Removed")
	case "BertPreTokenizer":
		return chain(must(byRune(unicode.IsSpace, "Removed")), must(byRune(isPunctuation, "Isolated"))), nil
	case "Punctuation":
		return byRune(isPunctuation, orElse(o.Behavior, "Isolated"))
	case "Digits":
		if o.Individual {
			return byRune(unicode.IsNumber, "Isolated")
		}
		return byRune(unicode.IsNumber, "Contiguous")
	case "CharDelimiterSplit":
		return byRune(func(r rune) bool { return string(r) == o.Delimiter }, "Removed")
	case "Split":
		switch {
		case o.Pattern.Regex != nil:
			return byPattern(*o.Pattern.Regex, o.Behavior, o.Invert)
		case o.Pattern.String != nil:
			return byPattern(regexp2.Escape(*o.Pattern.String), o.Behavior, o.Invert)
		}
	}
	return nil, fmt.Errorf("%w: the pre-tokenizer %s", ErrRules, kind)
}

type splitOptions struct {
	AddPrefixSpace *bool   `json:"add_prefix_space"`
	UseRegex       *bool   `json:"use_regex"`
	Replacement    string  `json:"replacement"`
	PrependScheme  string  `json:"prepend_scheme"`
	Split          *bool   `json:"split"`
	Behavior       string  `json:"behavior"`
	Pattern        pattern `json:"pattern"`
	Invert         bool    `json:"invert"`
	Individual     bool    `json:"individual_digits"`
	Delimiter      string  `json:"delimiter"`
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// must is for splitters made of what is written here.
func must(s splitter, err error) splitter {
	if err != nil {
		panic(err)
	}
	return s
}

func splitters(raw json.RawMessage) (splitter, error) {
	list, err := sequence(raw, "pretokenizers")
	if err != nil {
		return nil, err
	}
	var all []splitter
	for _, r := range list {
		s, err := newSplitter(r)
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return chain(all...), nil
}

func chain(all ...splitter) splitter {
	return func(parts []string, first bool) ([]string, error) {
		for _, s := range all {
			var err error
			if parts, err = s(parts, first); err != nil {
				return nil, err
			}
		}
		return parts, nil
	}
}

// gpt2 is how GPT-2 splits a text.
const gpt2 = `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`

func (o *splitOptions) byteLevel() (splitter, error) {
	var inner splitter
	if o.UseRegex == nil || *o.UseRegex {
		inner = must(byPattern(gpt2, "Isolated", false))
	}
	space := o.AddPrefixSpace == nil || *o.AddPrefixSpace
	return func(parts []string, first bool) ([]string, error) {
		if space {
			for i, p := range parts {
				if !strings.HasPrefix(p, " ") {
					parts[i] = " " + p
				}
			}
		}
		if inner != nil {
			var err error
			if parts, err = inner(parts, first); err != nil {
				return nil, err
			}
		}
		for i, p := range parts {
			parts[i] = ByteLevel(p)
		}
		return parts, nil
	}, nil
}

func (o *splitOptions) metaspace() (splitter, error) {
	mark := orElse(o.Replacement, "▁")
	scheme := o.PrependScheme
	if scheme == "" {
		scheme = "always"
		if o.AddPrefixSpace != nil && !*o.AddPrefixSpace {
			scheme = "never"
		}
	}
	cut := must(byPattern(regexp2.Escape(mark), "MergedWithNext", false))
	return func(parts []string, first bool) ([]string, error) {
		for i, p := range parts {
			p = strings.ReplaceAll(p, " ", mark)
			if (scheme == "always" || scheme == "first" && first && i == 0) && !strings.HasPrefix(p, mark) {
				p = mark + p
			}
			parts[i] = p
		}
		if o.Split != nil && !*o.Split {
			return parts, nil
		}
		return cut(parts, first)
	}, nil
}

// isPunctuation is BERT's: ASCII marks and Unicode's punctuation.
func isPunctuation(r rune) bool {
	return r >= '!' && r <= '/' || r >= ':' && r <= '@' || r >= '[' && r <= '`' || r >= '{' && r <= '~' || unicode.IsPunct(r)
}

// found is a stretch [lo,hi) that a rule looks for, or what lies between.
type found struct {
	lo, hi int
	hit    bool
}

// byRune splits at single characters.
func byRune(hit func(rune) bool, behavior string) (splitter, error) {
	return by(func(s string) ([]found, error) {
		var out []found
		from := 0
		for i, r := range s {
			if !hit(r) {
				continue
			}
			if i > from {
				out = append(out, found{from, i, false})
			}
			from = i + len(string(r))
			out = append(out, found{i, from, true})
		}
		if from < len(s) {
			out = append(out, found{from, len(s), false})
		}
		return out, nil
	}, behavior)
}

// longestMatch is how long one match of a pattern may take.
const longestMatch = 10 * time.Second

// wordsAndMarks is runs of characters of words and runs of others, without white space.
func wordsAndMarks(parts []string, _ bool) ([]string, error) {
	var out []string
	for _, p := range parts {
		from, last := 0, 0 // kind of the run: 0 space, 1 word, 2 other
		for i, r := range p {
			kind := 2
			switch {
			case unicode.IsSpace(r):
				kind = 0
			case isWord(r):
				kind = 1
			}
			if kind == last {
				continue
			}
			if last != 0 {
				out = append(out, p[from:i])
			}
			from, last = i, kind
		}
		if last != 0 {
			out = append(out, p[from:])
		}
	}
	return out, nil
}

// oniguruma writes a pattern for regexp2, whose \w is .NET's: of letters, marks, decimal
// digits and joiners, where Oniguruma has all numbers and no joiners.
func oniguruma(expression string) (string, error) {
	const word = `\p{L}\p{M}\p{N}\p{Pc}`
	var b strings.Builder
	class := 0
	for i := 0; i < len(expression); i++ {
		c := expression[i]
		switch {
		case c == '[':
			class++
		case c == ']' && class > 0:
			class--
		case c == '\\' && i+1 < len(expression):
			i++
			switch x := expression[i]; {
			case x == 'w' && class == 0:
				b.WriteString("[" + word + "]")
			case x == 'W' && class == 0:
				b.WriteString("[^" + word + "]")
			case x == 'w':
				b.WriteString(word)
			case x == 'W', x == 'b', x == 'B', x == 'h', x == 'H', x == 'X', x == 'R', x == 'K', x == 'G':
				return "", fmt.Errorf("%w: \\%c in the pattern %q", ErrRules, x, expression)
			default:
				b.WriteByte(c)
				b.WriteByte(x)
			}
			continue
		}
		b.WriteByte(c)
	}
	return b.String(), nil
}

// byPattern splits at what a regular expression matches; invert: at what it does not.
func byPattern(expression, behavior string, invert bool) (splitter, error) {
	translated, err := oniguruma(expression)
	if err != nil {
		return nil, err
	}
	re, err := regexp2.Compile(translated, regexp2.None)
	if err != nil {
		return nil, fmt.Errorf("%w: the pattern %q (%v)", ErrRules, expression, err)
	}
	re.MatchTimeout = longestMatch
	return by(func(s string) ([]found, error) {
		var out []found
		runes := []rune(s)
		at := 0 // bytes before the rune that is next
		next, last := 0, 0
		bytes := func(to int) int {
			for ; next < to; next++ {
				at += len(string(runes[next]))
			}
			return at
		}
		m, err := re.FindRunesMatch(runes)
		for ; m != nil && err == nil; m, err = re.FindNextMatch(m) {
			if m.Length == 0 {
				continue
			}
			lo := bytes(m.Index)
			hi := bytes(m.Index + m.Length)
			if lo > last {
				out = append(out, found{last, lo, invert})
			}
			out = append(out, found{lo, hi, !invert})
			last = hi
		}
		if err != nil {
			return nil, fmt.Errorf("%w: the pattern %q takes too long", ErrRules, expression)
		}
		if last < len(s) {
			out = append(out, found{last, len(s), invert})
		}
		return out, nil
	}, behavior)
}

// by makes a splitter of a rule that finds and what becomes of what it finds.
func by(find func(string) ([]found, error), behavior string) (splitter, error) {
	switch behavior {
	case "Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous":
	default:
		return nil, fmt.Errorf("%w: the splitting %q", ErrRules, behavior)
	}
	return func(parts []string, _ bool) ([]string, error) {
		var out []string
		for _, p := range parts {
			all, err := find(p)
			if err != nil {
				return nil, err
			}
			for _, f := range joinStretches(all, behavior) {
				out = append(out, p[f.lo:f.hi])
			}
		}
		return out, nil
	}, nil
}

// joinStretches joins stretches to their neighbours, or leaves them out.
func joinStretches(all []found, behavior string) []found {
	var out []found
	for i, f := range all {
		n := len(out)
		before := i > 0 && all[i-1].hit
		switch {
		case behavior == "Removed" && f.hit:
			continue
		case behavior == "MergedWithPrevious" && f.hit && i > 0 && !before,
			behavior == "MergedWithNext" && !f.hit && before,
			behavior == "Contiguous" && i > 0 && f.hit == before:
			out[n-1].hi = f.hi
			continue
		}
		out = append(out, f)
	}
	return out
}
