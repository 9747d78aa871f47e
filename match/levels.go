package match

import "math"

// level is the bin of v: how many edges are at most v. NaN counts as lowest.
func level(edges []float32, v float32) byte {
	n := 0
	for step := Levels / 2; step > 0; step /= 2 {
		if edges[n+step-1] <= v {
			n += step
		}
	}
	return byte(n)
}

// borders is a unit's edges as integers that are in order as the edges are. Integers are compared by taking one from the other, without
// a branch: whether the next of eight branches is taken is what no processor can foresee.
type borders [Levels]uint32

func bordersOf(edges []float32) borders {
	var b borders
	for i := range b {
		b[i] = math.MaxUint32 // below nothing: NaN, and the place behind the last edge
		if i < len(edges) && edges[i] == edges[i] {
			b[i] = ordered(edges[i])
		}
	}
	return b
}

// ordered is an integer that is in order as floats are; that of NaN is lowest.
func ordered(v float32) uint32 {
	if v != v {
		return 0
	}
	bits := math.Float32bits(v + 0) // one zero
	return bits ^ (uint32(int32(bits)>>31) | 1<<31)
}

// level is level of the edges.
func (b *borders) level(v float32) byte {
	k, n := uint64(ordered(v)), uint64(0)
	for step := uint64(Levels / 2); step > 0; step /= 2 {
		above := (k - uint64(b[(n+step-1)%Levels])) >> 63 // 1 where the edge lies above v
		n += step &^ -above
	}
	return byte(n)
}

// What is in reach at once: 16 units are a cache line of a row, and so many rows of them stay in the nearest cache.
const (
	besideUnits = 16
	besideRows  = 256
)

// levels writes the bins of values [T,U] into columns of a chunk, each of n bytes, from row at on.
func levels(chunk []byte, n, at int, values []float32, of []borders) {
	units := len(of)
	rows := len(values) / units
	for t0 := 0; t0 < rows; t0 += besideRows {
		t1 := min(rows, t0+besideRows)
		for u0 := 0; u0 < units; u0 += besideUnits {
			for u := u0; u < min(units, u0+besideUnits); u++ {
				column := chunk[u*n+at+t0 : u*n+at+t1]
				edges := &of[u]
				i := t0*units + u
				for t := range column {
					column[t] = edges.level(values[i])
					i += units
				}
			}
		}
	}
}
