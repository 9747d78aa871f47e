package crew

import (
	"runtime"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestBarrier lets workers add to a shared sum in phases: what one phase wrote the
// next must see whole, with fewer, as many and more processors than workers.
func TestBarrier(t *testing.T) {
	for _, procs := range []int{1, 2, 4} {
		old := runtime.GOMAXPROCS(procs)
		for n := 1; n <= 8; n++ {
			c := New(n)
			const phases, pieces = 20, 37
			var sums [phases]atomic.Int64
			var bad atomic.Int64
			job := func(int) {
				for p := range phases {
					if p > 0 && sums[p-1].Load() != pieces*(pieces-1)/2 {
						bad.Add(1)
					}
					for i := c.Next(); i < pieces; i = c.Next() {
						sums[p].Add(int64(i))
					}
					c.Barrier()
				}
			}
			for range 10 {
				for p := range sums {
					sums[p].Store(0)
				}
				c.Do(job)
				if got := sums[phases-1].Load(); got != pieces*(pieces-1)/2 {
					t.Fatalf("procs %d workers %d: sum %d", procs, n, got)
				}
			}
			if bad.Load() != 0 {
				t.Fatalf("procs %d workers %d: %d phases began before the one before was done", procs, n, bad.Load())
			}
		}
		runtime.GOMAXPROCS(old)
	}
}

func TestEveryWorkerRuns(t *testing.T) {
	c := New(5)
	var seen [5]atomic.Int64
	for range 100 {
		c.Do(func(w int) { seen[w].Add(1) })
	}
	for w := range seen {
		if seen[w].Load() != 100 {
			t.Errorf("worker %d ran %d of 100 times", w, seen[w].Load())
		}
	}
}

func TestNoAllocation(t *testing.T) {
	c := New(2)
	job := func(int) { c.Barrier() }
	if n := testing.AllocsPerRun(200, func() { c.Do(job) }); n != 0 {
		t.Errorf("%v allocations a Do", n)
	}
}

func BenchmarkDo(b *testing.B) {
	c := New(2)
	job := func(int) {}
	for b.Loop() {
		c.Do(job)
	}
}

func BenchmarkBarrier(b *testing.B) {
	c := New(2)
	b.ReportAllocs()
	c.Do(func(int) {
		for range b.N {
			c.Barrier()
		}
	})
}
