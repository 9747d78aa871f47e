package lab

import (
	"context"

	"github.com/rnnscope/rnnscope/run"
	"github.com/rnnscope/rnnscope/sample"
	"github.com/rnnscope/rnnscope/text"
	"github.com/rnnscope/rnnscope/train"
)

// samplesPerSnapshot are drawn side by side: the first is shown, all are measured.
const samplesPerSnapshot = 16

// Sampler draws the samples of a training's snapshots and keeps them in the run.
type Sampler struct {
	Run    *run.Run
	Config train.Config
	Newest string // the sample shown of the newest snapshot
}

// Snapshot draws the samples of one moment. Every moment uses the same random stream, so
// that samples differ by what the network learned alone.
func (s *Sampler) Snapshot(ctx context.Context, e train.Snapshot) error {
	c := s.Config.Samples
	a := e.Checkpoint.Alphabet
	prompt, err := a.Encode([]byte(c.Prompt), text.UnknownError)
	if err != nil {
		return err
	}
	opt := sample.Options{N: c.Length, Temperature: c.Temperature}
	texts, err := sample.Texts(ctx, e.Checkpoint.Model, a, prompt, opt, s.Config.SampleStreams(samplesPerSnapshot))
	if err != nil {
		return err
	}
	for i, one := range texts {
		err := s.Run.AddSample(run.Sample{Step: e.Step, Index: i, Prompt: c.Prompt, Temperature: c.Temperature, Text: one, Seed: s.Config.Seed})
		if err != nil {
			return err
		}
	}
	s.Newest = texts[0]
	return nil
}

// Watcher follows a training: it draws and keeps the samples, and others look on.
type Watcher struct {
	Samples *Sampler
	Step    func(train.Step) error // may be nil
	Drawn   func(train.Snapshot)   // after the samples of a snapshot are drawn; may be nil
	Done    func()                 // after the training; may be nil
}

func (w Watcher) step(e train.Step) error {
	if w.Step == nil {
		return nil
	}
	return w.Step(e)
}

func (w Watcher) snapshot(ctx context.Context, e train.Snapshot) error {
	if err := w.Samples.Snapshot(ctx, e); err != nil {
		return err
	}
	if w.Drawn != nil {
		w.Drawn(e)
	}
	return nil
}

// Listener is the watcher as a training tells it.
func (w Watcher) Listener() train.Listener {
	return train.Listener{Step: w.step, Snapshot: w.snapshot}
}
