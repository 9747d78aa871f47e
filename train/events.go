package train

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/rnnscope/rnnscope/checkpoint"
	"github.com/rnnscope/rnnscope/rnn"
)

// Listener is told what happens, on the goroutine of Run. Nil fields are skipped.
// An error stops the run with that error.
type Listener struct {
	Step       func(Step) error
	Validating func(done, total int) // progress within one validation, in characters
	Validated  func(Validation) error
	// Snapshot is called with the weights of a step of Config.Snapshots, after its
	// validation; when it fails the step's snapshot is made again on resume.
	Snapshot func(context.Context, Snapshot) error
	Saved    func(step int64) // the resume file of this step is on disk
}

// Step is one update.
type Step struct {
	Step     int64         // 1 after the first update
	Last     int64         // step of the last update
	Loss     float64       // of this chunk before the update, nats a character
	LR       float64       // learning rate used
	GradNorm float64       // before clipping
	Epoch    float64       // passes over the training part so far
	Chars    int64         // characters of this chunk, T*B
	Rate     float64       // characters a second, over the last seconds of stepping
	Left     time.Duration // to the last step at that rate; validation not counted
}

// Validation is the loss over the whole validation part.
type Validation struct {
	Step int64
	Loss float64 // nats a character
	N    int64   // characters scored
	Best bool    // lower than at every validation before
}

// Snapshot is a moment of training kept for looking back.
type Snapshot struct {
	Checkpoint *checkpoint.Checkpoint // the live network: read it, do not keep it
	Step       int64
	Last       int64
	Loss       float64 // validation, nats a character
	// State is all that training goes on from after this step, sharing live arrays as Checkpoint does.
	State func() (*checkpoint.Resume, error)
}

// SampleStreams returns n new random streams for the samples of a snapshot, the
// same at every snapshot of a run, so that samples differ by what the network
// learned alone.
func (c Config) SampleStreams(n int) []*rand.Rand {
	streams := make([]*rand.Rand, n)
	for i := range streams {
		streams[i] = rand.New(rand.NewPCG(c.Seed, streamSample+uint64(i)))
	}
	return streams
}

// Store keeps the state of the run. SaveResume must not return before the state
// is durable, nor keep r: its weights go on changing.
type Store interface {
	SaveResume(r *checkpoint.Resume) error
}

// Bits converts nats to bits.
func Bits(nats float64) float64 { return nats / math.Ln2 }

// ErrInterrupted: ctx ended and the state was saved; match with errors.Is. The
// error also matches ctx.Err().
var ErrInterrupted = errors.New("training was interrupted")

// ErrDiverged matches a *DivergedError.
var ErrDiverged = errors.New("training diverged")

// InterruptedError says where a run stopped.
type InterruptedError struct {
	Step  int64 // saved; resuming goes on after it
	Cause error
}

func (e *InterruptedError) Error() string {
	return fmt.Sprintf("%v after step %d; the state is saved, resume goes on from there", ErrInterrupted, e.Step)
}

func (e *InterruptedError) Unwrap() []error { return []error{ErrInterrupted, e.Cause} }

// DivergedError says what became NaN, infinite or, of the validation loss, hopeless. The resume file is still that
// of LastGood; the broken state was not saved.
type DivergedError struct {
	Step     int64   // update in which it was seen
	What     string  // "loss", "gradient", "validation loss", "weights"
	Value    float64 // what it became
	LastGood int64   // step of the last saved state, -1 if none was saved in this process
}

func (e *DivergedError) Error() string {
	good := "nothing was saved yet"
	if e.LastGood >= 0 {
		good = fmt.Sprintf("the state of step %d is kept", e.LastGood)
	}
	return fmt.Sprintf("%v at step %d: the %s became %.4g; %s", ErrDiverged, e.Step, e.What, e.Value, good)
}

func (e *DivergedError) Unwrap() error { return ErrDiverged }

func finite(x float64) bool { return x-x == 0 }

// live is the network as a checkpoint that shares its weights.
func live(m *rnn.Model, t *Trainer) *checkpoint.Checkpoint {
	return &checkpoint.Checkpoint{Model: m, Alphabet: t.data.Alphabet, Step: t.step, Meta: t.opt.Meta}
}
