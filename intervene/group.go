package intervene

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"
)

const (
	groupDraws   = 10 // random groups of each size
	groupWindows = 24
)

// GroupResult is what ablating the best k units of a concept does, against k at random.
type GroupResult struct {
	Symbols  text.Kind      `json:"symbols,omitempty"` // what a symbol is and is counted; of characters nothing is said
	Text     string         `json:"text"`
	Split    string         `json:"split"`
	Windows  int            `json:"windows"`
	Concepts []ConceptGroup `json:"concepts"`
}

// ConceptGroup is one concept at the site that holds its best unit on validation.
type ConceptGroup struct {
	Concept string      `json:"concept"`
	Site    string      `json:"site"`
	Reason  string      `json:"reason,omitempty"` // why it could not be tested
	Sizes   []GroupSize `json:"sizes"`
}

// GroupSize is groups of k units, all set to their means.
type GroupSize struct {
	K      int           `json:"k"`
	Units  []int         `json:"units"` // the best k
	Best   stat.Interval `json:"best"`  // D
	Random []float64     `json:"random"`
	// Above is the share of random groups whose D the best group's exceeds.
	Above float64 `json:"above"`
}

// Groups ablates the best 1, 2, 4, ... 32 units of each concept together, and random
// groups of the same sizes. Errors are Run's.
func Groups(ctx context.Context, sp *specimen.Specimen, concepts []concept.Concept, opt Options, progress Progress) (*GroupResult, error) {
	in, err := newInput(sp)
	if err != nil {
		return nil, err
	}
	opt = opt.withDefaults(in.Model)
	opt.Characters = min(opt.Characters, groupWindows*Window)
	s, err := newStudy(ctx, in, concepts, opt, progress)
	if err != nil {
		return nil, err
	}
	out := &GroupResult{Symbols: in.Alphabet.Kind().ForResults(), Text: in.Name, Split: in.Split, Windows: groupWindows}
	g := &grouper{study: s, random: map[groupKey][]*trial{}}
	for c := range concepts {
		out.Concepts = append(out.Concepts, g.plan(c))
	}
	s.read, s.total = 0, 0
	for _, t := range g.trials {
		s.total += int64(len(s.windowsOf(t)) * Window)
	}
	if s.opt.Estimate != nil {
		s.opt.Estimate(s.total, s.speed)
	}
	if err := s.measure(ctx, g.trials); err != nil {
		return nil, err
	}
	for c := range out.Concepts {
		g.fill(c, &out.Concepts[c])
	}
	return out, nil
}

// groupKey is random groups of one size at one site, which serve all concepts.
type groupKey struct {
	site string
	k    int
}

type grouper struct {
	*study
	trials []*trial
	best   [][]*sums // [C, sizes]
	random map[groupKey][]*trial
}

// plan lists the groups of a concept.
func (g *grouper) plan(c int) ConceptGroup {
	out := ConceptGroup{Concept: g.concepts[c].Name, Reason: g.comparable(c, fewSegments)}
	first := g.choose(c, nil)
	g.best = append(g.best, nil)
	if out.Reason != "" || len(first) == 0 {
		return out
	}
	out.Site = first[0].Site
	order := g.order(c, out.Site)
	for k := 1; k <= min(32, len(order)/2); k *= 2 {
		out.Sizes = append(out.Sizes, GroupSize{K: k, Units: slices.Clone(order[:k])})
		t := g.group(out.Site, order[:k])
		t.ask(c, len(g.windows[c]))
		g.best[c] = append(g.best[c], t.into)
		for _, t := range g.draw(groupKey{out.Site, k}) {
			t.ask(c, len(g.windows[c]))
		}
	}
	return out
}

// order is the units of a site, the best on validation first.
func (g *grouper) order(c int, site string) []int {
	a := g.auroc(c, site)
	order := make([]int, len(a))
	for u := range order {
		order[u] = u
	}
	slices.SortStableFunc(order, func(i, j int) int {
		return cmp.Compare(math.Abs(a[j]-0.5), math.Abs(a[i]-0.5))
	})
	return order
}

func (g *grouper) group(site string, units []int) *trial {
	t := &trial{v: Intervention{Site: site, Units: slices.Clone(units), Mode: Mean}, into: &sums{}}
	g.trials = append(g.trials, t)
	return t
}

// draw is random groups, drawn when they are first asked for.
func (g *grouper) draw(key groupKey) []*trial {
	if g.random[key] == nil {
		rng := g.seededStream(uint64(key.k) << 8)
		for range groupDraws {
			g.random[key] = append(g.random[key], g.group(key.site, rng.Perm(unitsOf(g.in.Model, key.site))[:key.k]))
		}
	}
	return g.random[key]
}

func (g *grouper) fill(c int, out *ConceptGroup) {
	for i := range out.Sizes {
		size := &out.Sizes[i]
		size.Best = g.effectOf(c, g.best[c][i]).D
		for _, t := range g.random[groupKey{out.Site, size.K}] {
			d := g.pooledContrast(c, t.into, len(g.windows[c]))
			size.Random = append(size.Random, d)
			if size.Best.Estimate > d {
				size.Above += 1 / float64(groupDraws)
			}
		}
	}
}
