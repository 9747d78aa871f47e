package web

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/rnnscope/rnnscope/run"
	"github.com/rnnscope/rnnscope/trace"

	"github.com/rnnscope/rnnscope/web/jobs"
	"github.com/rnnscope/rnnscope/web/why"
)

func nothing(context.Context, []string, func(jobs.Progress)) error { return nil }

// decoded is a frame as its layout says.
type decoded struct {
	head   map[string]any
	arrays map[string][]float64
}

// readFrames takes frames apart by the documentation of frame.Type, not by the code that makes them.
func readFrames(t testing.TB, b []byte) []decoded {
	t.Helper()
	var out []decoded
	for len(b) > 0 {
		if len(b) < 12 || string(b[:4]) != "RNS1" {
			t.Fatalf("no frame: %q", b[:min(len(b), 80)])
		}
		head, body := int(binary.LittleEndian.Uint32(b[4:])), int(binary.LittleEndian.Uint32(b[8:]))
		if head%4 != 0 || body%4 != 0 {
			t.Fatal("lengths are no multiples of 4")
		}
		f := decoded{arrays: map[string][]float64{}}
		if err := json.Unmarshal(b[12:12+head], &f.head); err != nil {
			t.Fatal(err)
		}
		data := b[12+head : 12+head+body]
		for _, a := range f.head["arrays"].([]any) {
			a := a.(map[string]any)
			n := 1
			for _, s := range a["shape"].([]any) {
				n *= int(s.(float64))
			}
			values := make([]float64, n)
			size := map[string]int{"f32": 4, "i32": 4, "u16": 2, "u8": 1}[a["type"].(string)]
			for i := range values {
				at := data[i*size:]
				switch a["type"] {
				case "f32":
					values[i] = float64(math.Float32frombits(binary.LittleEndian.Uint32(at)))
				case "i32":
					values[i] = float64(int32(binary.LittleEndian.Uint32(at)))
				case "u16":
					values[i] = float64(binary.LittleEndian.Uint16(at))
				default:
					values[i] = float64(at[0])
				}
			}
			f.arrays[a["name"].(string)] = values
			data = data[(n*size+3)/4*4:]
		}
		out = append(out, f)
		b = b[12+head+body:]
	}
	return out
}

func (c *client) read(body string) []decoded {
	c.t.Helper()
	r := c.ask(http.MethodPost, "/api/runs/a/read", body)
	b := c.body(r)
	if r.StatusCode != http.StatusOK {
		c.t.Fatalf("read %s: %s %s", body, r.Status, b)
	}
	return readFrames(c.t, []byte(b))
}

// joined puts the pieces of a reading one after another.
func joined(frames []decoded, name string) []float64 {
	var out []float64
	for _, f := range frames {
		if f.head["kind"] == "piece" {
			out = append(out, f.arrays[name]...)
		}
	}
	return out
}

// What the page gets is what trace.Passage computes, and an edit brings the rest of it.
func TestReadingIsThePassage(t *testing.T) {
	dir := shelfDir(t, "a")
	c := serve(t, Options{Dir: dir})
	r, err := run.Open(filepath.Join(dir, "a"))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	ck, err := r.Latest()
	if err != nil {
		t.Fatal(err)
	}
	check := func(frames []decoded, s string, same int) {
		t.Helper()
		ids, err := ck.Alphabet.Encode([]byte(s), 0)
		if err != nil {
			t.Fatal(err)
		}
		want, err := trace.Passage(context.Background(), ck.Model, ids, trace.Options{Sites: []string{"l1.c"}, Predictions: true})
		if err != nil {
			t.Fatal(err)
		}
		if got := int(frames[0].head["same"].(float64)); got != same {
			t.Fatalf("%d symbols stay, want %d", got, same)
		}
		values, losses, next := joined(frames, "value"), joined(frames, "loss"), joined(frames, "next")
		if len(values) != len(ids)-same {
			t.Fatalf("%d values of %d symbols", len(values), len(ids)-same)
		}
		v := ck.Model.Config().Vocab
		for i := same; i < len(ids); i++ {
			if float32(values[i-same]) != want.Row(0, i)[5] {
				t.Fatalf("value %d: %v, want %v", i, values[i-same], want.Row(0, i)[5])
			}
			if i > 0 && math.Abs(losses[i-same]+float64(want.LogProb[(i-1)*v+int(ids[i])])/math.Ln2) > 1e-5 {
				t.Fatalf("loss %d: %v", i, losses[i-same])
			}
			row := want.LogProb[i*v : (i+1)*v]
			if int(next[5*(i-same)]) != slices.Index(row, slices.Max(row)) {
				t.Fatalf("symbol %d: %v is not the likeliest", i, next[5*(i-same)])
			}
		}
		if frames[len(frames)-1].head["kind"] != "end" {
			t.Fatal("the end is missing")
		}
	}
	s := strings.Repeat("He said \"I do\" and went. ", 30)
	frames := c.read(fmt.Sprintf(`{"text":%q,"site":"l1.c","unit":5}`, s))
	check(frames, s, 0)
	id := frames[0].head["reading"]
	edited := s[:400] + "x" + s[400:]
	check(c.read(fmt.Sprintf(`{"text":%q,"site":"l1.c","unit":5,"reading":%q,"have":5000}`, edited, id)), edited, 400)
	check(c.read(fmt.Sprintf(`{"text":%q,"site":"l1.c","unit":5,"reading":%q,"have":20}`, edited[:300], id)), edited[:300], 20)

	column := readFrames(t, []byte(c.get(fmt.Sprintf("/api/readings/%s/unit?site=l0.h&unit=3", id))))[0]
	heat := readFrames(t, []byte(c.get(fmt.Sprintf("/api/readings/%s/heat?site=l0.h", id))))[0]
	for i, v := range column.arrays["value"] {
		if heat.arrays["value"][12*i+3] != v {
			t.Fatal("the heatmap disagrees with the unit")
		}
	}
}

// A passage of the text is read with what stands before it, as the analyses do.
func TestAPassageOfTheTextHasItsPast(t *testing.T) {
	c := serve(t, Options{Dir: shelfDir(t, "a")})
	far := c.read(`{"at":50000,"n":40,"site":"l0.h"}`)
	if far[0].head["warm"].(float64) != 500 || far[0].head["part"] != "validation" || len(far[0].arrays["id"]) != 40 {
		t.Fatalf("head %v", far[0].head)
	}
	if math.IsNaN(joined(far, "loss")[0]) {
		t.Fatal("the first shown symbol has a past, and so a loss")
	}
	// Step 0 and symbol 0 are themselves, not "not given".
	if zero := c.read(`{"at":0,"step":0,"n":40}`)[0].head; zero["at"].(float64) != 0 || zero["step"].(float64) != 0 {
		t.Fatalf("head %v", zero)
	}
	near := c.read(`{"site":"l0.h","n":40}`)
	if near[0].head["warm"].(float64) != 0 || near[0].head["part"] != "train" || !math.IsNaN(joined(near, "loss")[0]) {
		t.Fatalf("head %v", near[0].head)
	}
}

func TestForeignSymbolsAreTold(t *testing.T) {
	c := serve(t, Options{Dir: shelfDir(t, "a")})
	f := c.read(`{"text":"He 漢漢 said"}`)[0]
	foreign := f.head["foreign"].([]any)
	if len(foreign) != 1 || foreign[0].(map[string]any)["symbol"] != "漢" || foreign[0].(map[string]any)["count"].(float64) != 2 {
		t.Fatalf("foreign %v", foreign)
	}
	if r := c.ask(http.MethodPost, "/api/runs/a/read", `{"text":"漢"}`); r.StatusCode != http.StatusUnprocessableEntity {
		t.Fatal(r.Status)
	}
}

func TestEveryUnitHasAPage(t *testing.T) {
	c := serve(t, Options{Dir: shelfDir(t, "a")})
	for _, site := range []string{"l0.h", "l1.c", "l0.f"} {
		for _, unit := range []int{0, 11} {
			var v unitView
			if err := json.Unmarshal([]byte(c.get(fmt.Sprintf("/api/runs/a/unit?site=%s&unit=%d", site, unit))), &v); err != nil {
				t.Fatal(err)
			}
			kinds := map[string]int{}
			for _, p := range v.Places {
				kinds[p.Kind]++
				if len(p.IDs) != len(p.Values) || p.Values[p.At-p.Lo] != p.Value {
					t.Fatalf("place %+v", p)
				}
			}
			if kinds["high"] != 8 || kinds["low"] != 8 || kinds["range"] == 0 {
				t.Fatalf("%s[%d]: places %v", site, unit, kinds)
			}
			if len(v.Concepts) < 5 || v.Measured < 4000 || v.Split != "test of tail 80/10/10" || v.Step != 40 {
				t.Fatalf("%s[%d]: %d concepts on %d symbols of %q, step %d", site, unit, len(v.Concepts), v.Measured, v.Split, v.Step)
			}
			for _, k := range v.Concepts {
				if k.Tested != nil || k.Causal != nil {
					t.Fatal("a verdict without a test")
				}
				if a := k.AUROC; a.Estimate < .5 || a.Lo > a.Estimate || a.Hi < a.Estimate {
					t.Fatalf("%s: %+v", k.Concept, a)
				}
			}
		}
	}
	for path, want := range map[string]int{
		"/api/runs/a/unit?site=l0.h&unit=12": 422, "/api/runs/a/unit?site=l9.h&unit=0": 422, "/api/runs/b/unit?site=l0.h&unit=0": 404,
		"/api/runs/a/unit?site=l0.h&unit=0&step=7": 404, "/api/runs/a/unit?unit=0": 422, "/api/runs/a/unit/output?site=l0.h&unit=3": 200,
	} {
		if r := c.ask(http.MethodGet, path, ""); r.StatusCode != want {
			t.Errorf("%s: %s %s", path, r.Status, c.body(r))
		}
	}
}

func TestTurningWritesThreeSamples(t *testing.T) {
	c := serve(t, Options{Dir: shelfDir(t, "a")})
	events := c.get("/api/runs/a/turn?units=l0.h[3]=0.9&n=80&seed=4&prompt=He")
	texts := make([][]int32, 3)
	var end turnEnd
	for _, e := range sseEvents(t, events) {
		switch e.name {
		case "tokens":
			var k turnTokens
			mustJSON(t, e.data, &k)
			texts[k.Row] = append(texts[k.Row], k.IDs...)
		case "end":
			mustJSON(t, e.data, &end)
		case "failed":
			t.Fatal(e.data)
		}
	}
	same := 0
	for i := range 3 {
		if len(texts[i]) != 80 {
			t.Fatalf("sample %d has %d symbols", i, len(texts[i]))
		}
	}
	for same < 80 && texts[0][same] == texts[1][same] {
		same++
	}
	if end.Same != same {
		t.Fatalf("they agree for %d symbols, told %d", same, end.Same)
	}
	for _, bad := range []string{"l0.h[3]", "l0.h[99]=1", "l0.h[3]=NaN", "l0.h[1]=1,l1.h[1]=1", "x", "l0.h[-1]=0"} {
		if e := sseEvents(t, c.get("/api/runs/a/turn?units="+bad)); e[len(e)-1].name != "failed" {
			t.Errorf("%s: %v", bad, e)
		}
	}
}

type event struct{ name, data string }

func sseEvents(t testing.TB, s string) []event {
	t.Helper()
	var out []event
	for block := range strings.SplitSeq(s, "\n\n") {
		e := event{name: "message"}
		for line := range strings.SplitSeq(block, "\n") {
			if v, ok := strings.CutPrefix(line, "event: "); ok {
				e.name = v
			}
			if v, ok := strings.CutPrefix(line, "data: "); ok {
				e.data = v
			}
		}
		if e.data != "" {
			out = append(out, e)
		}
	}
	return out
}

func mustJSON(t testing.TB, s string, v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(s), v); err != nil {
		t.Fatalf("%v in %s", err, s)
	}
}

// A broken run is told in the list, and leaves the others alone.
func TestABrokenRunIsTold(t *testing.T) {
	dir := shelfDir(t, "a", "b")
	if err := os.WriteFile(filepath.Join(dir, "b", "run.db"), []byte("no database"), 0o644); err != nil {
		t.Fatal(err)
	}
	c := serve(t, Options{Dir: dir})
	var list struct{ Runs []RunLine }
	mustJSON(t, c.get("/api/runs"), &list)
	if len(list.Runs) != 2 || list.Runs[0].State != "finished" || list.Runs[1].State != "broken" || list.Runs[1].Error == "" {
		t.Fatalf("%+v", list.Runs)
	}
}

// Many clients at once, each with its own passage and units, without one error.
func TestManyClients(t *testing.T) {
	c := serve(t, Options{Dir: shelfDir(t, "a")})
	rounds := 4
	if testing.Short() {
		rounds = 1
	}
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			for k := range rounds {
				text := strings.Repeat(fmt.Sprintf("He said %d. ", i), 5+k)
				for _, ask := range [][3]string{
					{"POST", "/api/runs/a/read", fmt.Sprintf(`{"text":%q}`, strings.Map(noDigits, text))},
					{"GET", fmt.Sprintf("/api/runs/a/unit?site=l%d.h&unit=%d", i%2, i%12), ""},
					{"GET", "/api/runs", ""}, {"GET", "/api/runs/a/evolution", ""}, {"GET", "/api/runs/a/atlas", ""},
				} {
					r := c.ask(ask[0], ask[1], ask[2])
					b, err := io.ReadAll(r.Body)
					if err != nil || r.StatusCode != http.StatusOK {
						t.Errorf("%s %s: %s %v %s", ask[0], ask[1], r.Status, err, b[:min(len(b), 200)])
					}
				}
			}
		})
	}
	wg.Wait()
}

func noDigits(r rune) rune {
	if r >= '0' && r <= '9' {
		return 'a'
	}
	return r
}

func TestTextNeverBecomesMarkup(t *testing.T) {
	c := serve(t, Options{Dir: shelfDir(t, "a")})
	r := c.ask(http.MethodGet, "/api/runs/a/evolution", "")
	if b := c.body(r); strings.Contains(b, "<script>") || r.Header.Get("Content-Type") != "application/json" || r.Header.Get("X-Content-Type-Options") != "nosniff" {
		t.Fatalf("%s: %s", r.Header.Get("Content-Type"), b)
	}
	r = c.ask(http.MethodGet, "/api/%3Cscript%3E", "")
	if b := c.body(r); strings.Contains(b, "<script>") {
		t.Fatal(b)
	}
}

var plainField = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

func TestTheAPIIsDescribed(t *testing.T) {
	c := serve(t, Options{Dir: shelfDir(t)})
	var doc struct {
		OpenAPI string
		Paths   map[string]map[string]any

		Components struct {
			Schemas map[string]struct{ Properties map[string]any }
		}
	}
	mustJSON(t, c.get("/api/openapi.json"), &doc)
	if doc.OpenAPI != "3.1.0" || doc.Paths["/api/runs/{run}/read"]["post"] == nil || len(doc.Paths) < 15 {
		t.Fatalf("%s, %d paths", doc.OpenAPI, len(doc.Paths))
	}
	// The page reads these names; one that is spelled otherwise than the rest is a slip.
	named := 0
	for typ, schema := range doc.Components.Schemas {
		for name := range schema.Properties {
			if named++; !plainField.MatchString(name) && name != "$schema" && typ != "VocabularyAnswer" { // explain stores Yes so
				t.Errorf("%s has a field %q", typ, name)
			}
		}
	}
	if named < 200 {
		t.Errorf("only %d fields are described", named)
	}
}

func TestWhyAndEditAnswer(t *testing.T) {
	dir := shelfDir(t, "a")
	c := serve(t, Options{Dir: dir})
	s := strings.Repeat("He said \"I do\" and went. ", 6)
	id := c.read(fmt.Sprintf(`{"text":%q}`, s))[0].head["reading"]
	var w why.View
	mustJSON(t, c.get(fmt.Sprintf("/api/readings/%s/why?at=100", id)), &w)
	if w.Lo != 36 || len(w.Replaced) != 64 || len(w.Null) != 5 {
		t.Fatalf("%+v", w)
	}
	edit := readFrames(t, []byte(c.get(fmt.Sprintf("/api/readings/%s/edit?at=50&to=3", id))))[0]
	for i, v := range edit.arrays["change"][:50] {
		if v != 0 {
			t.Fatalf("symbol %d, before the edit, changed by %v", i, v)
		}
	}
	if edit.arrays["change"][50] == 0 || edit.arrays["after"][51] == edit.arrays["before"][51] {
		t.Fatal("the edit changed nothing")
	}
	for path, status := range map[string]int{"why?at=0": 422, "why?at=9999": 422, "why?at=5&instead=9999": 422, "edit?at=9999&to=1": 422, "edit?at=1&to=9999": 422, "pairs": 200} {
		if got := c.ask(http.MethodGet, fmt.Sprintf("/api/readings/%s/%s", id, path), ""); got.StatusCode != status {
			t.Errorf("%s: %s", path, got.Status)
		}
	}
}
