package main

import (
	"encoding/json"
	"flag"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The golden files under testdata/golden hold what every command prints: its table (NAME.txt), its
// --json (NAME.json) and its help (help/NAME.txt). They are written anew by
//
//	go test ./cmd/rnnscope -run TestGolden -update
//
// and a change of them belongs into the commit that explains it.
var update = flag.Bool("update", false, "write the golden files anew")

// scene is one command line of the golden run. RUN is the run, DIR a fresh directory.
type scene struct {
	name string
	args string
	// shape: figures differ from machine to machine, only the words around them are held.
	shape bool
	// once: as it is, because it writes its result to a place or takes long; not again with --json.
	once bool
}

// scenes run in this order on one run, so that what one command stores another shows.
var scenes = []scene{
	{name: "train", args: `train synth:novel --synth-size 400000 --out RUN --hidden 8 --iterations 120 --lr 0.03 --seq 32 --batch 8 --sample-length 60`, once: true},
	{name: "resume", args: `resume RUN --iterations 125`, once: true},
	{name: "sample", args: `sample RUN -n 60 --greedy`},
	{name: "sample-clamp", args: `sample RUN -n 30 --greedy --clamp l0.c2=0.5`},
	{name: "evolution", args: `evolution RUN`},
	{name: "births", args: `births RUN --untrained 1 --characters 3000 --concepts capital,in-quote --steps 0,10,120`},
	{name: "births-used", args: `births RUN --untrained 1 --characters 3000 --concepts capital,in-quote --steps 10,120 --used 120`},
	{name: "trace", args: `trace RUN --text 'He said, "I do'`},
	{name: "dissect", args: `dissect RUN --concepts in-quote,capital,digit,url,line-end-next --untrained 3`},
	{name: "dissect-other", args: `dissect RUN synth:novel --synth-size 90000 --synth-seed 5 --concepts capital --untrained 1`, once: true},
	{name: "dissect-labels", args: `dissect RUN synth:novel --synth-size 90000 --synth-seed 5 --concepts capital --untrained 1 --shard 1/1`, once: true},
	{name: "dissect-choose", args: `dissect RUN synth:novel --synth-size 90000 --synth-seed 5 --concepts capital --untrained 1 --shard 1/1`, once: true},
	{name: "dissect-report", args: `dissect RUN synth:novel --synth-size 90000 --synth-seed 5 --concepts capital --untrained 1 --shard 1/1`, once: true},
	{name: "merge", args: `merge RUN`, once: true}, // as dissect-other
	{name: "dissect-again", args: `dissect RUN --details --concepts in-quote,capital,digit,url,line-end-next --untrained 3`, once: true},
	{name: "match", args: `match RUN --passage 'He said, "I do' --span 10:14 --draws 40 --places 4 --as in-quote`},
	{name: "match-rule", args: `match RUN --passage 'He said, "I do' --span 10:14 --beyond .7 --edges none --within 2 --refine --places 3`},
	{name: "match-index", args: `match RUN --index`},
	{name: "memory", args: `memory RUN --order 8`},
	{name: "quotes", args: `quotes RUN`},
	{name: "ablate", args: `ablate RUN --characters 8000 --concepts line-end-next,in-quote`},
	{name: "ablate-mode", args: `ablate RUN --characters 3000 --units l0.c2,l0.h4 --mode mean`},
	{name: "steer", args: `steer RUN --unit l0.c2 --concept in-quote --characters 3000 -n 20`},
	{name: "patch", args: `patch RUN --clean 'He said, "I do' --corrupt 'He said, MI do' --right '"'`},
	{name: "atlas", args: `atlas RUN`},
	{name: "metrics", args: `atlas --metrics`},
	{name: "atlas-text", args: `atlas RUN --every --metric auroc,verdict`, once: true},
	{name: "errors", args: `errors RUN`},
	{name: "notes", args: `notes RUN`},
	{name: "report", args: `report RUN --out DIR/page`, once: true},
	{name: "explain", args: `explain RUN --untrained 2 --show 2`},
	{name: "explain-unit", args: `explain RUN --units l0.c2`},
	{name: "verify", args: `verify RUN`},
	{name: "import", args: `import DIR/weights.safetensors --alphabet DIR/alphabet.json --out DIR/imported`, once: true},
	{name: "calibrate", args: `calibrate --pairs 2 --characters 45000 --concepts digit,in-quote --hidden 4 --untrained 2`, once: true},
	{name: "demo", args: `demo --out DIR/demo --size 12000 --iterations 2 --untrained 1`, once: true},
	{name: "train-second", args: `train synth:novel --synth-size 400000 --out DIR/second --hidden 8 --seed 2 --iterations 40 --lr 0.03 --seq 32 --batch 8 --sample-length 60`, once: true},
	{name: "compare", args: `compare RUN DIR/second --untrained 1 --characters 3000`},
	{name: "sweep", args: `sweep DIR/grid.yaml --out DIR/sweep`, once: true},
	{name: "train-words", args: `train synth:novel --synth-size 300000 --tokens words:200 --out DIR/words --hidden 8 --embed 6 --iterations 60 --lr 0.03 --seq 16 --batch 8 --sample-length 20`, once: true},
	{name: "explain-words", args: `explain DIR/words --sites l0.h --untrained 0 --show 2`, once: true},
	{name: "errors-words", args: `errors DIR/words synth:novel --synth-size 260000 --synth-seed 7 --unknown skip`, once: true},
	{name: "trace-grid", args: `trace RUN --grid --sites l0.h --out DIR/h.npz`, once: true},
	{name: "explain-states", args: `explain DIR/states --states DIR/h.npz --symbols DIR/h.symbols.json --show 2`, once: true},
	{name: "corpus-synth", args: `corpus synth dyck -n 200`},
	{name: "corpus-concepts", args: `corpus concepts synth:wiki --synth-size 30000`},
	{name: "corpus-places", args: `corpus concepts synth:wiki --synth-size 30000 --places url -n 3`},
	{name: "corpus-stat", args: `corpus stat synth:play --synth-size 20000 --order 3`},
	{name: "bench", args: `bench --case lstm-2x128 --seconds 0.001 --rounds 1`, shape: true, once: true},
	{name: "completion", args: `completion bash`, once: true},
	{name: "mcp", args: `mcp RUN`, once: true}, // nobody asks: standard input is empty
	{name: "serve", args: `serve RUN --port 0 --token golden --for 1ms`, shape: true, once: true},
	{name: "open", args: `open RUN --no-browser --port 0 --token golden --for 1ms`, shape: true, once: true},
	{name: "version", args: `version`, shape: true},
}

// shortScenes are those run in short: commands that work on several goroutines, once each. explain, memory, quotes
// and report take long, and their own rooms run them on several goroutines in short; compare prints what quotes found.
var shortScenes = []string{"train", "resume", "sample", "evolution", "births", "trace", "dissect", "match", "ablate", "errors", "train-second", "sweep"}

// TestGolden runs every scene and holds what it prints against its golden file.
func TestGolden(t *testing.T) {
	g := newGolden(t)
	for _, s := range scenes {
		switch s.name {
		case "import":
			g.foreignWeights(t)
		case "sweep":
			g.grid(t)
		}
		if testing.Short() && !slices.Contains(shortScenes, s.name) {
			continue
		}
		args := g.words(s.args)
		t.Run(s.name, func(t *testing.T) {
			a := mustRun(t, append([]string{"-q"}, args...)...)
			g.text(t, s.name+".txt", a.out, s.shape)
			if s.once || testing.Short() {
				return
			}
			a = mustRun(t, append([]string{"-q", "--json"}, args...)...)
			g.json(t, s.name+".json", a.out, s.shape)
		})
	}
}

// TestGoldenHelp holds the help of every command the parser knows.
func TestGoldenHelp(t *testing.T) {
	apart(t)
	g := newGolden(t)
	g.text(t, "help/rnnscope.txt", mustRun(t, "--help").out, false)
	for _, words := range commandWords() {
		a := mustRun(t, append(words, "--help")...)
		g.text(t, "help/"+strings.Join(words, "-")+".txt", a.out, false)
	}
}

// TestGoldenKnowsEveryCommand fails where a command has no scene.
func TestGoldenKnowsEveryCommand(t *testing.T) {
	for _, words := range commandWords() {
		found := false
		for _, s := range scenes {
			found = found || strings.HasPrefix(s.args+" ", strings.Join(words, " ")+" ")
		}
		if !found {
			t.Errorf("no scene of rnnscope %s in golden_test.go", strings.Join(words, " "))
		}
	}
}

// commandWords are the commands of the parser, as words: {"corpus", "stat"}.
func commandWords() [][]string {
	var cli commands
	m := &Main{Stdout: io.Discard, Stderr: io.Discard}
	var out [][]string
	for _, leaf := range m.parser(&cli, func(int) {}).Model.Leaves(true) {
		var words []string
		for n := leaf; n.Parent != nil; n = n.Parent {
			words = append([]string{n.Name}, words...)
		}
		out = append(out, words)
	}
	return out
}

// grid writes the grid of the sweep's scene.
func (g *golden) grid(t *testing.T) {
	grid := "text: synth:novel\ntrain: {hidden: [4, 6], seed: [1, 2], iterations: 10, synth-size: 20000, sample-length: 20, seq: 16, batch: 4}\n"
	if err := os.WriteFile(filepath.Join(g.dir, "grid.yaml"), []byte(grid), 0o644); err != nil {
		t.Fatal(err)
	}
}

// golden compares with the files under testdata/golden.
type golden struct {
	run, dir string
	renamed  []renaming
}

func newGolden(t *testing.T) *golden {
	dir := t.TempDir()
	return &golden{run: filepath.Join(dir, "golden"), dir: dir, renamed: readRenamings(t)}
}

// words cuts a command line at spaces outside single quotes and puts the paths in.
func (g *golden) words(line string) []string {
	var out []string
	for i, part := range strings.Split(line, "'") {
		if i%2 == 1 {
			out = append(out, part)
			continue
		}
		for _, w := range strings.Fields(part) {
			if w == "RUN" {
				w = g.run
			}
			out = append(out, strings.Replace(w, "DIR/", g.dir+"/", 1))
		}
	}
	return out
}

// foreignWeights lays the golden run's weights and alphabet where import finds them.
func (g *golden) foreignWeights(t *testing.T) {
	t.Helper()
	b, err := os.ReadFile(newestWeights(t, g.run))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(g.dir, "weights.safetensors"), b, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(alphabetFile(t, g.run), filepath.Join(g.dir, "alphabet.json")); err != nil {
		t.Fatal(err)
	}
}

func goldenPath(name string) string { return filepath.Join("testdata", "golden", name) }

// text compares a table: words exactly, white space by and large, figures as closeTo has it.
func (g *golden) text(t *testing.T, name, got string, shape bool) {
	t.Helper()
	got = steadyLines(g.normalise(got))
	if shape {
		got = withoutFigures(got)
	}
	if *update {
		writeGolden(t, name, []byte(got))
		return
	}
	if diff := compareText(string(readGolden(t, name)), got); diff != "" {
		t.Errorf("%s: %s", name, diff)
	}
}

// json compares answers of --json: names, order and words exactly, figures as closeTo has it.
func (g *golden) json(t *testing.T, name, got string, shape bool) {
	t.Helper()
	got = g.normalise(got)
	if shape {
		got = withoutFigures(got)
	}
	var v any
	if err := json.Unmarshal([]byte(got), &v); err != nil {
		t.Fatalf("%s: %v in %.200s", name, err, got)
	}
	v = shortened(steadyFindings(v), "")
	if *update {
		b, err := json.MarshalIndent(v, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		writeGolden(t, name, append(b, '\n'))
		return
	}
	var want any
	if err := json.Unmarshal(readGolden(t, name), &want); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	diffs := compareJSON("", renameAll(want, g.renamed), v)
	if len(diffs) > 20 {
		diffs = append(diffs[:20], "...")
	}
	if len(diffs) > 0 {
		t.Errorf("%s:\n%s", name, strings.Join(diffs, "\n"))
	}
}

func readGolden(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(goldenPath(name))
	if err != nil {
		t.Fatalf("%v; write it with -update", err)
	}
	return b
}

func writeGolden(t *testing.T, name string, b []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(goldenPath(name)), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(goldenPath(name), b, 0o644); err != nil {
		t.Fatal(err)
	}
}
