package main

import (
	"context"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
	"github.com/rnnscope/rnnscope/train"
)

type resumeCmd struct {
	Dir        string        `arg:"" name:"run" help:"Directory of the run."`
	Iterations int64         `placeholder:"N" help:"New last step, to train longer than planned."`
	Snapshots  []int64       `placeholder:"STEP,..." help:"Further steps at which weights and samples are kept."`
	Step       int64         `placeholder:"N" default:"-1" help:"Where the state of the training is lost: go on from this snapshot: exactly where train --keep-states kept its whole state, else from its weights, with moments that start anew."`
	Workers    console.Cores `placeholder:"N" help:"Cores to use (default: all); no result depends on it."`

	TensorBoard string `name:"tensorboard" placeholder:"DIR" help:"Write losses and samples to event files in DIR, for TensorBoard."`
}

func (resumeCmd) Help() string {
	return `Examples:

  rnnscope resume my-run                       finish what Ctrl-C or a power cut stopped
  rnnscope resume my-run --iterations 20000    train longer

The finished run equals, to the bit, one that was never stopped. Where checkpoints/resume.safetensors is lost that cannot
be, unless train --keep-states kept the state of a snapshot; --step goes on from that, or from the weights of a snapshot alone.`
}

func (c *resumeCmd) Run(ctx context.Context, s *console.Session) error {
	r, err := console.OpenWriter(s, c.Dir)
	if err != nil {
		return err
	}
	defer s.Close(r)
	if cfg := r.Info().Config; cfg != nil {
		if err := withinTraining(c.Snapshots, max(cfg.Iterations, c.Iterations)); err != nil {
			return err
		}
	}
	return finishTraining(ctx, s, r, trainHow{
		From: c.Step, Extend: train.Extend{Iterations: c.Iterations, Snapshots: c.Snapshots}, Workers: int(c.Workers), TensorBoard: c.TensorBoard,
	})
}
