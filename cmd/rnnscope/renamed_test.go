package main

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/rnnscope/rnnscope/finding"
)

// TestRenamedFindings: every row of the atlas as it was before findings had kinds, offsets and verdicts
// is in the atlas of today, under the names that renamed.tsv and the migration of older runs give it.
// When the names changed the figures were the same; since then some are computed otherwise.
func TestRenamedFindings(t *testing.T) {
	apart(t)
	rows := func(name string) (out []map[string]any) {
		if err := json.Unmarshal(readGolden(t, name), &out); err != nil {
			t.Fatal(err)
		}
		return out
	}
	var answer struct {
		Findings []map[string]any `json:"findings"`
	}
	if err := json.Unmarshal(readGolden(t, "atlas.json"), &answer); err != nil {
		t.Fatal(err)
	}
	today := map[string]map[string]any{}
	for _, row := range answer.Findings {
		today[rowKey(row)] = row
	}
	for _, was := range rows("before/atlas.json") {
		now := todaysRow(was)
		row, ok := today[rowKey(now)]
		if !ok {
			t.Errorf("%v %v is gone: no %s", was["concept"], was["metric"], rowKey(now))
			continue
		}
		if row["n"] == nil || row["unit"] != was["unit"] && row["metric"] != "axis_unit_r" {
			t.Errorf("%s: %v, was %v", rowKey(now), row, was)
		}
	}
}

func rowKey(row map[string]any) string {
	unit := row["unit"]
	if row["metric"] == "axis_unit_r" { // of the best unit, which is another since probes are pieces of the text
		unit = "best"
	}
	return fmt.Sprint(row["concept"], " ", row["site"], " ", unit, " ", row["metric"], " ", row["kind"], " ", row["from"], " ", row["to"])
}

// todaysRow gives a row of before the names of today.
func todaysRow(was map[string]any) map[string]any {
	word := func(key string) string { s, _ := was[key].(string); return s }
	f := finding.FindingV1{Concept: word("concept"), Metric: word("metric"), Method: word("method")}.Today(finding.Finding{})
	return map[string]any{
		"concept": f.Concept, "site": was["site"], "unit": was["unit"], "metric": f.Metric, "kind": f.Kind, "verdict": string(f.Verdict),
		"from": numberOrNil(f.From), "to": numberOrNil(f.To),
	}
}

func numberOrNil(x float64) any {
	if x == 0 {
		return nil
	}
	return x
}

// TestRenamedTable: the migration gives every old name in renamed.tsv the new one that stands beside it.
func TestRenamedTable(t *testing.T) {
	n := 0
	for _, r := range readRenamings(t) {
		if r.kind != "finding" {
			continue
		}
		n++
		var o finding.FindingV1
		if _, err := fmt.Sscanf(r.old, "%q %q", &o.Concept, &o.Metric); err != nil {
			t.Fatalf("%s: %v", r.old, err)
		}
		f := o.Today(finding.Finding{})
		got := fmt.Sprintf("%q %q", f.Concept, f.Metric)
		if f.Kind != "" {
			got += " kind " + f.Kind
		}
		if f.From != 0 {
			got += fmt.Sprintf(" from %g to %g", f.From, f.To)
		}
		if got != r.new {
			t.Errorf("%s became %s, the table says %s", r.old, got, r.new)
		}
		if _, ok := finding.Lookup(f.Metric); !ok {
			t.Errorf("%s is in no table of metrics", f.Metric)
		}
	}
	if n < 50 {
		t.Errorf("only %d findings in renamed.tsv", n)
	}
}
