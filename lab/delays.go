package lab

import (
	"context"
	"slices"

	"github.com/rnnscope/rnnscope/memory"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"
	"github.com/rnnscope/rnnscope/train"
)

// Sizes of the experiment.
const (
	delayPairs = 2000
	delayBatch = 32
	delayChars = 600_000
)

// DelayOptions say how the network of a delay is trained.
type DelayOptions struct {
	Hidden  int   // units of the LSTM
	Steps   int64 // updates
	Seed    uint64
	Workers int
}

// DelayOutcome is a network trained on one delay.
type DelayOutcome struct {
	Delay   int                `json:"delay"`
	Steps   int64              `json:"steps"`
	Hidden  int                `json:"hidden"`
	Learned bool               `json:"learned"` // the bit is right in at least 95 % of the pairs up to the delay
	Right   stat.Number        `json:"right"`   // share right at gaps from two thirds of the delay to all of it
	Result  memory.SuiteResult `json:"result"`
}

// Delay trains a small LSTM on lines that keep one bit over at most gap characters, half
// over the delay itself, half over less, and measures how far back the network remembers.
// step may be nil: it hears of every update. It panics if gap is below 1; errors match
// train.ErrConfig or are ctx's.
func Delay(ctx context.Context, gap int, opt DelayOptions, step func(train.Step) error) (DelayOutcome, error) {
	if gap < 1 {
		panic("lab: a delay of less than a character")
	}
	rng := newRand(opt.Seed, uint64(gap))
	a := memory.DelayAlphabet()
	ids, err := a.Encode([]byte(memory.DelayText(max(delayChars, 4*delayBatch*(gap+8)), gap, rng)), text.UnknownError)
	if err != nil {
		return DelayOutcome{}, err
	}
	cfg, err := opt.config(gap)
	if err != nil {
		return DelayOutcome{}, err
	}
	split, err := text.TailSplit(len(ids), 0.9, 0.05)
	if err != nil {
		return DelayOutcome{}, err
	}
	t, err := train.New(cfg, train.Data{Alphabet: a, IDs: ids, Split: split}, train.Options{Workers: opt.Workers})
	if err != nil {
		return DelayOutcome{}, err
	}
	if err := t.Run(ctx, train.Listener{Step: step}); err != nil {
		return DelayOutcome{}, err
	}
	suite := memory.DelaySuite(8*gap, delayPairs, rng)
	res, err := memory.Scorer{Model: t.Model(), Alphabet: a, Workers: opt.Workers}.Score(ctx, suite, rng)
	o := DelayOutcome{Delay: gap, Steps: cfg.Iterations, Hidden: opt.Hidden, Result: res, Right: stat.Undefined()}
	if err != nil {
		return o, err
	}
	return o, opt.ask(ctx, &o, t.Model(), a)
}

// config sees a whole line in one chunk at least, so that nothing but the
// network itself bounds what can be learned.
func (opt DelayOptions) config(gap int) (train.Config, error) {
	cfg, err := train.Preset("demo")
	cfg.Model = rnn.Config{Cell: rnn.LSTM, Hidden: opt.Hidden, Layers: 1}
	cfg.Batch, cfg.Seq, cfg.Iterations = delayBatch, max(48, 2*(gap+4)), opt.Steps
	cfg.Seed = opt.Seed
	cfg.Optim.Clip, cfg.Optim.ClipAt = "norm", 1
	return cfg, err
}

// ask asks at the delay itself and at every gap up to it.
func (opt DelayOptions) ask(ctx context.Context, o *DelayOutcome, m *rnn.Model, a *text.Alphabet) error {
	rng := newRand(opt.Seed, uint64(o.Delay)+1<<32)
	near, scorer := memory.DelaySuite(o.Delay, delayPairs, rng), memory.Scorer{Model: m, Alphabet: a, Workers: opt.Workers}
	upTo, err := scorer.Score(ctx, near, rng)
	if err != nil {
		return err
	}
	near.Pairs = slices.DeleteFunc(near.Pairs, func(p memory.MinimalPair) bool { return 3*p.Gap < 2*o.Delay })
	at, err := scorer.Score(ctx, near, rng)
	o.Right, o.Learned = stat.Number(at.All.Right.Estimate), true
	for _, b := range upTo.Bins {
		o.Learned = o.Learned && b.Right.Estimate >= 0.95
	}
	return err
}
