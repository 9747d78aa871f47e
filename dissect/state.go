package dissect

import "github.com/rnnscope/rnnscope/stat"

// StateUnit is the unit with the largest |r_within| on validation over all sites,
// for a concept that needs a state: what is found when nothing counts but what is
// left beside the current character.
type StateUnit struct {
	Score      Score         `json:"score"`               // p is the unit's own, over all units of its site
	Same       bool          `json:"same"`                // it is Best as well; Closer is then Best's
	Validation float64       `json:"validation_r_within"` // |r_within| it was chosen by
	RWithin    stat.Interval `json:"r_within"`            // on the closer look's positions, in the direction of its sign
	Untrained  stat.Number   `json:"untrained_r_within"`  // largest |r_within| of any unit of the untrained networks at the site
	Verdict    Verdict       `json:"verdict"`             // learned: RWithin lies above Untrained
	Holds      bool          `json:"holds"`               // found, and on S_20 among equal characters above .55
	Closer     *CloserLook   `json:"closer"`              // nil if Same
}
