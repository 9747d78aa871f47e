package evolve

import (
	"math"
	"testing"

	"github.com/rnnscope/rnnscope/stat"
)

// TestRises: a middle is one of a sigmoid that goes towards better.
func TestRises(t *testing.T) {
	up := Emergence{Best: Sigmoid, From: .1, To: .9, X0: stat.Interval{Estimate: 2}}
	change := func(f func(e *Emergence)) Emergence { e := up; f(&e); return e }
	for name, x := range map[string]struct {
		e           Emergence
		lower, want bool
	}{
		"up":                    {up, false, true},
		"up, lower is better":   {up, true, false},
		"down":                  {change(func(e *Emergence) { e.To = 0 }), false, false},
		"down, lower is better": {change(func(e *Emergence) { e.To = 0 }), true, true},
		"another model":         {change(func(e *Emergence) { e.Best = "linear" }), false, false},
		"declined":              {change(func(e *Emergence) { e.Verdict = Declined }), false, false},
		"no middle":             {change(func(e *Emergence) { e.X0.Estimate = math.NaN() }), false, false},
	} {
		if got := x.e.Rises(x.lower); got != x.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	h := &History{Definitions: []Definition{{Name: "errors", Lower: true}, {Name: "words"}}, Snapshots: []Snapshot{{Step: 1}, {Step: 9}}}
	if !h.Lower("errors") || h.Lower("words") || !h.Lower(LossName) || h.LastStep() != 9 || (&History{}).LastStep() != math.MaxInt64 {
		t.Error("what is better, or the last step")
	}
	if m := up.Middle(9); !m.Above || m.Value != 9 {
		t.Errorf("a middle at step 99, of 9: %v", m)
	}
	if m := up.Middle(200); m.Above || m.Value != 99 {
		t.Errorf("a middle at step 99, of 200: %v", m)
	}
	if (Emergence{Verdict: Abrupt}).Shown() != PerhapsAbrupt || (Emergence{Verdict: Abrupt, Trusted: true}).Shown() != Abrupt || (Emergence{Verdict: Gradual}).Shown() != Gradual {
		t.Error("what is shown of a verdict")
	}
}
