package stat

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// slowStratified counts every pair, with one segment left out (-1: none).
func slowStratified(points []StratumPoint, without int32) float64 {
	var won, pairs float64
	for _, a := range points {
		for _, b := range points {
			if !a.On || b.On || a.Stratum != b.Stratum || a.Segment == without || b.Segment == without {
				continue
			}
			pairs++
			switch {
			case a.Bin > b.Bin:
				won++
			case a.Bin == b.Bin:
				won += 0.5
			}
		}
	}
	return won / pairs
}

func TestStratifiedAUROCEqualsAllPairs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		segments := rapid.IntRange(2, 6).Draw(t, "segments")
		points := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) StratumPoint {
			return StratumPoint{
				Segment: rapid.Int32Range(0, int32(segments)-1).Draw(t, "s"), Stratum: rapid.Int32Range(0, 2).Draw(t, "v"),
				Bin: rapid.Uint8Range(0, 5).Draw(t, "b"), On: rapid.Bool().Draw(t, "on"),
			}
		}), 0, 40).Draw(t, "points")
		got, want := StratifiedAUROC(points, segments), slowStratified(points, -1)
		if math.IsNaN(got.Estimate) != math.IsNaN(want) || math.Abs(got.Estimate-want) > 1e-12 {
			t.Fatalf("%v, all pairs say %v", got.Estimate, want)
		}
		var leave []float64
		for s := range segments {
			x := slowStratified(points, int32(s))
			if math.IsNaN(x) {
				return // one segment holds every pair: no interval
			}
			if x != want || touches(points, s) {
				leave = append(leave, x)
			}
		}
		ci := Jackknife(want, leave)
		if !math.IsNaN(ci.Lo) && (math.Abs(got.Lo-max(0, ci.Lo)) > 1e-9 || math.Abs(got.Hi-min(1, ci.Hi)) > 1e-9) {
			t.Fatalf("[%v, %v], leaving segments out says [%v, %v]", got.Lo, got.Hi, ci.Lo, ci.Hi)
		}
	})
}

// touches reports whether any pair has a member in the segment.
func touches(points []StratumPoint, segment int) bool {
	for _, a := range points {
		for _, b := range points {
			if a.On && !b.On && a.Stratum == b.Stratum && (a.Segment == int32(segment) || b.Segment == int32(segment)) {
				return true
			}
		}
	}
	return false
}
