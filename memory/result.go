package memory

import (
	"fmt"
	"math"
	"strings"

	"github.com/rnnscope/rnnscope/finding"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"
)

// Result is everything measured; it is the view "memory" of a run.
type Result struct {
	Text     string    `json:"text"`
	Symbols  text.Kind `json:"symbols,omitempty"` // what a symbol is and is counted; of characters nothing is said
	Split    string    `json:"split"`
	Chosen   int64     `json:"chosen"`         // characters units were chosen on
	Reported int64     `json:"reported"`       // characters figures were measured on
	Segments int       `json:"segments"`       // characters of a segment, the unit of intervals
	Baseline string    `json:"baseline"`       // where the n-gram line learned
	Counted  int64     `json:"counted"`        // characters it was counted on, the last of
	Learned  int64     `json:"learned"`        // these; 0 in results of versions that counted all
	From     int64     `json:"from,omitempty"` // where what is held of a long text begins; 0: with the text
	Order    int       `json:"order"`          // of the n-gram line
	Keep     string    `json:"keep"`           // the gate convention behind Times.Gate, "" for Elman cells

	Pairs      []PairKind    `json:"pairs"`
	Examples   []Example     `json:"examples"`
	Recall     []Recall      `json:"recall"`
	Minimal    []SuiteResult `json:"minimal"`
	Reach      []ReachCurve  `json:"reach"`
	Influence  []Influence   `json:"influence"`
	Times      []Times       `json:"times"`
	Saturation []Saturation  `json:"saturation"`
	Waiting    []Waiting     `json:"waiting"`
	Passage    *Passage      `json:"passage,omitempty"`
	Version    string        `json:"version"`
}

// Passage is a stretch of the reported text with its pairs, the units that change
// most, and the unit that comes nearest to waiting, for the report's heatmap.
type Passage struct {
	Lo     int           `json:"lo"`
	Text   string        `json:"text"`
	Of     []int         `json:"of,omitempty"` // by character of Text its symbol, from Lo; absent where every symbol is one
	Pairs  []Example     `json:"pairs"`        // positions in the whole text
	Units  []PassageUnit `json:"units"`
	Memory *PassageUnit  `json:"memory,omitempty"`
}

// PassageUnit is one unit's activation over the passage.
type PassageUnit struct {
	Site   string    `json:"site"`
	Unit   int       `json:"unit"`
	Values []float32 `json:"values"`
}

// Rules numbers the rules of the verdicts: raised when the same figures can get another.
const Rules = 1

// Findings are the figures of a result in the one schema of all findings.
func (r *Result) Findings() []finding.Finding {
	b := findings{version: r.Version}
	for _, p := range r.Pairs {
		b.add(p.Kind, "end_cosine_over_random", p.OverRandom, "h at both ends less gap-matched random places, delete-one-segment jackknife")
		for _, u := range p.Units {
			f := b.finding(p.Kind, "end_change", u.Change, "mean |change| in SD; largest of all units under random places: "+fmt.Sprintf("%.2f over", float64(p.Null)))
			f.Site, f.Unit = u.Site, u.Unit
			b.list = append(b.list, f)
		}
	}
	for _, k := range r.Recall {
		if k.Far != nil {
			b.addFrom(k.Kind, "recall_right", farGap, k.Far.Right, k.Asked+", delete-one-segment jackknife")
			b.addFrom(k.Kind, "recall_right_ngram", farGap, k.Far.NgramRight, k.Asked+", delete-one-segment jackknife")
			b.addFrom(k.Kind, "recall_excess", farGap, k.Far.Excess, k.Asked+", LD less the n-gram line's, nats")
		}
		b.add(k.Kind, "recall_horizon", k.Horizon.Gap, horizonMethod(k.Horizon))
	}
	for _, s := range r.Minimal {
		b.add(s.Name, "suite_right", s.All.Right, "share with the likelier right continuation, over items")
		b.add(s.Name, "suite_right_ngram", s.All.NgramRight, "share with the likelier right continuation, over items")
		b.add(s.Name, "suite_both_right", s.All.Apart, "share of items whose two margins sum to more than 0")
		if s.Far != nil {
			b.addFrom(s.Name, "suite_both_right", farGap, s.Far.Apart, "share of items whose two margins sum to more than 0")
			b.addFrom(s.Name, "suite_right", farGap, s.Far.Right, "share with the likelier right continuation, over items")
		}
		b.add(s.Name, "suite_horizon", s.Horizon.Gap, horizonMethod(s.Horizon))
	}
	for _, w := range r.Waiting {
		b.add(w.Kind, "waiting_units", stat.Point(float64(w.Named), int64(w.Trials)), fmt.Sprintf("all six criteria; by the four observed ones %d, with random triggers %d", w.Observed, w.Sham))
		for _, u := range w.Units {
			f := b.finding(w.Kind, "waiting_retention", stat.Point(float64(u.Retention), int64(w.Trials)), "least AUROC of retention; failed: "+fmt.Sprint(u.Failed))
			f.Site, f.Unit = u.Site, u.Unit
			f.Verdict = u.Verdict
			f.Basis = &finding.Basis{
				Rules: Rules, Budget: map[string]int{"triggers": w.Trials, "reported_characters": int(r.Reported)},
				Controls: []finding.Control{finding.ShamTriggers, finding.OtherUnits},
			}
			b.list = append(b.list, f)
		}
	}
	return b.list
}

func horizonMethod(h Horizon) string {
	words := "gap at which the excess over the n-gram line halves, bootstrap over segments"
	switch {
	case h.None:
		return words + "; no excess"
	case h.Censored:
		return words + fmt.Sprintf("; censored at %.0f", h.Longest)
	case h.Open:
		return words + fmt.Sprintf("; upper bound beyond %.0f", h.Longest)
	}
	return words
}

// findings gathers findings of one split.
type findings struct {
	version string
	list    []finding.Finding
}

func (b *findings) finding(kind, metric string, i stat.Interval, method string) finding.Finding {
	return finding.Finding{Kind: kind, Unit: finding.NoUnit, Metric: metric, Method: method, Version: b.version}.WithInterval(i)
}

func (b *findings) add(kind, metric string, i stat.Interval, method string) {
	b.addFrom(kind, metric, 0, i, method)
}

// addFrom adds a figure over gaps of at least from characters.
func (b *findings) addFrom(kind, metric string, from float64, i stat.Interval, method string) {
	if i.N > 0 && !math.IsNaN(i.Estimate) || strings.HasSuffix(metric, "_horizon") {
		f := b.finding(kind, metric, i, method)
		f.From = from
		b.list = append(b.list, f)
	}
}
