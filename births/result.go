package births

import (
	"slices"

	"github.com/rnnscope/rnnscope/intervene"
	"github.com/rnnscope/rnnscope/memory"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"
)

// ViewName is the name under which a run keeps a Result.
const ViewName = "births"

// Result is when the concepts of a run were born. AUROCs are those of the report part, in the
// direction the unit has where units are chosen; intervals leave out one segment at a time.
type Result struct {
	Symbols   text.Kind `json:"symbols,omitempty"` // what a symbol is and is counted; of characters nothing is said
	Version   string    `json:"version"`
	Text      string    `json:"text"`
	Split     string    `json:"split"`
	Steps     []int64   `json:"steps"`     // of the snapshots that were looked at
	Chosen    int       `json:"chosen"`    // characters that units are chosen on
	Reported  int       `json:"reported"`  // characters that figures are measured on
	Untrained int       `json:"untrained"` // networks of the same shape that a birth must exceed
	Concepts  []Concept `json:"concepts"`  // those that the last snapshot has, the earliest first
	Never     []string  `json:"never"`     // asked about and not above untrained networks in the end
}

// Covers tells whether a result says all that another one of the same run does, at least as surely: of
// as many concepts, at all of its snapshots, on as much text, against as many untrained networks.
func (r *Result) Covers(o *Result) bool {
	return r.Chosen >= o.Chosen && r.Reported >= o.Reported && r.Untrained >= o.Untrained && holds(r.Steps, o.Steps) && holds(r.Asked(), o.Asked())
}

// Asked are the concepts of which there is an answer: those that were born and those that were not. Another one was not asked
// about, or the text does not have it.
func (r *Result) Asked() []string {
	out := slices.Clone(r.Never)
	for _, c := range r.Concepts {
		out = append(out, c.Concept)
	}
	return out
}

// holds tells whether all has every one of some.
func holds[T comparable](all, some []T) bool {
	return !slices.ContainsFunc(some, func(x T) bool { return !slices.Contains(all, x) })
}

// Concept is one concept along the training.
type Concept struct {
	Concept   string      `json:"concept"`
	Untrained stat.Number `json:"untrained"`  // the highest AUROC of any untrained unit
	Final     Track       `json:"final"`      // the unit that is best in the end: a survivor
	Best      Track       `json:"best"`       // the unit that is best at each snapshot
	Skill     string      `json:"skill"`      // the held-out items it serves; "": none
	SkillStep *int64      `json:"skill_step"` // null: not known, or it did not rise
	Lag       stat.Number `json:"lag"`        // birth of Best less that of the skill, in decades of 1+step: above 0, the unit came later
}

// Track is one row of snapshots.
type Track struct {
	Birth *int64  `json:"birth"` // the first step from which on the lower bound stays above untrained; null: it does not in the end
	After *int64  `json:"after"` // the last step before it that was looked at; null: it was there from the first
	Looks []Point `json:"looks"`
}

// Point is a unit at a step.
type Point struct {
	Step  int64         `json:"step"`
	Unit  rnn.Unit      `json:"unit"`
	AUROC stat.Interval `json:"auroc"`
	Times *memory.Times `json:"times,omitempty"` // time constants; not of states from elsewhere
	Used  *Use          `json:"used,omitempty"`  // where it was asked for
}

// Use is the causal verdict on a unit at a step.
type Use struct {
	Verdict intervene.Verdict `json:"verdict"`
	D       stat.Interval     `json:"d"` // mean ablation, nats: what it costs more where the concept matters
}
