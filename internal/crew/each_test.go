package crew

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
)

func TestForEachCallsEveryNumberOnce(t *testing.T) {
	for _, workers := range []int{-1, 0, 1, 3, 200} {
		var calls [100]atomic.Int32
		if err := ForEach(context.Background(), len(calls), workers, func(i int) { calls[i].Add(1) }); err != nil {
			t.Fatal(err)
		}
		for i := range calls {
			if n := calls[i].Load(); n != 1 {
				t.Errorf("%d workers: %d was called %d times", workers, i, n)
			}
		}
	}
}

func TestTryEachReturnsTheLowestError(t *testing.T) {
	for _, workers := range []int{1, 2, 8} {
		for range 50 {
			err := TryEach(context.Background(), 100, workers, func(_, i int) error {
				if i >= 17 && i%2 == 1 {
					return fmt.Errorf("number %d", i)
				}
				return nil
			})
			if err == nil || err.Error() != "number 17" {
				t.Fatalf("%d workers: %v", workers, err)
			}
		}
	}
}

func TestTryEachKeepsWorkersApart(t *testing.T) {
	var busy [4]atomic.Bool
	err := TryEach(context.Background(), 1000, len(busy), func(worker, _ int) error {
		if busy[worker].Swap(true) {
			return errors.New("one worker in two calls at once")
		}
		busy[worker].Store(false)
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestForEachStopsWithItsContext(t *testing.T) {
	for _, workers := range []int{1, 4} {
		ctx, cancel := context.WithCancel(context.Background())
		var calls atomic.Int32
		err := ForEach(ctx, 1000, workers, func(i int) {
			calls.Add(1)
			if i == 10 {
				cancel()
			}
		})
		if n := calls.Load(); !errors.Is(err, context.Canceled) || n > 10+int32(workers) {
			t.Errorf("%d workers: %v after %d calls", workers, err, n)
		}
	}
}
