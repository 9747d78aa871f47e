package durable

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// Mark is in the name of every unfinished file or folder, so that one left behind
// by a killed process is known for what it is.
const Mark = ".unfinished-"

// WriteFile writes path so that a reader, and a process killed at any moment,
// sees the old file or the new one and nothing between: the bytes go to a
// temporary file in the same folder, which is synced, renamed over path, and the
// folder synced. When write or the disk fails, path is untouched and the temporary
// file is gone. What a killed process left of the same path is removed.
func WriteFile(path string, write func(w io.Writer) error) (err error) {
	dir, base := filepath.Split(path)
	if dir == "" {
		dir = "."
	}
	prefix := "." + base + Mark
	_ = removeUnfinished(dir, prefix) // what cannot be removed does not keep anybody from writing
	f, err := unfinishedFile(dir, prefix)
	if err != nil {
		return fmt.Errorf("write %s: %w", path, Cause(err))
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
			err = fmt.Errorf("write %s: %w", path, Cause(err))
		}
	}()
	buf := bufio.NewWriterSize(f, 1<<16)
	if err := write(buf); err != nil {
		return err
	}
	if err := buf.Flush(); err != nil {
		return err
	}
	if err := f.Chmod(0o644); err != nil && runtime.GOOS != "windows" {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := rename(f, path); err != nil {
		return err
	}
	return SyncFolder(dir)
}

// rename gives f its name while it is still locked, where the system renames open files.
func rename(f *os.File, path string) error {
	if runtime.GOOS == "windows" {
		return errors.Join(f.Close(), os.Rename(f.Name(), path))
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	return f.Close()
}

// startTries bounds how often another process may take a new file for an abandoned
// one before it is locked.
const startTries = 100

// unfinishedFile makes a temporary file and locks it, which tells RemoveUnfinished that
// somebody is at it. Some file systems have no locks: there nothing is removed.
func unfinishedFile(dir, prefix string) (*os.File, error) {
	for try := 0; ; try++ {
		f, err := os.CreateTemp(dir, prefix+"*")
		if err != nil {
			return nil, err
		}
		if err := TryLock(f); (err == nil || !errors.Is(err, ErrLocked)) && same(f) {
			return f, nil
		}
		f.Close()
		os.Remove(f.Name())
		if try == startTries {
			return nil, ErrLocked
		}
	}
}

// same tells whether f is still what its name leads to.
func same(f *os.File) bool {
	a, err := f.Stat()
	if err != nil {
		return false
	}
	b, err := os.Lstat(f.Name())
	return err == nil && os.SameFile(a, b)
}

// Folder makes an empty folder beside path, to be filled and renamed to it, and the
// lock that tells RemoveUnfinished that somebody is at it: the file LockName inside.
// What killed processes left of the same path is removed.
func Folder(path string) (dir string, lock *os.File, err error) {
	parent, base := filepath.Split(filepath.Clean(path))
	if parent == "" {
		parent = "."
	}
	prefix := "." + base + Mark
	_ = removeUnfinished(parent, prefix)
	for try := 0; ; try++ {
		if dir, err = os.MkdirTemp(parent, prefix+"*"); err != nil {
			return "", nil, err
		}
		lock, err = os.OpenFile(filepath.Join(dir, LockName), os.O_RDWR|os.O_CREATE, 0o644)
		if err == nil {
			if e := TryLock(lock); (e == nil || !errors.Is(e, ErrLocked)) && same(lock) {
				return dir, lock, nil
			}
			lock.Close()
		}
		os.RemoveAll(dir)
		if try == startTries {
			return "", nil, errors.Join(err, ErrLocked)
		}
	}
}

// Cause takes the path off an error of the file system, for messages about files
// under temporary names nobody asked for.
func Cause(err error) error {
	if p, ok := err.(*os.PathError); ok {
		return p.Err
	}
	return err
}

// SyncFolder makes renames in dir survive a loss of power. Windows offers no such
// call for a folder and needs none, so there it does nothing.
func SyncFolder(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// RemoveUnfinished deletes the files and folders that killed writers left in dir. A
// missing dir has none. What a living process is writing stays.
func RemoveUnfinished(dir string) error { return removeUnfinished(dir, "") }

// LockName is the lock of an unfinished folder, held by whoever fills it.
const LockName = "run.lock"

// startTime is how long a writer may need from making a folder to locking it.
const startTime = time.Minute

func removeUnfinished(dir, prefix string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, e := range entries {
		name := e.Name()
		if !strings.HasPrefix(name, ".") || !strings.HasPrefix(name, prefix) || !strings.Contains(name, Mark) {
			continue
		}
		if err := removeAbandoned(filepath.Join(dir, name), e); err != nil {
			return err
		}
	}
	return nil
}

// removeAbandoned removes path if nobody is writing it any more, keeping its lock
// until it is gone.
func removeAbandoned(path string, e os.DirEntry) error {
	locked := path
	if e.IsDir() {
		locked = filepath.Join(path, LockName)
	} else if !e.Type().IsRegular() {
		return nil
	}
	f, err := os.OpenFile(locked, os.O_RDWR, 0)
	if e.IsDir() && errors.Is(err, os.ErrNotExist) && older(e, startTime) {
		return os.RemoveAll(path)
	}
	if err != nil {
		return nil // gone meanwhile, or not ours to touch
	}
	defer f.Close()
	if TryLock(f) != nil || !same(f) {
		return nil
	}
	if runtime.GOOS == "windows" {
		f.Close() // an open file cannot be removed there
	}
	return os.RemoveAll(path)
}

func older(e os.DirEntry, than time.Duration) bool {
	info, err := e.Info()
	return err == nil && time.Since(info.ModTime()) > than
}
