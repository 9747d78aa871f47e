package dissect

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/dissect/peaks"
	"github.com/rnnscope/rnnscope/rnn"
)

// endsAt reports whether s ends at position p, its last character included.
func endsAt(rs []rune, p int, s string) bool {
	n := len([]rune(s))
	return p+1 >= n && string(rs[p+1-n:p+1]) == s
}

// TestJumpFindsThePlantedGroup plants two units that jump at \begin{, one that
// jumps at every brace and leaves the rest to noise.
func TestJumpFindsThePlantedGroup(t *testing.T) {
	b := newBench(t, "latex", 90_000, rnn.Elman, 8)
	units := map[int]func(int) float32{}
	for u := range 8 {
		units[u] = func(p int) float32 {
			x := 0.3 * noise(p, uint64(50+u))
			switch {
			case u == 2 && endsAt(b.runes, p, jumpEvent):
				x += 1
			case u == 5 && endsAt(b.runes, p, jumpEvent):
				x -= 1
			case u == 6 && b.runes[p] == '{':
				x += 1
			}
			return float32(math.Tanh(x))
		}
	}
	j := b.run(t, Options{Concepts: concepts(t, "latex-environment"), Draws: 99}, units).Jump
	var found []int
	for _, u := range j.Units {
		found = append(found, u.Unit)
		if u.Jump.Below(0) != (u.Unit == 5) || math.Abs(u.Jump.Estimate) < 0.5 {
			t.Errorf("unit %d jumps by %s", u.Unit, u.Jump)
		}
		if peak := u.Curve[-CurveLo]; math.Abs(float64(peak)) < 0.5 || len(u.Curve) != CurveHi-CurveLo+1 {
			t.Errorf("unit %d: the curve is %g at the event", u.Unit, peak)
		}
	}
	slices.Sort(found)
	if !slices.Equal(found, []int{2, 5}) || j.Verdict != Associated || j.Tested != 8 {
		t.Errorf("group %v of %d, %s; planted 2 and 5", found, j.Tested, j.Verdict)
	}
}

func TestNoJumpIsFoundInNoise(t *testing.T) {
	planted(t)
	b := newBench(t, "latex", 90_000, rnn.Elman, 8)
	units := map[int]func(int) float32{}
	for u := range 8 {
		units[u] = drifting(len(b.runes), uint64(u))
	}
	j := b.run(t, Options{Concepts: concepts(t, "latex-environment"), Draws: 99}, units).Jump
	if j.Verdict != NotFound || len(j.Units) != 0 || j.Events < jumpLeast {
		t.Errorf("%s, %d units at %d events", j.Verdict, len(j.Units), j.Events)
	}
}

// TestPairsThatBelongTogether gives each bracket's depth a direction of its own:
// the states at both ends of a pair are then alike, those of strangers at other
// depths are not.
func TestPairsThatBelongTogether(t *testing.T) {
	b := newBench(t, "dyck", 90_000, rnn.Elman, 8)
	depth := concept.LabelAll(concepts(t, "bracket-depth")[0], b.runes)
	units := map[int]func(int) float32{}
	for u := range 8 {
		units[u] = func(p int) float32 {
			outer := depth[p].Y // the depth around the bracket that was just read
			if strings.ContainsRune("([{", b.runes[p]) {
				outer--
			}
			if int(outer)%8 == u {
				return float32(0.9 + 0.02*noise(p, uint64(u)))
			}
			return float32(0.05 * noise(p, uint64(u)))
		}
	}
	r := b.run(t, Options{Concepts: concepts(t, "bracket-depth"), Draws: 99}, units)
	if len(r.Pairs.Kinds) == 0 {
		t.Fatal("no pairs in brackets")
	}
	for _, k := range r.Pairs.Kinds {
		if k.Kind != "paren" && k.Kind != "square" && k.Kind != "brace" {
			continue // [[ and {{ of wiki text, which two brackets in a row look like
		}
		if !k.Matching.Above(0.05) || !k.Difference.Above(0.05) || k.Cosine.Estimate < 0.9 {
			t.Errorf("%s: %s, strangers %s, random %s", k.Kind, k.Cosine, k.Strangers, k.Random)
		}
	}
	for _, e := range r.Pairs.Examples {
		if e.Gap < 0 || e.Close <= e.Open || len(e.Units) != 5 || e.Units[0].Change < e.Units[4].Change {
			t.Errorf("%+v", e)
		}
		if first := []rune(e.Text)[0]; first != b.runes[e.Open] {
			t.Errorf("the text of a pair begins with %q, its opener is %q", first, b.runes[e.Open])
		}
	}
	m := r.Pairs.Map
	for _, o := range m.Opens {
		if !strings.ContainsRune("([{", []rune(m.Text)[o]) {
			t.Errorf("rune %d of the map is no opener: %q", o, []rune(m.Text)[o])
		}
	}
}

func TestPeaksAreTheHighestPlaces(t *testing.T) {
	b := newBench(t, "novel", 30_000, rnn.Elman, 3)
	values := drifting(len(b.runes), 4)
	r := b.run(t, Options{Concepts: concepts(t, "in-quote")}, map[int]func(int) float32{1: values})
	p := r.Peaks[1]
	lo, hi := b.parts().Report.At(0).Lo, b.parts().Report.At(b.parts().Report.Len()-1).Hi
	highest := lo
	var above, n int64
	for q := lo; q < hi; q++ {
		if values(q) > values(highest) {
			highest = q
		}
		if float64(values(q)) >= p.P90 {
			above++
		}
		n++
	}
	if p.N != n || p.Above != above || p.Top[0].Position != highest {
		t.Errorf("%d of %d above %g, highest at %d; slowly %d of %d, at %d", p.Above, p.N, p.P90, p.Top[0].Position, above, n, highest)
	}
	if float64(above) < 0.05*float64(n) || float64(above) > 0.15*float64(n) {
		t.Errorf("%d of %d above the 90th percentile", above, n)
	}
	for i, k := range p.Top {
		if k.Char != string(b.runes[k.Position]) || !strings.HasSuffix(string(b.runes[:k.Position]), k.Before) {
			t.Errorf("peak %d shows %q after %q", i, k.Char, k.Before)
		}
		for _, o := range p.Top[:i] {
			if d := o.Position - k.Position; max(d, -d) < peaks.Window {
				t.Errorf("peaks at %d and %d are one", o.Position, k.Position)
			}
		}
	}
}
