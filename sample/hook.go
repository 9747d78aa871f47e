package sample

import (
	"github.com/rnnscope/rnnscope/rnn"
)

// Hook is an rnn.Hook that is told what is read before every step: x, one symbol a
// stream, and at, how many were read before.
type Hook interface {
	rnn.Hook
	Read(x []int32, at int, first []int)
}

// reader steps a network through a hook, if there is one.
type reader struct {
	stepper *rnn.Stepper
	hook    Hook
	x       []int32
	at      int
}

func (r *reader) read(id int32) []float32 {
	r.x[0] = id
	defer func() { r.at++ }()
	if r.hook == nil {
		return r.stepper.Step(r.x)
	}
	r.hook.Read(r.x, r.at, nil)
	return r.stepper.StepHook(r.x, 0, r.hook)
}
