package rnn

import (
	"math/rand/v2"
)

// PassOptions says what a Pass is for.
type PassOptions struct {
	T, B     int
	Backward bool     // keep what Backward needs
	Workers  int      // goroutines, 0: GOMAXPROCS; the result's bits never depend on it
	Train    bool     // apply dropout (SetDropout gives it its randomness)
	Sites    []string // kept for Read
}

// Pass runs a model over chunks of T steps and B streams. It allocates when it is
// made and not afterwards. It is for one goroutine at a time.
type Pass struct {
	m *Model
	o PassOptions
}

// NewPass allocates a pass and packs the weights. Errors match ErrConfig (sizes
// below 1), ErrTooLarge or ErrSite.
func (m *Model) NewPass(o PassOptions) (*Pass, error) { panic("to come") }

// Repack must be called after the weights changed and before the next Forward.
func (p *Pass) Repack() { panic("to come") }

// SetDropout gives the randomness of dropout: every Forward draws one value from rng.
func (p *Pass) SetDropout(rng *rand.Rand) { panic("to come") }

// Forward reads x [T,B] from the state st and leaves st after the last step. A
// negative symbol is padding: the row keeps its state. door may be nil.
func (p *Pass) Forward(x []int32, st *State, door Door) { panic("to come") }

// Score is the summed loss, in nats, of the last Forward against the targets y
// [T,B]; positions with a negative target are left out. losses [T,B], if not nil,
// receives every position's own (0 where left out).
func (p *Pass) Score(y []int32, losses []float32) float64 { panic("to come") }

// Backward is Score that also overwrites the model's gradients with those of
// scale * (summed loss), truncated at the start of the chunk.
func (p *Pass) Backward(y []int32, scale float32) float64 { panic("to come") }

// Logits of the last Forward, [T*B,V], valid until the next call on p.
func (p *Pass) Logits() []float32 { panic("to come") }

// Read is the value of a kept site at step t, [B,H], valid until the next call of
// Read for this site or of Forward. It panics if the site was not in PassOptions.Sites.
func (p *Pass) Read(site string, t int) []float32 { panic("to come") }
