package rnn

import "fmt"

// MaxBytes bounds what one model or pass may allocate.
const MaxBytes = 64 << 30

// fits says whether so many bytes can be had at all.
func fits(bytes float64) error {
	limit := float64(MaxBytes)
	if have := physicalMemory(); have > 0 && have < limit {
		limit = have
	}
	if bytes > limit {
		return fmt.Errorf("%w: needs %.1f GB of memory, %.1f GB is the limit here: use fewer units, layers, streams or steps",
			ErrTooLarge, bytes/1e9, limit/1e9)
	}
	return nil
}
