package sample

import (
	"github.com/rnnscope/rnnscope/rnn"
)

// Door is a door that wants to be told what is read before every step: x, one symbol a
// stream, and at, how many were read before.
type Door interface {
	rnn.Door
	Read(x []int32, at int, first []int)
}

// reader steps a network through a door, if there is one.
type reader struct {
	stepper *rnn.Stepper
	door    Door
	x       []int32
	at      int
}

func (r *reader) read(id int32) []float32 {
	r.x[0] = id
	defer func() { r.at++ }()
	if r.door == nil {
		return r.stepper.Step(r.x)
	}
	r.door.Read(r.x, r.at, nil)
	return r.stepper.StepDoor(r.x, 0, r.door)
}
