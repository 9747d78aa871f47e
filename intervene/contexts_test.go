package intervene

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/rnnscope/rnnscope/text"
)

// naiveDistance follows the definition: the longest suffix of at least one and at most five
// characters seen at least twenty times with each state, and the divergence after it, or
// seen as often in one state only, which decides it.
func naiveDistance(ids []int32, y []int8, lo, hi, t int) float64 {
	for k := longestContext; k >= 1; k-- {
		if t-k+1 < 0 {
			continue
		}
		var n [2]float64
		next := map[int32]*[2]float64{}
		for p := lo; p+1 < hi; p++ {
			same := p-k+1 >= lo
			for i := 0; same && i < k; i++ {
				same = ids[p-i] == ids[t-i]
			}
			if !same || y[p] < 0 {
				continue
			}
			n[y[p]]++
			if next[ids[p+1]] == nil {
				next[ids[p+1]] = &[2]float64{}
			}
			next[ids[p+1]][y[p]]++
		}
		if oneSided(n) {
			return 0
		}
		if n[0] < leastSeen || n[1] < leastSeen {
			continue
		}
		js := 0.0
		for _, c := range next {
			p, q := c[0]/n[0], c[1]/n[1]
			for _, x := range []float64{p, q} {
				if x > 0 {
					js += x * math.Log(2*x/(p+q)) / 2
				}
			}
		}
		return beyondChance(js, len(next), n)
	}
	return -1
}

func TestContextsAgainstDefinition(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 1))
	const n = 3000
	ids, y := make([]int32, n), make([]int8, n)
	state := int8(0)
	for i := range ids {
		if rng.IntN(12) == 0 {
			state = 1 - state
		}
		y[i] = state
		if rng.IntN(40) == 0 {
			y[i] = -1
		}
		ids[i] = int32(rng.IntN(3) + int(state)*rng.IntN(2))
	}
	lo, hi := 100, 2500
	c := newContexts(ids, []text.Span{{Lo: lo, Hi: hi}})
	rel := c.relevance(y, 5)
	paths := c.paths(ids, hi, n-1)
	matter := 0
	for i, path := range paths {
		want := naiveDistance(ids, y, lo, hi, hi+i)
		if want < 0 == rel.matters(path) && rel.matters(path) {
			t.Fatalf("position %d has no context, yet it matters", hi+i)
		}
		for d := longestContext; d >= 1; d-- {
			if node := path[d]; node >= 0 && rel.distance[node] >= 0 {
				if got := float64(rel.distance[node]); math.Abs(got-want) > 1e-5 {
					t.Fatalf("position %d, %d characters: %v, want %v", hi+i, d, got, want)
				}
				break
			}
		}
		if rel.matters(path) {
			matter++
		}
	}
	if matter == 0 || matter == len(paths) {
		t.Errorf("it matters at %d of %d positions", matter, len(paths))
	}
}

// TestChanceDoesNotMatter: states that have nothing to do with the text matter at few
// positions. The bare divergence of two samples of the size that contexts have here is
// above the limit nearly always.
func TestChanceDoesNotMatter(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 1))
	const n, symbols = 100_000, 12
	ids, y := make([]int32, n), make([]int8, n)
	for i := range ids {
		ids[i], y[i] = int32(rng.IntN(symbols)), int8(rng.IntN(2))
	}
	c := newContexts(ids, []text.Span{{Hi: 90_000}})
	rel := c.relevance(y, symbols)
	matters := 0
	paths := c.paths(ids, 90_000, n-1)
	for _, path := range paths {
		if rel.matters(path) {
			matters++
		}
	}
	share := float64(matters) / float64(len(paths))
	if share > 0.08 {
		t.Errorf("it matters at %.3f of positions by chance", share)
	}
	// Three characters of context: 90,000/1728/2 observations in either state.
	above := 0
	for range 1000 {
		var k [2][symbols]float64
		for s := range k {
			for range 26 {
				k[s][rng.IntN(symbols)] += 1.0 / 26
			}
		}
		js := 0.0
		for v := range symbols {
			p, q := k[0][v], k[1][v]
			js += (plogp(p, (p+q)/2) + plogp(q, (p+q)/2)) / 2
		}
		if js >= leastDistance {
			above++
		}
	}
	if above < 990 {
		t.Errorf("the bare divergence passes by chance in %d of 1000 samples; the correction would be needless", above)
	}
	t.Logf("by chance: corrected %.3f, bare %.3f", share, float64(above)/1000)
}

func TestMatch(t *testing.T) {
	a, b := stratum{1, 0}, stratum{2, 3}
	lonely := stratum{9, 1}
	on := [][]int8{{1, 1, 0, 0, -1}, {1, 0, 0, 1, 0}}
	strata := [][]stratum{{a, b, a, a, a}, {b, b, lonely, lonely, a}}
	// lonely has one of each side, so it has a partner; take its partner away.
	on[1][2] = -1
	k := match(on, strata)
	if k.positions != 4 || k.partnered != 3 {
		t.Fatalf("%+v", k)
	}
	// a: one of P for three of M; b: two of P for one of M.
	want := map[stratum]float64{a: 1.0 / 3, b: 2}
	sum := 0.0
	for w := range on {
		for i, at := range k.m.at[w] {
			if k.m.weight[w][i] != want[strata[w][at]] {
				t.Errorf("window %d position %d weighs %v", w, at, k.m.weight[w][i])
			}
			sum += k.m.weight[w][i]
		}
	}
	if math.Abs(sum-3) > 1e-12 {
		t.Errorf("M weighs %v, P has 3", sum)
	}
	if eff := 9 / (3*(1.0/9) + 4); math.Abs(k.effective-eff) > 1e-12 {
		t.Errorf("effective %v, want %v", k.effective, eff)
	}
}

func TestChoose(t *testing.T) {
	order := []int{4, 2, 0, 3, 1}
	if got := choose([]int{5, 400, 390, 0, 1}, order, 3); !slices.Equal(got, []int{2, 1, 4}) {
		t.Errorf("the fuller half first, each half in the order given: %v", got)
	}
	if got := choose([]int{0, 0, 0, 0, 0}, order, 3); got != nil {
		t.Errorf("windows %v of a concept that matters nowhere", got)
	}
	starts := windowsOf(500, 500+40*Window+1)
	if a, b := shuffle(starts, 1), shuffle(starts, 2); slices.Equal(a, b) || !slices.Equal(a, shuffle(starts, 1)) {
		t.Error("the order is the text's own")
	}
	if s := windowsOf(100, 100+2*Window); len(s) != 1 {
		t.Errorf("windows %v: the last needs one more character", s)
	}
}

func TestKinds(t *testing.T) {
	for r, want := range map[rune]string{'a': "lower case", 'A': "capital", '我': "other letter", '7': "digit", ' ': "space", '\n': "line end", '“': "quote", '[': "bracket", ',': "other mark"} {
		if got := kindNames[kindOf(r)]; got != want {
			t.Errorf("%q is a %s, want %s", r, got, want)
		}
	}
	if strings.Join(kindNames, "") == "" {
		t.Error("no kinds")
	}
}
