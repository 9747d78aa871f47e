package optim

import "math"

// Names of the schedules.
const (
	Constant   = "constant"
	StepEpochs = "step-epochs"
	StepSteps  = "step"
	Cosine     = "cosine"
)

// Schedule is how the learning rate goes down. Karpathy, Johnson and Li (2015)
// use step-epochs with Factor .95 and After 10.
type Schedule struct {
	Name   string  `json:"name,omitempty"`   // constant (also when empty), step-epochs, step, cosine
	Factor float64 `json:"factor,omitempty"` // step schedules: the rate times this at every decay
	After  int     `json:"after,omitempty"`  // the first decay comes after so many epochs or steps; 0: after Every
	Every  int     `json:"every,omitempty"`  // and then after every so many; 0: 1
	Warmup int     `json:"warmup,omitempty"` // cosine: steps of linear warm-up
	Steps  int     `json:"steps,omitempty"`  // cosine: step at which the floor is reached
	Floor  float64 `json:"floor,omitempty"`  // cosine: the last rate as a share of LR
}

func (s Schedule) validate(bad func(string, ...any) error) error {
	switch s.Name {
	case "", Constant:
		return nil
	case StepEpochs, StepSteps:
		if !(s.Factor > 0 && s.Factor <= 1) {
			return bad("schedule factor %v, want more than 0 and at most 1", s.Factor)
		}
		if s.After < 0 || s.Every < 0 {
			return bad("schedule after %d every %d, want no negative number", s.After, s.Every)
		}
		return nil
	case Cosine:
		if s.Warmup < 0 || s.Steps <= s.Warmup {
			return bad("cosine schedule of %d steps with %d of warm-up, want more steps than warm-up", s.Steps, s.Warmup)
		}
		if !(s.Floor >= 0 && s.Floor <= 1) {
			return bad("schedule floor %v, want 0 to 1", s.Floor)
		}
		return nil
	}
	return bad("schedule %q, want constant, step-epochs, step or cosine", s.Name)
}

// decays is how many decays there were once done epochs or steps are over.
func (s Schedule) decays(done int64) int64 {
	every := int64(max(s.Every, 1))
	first := int64(s.After)
	if first == 0 {
		first = every
	}
	if done < first {
		return 0
	}
	return (done-first)/every + 1
}

// Rate is the learning rate of an update before which step updates and epoch whole
// passes over the text are done.
func (c Config) Rate(step int64, epoch int) float64 {
	s := c.Schedule
	switch s.Name {
	case StepEpochs:
		return c.LR * math.Pow(s.Factor, float64(s.decays(int64(epoch))))
	case StepSteps:
		return c.LR * math.Pow(s.Factor, float64(s.decays(step)))
	case Cosine:
		if step < int64(s.Warmup) {
			return c.LR * float64(step+1) / float64(s.Warmup)
		}
		at := min(1, float64(step-int64(s.Warmup))/float64(s.Steps-s.Warmup))
		return c.LR * (s.Floor + (1-s.Floor)*(1+math.Cos(math.Pi*at))/2)
	}
	return c.LR
}
