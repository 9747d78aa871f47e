package match

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/finding"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/text"
)

// specimenOf is a text and states of which unit 0 holds whether a bracket is open, up to noise, and the rest is noise that
// knows nothing.
func specimenOf(t *testing.T, symbols, units int, seed uint64) *specimen.Specimen {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, 9))
	var b strings.Builder
	for b.Len() < symbols {
		for range 300 + rng.IntN(300) {
			b.WriteByte("abcde "[rng.IntN(6)])
		}
		b.WriteByte('(')
		for range 10 + rng.IntN(30) {
			b.WriteByte("abcde "[rng.IntN(6)])
		}
		b.WriteByte(')')
	}
	corpus, err := text.FromString("planted", b.String()[:symbols], text.Options{})
	if err != nil {
		t.Fatal(err)
	}
	values := make([]float32, symbols*units)
	open := float32(0)
	noise := make([]float32, units)
	for i, c := range corpus.Raw {
		switch c {
		case '(':
			open = 1
		case ')':
			open = 0
		}
		for u := range units {
			noise[u] = .9*noise[u] + .3*float32(rng.NormFloat64()) // autocorrelated, as states are
			values[i*units+u] = noise[u]
		}
		values[i*units] = 2*open - 1 + .1*noise[0]
	}
	states, err := specimen.NewRecordedStates(symbols, []specimen.Site{{Name: "x", Units: units, Range: "open"}}, [][]float32{values})
	if err != nil {
		t.Fatal(err)
	}
	s, err := specimen.FromRecording(specimen.Recording{States: states, Alphabet: corpus.Alphabet, SHA256: "states"}, specimen.InMemory(corpus))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// indexed builds and opens the index of a specimen.
func indexed(t *testing.T, s *specimen.Specimen) *Index {
	t.Helper()
	path := filepath.Join(t.TempDir(), "index")
	if err := Build(context.Background(), s, path, 2, nil); err != nil {
		t.Fatal(err)
	}
	x, err := Open(path, s.Subject())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { x.Close() })
	return x
}

// rowsOf is the levels of rows [lo, hi) as a passage.
func rowsOf(t *testing.T, x *Index, lo, hi int) [][]byte {
	t.Helper()
	out := make([][]byte, hi-lo)
	for u := range x.units {
		column, err := x.Column(nil, u, lo, hi)
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range column {
			out[i] = append(out[i], v)
		}
	}
	return out
}

// Every byte of the index is the bin of the state it stands for, wherever chunks and pieces begin.
func TestIndexHoldsEveryState(t *testing.T) {
	s := specimenOf(t, 500_000, 3, 1) // more than is read at once
	x := indexed(t, s)
	states, err := s.States(s.Sites())
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(3, 3))
	for range 200 {
		row := rng.IntN(x.Rows)
		at, piece := x.Position(row)
		if at < piece.Lo || at >= piece.Hi {
			t.Fatalf("row %d stands at %d, outside its piece %+v", row, at, piece)
		}
		var want []byte
		err := states.Read(context.Background(), []text.Block{{Warm: at, Lo: at, Hi: at + 1}}, 1, func(_ int, p *specimen.Part) {
			for u, v := range p.Row(0, 0) {
				n := byte(0)
				for _, e := range x.edges[u] { // the slow twin of level
					if e <= v {
						n++
					}
				}
				want = append(want, n)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := rowsOf(t, x, row, row+1)[0]; !bytes.Equal(got, want) {
			t.Fatalf("row %d: %v, want %v", row, got, want)
		}
	}
}

// Levels are the mid-distribution of the choosing part: uniform there.
func TestLevelsAreUniform(t *testing.T) {
	x := indexed(t, specimenOf(t, 90_000, 2, 2))
	column, err := x.Column(nil, 1, 0, x.Rows)
	if err != nil {
		t.Fatal(err)
	}
	var quarter [4]int
	n := 0
	for _, p := range x.Runs {
		if !p.Report {
			for _, v := range column[p.Row : p.Row+p.Hi-p.Lo] {
				quarter[v/64]++
				n++
			}
		}
	}
	for q, k := range quarter {
		if share := float64(k) / float64(n); share < .23 || share > .27 {
			t.Errorf("quarter %d holds %.3f of the choosing part", q, share)
		}
	}
}

// slowBest is the plain way: every window scored by itself, all sorted, taken greedily.
func slowBest(t *testing.T, x *Index, chosen []Chosen, k, n int, report bool, out text.Span) []int {
	t.Helper()
	s := newSeeker(x)
	if err := s.score(chosen, n); err != nil {
		t.Fatal(err)
	}
	p := picker{s: s, n: n, units: float32(len(chosen)), out: out}
	st := startsOf(x, n, report)
	rows := make([]int, st.total)
	for i := range rows {
		rows[i] = st.at(i)
	}
	slices.SortStableFunc(rows, func(a, b int) int { return cmp.Compare(p.rank(b), p.rank(a)) })
	var best []int
	for _, row := range rows {
		if at, _ := x.Position(row); len(best) < k && p.free(at) {
			p.taken = append(p.taken, at)
			best = append(best, row)
		}
	}
	return best
}

func TestPlacesAreThoseOfThePlainWay(t *testing.T) {
	x := indexed(t, specimenOf(t, 60_000, 5, 4))
	rng := rand.New(rand.NewPCG(5, 5))
	for try := range 12 {
		n := 1 + rng.IntN(20)
		row := startsOf(x, n, false).at(rng.IntN(startsOf(x, n, false).total))
		chosen, err := x.Extreme(Passage{Levels: rowsOf(t, x, row, row+n), Hi: n}, 3)
		if err != nil {
			t.Fatal(err)
		}
		report := try%2 == 0
		at, _ := x.Position(row)
		out := text.Span{Lo: at, Hi: at + n}
		s := newSeeker(x)
		if err := s.score(chosen, n); err != nil {
			t.Fatal(err)
		}
		var got []int
		for _, p := range s.best(20, n, 3, report, out) {
			got = append(got, p.row)
			position, piece := x.Position(p.row)
			if piece.Report != report || p.Lo != position || p.Hi > piece.Hi || p.Lo < out.Hi+apart && p.Hi > out.Lo-apart {
				t.Errorf("place %+v of piece %+v, selection at %+v", p, piece, out)
			}
		}
		if want := slowBest(t, x, chosen, 20, n, report, out); !slices.Equal(got, want) {
			t.Errorf("window of %d: rows %v, want %v", n, got, want)
		}
	}
}

// Windows are scored as their definition says: means over the window, one by one.
func TestScoresAreTheirDefinition(t *testing.T) {
	x := indexed(t, specimenOf(t, 30_000, 4, 6))
	const n = 7
	p := Passage{Levels: rowsOf(t, x, 100, 120), Lo: 5, Hi: 5 + n}
	chosen, err := x.Extreme(p, 4)
	if err != nil {
		t.Fatal(err)
	}
	s := newSeeker(x)
	if err := s.score(chosen, n); err != nil {
		t.Fatal(err)
	}
	st := startsOf(x, n, true)
	for i := 0; i < st.total; i += 97 {
		row := st.at(i)
		there := Passage{Levels: rowsOf(t, x, row, row+n), Hi: n}
		alike, off := 0, 0.0
		for _, c := range chosen {
			f := there.f(c.column)
			edge := c.Edge
			// Sums of levels decide; half a bin lies between them and F.
			if raw := f - .5/Levels; c.Above && raw >= float64(c.side(n))/Levels/n || !c.Above && raw < float64(c.side(n))/Levels/n {
				alike++
			} else if c.Above && raw > edge+.01 || !c.Above && raw < edge-.01 {
				t.Errorf("unit %d with F %.3f is not on its side of %.3f", c.column, f, edge)
			}
			off += (f - c.F) * (f - c.F)
		}
		if int(s.alike[row]) != alike || abs(float64(s.off[row])-off) > 1e-4 {
			t.Fatalf("row %d: %d alike, %.5f off; want %d, %.5f", row, s.alike[row], s.off[row], alike, off)
		}
	}
}

// ask runs a query on a span of n symbols of the choosing part that begins at row.
func ask(t *testing.T, s *specimen.Specimen, x *Index, row, n int, q Query) *Result {
	t.Helper()
	ids := make([]int32, 1)
	at, _ := x.Position(row + n - 1)
	if err := s.Text.Source.Read(ids, at); err != nil {
		t.Fatal(err)
	}
	q.Passage, q.Last = Passage{Levels: rowsOf(t, x, row, row+n), Hi: n}, ids[0]
	r, err := Run(context.Background(), s, x, q, Options{Concepts: concept.All(), Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// insideOf finds a row of the choosing part in the middle of brackets, or far from any.
func insideOf(t *testing.T, s *specimen.Specimen, x *Index, n int, open bool) int {
	t.Helper()
	for _, p := range x.Runs {
		if p.Report {
			continue
		}
		ids := make([]int32, p.Hi-p.Lo)
		if err := s.Text.Source.Read(ids, p.Lo); err != nil {
			t.Fatal(err)
		}
		said := s.Alphabet.Decode(ids)
		for i := 1000; i < len(said)-1000; i++ {
			last := strings.LastIndexAny(said[:i], "()")
			next := i + strings.IndexAny(said[i:], "()")
			if (said[last] == '(') == open && i-last > 4 && next-i > n+4 {
				return p.Row + i
			}
		}
	}
	t.Fatal("no such place")
	return 0
}

// A unit that holds a bracket is found, its places lie in brackets, and brackets are what they share beyond what random spans do; units that know
// nothing share nothing.
func TestPlantedMeaning(t *testing.T) {
	s := specimenOf(t, 100_000, 6, 7)
	x := indexed(t, s)
	const n = 6
	row := insideOf(t, s, x, n, true)
	r := ask(t, s, x, row, n, Query{Units: x.Units()[:1], Draws: 99, Seed: 1, Meaning: "bracket-depth"})
	if len(r.Places) != 50 || r.Null.Draws != 99 {
		t.Fatalf("%d places, %d draws", len(r.Places), r.Null.Draws)
	}
	found := false
	for _, sh := range r.Shared {
		if sh.Concept == "bracket-depth" && sh.Where == AtEnd {
			found = sh.Share > .9 && sh.P <= .05
		}
	}
	if !found {
		t.Errorf("places of a bracket unit do not share brackets: %+v", r.Shared[:5])
	}
	if r.Meaning == nil || r.Meaning.Precision.Lo < .9 || r.Meaning.Recall.Lo < .1 {
		t.Errorf("precision and recall of the bracket unit: %+v", r.Meaning)
	}
	again := ask(t, s, x, row, n, Query{Units: x.Units()[:1], Draws: 99, Seed: 1, Meaning: "bracket-depth"})
	if a, b := again.Shared[0], r.Shared[0]; a != b || again.Null != r.Null {
		t.Errorf("the same question, another answer: %+v, %+v", a, b)
	}
}

// Of random selections at most about 5 % may share something at p <= .05.
func TestNullHolds(t *testing.T) {
	s := specimenOf(t, 40_000, 5, 8)
	x := indexed(t, s)
	rng := rand.New(rand.NewPCG(1, 2))
	some, tries := 0, 20
	for range tries {
		st := startsOf(x, 5, false)
		r := ask(t, s, x, st.at(rng.IntN(st.total)), 5, Query{Units: x.Units()[1:], Draws: 39, Seed: rng.Uint64()})
		if r.Null.ConceptSome > 0 {
			some++
		}
	}
	if some > 4 { // 20 tries at 5 %: more than 4 has p .003
		t.Errorf("%d of %d random selections share something", some, tries)
	}
}

func TestRuleMayFindNothing(t *testing.T) {
	s := specimenOf(t, 30_000, 3, 9)
	x := indexed(t, s)
	r := ask(t, s, x, 200, 40, Query{Rule: &Rule{Quantile: .999, Before: true, After: true}})
	if len(r.Chosen) != 0 || len(r.Places) != 0 {
		t.Errorf("a rule nothing meets chose %v", r.Chosen)
	}
}

func TestDamagedIndex(t *testing.T) {
	s := specimenOf(t, 30_000, 3, 10)
	path := filepath.Join(t.TempDir(), "index")
	if err := Build(context.Background(), s, path, 1, nil); err != nil {
		t.Fatal(err)
	}
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	other := s.Subject()
	other.Step++
	if _, err := Open(path, other); !errors.Is(err, ErrIndex) {
		t.Errorf("an index of another step: %v", err)
	}
	for name, bad := range map[string][]byte{
		"empty": {}, "cut": good[:len(good)-1], "longer": append(slices.Clone(good), 0), "text": []byte(strings.Repeat("x", 5000)),
		"huge header": append([]byte(magic), 255, 255, 255, 255, '{', '}'),
		"other rows":  bytes.Replace(good, []byte(`"rows":`), []byte(`"rows":9`), 1),
	} {
		if err := os.WriteFile(path, bad, 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(path, s.Subject()); !errors.Is(err, ErrIndex) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzOpen(f *testing.F) {
	f.Add([]byte(magic + "\x02\x00\x00\x00{}"))
	f.Add([]byte(magic + "\x40\x00\x00\x00" + `{"sites":[{"units":2}],"rows":1,"pieces":[{"hi":1}],"chunks":[0,1]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		path := filepath.Join(t.TempDir(), "x")
		if err := os.WriteFile(path, b, 0o666); err != nil {
			t.Fatal(err)
		}
		x, err := Open(path, finding.Subject{})
		if err == nil {
			x.Column(nil, 0, 0, x.Rows)
			x.Close()
		}
	})
}
