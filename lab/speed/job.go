package speed

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/rnnscope/rnnscope/internal/f32"
	"github.com/rnnscope/rnnscope/optim"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/sample"
	"github.com/rnnscope/rnnscope/text"
)

const (
	learningRate = .002 // learning rate
	largestNorm  = 5    // largest norm
	caseSeed     = 1
)

// job is a case ready to run: everything is allocated.
type job struct {
	Case
	model    *rnn.Model
	alphabet *text.Alphabet // of sampling
	pass     *rnn.Pass
	opt      *optim.Optimizer
	state    *rnn.State
	x, y     []int32 // [T,B]
	rng      *rand.Rand
}

// newJob prepares case c for so many goroutines (sampling chooses its own number).
func newJob(c Case, workers int) (*job, error) {
	m, err := rnn.New(c.config())
	if err != nil {
		return nil, err
	}
	j := &job{Case: c, model: m, rng: rand.New(rand.NewPCG(caseSeed, 0))}
	m.Init(j.rng)
	if c.Kind == KindSample {
		j.alphabet, err = alphabetOf(c.Vocab)
		return j, err
	}
	o := rnn.PassOptions{T: c.Steps, B: c.Streams, Workers: workers}
	if c.Kind == KindTrain {
		o.Backward, o.Train = true, true
		cfg := optim.Config{Name: optim.Adam, LR: learningRate, Clip: optim.ClipNorm, ClipAt: largestNorm, Workers: workers}
		if j.opt, err = optim.New(cfg, len(m.Slab())); err != nil {
			return nil, err
		}
	}
	if j.pass, err = m.NewPass(o); err != nil {
		return nil, err
	}
	j.state = m.NewState(c.Streams)
	j.x, j.y = make([]int32, c.Steps*c.Streams), make([]int32, c.Steps*c.Streams)
	for i := range j.x {
		j.x[i] = int32(j.rng.IntN(c.Vocab))
		j.y[i] = int32(j.rng.IntN(c.Vocab))
	}
	return j, nil
}

// alphabetOf is v symbols; speed does not ask which.
func alphabetOf(v int) (*text.Alphabet, error) {
	symbols := make([]rune, v)
	for i := range symbols {
		symbols[i] = rune(0x4e00 + i)
	}
	return text.NewAlphabet(symbols, false, false)
}

// step is one training step or one forward; it returns the mean loss of training.
func (j *job) step() float64 {
	j.pass.Forward(j.x, j.state, nil)
	if j.Kind == KindForward {
		return 0
	}
	loss := j.pass.Backward(j.y, 1/float32(len(j.x)))
	j.opt.Step(j.model.Slab(), j.model.Grads(), learningRate)
	j.pass.Repack()
	return loss / float64(len(j.x))
}

// run works for at least so long, whole steps, and returns characters and seconds.
func (j *job) run(ctx context.Context, d time.Duration) (chars int, seconds float64, err error) {
	if j.Kind == KindSample {
		return j.draw(ctx, d)
	}
	start := time.Now()
	for chars == 0 || time.Since(start) < d {
		if err := ctx.Err(); err != nil {
			return 0, 0, err
		}
		j.step()
		chars += len(j.x)
	}
	return chars, time.Since(start).Seconds(), nil
}

var errEnough = errors.New("enough")

// draw samples for so long; the clock starts at the first character, when the weights are packed.
func (j *job) draw(ctx context.Context, d time.Duration) (chars int, seconds float64, err error) {
	const many, glance = 1 << 40, 64
	var start time.Time
	err = sample.Generator{Model: j.model, Alphabet: j.alphabet}.Generate(ctx, nil, sample.Options{N: many}, j.rng, func(t sample.Token) error {
		if t.Index == 0 {
			start = time.Now()
		}
		if t.Index%glance == 0 && t.Index > 0 && time.Since(start) >= d {
			chars, seconds = t.Index, time.Since(start).Seconds()
			return errEnough
		}
		return nil
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return chars, seconds, err
}

// allocations is how often a step allocates, on average over n: the least of three
// averages, since the runtime starts threads of its own when the machine is busy.
func (j *job) allocations(n int) float64 {
	j.step() // scratch memory grows to its size at the first
	least := math.Inf(1)
	for range 3 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for range n {
			j.step()
		}
		runtime.ReadMemStats(&after)
		least = min(least, float64((after.Mallocs-before.Mallocs)/uint64(n))) // whole ones, as testing.AllocsPerRun
	}
	return least
}

// memory is what training case c takes, measured, over what it needs.
func memory(c Case, workers int) (took, need float64, err error) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	j, err := newJob(c, workers)
	runtime.ReadMemStats(&after)
	runtime.KeepAlive(j)
	return float64(after.TotalAlloc - before.TotalAlloc), c.needBytes(), err
}

// peak is the FMA peak of so many cores together, in FLOP/s: the sum of the best
// rate each saw while all ran.
func peak(cores int, d time.Duration) float64 {
	rates := make([]float64, cores)
	var all sync.WaitGroup
	for i := range rates {
		all.Go(func() {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			rates[i] = f32.PeakFlops(d)
		})
	}
	all.Wait()
	var sum float64
	for _, r := range rates {
		sum += r
	}
	return sum
}

func median(v []float64) float64 {
	s := slices.Sorted(slices.Values(v))
	n := len(s)
	if n == 0 {
		return 0
	}
	return (s[(n-1)/2] + s[n/2]) / 2
}
