package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
	"github.com/rnnscope/rnnscope/cmd/rnnscope/records"
	"github.com/rnnscope/rnnscope/note"
)

// Notes are made, listed, changed, and go with the findings that are exported.
func TestNotesCommand(t *testing.T) {
	dir := smallRun(t)
	mustRun(t, "-q", "dissect", dir, "--concepts", "in-quote,capital", "--untrained", "0")
	var found records.FindingsAnswer
	if err := json.Unmarshal([]byte(mustRun(t, "--json", "atlas", dir, "--metric", "auroc", "--concepts", "capital").out), &found); err != nil {
		t.Fatal(err)
	}
	best := found.Findings
	unit := best[0].Site + "[" + strconv.FormatInt(best[0].Unit, 10) + "]"
	var made note.Note
	if err := json.Unmarshal([]byte(mustRun(t, "--json", "notes", dir, "--unit", unit, "--label", "capital, \"mine\"").out), &made); err != nil || made.Site != best[0].Site {
		t.Fatalf("%+v, %v", made, err)
	}
	mustRun(t, "notes", dir, "--place", "10:14", "--comment", `two\nlines`)
	mustRun(t, "notes", dir, "--unit", unit, "--change", made.ID, "--label", "capitals", "--comment", "c")
	listed := mustRun(t, "notes", dir).out
	if !strings.Contains(listed, "capitals") || !strings.Contains(listed, "two lines") || strings.Contains(listed, "mine") {
		t.Errorf("the list:\n%s", listed)
	}
	base := filepath.Join(t.TempDir(), "atlas")
	for _, ext := range []string{".csv", ".parquet", ".json"} {
		mustRun(t, "-q", "atlas", dir, "--export", base+ext)
		if _, err := os.Stat(base + ".notes" + ext); err != nil {
			t.Errorf("the notes did not go along: %v", err)
		}
	}
	rows, err := parquet.ReadFile[records.FindingRow](base + ".parquet")
	if err != nil {
		t.Fatal(err)
	}
	labelled := 0
	for _, r := range rows {
		if (r.Site == made.Site && r.Unit == int64(made.Unit)) != (r.Label == "capitals") || (r.Comment == "c") != (r.Label == "capitals") {
			t.Errorf("finding of %s %d carries %q, %q", r.Site, r.Unit, r.Label, r.Comment)
		}
		if r.Label != "" {
			labelled++
		}
	}
	notes, err := parquet.ReadFile[records.NoteRow](base + ".notes.parquet")
	if err != nil || len(notes) != 2 || notes[1].Comment != "two\nlines" || notes[1].Text == "" || labelled == 0 {
		t.Errorf("notes %+v, %d findings labelled, %v", notes, labelled, err)
	}
	mustRun(t, "notes", dir, "--remove", made.ID)
	if left := mustRun(t, "notes", dir).out; strings.Contains(left, "capitals") {
		t.Errorf("left:\n%s", left)
	}
	for _, bad := range [][]string{
		{"--unit", "l9.h0", "--label", "x"}, {"--label", "x"}, {"--place", "3:2", "--label", "x"}, {"--place", "1:2"}, {"--place", "0:99999999", "--label", "x"},
		{"--change", made.ID}, {"--remove", made.ID, "--label", "x"}, {"--export", "x.txt"},
	} {
		if a := rnnscope(t, "", append([]string{"notes", dir}, bad...)...); a.status != console.ExitUsage || a.out != "" {
			t.Errorf("%v: exit %d, %q", bad, a.status, a.err)
		}
	}
}
