package dissect

// Rotated compares the basis of units with random ones: the best AUROC over the
// units of a site beside the best over the axes of the same states rotated at
// random, both the highest in either direction on the same positions. Units that
// lie above every rotation are aligned with the concept; equal heights mean that the
// direction, not the unit, carries it.
type Rotated struct {
	Site      string  `json:"site"`
	Positions int     `json:"positions"` // sampled from the report
	Positive  int     `json:"positive"`  // of them on
	Axes      int     `json:"axes"`      // units, and axes of each rotation
	Draws     int     `json:"draws"`     // rotations
	Unit      float64 `json:"unit"`      // best AUROC over units
	Mean      float64 `json:"mean"`      // mean over rotations of the best AUROC over axes
	Highest   float64 `json:"highest"`   // of the rotations
}
