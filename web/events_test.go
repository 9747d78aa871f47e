package web

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A page is told of a run that comes, is written to by another process, and goes, without asking.
func TestEventsTellOfRuns(t *testing.T) {
	dir := shelfDir(t, "a")
	c := serve(t, Options{Dir: dir})
	ctx, stop := context.WithTimeout(context.Background(), 20*time.Second)
	defer stop()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.http.URL+"/api/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+c.srv.Token())
	lines := bufio.NewScanner(c.do(req).Body)
	next := func() (moved runChanges) {
		name := ""
		for lines.Scan() {
			if after, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
				name = after
			}
			if after, ok := strings.CutPrefix(lines.Text(), "data: "); ok && name == "runs" {
				if err := json.Unmarshal([]byte(after), &moved); err != nil {
					t.Fatal(err)
				}
				return moved
			}
		}
		t.Fatal("no event: ", lines.Err())
		return moved
	}
	time.Sleep(100 * time.Millisecond) // the stream has begun
	if err := os.CopyFS(filepath.Join(dir, "b"), os.DirFS(filepath.Join(dir, "a"))); err != nil {
		t.Fatal(err)
	}
	if m := next(); len(m.Runs) != 1 || m.Runs[0].ID != "b" || m.Runs[0].Step != 40 {
		t.Fatalf("a run came: %+v", m)
	}
	later := time.Now().Add(time.Minute)
	if err := os.Chtimes(filepath.Join(dir, "a", "run.db"), later, later); err != nil {
		t.Fatal(err)
	}
	if m := next(); len(m.Runs) != 1 || m.Runs[0].ID != "a" {
		t.Fatalf("a run was written to: %+v", m)
	}
	if err := os.RemoveAll(filepath.Join(dir, "b")); err != nil {
		t.Fatal(err)
	}
	if m := next(); len(m.Gone) != 1 || m.Gone[0] != "b" {
		t.Fatalf("a run went: %+v", m)
	}
}
