package main

import (
	"bufio"
	"fmt"
	"math"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
)

// Kernel paths (AVX-512, AVX2, plain Go) add in different orders, so a figure may differ in its sixth
// digit before training and in its third after it. Figures are alike when they differ by at most
// goldenShare of the larger or goldenLeast; in a table also by two units of the last digit shown.
// Whole numbers must be equal, in --json from goldenCount on (counts of characters above a threshold) alike.
const (
	goldenShare = 5e-3
	goldenLeast = 1e-6
	goldenCount = 1000
)

// unsteady is what a golden file leaves out: nearly equal candidates, whose order depends on the kernels.
var unsteady = struct{ line, at *regexp.Regexp }{
	// Units of which none waits: they are sorted by how many tests they fail, and one test compares with drawn units.
	line: regexp.MustCompile(`^([-\w]*) +l0\..* partial | waiting_`),
	at:   regexp.MustCompile(`^\.waiting\[\d+\]\.units`),
}

func closeTo(a, b float64) bool {
	return a == b || math.Abs(a-b) <= max(goldenLeast, goldenShare*max(math.Abs(a), math.Abs(b)))
}

// volatile is what differs from machine to machine or from day to day; normalise writes the second for
// the first.
var volatile = []struct {
	is   *regexp.Regexp
	said string
}{
	{regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[-+]\d\d:\d\d)`), "TIME"},
	{regexp.MustCompile(`"(seconds|rate|chars_per_second)":\s*[-+.e0-9]+`), `"$1": 0`},
	{regexp.MustCompile(`[0-9.]+ (s|min)\b( in all)?`), "0 s"},
	{regexp.MustCompile(`\b(avx512|avx2|neon|go) kernels`), "KERNELS kernels"},
	{regexp.MustCompile(`"kernels":\s*"\w+"`), `"kernels": "KERNELS"`},
	{regexp.MustCompile(regexp.QuoteMeta(runtime.Version())), "GO"},
	{regexp.MustCompile(`"(os|arch)":\s*"\w+"`), `"$1": "HERE"`},
	{regexp.MustCompile(`\b` + runtime.GOOS + "/" + runtime.GOARCH + `\b`), "HERE"},
}

// normalise is the one place where what is volatile gets a fixed form.
func (g *golden) normalise(s string) string {
	s = strings.ReplaceAll(s, g.run, "RUN")
	s = strings.ReplaceAll(s, g.dir, "DIR")
	s = strings.ReplaceAll(s, console.ProgramVersion(), "VERSION")
	for _, v := range volatile {
		s = v.is.ReplaceAllString(s, v.said)
	}
	return s
}

// steadyLines leaves out of a table what is unsteady.
func steadyLines(s string) string {
	var out []string
	for _, line := range strings.Split(s, "\n") {
		if !unsteady.line.MatchString(line) {
			out = append(out, line)
		}
	}
	return strings.Join(out, "\n")
}

// steadyFindings leaves the rows of units that wait out of a list of findings.
func steadyFindings(v any) any {
	list, ok := v.([]any)
	if !ok {
		return v
	}
	return slices.DeleteFunc(list, func(x any) bool {
		row, ok := x.(map[string]any)
		metric, _ := row["metric"].(string)
		return ok && strings.HasPrefix(metric, "waiting_")
	})
}

var numeral = regexp.MustCompile(`-?[0-9][0-9,]*(\.[0-9]+)?(e[-+]?[0-9]+)?|-?\.[0-9]+`)

func withoutFigures(s string) string { return numeral.ReplaceAllString(s, "0") }

// compareText says where two tables first differ, "" where they are alike.
func compareText(want, got string) string {
	w, h := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range max(len(w), len(h)) {
		if i >= len(w) || i >= len(h) {
			return fmt.Sprintf("%d lines, want %d\n%s", len(h), len(w), got)
		}
		if !alikeLine(w[i], h[i]) {
			return fmt.Sprintf("line %d\n got %s\nwant %s", i+1, h[i], w[i])
		}
	}
	return ""
}

func alikeLine(want, got string) bool {
	if want == got {
		return true
	}
	around := func(s string) string { return strings.Join(strings.Fields(numeral.ReplaceAllString(s, " # ")), " ") }
	if around(want) != around(got) {
		return false
	}
	w, h := numeral.FindAllString(want, -1), numeral.FindAllString(got, -1)
	for i := range w {
		if !alikeFigure(w[i], h[i]) {
			return false
		}
	}
	return true
}

func alikeFigure(want, got string) bool {
	if want == got {
		return true
	}
	_, digits, _ := strings.Cut(want, ".")
	real := strings.ContainsAny(want+got, ".e")
	a, errA := strconv.ParseFloat(strings.ReplaceAll(want, ",", ""), 64)
	b, errB := strconv.ParseFloat(strings.ReplaceAll(got, ",", ""), 64)
	if !real || errA != nil || errB != nil {
		return false
	}
	return closeTo(a, b) || math.Abs(a-b) <= 2.01*math.Pow(10, -float64(len(digits)))
}

// shortened keeps golden files readable: a list of more than 16 figures becomes its length, sum,
// least and greatest; figures keep six digits.
func shortened(v any, key string) any {
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			v[k] = shortened(x, k)
		}
	case []any:
		if s := summary(v); s != nil {
			return s
		}
		for i, x := range v {
			v[i] = shortened(x, key)
		}
	case float64:
		x, _ := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 6, 64), 64)
		if v == math.Trunc(v) {
			return v
		}
		return x
	}
	return v
}

func summary(list []any) any {
	if len(list) <= 16 {
		return nil
	}
	sum, low, high := 0., math.Inf(1), math.Inf(-1)
	for _, x := range list {
		f, ok := x.(float64)
		if !ok {
			return nil
		}
		sum, low, high = sum+math.Abs(f), min(low, f), max(high, f)
	}
	return map[string]any{"figures": float64(len(list)), "sum of sizes": shortened(sum, ""), "least": shortened(low, ""), "greatest": shortened(high, "")}
}

// compareJSON lists where got differs from want.
func compareJSON(at string, want, got any) []string {
	if unsteady.at.MatchString(at) {
		return nil
	}
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			break
		}
		return compareObjects(at, w, g)
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
			return []string{fmt.Sprintf("%s: %d elements, want %d", at, len(g), len(w))}
		}
		var out []string
		for i := range w {
			out = append(out, compareJSON(fmt.Sprintf("%s[%d]", at, i), w[i], g[i])...)
		}
		return out
	case float64:
		if g, ok := got.(float64); ok && (w == g || closeTo(w, g) && (w != math.Trunc(w) || g != math.Trunc(g) || w >= goldenCount)) {
			return nil
		}
	case string:
		if g, ok := got.(string); ok && compareText(w, g) == "" {
			return nil
		}
	default:
		if want == got {
			return nil
		}
	}
	return []string{fmt.Sprintf("%s: got %.300v, want %.300v", at, got, want)}
}

func compareObjects(at string, want, got map[string]any) []string {
	var out []string
	keys := map[string]bool{}
	for k := range want {
		keys[k] = true
	}
	for k := range got {
		keys[k] = true
	}
	names := make([]string, 0, len(keys))
	for k := range keys {
		names = append(names, k)
	}
	slices.Sort(names)
	for _, k := range names {
		w, inWant := want[k]
		g, inGot := got[k]
		switch {
		case !inGot:
			out = append(out, fmt.Sprintf("%s.%s is gone; a new name goes into testdata/golden/renamed.tsv", at, k))
		case !inWant:
			out = append(out, fmt.Sprintf("%s.%s is new", at, k))
		default:
			out = append(out, compareJSON(at+"."+k, w, g)...)
		}
	}
	return out
}

// renaming is one line of testdata/golden/renamed.tsv: what a golden file may still call by its old
// name. kind is "key" (of an object) or the key whose values are meant, as in "metric".
type renaming struct{ kind, old, new string }

func readRenamings(t *testing.T) []renaming {
	t.Helper()
	f, err := os.Open(goldenPath("renamed.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []renaming
	for sc := bufio.NewScanner(f); sc.Scan(); {
		if strings.HasPrefix(sc.Text(), "#") || sc.Text() == "" {
			continue
		}
		cells := strings.Split(sc.Text(), "\t")
		if len(cells) != 3 {
			t.Fatalf("renamed.tsv: %q has %d cells, not 3", sc.Text(), len(cells))
		}
		out = append(out, renaming{cells[0], cells[1], cells[2]})
	}
	return out
}

// renameAll gives v the names of today.
func renameAll(v any, table []renaming) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = renameAll(v[i], table)
		}
	case map[string]any:
		for k, x := range v {
			v[k] = renameAll(x, table)
		}
		for _, r := range table {
			if x, ok := v[r.old]; ok && r.kind == "key" {
				delete(v, r.old)
				v[r.new] = x
			}
			if x, ok := v[r.kind]; ok && x == r.old {
				v[r.kind] = r.new
			}
		}
	}
	return v
}

// TestGoldenCompares: the comparison itself can fail.
func TestGoldenCompares(t *testing.T) {
	for _, c := range []struct {
		want, got string
		alike     bool
	}{
		{"l0.c[2]  0.687  .001", "l0.c[2] 0.688 .002", true},
		{"l0.c[2]  0.687", "l0.c[2]  0.697", false},
		{"l0.c[2]  0.687", "l0.c[3]  0.687", false},
		{"learned  0.687", "associated  0.687", false},
		{"40,075 characters", "40,076 characters", false},
		{"D  -0.0  x", "D  0.0  x", true},
	} {
		if alikeLine(c.want, c.got) != c.alike {
			t.Errorf("%q and %q: alike %v", c.want, c.got, !c.alike)
		}
	}
	old := map[string]any{"metric": "mean_after", "lo": 1.}
	now := renameAll(old, []renaming{{"metric", "mean_after", "mean"}, {"key", "lo", "low"}})
	if d := compareJSON("", now, map[string]any{"metric": "mean", "low": 1.}); len(d) > 0 {
		t.Error(d)
	}
	if d := compareJSON("", now, map[string]any{"metric": "mean", "low": 2.}); len(d) != 1 {
		t.Error(d)
	}
}
