package optim

import (
	"fmt"
	"math"

	"github.com/rnnscope/rnnscope/internal/crew"
	"github.com/rnnscope/rnnscope/internal/f32"
)

// piece is how many weights one worker updates at a time.
const piece = 4 * f32.SumChunk

// MaxWeights bounds the number of weights of one optimiser.
const MaxWeights = 1 << 30

// Optimizer holds the moments of n weights. It is for one goroutine at a time.
type Optimizer struct {
	cfg    Config
	n      int
	steps  int64
	first  []float32 // Adam's m, SGD's momentum buffer
	second []float32 // Adam's v, RMSProp's mean square
	crew   *crew.Crew
	sums   []float64 // squares of the gradient by chunks
	run    func(worker int)

	// The Step under way.
	params, grads []float32
	lr, norm      float64
}

// New makes an optimiser for n weights; errors match ErrConfig.
func New(cfg Config, n int) (*Optimizer, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if n < 1 || n > MaxWeights {
		return nil, fmt.Errorf("%w: %d weights, want 1 to %d", ErrConfig, n, MaxWeights)
	}
	o := &Optimizer{cfg: cfg.withDefaults(), n: n, sums: make([]float64, (n+f32.SumChunk-1)/f32.SumChunk)}
	o.crew = crew.New(min(cfg.Workers, len(o.sums)))
	if o.cfg.Name != RMSProp {
		o.first = f32.Make(n)
	}
	if o.cfg.Name != SGD {
		o.second = f32.Make(n)
	}
	o.run = o.step
	return o, nil
}

// Config is the settings, defaults filled in.
func (o *Optimizer) Config() Config { return o.cfg }

// Step updates params [n] by grads [n] with learning rate lr and returns the
// gradient's norm before clipping. A gradient that is not finite gives a norm that
// is not: then nothing is changed, and the step is not counted. Clipping by value
// happens in grads; clipping by norm leaves them as they are.
func (o *Optimizer) Step(params, grads []float32, lr float64) float64 {
	if len(params) != o.n || len(grads) != o.n {
		panic(fmt.Sprintf("optim: %d weights and %d gradients for an optimiser of %d", len(params), len(grads), o.n))
	}
	o.params, o.grads, o.lr = params, grads, lr
	o.steps++
	o.crew.Do(o.run)
	o.params, o.grads = nil, nil
	if !finite(o.norm) {
		o.steps--
	}
	return o.norm
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// step is the program of one worker: the norm in chunks of fixed size and order,
// then the update in pieces.
func (o *Optimizer) step(worker int) {
	const chunks = piece / f32.SumChunk
	for i := o.crew.Next(); i*piece < o.n; i = o.crew.Next() {
		lo, hi := i*piece, min((i+1)*piece, o.n)
		f32.SumSquaresChunks(o.sums[i*chunks:min((i+1)*chunks, len(o.sums))], o.grads[lo:hi])
	}
	o.crew.Barrier()
	var sum float64
	for _, s := range o.sums {
		sum += s
	}
	norm := math.Sqrt(sum)
	if worker == 0 {
		o.norm = norm
	}
	if !finite(norm) {
		return
	}
	scale := float32(1)
	if o.cfg.Clip == ClipNorm {
		scale = float32(min(1, o.cfg.ClipAt/(norm+1e-6))) // torch.nn.utils.clip_grad_norm_
	}
	for i := o.crew.Next(); i*piece < o.n; i = o.crew.Next() {
		o.update(i*piece, min((i+1)*piece, o.n), scale)
	}
}

// update changes the weights [lo,hi).
func (o *Optimizer) update(lo, hi int, scale float32) {
	c := &o.cfg
	params, grads := o.params[lo:hi], o.grads[lo:hi]
	if c.Clip == ClipValue {
		f32.Clamp(grads, float32(c.ClipAt))
	}
	switch c.Name {
	case Adam:
		t := float64(o.steps)
		f32.Adam(params, grads, o.first[lo:hi], o.second[lo:hi], f32.AdamStep{
			Rate:       float32(o.lr / (1 - math.Pow(c.Beta1, t))),
			Beta1:      float32(c.Beta1),
			Beta2:      float32(c.Beta2),
			Eps:        float32(c.Eps),
			Correction: float32(1 / math.Sqrt(1-math.Pow(c.Beta2, t))),
			GradScale:  scale,
		})
	case RMSProp:
		f32.RMSProp(params, grads, o.second[lo:hi], float32(o.lr), float32(c.Decay), float32(c.Eps), scale)
	case SGD:
		f32.SGD(params, grads, o.first[lo:hi], float32(o.lr), float32(c.Momentum), scale)
	}
}

// Names of the slots.
const (
	SlotFirst  = "first"
	SlotSecond = "second"
)

// Slots are the moments by name, each [n], views: read them to save, write to them
// to restore.
func (o *Optimizer) Slots() map[string][]float32 {
	s := map[string][]float32{}
	if o.first != nil {
		s[SlotFirst] = o.first
	}
	if o.second != nil {
		s[SlotSecond] = o.second
	}
	return s
}

// Steps is the number of updates made.
func (o *Optimizer) Steps() int64 { return o.steps }

// SetSteps restores the number of updates made, which Adam's bias correction counts.
func (o *Optimizer) SetSteps(n int64) { o.steps = n }
