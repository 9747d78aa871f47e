package train

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/rnnscope/rnnscope/checkpoint"
	"github.com/rnnscope/rnnscope/optim"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/text"
)

// The random streams of a run: the second word of a PCG whose first is the seed.
const (
	streamInit    = 1
	streamDropout = 2
	streamOrder   = 1 << 32
	streamSample  = 3 // and on: one a sample
)

// dropoutStream is the name of the dropout stream in a resume file.
const dropoutStream = "dropout"

// Data is a text and its split; training reads Train and Val only.
type Data struct {
	Alphabet *text.Alphabet
	IDs      []int32
	Split    text.Split
}

// Options have no influence on the weights' bits.
type Options struct {
	Workers      int               // goroutines; 0: GOMAXPROCS
	Store        Store             // nil: nothing is saved
	SaveInterval time.Duration     // save when this much time went by since the last; 0: never by time
	Meta         map[string]string // goes into every checkpoint
}

// Trainer holds a run in progress. It is for one goroutine.
type Trainer struct {
	cfg     Config
	data    Data
	opt     Options
	model   *rnn.Model
	pass    *rnn.Pass
	hidden  *rnn.State
	optim   *optim.Optimizer
	streams *text.Streams
	dropout *rand.PCG
	eval    *Evaluator

	x, y     []int32 // [T,B]
	step     int64
	pending  bool // what is due after step is still to be done
	bestLoss float64
	bestStep int64

	lastSaved int64 // -1: nothing yet
	savedAt   time.Time
	meter     meter
}

// New prepares a run from its first step. Errors match ErrConfig, text.ErrTooShort,
// rnn.ErrConfig, rnn.ErrTooLarge or optim.ErrConfig.
func New(cfg Config, data Data, opt Options) (*Trainer, error) {
	streams, err := text.NewStreams(data.order(cfg), cfg.Batch, cfg.Seq)
	if err != nil {
		return nil, err
	}
	cfg, err = cfg.resolve(data.Alphabet.Size(), streams.PerEpoch())
	if err != nil {
		return nil, err
	}
	if err := rnn.TrainingFits(cfg.Model, cfg.Seq, cfg.Batch); err != nil {
		return nil, err
	}
	model, err := rnn.New(cfg.Model)
	if err != nil {
		return nil, err
	}
	rng := rand.New(rand.NewPCG(cfg.Seed, streamInit))
	if cfg.InitBound > 0 {
		model.InitUniform(rng, cfg.InitBound)
	} else {
		model.Init(rng)
	}
	t := &Trainer{
		cfg: cfg, data: data, opt: opt, model: model, streams: streams,
		hidden: model.NewState(cfg.Batch), dropout: rand.NewPCG(cfg.Seed, streamDropout),
		pending: true, bestStep: -1, lastSaved: -1,
	}
	return t, t.allocate()
}

// Extend are the changes Resume may make to a run that goes on. The steps so far
// stay what they were.
type Extend struct {
	Iterations int64   // new last step; 0 keeps the old one
	Snapshots  []int64 // added to those of the config
}

// Resume goes on from r, whose weights and state it takes over. The text must be
// the same; the caller has compared the hashes. Errors match checkpoint.ErrCorrupt
// when r contradicts itself or the data.
func Resume(r *checkpoint.Resume, data Data, ext Extend, opt Options) (*Trainer, error) {
	cfg, err := settings(r, data)
	if err != nil {
		return nil, err
	}
	streams, err := text.NewStreams(data.order(cfg), cfg.Batch, cfg.Seq)
	if err != nil {
		return nil, err
	}
	if err := streams.Seek(r.Cursor); err != nil {
		return nil, fmt.Errorf("%w: %w", checkpoint.ErrCorrupt, err)
	}
	was := cfg.Iterations
	if cfg, err = ext.apply(cfg, r.Step, cfg.Model.Vocab, streams.PerEpoch()); err != nil {
		return nil, err
	}
	// A run cut short at the step it has reached still owes its last snapshot.
	pending := r.Pending || cfg.Iterations != was && cfg.Iterations == r.Step
	t := &Trainer{
		cfg: cfg, data: data, opt: opt, model: r.Model, streams: streams, hidden: r.Hidden, dropout: new(rand.PCG),
		step: r.Step, pending: pending, bestLoss: r.BestLoss, bestStep: r.BestStep, lastSaved: r.Step,
	}
	if err := t.dropout.UnmarshalBinary(r.Streams[dropoutStream]); err != nil {
		return nil, fmt.Errorf("%w: random stream: %w", checkpoint.ErrCorrupt, err)
	}
	if err := t.allocate(); err != nil {
		return nil, err
	}
	return t, t.restore(r.Optimizer)
}

// Restart goes on from the weights of c alone, for a run whose resume state is lost:
// after c.Step updates of the text's order, with moments and carried states that start
// anew. cfg are the settings the run was made with. Errors are those of New, and
// checkpoint.ErrAlphabet.
func Restart(c *checkpoint.Checkpoint, cfg Config, data Data, ext Extend, opt Options) (*Trainer, error) {
	streams, err := text.NewStreams(data.order(cfg), cfg.Batch, cfg.Seq)
	if err != nil {
		return nil, err
	}
	if cfg, err = ext.apply(cfg, c.Step, data.Alphabet.Size(), streams.PerEpoch()); err != nil {
		return nil, err
	}
	if c.Model.Config() != cfg.Model {
		return nil, fmt.Errorf("%w: the snapshot is of another network than the settings", checkpoint.ErrCorrupt)
	}
	if err := rnn.TrainingFits(cfg.Model, cfg.Seq, cfg.Batch); err != nil {
		return nil, err
	}
	per := int64(streams.PerEpoch())
	if err := streams.Seek(text.Cursor{Epoch: c.Step / per, Chunk: int(c.Step % per)}); err != nil {
		return nil, err
	}
	t := &Trainer{
		cfg: cfg, data: data, opt: opt, model: c.Model, streams: streams, hidden: c.Model.NewState(cfg.Batch),
		dropout: rand.NewPCG(cfg.Seed+uint64(c.Step), streamDropout), step: c.Step, pending: true, bestStep: -1, lastSaved: -1,
	}
	return t, t.allocate()
}

// settings reads the config in r and checks that r and data go with it.
func settings(r *checkpoint.Resume, data Data) (cfg Config, err error) {
	if err := json.Unmarshal(r.Config, &cfg); err != nil {
		return cfg, fmt.Errorf("%w: training settings: %w", checkpoint.ErrCorrupt, err)
	}
	if err := cfg.Validate(cfg.Model.Vocab, len(data.train())); err != nil {
		return cfg, fmt.Errorf("%w: training settings: %w", checkpoint.ErrCorrupt, err)
	}
	if r.Step < 0 || r.Step > cfg.Iterations || r.BestStep < -1 || r.BestStep > r.Step || r.Optimizer.Steps < 0 || r.Optimizer.Steps > r.Step || !finite(r.BestLoss) {
		return cfg, fmt.Errorf("%w: step %d of %d, best at %d, %d updates of the moments", checkpoint.ErrCorrupt, r.Step, cfg.Iterations, r.BestStep, r.Optimizer.Steps)
	}
	if cfg.Model != r.Model.Config() || r.Hidden.B != cfg.Batch {
		return cfg, fmt.Errorf("%w: the settings speak of another network", checkpoint.ErrCorrupt)
	}
	if data.Alphabet.Size() != cfg.Model.Vocab {
		return cfg, fmt.Errorf("%w: %d symbols in the text, %d in the network", checkpoint.ErrAlphabet, data.Alphabet.Size(), cfg.Model.Vocab)
	}
	return cfg, nil
}

// apply makes the changes to the settings of a run that has done step updates.
func (e Extend) apply(cfg Config, step int64, vocab, perEpoch int) (Config, error) {
	if e.Iterations == 0 && step > cfg.Iterations {
		return cfg, fmt.Errorf("%w: %d updates are done, more than the %d planned at first: say how many in all with --iterations", ErrConfig, step, cfg.Iterations)
	}
	if e.Iterations > 0 {
		if e.Iterations < step {
			return cfg, fmt.Errorf("%w: %d iterations, and %d are done", ErrConfig, e.Iterations, step)
		}
		cfg.Iterations = e.Iterations
	}
	cfg.Snapshots = append(cfg.Snapshots, e.Snapshots...)
	return cfg.resolve(vocab, perEpoch)
}

// allocate makes what follows from config, model and data.
func (t *Trainer) allocate() (err error) {
	c := t.cfg
	t.pass, err = t.model.NewPass(rnn.PassOptions{
		T: c.Seq, B: c.Batch, Backward: true, Workers: t.opt.Workers, Train: c.Model.Dropout > 0,
	})
	if err != nil {
		return err
	}
	t.pass.SetDropout(rand.New(t.dropout))
	oc := c.Optim
	oc.Workers = t.opt.Workers
	if t.optim, err = optim.New(oc, len(t.model.Slab())); err != nil {
		return err
	}
	if t.eval, err = NewEvaluator(t.model, t.data.IDs, t.data.Split.Val, t.opt.Workers); err != nil {
		return err
	}
	t.x, t.y = make([]int32, c.Seq*c.Batch), make([]int32, c.Seq*c.Batch)
	t.savedAt = time.Now()
	return nil
}

// restore puts saved moments into the optimiser's own slots.
func (t *Trainer) restore(o checkpoint.Optimizer) error {
	slots := t.optim.Slots()
	if o.Name != t.cfg.Optim.Name || len(o.Slots) != len(slots) {
		return fmt.Errorf("%w: moments of %s for %s", checkpoint.ErrCorrupt, o.Name, t.cfg.Optim.Name)
	}
	for name, slot := range slots {
		saved, ok := o.Slots[name]
		if !ok || len(saved) != len(slot) {
			return fmt.Errorf("%w: moments %q are missing", checkpoint.ErrCorrupt, name)
		}
		copy(slot, saved)
	}
	t.optim.SetSteps(o.Steps)
	return nil
}

// order is the training part as the streams read it. Another seed of the order turns
// it: every stream then holds another piece of the text, and meets it in another order.
func (d Data) order(cfg Config) []int32 {
	ids := d.train()
	if cfg.OrderSeed == 0 || len(ids) == 0 {
		return ids
	}
	at := rand.New(rand.NewPCG(cfg.OrderSeed, streamOrder)).IntN(len(ids))
	return slices.Concat(ids[at:], ids[:at])
}

func (d Data) train() []int32 { return d.IDs[d.Split.Train.Lo:d.Split.Train.Hi] }

// Config is the settings with everything filled in.
func (t *Trainer) Config() Config { return t.cfg }

// Step is the number of updates done.
func (t *Trainer) Step() int64 { return t.step }

// Model is the network being trained.
func (t *Trainer) Model() *rnn.Model { return t.model }

// Best is the lowest validation loss so far, in nats, and its step (-1: none yet).
func (t *Trainer) Best() (loss float64, step int64) { return t.bestLoss, t.bestStep }

// Run trains to the last step. When ctx ends it finishes the update it is in, saves,
// and returns an *InterruptedError. A *DivergedError means that nothing was saved
// since LastGood. Other errors are the Store's or the Listener's. After an error the
// Trainer is spent: resume from what was saved.
func (t *Trainer) Run(ctx context.Context, l Listener) error {
	err := t.run(ctx, l)
	if err == nil || !errors.Is(err, errStopped) {
		return err
	}
	if err := t.save(l); err != nil {
		return err
	}
	return &InterruptedError{Step: t.step, Cause: ctx.Err()}
}

// errStopped: ctx ended somewhere inside a step.
var errStopped = errors.New("stopped")

func (t *Trainer) run(ctx context.Context, l Listener) error {
	if t.pending {
		if err := t.due(ctx, l); err != nil {
			return err
		}
	}
	for t.step < t.cfg.Iterations {
		if ctx.Err() != nil {
			return errStopped
		}
		if err := t.update(l); err != nil {
			return err
		}
		if err := t.due(ctx, l); err != nil {
			return err
		}
	}
	if t.lastSaved == t.step {
		return nil
	}
	return t.save(l)
}

// update makes one optimiser step.
func (t *Trainer) update(l Listener) error {
	start := time.Now()
	epoch := t.streams.Cursor().Epoch
	if t.streams.Next(t.x, t.y) {
		t.hidden.Zero()
	}
	chars := len(t.x)
	t.pass.Repack()
	t.pass.Forward(t.x, t.hidden, nil)
	loss := t.pass.Backward(t.y, 1/float32(chars)) / float64(chars)
	if !finite(loss) {
		return t.divergence(t.step+1, "loss", loss)
	}
	lr := t.cfg.Optim.Rate(t.step, int(epoch))
	norm := t.optim.Step(t.model.Slab(), t.model.Grads(), lr)
	if !finite(norm) {
		return t.divergence(t.step+1, "gradient", norm)
	}
	t.step++
	t.pending = true
	t.meter.add(chars, time.Since(start))
	if l.Step != nil {
		return l.Step(t.event(loss, lr, norm))
	}
	return nil
}

func (t *Trainer) event(loss, lr, norm float64) Step {
	at := t.streams.Cursor()
	e := Step{
		Step: t.step, Last: t.cfg.Iterations, Loss: loss, LR: lr, GradNorm: norm,
		Epoch: float64(at.Epoch) + float64(at.Chunk)/float64(t.streams.PerEpoch()),
		Chars: int64(len(t.x)), Rate: t.meter.rate(),
	}
	if e.Rate > 0 {
		seconds := float64((e.Last-e.Step)*e.Chars) / e.Rate
		e.Left = time.Duration(min(seconds, 1e9) * float64(time.Second))
	}
	return e
}

// due does what belongs to the present step after its update.
func (t *Trainer) due(ctx context.Context, l Listener) error {
	snapshot := slices.Contains(t.cfg.Snapshots, t.step)
	if snapshot || t.cfg.ValidateEvery > 0 && t.step%t.cfg.ValidateEvery == 0 {
		loss, err := t.validate(ctx, l)
		if err != nil {
			return err
		}
		if snapshot && l.Snapshot != nil {
			err := l.Snapshot(ctx, Snapshot{Checkpoint: live(t.model, t), Step: t.step, Last: t.cfg.Iterations, Loss: loss, State: t.done})
			if err != nil && ctx.Err() != nil && errors.Is(err, ctx.Err()) {
				return errStopped
			}
			if err != nil {
				return err
			}
		}
	}
	t.pending = false
	if t.saveDue() {
		return t.save(l)
	}
	return nil
}

func (t *Trainer) validate(ctx context.Context, l Listener) (float64, error) {
	loss, n, err := t.eval.Loss(ctx, l.Validating)
	if err != nil {
		return 0, errStopped
	}
	if !finite(loss) || loss > hopeless {
		return 0, t.divergence(t.step, "validation loss", loss)
	}
	// On resume a pending step is validated again: equal is then still the best.
	best := t.bestStep < 0 || loss < t.bestLoss || t.bestStep == t.step
	if best {
		t.bestLoss, t.bestStep = loss, t.step
	}
	if l.Validated == nil {
		return loss, nil
	}
	return loss, l.Validated(Validation{Step: t.step, Loss: loss, N: n, Best: best})
}

// hopeless is a loss, in nats a symbol, that no network comes to that still learns. Where weights
// have become huge and are numbers yet, it tells. (An untrained network that counts comes to 50.)
const hopeless = 1000

func (t *Trainer) divergence(step int64, what string, value float64) error {
	return &DivergedError{Step: step, What: what, Value: value, LastGood: t.lastSaved}
}

func (t *Trainer) saveDue() bool {
	if t.opt.Store == nil || t.step == t.lastSaved {
		return false
	}
	if t.lastSaved < 0 || t.cfg.SaveEvery > 0 && t.step%t.cfg.SaveEvery == 0 {
		return true
	}
	return t.opt.SaveInterval > 0 && time.Since(t.savedAt) >= t.opt.SaveInterval
}

// save hands the state to the store, unless the weights no longer give numbers:
// they were made by the last update, whose outcome no loss has seen yet.
func (t *Trainer) save(l Listener) error {
	if t.opt.Store == nil {
		return nil
	}
	if p := t.eval.probe(); !finite(p) {
		return t.divergence(t.step, "loss", p)
	}
	r, err := t.state()
	if err != nil {
		return err
	}
	if err := t.opt.Store.SaveResume(r); err != nil {
		if errors.Is(err, checkpoint.ErrNotFinite) {
			return t.divergence(t.step, "weights", math.NaN())
		}
		return err
	}
	t.lastSaved, t.savedAt = t.step, time.Now()
	if l.Saved != nil {
		l.Saved(t.step)
	}
	return nil
}

// done is state with nothing left to do of the present step.
func (t *Trainer) done() (*checkpoint.Resume, error) {
	r, err := t.state()
	if err == nil {
		r.Pending = false
	}
	return r, err
}

// state is the run as it stands, sharing the live arrays.
func (t *Trainer) state() (*checkpoint.Resume, error) {
	cfg, err := json.Marshal(t.cfg)
	if err != nil {
		return nil, err
	}
	dropout, err := t.dropout.MarshalBinary()
	if err != nil {
		return nil, err
	}
	return &checkpoint.Resume{
		Checkpoint: *live(t.model, t),
		Optimizer:  checkpoint.Optimizer{Name: t.cfg.Optim.Name, Steps: t.optim.Steps(), Slots: t.optim.Slots()},
		Hidden:     t.hidden, Cursor: t.streams.Cursor(),
		Streams: map[string][]byte{dropoutStream: dropout},
		Config:  cfg, BestLoss: t.bestLoss, BestStep: t.bestStep, LastStep: t.cfg.Iterations, Pending: t.pending,
	}, nil
}

// meter is a rate over the last few seconds: older counts fade by half every two.
type meter struct {
	chars, seconds float64
}

func (m *meter) add(chars int, d time.Duration) {
	fade := math.Exp2(-d.Seconds() / 2)
	m.chars = m.chars*fade + float64(chars)
	m.seconds = m.seconds*fade + d.Seconds()
}

func (m *meter) rate() float64 {
	if m.seconds == 0 {
		return 0
	}
	return m.chars / m.seconds
}
