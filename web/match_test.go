package web

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/rnnscope/rnnscope/checkpoint"
	"github.com/rnnscope/rnnscope/match"
	"github.com/rnnscope/rnnscope/note"
	"github.com/rnnscope/rnnscope/run"

	"github.com/rnnscope/rnnscope/web/jobs"
)

// indexOf builds the index of a run's newest network, as the command does.
func indexOf(t *testing.T, dir string) {
	t.Helper()
	r, err := run.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	ck, err := r.Latest()
	if err != nil {
		t.Fatal(err)
	}
	sp, err := r.Specimen(context.Background(), ck)
	if err != nil {
		t.Fatal(err)
	}
	defer sp.Close()
	path := match.Path(dir, sp.Subject())
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := match.Build(context.Background(), sp, path, 1, nil); err != nil {
		t.Fatal(err)
	}
}

// must is the body of a request that must be answered.
func must(t *testing.T, c *client, method, path, body string) string {
	t.Helper()
	r := c.ask(method, path, body)
	b := c.body(r)
	if r.StatusCode >= 300 {
		t.Fatalf("%s %s: %s %s", path, body, r.Status, b)
	}
	return b
}

func decode(t *testing.T, body string, to any) {
	t.Helper()
	if err := json.Unmarshal([]byte(body), to); err != nil {
		t.Fatalf("%s: %v", body, err)
	}
}

// A selection is chosen for, refined by marks, and its command line is the one that somebody would type.
func TestSelectRefineMatch(t *testing.T) {
	dir := shelfDir(t, "a")
	ran := make(chan []string, 1)
	c := serve(t, Options{Dir: dir, Command: func(_ context.Context, args []string, _ func(jobs.Progress)) error { ran <- args; return nil }})
	const at = "50000"
	id := c.read(`{"at":50000,"n":200}`)[0].head["reading"].(string)

	// Without the index the page is told so, and nothing else breaks.
	if r := c.ask(http.MethodPost, "/api/readings/"+id+"/choose", `{"lo":20,"hi":26}`); r.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(c.body(r), "--index") {
		t.Errorf("without an index: %s", r.Status)
	}
	indexOf(t, dir+"/a")
	var index struct{ Ready bool }
	decode(t, c.get("/api/runs/a/index"), &index)
	if !index.Ready {
		t.Fatal("the index is there and not found")
	}
	var chosen struct {
		Units []chosenUnit
		From  int
	}
	decode(t, must(t, c, http.MethodPost, "/api/readings/"+id+"/choose", `{"lo":20,"hi":26,"extreme":4}`), &chosen)
	if len(chosen.Units) != 4 || chosen.From != 0 || len(chosen.Units[0].Track) != 86 {
		t.Fatalf("%+v", chosen)
	}
	f := 0.0
	for _, v := range chosen.Units[0].Track[20:26] {
		f += v / 6
	}
	if d := f - chosen.Units[0].F; d > 1e-9 || d < -1e-9 {
		t.Errorf("F %v, mean of its track over the span %v", chosen.Units[0].F, f)
	}
	var refined struct {
		Result match.Result
		Judged struct{ Estimate float64 }
	}
	decode(t, must(t, c, http.MethodPost, "/api/readings/"+id+"/refine", `{"lo":20,"hi":26,"at":`+at+`,"as":"in-quote"}`), &refined)
	got := refined.Result
	if got.Part != match.ChoosingPart || len(got.Places) < 5 || got.Null.Draws != 0 || got.Looks != 0 || got.Meaning == nil || len([]rune(got.Span)) != 6 {
		t.Fatalf("%+v", got)
	}
	marks := func(lo, hi int) string {
		b, err := json.Marshal([]map[string]int{{"lo": lo, "hi": hi}})
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	body := `{"lo":20,"hi":26,"how":"marks","right":` + marks(got.Places[0].Lo, got.Places[0].Hi) + `,"wrong":` + marks(got.Places[3].Lo, got.Places[3].Hi) + `}`
	decode(t, must(t, c, http.MethodPost, "/api/readings/"+id+"/refine", body), &refined)
	if refined.Result.How != match.ByMarks || refined.Judged.Estimate != .5 || len(refined.Result.Places) == 0 {
		t.Errorf("by marks: %+v", refined)
	}
	must(t, c, http.MethodPost, "/api/readings/"+id+"/match", `{"lo":20,"hi":26,"at":`+at+`,"how":"rule","rule":{"quantile":0.8,"off":0.6,"before":true,"after":false,"runs":true,"tolerance":3},"as":"in-quote"}`)
	wait(t, func() bool { return len(ran) > 0 })
	line := strings.Join(<-ran, " ")
	for _, want := range []string{"--beyond 0.8", "--off 0.6", "--edges before", "--within 3", "--as in-quote", "--at 49500", "--span 520:526"} {
		if !strings.Contains(line, want) {
			t.Errorf("%s is not in the command %s", want, line)
		}
	}
	for _, bad := range []string{`{"lo":5,"hi":5}`, `{"lo":5,"hi":900}`, `{"lo":1,"hi":4,"how":"hand"}`, `{"lo":1,"hi":4,"how":"hand","units":["l7.h[2]"]}`,
		`{"lo":1,"hi":4,"how":"rule"}`, `{"lo":1,"hi":4,"how":"rule","rule":{"quantile":0.2,"off":0,"before":true,"after":true,"runs":false,"tolerance":0}}`,
		`{"lo":1,"hi":4,"as":"no such"}`, `{"lo":1,"hi":4,"how":"marks","right":[{"lo":-4,"hi":2}],"wrong":[]}`, `{"lo":1,"hi":4,"how":"marks","right":[{"lo":59000,"hi":59004}],"wrong":[]}`} {
		if r := c.ask(http.MethodPost, "/api/readings/"+id+"/refine", bad); r.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("%s: %s %s", bad, r.Status, c.body(r))
		}
	}
}

// A run that was stopped behind its last snapshot has one newest network: of the page, of an index that a command made, and by its step.
func TestAStoppedRunHasOneNewestStep(t *testing.T) {
	dir := shelfDir(t, "a")
	for _, step := range []string{"20", "40"} {
		if err := os.Remove(filepath.Join(dir, "a", "checkpoints", "step-000000"+step+".safetensors")); err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
	}
	r, err := run.Open(filepath.Join(dir, "a"))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if steps, err := r.Steps(); err != nil || steps[len(steps)-1] != 10 {
		t.Fatalf("snapshots %v, %v", steps, err)
	}
	c := serve(t, Options{Dir: dir})
	var index struct {
		Ready bool
		Step  int64
	}
	indexOf(t, dir+"/a")
	for _, of := range []string{"", "?step=40"} {
		if decode(t, c.get("/api/runs/a/index"+of), &index); !index.Ready || index.Step != 40 {
			t.Errorf("%q: %+v", of, index)
		}
	}
	if decode(t, c.get("/api/runs/a/index?step=10"), &index); index.Ready || index.Step != 10 {
		t.Errorf("of the last snapshot: %+v", index)
	}
	for _, body := range []string{`{"n":40}`, `{"n":40,"step":40}`} {
		if step := c.read(body)[0].head["step"].(float64); step != 40 {
			t.Errorf("%s reads step %v", body, step)
		}
	}
	var v runView
	if decode(t, c.get("/api/runs/a"), &v); v.Newest != 40 || v.Steps[len(v.Steps)-1] != 10 {
		t.Errorf("newest %d, snapshots %v", v.Newest, v.Steps)
	}
	// Training goes on: what is saved next is the newest.
	ck, err := r.Checkpoint(40)
	if err != nil {
		t.Fatal(err)
	}
	ck.Step = 50
	if err := checkpoint.Save(filepath.Join(dir, "a", "checkpoints", "step-00000050.safetensors"), ck); err != nil {
		t.Fatal(err)
	}
	if step := c.read(`{"n":40}`)[0].head["step"].(float64); step != 50 {
		t.Errorf("after a later snapshot it reads step %v", step)
	}
}

func TestNotesOfThePage(t *testing.T) {
	dir := shelfDir(t, "a")
	c := serve(t, Options{Dir: dir, Command: func(context.Context, []string, func(jobs.Progress)) error { return nil }})
	var made note.Note
	decode(t, must(t, c, http.MethodPost, "/api/runs/a/notes", `{"site":"l0.c","unit":3,"at":-1,"length":0,"step":40,"label":"<b>quote</b>","comment":""}`), &made)
	var all struct{ Notes []note.Note }
	decode(t, c.get("/api/runs/a/notes"), &all)
	if len(all.Notes) != 1 || all.Notes[0] != made || made.Label != "<b>quote</b>" {
		t.Fatalf("%+v", all)
	}
	if raw := c.get("/api/runs/a/notes"); strings.Contains(raw, "<b>") {
		t.Errorf("markup in %s", raw)
	}
	for _, bad := range []string{`{"unit":-1,"at":-1,"length":0,"step":-1,"label":"x","comment":""}`, `{"site":"../../x","unit":1,"at":-1,"length":0,"step":-1,"label":"x","comment":""}`, `{"unit":-1,"at":1,"length":1,"step":-1,"label":"","comment":""}`} {
		if r := c.ask(http.MethodPost, "/api/runs/a/notes", bad); r.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("%s: %s", bad, r.Status)
		}
	}
	c.ask(http.MethodPost, "/api/runs/a/notes/"+made.ID+"/remove", "")
	if r := c.ask(http.MethodPost, "/api/runs/a/notes/"+made.ID+"/remove", ""); r.StatusCode != http.StatusNotFound {
		t.Errorf("removed twice: %s", r.Status)
	}
	only := serve(t, Options{Dir: dir, ReadOnly: true})
	if r := only.ask(http.MethodPost, "/api/runs/a/notes", `{"site":"l0.c","unit":3,"at":-1,"length":0,"step":40,"label":"x","comment":""}`); r.StatusCode != http.StatusForbidden {
		t.Errorf("a server that only shows took a note: %s", r.Status)
	}
}

// A job is a command that exists: the words that a kind becomes begin with one.
func TestJobsAreCommands(t *testing.T) {
	dir := shelfDir(t, "a")
	var mu sync.Mutex
	ran := map[string]string{}
	c := serve(t, Options{Dir: dir, Command: func(_ context.Context, args []string, _ func(jobs.Progress)) error {
		mu.Lock()
		defer mu.Unlock()
		ran[args[0]] = strings.Join(args[2:], " ")
		return nil
	}})
	kinds := []string{"dissect", "memory", "quotes", "evolution", "explain", "errors", "index", "resume", "report"}
	for _, kind := range kinds {
		must(t, c, http.MethodPost, "/api/jobs", `{"kind":"`+kind+`","run":"a","step":-1}`)
	}
	wait(t, func() bool { mu.Lock(); defer mu.Unlock(); return len(ran) == len(kinds) })
	if _, there := ran["index"]; there || ran["match"] != "--index" {
		t.Errorf("the commands are %v", ran)
	}
}
