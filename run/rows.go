package run

import (
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/rnnscope/rnnscope/checkpoint"
	"github.com/rnnscope/rnnscope/internal/f32"
)

// Rows wait in memory and are written in one transaction, which costs a sync of
// the disk, when so many wait or the oldest has waited so long. SaveResume, Close
// and every read write them first.
const (
	queueRows = 1024
	queueTime = 2 * time.Second
	queueMost = 1 << 18 // rows that wait while another program holds the database
)

type row struct {
	query string
	args  []any
}

// put queues rows.
func (r *Run) put(rows ...row) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.lock == nil {
		return fmt.Errorf("%s: %w", r.dir, ErrReadOnly)
	}
	if len(r.queue) == 0 {
		r.queued = time.Now()
	}
	r.queue = append(r.queue, rows...)
	if len(r.queue) < queueRows && time.Since(r.queued) < queueTime {
		return nil
	}
	err := r.flush()
	if errors.Is(err, ErrBusy) && len(r.queue) < queueMost {
		return nil // they wait on: a program that looks at the run does not end a training
	}
	return err
}

// flush writes the queue; r.mu is held.
func (r *Run) flush() error {
	if len(r.queue) == 0 {
		return nil
	}
	if err := r.there(); err != nil {
		return err
	}
	tx, err := r.db.Begin()
	if err != nil {
		return r.withPath(err)
	}
	defer tx.Rollback()
	prepared := map[string]*sql.Stmt{}
	for _, q := range r.queue {
		stmt := prepared[q.query]
		if stmt == nil {
			if stmt, err = tx.Prepare(q.query); err != nil {
				return r.withPath(err)
			}
			defer stmt.Close()
			prepared[q.query] = stmt
		}
		if _, err := stmt.Exec(q.args...); err != nil {
			return r.withPath(err)
		}
	}
	if err := tx.Commit(); err != nil {
		return r.withPath(err)
	}
	r.queue = r.queue[:0]
	return nil
}

// there fails where the run was removed or another put in its place since it was opened:
// what is written then would be gone with it.
func (r *Run) there() error {
	now, err := os.Stat(filepath.Join(r.dir, dbName))
	if err == nil && os.SameFile(now, r.file) {
		return nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return fmt.Errorf("%s: %w meanwhile", r.dir, ErrRemoved)
}

// Flush writes what is queued, durably.
func (r *Run) Flush() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.flush()
}

// Keep is Flush for a result that can be given otherwise: where it cannot be written
// durably, nothing of what is queued will be written later either.
func (r *Run) Keep() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	err := r.flush()
	if err != nil {
		r.queue = r.queue[:0]
	}
	return err
}

// flushTries is how often a state that must not be lost waits for another program to
// let go of the database; each try waits as long as busy_timeout says.
const flushTries = 6

// flushPatiently is Flush for what a whole training depends on.
func (r *Run) flushPatiently() error {
	err := r.Flush()
	for try := 1; errors.Is(err, ErrBusy) && try < flushTries; try++ {
		err = r.Flush()
	}
	return err
}

func (r *Run) withPath(err error) error { return fmt.Errorf("%s: %w", r.dir, sqlError(err)) }

// query reads rows after writing what is queued, calling scan for each. When a writer
// was killed meanwhile, what it left is undone first.
func (r *Run) query(scan func(*sql.Rows) error, q string, args ...any) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.db == nil {
		return fmt.Errorf("%s: the run is closed: %w", r.dir, ErrReadOnly)
	}
	if err := r.flush(); err != nil {
		return err
	}
	rows, err := r.db.Query(q, args...)
	for try := 0; r.lock == nil && hot(err) && try < rollBackTries; try++ {
		if err := r.rollBack(); err != nil {
			return err
		}
		rows, err = r.db.Query(q, args...)
	}
	if err != nil {
		return r.withPath(err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return fmt.Errorf("%s: %w: %w", r.dir, ErrCorrupt, err)
		}
	}
	if err := rows.Err(); err != nil {
		return r.withPath(err)
	}
	return nil
}

// Names of the metrics training records.
const (
	MetricTrainLoss = "train_loss" // of the step's chunk, nats a character
	MetricValLoss   = "val_loss"   // of the whole validation part, nats a character
	MetricGradNorm  = "grad_norm"  // before clipping
	MetricLR        = "lr"
)

// Metric is one figure of one step.
type Metric struct {
	Step  int64   `json:"step"`
	Value float64 `json:"value"`
}

// AddMetric records value under name at step, in place of an older one. value must
// be finite.
func (r *Run) AddMetric(step int64, name string, value float64) error {
	if value-value != 0 {
		return fmt.Errorf("metric %s of step %d is %v: %w", name, step, value, checkpoint.ErrNotFinite)
	}
	return r.put(row{"INSERT OR REPLACE INTO metrics (name, step, value) VALUES (?, ?, ?)", []any{name, step, value}})
}

// Metrics returns the figures called name in the order of steps.
func (r *Run) Metrics(name string) ([]Metric, error) {
	var out []Metric
	err := r.query(func(rows *sql.Rows) error {
		var m Metric
		err := rows.Scan(&m.Step, &m.Value)
		out = append(out, m)
		return err
	}, "SELECT step, value FROM metrics WHERE name = ? ORDER BY step", name)
	return out, err
}

// MetricNames lists what was recorded.
func (r *Run) MetricNames() ([]string, error) {
	return r.strings("SELECT DISTINCT name FROM metrics ORDER BY name")
}

func (r *Run) strings(q string) ([]string, error) {
	var out []string
	err := r.query(func(rows *sql.Rows) error {
		var s string
		err := rows.Scan(&s)
		out = append(out, s)
		return err
	}, q)
	return out, err
}

// Sample is generated text.
type Sample struct {
	Step        int64   `json:"step"`
	Index       int     `json:"index"` // of several at one step
	Prompt      string  `json:"prompt"`
	Temperature float64 `json:"temperature"`
	Text        string  `json:"text"` // without the prompt
	Seed        uint64  `json:"seed"`
}

// AddSample records s in place of an older one of its step and index. In byte mode
// Text may be any bytes.
func (r *Run) AddSample(s Sample) error {
	return r.put(row{
		"INSERT OR REPLACE INTO samples (step, idx, prompt, temperature, text, seed, session) VALUES (?, ?, ?, ?, ?, ?, ?)",
		[]any{s.Step, s.Index, s.Prompt, s.Temperature, s.Text, strconv.FormatUint(s.Seed, 10), r.session},
	})
}

// Samples returns all samples by step and index.
func (r *Run) Samples() ([]Sample, error) {
	var out []Sample
	err := r.query(func(rows *sql.Rows) error {
		var s Sample
		var seed string
		if err := rows.Scan(&s.Step, &s.Index, &s.Prompt, &s.Temperature, &s.Text, &seed); err != nil {
			return err
		}
		var err error
		s.Seed, err = strconv.ParseUint(seed, 10, 64)
		out = append(out, s)
		return err
	}, "SELECT step, idx, prompt, temperature, text, seed FROM samples ORDER BY step, idx")
	return out, err
}

// Session is one opening of the run for writing: the provenance of what it wrote.
type Session struct {
	ID      int64     `json:"id"`
	At      time.Time `json:"at"`
	Command string    `json:"command"`
	Version string    `json:"version"`
	Kernels string    `json:"kernels"` // "avx512", "avx2", "go"
	Seed    uint64    `json:"seed"`
	Text    string    `json:"text"` // SHA-256
	Step    int64     `json:"step"` // training went on after this step; -1: this session trained nothing
	Note    string    `json:"note"` // what differed from the session before, "" if nothing
}

// begin records this session.
func (r *Run) begin(command string) error {
	res, err := r.db.Exec(
		"INSERT INTO sessions (at, command, version, kernels, seed, text, step, note) VALUES (?, ?, ?, ?, ?, ?, -1, '')",
		time.Now().UTC().Format(time.RFC3339), command, Version(), f32.Path(), strconv.FormatUint(r.info.Seed, 10), r.info.SHA256)
	if err != nil {
		return r.withPath(err)
	}
	r.session, err = res.LastInsertId()
	return err
}

// Session is the one this process writes under; its ID is 0 when reading.
func (r *Run) Session() (Session, error) {
	all, err := r.Sessions()
	for _, s := range all {
		if s.ID == r.session {
			return s, err
		}
	}
	return Session{}, err
}

// Sessions returns all sessions in order.
func (r *Run) Sessions() ([]Session, error) {
	var out []Session
	err := r.query(func(rows *sql.Rows) error {
		var s Session
		var at, seed string
		if err := rows.Scan(&s.ID, &at, &s.Command, &s.Version, &s.Kernels, &seed, &s.Text, &s.Step, &s.Note); err != nil {
			return err
		}
		var errAt, errSeed error
		s.At, errAt = time.Parse(time.RFC3339, at)
		s.Seed, errSeed = strconv.ParseUint(seed, 10, 64)
		out = append(out, s)
		return errors.Join(errAt, errSeed)
	}, "SELECT id, at, command, version, kernels, seed, text, step, note FROM sessions ORDER BY id")
	return out, err
}
