package finding

import (
	"encoding/json"
	"math"

	"github.com/rnnscope/rnnscope/stat"
)

// NoUnit is the Unit of a finding that is not about one unit.
const NoUnit = -1

// Finding is one measured figure: a row of the findings of a run, of the exports, of the report.
type Finding struct {
	Subject  Subject `json:"subject"`         // what it was measured on; the run fills it in
	Concept  string  `json:"concept"`         // the concept it is about, "" if none
	Site     string  `json:"site"`            // "l0.h", "l1.c", ...; "" when not about a site
	Unit     int     `json:"unit"`            // 0-based unit of the site, NoUnit when not about one unit
	Metric   string  `json:"metric"`          // name of a row of the table of metrics
	Kind     string  `json:"kind"`            // which of several: one of the metric's kinds, or of an open list (kinds of pairs, suites)
	From     float64 `json:"from"`            // offset, gap, order or strength it is taken at, as the metric says; 0 (null): none
	To       float64 `json:"to"`              // last of a range; 0 (null) beside a From: from there on
	Estimate float64 `json:"estimate"`        // in the metric's unit; NaN (null) when not defined
	Lo       float64 `json:"lo"`              // 95 % interval; NaN (null) when there is none
	Hi       float64 `json:"hi"`              //
	N        int64   `json:"n"`               // observations behind the estimate
	Verdict  Verdict `json:"verdict"`         // "" where the figure carries none
	Basis    *Basis  `json:"basis,omitempty"` // of the verdict; never nil beside one, but in runs older than it
	Method   string  `json:"method"`          // how, in a line of English for exports; nobody reads it back
	Version  string  `json:"version"`         // of the program that measured it
}

// Basis is what a verdict rests on.
type Basis struct {
	Rules    int            `json:"rules"`    // version of the rules: raised when the same figures can get another verdict
	Budget   map[string]int `json:"budget"`   // what was spent: draws, characters, windows, segments, networks ...
	Controls []Control      `json:"controls"` // what it was held against
}

// Control is something a verdict was held against.
type Control string

// The controls.
const (
	LocalSwap     Control = "local-4 swap"        // labels exchanged inside groups of four neighbouring segments
	Untrained     Control = "untrained networks"  // of the same shape
	OtherUnits    Control = "other units"         // of the same site
	SignFlips     Control = "sign flips"          // of the effect by window
	LikePlaces    Control = "like places"         // same character and base loss, where the concept does not matter
	ShamTriggers  Control = "sham triggers"       // drawn at random
	WiredNetworks Control = "hand-wired networks" // of known mechanism, from which thresholds come
	NGrams        Control = "n-gram line"         // what the last characters alone tell
)

// Interval is the finding's estimate and bounds.
func (f Finding) Interval() stat.Interval {
	return stat.Interval{Estimate: f.Estimate, Lo: f.Lo, Hi: f.Hi, N: f.N}
}

// WithInterval returns the finding with its figures taken from i.
func (f Finding) WithInterval(i stat.Interval) Finding {
	f.Estimate, f.Lo, f.Hi, f.N = i.Estimate, i.Lo, i.Hi, i.N
	return f
}

// At returns the finding taken at an offset, gap or order.
func (f Finding) At(x float64) Finding {
	f.From, f.To = x, x
	return f
}

type wire struct {
	Subject  Subject  `json:"subject"`
	Concept  string   `json:"concept"`
	Site     string   `json:"site"`
	Unit     int      `json:"unit"`
	Metric   string   `json:"metric"`
	Kind     string   `json:"kind"`
	From     *float64 `json:"from"`
	To       *float64 `json:"to"`
	Estimate *float64 `json:"estimate"`
	Lo       *float64 `json:"lo"`
	Hi       *float64 `json:"hi"`
	N        int64    `json:"n"`
	Verdict  Verdict  `json:"verdict"`
	Basis    *Basis   `json:"basis,omitempty"`
	Method   string   `json:"method"`
	Version  string   `json:"version"`
}

// MarshalJSON writes figures that are not finite, and offsets that are none, as null.
func (f Finding) MarshalJSON() ([]byte, error) {
	return json.Marshal(wire{
		f.Subject, f.Concept, f.Site, f.Unit, f.Metric, f.Kind, nonzero(f.From), nonzero(f.To),
		finite(f.Estimate), finite(f.Lo), finite(f.Hi), f.N, f.Verdict, f.Basis, f.Method, f.Version,
	})
}

// UnmarshalJSON reads null figures as NaN.
func (f *Finding) UnmarshalJSON(b []byte) error {
	var w wire
	if err := json.Unmarshal(b, &w); err != nil {
		return err
	}
	*f = Finding{
		w.Subject, w.Concept, w.Site, w.Unit, w.Metric, w.Kind, or(w.From, 0), or(w.To, 0),
		or(w.Estimate, math.NaN()), or(w.Lo, math.NaN()), or(w.Hi, math.NaN()), w.N, w.Verdict, w.Basis, w.Method, w.Version,
	}
	return nil
}

func finite(x float64) *float64 {
	if x-x != 0 {
		return nil
	}
	return &x
}

func nonzero(x float64) *float64 {
	if x == 0 {
		return nil
	}
	return &x
}

func or(x *float64, none float64) float64 {
	if x == nil {
		return none
	}
	return *x
}
