package lab

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/rnnscope/rnnscope/internal/durable"
	"github.com/rnnscope/rnnscope/internal/f32"
	"github.com/rnnscope/rnnscope/mechanism"
)

// ErrNameTaken says that the directory of an experiment holds something else: a finished experiment, one
// with other settings or one that somebody is at.
var ErrNameTaken = errors.New("choose another name")

// Names in the directory of an experiment. While it is unfinished its folder unfinishedName holds the
// settings and a file for every network that is done.
const (
	experimentName = "experiment.json"
	unfinishedName = "networks"
	settingsName   = "settings.json"
)

// mostKept is the largest file of a network that is read.
const mostKept = 1 << 26

// bench keeps what is done of an experiment in its directory, so that the same command goes on after a kill.
type bench struct {
	dir     string // "": nothing is kept
	lock    *os.File
	started time.Time
	before  float64 // seconds of what was done before
}

// gridSettings are what the figures of an experiment depend on.
type gridSettings struct {
	Seed       uint64             `json:"seed"`
	Only       []string           `json:"only"`
	Networks   int                `json:"networks"`
	Iterations int64              `json:"iterations"`
	Settings   mechanism.Settings `json:"settings"`
	Rules      int                `json:"rules"`
	Kernels    string             `json:"kernels"`
}

func (o QuotesOptions) grid() gridSettings {
	return gridSettings{o.Seed, o.Only, o.Networks, o.Iterations, o.settings(), mechanism.Rules, f32.Path()}
}

// open makes the directory of an experiment, or finds in it what an experiment of the same settings has
// left. Errors match ErrNameTaken or are those of the file system.
func (o QuotesOptions) open() (*bench, error) {
	b := &bench{started: time.Now()}
	if o.Dir == "" {
		return b, nil
	}
	b.dir = filepath.Join(o.Dir, unfinishedName)
	entries, err := os.ReadDir(o.Dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	mine, err := os.Stat(b.dir)
	whole := finished(o.Dir)
	if whole {
		tidy(b.dir) // what a process killed while it did so has left
	}
	if len(entries) > 0 && (whole || err != nil || !mine.IsDir()) {
		return nil, fmt.Errorf("%s already exists; %w", o.Dir, ErrNameTaken)
	}
	if err := os.MkdirAll(b.dir, 0o777); err != nil {
		return nil, err
	}
	if b.lock, err = os.OpenFile(filepath.Join(b.dir, durable.LockName), os.O_RDWR|os.O_CREATE, 0o644); err != nil {
		return nil, err
	}
	if err := durable.TryLock(b.lock); err != nil {
		b.lock.Close()
		if errors.Is(err, durable.ErrLocked) {
			err = fmt.Errorf("another process is at the experiment of %s; wait for it, or %w", o.Dir, ErrNameTaken)
		}
		return nil, err
	}
	if err := b.settle(o); err != nil {
		b.lock.Close()
		return nil, err
	}
	return b, durable.RemoveUnfinished(b.dir)
}

// settle holds the settings against those of what is there, or writes them.
func (b *bench) settle(o QuotesOptions) error {
	path, mine := filepath.Join(b.dir, settingsName), o.grid()
	raw, err := durable.ReadFile(context.Background(), path, mostKept)
	if errors.Is(err, fs.ErrNotExist) {
		return write(path, mine)
	}
	if err != nil {
		return err
	}
	var there gridSettings
	if err := json.Unmarshal(raw, &there); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if !same(there, mine) {
		return fmt.Errorf("%s holds an unfinished experiment with other settings (seed %d, %d networks of %d updates, languages %q, kernels %s); repeat with these to go on, or %w",
			o.Dir, there.Seed, there.Networks, there.Iterations, there.Only, there.Kernels, ErrNameTaken)
	}
	return nil
}

func same(a, b gridSettings) bool {
	x, err := json.Marshal(a)
	y, also := json.Marshal(b)
	return err == nil && also == nil && bytes.Equal(x, y)
}

// network is what is kept of one network.
type network struct {
	Name    string          `json:"name"`
	Seconds float64         `json:"seconds"` // the experiment's until it was done
	Result  json.RawMessage `json:"result"`
}

func (b *bench) path(i int) string { return filepath.Join(b.dir, strconv.Itoa(i)+".json") }

// has loads what was kept of job i into its place. What cannot be read is done again.
func (b *bench) has(ctx context.Context, i int, j job) bool {
	if b.dir == "" {
		return false
	}
	raw, err := durable.ReadFile(ctx, b.path(i), mostKept)
	var n network
	if err != nil || json.Unmarshal(raw, &n) != nil || n.Name != j.name || json.Unmarshal(n.Result, j.into) != nil {
		return false
	}
	b.before = max(b.before, n.Seconds)
	return true
}

// keep writes what job i has found.
func (b *bench) keep(i int, j job) error {
	if b.dir == "" {
		return nil
	}
	raw, err := json.Marshal(j.into)
	if err != nil {
		return err
	}
	return write(b.path(i), network{j.name, b.seconds(), raw})
}

// seconds is how long the experiment took so far, in all its sessions.
func (b *bench) seconds() float64 { return b.before + time.Since(b.started).Seconds() }

// close lets go of the directory; what is kept stays.
func (b *bench) close() {
	if b.lock != nil {
		b.lock.Close()
	}
}

func write(path string, v any) error {
	return durable.WriteFile(path, func(w io.Writer) error { return json.NewEncoder(w).Encode(v) })
}

// FinishQuotes writes the figures of an experiment, experiment.json, into its directory, lets page write
// what else belongs there, and removes what was kept to go on.
func FinishQuotes(dir string, x *mechanism.Experiment, page func() error) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	if err := write(filepath.Join(dir, experimentName), x); err != nil {
		return err
	}
	if err := page(); err != nil {
		return err
	}
	left := filepath.Join(dir, unfinishedName)
	// The settings first: a process killed while it removes leaves no experiment that looks unfinished.
	if err := os.Remove(filepath.Join(left, settingsName)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	tidy(left)
	return nil
}

// tidy removes what an experiment kept of its networks, and the folder if it held nothing else. What
// cannot be removed stays: the experiment is whole all the same.
func tidy(dir string) {
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		number, isJSON := strings.CutSuffix(e.Name(), ".json")
		if _, err := strconv.Atoi(number); isJSON && err == nil || e.Name() == durable.LockName {
			_ = os.Remove(filepath.Join(dir, e.Name()))
		}
	}
	_ = os.Remove(dir)
}

// finished reports whether dir holds an experiment and nothing that says with which settings to go on.
func finished(dir string) bool {
	_, whole := os.Stat(filepath.Join(dir, experimentName))
	_, settings := os.Lstat(filepath.Join(dir, unfinishedName, settingsName))
	return whole == nil && errors.Is(settings, fs.ErrNotExist)
}
