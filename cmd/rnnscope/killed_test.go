package main

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
	"github.com/rnnscope/rnnscope/internal/durable"
)

// killsAsked is the environment variable with the number of kills, for a long run by hand.
const killsAsked = "RNNSCOPE_KILLS"

// killsOnly names the commands to kill, separated by commas: for a run in parts.
const killsOnly = "RNNSCOPE_KILLS_ONLY"

// writer is a command that writes, and how it is repeated after a kill.
type writer struct {
	name   string
	args   string                // RUN and OUT are directories
	again  string                // what goes on where OUT is there already; "": the same
	makes  bool                  // it makes OUT and reads RUN
	folder bool                  // OUT is no run: it holds some, or files
	whole  func(out string) bool // whether a killed one was at its end: it refuses to begin anew; nil: never
	killed int
}

const (
	demoLine       = "demo --out OUT --size 60000 --iterations 12 --untrained 0"
	experimentLine = "quotes --experiment --only straight --networks 1 --iterations 2 --workers 1 --out OUT"
)

func writers() []*writer {
	return []*writer{
		{name: "train", args: "train TEXT --out OUT --hidden 6 --iterations 24 --batch 4 --seq 16 --sample-length 20 --snapshots 3,9,15 --save-every 3", again: "resume OUT", makes: true},
		{name: "resume", args: "resume RUN --iterations 60", again: "resume RUN --iterations 60"},
		{name: "import", args: "import WEIGHTS --alphabet ALPHABET --out OUT", makes: true},
		{name: "evolution", args: "evolution RUN"},
		{name: "evolution --refine", args: "evolution RUN --refine"},
		{name: "dissect", args: "dissect RUN --concepts capital,digit,in-quote --untrained 0"},
		{name: "quotes", args: "quotes RUN --marks ()"},
		{name: "memory", args: "memory RUN --suites none --kinds paren --order 3"},
		{name: "patch", args: "patch RUN --clean (a --corrupt [a"},
		{name: "report", args: "report RUN"},
		{name: "ablate", args: "ablate RUN --units l0.h[2] --concepts word-end-next --characters 3000"},
		{name: "steer", args: "steer RUN --unit l0.h[2] --concept word-end-next --characters 3000 -n 5"},
		{name: "explain", args: "explain RUN --sites l0.h --untrained 0"},
		{name: "match", args: "match RUN --passage (ab --span 0:2 --draws 20"},
		{name: "errors", args: "errors RUN TEXT"},
		{name: "demo", args: demoLine, again: demoLine, makes: true, whole: func(out string) bool { return exists(out, "report.html") }},
		{name: "sweep", args: "sweep GRID --out OUT", again: "sweep GRID --out OUT", makes: true, folder: true},
		{name: "quotes --experiment", args: experimentLine, again: experimentLine, makes: true, folder: true,
			whole: func(out string) bool { return exists(out, "experiment.json") && !exists(out, "networks/settings.json") }},
		{name: "train on words", args: "train TEXT --tokens words:90 --embed 5 --out OUT --hidden 6 --iterations 24 --batch 4 --seq 16 --sample-length 20 --snapshots 3,9,15 --save-every 3", again: "resume OUT", makes: true},
		{name: "train on pieces", args: "train TEXT --tokens bpe:300 --embed 5 --out OUT --hidden 6 --iterations 24 --batch 4 --seq 16 --sample-length 20 --snapshots 3,9,15 --save-every 3", again: "resume OUT", makes: true},
	}
}

// TestKilledCommands: whatever command is killed, at random moments and at the system calls that
// rename, sync and commit, every command answers afterwards, a repetition leaves the same bytes
// as an undisturbed run, and nothing unfinished stays. RNNSCOPE_KILLS says how many kills over
// all writing commands; where strace is installed half of them are at system calls.
func TestKilledCommands(t *testing.T) {
	kills, err := strconv.Atoi(os.Getenv(killsAsked))
	list := writers()
	if err != nil { // a few of five commands; the rest by hand, see .ci/long
		kills, list = 10, []*writer{list[0], list[2], list[3], list[len(list)-2], list[len(list)-1]}
	}
	if runtime.GOOS == "windows" || testing.Short() {
		t.Skip("starts processes and kills them")
	}
	if only := os.Getenv(killsOnly); only != "" {
		list = slices.DeleteFunc(list, func(w *writer) bool { return !slices.Contains(strings.Split(only, ","), w.name) })
	}
	h := newKillHarness(t)
	if err != nil {
		h.strace = ""
	}
	want := map[string]*remains{}
	for _, w := range list {
		want[w.name] = h.undisturbed(t, w)
	}
	rng := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 0))
	for i := range kills {
		w := list[i%len(list)]
		h.kill(t, w, want[w.name], rng, (i/len(list))%2 == 0)
		if t.Failed() {
			return
		}
	}
	dead := 0
	for _, w := range list {
		dead += w.killed
		t.Logf("%-20s killed %d times", w.name, w.killed)
	}
	t.Logf("%d of %d kills came before the end; %d at system calls", dead, kills, h.atCalls)
	if dead < kills/3 {
		t.Errorf("only %d of %d kills came in time", dead, kills)
	}
}

// killHarness holds what every command starts from.
type killHarness struct {
	base, text, weights, alphabet, grid string
	strace                              string // "": not installed
	atCalls                             int
	took                                map[string]time.Duration
	calls                               map[string][]deadly
}

// deadly is a system call that a command makes, and how often one thread made it.
type deadly struct {
	name string
	most int
}

func newKillHarness(t *testing.T) *killHarness {
	dir := t.TempDir()
	h := &killHarness{base: filepath.Join(dir, "base"), text: filepath.Join(dir, "t.txt"), took: map[string]time.Duration{}, calls: map[string][]deadly{}}
	h.strace, _ = exec.LookPath("strace")
	if err := os.WriteFile(h.text, []byte(mustRun(t, "corpus", "synth", "mixed", "--size", "60000").out), 0o644); err != nil {
		t.Fatal(err)
	}
	mustRun(t, "-q", "train", h.text, "--out", h.base, "--hidden", "6", "--iterations", "40", "--batch", "4", "--seq", "16", "--sample-length", "20")
	h.grid = filepath.Join(dir, "grid.yaml")
	grid := fmt.Sprintf("text: %s\ntrain:\n  hidden: 4\n  seed: [1, 2]\n  iterations: 6\n  batch: 4\n  seq: 16\n  sample-length: 10\n", h.text)
	if err := os.WriteFile(h.grid, []byte(grid), 0o644); err != nil {
		t.Fatal(err)
	}
	h.weights, h.alphabet = newestWeights(t, h.base), alphabetFile(t, h.base)
	return h
}

// line is the command line of w for its directories.
func (h *killHarness) line(args, run, out string) []string {
	return strings.Fields(strings.NewReplacer("RUN", run, "OUT", out, "TEXT", h.text, "GRID", h.grid, "WEIGHTS", h.weights, "ALPHABET", h.alphabet).Replace("-q " + args))
}

// place is a fresh copy of the run and a name for a new one.
func (h *killHarness) place(t *testing.T) (run, out string) {
	dir := t.TempDir()
	run, out = filepath.Join(dir, "run"), filepath.Join(dir, "out")
	if err := os.CopyFS(run, os.DirFS(h.base)); err != nil {
		t.Fatal(err)
	}
	return run, out
}

// remains is what a run holds that must not depend on how often a command was killed.
type remains struct {
	Rows  []string
	Files map[string]string
}

func (h *killHarness) undisturbed(t *testing.T, w *writer) *remains {
	run, out := h.place(t)
	started := time.Now()
	p := program(t, h.line(w.args, run, out)...)
	if b, err := p.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", w.name, err, b)
	}
	h.took[w.name] = time.Since(started)
	if h.strace != "" {
		run, out := h.place(t)
		log := filepath.Join(t.TempDir(), "calls")
		p := program(t, h.line(w.args, run, out)...)
		cmd := exec.Command(h.strace, append([]string{"-f", "-qq", "-o", log, "-e", "signal=none", "-e", "trace=" + deadlyCalls}, p.Args...)...)
		cmd.Env = p.Env
		if b, err := cmd.CombinedOutput(); err != nil {
			t.Logf("strace does not work here: %v %.200s", err, b)
			h.strace = ""
		} else if b, err := os.ReadFile(log); err == nil {
			h.calls[w.name] = callsIn(string(b))
		}
	}
	return h.read(t, w, run, out)
}

// callsIn reads strace's log, a line a call: thread, name(...). A call stands in the answer
// once for every time it was made.
func callsIn(log string) []deadly {
	count, most := map[string]int{}, map[string]int{}
	var names []string
	for line := range strings.Lines(log) {
		thread, call, _ := strings.Cut(line, " ")
		name, _, ok := strings.Cut(strings.TrimSpace(call), "(")
		if !ok || strings.HasPrefix(name, "<") {
			continue
		}
		names = append(names, name)
		count[thread+name]++
		most[name] = max(most[name], count[thread+name])
	}
	var out []deadly
	for _, name := range names {
		out = append(out, deadly{name, most[name]})
	}
	return out
}

// deadlyCalls rename, sync and commit: SQLite commits by removing its journal.
const deadlyCalls = "rename,renameat,renameat2,fsync,fdatasync,unlink,unlinkat"

func (h *killHarness) kill(t *testing.T, w *writer, want *remains, rng *rand.Rand, atCall bool) {
	run, out := h.place(t)
	p := program(t, h.line(w.args, run, out)...)
	said := fmt.Sprintf("%s: ", w.name)
	if atCall && h.strace != "" && len(h.calls[w.name]) > 0 {
		// strace counts by thread and call, and threads take each other's work: which one dies varies
		call := h.calls[w.name][rng.IntN(len(h.calls[w.name]))]
		n := 1 + rng.IntN(call.most)
		said += fmt.Sprintf("killed at %s %d", call.name, n)
		cmd := exec.Command(h.strace, append([]string{"-f", "-qq", "-o", os.DevNull, "-e", "trace=" + call.name,
			"-e", fmt.Sprintf("inject=%s:signal=KILL:when=%d", call.name, n)}, p.Args...)...)
		cmd.Env = p.Env
		if cmd.Run() != nil {
			w.killed++
			h.atCalls++
		}
	} else {
		later := time.Duration(rng.Float64() * float64(h.took[w.name]))
		said += fmt.Sprintf("killed after %v of %v", later, h.took[w.name])
		if err := p.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(later)
		_ = p.Process.Kill()
		if p.Wait() != nil {
			w.killed++
		}
	}
	h.answers(t, said, w, run, out)
	again := w.args
	if _, err := os.Stat(out); err == nil && w.makes {
		again = w.again // a run that is there was made whole
	}
	refused := w.whole != nil && w.whole(out)
	if again != "" {
		a := rnnscope(t, "", h.line(again, run, out)...)
		if refused && strings.Contains(a.err, "already exists") != (a.status == console.ExitFailed) || !refused && a.status != console.ExitOK {
			t.Fatalf("%s: %s again: exit %d\n%s", said, again, a.status, a.err)
		}
	}
	if d := cmp.Diff(want, h.read(t, w, run, out)); d != "" {
		t.Fatalf("%s (-undisturbed +repeated):\n%.3000s", said, d)
	}
	left(t, said, filepath.Dir(run))
}

func exists(dir, name string) bool {
	_, err := os.Stat(filepath.Join(dir, name))
	return err == nil
}

// answers runs reading commands at once on what a kill left: none may fail where it did not
// before.
func (h *killHarness) answers(t *testing.T, said string, w *writer, run, out string) {
	dir := run
	if w.makes {
		if _, err := os.Stat(out); err != nil {
			return // nothing was made
		}
		dir = out
	}
	if w.folder {
		return
	}
	lines := [][]string{{"-q", "sample", dir, "-n", "5"}, {"-q", "trace", dir, "--text", "a"}, {"-q", "sample", dir, "-n", "5", "--seed", "2"}}
	if !w.makes {
		lines = append(lines, []string{"-q", "evolution", dir})
	}
	got := make([]answer, len(lines))
	done := make(chan int)
	for i, args := range lines {
		go func() {
			var o, e bytes.Buffer
			m := &Main{Stdin: strings.NewReader(""), Stdout: &o, Stderr: &e}
			status := m.Run(context.Background(), args)
			got[i] = answer{status, o.String(), e.String()}
			done <- i
		}()
	}
	for range lines {
		<-done
	}
	for i, a := range got {
		unborn := w.makes && strings.Contains(a.err, "training has saved nothing yet") // killed before its first state
		if a.status != console.ExitOK && !unborn {
			t.Errorf("%s: %v: exit %d, %s", said, lines[i], a.status, a.err)
		}
	}
}

// read dumps the tables, without what tells sessions apart, and the checkpoints.
func (h *killHarness) read(t *testing.T, w *writer, run, out string) *remains {
	t.Helper()
	dir := run
	if w.makes {
		dir = out
	}
	r := &remains{Files: map[string]string{}}
	if w.folder {
		h.readFolder(t, w, dir, r)
		return r
	}
	h.readRun(t, w, dir, r)
	return r
}

// readFolder dumps the runs below dir, and the names of other files with the figures of those in JSON and CSV.
func (h *killHarness) readFolder(t *testing.T, w *writer, dir string, r *remains) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if _, err := os.Stat(filepath.Join(path, "run.db")); err == nil {
			h.readRun(t, w, path, r)
			return fs.SkipDir
		}
		name := filepath.ToSlash(strings.TrimPrefix(path, dir))
		if e.IsDir() || strings.HasPrefix(name, "/claims/") {
			return nil
		}
		b := []byte{}
		if ext := filepath.Ext(path); ext == ".json" || ext == ".csv" {
			if b, err = os.ReadFile(path); err != nil {
				return err
			}
		}
		r.Files[name] = strings.ReplaceAll(secondsKept.ReplaceAllString(string(b), ""), dir, "OUT")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// secondsKept is how long something took, which no repetition repeats.
var secondsKept = regexp.MustCompile(`"(seconds|finished|started|at|host|pid)": ?("[^"]*"|[0-9.e+-]+),?`)

// readRun dumps one run.
func (h *killHarness) readRun(t *testing.T, w *writer, dir string, r *remains) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(dir, "checkpoints"))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		b, err := os.ReadFile(filepath.Join(dir, "checkpoints", e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		r.Files[filepath.Base(dir)+"/"+e.Name()] = string(b)
	}
	db, err := sql.Open("sqlite", filepath.Join(dir, "run.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, table := range column(t, db, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT IN ('meta', 'sessions')") {
		var columns []string
		for _, c := range column(t, db, "SELECT name FROM pragma_table_info('"+table+"')") {
			if !slices.Contains([]string{"id", "session", "at", "subject"}, c) { // subjects are numbered as they come
				columns = append(columns, `quote("`+c+`")`)
			}
		}
		rows := column(t, db, fmt.Sprintf("SELECT %s FROM %s ORDER BY 1", strings.Join(columns, " || ' ' || "), table))
		for _, row := range rows {
			looked := strings.Contains(row, "'"+evolutionView+"' ") || table == "subjects" && strings.Contains(row, "'all of the text'")
			if !looked || w.name == "evolution" { // made by looking
				r.Rows = append(r.Rows, filepath.Base(dir)+" "+table+" "+looks.ReplaceAllString(row, `"looks":n`))
			}
		}
	}
}

// looks are counted by match, those of a killed one too: what a selection says depends on how often was looked.
var looks = regexp.MustCompile(`"looks":[0-9]+`)

const evolutionView = "evolution"

func column(t *testing.T, db *sql.DB, query string) []string {
	t.Helper()
	rows, err := db.Query(query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			t.Fatal(err)
		}
		out = append(out, s)
	}
	return out
}

// left fails for what is unfinished below dir.
func left(t *testing.T, said, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && (strings.Contains(e.Name(), durable.Mark) || strings.HasSuffix(e.Name(), "-journal")) {
			t.Errorf("%s: %s is left", said, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
