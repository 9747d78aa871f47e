package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/rnnscope/rnnscope/web/jobs"
)

func TestJobsWaitRunAndStop(t *testing.T) {
	begun, end := make(chan []string, 8), make(chan error)
	command := func(ctx context.Context, args []string, watch func(jobs.Progress)) error {
		watch(jobs.Progress{What: "working", Done: 1, Total: 4})
		begun <- args
		select {
		case err := <-end:
			return err
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	dir := shelfDir(t, "a")
	c := serve(t, Options{Dir: dir, Command: command})
	start := func(body string, want int) jobs.Job {
		t.Helper()
		r := c.ask(http.MethodPost, "/api/jobs", body)
		b := c.body(r)
		if r.StatusCode != want {
			t.Fatalf("%s: %s %s", body, r.Status, b)
		}
		var j jobs.Job
		mustJSON(t, b, &j)
		return j
	}
	first := start(`{"kind":"ablate","run":"a","unit":"l0.h[3]","concept":"in-quote"}`, 200)
	args := <-begun
	if want := []string{"ablate", filepath.Join(c.srv.shelf.Root(), "a"), "--units", "l0.h[3]", "--concepts", "in-quote"}; !slices.Equal(args, want) {
		t.Fatalf("ran %q", args)
	}
	second := start(`{"kind":"memory","run":"a"}`, 200)
	if again := start(`{"kind":"memory","run":"a"}`, 200); again.ID != second.ID {
		t.Fatal("the same job waits twice")
	}
	for _, bad := range []string{
		`{"kind":"ablate","run":"a","unit":"--mode","concept":"in-quote"}`, `{"kind":"ablate","run":"a","unit":"l0.h[3]","concept":"x"}`,
		`{"kind":"train","run":"../x","preset":"demo","built":"novel"}`, `{"kind":"train","run":"-x","preset":"demo","built":"novel"}`,
		`{"kind":"train","run":"x","preset":"nope","built":"novel"}`, `{"kind":"train","run":"x","preset":"demo","built":"/etc/passwd"}`, `{"kind":"rm","run":"a"}`,
	} {
		start(bad, 422)
	}
	start(`{"kind":"train","run":"a","preset":"demo","built":"novel"}`, 409)
	start(`{"kind":"dissect","run":"none"}`, 404)
	state := func(id int64) jobs.Job {
		all, _ := c.srv.jobs.List()
		return all[slices.IndexFunc(all, func(j jobs.Job) bool { return j.ID == id })]
	}
	if s := state(second.ID); s.State != "waiting" {
		t.Fatalf("the second is %s", s.State)
	}
	if s := state(first.ID); s.State != "running" || s.Progress.Done != 1 {
		t.Fatalf("the first: %+v", s)
	}
	c.ask(http.MethodPost, fmt.Sprintf("/api/jobs/%d/stop", first.ID), "")
	<-begun // the second
	if s := state(first.ID); s.State != "stopped" {
		t.Fatalf("the first is %s", s.State)
	}
	end <- errors.New("no such thing")
	wait(t, func() bool { return state(second.ID).State == "failed" })
	if s := state(second.ID); s.Error != "no such thing" {
		t.Fatalf("error %q", s.Error)
	}
	third := start(`{"kind":"quotes","run":"a"}`, 200)
	<-begun
	end <- nil
	wait(t, func() bool { return state(third.ID).State == "done" })
}

func wait(t testing.TB, until func() bool) {
	t.Helper()
	for range 400 {
		if until() {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatal("waited in vain")
}

func TestAJobThatPanicsFails(t *testing.T) {
	q := jobs.New(func(context.Context, []string, func(jobs.Progress)) error { panic("a mistake") })
	defer q.Close()
	j, err := q.Add("memory", "a", "", []string{"x"})
	if err != nil {
		t.Fatal(err)
	}
	wait(t, func() bool { all, _ := q.List(); return all[0].State == "failed" })
	if _, err := q.Add("memory", "a", "", []string{"y"}); err != nil {
		t.Fatal(err)
	}
	if err := q.Cancel(j.ID + 100); !errors.Is(err, jobs.ErrUnknown) {
		t.Fatal(err)
	}
}

// A client that goes away ends what was computed for it alone.
func TestWhoGoesAwayFreesTheWork(t *testing.T) {
	c := serve(t, Options{Dir: shelfDir(t, "a")})
	ctx, stop := context.WithCancel(context.Background())
	req, _ := http.NewRequestWithContext(ctx, http.MethodGet, c.http.URL+"/api/runs/a/turn?units=l0.h[3]=0.9&n=2000", nil)
	req.Header.Set("Authorization", "Bearer "+c.srv.Token())
	r, err := c.http.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.ReadAtLeast(r.Body, make([]byte, 64), 64)
	stop()
	r.Body.Close()
	wait(t, func() bool { return c.srv.heavy.Idle() })
}
