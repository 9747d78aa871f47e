package rnn

// Stepper runs a model one step at a time, for sampling.
type Stepper struct{}

// NewStepper packs the weights for b streams.
func (m *Model) NewStepper(b int) *Stepper { panic("to come") }

// State is the stepper's own state: set it with CopyFrom.
func (s *Stepper) State() *State { panic("to come") }

// Step reads one symbol a stream, x [B] (negative: the row is left as it is), and
// returns the logits [B,V], valid until the next Step.
func (s *Stepper) Step(x []int32) []float32 { panic("to come") }

// StepDoor is Step through a door; t is the step the door is told.
func (s *Stepper) StepDoor(x []int32, t int, door Door) []float32 { panic("to come") }
