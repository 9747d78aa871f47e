package memory

import (
	"cmp"
	"math/rand/v2"
	"slices"
)

const (
	swapItems   = 200  // of a kind, evenly over log2 gaps
	swapLeast   = 30   // fewer are not asked
	swapKinds   = 5    // those with most pairs
	swapGap     = 8    // shorter pairs show little
	swapLongest = 1023 // and longer ones cost much
	swapLead    = 200  // characters read before the opener
)

// bracketMarks are the opener and the closer of the kinds whose opener can be
// swapped, and swapPartner the kind it is swapped with.
var (
	bracketMarks = map[string][2]string{
		"paren": {"(", ")"}, "square": {"[", "]"}, "brace": {"{", "}"}, blockKind: {"{", "}"},
		"curly-double": {"“", "”"}, "guillemet": {"«", "»"}, "corner": {"「", "」"}, "white-corner": {"『", "』"},
		"link": {"[[", "]]"}, "template": {"{{", "}}"},
	}
	swapPartner = map[string]string{
		"paren": "square", "square": "paren", "brace": "paren", blockKind: "paren",
		"curly-double": "paren", "guillemet": "paren", "corner": "white-corner", "white-corner": "corner",
		"link": "template", "template": "link",
	}
)

// swapSuites are minimal pairs made of the text itself: a pair of the text with all
// that stands in it, and the same with another opener. Content and what stands
// before it are equal, so nothing but the opener tells which closer is right, and
// gap is not confounded with topic.
func swapSuites(in *input, f *found, names func(kind string) []string, rng *rand.Rand) []Suite {
	var kinds []string
	for _, k := range PairKinds() {
		if (hasName(k) || swapPartner[k] != "") && len(f.byKind[k]) >= swapLeast {
			kinds = append(kinds, k)
		}
	}
	slices.SortStableFunc(kinds, func(a, b string) int { return cmp.Compare(len(f.byKind[b]), len(f.byKind[a])) })
	var out []Suite
	for _, k := range kinds[:min(len(kinds), swapKinds)] {
		s := Suite{Name: "swap " + k, About: "pairs of the text as they are and with their opener swapped: which closer?"}
		for i, p := range evenly(f.byKind[k], swapItems) {
			a, b, ok := swapPair(in, f, &p, names(k), rng)
			a.Item, b.Item = i+1, i+1
			if ok {
				s.Pairs = append(s.Pairs, a, b)
			}
		}
		if len(s.Pairs) >= 2*swapLeast {
			out = append(out, s)
		}
	}
	return out
}

// evenly keeps up to n pairs, about as many of each log2 gap.
func evenly(ps []pair, n int) []pair {
	bins := map[int][]pair{}
	for _, p := range ps {
		if swapGap <= p.gap() && p.gap() <= swapLongest {
			bins[log2Bin(p.gap())] = append(bins[log2Bin(p.gap())], p)
		}
	}
	var out []pair
	for b, left := 0, len(bins); b < 40; b++ {
		if len(bins[b]) == 0 {
			continue
		}
		sample := thin(bins[b], (n-len(out))/left)
		out = append(out, sample...)
		left--
	}
	return out
}

// swapPair makes both versions of a pair.
func swapPair(in *input, f *found, p *pair, names []string, rng *rand.Rand) (a, b MinimalPair, ok bool) {
	lead := f.text(max(0, p.OpenStart-swapLead), p.OpenStart)
	content := f.text(p.Open+1, p.CloseStart)
	var open, closer [2]string
	if hasName(p.Kind) {
		other := rival(p.Name, names, rng)
		if other == "" || f.in.nameStart(p) < 0 {
			return a, b, false
		}
		at := opener(p)
		whole := f.text(p.OpenStart, int64(at))
		rest := f.text(int64(at+len([]rune(p.Name))), p.Open+1)
		content += nameLead[p.Kind]
		for i, n := range []string{p.Name, other} {
			open[i], closer[i] = whole+n+rest, n+nameTail[p.Kind]
		}
	} else {
		mine, partner := bracketMarks[p.Kind], bracketMarks[swapPartner[p.Kind]]
		open, closer = [2]string{mine[0], partner[0]}, [2]string{mine[1], partner[1]}
	}
	group := p.segment() + 1
	a = MinimalPair{Prefix: lead + open[0] + content, Right: closer[0], Wrong: closer[1], Gap: p.gap(), group: group}
	b = MinimalPair{Prefix: lead + open[1] + content, Right: closer[1], Wrong: closer[0], Gap: p.gap(), group: group}
	for _, s := range []string{open[1], closer[1]} {
		for _, r := range s {
			if _, known := in.Alphabet.Lookup(r); !known {
				return a, b, false
			}
		}
	}
	return a, b, true
}

// rival is another common name, of the same length where there is one.
func rival(name string, names []string, rng *rand.Rand) string {
	var same, all []string
	for _, n := range names {
		if n == name {
			continue
		}
		all = append(all, n)
		if len(n) == len(name) {
			same = append(same, n)
		}
	}
	if len(same) > 0 {
		return same[rng.IntN(len(same))]
	}
	if len(all) > 0 {
		return all[rng.IntN(len(all))]
	}
	return ""
}
