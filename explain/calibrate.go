package explain

import (
	"context"
	"fmt"
	"math"

	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/stat"
)

// Calibration is how often an untrained network passes for one that remembers: every
// one of some networks is held against all others.
type Calibration struct {
	Site     string        `json:"site"`
	Networks stat.Interval `json:"networks"` // share of networks with a unit whose beyond-score counts
	Units    stat.Interval `json:"units"`    // share of units
	Highest  float64       `json:"highest"`  // beyond-score of any unit
	Median   Curve         `json:"median"`   // R2 of their units, by size
}

// Calibrate asks it of networks untrained networks of the specimen's shape.
func Calibrate(ctx context.Context, sp *specimen.Specimen, opt Options, networks int, progress Progress) ([]Calibration, error) {
	j, err := newJob(sp, opt)
	if err != nil {
		return nil, err
	}
	j.progress = progress
	if networks < 2 || sp.Controls(networks) < networks {
		return nil, fmt.Errorf("%w: %d untrained networks, want two or more", specimen.ErrInput, networks)
	}
	if err := j.prepare(ctx); err != nil {
		return nil, err
	}
	if j.plan.swap == 0 {
		return nil, fmt.Errorf("%w: the text is too short for the null; give a longer one", specimen.ErrInput)
	}
	sites := j.states.Sites()
	all := make([][][]Unit, len(sites)) // [site][network][unit]
	units := 0
	for _, s := range sites {
		units += s.Units
	}
	advance := j.stage("untrained networks", 2*networks*units)
	for k := range networks {
		states, err := j.Control(k, j.opt.Sites, j.opt.Seed)
		if err != nil {
			return nil, err
		}
		err = j.studies(ctx, states, j.plan.report, advance, func(i int, s *study) error {
			p, err := j.swapAll(ctx, s, advance)
			var of []Unit
			for u := range s.units {
				x := Unit{Unit: u, Beyond: s.units[u].beyond(), P: stat.Number(p[u])}
				x.R2, _ = s.units[u].full.score()
				of = append(of, x)
			}
			all[i] = append(all[i], of)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	var out []Calibration
	for i, s := range sites {
		out = append(out, passing(s.Name, all[i]))
	}
	return out, nil
}

// passing holds each network against the others.
func passing(site string, networks [][]Unit) Calibration {
	out := Calibration{Site: site, Highest: math.NaN()}
	highest := make([]float64, len(networks))
	var flat []Unit
	for k, units := range networks {
		highest[k] = math.Inf(-1)
		for _, u := range units {
			highest[k] = max(highest[k], u.Beyond[Sizes-1].Estimate)
		}
		flat = append(flat, units...)
	}
	passed, units := int64(0), int64(0)
	for k, of := range networks {
		others := math.Inf(-1)
		for i, h := range highest {
			if i != k {
				others = max(others, h)
			}
		}
		n := int64(0)
		for _, u := range of {
			if counts(u.Beyond[Sizes-1], float64(u.P), others, len(of)) {
				n++
			}
		}
		passed, units = passed+min(n, 1), units+n
		out.Highest = max(others, highest[k])
	}
	out.Networks, out.Units = stat.Wilson(passed, int64(len(networks))), stat.Wilson(units, int64(len(flat)))
	out.Median, _ = summary(flat)
	return out
}
