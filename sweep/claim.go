package sweep

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Times of claims. A claim is renewed ten times before it counts as given up.
const (
	Renewal      = 3 * time.Second
	AbandonAfter = 30 * time.Second
)

// claim is a cell that this process works on: the newest of the files NAME.1, NAME.2,
// ... in the folder of claims. A claim that was not renewed is taken over by making
// the next file, which one process only can do; its old owner sees that and stops.
type claim struct {
	dir, cell string
	n         int
}

// owner is what a claim's file says of who holds it, for people.
type owner struct {
	Host    string    `json:"host"`
	PID     int       `json:"pid"`
	Started time.Time `json:"started"`
}

// take claims a cell. held says that somebody else has it and goes on.
func take(dir, cell string, now time.Time) (c *claim, held bool, err error) {
	n, at, err := newest(dir, cell)
	if err != nil {
		return nil, false, err
	}
	host, _ := os.Hostname()
	if n > 0 && now.Sub(at) < AbandonAfter && !dead((&claim{dir, cell, n}).path(), host) {
		return nil, true, nil
	}
	b, err := json.Marshal(owner{host, os.Getpid(), now})
	if err != nil {
		return nil, false, err
	}
	c = &claim{dir, cell, n + 1}
	f, err := os.OpenFile(c.path(), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return nil, true, nil // another was faster
	}
	if err != nil {
		return nil, false, err
	}
	_, err = f.Write(append(b, '\n'))
	return c, false, errors.Join(err, f.Close())
}

// dead reports that a claim's owner was a process of this machine that has ended: there
// is no need to wait then.
func dead(path, host string) bool {
	var o owner
	if runtime.GOOS == "windows" || readJSON(path, &o) != nil || o.Host != host || o.PID <= 0 || o.PID == os.Getpid() {
		return false
	}
	p, err := os.FindProcess(o.PID)
	return err == nil && errors.Is(p.Signal(syscall.Signal(0)), os.ErrProcessDone)
}

func (c *claim) path() string { return filepath.Join(c.dir, c.cell+"."+strconv.Itoa(c.n)) }

// newest is the number of the newest claim of a cell, 0 for none, and when it was renewed.
func newest(dir, cell string) (n int, at time.Time, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return 0, at, err
	}
	for _, e := range entries {
		rest, ok := strings.CutPrefix(e.Name(), cell+".")
		k, bad := strconv.Atoi(rest)
		if !ok || bad != nil || k <= n {
			continue
		}
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue // given back meanwhile
		}
		if err != nil {
			return 0, at, err
		}
		n, at = k, info.ModTime()
	}
	return n, at, nil
}

// renew says that the owner is alive; false: somebody took the cell over.
func (c *claim) renew(now time.Time) (bool, error) {
	n, _, err := newest(c.dir, c.cell)
	if err != nil {
		return true, err // a file system that answers late is no reason to stop
	}
	if n != c.n {
		return false, nil
	}
	if err := os.Chtimes(c.path(), now, now); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return true, err
	}
	return true, nil
}

// release gives a claim back.
func (c *claim) release() error {
	if err := os.Remove(c.path()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("giving back the claim of %s: %w", c.cell, err)
	}
	return nil
}
