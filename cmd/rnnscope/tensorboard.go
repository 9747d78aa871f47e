package main

import (
	"context"
	"errors"

	"github.com/rnnscope/rnnscope/tensorboard"
	"github.com/rnnscope/rnnscope/train"
)

// boardEvery is the number of updates between two points of the training loss.
const boardEvery = 10

// board copies what a training measures to TensorBoard's event files.
type board struct {
	w    *tensorboard.Writer
	said func() string // the sample shown of the newest snapshot
}

// onBoard is l, and everything it is told is written to a new event file in dir as well; l itself where dir is empty.
// The returned function ends the file.
func onBoard(dir string, l train.Listener, said func() string) (train.Listener, func() error, error) {
	if dir == "" {
		return l, func() error { return nil }, nil
	}
	w, err := tensorboard.Create(dir)
	if err != nil {
		return l, nil, err
	}
	b := board{w, said}
	step, validated, snapshot := l.Step, l.Validated, l.Snapshot
	l.Step = func(e train.Step) error {
		if step != nil {
			if err := step(e); err != nil {
				return err
			}
		}
		return b.step(e)
	}
	l.Validated = func(e train.Validation) error {
		if validated != nil {
			if err := validated(e); err != nil {
				return err
			}
		}
		return w.Scalar(e.Step, "loss/validation", e.Loss)
	}
	l.Snapshot = func(ctx context.Context, e train.Snapshot) error {
		if snapshot != nil {
			if err := snapshot(ctx, e); err != nil {
				return err
			}
		}
		return w.Text(e.Step, "sample", "```\n"+b.said()+"\n```")
	}
	return l, func() error { return errors.Join(w.Flush(), w.Close()) }, nil
}

func (b board) step(e train.Step) error {
	if e.Step%boardEvery != 0 && e.Step != e.Last {
		return nil
	}
	return errors.Join(
		b.w.Scalar(e.Step, "loss/training", e.Loss),
		b.w.Scalar(e.Step, "gradient_norm", e.GradNorm),
		b.w.Scalar(e.Step, "learning_rate", e.LR),
		b.w.Scalar(e.Step, "characters_per_second", e.Rate),
	)
}
