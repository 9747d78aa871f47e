package web

import (
	"encoding/json"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rnnscope/rnnscope/run"
	"github.com/rnnscope/rnnscope/text"
)

// A run of states that were recorded elsewhere is a run: it is listed, what was found in it is shown, and what needs weights says so.
func TestRecordedStates(t *testing.T) {
	dir := t.TempDir()
	c, err := text.FromString("symbols", strings.Repeat("He said, \"Go.\" ", 40), text.Options{})
	if err != nil {
		t.Fatal(err)
	}
	r, err := run.Create(filepath.Join(dir, "recorded"), run.Info{Command: "rnnscope dissect --states", States: strings.Repeat("ab", 32)}, c)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	s := serve(t, Options{Dir: dir})
	var list struct {
		Runs []RunLine `json:"runs"`
	}
	if err := json.Unmarshal([]byte(s.get("/api/runs")), &list); err != nil || len(list.Runs) != 1 || list.Runs[0].State != "states" {
		t.Fatalf("%+v %v", list.Runs, err)
	}
	var one runView
	if err := json.Unmarshal([]byte(s.get("/api/runs/recorded")), &one); err != nil || one.HasWeights || one.HasText {
		t.Fatalf("%+v %v", one.RunLine, err)
	}
	s.get("/api/runs/recorded/atlas")
	s.get("/api/runs/recorded/evolution")
	s.get("/api/runs/recorded/sections?names=losses,evolution,heatmap,concepts,atlas,use")
	for _, needs := range []string{"unit?site=l0.h&unit=0", "map?site=l0.h", "matrix", "unit/output?site=l0.h&unit=0", "index"} {
		r := s.ask(http.MethodGet, "/api/runs/recorded/"+needs, "")
		if b := s.body(r); r.StatusCode != http.StatusConflict || !strings.Contains(b, "needs the network's weights") {
			t.Errorf("%s: %s %s", needs, r.Status, b)
		}
	}
}
