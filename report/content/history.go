package content

import (
	"errors"
	"math"

	"github.com/rnnscope/rnnscope/births"
	"github.com/rnnscope/rnnscope/evolve"
	"github.com/rnnscope/rnnscope/run"
	"github.com/rnnscope/rnnscope/stat"
)

// readEvolution joins the samples of the run with the figures of its evolution view.
func (d *Data) readEvolution(r *run.Run) error {
	samples, err := r.Samples()
	if err != nil {
		return err
	}
	var history evolve.History
	if err := r.ViewOf(r.Whole(), evolve.ViewName, &history); err != nil && !errors.Is(err, run.ErrNoView) {
		return err
	}
	var born births.Result
	switch err := r.ViewOf(r.Whole(), births.ViewName, &born); {
	case err == nil:
		d.Births = &born
	case !errors.Is(err, run.ErrNoView):
		return err
	}
	loss := map[int64]float64{}
	for _, v := range d.Validation {
		loss[v.Step] = v.Value
	}
	skills := map[int64]map[string]stat.Interval{}
	for _, s := range history.Snapshots {
		if _, ok := loss[s.Step]; !ok {
			loss[s.Step] = s.ValLoss
		}
		skills[s.Step] = map[string]stat.Interval{}
		for _, k := range s.Skills {
			skills[s.Step][k.Name] = k.Value
		}
	}
	for _, s := range samples {
		if s.Index != 0 {
			continue
		}
		m := Moment{Step: s.Step, Loss: math.NaN(), Sample: s.Prompt + s.Text, Prompt: s.Prompt, Temperature: s.Temperature, Seed: s.Seed, Skills: skills[s.Step]}
		if v, ok := loss[s.Step]; ok {
			m.Loss = v
		}
		d.Moments = append(d.Moments, m)
	}
	d.Skills, d.Emergence, d.HeldOut = curves(history), history.Emergence, heldOutOf(history)
	return nil
}

// curves turns snapshots into one curve a skill, in the order of definitions.
func curves(h evolve.History) []Skill {
	var out []Skill
	for _, def := range h.Definitions {
		k := Skill{Name: def.Name, Titles: def.Titles, Share: def.Share, Lower: def.Lower}
		for _, s := range h.Snapshots {
			for _, v := range s.Skills {
				if v.Name == def.Name {
					k.Add(float64(s.Step), v.Value)
				}
			}
		}
		for _, v := range h.Reference {
			if v.Name == def.Name && v.Value.Defined() {
				k.Reference = &v.Value
			}
		}
		if len(k.Steps) > 0 {
			out = append(out, k)
		}
	}
	return out
}

// Add appends the figure of a step. A figure of nothing has no band.
func (k *Skill) Add(step float64, v stat.Interval) {
	if !v.Defined() {
		v.Lo, v.Hi = math.NaN(), math.NaN()
	}
	if v.Defined() {
		if k.First.N == 0 {
			k.First = v
		}
		k.Last = v
	}
	k.Steps, k.Values = append(k.Steps, step), append(k.Values, v.Estimate)
	k.Low, k.High = append(k.Low, v.Lo), append(k.High, v.Hi)
}

// heldOutOf pairs every measure with its first and last figures.
func heldOutOf(h evolve.History) []HeldOut {
	var out []HeldOut
	for k, m := range h.Measures {
		x := HeldOut{Measure: m}
		for _, s := range h.Snapshots {
			if k >= len(s.HeldOut) || s.HeldOut[k].Name != m.Name {
				continue
			}
			if x.First.Name == "" {
				x.First = s.HeldOut[k]
			}
			x.Last = s.HeldOut[k]
		}
		for _, p := range h.Pairings {
			if p.Name == m.Name && x.First.Name != "" {
				x.Came = p
				out = append(out, x)
			}
		}
	}
	return out
}
