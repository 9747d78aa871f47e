package sweep

import (
	"os"
	"testing"
	"time"
)

// take is a first look at a folder of claims.
func take(dir, cell string, now time.Time) (*claim, bool, error) {
	return claimsIn(dir).take(cell, now)
}

// otherMachine holds a cell in dir with a clock of its own, and looks like this process but for what change says.
func otherMachine(t *testing.T, dir, cell string, clock time.Time, change func(o *owner)) *claim {
	t.Helper()
	other := claimsIn(dir)
	change(&other.self)
	c, held, err := other.take(cell, clock)
	if err != nil || held {
		t.Fatal(held, err)
	}
	return c
}

// TestClocksApart: a living owner keeps its cell and a dead one loses it after the limit, whatever its clock says.
func TestClocksApart(t *testing.T) {
	for _, skew := range []time.Duration{-time.Hour, -40 * time.Second, 0, 40 * time.Second, time.Hour} {
		dir, now := t.TempDir(), time.Now()
		theirs := otherMachine(t, dir, "x", now.Add(skew), func(o *owner) { o.Host, o.Boot = "other", "another start" })
		mine := claimsIn(dir)
		after := func(seconds int) time.Time { return now.Add(time.Duration(seconds) * time.Second) }
		const alive = 100
		for s := range alive {
			if s%int(Renewal/time.Second) == 0 {
				if ok, err := theirs.renew(after(s).Add(skew)); !ok || err != nil {
					t.Fatal(ok, err)
				}
			}
			if _, held, err := mine.take("x", after(s)); !held || err != nil {
				t.Fatalf("clocks %v apart: taken from a living owner after %d s: %v", skew, s, err)
			}
		}
		for s := alive; ; s++ {
			c, held, err := mine.take("x", after(s))
			if err != nil {
				t.Fatal(err)
			}
			if held && s <= alive+int(AbandonAfter/time.Second) {
				continue
			}
			if held || s < alive-1+int((AbandonAfter-Renewal)/time.Second) || c.n != 2 {
				t.Errorf("clocks %v apart: held %t %d s after the owner died: %+v", skew, held, s-alive, c)
			}
			break
		}
		if ok, _ := theirs.renew(after(200).Add(skew)); ok {
			t.Errorf("clocks %v apart: the old owner goes on", skew)
		}
	}
}

// TestProcessesElsewhere: that no process here has an owner's number says nothing of a process of another machine,
// another start or another container, whatever they are called.
func TestProcessesElsewhere(t *testing.T) {
	const nobody = 1<<22 + 1
	self := thisProcess()
	if self.Boot == unknownBoot {
		t.Log("this system does not tell its starts apart: no owner is believed to be dead")
	}
	for name, k := range map[string]struct {
		change func(o *owner)
		held   bool
	}{
		"of this container":        {func(o *owner) {}, self.Boot == unknownBoot},
		"of another container":     {func(o *owner) { o.PIDs = "pid:[1]" }, true},
		"of another start":         {func(o *owner) { o.Boot = "another start" }, true},
		"of a system that is mute": {func(o *owner) { o.Boot = unknownBoot }, true},
		"of another host":          {func(o *owner) { o.Host = "other" }, true},
	} {
		dir, now := t.TempDir(), time.Now()
		otherMachine(t, dir, "x", now, func(o *owner) { o.PID = nobody; k.change(o) })
		if _, held, err := take(dir, "x", now); held != k.held || err != nil {
			t.Errorf("a process %s: held %t, want %t: %v", name, held, k.held, err)
		}
	}
}

// TestClaimBeingWritten: a file without an owner yet is watched like any other.
func TestClaimBeingWritten(t *testing.T) {
	dir, now := t.TempDir(), time.Now()
	if err := os.WriteFile((&claim{dir, "x", 1}).path(), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	mine := claimsIn(dir)
	if _, held, err := mine.take("x", now); !held || err != nil {
		t.Error(held, err)
	}
	if _, held, err := mine.take("x", now.Add(AbandonAfter-1)); !held || err != nil {
		t.Error(held, err)
	}
	if c, held, err := mine.take("x", now.Add(AbandonAfter)); held || err != nil || c.n != 2 {
		t.Error(c, held, err)
	}
}
