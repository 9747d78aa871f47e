package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
	"github.com/rnnscope/rnnscope/cmd/rnnscope/records"
	"github.com/rnnscope/rnnscope/dissect"
)

// TestAtlas dissects with concepts of the user's own, then lists, filters and exports.
func TestAtlas(t *testing.T) {
	apart(t)
	dir := smallRun(t)
	spans := filepath.Join(t.TempDir(), "mine.jsonl")
	if err := os.WriteFile(spans, []byte("{\"lo\":54000,\"hi\":54500}\n{\"lo\":61000,\"hi\":62000}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if a := rnnscope(t, "", "atlas", dir); a.status != console.ExitFailed || !strings.Contains(a.err, "rnnscope dissect") {
		t.Errorf("an empty atlas: exit %d, %q", a.status, a.err)
	}
	a := mustRun(t, "-q", "--json", "dissect", dir, "--concepts", "in-quote,capital", "--concept", "the=\\bthe\\b", "--labels", "mine="+spans, "--untrained", "1")
	var r dissect.Result
	if err := json.Unmarshal([]byte(a.out), &r); err != nil {
		t.Fatal(err)
	}
	if len(r.Concepts) != 4 || r.Concepts[2].Concept != "the" || r.Concepts[2].Positive == 0 || r.Concepts[3].Positive != 1000 {
		t.Fatalf("%d concepts; %+v", len(r.Concepts), r.Concepts[len(r.Concepts)-1])
	}
	if r.Concepts[1].Class != "surface" || r.Concepts[2].Class == "surface" {
		t.Errorf("classes as measured: capital %s, the %s", r.Concepts[1].Class, r.Concepts[2].Class)
	}
	listed := mustRun(t, "atlas", dir, "--metric", "auroc", "--concepts", "the")
	if strings.Contains(listed.out, "r_within") || !strings.Contains(listed.out, "auroc") || strings.Contains(listed.out, "in-quote") {
		t.Errorf("the list is not filtered:\n%s", listed.out)
	}
	checkExports(t, dir)
	for _, bad := range [][]string{
		{"atlas", dir, "--export", filepath.Join(dir, "x.xlsx")}, {"dissect", dir, "--concept", "the"}, {"dissect", dir, "--concept", "url=x"},
		{"dissect", dir, "--labels", "none.jsonl"}, {"dissect", dir, "other.txt", "--samples", "9"},
	} {
		if a := rnnscope(t, "", bad...); a.status == console.ExitOK || strings.Count(a.err, "\n") != 1 {
			t.Errorf("%v: exit %d, %q", bad, a.status, a.err)
		}
	}
}

// checkExports: the three tables hold the same findings.
func checkExports(t *testing.T, dir string) {
	t.Helper()
	var answer records.FindingsAnswer
	if err := json.Unmarshal([]byte(mustRun(t, "--json", "atlas", dir).out), &answer); err != nil {
		t.Fatal(err)
	}
	want := answer.Findings
	base := filepath.Join(t.TempDir(), "atlas")
	for _, ext := range []string{".parquet", ".csv", ".json"} {
		mustRun(t, "-q", "atlas", dir, "--export", base+ext)
	}
	if want[0].Metric != "verdict" || want[0].Verdict == "" || want[0].Rules == 0 || want[0].Controls == "" || want[0].SHA256 == "" || want[0].Weights == "" {
		t.Errorf("the first verdict does not say what it rests on: %+v", want[0])
	}
	rows, err := parquet.ReadFile[records.FindingRow](base + ".parquet")
	if err != nil || len(rows) != len(want) {
		t.Fatalf("%d rows in Parquet, %d findings: %v", len(rows), len(want), err)
	}
	b, err := os.ReadFile(base + ".csv")
	if err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(bytes.NewReader(b)).ReadAll()
	if err != nil || len(lines) != len(want)+1 {
		t.Fatalf("%d lines in CSV, %d findings: %v", len(lines), len(want), err)
	}
	for i, f := range want {
		if !cmp.Equal(rows[i], f) || lines[i+1][slices.Index(lines[0], "metric")] != f.Metric || lines[i+1][slices.Index(lines[0], "verdict")] != f.Verdict {
			t.Fatalf("finding %d is %+v, in Parquet %+v, in CSV %v", i, f, rows[i], lines[i+1])
		}
	}
	if b, err = os.ReadFile(base + ".json"); err != nil || !json.Valid(b) {
		t.Errorf("JSON: %v", err)
	}
}

// TestDissectOwnSamples: the network's own writing is a text like any other.
func TestDissectOwnSamples(t *testing.T) {
	dir := smallRun(t)
	a := mustRun(t, "-q", "dissect", dir, "--samples", "20000", "--untrained", "0", "--concepts", "capital")
	if !strings.Contains(a.out, "what the network writes") || !strings.Contains(a.out, "alternating") {
		t.Errorf("%s", a.out)
	}
}

func TestCalibrateCommand(t *testing.T) {
	pairs := "2"
	if testing.Short() {
		pairs = "1"
	}
	a := mustRun(t, "-q", "calibrate", "--pairs", pairs, "--characters", "42000", "--hidden", "4", "--untrained", "1")
	if !strings.Contains(a.out, "all tests with p <= .05") {
		t.Errorf("%s", a.out)
	}
	if testing.Short() {
		return
	}
	a = mustRun(t, "-q", "calibrate", "--detect", "--pairs", "1", "--characters", "42000", "--untrained", "0")
	if !strings.Contains(a.out, "decoy for") || strings.Contains(a.out, "NaN") {
		t.Errorf("%s", a.out)
	}
}
