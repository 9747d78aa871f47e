package arrays

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rnnscope/rnnscope/internal/durable"
)

// Errors; match with errors.Is.
var (
	ErrFormat   = errors.New("not a file of matrices")
	ErrCorrupt  = errors.New("damaged file")
	ErrTooLarge = errors.New("too large")
)

// MaxBytes bounds a file and what it expands to.
const MaxBytes = 4 << 30

// Matrix is one array [Rows,Cols], row-major.
type Matrix struct {
	Name   string // the array's name in the file; of a .npy the file's own, without its ending
	Rows   int
	Cols   int
	Values []float32
}

// Read reads all matrices of a file, in the order of their names. A vector is one
// column; an array [1,T,H] is [T,H]. Numbers of any type become float32. Errors match
// ErrFormat, ErrCorrupt, ErrTooLarge or are those of the file system and the context.
func Read(ctx context.Context, path string) ([]Matrix, error) {
	b, err := durable.ReadFile(ctx, path, MaxBytes)
	if err != nil {
		return nil, err
	}
	name := filepath.Base(path)
	if short := strings.TrimSuffix(name, filepath.Ext(name)); short != "" {
		name = short
	}
	all, err := Decode(name, b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return all, nil
}

// Decode is Read from memory; name is what an array without a name is called.
func Decode(name string, b []byte) ([]Matrix, error) {
	var all []Matrix
	var err error
	switch {
	case bytes.HasPrefix(b, npyMagic):
		var m Matrix
		m, err = decodeNPY(name, b)
		all = []Matrix{m}
	case bytes.HasPrefix(b, []byte("PK\x03\x04")), bytes.HasPrefix(b, []byte("PK\x05\x06")):
		all, err = decodeNPZ(b)
	case bytes.HasPrefix(b, []byte("PAR1")):
		all, err = decodeParquet(name, b)
	case len(b) > 8 && b[8] == '{':
		all, err = decodeSafetensors(b)
	default:
		return nil, fmt.Errorf("%w: give .npy, .npz, .safetensors or .parquet", ErrFormat)
	}
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%w: it holds no matrix of numbers", ErrFormat)
	}
	slices.SortFunc(all, func(a, b Matrix) int { return strings.Compare(a.Name, b.Name) })
	return all, nil
}

// rowsAndColumns makes rows and columns of a shape.
func rowsAndColumns(name string, shape []int) (rows, cols int, err error) {
	for len(shape) > 2 && shape[0] == 1 {
		shape = shape[1:]
	}
	switch len(shape) {
	case 1:
		rows, cols = shape[0], 1
	case 2:
		rows, cols = shape[0], shape[1]
	default:
		return 0, 0, fmt.Errorf("%w: %s has the shape %v, not [T,H]", ErrFormat, name, shape)
	}
	if rows < 1 || cols < 1 {
		return 0, 0, fmt.Errorf("%w: %s has the shape %v, which is nothing", ErrFormat, name, shape)
	}
	if float64(rows)*float64(cols)*4 > MaxBytes {
		return 0, 0, fmt.Errorf("%s [%d,%d]: %w; at most %d GB are read", name, rows, cols, ErrTooLarge, MaxBytes>>30)
	}
	return rows, cols, nil
}

// narrow is x as float32, which must hold it.
func narrow(x float64) (float32, bool) {
	f := float32(x)
	return f, !math.IsInf(float64(f), 0) || math.IsInf(x, 0)
}
