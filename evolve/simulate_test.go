package evolve

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/rnnscope/rnnscope/stat"
)

// TestSimulationCounts: what is counted as right, and what an interval holds.
func TestSimulationCounts(t *testing.T) {
	at := func(v Verdict, lo, hi float64) Emergence {
		return Emergence{Verdict: v, W: stat.Interval{Lo: lo, Hi: hi}, X0: stat.Interval{Lo: 1.9, Hi: 2.1}}
	}
	s := Simulation{Width: .5}
	s.count([]Emergence{at(Abrupt, 0, .2), at(Gradual, .8, 1), at(Unresolved, .4, .6), at(Unchanged, .1, .9)}, []float64{2, 2, 2, 3})
	got := [7]int64{int64(s.Abrupt), int64(s.Gradual), int64(s.Unresolved), int64(s.Unchanged), int64(4*s.Right.Estimate + .5), int64(4*s.CoversW.Estimate + .5), int64(4*s.CoversX0.Estimate + .5)}
	if d := cmp.Diff([7]int64{1, 1, 1, 1, 1, 2, 3}, got); d != "" {
		t.Error(d)
	}
	for width, want := range map[float64]float64{.1: 3, 1: 3} { // abrupt and unresolved, or gradual and unresolved, and never unchanged
		s := Simulation{Width: width}
		s.count([]Emergence{at(Abrupt, 0, .2), at(Gradual, .8, 1), at(Unresolved, .4, .6), at(Unresolved, .4, .6)}, make([]float64, 4))
		if 4*s.Right.Estimate != want {
			t.Errorf("width %v: %v of 4 right", width, 4*s.Right.Estimate)
		}
	}
}

// TestFlatCurvesAreWrongWhenTheyMove: of a curve that does not change every verdict of a change is wrong.
func TestFlatCurvesAreWrongWhenTheyMove(t *testing.T) {
	s := Simulation{}
	s.count([]Emergence{{Verdict: Abrupt}, {Verdict: Gradual}, {Verdict: Declined}, {Verdict: Unresolved}, {Verdict: Unchanged}}, make([]float64, 5))
	if 5*s.Right.Estimate != 2 || s.Declined != 1 || s.CoversW.Defined() || s.CoversX0.Defined() {
		t.Errorf("%+v", s)
	}
	rise := Simulation{Width: .5}
	rise.count([]Emergence{{Verdict: Declined}, {Verdict: Unresolved}}, make([]float64, 2))
	if 2*rise.Right.Estimate != 1 {
		t.Errorf("a rise that declined is right: %+v", rise)
	}
}

// TestSimulationKinds: rises, shares of cases, and curves that do not change, at both schedules.
func TestSimulationKinds(t *testing.T) {
	flat, shares := 0, 0
	for _, s := range simulations(1) {
		if s.Width == 0 {
			flat++
		}
		if s.Cases > 0 {
			shares++
		}
	}
	if flat != 6 || shares != 20 {
		t.Errorf("%d flat, %d shares", flat, shares)
	}
}

// TestSimulate: the same curves whatever the workers, and a jump is never gradual.
func TestSimulate(t *testing.T) {
	if testing.Short() { // some of the curves: a fit takes long under the race detector
		ctx, stop := context.WithCancel(context.Background())
		defer stop()
		_, err := Simulate(ctx, 1, 1, 2, func(done, _ int64) {
			if done >= 4 {
				stop()
			}
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("stopped: %v", err)
		}
		return
	}
	one, err := Simulate(context.Background(), 1, 1, 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	two, err := Simulate(context.Background(), 1, 1, 2, nil)
	if d := cmp.Diff(one, two, cmpopts.EquateNaNs()); err != nil || d != "" {
		t.Errorf("%v %s", err, d)
	}
	for _, s := range one {
		if s.Width > 0 && s.Width <= .2 && s.Gradual > 0 || s.Width >= 1.4 && s.Abrupt > 0 {
			t.Errorf("%+v", s)
		}
	}
}
