package peaks

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestListsMergeToTheSameList: shared out in any way, the windows kept are the same.
func TestListsMergeToTheSameList(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	fixed := make([]int32, 500)
	whole, a, b := &List{}, &List{}, &List{}
	for k := range 8 {
		for i := range fixed {
			fixed[i] = int32(rng.IntN(1000)) // with ties
		}
		whole.Add(k*500, fixed)
		[]*List{a, b}[k%2].Add(k*500, fixed)
	}
	b.Merge(a)
	if len(whole.top) != Keep || !slices.Equal(whole.top, b.top) {
		t.Errorf("whole %v\nmerged %v", whole.top, b.top)
	}
	last := whole.Best(5)
	for i, p := range last[1:] {
		if byHeight(last[i], p) > 0 {
			t.Errorf("%v stands before %v", last[i], p)
		}
	}
}

// addSlowly is Add as it reads: the first of the highest of every window.
func addSlowly(l *List, lo int, fixed []int32) {
	for w := 0; w < len(fixed); w += Window {
		best := w
		for t := w + 1; t < min(w+Window, len(fixed)); t++ {
			if fixed[t] > fixed[best] {
				best = t
			}
		}
		l.offer(At{fixed[best], lo + best})
	}
}

// TestAddIsItsSlowTwin, with ties, windows of every length and values of both signs.
func TestAddIsItsSlowTwin(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	fast, slow := &List{}, &List{}
	for lo := 0; lo < 40000; {
		fixed := make([]int32, 1+rng.IntN(3*Window))
		for i := range fixed {
			fixed[i] = int32(rng.IntN(300) - 200 - lo/100)
		}
		fast.Add(lo, fixed)
		addSlowly(slow, lo, fixed)
		lo += len(fixed)
	}
	if len(fast.top) != Keep || !slices.Equal(fast.top, slow.top) {
		t.Errorf("%v, want %v", fast.top, slow.top)
	}
}

func BenchmarkAdd(b *testing.B) {
	rng := rand.New(rand.NewPCG(5, 6))
	fixed := make([]int32, 500)
	for i := range fixed {
		fixed[i] = rng.Int32()
	}
	for name, add := range map[string]func(*List, int, []int32){"fast": (*List).Add, "slow": addSlowly} {
		b.Run(name, func(b *testing.B) {
			l := &List{}
			b.SetBytes(4 * int64(len(fixed)))
			for i := range b.N {
				add(l, i*len(fixed), fixed)
			}
		})
	}
}
