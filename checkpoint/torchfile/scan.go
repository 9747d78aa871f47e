package torchfile

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// Limits of one pickle. The pickle of a network holds names and shapes, a few
// hundred bytes a tensor; weights stand elsewhere.
const (
	maxPickle = 64 << 20  // bytes
	maxMemory = 512 << 20 // bytes that reading it may take, estimated
	maxMarks  = 1000      // open at once
	maxNumber = 1 << 10   // bytes of an integer
	maxWork   = 1 << 28   // BUILD opcodes times all opcodes
)

// argument says what follows an opcode.
type argument int

const (
	none     argument = iota
	one               // so many bytes
	two               //
	four              //
	eight             //
	line              // up to a newline
	twoLines          //
	counted1          // a length of so many bytes, then that many bytes
	counted4
	counted8
	frame   // eight bytes that count what follows
	number1 // an integer of counted bytes
	number4
	forbidden
)

// opcode is what an opcode is followed by and about how many bytes it makes the
// reader allocate.
type opcode struct {
	arg  argument
	cost int
}

// opcodes of protocols 0 to 5 (Python's Lib/pickletools.py lists them); what is not
// here does not exist.
var opcodes = map[byte]opcode{
	'(': {none, 320}, '.': {none, 0}, '0': {none, 0}, '1': {none, 0}, '2': {none, 16},
	'F': {line, 32}, 'I': {line, 32}, 'J': {four, 32}, 'K': {one, 32}, 'L': {line, 64}, 'M': {two, 32},
	'N': {none, 16}, 'P': {forbidden, 0}, 'Q': {none, 64}, 'R': {none, 640}, 'S': {line, 48}, 'T': {counted4, 48}, 'U': {counted1, 48},
	'V': {line, 48}, 'X': {counted4, 48}, 'a': {none, 48}, 'b': {none, 64}, 'c': {twoLines, 128}, 'd': {none, 256}, '}': {none, 256},
	'e': {none, 32}, 'g': {line, 16}, 'h': {one, 16}, 'i': {forbidden, 0}, 'j': {four, 16}, 'l': {none, 64}, ']': {none, 128},
	'o': {none, 512}, 'p': {line, 80}, 'q': {one, 80}, 'r': {four, 80}, 's': {none, 160}, 't': {none, 64}, ')': {none, 48},
	'u': {none, 160}, 'G': {eight, 32},
	0x80: {one, 0}, 0x81: {none, 512}, 0x82: {forbidden, 0}, 0x83: {forbidden, 0}, 0x84: {forbidden, 0},
	0x85: {none, 64}, 0x86: {none, 80}, 0x87: {none, 96}, 0x88: {none, 16}, 0x89: {none, 16}, 0x8a: {number1, 64}, 0x8b: {number4, 64},
	'B': {counted4, 48}, 'C': {counted1, 48},
	0x8c: {counted1, 48}, 0x8d: {counted8, 48}, 0x8e: {counted8, 48}, 0x8f: {none, 512}, 0x90: {none, 128}, 0x91: {none, 512},
	0x92: {none, 512}, 0x93: {none, 128}, 0x94: {none, 80}, 0x95: {frame, 0},
	0x96: {counted8, 48}, 0x97: {forbidden, 0}, 0x98: {forbidden, 0},
}

// scan walks the opcodes of the pickle that b begins with and returns its length.
// It allocates nothing.
func scan(b []byte) (int, error) {
	at, memory, ops, builds, marks := 0, 0, 0, 0, 0
	for {
		if at >= len(b) {
			return 0, fmt.Errorf("%w: the pickle ends early", ErrCorrupt)
		}
		code := b[at]
		op, known := opcodes[code]
		if !known {
			return 0, fmt.Errorf("%w: %#x is no opcode of a pickle", ErrCorrupt, code)
		}
		n, err := op.arg.size(b[at+1:], code)
		if err != nil {
			return 0, err
		}
		at += 1 + n
		ops, memory = ops+1, memory+op.cost+n
		switch code {
		case '.':
			return at, nil
		case '(':
			marks++
		case 'b':
			builds++
		case 't', 'l', 'd', 'e', 'u', 'o', '1', 0x90, 0x91:
			marks = max(0, marks-1)
		}
		if at > maxPickle || memory > maxMemory || marks > maxMarks || builds*ops > maxWork {
			return 0, fmt.Errorf("%w: its pickle is larger than the names and shapes of any network", ErrRefused)
		}
	}
}

// size is the length of the argument at the start of b.
func (a argument) size(b []byte, code byte) (int, error) {
	switch a {
	case none:
		return 0, nil
	case one, two, four, eight:
		return within(b, []int{one: 1, two: 2, four: 4, eight: 8}[a])
	case line:
		return lineLength(b, code)
	case twoLines:
		first, err := lineLength(b, code)
		if err != nil {
			return 0, err
		}
		second, err := lineLength(b[first:], code)
		return first + second, err
	case counted1, number1:
		return countedLength(b, 1, a == number1)
	case counted4, number4:
		return countedLength(b, 4, a == number4)
	case counted8:
		return countedLength(b, 8, false)
	case frame: // its contents are opcodes
		_, err := countedLength(b, 8, false)
		return 8, err
	}
	return 0, fmt.Errorf("%w: it uses opcode %#x, which no weights need", ErrRefused, code)
}

func within(b []byte, n int) (int, error) {
	if n > len(b) {
		return 0, fmt.Errorf("%w: the pickle ends early", ErrCorrupt)
	}
	return n, nil
}

// lineLength is that of a line with its newline. Numbers are short.
func lineLength(b []byte, code byte) (int, error) {
	n := bytes.IndexByte(b, '\n') + 1
	switch {
	case n == 0:
		return 0, fmt.Errorf("%w: the pickle ends early", ErrCorrupt)
	case code != 'S' && code != 'V' && n > maxNumber:
		return 0, fmt.Errorf("%w: a name or number of %d bytes in its pickle", ErrRefused, n)
	}
	return n, nil
}

// countedLength is that of a length of so many bytes and what it counts.
func countedLength(b []byte, bytes int, number bool) (int, error) {
	if _, err := within(b, bytes); err != nil {
		return 0, err
	}
	var raw [8]byte
	copy(raw[:], b[:bytes])
	n := binary.LittleEndian.Uint64(raw[:])
	switch {
	case n > uint64(len(b)-bytes):
		return 0, fmt.Errorf("%w: a string of %d bytes in a pickle of %d", ErrCorrupt, n, len(b))
	case number && (n == 0 || n > maxNumber):
		return 0, fmt.Errorf("%w: an integer of %d bytes in its pickle", ErrRefused, n)
	}
	return bytes + int(n), nil
}
