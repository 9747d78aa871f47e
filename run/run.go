package run

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/rnnscope/rnnscope/checkpoint"
	"github.com/rnnscope/rnnscope/internal/durable"
	"github.com/rnnscope/rnnscope/internal/f32"
	"github.com/rnnscope/rnnscope/text"
	"github.com/rnnscope/rnnscope/train"
)

// Names inside a run directory.
const (
	dbName     = "run.db"
	lockName   = "run.lock"
	textName   = "text.gz"
	stepsName  = "checkpoints"
	figureName = "figures"
	reportName = "report.html"
	resumeName = "resume.safetensors"
)

// Info is what a run is made from; Create stores it and Run.Info gives it back.
type Info struct {
	Name     string         `json:"name"`
	Command  string         `json:"command"` // as the user typed it
	Seed     uint64         `json:"seed"`
	Sources  []string       `json:"sources"` // what the text was read from
	Notes    []string       `json:"notes"`   // what reading it left out
	SHA256   string         `json:"sha256"`  // of the text, hex; "" without a text
	Bytes    int64          `json:"bytes"`   // of the text
	Symbols  int            `json:"symbols"` // characters of the text
	Split    text.Split     `json:"split"`
	Config   *train.Config  `json:"config,omitempty"` // as asked for; nil for an imported network
	Alphabet *text.Alphabet `json:"alphabet"`
	Version  string         `json:"version"`
	Created  time.Time      `json:"created"`
}

// Run is an open run directory. Its methods may be called from several goroutines.
type Run struct {
	dir  string
	info Info
	lock *os.File // nil when opened for reading

	mu      sync.Mutex
	db      *sql.DB
	session int64
	queue   []row
	queued  time.Time // when the oldest row of queue came
}

// Create makes the directory dir, which must not exist, of a text and settings,
// and opens it for writing. corpus may be nil for a network without its text;
// info.Alphabet is then needed. The directory appears complete or not at all.
//
// Of info the caller fills Command, Seed, Split and Config, and Name, Sources,
// Notes and Alphabet where there is no corpus. Errors match ErrExists or those of
// the file system.
func Create(dir string, info Info, corpus *text.Corpus) (*Run, error) {
	dir = filepath.Clean(dir)
	if _, err := os.Lstat(dir); err == nil {
		return nil, fmt.Errorf("%s %w; choose another directory or remove it", dir, ErrExists)
	}
	parent := filepath.Dir(dir)
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return nil, fmt.Errorf("create run %s: %w", dir, err)
	}
	temp, err := os.MkdirTemp(parent, "."+filepath.Base(dir)+".unfinished-*")
	if err != nil {
		return nil, fmt.Errorf("create run %s: %w", dir, durable.Cause(err))
	}
	defer os.RemoveAll(temp) // after the rename there is nothing left under this name
	if err := populate(temp, info.withCorpus(corpus), corpus); err != nil {
		return nil, fmt.Errorf("create run %s: %w", dir, err)
	}
	if err := os.Rename(temp, dir); err != nil {
		if _, e := os.Lstat(dir); e == nil {
			return nil, fmt.Errorf("%s %w; choose another directory or remove it", dir, ErrExists)
		}
		return nil, fmt.Errorf("create run %s: %w", dir, err)
	}
	if err := durable.SyncFolder(parent); err != nil {
		return nil, fmt.Errorf("create run %s: %w", dir, err)
	}
	return openWriter(dir, info.Command, false)
}

func (i Info) withCorpus(c *text.Corpus) Info {
	i.Version, i.Created = Version(), time.Now().UTC().Truncate(time.Second)
	if c == nil {
		return i
	}
	sum := sha256.Sum256(c.Raw)
	i.Name, i.Sources, i.Notes, i.Alphabet = c.Name, c.Sources, c.Notes, c.Alphabet
	i.SHA256, i.Bytes, i.Symbols = hex.EncodeToString(sum[:]), int64(len(c.Raw)), len(c.IDs)
	return i
}

// populate writes the parts of a new run into temp.
func populate(temp string, info Info, corpus *text.Corpus) error {
	if err := os.Chmod(temp, 0o755); err != nil {
		return err
	}
	for _, name := range []string{stepsName, figureName} {
		if err := os.Mkdir(filepath.Join(temp, name), 0o755); err != nil {
			return err
		}
	}
	if corpus != nil {
		err := durable.WriteFile(filepath.Join(temp, textName), func(w io.Writer) error {
			z := gzip.NewWriter(w)
			if _, err := z.Write(corpus.Raw); err != nil {
				return err
			}
			return z.Close()
		})
		if err != nil {
			return err
		}
	}
	if err := os.WriteFile(filepath.Join(temp, lockName), nil, 0o644); err != nil {
		return err
	}
	db, err := openDB(filepath.Join(temp, dbName), "rwc")
	if err != nil {
		return err
	}
	return sqlError(errors.Join(fill(db, info), db.Close()))
}

func fill(db *sql.DB, info Info) error {
	if err := createSchema(db); err != nil {
		return err
	}
	b, err := json.Marshal(info)
	if err != nil {
		return err
	}
	_, err = db.Exec("INSERT INTO meta (key, value) VALUES ('info', ?)", string(b))
	return err
}

// Open opens a run for reading, also while another process writes it. Errors match
// ErrNotRun, ErrCorrupt, ErrNewer or those of the file system.
func Open(dir string) (*Run, error) {
	dir = filepath.Clean(dir)
	if err := isRun(dir); err != nil {
		return nil, err
	}
	if err := rollBack(dir); err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	r := &Run{dir: dir}
	return r, r.open("ro")
}

// rollBack undoes the last, unfinished transaction of a killed writer: a reader
// may not. A journal of a writer that is alive is none of our business.
func rollBack(dir string) error {
	if _, err := os.Stat(filepath.Join(dir, dbName+"-journal")); err != nil {
		return nil
	}
	lock, err := takeLock(dir)
	if errors.Is(err, ErrLocked) {
		return nil
	}
	if err != nil {
		return err
	}
	defer lock.Close()
	db, err := openDB(filepath.Join(dir, dbName), "rw")
	if err != nil {
		return err
	}
	return errors.Join(checkSchema(db), db.Close())
}

// OpenWriter opens a run for writing as a new session of command (as the user
// typed it). Only one process can: ErrLocked; other errors as Open's.
func OpenWriter(dir, command string) (*Run, error) {
	return openWriter(filepath.Clean(dir), command, true)
}

func openWriter(dir, command string, clean bool) (*Run, error) {
	if err := isRun(dir); err != nil {
		return nil, err
	}
	lock, err := takeLock(dir)
	if err != nil {
		return nil, err
	}
	r := &Run{dir: dir, lock: lock}
	if err := r.open("rw"); err != nil {
		return nil, err
	}
	if clean {
		if err := durable.RemoveUnfinished(filepath.Join(dir, stepsName)); err != nil {
			return nil, errors.Join(err, r.Close())
		}
	}
	if err := r.begin(command); err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return r, nil
}

func takeLock(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, lockName), os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	if err := lockFile(f); err != nil {
		f.Close()
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	return f, nil
}

func isRun(dir string) error {
	info, err := os.Stat(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no run at %s: %w", dir, fs.ErrNotExist)
	}
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return fmt.Errorf("%s is a file: %w", dir, ErrNotRun)
	}
	if _, err := os.Stat(filepath.Join(dir, dbName)); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s has no %s: %w", dir, dbName, ErrNotRun)
	} else if err != nil {
		return err
	}
	return nil
}

// open opens the database and reads Info. On an error the run is closed.
func (r *Run) open(mode string) error {
	db, err := openDB(filepath.Join(r.dir, dbName), mode)
	if err == nil {
		r.db = db
		err = r.readInfo()
	}
	if err != nil {
		return errors.Join(fmt.Errorf("%s: %w", r.dir, err), r.Close())
	}
	return nil
}

func (r *Run) readInfo() error {
	if err := checkSchema(r.db); err != nil {
		return err
	}
	var s string
	if err := r.db.QueryRow("SELECT value FROM meta WHERE key = 'info'").Scan(&s); err != nil {
		if errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("%w: run.db has no settings", ErrCorrupt)
		}
		return sqlError(err)
	}
	if err := json.Unmarshal([]byte(s), &r.info); err != nil {
		return fmt.Errorf("%w: settings: %w", ErrCorrupt, err)
	}
	if r.info.Alphabet == nil {
		return fmt.Errorf("%w: settings without an alphabet", ErrCorrupt)
	}
	return nil
}

// Close writes what is queued and lets go of the directory.
func (r *Run) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	var errs []error
	if r.db != nil {
		errs = append(errs, r.flush(), r.db.Close())
		r.db = nil
	}
	if r.lock != nil {
		errs = append(errs, r.lock.Close())
		r.lock = nil
	}
	return errors.Join(errs...)
}

// Dir is the directory.
func (r *Run) Dir() string { return r.dir }

// Info is what the run was made from.
func (r *Run) Info() Info { return r.info }

// ReportPath is where the HTML report belongs.
func (r *Run) ReportPath() string { return filepath.Join(r.dir, reportName) }

// FigurePath is where the figure file name belongs.
func (r *Run) FigurePath(name string) string { return filepath.Join(r.dir, figureName, name) }

// Text reads the run's text and checks it against its SHA-256. Errors match
// ErrNoText or ErrCorrupt.
func (r *Run) Text() ([]byte, error) {
	if r.info.SHA256 == "" {
		return nil, fmt.Errorf("%s: %w", r.dir, ErrNoText)
	}
	f, err := os.Open(filepath.Join(r.dir, textName))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrCorrupt, f.Name(), err)
	}
	// The recorded length bounds what a forged file can unpack to.
	var buf bytes.Buffer
	if _, err := io.Copy(&buf, io.LimitReader(z, r.info.Bytes+1)); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrCorrupt, f.Name(), err)
	}
	sum := sha256.Sum256(buf.Bytes())
	if hex.EncodeToString(sum[:]) != r.info.SHA256 {
		return nil, fmt.Errorf("%w: %s is not the text the run was made of", ErrCorrupt, f.Name())
	}
	return buf.Bytes(), nil
}

// Corpus is Text with its ids.
func (r *Run) Corpus() (*text.Corpus, error) {
	raw, err := r.Text()
	if err != nil {
		return nil, err
	}
	ids, err := r.info.Alphabet.Encode(raw, text.UnknownError)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrCorrupt, textName, err)
	}
	return &text.Corpus{
		Name: r.info.Name, Sources: r.info.Sources, Notes: r.info.Notes,
		Raw: raw, SHA256: r.info.SHA256, Alphabet: r.info.Alphabet, IDs: ids,
	}, nil
}

// meta is what goes into the metadata of every checkpoint of this session.
func (r *Run) meta() map[string]string {
	m := map[string]string{
		checkpoint.MetaVersion: Version(),
		checkpoint.MetaSeed:    strconv.FormatUint(r.info.Seed, 10),
		checkpoint.MetaKernels: f32.Path(),
	}
	if r.info.SHA256 != "" {
		m[checkpoint.MetaText] = r.info.SHA256
	}
	return m
}
