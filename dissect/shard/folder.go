package shard

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rnnscope/rnnscope/internal/durable"
)

// Plan is what all tasks of one dissection agree on: whatever a figure depends on.
type Plan struct {
	Format   int         `json:"format"`
	Program  string      `json:"program"`
	Kernels  string      `json:"kernels"` // other kernels give other bits
	Text     string      `json:"text"`
	SHA256   string      `json:"text_sha256"`
	Split    string      `json:"split"`
	Step     int64       `json:"step"`
	Weights  string      `json:"weights_sha256"`
	Sites    []string    `json:"sites"`
	Concepts []string    `json:"concepts"` // with their definitions
	Labels   []LabelFile `json:"labels,omitempty"`
	Controls int         `json:"untrained"`
	Places   int         `json:"positions"`
	Draws    int         `json:"draws"`
	Seed     uint64      `json:"seed"`
	Rules    bool        `json:"any_rule"`
	Shards   int         `json:"shards"`
}

// LabelFile is a concept of a label file: what the file said.
type LabelFile struct {
	Concept string `json:"concept"`
	SHA256  string `json:"sha256"`
}

// Format is the version of the files.
const Format = 1

// Key names a plan: two dissections that could differ in a figure have two keys.
func (p Plan) Key() string {
	b, err := json.Marshal(p)
	if err != nil {
		panic("shard: a plan is plain data: " + err.Error())
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:6])
}

// Folder is where the tasks of a plan meet.
type Folder struct {
	Dir  string // of this plan
	Plan Plan
	key  string
}

// ErrMissing marks files that a round needs and that are not there yet.
var ErrMissing = errors.New("not there yet")

// ErrLabels: a label file says something else than when the dissection was begun.
var ErrLabels = errors.New("label file changed")

// OpenFolder opens the folder of a plan below root and makes it if there is none. Where another one
// below root waits for shards and differs from it by what label files say alone, one of them was
// changed between two tasks, which would never meet: the error matches ErrLabels.
func OpenFolder(root string, p Plan) (*Folder, error) {
	f := &Folder{Dir: filepath.Join(root, p.Key()), Plan: p, key: p.Key()}
	if err := SameLabels(root, p); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(f.Dir, 0o755); err != nil {
		return nil, err
	}
	return f, f.writeOnce(planName, p)
}

// SameLabels fails with ErrLabels where a dissection below root that is not whole is p but for what
// label files say.
func SameLabels(root string, p Plan) error {
	if len(p.Labels) == 0 {
		return nil
	}
	entries, err := os.ReadDir(root)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, e := range entries {
		dir := filepath.Join(root, e.Name())
		b, err := ReadSmall(filepath.Join(dir, planName))
		if e.Name() == p.Key() || err != nil || IsMerged(dir) {
			continue
		}
		var other Plan
		if json.Unmarshal(b, &other) == nil && other.Key() == e.Name() && other.withoutLabels() == p.withoutLabels() {
			return fmt.Errorf("%w: %s: the dissection %s was begun with other labels; put the file back as it was, or remove %s and begin anew",
				ErrLabels, strings.Join(p.otherLabels(other), ", "), e.Name(), dir)
		}
	}
	return nil
}

// withoutLabels is the key of a plan but for what label files say.
func (p Plan) withoutLabels() string {
	p.Concepts = slices.Clone(p.Concepts)
	for i, c := range p.Concepts {
		if name, _, _ := strings.Cut(c, ": "); slices.ContainsFunc(p.Labels, func(l LabelFile) bool { return l.Concept == name }) {
			p.Concepts[i] = name
		}
	}
	p.Labels = nil
	return p.Key()
}

// otherLabels are the concepts whose labels are not those of q.
func (p Plan) otherLabels(q Plan) []string {
	var out []string
	for _, l := range p.Labels {
		if !slices.Contains(q.Labels, l) {
			out = append(out, l.Concept)
		}
	}
	return out
}

const planName = "plan.json"

// writeOnce writes what is the same whoever writes it.
func (f *Folder) writeOnce(name string, v any) error {
	b, err := asJSON(v)
	if err != nil {
		return err
	}
	return f.writeBytes(name, b)
}

// asJSON is v as it stands in a file.
func asJSON(v any) ([]byte, error) {
	b, err := json.MarshalIndent(v, "", "  ")
	return append(b, '\n'), err
}

func (f *Folder) writeBytes(name string, b []byte) error {
	path := filepath.Join(f.Dir, name)
	if old, err := readRegular(path, int64(len(b))); err == nil && bytes.Equal(old, b) {
		return nil
	}
	return durable.WriteFile(path, func(w io.Writer) error { _, err := w.Write(b); return err })
}

// Merged tells whether the dissection is whole.
func (f *Folder) Merged() bool { return IsMerged(f.Dir) }

// IsMerged tells whether the dissection of a folder is whole.
func IsMerged(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, mergedName))
	return err == nil
}

const (
	mergedName = "merged"
	resultName = "result.json"
)

// mostResult bounds a result that is kept and read, in bytes.
var mostResult int64 = 256 << 20 // tests set it

// ReadSmall reads a file that says what a dissection is: a file on a disk, of a few kB.
func ReadSmall(path string) ([]byte, error) { return readRegular(path, 16<<20) }

// readRegular reads a file on a disk of at most limit bytes: a pipe would block for ever.
func readRegular(path string, limit int64) ([]byte, error) {
	file, err := durable.OpenRegular(path)
	if err != nil {
		return nil, err
	}
	defer file.Close() // read only
	b, err := durable.ReadAll(context.Background(), file, limit)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return b, nil
}

// ReadMerged reads the result of a whole dissection into v. The error matches fs.ErrNotExist where none is
// kept: it was too large, or an earlier version merged it.
func ReadMerged(dir string, v any) error {
	path := filepath.Join(dir, resultName)
	b, err := readRegular(path, mostResult)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(b, v); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// Finish keeps the result, marks the dissection as whole and removes what its tasks left. A result that
// ReadMerged would not read is not kept here: it is in the run.
func (f *Folder) Finish(result any) error {
	b, err := asJSON(result)
	if err != nil {
		return err
	}
	if int64(len(b)) <= mostResult {
		if err := f.writeBytes(resultName, b); err != nil {
			return err
		}
	}
	if err := f.writeOnce(mergedName, f.key); err != nil {
		return err
	}
	entries, err := os.ReadDir(f.Dir)
	if err != nil {
		return err
	}
	var errs []error
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), suffix) {
			errs = append(errs, os.Remove(filepath.Join(f.Dir, e.Name())))
		}
	}
	return errors.Join(errs...)
}

const suffix = ".shard"

// path of the file of a round and shard, which is counted from 1 as people count.
func (f *Folder) path(round string, i int) string {
	return filepath.Join(f.Dir, fmt.Sprintf("%s-%d-of-%d%s", round, i+1, f.Plan.Shards, suffix))
}

// Has tells whether a shard has left what it makes in a round.
func (f *Folder) Has(round string, i int) bool {
	_, err := os.Stat(f.path(round, i))
	return err == nil
}

// Missing are the shards, counted from 1, that have not left theirs.
func (f *Folder) Missing(round string) []int {
	var out []int
	for i := range f.Plan.Shards {
		if !f.Has(round, i) {
			out = append(out, i+1)
		}
	}
	return out
}

// Need is an error that matches ErrMissing unless a round is whole.
func (f *Folder) Need(round string) error {
	missing := f.Missing(round)
	if len(missing) == 0 {
		return nil
	}
	some, more := missing[:min(8, len(missing))], ""
	if len(missing) > len(some) {
		more = " ..."
	}
	return fmt.Errorf("%d of %d shards of the round %q are %w: %s%s",
		len(missing), f.Plan.Shards, round, ErrMissing, strings.Trim(fmt.Sprint(some), "[]"), more)
}

// Contradicts is an error that matches ErrDamaged: each file of a round is whole by itself, but together they
// cannot be of one text, as err says.
func (f *Folder) Contradicts(round string, err error) error {
	return fmt.Errorf("the shards of the round %q in %s are %w: %w; remove %s and run them again", round, f.Dir, ErrDamaged, err, filepath.Join(f.Dir, round+"-*"+suffix))
}

// line is the first line of a file: whose it is.
type line struct {
	Key   string          `json:"key"`
	Round string          `json:"round"`
	Shard int             `json:"shard"`
	More  json.RawMessage `json:"more,omitempty"`
	Sum   uint32          `json:"sum"` // check sum of More
}

// mostLine bounds the first line, in bytes.
const mostLine = 1 << 20

// Save writes what a shard makes in a round.
func (f *Folder) Save(round string, i int, visit func(c *Coder)) error {
	return durable.WriteFile(f.path(round, i), func(w io.Writer) error {
		if err := f.begin(w, round, i, nil); err != nil {
			return err
		}
		c := writing(w)
		visit(c)
		return c.close(w)
	})
}

func (f *Folder) begin(w io.Writer, round string, i int, more any) error {
	l := line{Key: f.key, Round: round, Shard: i}
	if more != nil {
		b, err := json.Marshal(more)
		if err != nil {
			return err
		}
		l.More, l.Sum = b, crc32.Checksum(b, castagnoli)
	}
	b, err := json.Marshal(l)
	if err != nil {
		return err
	}
	_, err = w.Write(append(b, '\n'))
	return err
}

// Load reads what a shard made in a round. Errors match ErrMissing, ErrDamaged or are the medium's.
func (f *Folder) Load(round string, i int, visit func(c *Coder)) error {
	file, size, _, err := f.open(round, i)
	if err != nil {
		return err
	}
	defer file.Close() // read only
	c := reading(file, size)
	visit(c)
	if err := c.done(file); err != nil {
		return fmt.Errorf("%s is %w; remove it and run shard %d again", file.Name(), err, i+1)
	}
	return nil
}

// open gives a file behind its first line, the number of bytes left in it, and what the line says more.
func (f *Folder) open(round string, i int) (file *os.File, size int64, more json.RawMessage, err error) {
	file, err = durable.OpenRegular(f.path(round, i))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, nil, fmt.Errorf("shard %d of the round %q is %w", i+1, round, ErrMissing)
	}
	if err != nil {
		return nil, 0, nil, err
	}
	defer func() {
		if err != nil {
			_ = file.Close() // read only
		}
	}()
	info, err := file.Stat()
	if err != nil {
		return nil, 0, nil, err
	}
	first := make([]byte, min(info.Size(), mostLine))
	if _, err := io.ReadFull(file, first); err != nil {
		return nil, 0, nil, err
	}
	at := bytes.IndexByte(first, '\n')
	var l line
	if at < 0 || json.Unmarshal(first[:at], &l) != nil || l.Sum != crc32.Checksum(l.More, castagnoli) || l.Key != f.key || l.Round != round || l.Shard != i {
		return nil, 0, nil, fmt.Errorf("%s is %w: it is not of this dissection; remove it and run shard %d again", file.Name(), ErrDamaged, i+1)
	}
	size = info.Size() - int64(at) - 1
	if size < 4 {
		return nil, 0, nil, fmt.Errorf("%s is %w: it ends early; remove it and run shard %d again", file.Name(), ErrDamaged, i+1)
	}
	_, err = file.Seek(int64(at)+1, io.SeekStart)
	return file, size, l.More, err
}
