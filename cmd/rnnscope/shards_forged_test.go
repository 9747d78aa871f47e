package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
)

// TestForgedShardFolder: what a dissection in shards keeps beside its shards, changed by somebody: how it was
// begun, what it came to. An answer or one line, never a panic.
func TestForgedShardFolder(t *testing.T) {
	apart(t)
	dir := smallRun(t)
	asked := []string{"-q", "dissect", dir, "--concepts", "capital,in-quote", "--untrained", "1", "--shard", "1/1"}
	for range 3 {
		mustRun(t, asked...)
	}
	folder := filepath.Join(dir, "shards", plansOf(t, dir))
	refused := func(what string, args ...string) {
		t.Helper()
		if a := rnnscope(t, "", args...); a.status != console.ExitFailed || strings.Count(a.err, "\n") != 1 || a.out != "" {
			t.Errorf("%s, %s: exit %d, %q, %q", what, args[1], a.status, a.out, a.err)
		}
	}
	begun := filepath.Join(folder, "command.json")
	was, err := os.ReadFile(begun)
	if err != nil {
		t.Fatal(err)
	}
	for _, forged := range []string{
		"", "null", "[]", `{"shards":-1}`, `{"shards":20000}`, `{"shards":1}`, strings.Repeat(" ", 20<<20), string(was[:len(was)/2]),
		strings.Replace(string(was), `"Untrained": 1`, `"Untrained": 1000000000`, 1), strings.Replace(string(was), `"Untrained": 1`, `"Untrained": -1`, 1),
		strings.Replace(string(was), `"Untrained": 1`, `"Untrained": 2`, 1), strings.Replace(string(was), `"Step": -1`, `"Step": -9`, 1),
		strings.Replace(string(was), `"capital"`, `"rhymes"`, 1), strings.Replace(string(was), `"Samples": 0`, `"Samples": 99999999999`, 1),
		strings.Replace(string(was), `"Input": null`, `"Input": ["synth:novel"]`, 1), strings.Replace(string(was), `"Sites": null`, `"Sites": ["l0.x"]`, 1),
	} {
		if forged == string(was) {
			t.Error("nothing was changed: the file has other names now")
		}
		if err := os.WriteFile(begun, []byte(forged), 0o600); err != nil {
			t.Fatal(err)
		}
		what := fmt.Sprintf("%.40q ... of %d bytes", forged, len(forged))
		refused(what, "-q", "merge", dir)
		refused(what, "-q", "dissect", dir, "--plan", filepath.Base(folder), "--shard", "1/1")
	}
	if err := os.WriteFile(begun, was, 0o600); err != nil {
		t.Fatal(err)
	}
	mustRun(t, "-q", "merge", dir)
	forgedResult(t, dir, filepath.Join(folder, "result.json"))
}

// forgedResult changes values of a merged result, one at a time.
func forgedResult(t *testing.T, dir, path string) {
	was, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var doc any
	if err := json.Unmarshal(was, &doc); err != nil {
		t.Fatal(err)
	}
	places, tried := 0, 0
	try := func() {
		b, err := json.Marshal(doc)
		if err == nil {
			err = os.WriteFile(path, b, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		tried++
		for _, args := range [][]string{{"-q", "merge", dir, "--details"}, {"-q", "--json", "merge", dir}} {
			if a := rnnscope(t, "", args...); a.status != console.ExitOK && (a.status != console.ExitFailed || strings.Count(a.err, "\n") != 1) {
				t.Errorf("exit %d: %q", a.status, a.err)
			}
		}
	}
	wrong := []any{nil, -1.0, 1e15, 1e300, "", "\x1b[2J", []any{}, map[string]any{}}
	var walk func(v any, set func(any))
	walk = func(v any, set func(any)) {
		if places++; places%97 == 1 {
			set(wrong[(places/97)%len(wrong)])
			try()
			set(v)
		}
		switch x := v.(type) {
		case []any:
			for i := range x {
				walk(x[i], func(w any) { x[i] = w })
			}
		case map[string]any:
			for k := range x {
				walk(x[k], func(w any) { x[k] = w })
			}
		}
	}
	walk(doc, func(w any) { doc = w })
	if tried < 20 {
		t.Errorf("only %d values were changed", tried)
	}
	if err := os.WriteFile(path, was[:len(was)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	if a := rnnscope(t, "", "-q", "merge", dir); a.status != console.ExitFailed || strings.Count(a.err, "\n") != 1 {
		t.Errorf("half a result: exit %d, %q", a.status, a.err)
	}
}
