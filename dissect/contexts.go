package dissect

// RangeContext is one place drawn at random from all those at which a unit's
// activation lay in a band of its range: what its middle looks like, beside its peaks.
type RangeContext struct {
	Lo   float64 `json:"lo"` // the band
	Hi   float64 `json:"hi"`
	On   bool    `json:"on"` // the concept's label there
	Peak Peak    `json:"place"`
}
