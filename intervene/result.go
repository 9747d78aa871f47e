package intervene

import (
	"fmt"
	"slices"

	"github.com/rnnscope/rnnscope/finding"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"
)

// ViewName is the name under which a run keeps a Result.
const ViewName = "intervene"

// SteeredViewName is the name under which a run keeps a list of Steered, one a unit and concept.
const SteeredViewName = "steered"

// SteeredUnit is one unit's curve with what the network writes at its ends.
type SteeredUnit struct {
	Curve   *Curve        `json:"curve"`
	Prompt  string        `json:"prompt"`
	Samples []SteeredText `json:"samples"` // from one random stream: untouched, lowest dose, highest dose
}

// SteeredText is a sample.
type SteeredText struct {
	Dose string `json:"dose"` // "" untouched, else "l0.c[41] = 0.9"
	Text string `json:"text"`
}

// Verdict says whether the network uses a unit for a concept: a code of room finding.
type Verdict string

// UnmarshalText reads a verdict; older runs have it in words.
func (v *Verdict) UnmarshalText(b []byte) error {
	*v = Verdict(finding.ParseVerdict(string(b)))
	return nil
}

// The verdicts.
const (
	Used       Verdict = "used"
	Encoded    Verdict = "encoded"
	Untestable Verdict = "untestable"
)

// UsedMetric is the finding that carries the verdict: 1 where the unit is used, else 0.
const UsedMetric = "used"

// Rules numbers the rules of the verdict; verdicts by other rules are not kept beside these.
const Rules = 2

// Alpha is the error allowed over all tests of a family.
const Alpha = 0.05

// Result is the causal verdicts on one network and text. Every figure was measured on Split.
type Result struct {
	Version    string          `json:"version"`
	Text       string          `json:"text"`
	Symbols    text.Kind       `json:"symbols,omitempty"` // what a symbol is and is counted; of characters nothing is said
	SHA256     string          `json:"sha256"`            // of the text
	Split      string          `json:"split"`
	Step       int64           `json:"step"`       // of the training, of the weights
	Rules      int             `json:"rules"`      // version of the rules of the verdict
	Family     int             `json:"family"`     // version of the list of concepts that p is corrected for
	Windows    int             `json:"windows"`    // of test text in which the effect on each kind of character was measured
	Window     int             `json:"window"`     // characters of a window
	Characters int64           `json:"characters"` // read under interventions
	Tests      int             `json:"tests"`      // that p is corrected for: a fixed number, see Pair.Tests
	Concepts   []ConceptResult `json:"concepts"`
	Units      []UnitResult    `json:"units"` // what mean ablation of each unit does to the loss
}

// ConceptResult is one concept with its units, the most selective first.
type ConceptResult struct {
	Concept   string   `json:"concept"`
	Windows   int      `json:"windows"`   // of test text its units were measured in; text and concept alone decide which
	Gate      int      `json:"gate"`      // the first of them, in which all units of a site are compared
	Positions int      `json:"positions"` // |P_c| in the windows
	Partnered int      `json:"partnered"` // of them compared: with a like position where the concept does not matter
	Effective float64  `json:"effective"` // effective number of positions of M_c
	Predicts  []string `json:"predicts"`  // the characters the concept makes likelier, the strongest first
	Pairs     []Pair   `json:"pairs"`
	Steering  *Curve   `json:"steering,omitempty"` // of one unit: the first, where it was turned
	// Samples are what the network writes with that unit turned, see Steered.
	Samples []SteeredText `json:"samples,omitempty"`
}

// Pair is a concept and a unit. All losses are in nats a character.
type Pair struct {
	Unit
	AUROC    stat.Number `json:"auroc"`      // on Split, in the direction that the unit has on validation
	Mean     Effect      `json:"mean"`       // the unit set to its mean
	Resample Effect      `json:"resample"`   // set to its value at the same character in the opposite state
	Zero     Effect      `json:"zero"`       // set to 0: told, never decisive
	Donors   float64     `json:"donors"`     // share of P_c with a place to resample from
	P        stat.Number `json:"p"`          // sign flips of D by window under mean ablation, one-sided
	Adjusted stat.Number `json:"adjusted_p"` // P times Tests, at most 1
	Tests    int         `json:"tests"`      // built-in concepts x sites searched by default x units asked by default, asked for or not
	Gate     Gate        `json:"gate"`       // null figures: not compared, because it lacks something already
	// Equivalent says that the whole interval of D under mean ablation lies within 2
	// thousandths of a nat of 0: as good as no effect.
	Equivalent bool     `json:"equivalent_to_none"`
	Verdict    Verdict  `json:"verdict"`
	Reasons    []string `json:"reasons"` // what the verdict "used" lacks
}

// Effect is what an intervention does to the loss.
type Effect struct {
	P stat.Interval `json:"p"` // E(u, P_c): where the concept matters
	M stat.Interval `json:"m"` // E(u, M_c): at like positions where it does not
	D stat.Interval `json:"d"` // the difference
}

// Gate compares a unit with all others of its site.
type Gate struct {
	Residual stat.Number `json:"residual"` // D less what log variance and log outgoing weight let expect
	Limit    stat.Number `json:"limit"`    // 95 % quantile of the other units' residuals
	Passed   bool        `json:"passed"`
}

// UnitResult is what mean ablation of a unit does to the loss by the kind of the next
// character.
type UnitResult struct {
	Unit
	All   stat.Interval `json:"all"`
	Kinds []KindEffect  `json:"kinds"`
}

// KindEffect is the change of the loss where a kind of character comes next.
type KindEffect struct {
	Kind   string        `json:"kind"`
	Change stat.Interval `json:"change"` // nats a character
}

// What a unit must do to be said to follow a concept and yet to be idle.
const (
	idleFollows = 0.8   // AUROC at least
	idleEffect  = 0.002 // nats: the whole interval of D lies nearer to 0, under mean and under resample
)

// Idle is the unit that follows a concept best of all those of which the network shows no
// use that could matter: nil when there is none. A wide interval is no such thing.
func (r *Result) Idle() (concept string, unit *Pair) {
	near := func(i stat.Interval) bool { return i.Above(-idleEffect) && i.Below(idleEffect) }
	for _, c := range r.Concepts {
		for i := range c.Pairs {
			p := &c.Pairs[i]
			follows := p.AUROC.Defined() && p.AUROC >= idleFollows && (unit == nil || p.AUROC > unit.AUROC)
			if follows && p.Verdict == Encoded && near(p.Mean.D) && near(p.Resample.D) {
				concept, unit = c.Concept, p
			}
		}
	}
	return concept, unit
}

// Keep takes over what an earlier result on the same text and weights says of concepts and
// units that this one was not asked about. A text is the same if its bytes are: one that was
// edited in between has the same name and other effects.
func (r *Result) Keep(earlier *Result) {
	if earlier == nil || earlier.Text != r.Text || earlier.SHA256 != r.SHA256 || earlier.Split != r.Split || earlier.Step != r.Step || earlier.Rules != r.Rules || earlier.Family != r.Family {
		return
	}
	for _, old := range earlier.Concepts {
		at := slices.IndexFunc(r.Concepts, func(c ConceptResult) bool { return c.Concept == old.Concept })
		if at < 0 {
			r.Concepts = append(r.Concepts, old)
			continue
		}
		now := &r.Concepts[at]
		for _, p := range old.Pairs {
			if !slices.ContainsFunc(now.Pairs, func(q Pair) bool { return q.Unit == p.Unit }) {
				now.Pairs = append(now.Pairs, p)
			}
		}
		if now.Steering == nil {
			now.Steering, now.Samples = old.Steering, old.Samples
		}
	}
	for _, u := range earlier.Units {
		if !slices.ContainsFunc(r.Units, func(v UnitResult) bool { return v.Unit == u.Unit }) {
			r.Units = append(r.Units, u)
		}
	}
}

// recorded are this room's verdicts as the record has them.
var recorded = map[Verdict]finding.Verdict{Used: finding.Used, Encoded: finding.Encoded, Untestable: finding.Untestable}

// basis is what the verdict on a pair rests on.
func (r *Result) basis(c ConceptResult, p Pair) *finding.Basis {
	return &finding.Basis{
		Rules: r.Rules,
		Budget: map[string]int{
			"windows": c.Windows, "window_characters": r.Window, "gate_windows": c.Gate, "positions": c.Positions, "partnered": c.Partnered,
			"tests": p.Tests, "family": r.Family,
		},
		Controls: []finding.Control{finding.SignFlips, finding.LikePlaces, finding.OtherUnits},
	}
}

// Findings flattens the result into the one schema of measured figures.
func (r *Result) Findings() []finding.Finding {
	var out []finding.Finding
	for _, c := range r.Concepts {
		for _, p := range c.Pairs {
			add := func(metric, kind, method string, i stat.Interval) {
				out = append(out, finding.Finding{
					Concept: c.Concept, Site: p.Site, Unit: p.Unit.Unit, Metric: metric, Kind: kind, Method: method, Version: r.Version,
				}.WithInterval(i))
			}
			const over = ", delete-one-window jackknife"
			add("causal_effect", "mean", "D = E(P_c) - E(M_c), mean ablation"+over, p.Mean.D)
			add("causal_effect", "resample", "D, resample ablation"+over, p.Resample.D)
			add("causal_effect", "zero", "D, zero ablation"+over, p.Zero.D)
			add("causal_p", "", fmt.Sprintf("sign flips by window, times %d tests", p.Tests), stat.Point(float64(p.Adjusted), p.Mean.D.N))
			used := 0.0
			if p.Verdict == Used {
				used = 1
			}
			add(UsedMetric, "", "", stat.Point(used, p.Mean.D.N))
			last := &out[len(out)-1]
			last.Verdict, last.Basis = recorded[p.Verdict], r.basis(c, p)
		}
	}
	return out
}
