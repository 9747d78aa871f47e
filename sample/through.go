package sample

import (
	"context"
	"math/rand/v2"
	"strings"

	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/text"
)

// Door is a door that wants to be told what is read before every step: x, one symbol a
// stream, and at, how many were read before.
type Door interface {
	rnn.Door
	Read(x []int32, at int, first []int)
}

// GenerateThrough is Generate by a network whose values go through a door, from the first
// symbol of the prompt on. A door that never writes leaves every symbol as it was.
func GenerateThrough(ctx context.Context, m *rnn.Model, a *text.Alphabet, prompt []int32, opt Options, rng *rand.Rand, door Door, emit func(Token) error) error {
	return generate(ctx, m, a, prompt, opt, rng, door, emit)
}

// TextThrough is GenerateThrough with the symbols joined; the prompt is not part of it.
func TextThrough(ctx context.Context, m *rnn.Model, a *text.Alphabet, prompt []int32, opt Options, rng *rand.Rand, door Door) (string, error) {
	var b strings.Builder
	err := generate(ctx, m, a, prompt, opt, rng, door, func(t Token) error {
		b.WriteString(t.Symbol)
		return nil
	})
	return b.String(), err
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
