package sweep

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
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

// owner is what a claim's file says of who holds it.
type owner struct {
	Host    string    `json:"host"`
	PID     int       `json:"pid"`
	Boot    string    `json:"boot,omitempty"`      // of the machine since it was started, unknownBoot where the system does not say; "": by an older version
	PIDs    string    `json:"pid_space,omitempty"` // where PID is the number of a process: containers have their own
	Started time.Time `json:"started"`
}

// unknownBoot stands where the system does not tell one start of a machine from another.
const unknownBoot = "unknown"

// thisProcess is what the claims of this process say.
func thisProcess() owner {
	o := owner{PID: os.Getpid(), Boot: bootID()}
	o.Host, _ = os.Hostname()
	o.PIDs, _ = os.Readlink("/proc/self/ns/pid") // Linux alone has these
	if o.Boot == "" {
		o.Boot = unknownBoot
	}
	return o
}

// oneClock reports that two owners read the same clock: that of one machine since one start.
func (o owner) oneClock(p owner) bool {
	return o.Boot == p.Boot && o.Boot != unknownBoot && o.Boot != ""
}

// dead reports that a claim's owner was a process that this one could see, and has ended: there is no need to
// wait then. A host name does not say so, since machines and containers may share one.
func (o owner) dead(self owner) bool {
	seen := o.oneClock(self) && o.PIDs == self.PIDs || o.Boot == ""
	if !seen || o.Host != self.Host || o.PID <= 0 || o.PID == self.PID {
		return false
	}
	return ended(o.PID)
}

// ended reports that there is no process of this number.
func ended(pid int) bool {
	p, err := os.FindProcess(pid)
	return err == nil && errors.Is(p.Signal(syscall.Signal(0)), os.ErrProcessDone)
}

// claims are those in a folder, as one process sees them come and go.
type claims struct {
	dir  string
	self owner
	seen map[string]sighting // by cell: of claims whose age in the owner's time says nothing
}

// sighting is a claim as it was seen first.
type sighting struct {
	n       int
	renewed time.Time // by the clock of whoever renews it
	since   time.Time // by one's own
}

func claimsIn(dir string) *claims {
	return &claims{dir: dir, self: thisProcess(), seen: map[string]sighting{}}
}

// take claims a cell. held says that somebody else has it and goes on.
func (s *claims) take(cell string, now time.Time) (c *claim, held bool, err error) {
	n, err := newest(s.dir, cell)
	if err != nil {
		return nil, false, err
	}
	if n > 0 {
		if given, err := s.abandoned(&claim{s.dir, cell, n}, now); err != nil || !given {
			return nil, err == nil, err
		}
	}
	self := s.self
	self.Started = now
	b, err := json.Marshal(self)
	if err != nil {
		return nil, false, err
	}
	c = &claim{s.dir, cell, n + 1}
	f, err := os.OpenFile(c.path(), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return nil, true, nil // another was faster
	}
	if err != nil {
		return nil, false, err
	}
	delete(s.seen, cell)
	_, err = f.Write(append(b, '\n'))
	return c, false, errors.Join(err, f.Close(), c.touch(now))
}

// isHeld reports that somebody works on a cell, as far as can be read.
func (s *claims) isHeld(cell string, now time.Time) bool {
	n, err := newest(s.dir, cell)
	if err != nil || n == 0 {
		return false
	}
	given, err := s.abandoned(&claim{s.dir, cell, n}, now)
	return err == nil && !given
}

// abandoned reports that nobody works on a claimed cell any more. How old a claim is can be read from its file
// where its owner has the same clock. The clocks of two machines, or of a machine and its file server, may be far
// apart: of any other claim this process must have seen, by its own clock, that it was not renewed for so long.
func (s *claims) abandoned(c *claim, now time.Time) (bool, error) {
	o, renewed, err := c.read()
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil // given back meanwhile
	}
	if err != nil {
		return false, err
	}
	if o.dead(s.self) || o.oneClock(s.self) && now.Sub(renewed) >= AbandonAfter {
		return true, nil
	}
	was, ok := s.seen[c.cell]
	if !ok || was.n != c.n || !was.renewed.Equal(renewed) {
		s.seen[c.cell] = sighting{c.n, renewed, now}
		return false, nil
	}
	return now.Sub(was.since) >= AbandonAfter, nil
}

// read is who holds a claim, nobody while its file is being written, and when it was renewed by the owner's
// clock. The file is opened for both: a file system over a network tells of changes then.
func (c *claim) read() (o owner, renewed time.Time, err error) {
	f, err := os.Open(c.path())
	if err != nil {
		return o, renewed, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return o, renewed, err
	}
	if json.NewDecoder(f).Decode(&o) != nil {
		o = owner{Boot: unknownBoot}
	}
	return o, info.ModTime(), nil
}

func (c *claim) path() string { return filepath.Join(c.dir, c.cell+"."+strconv.Itoa(c.n)) }

// newest is the number of the newest claim of a cell, 0 for none.
func newest(dir, cell string) (n int, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return 0, err
	}
	for _, e := range entries {
		rest, ok := strings.CutPrefix(e.Name(), cell+".")
		if k, bad := strconv.Atoi(rest); ok && bad == nil {
			n = max(n, k)
		}
	}
	return n, nil
}

// renew says that the owner is alive; false: somebody took the cell over.
func (c *claim) renew(now time.Time) (bool, error) {
	n, err := newest(c.dir, c.cell)
	if err != nil {
		return true, err // a file system that answers late is no reason to stop
	}
	if n != c.n {
		return false, nil
	}
	return true, c.touch(now)
}

// touch writes the owner's time into the claim's file, whatever clock the file system has.
func (c *claim) touch(now time.Time) error {
	if err := os.Chtimes(c.path(), now, now); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// release gives a claim back.
func (c *claim) release() error {
	if err := os.Remove(c.path()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("giving back the claim of %s: %w", c.cell, err)
	}
	return nil
}
