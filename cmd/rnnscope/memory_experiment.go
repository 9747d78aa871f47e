package main

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/table"
	"github.com/rnnscope/rnnscope/memory"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"
	"github.com/rnnscope/rnnscope/train"
)

// delayFlags are the settings of the delay experiment.
type delayFlags struct {
	Delays      []int  `placeholder:"G,..." default:"10,30,100,200,500" group:"Delay experiment" help:"Longest delays to train on, one network each."`
	DelayHidden int    `placeholder:"H" default:"32" group:"Delay experiment" help:"Units of the LSTM."`
	DelaySteps  int64  `placeholder:"N" default:"1500" group:"Delay experiment" help:"Updates of each network."`
	DelaySeed   uint64 `placeholder:"N" default:"1" group:"Delay experiment" help:"Seed of text and network."`
}

// Sizes of the experiments.
const (
	latchPairs = 3000
	delayPairs = 2000
	delayBatch = 32
	delayChars = 600_000
)

// latches measures hand-wired latches whose leak spans two decades.
func (c *memoryCmd) latches(ctx context.Context, s *session) error {
	var lambdas []float64
	for h := 3.0; h <= 310; h *= math.Pow(10, 0.25) {
		lambdas = append(lambdas, math.Ln2/h)
	}
	res, err := memory.Latches(ctx, lambdas, latchPairs, int(c.Workers), newRand(c.Seed, 3))
	if err != nil {
		return err
	}
	if s.json {
		return s.printJSON(res)
	}
	rows := [][]string{{"leak a character", "ln 2 / leak", "measured horizon", "covered"}}
	for _, r := range res {
		covered := "no"
		if r.Covers() {
			covered = "yes"
		}
		rows = append(rows, []string{fmt.Sprintf("%.5f", r.Lambda), table.Fixed(r.Expected, 1), horizonWords(r.Measured.Horizon), covered})
	}
	_, err = fmt.Fprint(s.main.Stdout, table.Aligned(rows, 0))
	return err
}

func horizonWords(h memory.Horizon) string {
	if h.None || h.Censored {
		return h.String()
	}
	return table.Fixed(h.Gap.Estimate, 1) + " " + table.Bounds(h.Gap, 1)
}

// delayOutcome is one trained network.
type delayOutcome struct {
	Delay   int                `json:"delay"`
	Steps   int64              `json:"steps"`
	Hidden  int                `json:"hidden"`
	Learned bool               `json:"learned"` // the bit is right in at least 95 % of the pairs up to the delay
	Right   stat.Number        `json:"right"`   // share right at gaps from two thirds of the delay to all of it
	Result  memory.SuiteResult `json:"result"`
}

// delays trains a small LSTM for each delay and measures its horizon.
func (c *memoryCmd) delays(ctx context.Context, s *session) error {
	var out []delayOutcome
	for _, gap := range c.Delays {
		if gap < 1 {
			return misused("a delay of %d: give at least 1", gap)
		}
		o, err := c.delay(ctx, s, gap)
		if err != nil {
			return err
		}
		out = append(out, o)
	}
	if s.json {
		return s.printJSON(out)
	}
	rows := [][]string{{"delay", "updates", "right at the delay", "right at every gap up to it", "horizon"}}
	for _, o := range out {
		learned := "no"
		if o.Learned {
			learned = "yes"
		}
		rows = append(rows, []string{table.Grouped(o.Delay), table.Grouped(int(o.Steps)), table.Fixed(float64(o.Right), 2), learned, horizonWords(o.Result.Horizon)})
	}
	_, err := fmt.Fprint(s.main.Stdout, table.Aligned(rows, 0)+"Lines keep one bit: half over the delay itself, half over less. Asked at gaps up to eight times the delay; 0.50 is knowing nothing.\n")
	return err
}

func (c *memoryCmd) delay(ctx context.Context, s *session, gap int) (delayOutcome, error) {
	rng := newRand(c.DelaySeed, uint64(gap))
	a := memory.DelayAlphabet()
	ids, err := a.Encode([]byte(memory.DelayText(max(delayChars, 4*delayBatch*(gap+8)), gap, rng)), text.UnknownError)
	if err != nil {
		return delayOutcome{}, err
	}
	cfg, err := c.delayConfig(gap)
	if err != nil {
		return delayOutcome{}, err
	}
	split, err := text.TailSplit(len(ids), 0.9, 0.05)
	if err != nil {
		return delayOutcome{}, err
	}
	t, err := train.New(cfg, train.Data{Alphabet: a, IDs: ids, Split: split}, train.Options{Workers: int(c.Workers)})
	if err != nil {
		return delayOutcome{}, err
	}
	bar := s.note.Progress(fmt.Sprintf("delay %d", gap), "step", cfg.Iterations)
	defer bar.Done()
	err = t.Run(ctx, train.Listener{Step: func(p train.Step) error {
		bar.Set(p.Step, fmt.Sprintf("%.3f nats", p.Loss))
		return nil
	}})
	if err != nil {
		return delayOutcome{}, err
	}
	suite := memory.DelaySuite(8*gap, delayPairs, rng)
	res, err := memory.Score(ctx, t.Model(), a, nil, suite, int(c.Workers), rng)
	o := delayOutcome{Delay: gap, Steps: cfg.Iterations, Hidden: c.DelayHidden, Result: res, Right: stat.Undefined()}
	if err != nil {
		return o, err
	}
	return o, c.judge(ctx, s, &o, t.Model(), a)
}

// delayConfig sees a whole line in one chunk at least, so that nothing but the
// network itself bounds what can be learned.
func (c *memoryCmd) delayConfig(gap int) (train.Config, error) {
	cfg, err := train.Preset("demo")
	cfg.Model = rnn.Config{Cell: rnn.LSTM, Hidden: c.DelayHidden, Layers: 1}
	cfg.Batch, cfg.Seq, cfg.Iterations = delayBatch, max(48, 2*(gap+4)), c.DelaySteps
	cfg.Seed = c.DelaySeed
	cfg.Optim.Clip, cfg.Optim.ClipAt = "norm", 1
	return cfg, err
}

// judge asks at the delay itself and at every gap up to it.
func (c *memoryCmd) judge(ctx context.Context, s *session, o *delayOutcome, m *rnn.Model, a *text.Alphabet) error {
	rng := newRand(c.DelaySeed, uint64(o.Delay)+1<<32)
	near := memory.DelaySuite(o.Delay, delayPairs, rng)
	upTo, err := memory.Score(ctx, m, a, nil, near, int(c.Workers), rng)
	if err != nil {
		return err
	}
	near.Pairs = slices.DeleteFunc(near.Pairs, func(p memory.MinimalPair) bool { return 3*p.Gap < 2*o.Delay })
	at, err := memory.Score(ctx, m, a, nil, near, int(c.Workers), rng)
	o.Right, o.Learned = stat.Number(at.All.Right.Estimate), true
	for _, b := range upTo.Bins {
		o.Learned = o.Learned && b.Right.Estimate >= 0.95
	}
	return err
}
