package evolve

import (
	"math"
	"slices"

	"github.com/rnnscope/rnnscope/stat"
)

// ViewName is the name under which a run keeps a History.
const ViewName = "evolution"

// Rules numbers the rules by which Emergences finds intervals and verdicts: raised when the same
// curve can get others. Runs of rules 1 keep none.
const Rules = 3

// History is how the samples and skills of one run grew.
type History struct {
	Version     string       `json:"version"`
	Rules       int          `json:"rules"`               // of Emergence and Pairings; see Rules
	Text        string       `json:"text"`                // name of the training text
	Split       string       `json:"split"`               // whose validation part ValLoss speaks of
	Prompt      string       `json:"prompt"`              // what every sample starts from
	Temperature float64      `json:"temperature"`         // at which they were drawn
	Seed        uint64       `json:"seed"`                // the random stream, the same at every snapshot
	Definitions []Definition `json:"definitions"`         // of the figures this text has
	Snapshots   []Snapshot   `json:"snapshots"`           // by step
	Reference   []Skill      `json:"reference,omitempty"` // the same figures of held-out text, Observer.Reference
	Emergence   []Emergence  `json:"emergence,omitempty"` // how each figure came, Emergences
	Measures    []Measure    `json:"measures,omitempty"`  // of held-out items, Observer.NewItems
	Pairings    []Pairing    `json:"pairings,omitempty"`  // how each of them came, Pairings
}

// LossName is the name of the validation loss among Emergences.
const LossName = "loss"

// Emergences fits the curves of docs/methods.md, section 7 to the validation loss and to every
// skill figure, in the order of the snapshots' skills, the loss first. A skill
// is called abrupt only if it is narrower than the loss's own fastest width; the loss
// itself by its own width alone. Which figures are shares, and which are better where they are lower, the definitions say.
func Emergences(definitions []Definition, snapshots []Snapshot) []Emergence {
	if len(snapshots) == 0 {
		return nil
	}
	loss := lossPoints(snapshots)
	fastest := FastestWidth(loss)
	first := Fit(Curve{Name: LossName, Points: loss, Lower: true, LossWidth: math.Inf(1)})
	first.LossWidth = stat.Number(fastest)
	out := []Emergence{first}
	for _, name := range skillNames(snapshots) {
		c := Curve{Name: name, LossWidth: fastest}
		share := false
		if i := slices.IndexFunc(definitions, func(d Definition) bool { return d.Name == name }); i >= 0 {
			c.Lower, share = definitions[i].Lower, definitions[i].Share
		}
		for _, s := range snapshots {
			for _, k := range s.Skills {
				if k.Name != name {
					continue
				}
				c.Points = append(c.Points, Point{s.Step, k.Value.Estimate})
				if share {
					c.Cases = append(c.Cases, k.Value.N)
				}
			}
		}
		out = append(out, Fit(c))
	}
	return out
}

// skillNames lists the skills of all snapshots in order of first appearance.
func skillNames(snapshots []Snapshot) []string {
	var out []string
	for _, s := range snapshots {
		for _, k := range s.Skills {
			if !slices.Contains(out, k.Name) {
				out = append(out, k.Name)
			}
		}
	}
	return out
}
