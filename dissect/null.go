package dissect

import (
	"context"
	"math/rand/v2"
	"strconv"

	"github.com/rnnscope/rnnscope/dissect/swap"
	"github.com/rnnscope/rnnscope/internal/crew"
	"github.com/rnnscope/rnnscope/stat"
)

// tested is the local-4 swap of one concept at one site.
type tested struct {
	swap        *stat.SwapTest
	cross       []int64
	family      int
	draws       int
	on, all     int64 // positions of the kept groups
	information float64
	rng         func(unit int) *rand.Rand
}

// testAll runs the null for every concept and site, each from its own random
// stream, so that the order of the work does not matter.
func (j *job) testAll(ctx context.Context, swap *swap.Plan) ([][]*tested, error) {
	sites := j.walk.States.Sites()
	out := make([][]*tested, len(j.opt.Concepts))
	for c := range out {
		out[c] = make([]*tested, len(sites))
	}
	if swap.Length == 0 {
		return out, nil
	}
	err := crew.ForEach(ctx, len(out)*len(sites), j.walk.Workers, func(i int) {
		c, s := i/len(sites), i%len(sites)
		if swap.Cross[s][c] == nil {
			return
		}
		name, site := j.opt.Concepts[c].Name, sites[s]
		t := &tested{cross: swap.Cross[s][c], family: j.family(site.Name)}
		t.draws = j.draws(t.family)
		t.swap = stat.LocalSwap(t.cross, site.Units, min(siteDraws, t.draws), j.rngOf("site", name, site.Name))
		t.information = swap.Information(swap.Bins[c][s], j.rngOf("information", name, site.Name))
		t.on, t.all = swap.Counts(c)
		t.rng = func(unit int) *rand.Rand { return j.rngOf("swap", name, site.Name, strconv.Itoa(unit)) }
		out[c][s] = t
	})
	return out, err
}
