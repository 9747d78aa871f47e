package concept

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/rnnscope/rnnscope/text"
)

// ErrName says that a user's concept cannot be called that.
var ErrName = errors.New("bad name for a concept")

// ErrPattern says that a regular expression cannot be read or matches nothing but the empty text.
var ErrPattern = errors.New("bad pattern for a concept")

// ErrSpans says that a file of labelled spans is not in order.
var ErrSpans = errors.New("bad label file")

// regexpLine is the longest stretch of text a user's expression sees at once.
const regexpLine = 4096

// FromRegexp makes a binary concept: 1 on every character of a match of the
// regular expression (Go syntax), 0 elsewhere. The expression is applied to
// each line by itself, its line feed included; a line of more than 4,096
// characters is cut there. Matches are leftmost and do not overlap. Unlike the
// built-in concepts the label may depend on the rest of the line. Errors match
// ErrName or ErrPattern.
func FromRegexp(name, expression string) (Concept, error) {
	if err := checkName(name); err != nil {
		return Concept{}, err
	}
	re, err := regexp.Compile(expression)
	if err != nil {
		return Concept{}, fmt.Errorf("%w %s: %w", ErrPattern, name, err)
	}
	if expression == "" {
		return Concept{}, fmt.Errorf("%w %s: the expression is empty", ErrPattern, name)
	}
	return Concept{
		Name: name, Kind: Binary, Class: State, Delay: regexpLine,
		Definition: "Inside a match of the regular expression " + expression + ", line by line.",
		title:      [2]string{name, name},
		plain:      [2]string{"Inside text that matches " + expression + ".", "位于匹配 " + expression + " 的文字之中。"},
		New:        func() Labeler { return &lineLabeler{re: re} },
	}, nil
}

// longestName bounds the name of a concept, in bytes.
const longestName = 100

func checkName(name string) error {
	if name == "" || len(name) > longestName || text.Printable(name) != name || strings.ContainsFunc(name, func(r rune) bool { return isSpace(r) || r == '=' || r == ',' }) {
		return fmt.Errorf("%w: %q: use letters, digits and hyphens", ErrName, name)
	}
	if slices.Contains(Names(), name) {
		return fmt.Errorf("%w: %q is built in", ErrName, name)
	}
	return nil
}

type lineLabeler struct {
	re   *regexp.Regexp
	line []rune
	gaps
}

func (l *lineLabeler) Write(dst []Label, src []rune) []Label {
	for _, r := range src {
		l.line = append(l.line, r)
		if r == '\n' || len(l.line) == regexpLine {
			dst = l.put(dst)
		}
	}
	return dst
}

func (l *lineLabeler) Flush(dst []Label) []Label {
	dst = l.put(dst)
	l.gaps = gaps{}
	return dst
}

// put labels the line.
func (l *lineLabeler) put(dst []Label) []Label {
	line := string(l.line)
	l.line = l.line[:0]
	spans := l.re.FindAllStringIndex(line, -1)
	for at := range line {
		for len(spans) > 0 && spans[0][1] <= at {
			spans = spans[1:]
		}
		dst = append(dst, l.label(one(len(spans) > 0 && spans[0][0] <= at), true))
	}
	return dst
}

// span is one line of a label file.
type span struct {
	Lo    *int64 `json:"lo"`
	Hi    *int64 `json:"hi"`
	Y     *int32 `json:"y"`
	Valid *bool  `json:"valid"`
}

// stretch is a checked span: characters [lo, hi).
type stretch struct {
	lo, hi int64
	y      int32
	valid  bool
}

// FromSpans makes a concept of a file of JSON lines {"lo":0,"hi":12}: the label
// is y (1 unless given, not negative) on characters lo..hi-1 of the text as it was given, 0
// elsewhere; "valid":false takes the span out of scoring. Spans may stand in
// any order but neither overlap nor reach past the end; empty lines are skipped. What is left
// out of the text moves no label. Errors match ErrName or ErrSpans and name the line.
func FromSpans(name string, jsonl io.Reader, of text.Original) (Concept, error) {
	if err := checkName(name); err != nil {
		return Concept{}, err
	}
	spans, kind, err := readSpans(name, jsonl)
	if err != nil {
		return Concept{}, err
	}
	definition, digest := fmt.Sprintf("%d spans given in a file.", len(spans)), digestOf(spans)
	if last := spans[len(spans)-1]; last.hi > int64(of.Len) {
		return Concept{}, fmt.Errorf("%w %s: span %d..%d reaches past the end of the text, which has %d characters", ErrSpans, name, last.lo, last.hi, of.Len)
	}
	if spans = placeSpans(spans, of); len(spans) == 0 {
		return Concept{}, fmt.Errorf("%w %s: nothing that its spans cover is read; their characters are left out of the text", ErrSpans, name)
	}
	return Concept{
		Name: name, Kind: kind, Class: State, Labels: digest,
		Definition: definition,
		title:      [2]string{name, name},
		plain:      [2]string{"Inside a span marked in a label file.", "位于标注文件所标出的片段之中。"},
		New:        func() Labeler { return &spanLabeler{spans: spans, rest: spans} },
	}, nil
}

// digestOf is the SHA-256 of spans in their order, in hex: two files that say the same have one.
func digestOf(spans []stretch) string {
	h := sha256.New()
	for _, s := range spans {
		fmt.Fprintf(h, "%d %d %d %t\n", s.lo, s.hi, s.y, s.valid)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// placeSpans moves spans of the text as given, in order, to the characters that are read; one
// whose characters are all left out goes.
func placeSpans(spans []stretch, of text.Original) []stretch {
	at := make([]int, 0, 2*len(spans))
	for _, s := range spans {
		at = append(at, int(s.lo), int(s.hi))
	}
	at = of.Places(at)
	out := spans[:0]
	for i, s := range spans {
		if s.lo, s.hi = int64(at[2*i]), int64(at[2*i+1]); s.hi > s.lo {
			out = append(out, s)
		}
	}
	return out
}

func readSpans(name string, jsonl io.Reader) ([]stretch, Kind, error) {
	kind := Binary
	var spans []stretch
	err := text.JSONLines(jsonl, func(_ int, in span) error {
		s, err := in.stretch()
		if err != nil {
			return err
		}
		if s.y > 1 {
			kind = Numeric
		}
		spans = append(spans, s)
		return nil
	})
	if err != nil {
		return nil, kind, fmt.Errorf("%w %s: %w", ErrSpans, name, err)
	}
	if len(spans) == 0 {
		return nil, kind, fmt.Errorf("%w %s: it has no spans", ErrSpans, name)
	}
	slices.SortFunc(spans, func(a, b stretch) int { return cmp.Compare(a.lo, b.lo) })
	for i := 1; i < len(spans); i++ {
		if spans[i].lo < spans[i-1].hi {
			return nil, kind, fmt.Errorf("%w %s: spans %d..%d and %d..%d overlap", ErrSpans, name,
				spans[i-1].lo, spans[i-1].hi, spans[i].lo, spans[i].hi)
		}
	}
	return spans, kind, nil
}

// stretch checks a span.
func (s span) stretch() (stretch, error) {
	switch {
	case s.Lo == nil || s.Hi == nil:
		return stretch{}, errors.New(`want {"lo":...,"hi":...}`)
	case *s.Lo < 0 || *s.Hi <= *s.Lo:
		return stretch{}, fmt.Errorf("span %d..%d is empty or negative", *s.Lo, *s.Hi)
	case s.Y != nil && *s.Y < 0:
		return stretch{}, fmt.Errorf("label %d is negative", *s.Y)
	}
	out := stretch{lo: *s.Lo, hi: *s.Hi, y: 1, valid: s.Valid == nil || *s.Valid}
	if s.Y != nil {
		out.y = *s.Y
	}
	return out, nil
}

type spanLabeler struct {
	spans, rest []stretch
	gaps
}

func (l *spanLabeler) Write(dst []Label, src []rune) []Label {
	for range src {
		for len(l.rest) > 0 && l.rest[0].hi <= l.t {
			l.rest = l.rest[1:]
		}
		if len(l.rest) > 0 && l.rest[0].lo <= l.t {
			dst = append(dst, l.label(l.rest[0].y, l.rest[0].valid))
			continue
		}
		dst = append(dst, l.label(0, true))
	}
	return dst
}

func (l *spanLabeler) Flush(dst []Label) []Label {
	l.rest, l.gaps = l.spans, gaps{}
	return dst
}
