package explain

import (
	"context"
	"crypto/sha256"
	"fmt"
	"math"
	"slices"

	"github.com/rnnscope/rnnscope/stat"
)

// scoreUntrained grows the same descriptions for networks with PyTorch's initial weights.
func (j *job) scoreUntrained(ctx context.Context, sites []Site, units int) error {
	networks := j.Controls(j.opt.Untrained)
	for i := range sites {
		sites[i].Fresh = &UntrainedUnits{Networks: networks, Highest: Curve{stat.Undefined(), stat.Undefined(), stat.Undefined()}}
	}
	advance := j.stage(fmt.Sprintf("%d untrained networks", networks), networks*units)
	saved := j.savedUntrained(sites)
	for k := range networks {
		if k < len(saved.Networks) {
			for range units {
				advance()
			}
			continue
		}
		network, err := j.freshNetwork(ctx, k, len(sites), advance)
		if err != nil {
			return err
		}
		saved.Networks = append(saved.Networks, network)
		if j.opt.Keep != nil && j.Model != nil {
			j.opt.Keep(saved)
		}
	}
	for i := range sites {
		sites[i].Fresh.sum(saved.Networks[:networks], i)
	}
	return nil
}

// savedUntrained is what an earlier explanation left of the same untrained networks.
func (j *job) savedUntrained(sites []Site) *Saved {
	out := &Saved{}
	if j.Model == nil {
		return out
	}
	out.Key = j.savedKey()
	var units []int
	for _, s := range sites {
		units = append(units, len(s.Units))
	}
	if j.opt.Saved.fits(out.Key, units) {
		out.Networks = slices.Clone(j.opt.Saved.Networks)
	}
	return out
}

// freshNetwork grows descriptions for the k-th untrained network.
func (j *job) freshNetwork(ctx context.Context, k, sites int, advance func()) ([]SavedUnits, error) {
	states, err := j.Control(k, j.opt.Sites, j.opt.Seed)
	if err != nil {
		return nil, err
	}
	out := make([]SavedUnits, sites)
	err = j.studies(ctx, states, j.plan.sample(), advance, func(i int, s *study) error {
		out[i] = s.savedUnits()
		return nil
	})
	return out, err
}

// sum takes in what networks came to at the i-th site.
func (f *UntrainedUnits) sum(networks [][]SavedUnits, i int) {
	var all []Unit
	for _, of := range networks {
		for size, h := range of[i].Highest {
			if x := float64(h); !math.IsNaN(x) && !(float64(f.Highest[size]) >= x) {
				f.Highest[size] = h
			}
		}
		for _, r2 := range of[i].R2 {
			var u Unit
			for size := range r2 {
				u.R2[size] = stat.Point(float64(r2[size]), 0)
			}
			all = append(all, u)
		}
	}
	f.Median, f.Half = summary(all)
}

// raise lifts the highest scores to those of one more unit.
func raise(highest *Curve, beyond [Sizes]stat.Interval) {
	for i, b := range beyond {
		if h := float64(highest[i]); !math.IsNaN(b.Estimate) && !(h >= b.Estimate) {
			highest[i] = stat.Number(b.Estimate)
		}
	}
}

// savedUnits sums up the study of a site.
func (s *study) savedUnits() SavedUnits {
	out := SavedUnits{Highest: Curve{stat.Undefined(), stat.Undefined(), stat.Undefined()}}
	for u := range s.units {
		r2, _ := s.units[u].full.score()
		var curve Curve
		for i := range r2 {
			curve[i] = stat.Number(r2[i].Estimate)
		}
		out.R2 = append(out.R2, curve)
		raise(&out.Highest, s.units[u].beyond())
	}
	return out
}

// savedKey is a digest of all that untrained networks depend on: program, network, seed, places
// and what may be asked there.
func (j *job) savedKey() string {
	h := sha256.New()
	_, _ = fmt.Fprintln(h, j.opt.Version, j.Text.SHA256, j.opt.Seed, j.opt.Sites, j.Model.Config(), Leaves, leafRows,
		j.plan.grow, j.plan.held, j.plan.sample(), j.plan.at)
	j.base.Digest(h)
	return fmt.Sprintf("%x", h.Sum(nil))
}
