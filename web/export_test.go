package web

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rnnscope/rnnscope/web/lesson"
)

// A copy holds what the server says, byte for byte, of the runs that are copied and no others, and takes no module from the disk.
func TestExportIsWhatTheServerSays(t *testing.T) {
	dir := shelfDir(t, "a", "b")
	c := serve(t, Options{Dir: dir, ReadOnly: true})
	out := filepath.Join(t.TempDir(), "lesson")
	view, err := lesson.Parse("http://127.0.0.1:8421/?token=x#/a/reader?n=40&at=100&unit=l1.c%5B3%5D")
	if err != nil {
		t.Fatal(err)
	}
	evolution, err := lesson.Parse("a/evolution")
	if err != nil {
		t.Fatal(err)
	}
	if err := c.srv.Export(context.Background(), out, []lesson.View{view, evolution}, nil); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(filepath.Join(out, "kept.js"))
	if err != nil {
		t.Fatal(err)
	}
	var kept struct {
		Pages   []struct{ Hash string }
		Answers map[string][2]string
	}
	if err := json.Unmarshal(bytes.TrimSuffix(bytes.TrimPrefix(raw, []byte("window.rnnscopeKept=")), []byte(";\n")), &kept); err != nil {
		t.Fatal(err)
	}
	if len(kept.Pages) != 2 || kept.Pages[0].Hash != "a/reader?at=100&n=40&unit=l1.c%5B3%5D" {
		t.Errorf("%+v", kept.Pages)
	}
	said := func(key string) string {
		b, err := base64.StdEncoding.DecodeString(kept.Answers[key][1])
		if err != nil {
			t.Fatal(err)
		}
		z, err := gzip.NewReader(bytes.NewReader(b))
		if err != nil {
			t.Fatalf("%s: %v", key, err)
		}
		text, err := io.ReadAll(z)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	for _, at := range []string{"api/runs/a/evolution", "api/runs/a/notes", "api/runs/a/unit?step=-1&site=l1.c&unit=3"} {
		if said("GET "+at) != c.get("/"+at) {
			t.Errorf("%s: the copy says %.200s", at, said("GET "+at))
		}
	}
	if list := said("GET api/runs"); strings.Contains(list, `"id":"b"`) || !strings.Contains(list, `"writes":false`) {
		t.Errorf("the list of runs: %s", list)
	}
	if frames := readFrames(t, []byte(said(`POST api/runs/a/read {"at":100,"n":40,"step":-1}`))); frames[0].head["unit"] != 3. {
		t.Errorf("the passage: %v", frames[0].head)
	}
	index, err := os.ReadFile(filepath.Join(out, "index.html"))
	if err != nil || strings.Contains(string(index), "module") || !strings.Contains(string(index), "kept.js") {
		t.Errorf("%v: %s", err, index)
	}
	if err := c.srv.Export(context.Background(), out, nil, nil); !errors.Is(err, lesson.ErrInput) {
		t.Errorf("over a copy that stands there: %v", err)
	}
	none := filepath.Join(t.TempDir(), "none")
	view.Run = "../a"
	if err := c.srv.Export(context.Background(), none, []lesson.View{view}, nil); !errors.Is(err, lesson.ErrInput) {
		t.Errorf("a run that is not there: %v", err)
	}
	if _, err := os.Stat(none); err == nil {
		t.Error("half a copy was left")
	}
	for _, bad := range []string{"", "a/nosuch", "a/reader/x", "a/reader?%zz"} {
		if _, err := lesson.Parse(bad); !errors.Is(err, lesson.ErrInput) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
