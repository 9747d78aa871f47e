package synth

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func nestings() map[string]Nesting {
	base := Nesting{Depth: 3, End: 0.4, GapHigh: 6, Filler: "abcd"}
	with := func(change func(l *Nesting)) Nesting {
		l := base
		change(&l)
		return l
	}
	return map[string]Nesting{
		"straight":    with(func(l *Nesting) { l.Marks, l.Cues = StraightMarks, true }),
		"flat":        with(func(l *Nesting) { l.Marks, l.Depth = StraightMarks, 1 }),
		"alternating": with(func(l *Nesting) { l.Marks, l.Cues = AlternatingMarks, true }),
		"curly":       with(func(l *Nesting) { l.Marks = CurlyMarks }),
		"one kind":    with(func(l *Nesting) { l.Marks = CurlyMarks[:1] }),
		"corner":      with(func(l *Nesting) { l.Marks, l.Free = CornerMarks, true }),
		"dyck-4":      with(func(l *Nesting) { l.Marks, l.Free, l.GapHigh, l.Filler = BracketMarks, true, 0, "" }),
		"shuffled":    with(func(l *Nesting) { l.Marks, l.Shuffle = BracketMarks[:2], true }),
	}
}

// depths reads a line of distinct marks back with a stack; ok is false where a
// closer does not match.
func depths(line string, l Nesting) (depth []int, ok bool) {
	var stack []rune
	for _, r := range line {
		for _, m := range l.Marks {
			switch {
			case r == m.Open && (m.Open != m.Close || len(stack) == 0 || stack[len(stack)-1] != m.Close):
				stack = append(stack, m.Close)
			case r == m.Close:
				if len(stack) == 0 || stack[len(stack)-1] != r {
					return nil, false
				}
				stack = stack[:len(stack)-1]
			}
		}
		depth = append(depth, len(stack))
	}
	return depth, len(stack) == 0
}

// TestNestIsBalanced reads every line back with a stack of its own.
func TestNestIsBalanced(t *testing.T) {
	for name, l := range nestings() {
		if name == "straight" || l.Shuffle {
			continue // a reader cannot know
		}
		text, err := Nest(5000, rand.New(rand.NewPCG(1, 2)), l)
		if err != nil {
			t.Fatal(err)
		}
		at, deepest := 0, 0
		for _, line := range strings.SplitAfter(text.S, "\n") {
			d, ok := depths(line, l)
			if !ok {
				t.Fatalf("%s: line %q is not balanced", name, line)
			}
			for i, v := range d {
				if got := int(text.Labels[PlantedDepth][at+i]); got != v {
					t.Fatalf("%s: %q: depth %d at %d, planted %d", name, line, v, i, got)
				}
				deepest = max(deepest, v)
			}
			at += len(d)
		}
		if deepest != l.Depth {
			t.Errorf("%s: deepest %d, want %d", name, deepest, l.Depth)
		}
	}
}

// TestNestGaps: between marks stand as many characters as asked for.
func TestNestGaps(t *testing.T) {
	l := nestings()["corner"]
	l.GapLow = 2
	text, _ := Nest(5000, rand.New(rand.NewPCG(1, 2)), l)
	seen := map[int]bool{}
	for _, line := range strings.Split(text.S, "\n") {
		for _, gap := range strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune("「」『』", r) }) {
			if len(gap) < 2 || len(gap) > 6 {
				t.Fatalf("gap %q in %q", gap, line)
			}
			seen[len(gap)] = true
		}
	}
	if len(seen) != 5 {
		t.Errorf("gap lengths %v, want 2..6", seen)
	}
}

// TestBroken: a broken line lacks one mark, and about as many are broken as asked for.
func TestBroken(t *testing.T) {
	l := nestings()["corner"]
	l.Broken = 0.5
	text, err := Nest(40000, rand.New(rand.NewPCG(3, 4)), l)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(text.S, "\n"), "\n")
	broken := 0
	for _, line := range lines {
		_, ok := depths(line, l)
		if !ok {
			broken++
		}
	}
	if share := float64(broken) / float64(len(lines)); share < 0.45 || share > 0.55 {
		t.Errorf("%.2f of the lines are broken, want about half", share)
	}
	if _, labelled := text.Labels["quote-depth"]; labelled {
		t.Error("a broken text must not claim exact labels")
	}
}

// TestShuffledCloses: in the shuffled language every kind balances by itself, and
// kinds do cross.
func TestShuffledCloses(t *testing.T) {
	l := nestings()["shuffled"]
	text, _ := Nest(5000, rand.New(rand.NewPCG(5, 6)), l)
	crossed := false
	for _, line := range strings.Split(text.S, "\n") {
		for _, m := range l.Marks {
			one := Nesting{Marks: []Mark{m}}
			if _, ok := depths(line, one); !ok {
				t.Fatalf("%c does not balance in %q", m.Open, line)
			}
		}
		if _, ok := depths(line, l); !ok {
			crossed = true
		}
	}
	if !crossed {
		t.Error("no line in which the kinds cross")
	}
}

func TestCues(t *testing.T) {
	l := nestings()["straight"]
	text, _ := Nest(5000, rand.New(rand.NewPCG(7, 8)), l)
	rs, d := text.Runes, text.Labels[PlantedDepth]
	for i := 1; i+1 < len(rs); i++ {
		if rs[i] != '"' {
			continue
		}
		opens := d[i] > d[i-1]
		space := rs[i-1] == ' ' || rs[i-1] == '\n' || rs[i-1] == '"' || d[i-1] == 0
		if opens && !space {
			t.Fatalf("opener without a space before: %q", string(rs[max(0, i-10):i+3]))
		}
		if after := rs[i+1]; !opens && after != ' ' && after != '\n' && after != '"' {
			t.Fatalf("closer without a space after: %q", string(rs[max(0, i-10):i+3]))
		}
	}
}

func TestCount(t *testing.T) {
	text, err := Count(3000, 9, "ab", rand.New(rand.NewPCG(1, 1)))
	if err != nil {
		t.Fatal(err)
	}
	longest := 0
	for _, line := range strings.Split(strings.TrimSuffix(text.S, "\n"), "\n") {
		k := strings.Count(line, "a")
		if line != strings.Repeat("a", k)+strings.Repeat("b", k) || k < 1 || k > 9 {
			t.Fatalf("line %q", line)
		}
		longest = max(longest, k)
	}
	if longest != 9 {
		t.Errorf("longest %d, want 9", longest)
	}
	if _, err := Count(10, 0, "ab", nil); !errors.Is(err, ErrOption) {
		t.Errorf("0 letters: %v", err)
	}
}

func TestNestRefuses(t *testing.T) {
	good := nestings()["curly"]
	for name, change := range map[string]func(l *Nesting){
		"no marks": func(l *Nesting) { l.Marks = nil }, "depth": func(l *Nesting) { l.Depth = 0 },
		"gaps": func(l *Nesting) { l.GapLow = 9 }, "no filler": func(l *Nesting) { l.Filler = "" },
		"never ends": func(l *Nesting) { l.End = 0 }, "broken": func(l *Nesting) { l.Broken = 2 },
	} {
		l := good
		change(&l)
		if _, err := Nest(100, rand.New(rand.NewPCG(1, 1)), l); !errors.Is(err, ErrOption) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

// TestNestedLanguages: each named language has its marks, its depth and its faults,
// and the options change them.
func TestNestedLanguages(t *testing.T) {
	depthOf := func(x *Text) int { return int(slices.Max(x.Labels[PlantedDepth])) }
	for name, want := range map[string]struct {
		marks string
		depth int
	}{
		"quotes-straight": {`"`, 1}, "quotes-alternating": {`"'`, 2}, "quotes-curly": {"“”‘’", 4}, "quotes-corner": {"「」『』", 4},
		"quotes-broken": {"「」『』", 4}, "dyck-shuffled": {"()[]", 4}, "counting": {"ab", 20},
	} {
		x := generate(t, name, 20_000, 3, Options{})
		for _, r := range want.marks {
			if !strings.ContainsRune(x.S, r) {
				t.Errorf("%s has no %c", name, r)
			}
		}
		if d := depthOf(x); d != want.depth {
			t.Errorf("%s goes to depth %d, want %d", name, d, want.depth)
		}
		if d := depthOf(generate(t, name, 20_000, 3, Options{Depth: 3})); d != 3 {
			t.Errorf("%s to depth %d, asked 3", name, d)
		}
	}
	unbalanced := func(opt Options, name string) float64 {
		lines := strings.Split(strings.TrimSpace(generate(t, name, 40_000, 4, opt).S), "\n")
		bad := 0
		for _, l := range lines {
			if strings.Count(l, "「")+strings.Count(l, "『") != strings.Count(l, "」")+strings.Count(l, "』") {
				bad++
			}
		}
		return float64(bad) / float64(len(lines))
	}
	for _, c := range []struct {
		name string
		opt  Options
		want float64
	}{{"quotes-corner", Options{}, 0}, {"quotes-broken", Options{}, nestBroken}, {"quotes-corner", Options{Broken: 0.7}, 0.7}} {
		if got := unbalanced(c.opt, c.name); math.Abs(got-c.want) > 0.06 {
			t.Errorf("%s %+v: %.2f of the lines are broken, want %.2f", c.name, c.opt, got, c.want)
		}
	}
	x := generate(t, "quotes-corner", 20_000, 5, Options{Gap: 3, Filler: "xy"})
	if strings.Trim(x.S, "xy「」『』\n") != "" || strings.Contains(x.S, "a") || !strings.Contains(x.S, "x") {
		t.Error("the filler asked for is not used")
	}
	if x := generate(t, "quotes-corner", 20_000, 5, Options{Gap: -1}); strings.Trim(x.S, "「」『』\n") != "" {
		t.Error("filler though none was asked for")
	}
	for _, o := range []Options{{Gap: -2}, {Broken: 1.5}, {Kinds: 5}, {Depth: -1}} {
		if _, err := Generate("dyck-shuffled", 100, rand.New(rand.NewPCG(1, 1)), o); !errors.Is(err, ErrOption) {
			t.Errorf("%+v: %v", o, err)
		}
	}
}

// TestNestMost: no line is longer than asked, and the longest lines come.
func TestNestMost(t *testing.T) {
	x, err := Nest(30_000, rand.New(rand.NewPCG(6, 6)), Nesting{Marks: BracketMarks[:1], Depth: 10, Most: 20, End: 0.3})
	if err != nil {
		t.Fatal(err)
	}
	longest := 0
	for _, l := range strings.Split(x.S, "\n") {
		longest = max(longest, len(l))
	}
	if longest != 20 {
		t.Errorf("the longest line has %d marks, want 20", longest)
	}
	if _, err := Nest(10, rand.New(rand.NewPCG(6, 6)), Nesting{Marks: BracketMarks[:1], Depth: 1, Most: 1, End: 0.3}); !errors.Is(err, ErrOption) {
		t.Errorf("lines of at most one mark: %v", err)
	}
}
