package run

import (
	"bufio"
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
	"runtime"
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
	lockName   = durable.LockName
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
	Sources  []string       `json:"sources"`           // what the text was read from
	Notes    []string       `json:"notes"`             // what reading it left out
	Dropped  []text.Span    `json:"dropped,omitempty"` // characters of the text as given that are not in the run's: byte order marks
	SHA256   string         `json:"sha256"`            // of the text, hex; "" without a text
	Bytes    int64          `json:"bytes"`             // of the text
	Symbols  int            `json:"symbols"`           // characters of the text
	Split    text.Split     `json:"split"`
	Config   *train.Config  `json:"config,omitempty"` // as asked for; nil for an imported network
	Alphabet *text.Alphabet `json:"alphabet"`
	States   string         `json:"states,omitempty"` // SHA-256 of the states, hex, of a run that has those of a network in its place
	Version  string         `json:"version"`
	Created  time.Time      `json:"created"`
}

// Run is an open run directory. Its methods may be called from several goroutines.
type Run struct {
	dir  string
	info Info
	lock *os.File // nil when opened for reading

	reading sync.Mutex
	corpus  *text.Corpus // once it was read

	mu      sync.Mutex
	db      *sql.DB
	file    fs.FileInfo // of run.db when it was opened
	session int64
	queue   []row
	queued  time.Time // when the oldest row of queue came
	notes   []string
}

// Create makes the directory dir, which must not exist, of a text and settings,
// and opens it for writing. The directory appears complete or not at all.
//
// Of info the caller fills Command, Seed, Split and Config. Errors match ErrExists or
// those of the file system.
func Create(dir string, info Info, corpus *text.Corpus) (*Run, error) {
	return createWith(dir, info.withCorpus(corpus), corpus, nil)
}

// Import is Create for a network without its text: weights become the run's only
// checkpoint. Of info the caller fills Name, Command, Sources, Notes and Alphabet.
func Import(dir string, info Info, weights *checkpoint.Checkpoint) (*Run, error) {
	return createWith(dir, info.withCorpus(nil), nil, weights)
}

func createWith(dir string, info Info, corpus *text.Corpus, weights *checkpoint.Checkpoint) (*Run, error) {
	dir = filepath.Clean(dir)
	if _, err := os.Lstat(dir); err == nil {
		return nil, fmt.Errorf("%s %w; choose another directory or remove it", dir, ErrExists)
	}
	parent := filepath.Dir(dir)
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return nil, fmt.Errorf("create run %s: %w", dir, err)
	}
	temp, lock, err := durable.Folder(dir)
	if err != nil {
		return nil, fmt.Errorf("create run %s: %w", dir, durable.Cause(err))
	}
	defer os.RemoveAll(temp) // after the rename there is nothing left under this name
	defer lock.Close()
	if err := populate(temp, info, corpus, weights); err != nil {
		return nil, fmt.Errorf("create run %s: %w", dir, err)
	}
	if runtime.GOOS == "windows" {
		lock.Close() // a folder with an open file in it cannot be renamed there
	}
	if err := os.Rename(temp, dir); err != nil {
		if _, e := os.Lstat(dir); e == nil {
			return nil, fmt.Errorf("%s %w; choose another directory or remove it", dir, ErrExists)
		}
		return nil, fmt.Errorf("create run %s: %w", dir, err)
	}
	lock.Close()
	if err := durable.SyncFolder(parent); err != nil {
		return nil, fmt.Errorf("create run %s: %w", dir, err)
	}
	r, err := openWriter(dir, info.Command)
	if err == nil {
		r.corpus = corpus
	}
	return r, err
}

func (i Info) withCorpus(c *text.Corpus) Info {
	i.Version, i.Created = Version(), time.Now().UTC().Truncate(time.Second)
	if c == nil {
		return i
	}
	sum := sha256.Sum256(c.Raw)
	i.Name, i.Sources, i.Notes, i.Dropped, i.Alphabet = c.Name, c.Sources, c.Notes, c.Dropped, c.Alphabet
	i.SHA256, i.Bytes, i.Symbols = hex.EncodeToString(sum[:]), int64(len(c.Raw)), len(c.IDs)
	return i
}

// populate writes the parts of a new run into temp.
func populate(temp string, info Info, corpus *text.Corpus, weights *checkpoint.Checkpoint) error {
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
	if weights != nil {
		if err := (&Run{dir: temp, info: info}).saveWeights(weights); err != nil {
			return err
		}
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
	r := &Run{dir: dir}
	if err := r.rollBack(); err != nil {
		return nil, err
	}
	err := r.open("ro")
	for try := 0; hot(err) && try < rollBackTries; try++ { // a writer was killed just now
		r = &Run{dir: dir}
		if err = r.rollBack(); err == nil {
			err = r.open("ro")
		}
	}
	if err != nil {
		return nil, err
	}
	return r, nil
}

// rollBackTries is how often a reader undoes what killed writers left before it gives up.
const rollBackTries = 20

// rollBack undoes the last, unfinished transaction of a killed writer, which a
// read-only connection may not. SQLite itself tells a dead writer's journal from a
// living one's, and lets one of several do it.
func (r *Run) rollBack() error {
	if _, err := os.Stat(filepath.Join(r.dir, dbName+"-journal")); err != nil {
		return nil
	}
	db, err := openDB(filepath.Join(r.dir, dbName), "rw")
	if err != nil {
		return err
	}
	err = errors.Join(checkSchemaError(db), db.Close())
	if errors.Is(err, ErrReadOnly) || errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("%s: its last writer was killed, and what it left must be undone where the run can be written: open it there once, or copy it: %w", r.dir, err)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", r.dir, err)
	}
	return nil
}

// OpenWriter opens a run for writing as a new session of command (as the user
// typed it). Only one process can: ErrLocked; other errors as Open's.
func OpenWriter(dir, command string) (*Run, error) {
	return openWriter(filepath.Clean(dir), command)
}

func openWriter(dir, command string) (*Run, error) {
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
	if err := errors.Join(r.tidy(), r.begin(command)); err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return r, nil
}

// tidy makes the folders that a copy or an archive without empty folders has lost, and
// removes what killed writers left.
func (r *Run) tidy() error {
	for _, name := range []string{"", stepsName, figureName} {
		dir := filepath.Join(r.dir, name)
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
		if err := durable.RemoveUnfinished(dir); err != nil {
			return err
		}
	}
	return nil
}

func takeLock(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, lockName), os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	if err := durable.TryLock(f); err != nil {
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
	db, err := os.Stat(filepath.Join(dir, dbName))
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s has no %s: %w", dir, dbName, ErrNotRun)
	}
	if err != nil {
		return err
	}
	if !db.Mode().IsRegular() {
		return fmt.Errorf("%s: %s is not a file: %w", dir, dbName, ErrNotRun)
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
	if err == nil {
		r.file, err = os.Stat(filepath.Join(r.dir, dbName))
	}
	if err != nil {
		return errors.Join(fmt.Errorf("%s: %w", r.dir, err), r.Close())
	}
	return nil
}

func (r *Run) readInfo() error {
	version, err := checkSchema(r.db)
	if err != nil {
		return err
	}
	s, err := readSettings(r.db)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(s, &r.info); err != nil {
		return fmt.Errorf("%w: settings: %w", ErrCorrupt, err)
	}
	if err := r.info.validate(); err != nil {
		return fmt.Errorf("%w: settings: %w", ErrCorrupt, err)
	}
	if version < schemaVersion {
		return sqlError(r.migrate())
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
	// Gone through once before memory is taken: a forged file unpacks to anything.
	sum := sha256.New()
	if err := r.unpack(sum); err != nil {
		return nil, err
	}
	if hex.EncodeToString(sum.Sum(nil)) != r.info.SHA256 {
		return nil, fmt.Errorf("%w: %s is not the text the run was made of", ErrCorrupt, r.textPath())
	}
	var buf bytes.Buffer
	buf.Grow(int(r.info.Bytes))
	err := r.unpack(&buf)
	return buf.Bytes(), err
}

func (r *Run) textPath() string { return filepath.Join(r.dir, textName) }

// unpack writes the text to w, as many bytes as were recorded.
func (r *Run) unpack(w io.Writer) error {
	f, err := durable.OpenRegular(r.textPath())
	if errors.Is(err, fs.ErrNotExist) {
		return r.noText()
	}
	if err != nil {
		return err
	}
	defer f.Close()
	z, err := gzip.NewReader(bufio.NewReader(f))
	if err != nil {
		return fmt.Errorf("%w: %s: %w", ErrCorrupt, f.Name(), err)
	}
	n, err := io.Copy(w, io.LimitReader(z, r.info.Bytes+1))
	if err != nil {
		return fmt.Errorf("%w: %s: %w", ErrCorrupt, f.Name(), err)
	}
	if n != r.info.Bytes {
		return fmt.Errorf("%w: %s is not the text the run was made of", ErrCorrupt, f.Name())
	}
	return nil
}

// noText says that the text, which belongs to the run, is not there.
func (r *Run) noText() error {
	return fmt.Errorf("%s is missing; put it back from a copy of the run: %w", r.textPath(), fs.ErrNotExist)
}

// Corpus is Text with its ids. It is unpacked, checked and encoded once and then held; nobody
// may change it.
func (r *Run) Corpus() (*text.Corpus, error) {
	r.reading.Lock()
	defer r.reading.Unlock()
	if r.corpus != nil {
		return r.corpus, nil
	}
	c, err := r.readCorpus()
	if err == nil {
		r.corpus = c
	}
	return c, err
}

// heldCorpus is the corpus if it is held already.
func (r *Run) heldCorpus() *text.Corpus {
	r.reading.Lock()
	defer r.reading.Unlock()
	return r.corpus
}

func (r *Run) readCorpus() (*text.Corpus, error) {
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
