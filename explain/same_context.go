package explain

import (
	"context"
	"math/rand/v2"
	"slices"

	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"
)

// Limits of comparing places after the same symbols. Fewer symbols leave too few contexts that
// come back: of 40,000 characters 38 % stand after five that do.
const (
	contextText   = 500_000   // symbols with states that it takes at least
	contextMost   = 2_000_000 // and at most, by hash of blocks
	contextPairs  = 2_000     // places for each k
	contextSeen   = 20        // times that a context must come
	contextGroups = 40        // of the jackknife
)

// contextKs are the ks asked of states alone.
var contextKs = []int{1, 2, 3, 4, 5}

// contextPair is two places after the same last symbols.
type contextPair struct{ at, other int }

// sameContext measures S_k of states whose network is not at hand, [site][unit]; nil where there
// is too little text. How much the last k symbols fix is 1 less half the mean squared difference
// of two places after the same k symbols, over the variance.
func (j *job) sameContext(ctx context.Context) (*Memory, [][][]stat.Interval, error) {
	blocks, total := j.allBlocks()
	if total < contextText {
		return nil, nil, nil
	}
	ids, at, err := gather(j.Text.Source, blocks)
	if err != nil {
		return nil, nil, err
	}
	out := &Memory{Method: SameContext, Ks: contextKs}
	rng := rand.New(rand.NewPCG(j.opt.Seed, 2<<32))
	var pairs [][]contextPair
	for _, k := range contextKs {
		found, covered := pairsAfter(ids, at, k, contextPairs, rng)
		pairs = append(pairs, found)
		out.Covered = append(out.Covered, covered)
		out.Places += len(found)
	}
	rows, err := j.rowsAt(ctx, blocks, at, pairs)
	if err != nil {
		return nil, nil, err
	}
	var names []string
	var sums []*exchangeSums
	for s, site := range j.states.Sites() {
		names = append(names, site.Name)
		x := newExchangeSums(contextGroups, len(contextKs), site.Units)
		for i, of := range pairs {
			for _, p := range of {
				x.pair(rows.group(p.at), i, rows.at(s, p.at), rows.at(s, p.other))
			}
		}
		sums = append(sums, x)
	}
	return out, out.sum(names, sums), nil
}

// allBlocks is the blocks of both parts, ascending, and what they score.
func (j *job) allBlocks() (blocks []text.Block, total int) {
	parts := j.Parts(0)
	all := slices.Concat(specimen.List(parts.Choose), specimen.List(parts.Report))
	slices.SortFunc(all, func(a, b text.Block) int { return a.Lo - b.Lo })
	blocks = someBlocks(text.BlockList(all), contextMost, 1)
	for _, b := range blocks {
		total += b.Len()
	}
	return blocks, total
}

// pairsAfter draws up to n pairs of scored places after the same k symbols, of contexts seen
// contextSeen times or more, and says what share of the places has such a context. Places are
// indices into ids.
func pairsAfter(ids []int32, blocks []text.Block, k, n int, rng *rand.Rand) (pairs []contextPair, covered float64) {
	key := func(t int32) uint64 {
		h := uint64(k)
		for _, id := range ids[int(t)+1-k : t+1] {
			h = stat.Hash(h ^ uint64(id)<<20)
		}
		return h
	}
	places := map[uint64][]int32{}
	total := 0
	for _, b := range blocks {
		for t := max(b.Lo, b.Warm+k-1); t < b.Hi; t++ {
			h := key(int32(t))
			places[h] = append(places[h], int32(t))
			total++
		}
	}
	var often []int32
	for _, of := range places {
		if len(of) >= contextSeen {
			often = append(often, of...)
		}
	}
	if len(often) == 0 {
		return nil, 0
	}
	slices.Sort(often) // the order of a map is another each time
	for range min(n, len(often)) {
		t := often[rng.IntN(len(often))]
		same := places[key(t)]
		other := t
		for other == t {
			other = same[rng.IntN(len(same))]
		}
		pairs = append(pairs, contextPair{int(t), int(other)})
	}
	return pairs, float64(len(often)) / float64(total)
}

// stateRows are the states at some places of gathered text.
type stateRows struct {
	places []int // ascending
	groups []int // by place: which part of the text it is in
	values [][]float32
	units  []int
}

func (r *stateRows) row(place int) int {
	i, _ := slices.BinarySearch(r.places, place)
	return i
}

func (r *stateRows) group(place int) int { return r.groups[r.row(place)] }

// at is the states [units] of a site.
func (r *stateRows) at(site, place int) []float32 {
	i, h := r.row(place), r.units[site]
	return r.values[site][i*h : (i+1)*h]
}

// rowsAt reads the states at all places of some pairs; shifted are the blocks as gathered.
func (j *job) rowsAt(ctx context.Context, blocks, shifted []text.Block, pairs [][]contextPair) (*stateRows, error) {
	r := &stateRows{}
	for _, of := range pairs {
		for _, p := range of {
			r.places = append(r.places, p.at, p.other)
		}
	}
	slices.Sort(r.places)
	r.places = slices.Compact(r.places)
	r.groups = make([]int, len(r.places))
	for _, site := range j.states.Sites() {
		r.units = append(r.units, site.Units)
		r.values = append(r.values, make([]float32, len(r.places)*site.Units))
	}
	err := j.states.Read(ctx, blocks, j.workers(), func(_ int, x *specimen.Part) {
		b := shifted[x.Block]
		lo, _ := slices.BinarySearch(r.places, b.Lo+x.Lo)
		for i := lo; i < len(r.places) && r.places[i] < b.Lo+x.Hi; i++ {
			r.groups[i] = x.Block * contextGroups / len(blocks)
			for s, h := range r.units {
				copy(r.values[s][i*h:(i+1)*h], x.Row(s, r.places[i]-b.Lo-x.Lo))
			}
		}
	})
	return r, err
}
