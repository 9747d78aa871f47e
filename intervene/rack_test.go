package intervene

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rnnscope/rnnscope/rnn"
)

func smallModel(t testing.TB, cell rnn.Cell, layers int) *rnn.Model {
	t.Helper()
	m, err := rnn.New(rnn.Config{Cell: cell, Vocab: 7, Hidden: 6, Layers: layers})
	if err != nil {
		t.Fatal(err)
	}
	m.InitUniform(rand.New(rand.NewPCG(2, 2)), 1)
	return m
}

// logitsThrough reads x [steps,rows] through plans, one a row.
func logitsThrough(t testing.TB, m *rnn.Model, x []int32, plans []Plan) []float32 {
	t.Helper()
	b := len(plans)
	p, err := m.NewPass(rnn.PassOptions{T: len(x) / b, B: b})
	if err != nil {
		t.Fatal(err)
	}
	rack := NewHooks(plans)
	rack.Read(x, 0, nil)
	p.Forward(x, m.NewState(b), rack)
	return slices.Clone(p.Logits())
}

// TestRowsAreIndependent: rows without a plan keep every bit, whatever is done to others.
func TestRowsAreIndependent(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	for _, cell := range []rnn.Cell{rnn.LSTM, rnn.GRU, rnn.Elman} {
		m := smallModel(t, cell, 2)
		const b, steps = 4, 9
		x := make([]int32, b*steps)
		for i := range x {
			x[i] = int32(rng.IntN(7))
		}
		p, err := m.NewPass(rnn.PassOptions{T: steps, B: b})
		if err != nil {
			t.Fatal(err)
		}
		p.Forward(x, m.NewState(b), nil)
		plain := slices.Clone(p.Logits())
		plan, err := Prepare(m, []Intervention{{Site: "l0.h", Mode: Zero}, {Site: "l1.h", Path: "out", Units: []int{2}, Mode: Clamp, Value: 1}}, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		got := logitsThrough(t, m, x, []Plan{nil, plan, nil, plan})
		for i := range got {
			if row := i / 7 % b; row%2 == 0 && got[i] != plain[i] {
				t.Fatalf("%s: an untouched row changed", cell)
			}
		}
		if slices.Equal(got, plain) {
			t.Errorf("%s: nothing changed anywhere", cell)
		}
		// A plan whose positions never come changes no bit either.
		never, err := Prepare(m, []Intervention{{Site: "l0.h", Mode: Zero, Positions: []int{steps}}}, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := logitsThrough(t, m, x, []Plan{never, never, never, never}); !slices.Equal(got, plain) {
			t.Errorf("%s: a plan that is never carried out changed the logits", cell)
		}
	}
}

// TestModes looks at what every mode writes, against the reference's plain definition.
func TestModes(t *testing.T) {
	in := wiredInput(t, 1, 20_000)
	ref, err := ReferenceOf(context.Background(), in.Specimen, []string{"l0.c"}, 1)
	if err != nil {
		t.Fatal(err)
	}
	y := states(find(t, "paren-depth"), in.Alphabet, in.IDs, in.Choose, 0)
	ref.learn("paren-depth", ref.states(y))
	const unit = unitPair + 2
	var all, afterX []float64
	for i, id := range ref.ids {
		v := float64(ref.sites["l0.c"].values[i*wiredUnits+unit])
		all = append(all, v)
		if in.Alphabet.Rune(id) == 'x' {
			afterX = append(afterX, v)
		}
	}
	mean := func(x []float64) float64 {
		s := 0.0
		for _, v := range x {
			s += v
		}
		return s / float64(len(x))
	}
	sorted := slices.Sorted(slices.Values(all))
	half := 0.5
	x, _ := in.Alphabet.Lookup('x')
	for _, c := range []struct {
		v    Intervention
		want float64
	}{
		{Intervention{Mode: Zero}, 0},
		{Intervention{Mode: Mean}, mean(all)},
		{Intervention{Mode: MeanChar}, mean(afterX)},
		{Intervention{Mode: Clamp, Value: 0.25}, 0.25},
		{Intervention{Mode: Clamp, Quantile: &half}, (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2},
		{Intervention{Mode: Add, Vector: []float64{-2}}, 5},
		{Intervention{Mode: Patch, Positions: []int{3}, Values: [][]float64{{9}}}, 9},
	} {
		c.v.Site, c.v.Units = "l0.c", []int{unit}
		blob, err := json.Marshal(c.v)
		if err != nil {
			t.Fatal(err)
		}
		var replayed Intervention
		if err := json.Unmarshal(blob, &replayed); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.v, replayed); diff != "" {
			t.Errorf("%s does not survive JSON:\n%s", c.v.Mode, diff)
		}
		plan, err := Prepare(in.Model, []Intervention{replayed}, ref, nil)
		if err != nil {
			t.Fatal(err)
		}
		row := make([]float32, wiredUnits)
		row[unit] = 7
		if !plan[0].set(row, 0, 3, x) || math.Abs(float64(row[unit])-c.want) > 1e-5 {
			t.Errorf("%s writes %v, want %v", c.v.Mode, row[unit], c.want)
		}
		for u, v := range row {
			if u != unit && v != 0 {
				t.Errorf("%s writes unit %d", c.v.Mode, u)
			}
		}
	}
	resampled(t, in, ref, unit, x)
}

// resampled: every value comes from a place with the same character and the opposite state.
func resampled(t *testing.T, in *input, ref *Reference, unit int, x int32) {
	state := int8(0)
	labels := func(string) func(int) int8 { return func(int) int8 { return state } }
	plan, err := Prepare(in.Model, []Intervention{{Site: "l0.c", Units: []int{unit}, Mode: Resample, Concept: "paren-depth"}}, ref, labels)
	if err != nil {
		t.Fatal(err)
	}
	from := map[int8]map[float32]bool{0: {}, 1: {}}
	for i, id := range ref.ids {
		if y := ref.state["paren-depth"][i]; id == x && y >= 0 {
			from[y][ref.sites["l0.c"].values[i*wiredUnits+unit]] = true
		}
	}
	seen := map[float32]bool{}
	for position := range 200 {
		state = int8(position % 2)
		row := make([]float32, wiredUnits)
		if !plan[0].set(row, 0, position, x) || !from[1-state][row[unit]] {
			t.Fatalf("position %d in state %d got %v", position, state, row[unit])
		}
		seen[row[unit]] = true
	}
	if len(seen) < 50 {
		t.Errorf("only %d values were drawn at 200 positions", len(seen))
	}
	state = -1
	if plan[0].set(make([]float32, wiredUnits), 0, 1, x) {
		t.Error("a place of unknown state was changed")
	}
}

func TestRefusals(t *testing.T) {
	m := smallModel(t, rnn.LSTM, 1)
	bad := 1.5
	for _, c := range []struct {
		v    Intervention
		is   error
		says string
	}{
		{Intervention{Site: "l0.q", Mode: Zero}, rnn.ErrSite, "l0.h"},
		{Intervention{Site: "l0.h", Path: "up", Mode: Zero}, rnn.ErrSite, "l0.h.out"},
		{Intervention{Site: "l0.h", Units: []int{6}, Mode: Zero}, ErrUnit, "0 to 5"},
		{Intervention{Site: "l0.h", Units: []int{-1}, Mode: Zero}, ErrUnit, "0 to 5"},
		{Intervention{Site: "l0.h", Units: []int{1, 1}, Mode: Zero}, ErrMode, "twice"},
		{Intervention{Site: "l0.h", Mode: "louder"}, ErrMode, "resample"},
		{Intervention{Site: "l0.h", Mode: Zero, Positions: []int{-2}}, ErrMode, "-2"},
		{Intervention{Site: "l0.h", Mode: Clamp, Value: math.NaN()}, ErrDose, "NaN"},
		{Intervention{Site: "l0.h", Mode: Clamp, Quantile: &bad}, ErrDose, "1.5"},
		{Intervention{Site: "l0.h", Mode: Add, Vector: []float64{1}}, ErrDose, "1 numbers for 6"},
		{Intervention{Site: "l0.h", Mode: Patch, Positions: []int{1}}, ErrDose, "0 positions for 1"},
		{Intervention{Site: "l0.h", Mode: Patch, Positions: []int{1}, Values: [][]float64{{1}}}, ErrDose, "1 values for 6"},
		{Intervention{Site: "l0.h", Mode: Resample}, ErrMode, "concept"},
		{Intervention{Site: "l0.h", Mode: Mean}, ErrMode, "l0.h"},
	} {
		if _, err := Prepare(m, []Intervention{c.v}, nil, nil); !errors.Is(err, c.is) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%+v: %v", c.v, err)
		}
	}
	for _, s := range []string{"l0.c", "c41", "l0.c[", "l0.c[6]", "l0.c99999999999999999999", "l0.x1", "", "l0.c-1"} {
		if u, err := m.ParseUnit(s); err == nil {
			t.Errorf("%q reads as %v", s, u)
		}
	}
	for _, s := range []string{"l0.c4", "l0.c[4]", " l0.c[4]"} {
		if u, err := m.ParseUnit(s); err != nil || u != (Unit{Site: "l0.c", Unit: 4}) {
			t.Errorf("%q reads as %v, %v", s, u, err)
		}
	}
	if u, err := m.ParseUnit("l0.h.rec[2]"); err != nil || u.Site != "l0.h.rec" {
		t.Errorf("%v, %v", u, err)
	}
}
