package main

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/records"
	"github.com/rnnscope/rnnscope/finding"
)

// mainFigures are what the table must have of each measure; of a name that ends in a dot, some figure that begins so.
var mainFigures = map[string][]string{
	"dissect":   {"learned", "associated", "not_found", "too_little_text", "not_in_text", "auroc.capital", "auroc.in-quote", "chosen", "reported"},
	"births":    {"born", "never", "birth.capital", "survivor.capital"},
	"evolution": {"abrupt", "perhaps_abrupt", "gradual", "unresolved", "no_change", "metric_induced", "middle.", "declined"},
	"memory":    {"recall_right.quote", "recall_excess.quote", "suite_both_right.", "waiting_units.quote"},
	"quotes":    {"flag", "counter", "stack", "several", "mixed", "none", "inside_auroc", "inside_nats"},
	"errors":    {"error_rate", "loss", "ngram_loss", "error_loss_share", "best_order"},
	"explain":   {"explained_half.l0.h.4", "explained_half.l0.h.64", "in_words.16", "in_words_cooled.16", "in_means.1"},
	"ablate":    {"used", "encoded", "untestable", "used.line-end-next"},
	"verify":    {"verified", "snapshots", "same"},
	"atlas":     {"findings", "units", "error_rate"},
	"report":    nil, // it writes the run's report
}

// TestSweepMeasures: whatever a grid can measure reaches its table and its page, under its names, as the run has it.
func TestSweepMeasures(t *testing.T) {
	if testing.Short() {
		t.Skip("long; what works on several goroutines is run by the measures' own rooms")
	}
	for _, c := range finding.ErrorCauses {
		mainFigures["errors"] = append(mainFigures["errors"], "error_nats."+c)
	}
	flags := map[string]string{
		"dissect": "--concepts capital,in-quote,line-end-next --untrained 1", "births": "--concepts capital,in-quote --untrained 1 --characters 3000 --steps 0,10,120",
		"memory": "--order 4 --kinds quote", "explain": "--untrained 1 --sites l0.h", "ablate": "--concepts line-end-next --characters 3000", "atlas": "--metric error_rate,auroc",
	}
	dir := t.TempDir()
	var lines []string
	for _, command := range measuring() {
		if command != "atlas" && command != "report" { // of what the others found
			lines = append(lines, strconv.Quote(strings.TrimSpace(command+" "+flags[command])))
		}
	}
	lines = append(lines, strconv.Quote("atlas "+flags["atlas"]), "report")
	grid := filepath.Join(dir, "grid.yaml")
	text := "text: synth:novel\ntrain: {synth-size: 220000, hidden: 8, iterations: 120, lr: 0.03, seq: 32, batch: 8, sample-length: 60}\nmeasures: [" + strings.Join(lines, ", ") + "]\n"
	if err := os.WriteFile(grid, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(dir, "out")
	mustRun(t, "-q", "sweep", grid, "--out", out)
	b, err := os.ReadFile(filepath.Join(out, "table.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	rows := strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")
	head, cells := strings.Split(rows[0], "\t"), strings.Split(rows[1], "\t")
	if len(rows) != 2 || len(head) != len(cells) {
		t.Fatalf("%d rows, %d names, %d cells", len(rows), len(head), len(cells))
	}
	for _, command := range measuring() {
		want, ok := mainFigures[command]
		if !ok || want == nil && command != "report" {
			t.Errorf("mainFigures says nothing of %s", command)
		}
		for _, name := range want {
			name = command + "." + name
			i := slices.IndexFunc(head, func(h string) bool { return h == name || strings.HasSuffix(name, ".") && strings.HasPrefix(h, name) })
			if i < 0 || cells[i] == "" {
				t.Errorf("the table has no %s; of %s it has %q", name, command, slices.DeleteFunc(slices.Clone(head), func(h string) bool { return !strings.HasPrefix(h, command+".") }))
			}
		}
	}
	if _, err := os.Stat(filepath.Join(out, "runs", "run", "report.html")); err != nil {
		t.Error(err)
	}
	sameAsRecord(t, filepath.Join(out, "runs", "run"), head, cells)
	page, err := os.ReadFile(filepath.Join(out, "index.html"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"What dissect says", "dissect --concepts capital", "What memory says", "What verify says", "rare word", "AUROC of the best unit: Inside a quotation", "snapshots the same to the bit"} {
		if !strings.Contains(string(page), name) {
			t.Errorf("the page has no %q", name)
		}
	}
}

// sameAsRecord holds figures of a table's row against the findings of the run.
func sameAsRecord(t *testing.T, run string, head, cells []string) {
	t.Helper()
	var said records.FindingsAnswer
	if err := json.Unmarshal([]byte(mustRun(t, "--json", "atlas", run).out), &said); err != nil {
		t.Fatal(err)
	}
	labels := map[string]string{"error_rate": "errors", "error_nats": "errors", "recall_excess": "memory", "inside_auroc": "quotes", "explained_remember": "explain"}
	held := 0
	for _, f := range said.Findings {
		if f.Estimate == nil || f.Unit != finding.NoUnit || labels[f.Metric] == "" {
			continue
		}
		i := slices.Index(head, labels[f.Metric]+"."+figureName(f.Metric, f.Site, f.Kind))
		if f.Metric == "recall_excess" {
			i = slices.Index(head, labels[f.Metric]+"."+figureName(f.Metric, f.Kind))
		}
		if i < 0 {
			t.Errorf("the table has no %s %s", f.Metric, f.Kind)
			continue
		}
		held++
		if v, err := strconv.ParseFloat(cells[i], 64); err != nil || math.Abs(v-*f.Estimate) > 1e-6*math.Abs(v) {
			t.Errorf("%s is %s in the table, %v in the run", head[i], cells[i], *f.Estimate)
		}
	}
	if held < 12 {
		t.Errorf("%d figures could be held against the run", held)
	}
}

// TestFiguresOfOtherForms: an answer of another form gives no counts that nobody counted.
func TestFiguresOfOtherForms(t *testing.T) {
	for _, k := range []struct {
		command, answer string
		want            figures
	}{
		{"ablate", `{"changes":[{"interventions":[{"site":"l0.c","units":[2],"mode":"mean"},{"site":"l0.h","path":"rec","mode":"mean"}],"all":{"estimate":0.25,"lo":0,"hi":1,"n":9}}],"windows":6}`,
			figures{"nats.l0.c[2]+l0.h.rec": .25}},
		{"dissect", `{"plan":"x","shard":1,"shards":2,"said":"made"}`, figures{"shard": 1, "shards": 2}},
		{"memory", `[{"delay":3}]`, figures{}},
		{"verify", `{"verified":false,"snapshots":[{"step":0,"outcome":"same"},{"step":3,"outcome":"different"}]}`, figures{"verified": 0, "snapshots": 2, "same": 1}},
		{"report", `{"report":"a","bytes":3}`, figures{}},
	} {
		got, err := figuresOf(k.command, []byte(k.answer))
		if err != nil {
			t.Errorf("%s: %v", k.answer, err)
		}
		if len(got) != len(k.want) {
			t.Errorf("%s: %v, want %v", k.answer, got, k.want)
		}
		for name, v := range k.want {
			if got[name] != v {
				t.Errorf("%s: %v, want %v", k.answer, got, k.want)
			}
		}
	}
}
