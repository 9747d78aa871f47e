// Package shelf finds the runs below one directory, opens them for reading, and lets nothing outside it be reached: links that
// lead out are passed over, and a run with a file that is such a link is refused.
package shelf

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/rnnscope/rnnscope/checkpoint"
	"github.com/rnnscope/rnnscope/run"
	"github.com/rnnscope/rnnscope/text"

	"github.com/rnnscope/rnnscope/web/cache"
	"github.com/rnnscope/rnnscope/web/guard"
)

// How far runs are looked for, and how much of them is kept at hand.
const (
	shelfDepth   = 3
	shelfFolders = 20_000
	shelfRuns    = 2000
	keptRuns     = 32
	keptTexts    = 4
	networkBytes = 192 << 20
	rescan       = time.Second
)

// weightsName is the folder of a run that holds its weights.
const weightsName = "checkpoints"

// Why a run is not given; match with errors.Is.
var (
	ErrNoRun   = errors.New("there is no such run here")
	ErrOutside = errors.New("leads out of the served directory")
)

// Shelf knows the runs below one directory, and keeps what was opened of them.
type Shelf struct {
	root  string // absolute, without symbolic links
	spare string // a run elsewhere, shown while there is none below root; "": none

	mu          sync.Mutex
	scanned     time.Time
	stamped     time.Time
	stamps      map[string]time.Time // see Stamps
	dirs        map[string]string    // by id
	runs        *cache.Cache[string, *Run]
	networks    *cache.Cache[networkKey, *checkpoint.Checkpoint]
	newestSteps map[string]newestStep // by id
	texts       *cache.Cache[string, *openText]
}

type networkKey struct {
	run     string
	created int64 // a run made anew under the same name is another
	step    int64
}

// Run is a run with what tells whether its directory is still the same.
type Run struct {
	*run.Run
	info os.FileInfo // of run.db
}

// ModTime is when the run was last written to, as it was opened.
func (r *Run) ModTime() time.Time { return r.info.ModTime() }

// openText is a text with what ends the file behind it.
type openText struct {
	file *text.File
	stop context.CancelFunc
}

// New looks at a directory. Errors are the file system's; a file is refused.
func New(dir string) (*Shelf, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	root, err := filepath.EvalSymlinks(abs)
	if err != nil {
		return nil, err
	}
	if info, err := os.Stat(root); err != nil {
		return nil, err
	} else if !info.IsDir() {
		return nil, fmt.Errorf("%s is a file; give a directory of runs", dir)
	}
	s := &Shelf{root: root, newestSteps: map[string]newestStep{}}
	s.runs = cache.New[string](keptRuns, func(r *Run) int64 { return 1 }, func(r *Run) { r.Close() })
	s.networks = cache.New[networkKey](networkBytes, networkSize, nil)
	s.texts = cache.New[string](keptTexts, func(*openText) int64 { return 1 }, func(t *openText) { t.file.Close(); t.stop() })
	return s, nil
}

func networkSize(c *checkpoint.Checkpoint) int64 { return 8 * int64(c.Model.Config().Parameters()) }

// Spare names a run that is shown, as "example", while there is none below the directory. Call it before the shelf is used.
func (s *Shelf) Spare(dir string) error {
	abs, err := filepath.Abs(dir)
	if err == nil {
		s.spare, err = filepath.EvalSymlinks(abs)
	}
	return err
}

// Root is the directory, absolute and without symbolic links.
func (s *Shelf) Root() string { return s.root }

// Close lets go of all that was opened and nobody uses.
func (s *Shelf) Close() {
	s.runs.Clear()
	s.texts.Clear()
	s.networks.Clear()
}

// inside says whether a path, links followed, lies in the served directory.
func (s *Shelf) inside(path string) error {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return err
	}
	if within(s.root, real) || s.spare != "" && within(s.spare, real) {
		return nil
	}
	return fmt.Errorf("%s %w", s.Path(path), ErrOutside)
}

func within(root, path string) bool {
	rel, err := filepath.Rel(root, path)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

// list is the runs by id. Links that lead out are passed over.
func (s *Shelf) list() map[string]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.dirs != nil && time.Since(s.scanned) < rescan {
		return s.dirs
	}
	s.dirs, s.scanned = map[string]string{}, time.Now()
	folders := 0
	s.look(s.root, "", &folders)
	if len(s.dirs) == 0 && s.spare != "" {
		s.dirs["example"] = s.spare
	}
	return s.dirs
}

func (s *Shelf) look(dir, rel string, folders *int) {
	if *folders++; *folders > shelfFolders || len(s.dirs) >= shelfRuns {
		return
	}
	if _, err := os.Lstat(filepath.Join(dir, "run.db")); err == nil {
		s.dirs[runID(s.root, rel)] = dir
		return
	}
	if rel != "" && strings.Count(rel, "/")+1 >= shelfDepth {
		return
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") {
			continue
		}
		path := filepath.Join(dir, e.Name())
		if e.Type()&fs.ModeSymlink != 0 {
			if s.inside(path) != nil {
				continue
			}
			if info, err := os.Stat(path); err != nil || !info.IsDir() {
				continue
			}
		} else if !e.IsDir() {
			continue
		}
		s.look(path, strings.TrimPrefix(rel+"/"+e.Name(), "/"), folders)
	}
}

// runID names a run in addresses: its path with ~ for /, so that it is one piece of a path.
func runID(root, rel string) string {
	if rel == "" {
		return filepath.Base(root)
	}
	return strings.ReplaceAll(rel, "/", "~")
}

// Dir is the directory of a run, all of whose files lie inside.
func (s *Shelf) Dir(id string) (string, error) {
	dir, ok := s.list()[id]
	if !ok {
		return "", fmt.Errorf("%w: %q", ErrNoRun, id)
	}
	if err := s.checkLinks(dir); err != nil {
		return "", err
	}
	return dir, nil
}

// DirAt is the directory of a run by its path below the served one; "." is the served directory itself. Errors match ErrNoRun
// or ErrOutside.
func (s *Shelf) DirAt(path string) (string, error) {
	local := filepath.FromSlash(path)
	if !filepath.IsLocal(local) {
		return "", fmt.Errorf("%w: %q", ErrNoRun, path)
	}
	rel := filepath.ToSlash(filepath.Clean(local))
	if rel == "." {
		rel = ""
	}
	return s.Dir(runID(s.root, rel))
}

// Path is how a run's directory is called: from the served directory on.
func (s *Shelf) Path(dir string) string {
	if s.spare != "" && within(s.spare, dir) {
		return "example"
	}
	rel, _ := filepath.Rel(s.root, dir)
	return filepath.ToSlash(rel)
}

// Paths is the runs by their paths below the served directory, in order.
func (s *Shelf) Paths() []string {
	var all []string
	for _, dir := range s.list() {
		all = append(all, s.Path(dir))
	}
	slices.Sort(all)
	return all
}

// checkLinks refuses a run of which a file is a link that leads out.
func (s *Shelf) checkLinks(dir string) error {
	for _, sub := range []string{"", weightsName} {
		folder := filepath.Join(dir, sub)
		if err := s.inside(folder); errors.Is(err, fs.ErrNotExist) && sub != "" {
			continue
		} else if err != nil {
			return err
		}
		entries, err := os.ReadDir(folder)
		if err != nil {
			return err
		}
		for _, e := range entries {
			if e.Type()&fs.ModeSymlink == 0 {
				continue
			}
			if err := s.inside(filepath.Join(folder, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// Open gives a run for reading; the caller calls done when it no longer uses it.
func (s *Shelf) Open(id string) (r *Run, done func(), err error) {
	dir, err := s.Dir(id)
	if err != nil {
		return nil, nil, err
	}
	info, err := os.Stat(filepath.Join(dir, "run.db"))
	if err != nil {
		return nil, nil, err
	}
	if r, done, ok := s.runs.Get(id); ok {
		same := os.SameFile(r.info, info)
		if same && r.info.ModTime().Equal(info.ModTime()) {
			return r, done, nil
		}
		done()
		if !same {
			s.forget(id)
		}
		// What was stored since is seen by a reader that is opened anew.
		s.runs.Drop(func(k string) bool { return k == id })
	}
	opened, err := run.Open(dir)
	if err != nil {
		return nil, nil, err
	}
	r, done = s.runs.Put(id, &Run{opened, info})
	return r, done, nil
}

// forget lets go of what was read of a run: it was made anew.
func (s *Shelf) forget(id string) {
	s.runs.Drop(func(k string) bool { return k == id })
	s.texts.Drop(func(k string) bool { return k == id })
	s.networks.Drop(func(k networkKey) bool { return k.run == id })
	s.mu.Lock()
	delete(s.newestSteps, id)
	s.mu.Unlock()
}

// Network gives the weights of a step, or for -1 the newest, which are those that commands take: run.Run.Latest.
func (s *Shelf) Network(id string, r *Run, step int64) (*checkpoint.Checkpoint, func(), error) {
	if step < -1 {
		return nil, nil, fmt.Errorf("%w: step %d; want a step of the training", guard.ErrRequest, step)
	}
	if step == -1 {
		return s.newest(id, r)
	}
	key := networkKey{id, r.Info().Created.UnixNano(), step}
	if ck, done, ok := s.networks.Get(key); ok {
		return ck, done, nil
	}
	ck, err := r.Checkpoint(step)
	if err != nil {
		return nil, nil, err
	}
	ck, done := s.networks.Put(key, ck)
	return ck, done, nil
}

// newestStep is which step is the newest of a run while its folder of weights is what it was.
type newestStep struct {
	key     networkKey
	changed time.Time // of the folder: every file of weights is put there by a renaming
}

// newest reads the newest weights of a run once until others are saved.
func (s *Shelf) newest(id string, r *Run) (*checkpoint.Checkpoint, func(), error) {
	info, err := os.Stat(filepath.Join(r.Dir(), weightsName))
	if err != nil { // a run without weights: it says so itself
		ck, err := r.Latest()
		return ck, func() {}, err
	}
	s.mu.Lock()
	known, ok := s.newestSteps[id]
	s.mu.Unlock()
	if ok && known.changed.Equal(info.ModTime()) && known.key.created == r.Info().Created.UnixNano() {
		if ck, done, ok := s.networks.Get(known.key); ok {
			return ck, done, nil
		}
	}
	ck, err := r.Latest()
	if err != nil {
		return nil, nil, err
	}
	key := networkKey{id, r.Info().Created.UnixNano(), ck.Step}
	s.mu.Lock()
	s.newestSteps[id] = newestStep{key, info.ModTime()}
	s.mu.Unlock()
	ck, done := s.networks.Put(key, ck)
	return ck, done, nil
}

// Source gives the run's text. The first time it is gone through once, which for a large
// text takes a while.
func (s *Shelf) Source(ctx context.Context, id string, r *Run) (*text.File, func(), error) {
	if t, done, ok := s.texts.Get(id); ok {
		return t.file, done, nil
	}
	own, stop := context.WithCancel(context.WithoutCancel(ctx))
	release := context.AfterFunc(ctx, stop)
	f, err := r.Source(own)
	if err != nil || !release() {
		stop()
		if err == nil {
			f.Close()
			err = ctx.Err()
		}
		return nil, nil, err
	}
	t, done := s.texts.Put(id, &openText{f, stop})
	return t.file, done, nil
}

// Stamps is when each run was written to last. It looks at the disk once a second at most, however many ask.
func (s *Shelf) Stamps() map[string]time.Time {
	dirs := s.list()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stamps != nil && time.Since(s.stamped) < rescan*9/10 {
		return s.stamps
	}
	s.stamps, s.stamped = make(map[string]time.Time, len(dirs)), time.Now()
	for id, dir := range dirs {
		if info, err := os.Stat(filepath.Join(dir, "run.db")); err == nil {
			s.stamps[id] = info.ModTime()
		}
	}
	return s.stamps
}

// IDs is the ids in order.
func (s *Shelf) IDs() []string {
	var ids []string
	for id := range s.list() {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b string) int { return cmp.Compare(strings.ToLower(a), strings.ToLower(b)) })
	return ids
}
