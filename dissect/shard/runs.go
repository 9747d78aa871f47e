package shard

import (
	"encoding/binary"
	"math"

	"github.com/rnnscope/rnnscope/stat"
)

// What an encoded label has besides the positions where it is on and those where it says nothing.
const (
	hasValues = 1 << iota
	isSparse
	hasHeld
)

// appendLabels writes a concept's labels of n positions. Labels last, so everything is written in runs:
// of positions, of equal steps between values (a column grows by one), of equal levels held.
func appendLabels(b []byte, l *stat.Labels, held []uint8, n int) []byte {
	flags := byte(0)
	if l.Values != nil {
		flags |= hasValues
	}
	if l.Sparse {
		flags |= isSparse
	}
	if held != nil {
		flags |= hasHeld
	}
	b = append(b, flags)
	b = appendRuns(b, l.Positive)
	b = appendRuns(b, l.Invalid)
	if l.Values != nil {
		b = appendSteps(b, n, func(t int) int64 {
			if t == 0 {
				return int64(l.Values[0])
			}
			return int64(l.Values[t]) - int64(l.Values[t-1])
		})
	}
	if held != nil {
		b = appendSteps(b, n, func(t int) int64 { return int64(held[t]) })
	}
	return b
}

// mostOf is more bytes than the labels of n positions can take: the runs of two lists, the steps of two more, none
// shorter than a position.
func mostOf(n int) int { return 64 + 4*n*(binary.MaxVarintLen64+binary.MaxVarintLen32) }

// appendRuns writes ascending positions as runs: how many, and of each how far behind the last and
// how long.
func appendRuns(b []byte, at []int32) []byte {
	var runs [][2]int32
	for _, p := range at {
		if k := len(runs); k > 0 && runs[k-1][1] == p {
			runs[k-1][1]++
			continue
		}
		runs = append(runs, [2]int32{p, p + 1})
	}
	b = binary.AppendUvarint(b, uint64(len(runs)))
	end := int32(0)
	for _, r := range runs {
		b = binary.AppendUvarint(b, uint64(r[0]-end))
		b = binary.AppendUvarint(b, uint64(r[1]-r[0]))
		end = r[1]
	}
	return b
}

// appendSteps writes n numbers as runs of equal ones.
func appendSteps(b []byte, n int, at func(t int) int64) []byte {
	for t := 0; t < n; {
		x, from := at(t), t
		for t++; t < n && at(t) == x; t++ {
		}
		b = binary.AppendVarint(b, x)
		b = binary.AppendUvarint(b, uint64(t-from))
	}
	return b
}

// decoder reads what was written; bad says that it is something else.
type decoder struct {
	b   []byte
	bad bool
}

func (d *decoder) unsigned() uint64 {
	x, k := binary.Uvarint(d.b)
	if k <= 0 {
		d.bad = true
		return 0
	}
	d.b = d.b[k:]
	return x
}

// upTo reads a number that is at most n.
func (d *decoder) upTo(n int) int {
	x := d.unsigned()
	if n < 0 || x > uint64(n) {
		d.bad = true
		return 0
	}
	return int(x)
}

func (d *decoder) signed() int64 {
	x, k := binary.Varint(d.b)
	if k <= 0 {
		d.bad = true
		return 0
	}
	d.b = d.b[k:]
	return x
}

func (d *decoder) labels(l *stat.Labels, held []uint8, n int) []uint8 {
	if len(d.b) == 0 {
		d.bad = true
		return nil
	}
	flags := d.b[0]
	d.b = d.b[1:]
	l.Positive, l.Invalid = d.runs(l.Positive[:0], n), d.runs(l.Invalid[:0], n)
	l.Sparse = flags&isSparse != 0
	if flags&hasValues == 0 {
		l.Values = nil
	} else {
		l.Values = l.Values[:0]
		var y int64
		d.steps(n, func(x int64) {
			y += x
			d.bad = d.bad || y != int64(int32(y))
			l.Values = append(l.Values, int32(y))
		})
	}
	if flags&hasHeld == 0 {
		return nil
	}
	d.steps(n, func(x int64) {
		d.bad = d.bad || x < 0 || x > math.MaxUint8
		held = append(held, uint8(x))
	})
	return held
}

func (d *decoder) runs(dst []int32, n int) []int32 {
	end := 0
	for range d.upTo(n) {
		lo := end + d.upTo(n-end)
		end = lo + d.upTo(n-lo)
		for p := lo; p < end; p++ {
			dst = append(dst, int32(p))
		}
		if d.bad {
			break
		}
	}
	return dst
}

func (d *decoder) steps(n int, each func(x int64)) {
	for t := 0; t < n; {
		x, k := d.signed(), d.upTo(n-t)
		if d.bad || k == 0 {
			d.bad = true
			return
		}
		for range k {
			each(x)
		}
		t += k
	}
}
