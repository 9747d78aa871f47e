package stat

import "encoding/json"

// NoUnit is the Unit of a finding that is not about one unit.
const NoUnit = -1

// Finding is the one schema of every measured figure of a run: the rows of the
// findings table of run.db, of the exports and of the report.
type Finding struct {
	Concept  string  `json:"concept"`  // concept or skill the figure is about, "" if none
	Site     string  `json:"site"`     // "l0.h", "l1.c", ...; "" when not about a site
	Unit     int     `json:"unit"`     // 0-based unit of the site, NoUnit when not about one unit
	Metric   string  `json:"metric"`   // "auroc", "r_within", "p", ...
	Estimate float64 `json:"estimate"` // in the metric's unit; NaN (null) when not defined
	Lo       float64 `json:"lo"`       // 95 % interval; NaN (null) when there is none
	Hi       float64 `json:"hi"`
	N        int64   `json:"n"`       // observations behind the estimate
	Split    string  `json:"split"`   // text it was measured on: "test of tail 80/10/10"
	Method   string  `json:"method"`  // how: "delete-one-segment jackknife, 48 segments"
	Version  string  `json:"version"` // version of the program that measured it
}

// Interval is the finding's estimate and bounds.
func (f Finding) Interval() Interval {
	return Interval{Estimate: f.Estimate, Lo: f.Lo, Hi: f.Hi, N: f.N}
}

// WithInterval returns the finding with its figures taken from i.
func (f Finding) WithInterval(i Interval) Finding {
	f.Estimate, f.Lo, f.Hi, f.N = i.Estimate, i.Lo, i.Hi, i.N
	return f
}

type findingJSON struct {
	Concept  string   `json:"concept"`
	Site     string   `json:"site"`
	Unit     int      `json:"unit"`
	Metric   string   `json:"metric"`
	Estimate *float64 `json:"estimate"`
	Lo       *float64 `json:"lo"`
	Hi       *float64 `json:"hi"`
	N        int64    `json:"n"`
	Split    string   `json:"split"`
	Method   string   `json:"method"`
	Version  string   `json:"version"`
}

// MarshalJSON writes figures that are not finite as null.
func (f Finding) MarshalJSON() ([]byte, error) {
	return json.Marshal(findingJSON{
		f.Concept, f.Site, f.Unit, f.Metric,
		finiteOrNil(f.Estimate), finiteOrNil(f.Lo), finiteOrNil(f.Hi),
		f.N, f.Split, f.Method, f.Version,
	})
}

// UnmarshalJSON reads null figures as NaN.
func (f *Finding) UnmarshalJSON(b []byte) error {
	var j findingJSON
	if err := json.Unmarshal(b, &j); err != nil {
		return err
	}
	*f = Finding{
		j.Concept, j.Site, j.Unit, j.Metric,
		orNaN(j.Estimate), orNaN(j.Lo), orNaN(j.Hi),
		j.N, j.Split, j.Method, j.Version,
	}
	return nil
}
