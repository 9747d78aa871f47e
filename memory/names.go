package memory

import (
	"cmp"
	"context"
	"slices"

	"github.com/rnnscope/rnnscope/concept"
)

// named reports whether the closers of a kind carry a name that must be recalled.
func named(kind string) bool { return kind == "tag" || kind == "environment" }

// Marks around the name of a closer.
var (
	nameLead = map[string]string{"tag": "</", "environment": `\end{`}
	nameTail = map[string]string{"tag": ">", "environment": "}"}
)

// nameStart is the position of the first letter of a closer's name; -1 where the
// closer is not written in the plain way.
func nameStart(rs []rune, p *pair) int {
	whole := []rune(nameLead[p.Kind] + p.Name + nameTail[p.Kind])
	from := int(p.CloseStart)
	if p.Name == "" || from+len(whole) > len(rs) || !slices.Equal(rs[from:from+len(whole)], whole) {
		return -1
	}
	return from + len(nameLead[p.Kind])
}

const (
	commonKept = 24 // most frequent names that are always among the others
	lastKept   = 4  // names opened last before the closer
)

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

// candidates are the names a closer may carry, the right one first, as symbols
// with the mark that ends them.
func (r *recaller) candidates(kind string, p *pair, earlier []pair) [][]int32 {
	names := append([]string{p.Name}, p.around...)
	last := 0
	for i := len(earlier) - 1; i >= 0 && last < lastKept; i-- {
		if n := earlier[i].Name; !slices.Contains(names, n) {
			names = append(names, n)
			last++
		}
	}
	for _, n := range r.names[kind] {
		if !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	var out [][]int32
	seen := map[string]bool{}
	for _, n := range names {
		ids, err := r.in.Alphabet.Encode([]byte(n+nameTail[kind]), 0)
		if err == nil && !seen[n] {
			seen[n] = true
			out = append(out, ids)
		}
	}
	return out
}

// answerNames scores whole names, from the state behind "</" or "\end{".
func (r *recaller) answerNames(ctx context.Context, s *snapshot, kind string, list []asked) error {
	score := newContinuer(r.in.Model, r.opt.Workers)
	all := r.found.byKind[kind]
	var options [][][]int32
	for i := range list {
		a := &list[i]
		before, _ := slices.BinarySearchFunc(all, a.p.Close, func(q pair, at int64) int { return cmp.Compare(q.Close, at) })
		c := r.candidates(kind, a.p, all[max(0, before-40):before])
		options = append(options, c)
		at := nameStart(r.found.runes, a.p)
		for _, ids := range c {
			score.add(s, at-1, ids)
		}
	}
	logp, err := score.run(ctx)
	if err != nil {
		return err
	}
	scorer := r.model.NewScorer()
	for i := range list {
		a := &list[i]
		at := nameStart(r.found.runes, a.p)
		n := len(options[i])
		a.net = answerOf(logp[0], logp[1:n])
		logp = logp[n:]
		finite := make([]float64, n)
		for k, ids := range options[i] {
			read(scorer, r.in.IDs, at, r.model.Order())
			finite[k] = continuation(scorer, ids, r.model.Order())
		}
		a.finite = answerOf(finite[0], finite[1:])
	}
	return nil
}
