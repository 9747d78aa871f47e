package evolve

import "github.com/rnnscope/rnnscope/stat"

// Definition says what a skill figure means.
type Definition struct {
	Name   string            `json:"name"`
	Titles map[string]string `json:"titles"` // by language: "en", "zh"
	Text   string            `json:"text"`   // exact, one paragraph, English
	Rule   string            `json:"rule"`   // when a training text has it
	Share  bool              `json:"share"`  // between 0 and 1
	Lower  bool              `json:"lower"`  // lower is closer to the training text
}

// Skill is one figure of one moment. N counts what it is a share or mean of.
type Skill struct {
	Name  string        `json:"name"`
	Value stat.Interval `json:"value"`
}

// Snapshot is what is known of one moment of a training.
type Snapshot struct {
	Step    int64    `json:"step"`
	Samples []string `json:"samples"`
	ValLoss float64  `json:"val_loss"` // nats a character; 0: not measured
	Skills  []Skill  `json:"skills"`
	// HeldOut needs the weights of the step; nil where they are not kept.
	HeldOut []HeldOut `json:"held_out,omitempty"`
	Weights string    `json:"weights,omitempty"` // their SHA-256: what HeldOut speaks of
}

// HeldOut is what a network makes of the same held-out items at one moment. It needs no
// sample: nothing is drawn.
type HeldOut struct {
	Name  string        `json:"name"`
	LogP  stat.Interval `json:"log_probability"` // of an item's symbols, nats a symbol; mean over items
	Right stat.Interval `json:"right"`           // share of the items whose symbols are all the likeliest
}

// Measure is one kind of held-out items.
type Measure struct {
	Definition
	Skill string `json:"skill"` // the figure of samples that looks at the same structure
	Items int64  `json:"items"`
	Gap   [2]int `json:"gap"` // symbols between opener and closer, from and to; 0: any, or has none
}
