package explain

import (
	"crypto/sha256"
	"fmt"

	"github.com/rnnscope/rnnscope/stat"
)

// SavedName is the name of Saved among a run's views.
const SavedName = "explain-untrained"

// Saved is what the untrained networks of an explanation came to, one by one: it is most of the
// work, and an explanation that was stopped goes on behind the last of them. Key says what they
// were measured on; under another one they are measured anew.
type Saved struct {
	Key      string         `json:"key"`
	Networks [][]SavedUnits `json:"networks"` // by network and site
}

// SavedUnits is the units of one site of an untrained network.
type SavedUnits struct {
	R2      []Curve `json:"r2"`      // by unit
	Highest Curve   `json:"highest"` // beyond short context
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

// fits reports whether what was saved is of this key and shape.
func (v *Saved) fits(key string, units []int) bool {
	if v == nil || v.Key != key {
		return false
	}
	for _, network := range v.Networks {
		if len(network) != len(units) {
			return false
		}
		for i, s := range network {
			if len(s.R2) != units[i] {
				return false
			}
		}
	}
	return true
}
