package arrays

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"
)

// The header is read here: a writer's library that we use takes as much memory as a
// header says before it looks at the file.
var (
	npyMagic   = []byte("\x93NUMPY")
	npyDescr   = regexp.MustCompile(`'descr':\s*'([<>|=]?)([a-z])(\d{1,2})'`)
	npyFortran = regexp.MustCompile(`'fortran_order':\s*(True|False)`)
	npyShape   = regexp.MustCompile(`'shape':\s*\(([0-9, ]*)\)`)
)

// maxHeader bounds a header: NumPy itself refuses more than 10,000 bytes.
const maxHeader = 1 << 16

// npyHeader is what stands before the numbers of a .npy.
type npyHeader struct {
	kind    string // "f4"
	fortran bool
	shape   []int
	size    int // bytes of the header itself
}

func parseNPY(name string, b []byte) (h npyHeader, err error) {
	broken := func(what string) (npyHeader, error) {
		return h, fmt.Errorf("%w: %s: %s", ErrCorrupt, name, what)
	}
	if len(b) < 12 {
		return broken("it ends in its header")
	}
	n, at := int(binary.LittleEndian.Uint16(b[8:])), 10
	if b[6] >= 2 {
		n, at = int(binary.LittleEndian.Uint32(b[8:])), 12
	}
	if n > maxHeader || at+n > len(b) {
		return broken("it ends in its header")
	}
	text := b[at : at+n]
	descr, fortran, shape := npyDescr.FindSubmatch(text), npyFortran.FindSubmatch(text), npyShape.FindSubmatch(text)
	if descr == nil || fortran == nil || shape == nil {
		return h, fmt.Errorf("%w: %s does not hold plain numbers", ErrFormat, name)
	}
	if string(descr[1]) == ">" {
		return h, fmt.Errorf("%w: %s is big-endian; save it with astype('<f4')", ErrFormat, name)
	}
	h.kind, h.fortran, h.size = string(descr[2])+string(descr[3]), string(fortran[1]) == "True", at+n
	for _, d := range strings.Split(string(shape[1]), ",") {
		if d = strings.TrimSpace(d); d == "" {
			continue
		}
		k, err := strconv.Atoi(d)
		if err != nil || len(h.shape) > 8 {
			return broken("its shape makes no sense")
		}
		h.shape = append(h.shape, k)
	}
	return h, nil
}

// numberSizes are the types that can be read, with their bytes.
var numberSizes = map[string]int{
	"f2": 2, "f4": 4, "f8": 8, "i1": 1, "i2": 2, "i4": 4, "i8": 8, "u1": 1, "u2": 2, "u4": 4, "u8": 8, "b1": 1,
}

func decodeNPY(name string, b []byte) (Matrix, error) {
	h, err := parseNPY(name, b)
	if err != nil {
		return Matrix{}, err
	}
	size := numberSizes[h.kind]
	if size == 0 {
		return Matrix{}, fmt.Errorf("%w: %s is of type %s, not of numbers", ErrFormat, name, h.kind)
	}
	rows, cols, err := rowsAndColumns(name, h.shape)
	if err != nil {
		return Matrix{}, err
	}
	body := b[h.size:]
	if len(body) != rows*cols*size {
		return Matrix{}, fmt.Errorf("%w: %s [%d,%d] of %s has %d bytes, not %d", ErrCorrupt, name, rows, cols, h.kind, len(body), rows*cols*size)
	}
	m := Matrix{Name: name, Rows: rows, Cols: cols, Values: make([]float32, rows*cols)}
	for i := range m.Values {
		at := i
		if h.fortran {
			at = i%cols*rows + i/cols
		}
		x, ok := number(h.kind, body[at*size:])
		if !ok {
			return Matrix{}, fmt.Errorf("%w: element %d of %s does not fit into float32", ErrFormat, i, name)
		}
		m.Values[i] = x
	}
	return m, nil
}

// number reads the number that b begins with.
func number(kind string, b []byte) (float32, bool) {
	le := binary.LittleEndian
	switch kind {
	case "f4":
		return math.Float32frombits(le.Uint32(b)), true
	case "f8":
		return narrow(math.Float64frombits(le.Uint64(b)))
	case "f2":
		return half(le.Uint16(b)), true
	case "i1":
		return float32(int8(b[0])), true
	case "i2":
		return float32(int16(le.Uint16(b))), true
	case "i4":
		return float32(int32(le.Uint32(b))), true
	case "i8":
		return float32(int64(le.Uint64(b))), true
	case "u1", "b1":
		return float32(b[0]), true
	case "u2":
		return float32(le.Uint16(b)), true
	case "u4":
		return float32(le.Uint32(b)), true
	}
	return float32(le.Uint64(b)), true
}

// half is an IEEE 754 binary16.
func half(h uint16) float32 {
	sign, exp, frac := uint32(h&0x8000)<<16, uint32(h>>10)&0x1f, uint32(h)&0x3ff
	switch exp {
	case 0:
		return math.Float32frombits(sign | math.Float32bits(float32(frac)*0x1p-24))
	case 0x1f:
		return math.Float32frombits(sign | 0x7f800000 | frac<<13)
	}
	return math.Float32frombits(sign | (exp+112)<<23 | frac<<13)
}

// maxEntries bounds the arrays of an archive.
const maxEntries = 4096

func decodeNPZ(b []byte) ([]Matrix, error) {
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return nil, fmt.Errorf("%w: the archive cannot be read (%v)", ErrCorrupt, err)
	}
	if len(z.File) > maxEntries {
		return nil, fmt.Errorf("an archive of %d files: %w", len(z.File), ErrTooLarge)
	}
	var total uint64
	var all []Matrix
	for _, f := range z.File {
		name, isArray := strings.CutSuffix(f.Name, ".npy")
		if !isArray {
			continue
		}
		if total += f.UncompressedSize64; total > MaxBytes || f.UncompressedSize64 > MaxBytes {
			return nil, fmt.Errorf("%s makes more than %d GB: %w", f.Name, MaxBytes>>30, ErrTooLarge)
		}
		// Deflate makes at most about a thousand bytes of one, and those are in the file.
		if f.CompressedSize64 > uint64(len(b)) || f.UncompressedSize64 > 1100*f.CompressedSize64+1<<16 {
			return nil, fmt.Errorf("%w: %s says it makes %d bytes of %d", ErrCorrupt, f.Name, f.UncompressedSize64, f.CompressedSize64)
		}
		raw, err := entry(f)
		if err != nil {
			return nil, err
		}
		if !bytes.HasPrefix(raw, npyMagic) {
			return nil, fmt.Errorf("%w: %s is no array", ErrCorrupt, f.Name)
		}
		m, err := decodeNPY(name, raw)
		if err != nil {
			return nil, err
		}
		all = append(all, m)
	}
	return all, nil
}

// entry unpacks a file of the archive, which has the size that it says.
func entry(f *zip.File) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %v", ErrCorrupt, f.Name, err)
	}
	defer r.Close()
	raw := make([]byte, f.UncompressedSize64)
	if _, err := io.ReadFull(r, raw); err != nil {
		return nil, fmt.Errorf("%w: %s: %v", ErrCorrupt, f.Name, err)
	}
	if n, err := r.Read(make([]byte, 1)); n > 0 || err != io.EOF {
		return nil, fmt.Errorf("%w: %s is not what the archive says", ErrCorrupt, f.Name)
	}
	return raw, nil
}
