package dissect

import "github.com/rnnscope/rnnscope/stat"

// Probe is what linear readers tell of a concept at one site. Fitted on the blocks
// that units are chosen on, measured on the report. Accuracy is balanced: the mean
// of the shares right among on and among off; one half is chance. Skill is
// 2 accuracy - 1.
type Probe struct {
	Site     string        `json:"site"`
	Units    int           `json:"units"`    // given to the full probe
	Fitted   int           `json:"fitted"`   // positions it was fitted on
	Measured int           `json:"measured"` // positions of the report
	Lambda   float64       `json:"lambda"`   // penalty .9 |w| + .05 |w|^2 times this, chosen on blocks held back
	Nonzero  int           `json:"nonzero"`  // units the full probe uses
	Accuracy stat.Interval `json:"accuracy"` // of the full probe; leave-one-block-out
	AUROC    stat.Number   `json:"auroc"`    // of the full probe
	Curve    []SparsePoint `json:"curve"`    // k = 1, 2, 4, ...
	K90      int           `json:"k90"`      // smallest k of the curve with 90 % of the full probe's skill, 0: none
	// Control is the mean accuracy on control tasks, labels that are a hash of the
	// last three characters; Selectivity is Accuracy less it.
	Control     stat.Number `json:"control"`
	Selectivity stat.Number `json:"selectivity"`
	// Telegraph is the mean accuracy on random on/off labels with the concept's
	// dwell times, fitted and measured on alternate positions of the same text: what
	// a label gets for being slow alone. Defined for state concepts.
	Telegraph stat.Number `json:"telegraph"`
}

// SparsePoint is a probe of k units beside probes of k units drawn at random.
type SparsePoint struct {
	K          int         `json:"k"`
	Units      []int       `json:"units"` // the first 16, in the order they were taken
	Accuracy   float64     `json:"accuracy"`
	Skill      float64     `json:"skill"`
	RandomMean stat.Number `json:"random_mean"` // skill of random k-subsets
	Random95   stat.Number `json:"random_95"`   // its 95 % quantile
}

// DepthRegression is a ridge regression of min(depth, 8) on the states of one
// site: every depth weighs the same, and what the column tells is taken out of
// depth and states first.
type DepthRegression struct {
	Site     string        `json:"site"`
	Fitted   int           `json:"fitted"`
	Measured int           `json:"measured"`
	Deepest  int           `json:"deepest"` // depth measured
	R2       stat.Interval `json:"r2"`      // on the report; leave-one-block-out
	MAE      stat.Interval `json:"mae"`     // mean absolute error, in depths
	// Beyond is fitted where depth <= D0 alone and measured where it is greater.
	D0       int         `json:"d0"` // 0: too few depths to try
	BeyondR2 stat.Number `json:"beyond_r2"`
	BeyondR  stat.Number `json:"beyond_r"` // correlation there: does it still grow?
	BeyondN  int         `json:"beyond_n"`
}

// controlTasks is how many control labels a probe is held against.
const controlTasks = 10
