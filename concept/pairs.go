package concept

import (
	"cmp"
	"slices"
)

// PairKinds lists what a PairScanner matches: brackets, quotes, tags and
// environments (these two with a name), math, and the marks of wiki and source.
func PairKinds() []string {
	return []string{"paren", "square", "brace", "quote", "single-quote",
		"curly-double", "curly-single", "guillemet", "corner", "white-corner",
		"tag", "environment", "math", "link", "template", "heading", "comment"}
}

// PairScanner matches openers with their closers, streaming. What has no
// partner is no pair: a closer nothing waits for, an opener closed over by a
// closer further out, an opener past its concept's limit, a void or
// self-closing tag. Line comments and URLs have no closer and are no pairs.
type PairScanner struct {
	scans []*scan
	out   []Pair
	drop  []Label
}

// NewPairs makes a scanner of the kinds given, or of all PairKinds.
func NewPairs(kinds ...string) *PairScanner {
	p := &PairScanner{}
	want := func(k string) bool { return len(kinds) == 0 || slices.Contains(kinds, k) }
	for _, f := range pairFamilies() {
		if !slices.ContainsFunc(f.kinds, want) {
			continue
		}
		s := newScan(f.fresh, f.ahead)
		s.pair = func(q Pair) {
			if slices.Contains(f.kinds, q.Kind) && want(q.Kind) {
				p.out = append(p.out, q)
			}
		}
		p.scans = append(p.scans, s)
	}
	return p
}

// pairFamily is a machine that matches the pairs of some kinds.
type pairFamily struct {
	kinds []string
	ahead bool
	fresh func() machine
}

func pairFamilies() []pairFamily {
	return []pairFamily{
		{[]string{"paren", "square", "brace"}, false, func() machine { return newBrackets([3]bool{true, true, true}, false, false) }},
		{[]string{"quote"}, true, func() machine { return newStraight() }},
		{[]string{"single-quote"}, true, func() machine { return newSingle() }},
		{[]string{"curly-double", "curly-single", "guillemet", "corner", "white-corner"}, true, func() machine { return newCurly((*nest).depth) }},
		{[]string{"tag", "comment"}, false, func() machine { return newXML(markDepth, false) }},
		{[]string{"environment", "math"}, true, func() machine { return newLatex(latexDepth) }},
		{[]string{"link"}, false, func() machine { return newLink() }},
		{[]string{"template"}, false, func() machine { return newTemplate() }},
		{[]string{"heading"}, false, func() machine { return &headingMachine{} }},
		{[]string{"comment"}, false, func() machine { return newLex(styleC, false) }},
	}
}

// Write appends the pairs whose closer src completes, in the order of their
// closers up to one character of lookahead.
func (p *PairScanner) Write(dst []Pair, src []rune) []Pair {
	p.out = dst
	for i := range src {
		for _, s := range p.scans {
			p.drop = s.Write(p.drop[:0], src[i:i+1])
		}
	}
	dst, p.out = p.out, nil
	return dst
}

// Flush ends the text; the scanner then stands before a new one.
func (p *PairScanner) Flush(dst []Pair) []Pair {
	p.out = dst
	for _, s := range p.scans {
		p.drop = s.Flush(p.drop[:0])
	}
	dst, p.out = p.out, nil
	return dst
}

// Pairs matches a whole text; pairs are ordered by closer, then by opener.
func Pairs(rs []rune, kinds ...string) []Pair {
	p := NewPairs(kinds...)
	out := p.Flush(p.Write(nil, rs))
	slices.SortStableFunc(out, func(a, b Pair) int {
		return cmp.Or(cmp.Compare(a.Close, b.Close), cmp.Compare(b.Open, a.Open))
	})
	return out
}
