package dissect

import "github.com/rnnscope/rnnscope/stat"

// Response is the best unit's mean activation around the places where a label
// switches: what "switches on here and holds until there" looks like.
type Response struct {
	Event  string          `json:"event"`  // "on": the first character that is on; "off": the first that no longer is
	Events int             `json:"events"` // places in the sampled blocks
	Mean   []stat.Interval `json:"mean"`   // activation at offsets CurveLo..CurveHi; a block a segment, N the places
}

// The events of a Response.
const (
	eventOn  = "on"
	eventOff = "off"
)

// responses are the curves of a concept's best unit; nil where nothing switches.
func (l *looker) responses(a closerAsked) []Response {
	out := []Response{}
	for _, event := range []string{eventOn, eventOff} {
		if r := l.response(a, event); r.Events > 0 {
			out = append(out, r)
		}
	}
	return out
}

func (l *looker) response(a closerAsked, event string) Response {
	const offsets = CurveHi - CurveLo + 1
	out := Response{Event: event, Mean: make([]stat.Interval, offsets)}
	sums, counts := make([][]float64, offsets), make([][]float64, offsets) // [offset][block]
	for o := range sums {
		sums[o], counts[o] = make([]float64, len(l.labels)), make([]float64, len(l.labels))
	}
	var state []int8
	for s, b := range l.labels {
		state = labelStates(state, len(b.Chars), &b.Labels[a.concept])
		values := a.windows[s].values
		for t := 1; t < len(state); t++ {
			if !switches(state[t-1], state[t], event) {
				continue
			}
			out.Events++
			for o := range sums {
				if p := t + CurveLo + o; p >= 0 && p < len(values) {
					sums[o][s] += float64(values[p])
					counts[o][s]++
				}
			}
		}
	}
	for o := range sums {
		out.Mean[o] = stat.SegmentMean(sums[o], counts[o])
	}
	return out
}

// switches reports whether a label turns on, or off, from one position to the next.
func switches(before, now int8, event string) bool {
	if event == eventOn {
		return before == 0 && now == 1
	}
	return before == 1 && now == 0
}
