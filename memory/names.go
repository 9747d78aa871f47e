package memory

import (
	"cmp"
	"slices"

	"github.com/rnnscope/rnnscope/concept"
)

// hasName reports whether the closers of a kind carry a name that must be recalled.
func hasName(kind string) bool { return kind == "tag" || kind == "environment" }

// Marks around the name of a closer.
var (
	nameLead = map[string]string{"tag": "</", "environment": `\end{`}
	nameTail = map[string]string{"tag": ">", "environment": "}"}
)

// nameStart is the position of the first letter of a closer's name; -1 where the
// closer is not written in the plain way.
func (in *input) nameStart(p *pair) int {
	whole := []rune(nameLead[p.Kind] + p.Name + nameTail[p.Kind])
	from := int(p.CloseStart)
	if p.Name == "" || from+len(whole) > in.IDs.end() || !slices.Equal(in.Alphabet.Runes(in.IDs.span(from, from+len(whole))), whole) {
		return -1
	}
	return from + len(nameLead[p.Kind])
}

// commonNames are the most frequent names of a kind in the n-gram line's text or,
// where it has none, in the reported part.
func commonNames(in *input, f *found, kind string) []string {
	count := map[string]int{}
	train := in.Train[:min(len(in.Train), maxCharacter)]
	for _, p := range concept.PairsIn(in.Alphabet, train, kind) {
		count[p.Name]++
	}
	for _, p := range f.byKind[kind] {
		count[p.Name]++
	}
	names := make([]string, 0, len(count))
	for n := range count {
		if n != "" {
			names = append(names, n)
		}
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(cmp.Compare(count[b], count[a]), cmp.Compare(a, b)) })
	return names[:min(len(names), commonKept)]
}

const commonKept = 24 // most frequent names that are always among the others
