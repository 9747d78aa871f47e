package memory

import (
	"math"
	"math/rand/v2"
	"slices"
)

const (
	waitGap     = 20  // least gap of a pair over which a unit can be seen to wait
	waitLongest = 200 // retention is followed so far
	waitPairs   = 200 // of a kind, chosen by hash
	waitLeast   = 20  // fewer are not judged
	waitSamples = 4   // places between trigger and release, evenly in log g
	waitBefore  = 3   // places among the waitLead characters before the trigger
	waitLead    = 20
)

// trial is one trigger, what comes before and after it, and its release.
type trial struct {
	p       *pair
	before  []int // shortly before the trigger
	pre     int   // before the opener's first mark
	post    int   // after its last
	waiting []waited
	preEnd  int // before the closer's first mark
	end     int // after its last
	mid     int // where the unit is resampled
	donor   int // a place with mid's character where nothing is pending; -1 where there is none
}

// waited is a place g characters after a trigger, and one with the same character
// in the same block where nothing is pending.
type waited struct{ at, gap, match int }

// trialsOf are the trials of one kind: outermost pairs of at least waitGap.
func trialsOf(f *found, kind string, rng *rand.Rand) []trial {
	var fit []pair
	for _, p := range f.byKind[kind] {
		if p.inside && p.outmost && p.gap() >= waitGap && p.Close < int64(f.blocks[p.block].Hi) {
			fit = append(fit, p)
		}
	}
	if len(fit) < waitLeast {
		return nil
	}
	sample := thin(fit, waitPairs)
	outside := map[int]*idle{}
	var out []trial
	for i := range sample {
		p := &sample[i]
		if outside[p.block] == nil {
			outside[p.block] = newIdle(f, kind, p.block)
		}
		if t, ok := outside[p.block].trial(p, rng); ok {
			out = append(out, t)
		}
	}
	if len(out) < waitLeast {
		return nil
	}
	return out
}

// idle are the places of a block outside all pairs of a kind.
type idle struct {
	ids    stretch
	lo     int
	out    []bool // by position - lo
	byChar map[int32][]int
}

func newIdle(f *found, kind string, block int) *idle {
	b := f.blocks[block]
	x := &idle{ids: f.in.IDs, lo: b.Lo, out: make([]bool, b.Len()), byChar: map[int32][]int{}}
	for i := range x.out {
		x.out[i] = true
	}
	for _, p := range slices.Concat(f.byKind[kind], f.cut) {
		if p.block != block || p.Kind != kind {
			continue
		}
		for at := max(int(p.OpenStart), b.Lo); at <= min(int(p.Close), b.Hi-1); at++ {
			x.out[at-b.Lo] = false
		}
	}
	for i, free := range x.out {
		if free {
			id := x.ids.at(b.Lo + i)
			x.byChar[id] = append(x.byChar[id], b.Lo+i)
		}
	}
	return x
}

// match is a place outside with the same character as at, -1 without one.
func (x *idle) match(at int, rng *rand.Rand) int {
	same := x.byChar[x.ids.at(at)]
	if len(same) == 0 {
		return -1
	}
	return same[rng.IntN(len(same))]
}

func (x *idle) trial(p *pair, rng *rand.Rand) (trial, bool) {
	t := trial{p: p, pre: int(p.OpenStart) - 1, post: int(p.Open), preEnd: int(p.CloseStart) - 1, end: int(p.Close)}
	for at := max(x.lo, t.pre-waitLead+1); at <= t.pre; at++ {
		if x.out[at-x.lo] {
			t.before = append(t.before, at)
		}
	}
	rng.Shuffle(len(t.before), func(i, j int) { t.before[i], t.before[j] = t.before[j], t.before[i] })
	t.before = t.before[:min(len(t.before), waitBefore)]
	longest := min(waitLongest, p.gap())
	for range waitSamples {
		g := int(waitGap * math.Exp(rng.Float64()*math.Log(float64(longest)/waitGap)))
		if m := x.match(t.post+g, rng); m >= 0 {
			t.waiting = append(t.waiting, waited{at: t.post + g, gap: g, match: m})
		}
	}
	t.mid = max(t.post+p.gap()/2, int(p.CloseStart)-midFar)
	t.donor = x.match(t.mid, rng)
	return t, len(t.before) > 0 && len(t.waiting) > 0
}

// want asks for the states a trial needs.
func (t *trial) want(a *ask) {
	a.state(t.before...)
	a.state(t.pre, t.post, t.preEnd, t.end, t.mid)
	for _, w := range t.waiting {
		a.state(w.at, w.match)
	}
	if t.donor >= 0 {
		a.state(t.donor)
	}
}

// sham are trials whose trigger and release are random places as far apart: what
// the criteria find where there is nothing to wait for.
func sham(f *found, kind string, real []trial, rng *rand.Rand) []trial {
	outside := map[int]*idle{}
	var out []trial
	for i := range real {
		r := &real[i]
		b := f.blocks[r.p.block]
		length := int(r.p.Close - r.p.OpenStart)
		if b.Len() < length+waitLead+2 {
			continue
		}
		start := b.Lo + 1 + rng.IntN(b.Len()-length-2)
		p := *r.p
		shift := int64(start) - p.OpenStart
		p.OpenStart, p.Open, p.CloseStart, p.Close = p.OpenStart+shift, p.Open+shift, p.CloseStart+shift, p.Close+shift
		if outside[p.block] == nil {
			outside[p.block] = everywhere(f.in.IDs, b.Lo, b.Hi)
		}
		if t, ok := outside[p.block].trial(&p, rng); ok {
			out = append(out, t)
		}
	}
	return out
}

func everywhere(ids stretch, lo, hi int) *idle {
	x := &idle{ids: ids, lo: lo, out: make([]bool, hi-lo), byChar: map[int32][]int{}}
	for i := range x.out {
		x.out[i] = true
		id := ids.at(lo + i)
		x.byChar[id] = append(x.byChar[id], lo+i)
	}
	return x
}
