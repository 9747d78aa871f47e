package inspect

import (
	"context"
	"fmt"
	"math"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
	"github.com/rnnscope/rnnscope/cmd/rnnscope/table"
	"github.com/rnnscope/rnnscope/lab"
	"github.com/rnnscope/rnnscope/memory"
	"github.com/rnnscope/rnnscope/train"
)

// delayFlags are the settings of the delay experiment.
type delayFlags struct {
	Delays      []int  `placeholder:"G,..." default:"10,30,100,200,500" group:"Delay experiment" help:"Longest delays to train on, one network each."`
	DelayHidden int    `placeholder:"H" default:"32" group:"Delay experiment" help:"Units of the LSTM."`
	DelaySteps  int64  `placeholder:"N" default:"1500" group:"Delay experiment" help:"Updates of each network."`
	DelaySeed   uint64 `placeholder:"N" default:"1" group:"Delay experiment" help:"Seed of text and network."`
}

// latchPairs are the pairs each latch is measured on.
const latchPairs = 3000

// latches measures hand-wired latches whose leak spans two decades.
func (c *MemoryCmd) latches(ctx context.Context, s *console.Session) error {
	var lambdas []float64
	for h := 3.0; h <= 310; h *= math.Pow(10, 0.25) {
		lambdas = append(lambdas, math.Ln2/h)
	}
	res, err := memory.Latches(ctx, lambdas, latchPairs, int(c.Workers), console.NewRand(c.Seed, 3))
	if err != nil {
		return err
	}
	if s.JSON {
		return s.PrintJSON(res)
	}
	return table.Latches(s.Console.Stdout, res)
}

// delays trains a small LSTM for each delay and measures its horizon.
func (c *MemoryCmd) delays(ctx context.Context, s *console.Session) error {
	var out []lab.DelayOutcome
	for _, gap := range c.Delays {
		if gap < 1 {
			return console.Misusef("a delay of %d: give at least 1", gap)
		}
		bar := s.Note.Progress(fmt.Sprintf("delay %d", gap), "step", c.DelaySteps)
		o, err := lab.Delay(ctx, gap, lab.DelayOptions{Hidden: c.DelayHidden, Steps: c.DelaySteps, Seed: c.DelaySeed, Workers: int(c.Workers)}, func(p train.Step) error {
			bar.Set(p.Step, fmt.Sprintf("%.3f nats", p.Loss))
			return nil
		})
		bar.Done()
		if err != nil {
			return err
		}
		out = append(out, o)
	}
	if s.JSON {
		return s.PrintJSON(out)
	}
	return table.Delays(s.Console.Stdout, out)
}
