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

// arena cuts one slab of memory into arrays; before it has its slab it counts.
type arena struct {
	n    int // floats asked for so far
	slab []float32
}

// take is the next n floats, from a cache line's start.
func (a *arena) take(n int) []float32 {
	const line = 16
	whole := (n + line - 1) / line * line
	if a.slab == nil {
		a.n += whole
		return nil
	}
	s := a.slab[:n:n]
	a.slab = a.slab[whole:]
	return s
}
