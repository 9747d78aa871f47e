package explain

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
