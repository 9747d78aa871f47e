package memory

import (
	"cmp"
	"context"
	"slices"
)

const (
	lastKept = 4 // names opened last before the closer
)

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
		at := r.in.nameStart(a.p)
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
		at := r.in.nameStart(a.p)
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
