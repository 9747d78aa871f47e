package main

import (
	"database/sql"
	"fmt"
	"hash/fnv"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
)

// flagged is a command line whose flags are tried two at a time: each has a value that shows, and
// what a flag needs beside it to show is said by the line.
type flagged struct {
	line   string            // RUN, FILE and OUT are filled in
	values map[string]string // by flag
	// silent flags have no effect on what is printed and kept, by design; why.
	silent map[string]string
	// alone flags answer another question or choose among many, so that beside these the flag may
	// change nothing on so small a text; why.
	beside map[[2]string]string
}

const onCores = "no result depends on the number of cores"

// flagsAsked is every command with cheap work. What the others refuse stands in TestNoFlagIsIgnored
// and in heeds.
var flagsAsked = []flagged{
	{line: "corpus synth novel -n 2000", values: synthValues}, {line: "corpus synth play -n 2000", values: synthValues},
	{line: "corpus synth wiki -n 2000", values: synthValues}, {line: "corpus synth code -n 2000", values: synthValues},
	{line: "corpus synth latex -n 2000", values: synthValues}, {line: "corpus synth xml -n 2000", values: synthValues},
	{line: "corpus synth dyck -n 4000", values: synthValues}, {line: "corpus synth mixed -n 40000", values: synthValues},
	{line: "corpus synth quotes-straight -n 4000", values: synthValues}, {line: "corpus synth quotes-alternating -n 4000", values: synthValues},
	{line: "corpus synth quotes-curly -n 4000", values: synthValues}, {line: "corpus synth quotes-corner -n 4000", values: synthValues},
	{line: "corpus synth quotes-broken -n 4000", values: synthValues}, {line: "corpus synth dyck-shuffled -n 4000", values: synthValues},
	{line: "corpus synth counting -n 4000", values: synthValues},
	{line: "corpus stat FILE", values: map[string]string{"order": "2", "bytes": "", "min-count": "200", "synth-size": "9000", "synth-seed": "2"}},
	{line: "corpus concepts FILE", values: map[string]string{"places": "capital", "n": "2", "seed": "9", "bytes": "", "min-count": "200", "synth-size": "9000", "synth-seed": "2"}},
	{line: "sample RUN -n 40", values: map[string]string{"temperature": ".5", "top-k": "2", "top-p": ".3", "greedy": "", "prompt": "The", "seed": "7", "count": "2", "step": "10",
		"clamp": "l0.h[3]=5", "ablate": "l0.h[2],l0.h[4],l0.h[5],l0.h[6],l0.h[7],l0.h[8]", "unknown": "skip"},
		silent: map[string]string{"unknown": "nothing of the prompt is unknown"},
		beside: map[[2]string]string{{"top-k", "top-p"}: "of the two likeliest often one is left", {"greedy", "*"}: "an argmax is hard to move", {"*", "greedy"}: "an argmax is hard to move"}},
	{line: "trace RUN --text Therein", values: map[string]string{"sites": "l0.c", "step": "10", "loss": "", "unknown": "skip", "out": "OUT.csv", "units": "1", "from": "2", "grid": "", "controls": "1"},
		silent: map[string]string{"unknown": "nothing of the passage is unknown"}},
	{line: "evolution RUN", values: map[string]string{"steps": "0,10", "all": "", "workers": "1"}, silent: map[string]string{"workers": onCores}},
	{line: "atlas RUN", values: map[string]string{"source": "dissect", "concept": "capital", "site": "l0.h", "unit": "3", "metric": "auroc", "least": ".5", "every": "", "metrics": "", "step": "30", "export": "OUT.csv"},
		silent: map[string]string{"step": "one step was measured", "every": "one subject was measured", "source": "one command measured"},
		beside: map[[2]string]string{{"*", "least"}: "few figures are left", {"*", "metric"}: "few figures are left", {"*", "site"}: "few figures are left", {"*", "unit"}: "few figures are left", {"*", "concept"}: "one concept was measured"}},
	{line: "train FILE --out OUT --hidden 4 --batch 2 --seq 8 --iterations 12 --sample-length 12 --snapshots 2,8", values: map[string]string{
		"bytes": "", "min-count": "200", "synth-size": "9000", "synth-seed": "2", "cell": "elman", "nonlinearity": "relu", "layers": "2", "embed": "3", "dropout": ".5", "counter": "",
		"optimizer": "sgd", "lr": ".05", "momentum": ".5", "schedule": "constant", "lr-factor": ".1", "lr-after": "1", "lr-every": "1", "clip": "value", "clip-at": ".0001", "seed": "9",
		"order-seed": "9", "validate-every": "3", "prompt": "The", "temperature": ".2", "workers": "1", "split": "20,20", "epochs": ".01"},
		silent: map[string]string{"workers": onCores},
		beside: map[[2]string]string{{"*", "momentum"}: "no step is large on so small a text", {"*", "lr-every"}: "as lr-factor", {"*", "lr-after"}: "as lr-factor"}},
}

var synthValues = map[string]string{"seed": "3", "quotes": "curly", "kinds": "1", "depth": "3", "length": "10", "gap": "3", "filler": "xyz", "broken": ".7"}

// TestFlagsInPairs: a flag beside another is heeded or refused. Every command is run with one of
// two flags and with both: what is printed and kept differs, or the second is refused with
// status 2. Without RNNSCOPE_LONG a part of the pairs is tried, always the same.
func TestFlagsInPairs(t *testing.T) {
	long := os.Getenv("RNNSCOPE_LONG") != ""
	if testing.Short() {
		t.Skip("runs a command for every pair")
	}
	dir := smallRun(t)
	mustRun(t, "-q", "dissect", dir, "--concepts", "capital", "--untrained", "0")
	file := filepath.Join(t.TempDir(), "t.txt")
	if err := os.WriteFile(file, []byte(mustRun(t, "corpus", "synth", "novel", "-n", "12000", "--quotes", "curly").out), 0o644); err != nil {
		t.Fatal(err)
	}
	heeded, refused := 0, 0
	for _, c := range flagsAsked {
		first := map[string]string{}
		with := func(flags ...string) (string, bool) {
			return c.outcome(t, dir, file, flags...)
		}
		bare, _ := with()
		for a := range c.values {
			for b := range c.values {
				if a == b || c.silent[b] != "" || c.excused(a, b) || !long && !sampled(c.line+a+b) {
					continue
				}
				if _, ok := first[a]; !ok {
					first[a], _ = with(a)
				}
				both, ok := with(a, b)
				switch {
				case ok:
					refused++
				case first[a] != both:
					heeded++
				default:
					alone, _ := with(b)
					t.Errorf("%s --%s %s: --%s %s changes nothing (alone it does: %v)", c.line, a, c.values[a], b, c.values[b], alone != bare)
				}
			}
		}
	}
	t.Logf("%d pairs heeded, %d refused", heeded, refused)
	if heeded < 20 || refused < 20 {
		t.Errorf("%d pairs heeded, %d refused: the test looked at too little", heeded, refused)
	}
}

// sampled chooses one pair in 12.
func sampled(pair string) bool {
	h := fnv.New32a()
	h.Write([]byte(pair))
	return h.Sum32()%12 == 0
}

func (c flagged) excused(a, b string) bool {
	for _, p := range [][2]string{{a, b}, {b, a}, {"*", b}, {a, "*"}} {
		if c.beside[p] != "" {
			return true
		}
	}
	return false
}

var (
	timesSaid = regexp.MustCompile(`[0-9.,]+ ?(ms|s|min|h)\b|[0-9.,]+ (characters|symbols) (a|per) second`)
	hexNames  = regexp.MustCompile(`/tmp/[^ ]*`)
)

// outcome is all that a command line printed and kept, and whether it was refused as misuse.
func (c flagged) outcome(t *testing.T, dir, file string, flags ...string) (string, bool) {
	t.Helper()
	place := t.TempDir()
	out := filepath.Join(place, "out")
	line := c.line
	words := strings.Fields(strings.NewReplacer("RUN", dir, "FILE", file, "OUT", out).Replace(line))
	for _, f := range flags {
		words = append(words, "--"+f)
		if v := c.values[f]; v != "" {
			words[len(words)-1] += "=" + strings.ReplaceAll(v, "OUT", out)
		}
	}
	a := rnnscope(t, "", append([]string{"-q"}, words...)...)
	if a.status != console.ExitOK {
		if a.status != console.ExitUsage || !strings.HasPrefix(a.err, "rnnscope: ") {
			t.Errorf("%v: exit %d, %s", words, a.status, a.err)
		}
		return "", true
	}
	var b strings.Builder
	b.WriteString(timesSaid.ReplaceAllString(a.out+a.err, ""))
	err := filepath.WalkDir(place, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		if filepath.Base(path) == "run.db" {
			b.WriteString(rowsOf(t, path))
			return nil
		}
		content, err := os.ReadFile(path)
		h := fnv.New64a()
		h.Write(content)
		fmt.Fprintln(&b, strings.TrimPrefix(path, place), h.Sum64())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return hexNames.ReplaceAllString(b.String(), ""), false
}

// rowsOf is what training measured and wrote: settings that are kept and not heeded do not show.
func rowsOf(t *testing.T, path string) string {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var b strings.Builder
	for _, table := range []string{"metrics", "samples", "checkpoints"} {
		columns := column(t, db, "SELECT name FROM pragma_table_info('"+table+"') WHERE name NOT IN ('id', 'session', 'at', 'seconds', 'bytes')")
		if len(columns) == 0 {
			continue
		}
		for i, c := range columns {
			columns[i] = `quote("` + c + `")`
		}
		b.WriteString(strings.Join(column(t, db, fmt.Sprintf("SELECT %s FROM %s ORDER BY 1", strings.Join(columns, " || ' ' || "), table)), "\n"))
	}
	return b.String()
}
