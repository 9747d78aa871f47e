package crew

import (
	"context"
	"sync"
)

// ForEach calls do(0..n-1) on up to workers goroutines and returns ctx's error. Once
// ctx is done, no further call begins.
func ForEach(ctx context.Context, n, workers int, do func(i int)) error {
	return TryEach(ctx, n, workers, func(_, i int) error {
		do(i)
		return nil
	})
}

// TryEach calls do(worker, 0..n-1) on up to workers goroutines (one at least, and then
// the caller's own), in ascending order of i where there is one. worker is below workers and never
// the same in two calls at once, so do may keep something for each. It stops at the
// first error, of the lowest i, whatever the timing, or when ctx is done.
func TryEach(ctx context.Context, n, workers int, do func(worker, i int) error) error {
	workers = min(workers, n)
	if workers <= 1 {
		for i := range n {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := do(0, i); err != nil {
				return err
			}
		}
		return ctx.Err()
	}
	var (
		mu     sync.Mutex
		next   int
		failed = n // the lowest i whose call failed
		first  error
		wg     sync.WaitGroup
	)
	// Numbers are handed out in order and every one before a failure is called,
	// so the error returned does not depend on timing.
	take := func() (int, bool) {
		mu.Lock()
		defer mu.Unlock()
		if next >= failed || ctx.Err() != nil {
			return 0, false
		}
		next++
		return next - 1, true
	}
	for worker := range workers {
		wg.Go(func() {
			for i, ok := take(); ok; i, ok = take() {
				if err := do(worker, i); err != nil {
					mu.Lock()
					if i < failed {
						failed, first = i, err
					}
					mu.Unlock()
				}
			}
		})
	}
	wg.Wait()
	if first != nil {
		return first
	}
	return ctx.Err()
}
