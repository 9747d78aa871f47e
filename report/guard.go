package report

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/rnnscope/rnnscope/run"
)

// stopTime is how long drawing that was asked to stop may go on before it is left.
const stopTime = 2 * time.Second

// guarded does what speaks of stored results. They may come from anywhere, and a page has
// hundreds of places that rely on what a result of this program holds: what one of them
// cannot be made of is an error that matches run.ErrCorrupt, and work that a forged figure
// makes endless is left when ctx is done.
func guarded(ctx context.Context, work func() error) error {
	done := make(chan error, 1)
	go func() {
		defer func() {
			if p := recover(); p != nil {
				done <- fmt.Errorf("report: %w: what is stored contradicts itself: %v", run.ErrCorrupt, p)
			}
		}()
		done <- work()
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	select {
	case err := <-done:
		return err
	case <-time.After(stopTime):
		return ctx.Err()
	}
}

// ownFolder refuses a folder of a run that leads out of it.
func ownFolder(dir string) error {
	info, err := os.Lstat(dir)
	if err == nil && info.Mode()&os.ModeSymlink != 0 {
		return fmt.Errorf("report: %s is a link to another place: remove it, or write elsewhere with --out DIR", dir)
	}
	return nil
}
