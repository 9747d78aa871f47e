package arrays

import (
	"encoding/binary"
	"errors"
)

// The library that reads Parquet believes what a file says about itself: it sets aside as many elements as a list
// claims, and counts to two thousand million where the elements take no bytes. So the structures it will read, in
// Thrift's compact protocol (its specification is in github.com/apache/thrift), are walked first.

// Types of the compact protocol.
const (
	thriftTrue, thriftFalse, thriftByte, thriftI16, thriftI32, thriftI64 = 1, 2, 3, 4, 5, 6
	thriftDouble, thriftBinary, thriftList, thriftSet, thriftMap         = 7, 8, 9, 10, 11
	thriftStruct                                                         = 12
)

// thriftDepth is more than any Parquet structure nests.
const thriftDepth = 16

var errThrift = errors.New("a structure of the file contradicts itself")

// walker goes through one structure. number hears of every whole number with the fields that lead to it;
// elements of a list add none.
type walker struct {
	b      []byte
	at     int
	path   []int
	number func(path []int, x int64)
}

// walk returns how many bytes the structure at the beginning of b takes.
func walk(b []byte, number func(path []int, x int64)) (int, error) {
	w := &walker{b: b, number: number}
	err := w.structure(0)
	return w.at, err
}

func (w *walker) left() int { return len(w.b) - w.at }

func (w *walker) skip(n uint64) error {
	if n > uint64(w.left()) {
		return errThrift
	}
	w.at += int(n)
	return nil
}

func (w *walker) one() (byte, error) {
	if w.left() == 0 {
		return 0, errThrift
	}
	w.at++
	return w.b[w.at-1], nil
}

func (w *walker) varint() (uint64, error) {
	x, n := binary.Uvarint(w.b[w.at:])
	if n <= 0 {
		return 0, errThrift
	}
	w.at += n
	return x, nil
}

func (w *walker) zigzag() (int64, error) {
	x, err := w.varint()
	return int64(x>>1) ^ -int64(x&1), err
}

func (w *walker) structure(depth int) error {
	if depth > thriftDepth {
		return errThrift
	}
	before := int64(0)
	for {
		head, err := w.one()
		if err != nil || head == 0 {
			return err
		}
		field := before + int64(head>>4)
		if head>>4 == 0 {
			if field, err = w.zigzag(); err != nil {
				return err
			}
		}
		if field <= before {
			return errThrift // every writer writes fields in order, and who reads numbers may count on that
		}
		before = field
		kind := head & 15
		if kind == thriftTrue || kind == thriftFalse {
			continue // the type is the value
		}
		w.path = append(w.path, int(field))
		if err := w.value(kind, depth); err != nil {
			return err
		}
		w.path = w.path[:len(w.path)-1]
	}
}

func (w *walker) value(kind byte, depth int) error {
	switch kind {
	case thriftByte:
		return w.skip(1)
	case thriftI16, thriftI32, thriftI64:
		x, err := w.zigzag()
		if err == nil && w.number != nil {
			w.number(w.path, x)
		}
		return err
	case thriftDouble:
		return w.skip(8)
	case thriftBinary:
		n, err := w.varint()
		if err != nil {
			return err
		}
		return w.skip(n)
	case thriftList, thriftSet:
		return w.list(depth)
	case thriftMap:
		return w.pairs(depth)
	case thriftStruct:
		return w.structure(depth + 1)
	}
	return errThrift
}

func (w *walker) list(depth int) error {
	head, err := w.one()
	if err != nil {
		return err
	}
	n := uint64(head >> 4)
	if n == 15 {
		if n, err = w.varint(); err != nil {
			return err
		}
	}
	return w.elements(n, depth, head&15)
}

func (w *walker) pairs(depth int) error {
	n, err := w.varint()
	if err != nil || n == 0 {
		return err
	}
	kinds, err := w.one()
	if err != nil {
		return err
	}
	return w.elements(n, depth, kinds>>4, kinds&15)
}

// elements are n of a list or a map. Every element takes a byte at least; those of truth values, which Parquet has
// in no structure that is read here, are refused, since the library takes none for them.
func (w *walker) elements(n uint64, depth int, kinds ...byte) error {
	if n > uint64(w.left()) || depth >= thriftDepth {
		return errThrift
	}
	for range n {
		for _, k := range kinds {
			if k == thriftTrue || k == thriftFalse {
				return errThrift
			}
			if err := w.value(k, depth+1); err != nil {
				return err
			}
		}
	}
	return nil
}
