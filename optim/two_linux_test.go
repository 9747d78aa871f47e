package optim

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/rnnscope/rnnscope/internal/f32"
	"github.com/rnnscope/rnnscope/rnn"
)

// network is a small network under training on one core, as a sweep trains it.
type network struct {
	m    *rnn.Model
	p    *rnn.Pass
	o    *Optimizer
	st   *rnn.State
	x, y []int32
}

func newNetwork(tb testing.TB, cell rnn.Cell, s shape, seed uint64) *network {
	m, err := rnn.New(rnn.Config{Cell: cell, Vocab: s.v, Hidden: s.h, Layers: s.l})
	if err != nil {
		tb.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(seed, 1))
	m.Init(rng)
	p, err := m.NewPass(rnn.PassOptions{T: s.t, B: s.b, Backward: true, Train: true, Workers: 1})
	if err != nil {
		tb.Fatal(err)
	}
	o, err := New(Config{Name: Adam, LR: .002, Clip: ClipNorm, ClipAt: 5, Workers: 1}, len(m.Slab()))
	if err != nil {
		tb.Fatal(err)
	}
	n := &network{m: m, p: p, o: o, st: m.NewState(s.b), x: make([]int32, s.t*s.b), y: make([]int32, s.t*s.b)}
	for i := range n.x {
		n.x[i] = int32(rng.IntN(s.v))
		n.y[i] = (n.x[i] * 7) % int32(s.v)
	}
	return n
}

func (n *network) step() {
	n.p.Forward(n.x, n.st, nil)
	n.p.Backward(n.y, 1/float32(len(n.x)))
	n.o.Step(n.m.Slab(), n.m.Grads(), .002)
	n.p.Repack()
}

// rate is how often all of some loops together run a second, each on a thread of its own, for d; and
// the page faults of those threads meanwhile.
func rate(d time.Duration, loops ...func()) (perSecond float64, faults int64) {
	const warm = 20 // steps: the kernels' scratch memory grows to what is in use at once
	var wg, warmed sync.WaitGroup
	var mu sync.Mutex
	begin := make(chan struct{})
	warmed.Add(len(loops))
	for _, loop := range loops {
		wg.Go(func() {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			for range warm {
				loop()
			}
			warmed.Done()
			<-begin
			var before, after unix.Rusage
			_ = unix.Getrusage(unix.RUSAGE_THREAD, &before)
			n, start := 0, time.Now()
			for time.Since(start) < d {
				loop()
				n++
			}
			per := float64(n) / time.Since(start).Seconds()
			_ = unix.Getrusage(unix.RUSAGE_THREAD, &after)
			mu.Lock()
			perSecond, faults = perSecond+per, faults+after.Minflt-before.Minflt
			mu.Unlock()
		})
	}
	warmed.Wait()
	close(begin)
	wg.Wait()
	return perSecond, faults
}

// BenchmarkTwoNetworks trains one and two small networks, one a core, in turns with one and two loops of independent
// multiply-adds: "of-loops" is the share that two networks reach of twice one, over the same of the loops (median
// over rounds). Run it with -benchtime 1x on a quiet machine with two cores.
func BenchmarkTwoNetworks(b *testing.B) {
	if runtime.GOMAXPROCS(0) < 2 {
		b.Skip("needs two processors")
	}
	const rounds, d = 9, 200 * time.Millisecond
	peak := func() { f32.PeakFlops(0) }
	for _, cell := range []rnn.Cell{rnn.Elman, rnn.LSTM, rnn.GRU} {
		b.Run(fmt.Sprintf("cell=%s/V=96/H=128", cell), func(b *testing.B) {
			s := shape{96, 128, 1, 32, 64}
			one, two := newNetwork(b, cell, s, 1), newNetwork(b, cell, s, 2)
			for b.Loop() {
				var share, loops, networks []float64
				var faults int64
				for round := range rounds {
					var n, l [2]float64
					for i := range 2 {
						k := i ^ round&1 // every other round in reverse order
						var f int64
						n[k], f = rate(d, []func(){one.step, two.step}[:k+1]...)
						faults += f
						l[k], _ = rate(d/2, []func(){peak, peak}[:k+1]...)
					}
					networks, loops = append(networks, n[1]/n[0]/2), append(loops, l[1]/l[0]/2)
					share = append(share, n[1]/n[0]*l[0]/l[1])
				}
				for name, x := range map[string][]float64{"of-loops": share, "networks": networks, "loops": loops} {
					slices.Sort(x)
					b.ReportMetric(x[len(x)/2], name)
				}
				b.ReportMetric(float64(faults), "faults")
			}
		})
	}
}
