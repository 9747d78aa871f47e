package arrays

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"

	"github.com/parquet-go/parquet-go"
)

// unitColumn is a column of one unit: l0.c[41].
var unitColumn = regexp.MustCompile(`^(.+)\[(\d{1,7})\]$`)

// maxColumns bounds the columns of a table.
const maxColumns = 1 << 16

// decodeParquet reads a table of a row a symbol: a column l0.c[41] is a unit of the
// matrix l0.c, a column of lists a matrix of its own, and other columns of numbers
// together one matrix called name.
func decodeParquet(name string, b []byte) (all []Matrix, err error) {
	defer func() {
		if p := recover(); p != nil { // the library panics on some damaged pages
			all, err = nil, fmt.Errorf("%w: its pages make no sense (%v)", ErrCorrupt, p)
		}
	}()
	if !footerFits(b) {
		return nil, fmt.Errorf("%w: its footer is longer than the file", ErrCorrupt)
	}
	f, err := parquet.OpenFile(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return nil, fmt.Errorf("%w: %v", ErrCorrupt, err)
	}
	rows := f.NumRows()
	leaves := f.Schema().Columns()
	if rows < 1 || len(leaves) > maxColumns || float64(rows)*float64(len(leaves))*4 > MaxBytes {
		return nil, fmt.Errorf("%d rows of %d columns: %w", rows, len(leaves), ErrTooLarge)
	}
	t := &table{rows: int(rows), fixed: make([][]float32, len(leaves)), lists: make([][]float32, len(leaves)), repeated: make([]bool, len(leaves)), skip: make([]bool, len(leaves))}
	for i, path := range leaves {
		leaf, ok := f.Schema().Lookup(path...)
		if !ok {
			continue
		}
		t.repeated[i] = leaf.MaxRepetitionLevel > 0
		switch leaf.Node.Type().Kind() {
		case parquet.Boolean, parquet.Int32, parquet.Int64, parquet.Float, parquet.Double:
		default:
			t.skip[i] = true
		}
	}
	if err := t.read(f); err != nil {
		return nil, err
	}
	return t.matrices(name, leaves)
}

// footerFits holds the length of the footer, which stands before the last four bytes, to the file's: the
// library sets aside what is written there, up to 4 GB, before it reads.
func footerFits(b []byte) bool {
	const magic, length = 4, 4
	if len(b) < 2*magic+length {
		return false
	}
	n := binary.LittleEndian.Uint32(b[len(b)-magic-length:])
	return int64(n) <= int64(len(b)-2*magic-length)
}

// table is the numbers of a table, by column.
type table struct {
	rows     int
	fixed    [][]float32 // [rows] of a column of numbers
	lists    [][]float32 // all elements of a column of lists, row by row
	repeated []bool
	skip     []bool // columns that are not of numbers
	read32   int    // numbers so far
}

func (t *table) read(f *parquet.File) error {
	for _, group := range f.RowGroups() {
		for i, chunk := range group.ColumnChunks() {
			if t.skip[i] {
				continue
			}
			if err := t.column(i, chunk); err != nil {
				return err
			}
		}
	}
	return nil
}

func (t *table) column(i int, chunk parquet.ColumnChunk) error {
	pages := chunk.Pages()
	defer pages.Close()
	buf := make([]parquet.Value, 4096)
	for {
		page, err := pages.ReadPage()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%w: %v", ErrCorrupt, err)
		}
		values := page.Values()
		for {
			n, err := values.ReadValues(buf)
			for _, v := range buf[:n] {
				if err := t.add(i, v); err != nil {
					return err
				}
			}
			if errors.Is(err, io.EOF) || n == 0 && err == nil {
				break
			}
			if err != nil {
				return fmt.Errorf("%w: %v", ErrCorrupt, err)
			}
		}
		parquet.Release(page)
	}
}

func (t *table) add(i int, v parquet.Value) error {
	if t.read32++; t.read32 > MaxBytes/4 {
		return fmt.Errorf("more than %d numbers: %w", MaxBytes/4, ErrTooLarge)
	}
	if v.IsNull() {
		return fmt.Errorf("%w: a value is missing in column %d", ErrFormat, i)
	}
	var x float32
	ok := true
	switch v.Kind() {
	case parquet.Boolean:
		if v.Boolean() {
			x = 1
		}
	case parquet.Int32:
		x = float32(v.Int32())
	case parquet.Int64:
		x = float32(v.Int64())
	case parquet.Float:
		x = v.Float()
	default:
		x, ok = narrow(v.Double())
	}
	if !ok {
		return fmt.Errorf("%w: a value of column %d does not fit into float32", ErrFormat, i)
	}
	if t.repeated[i] {
		t.lists[i] = append(t.lists[i], x)
	} else {
		t.fixed[i] = append(t.fixed[i], x)
	}
	return nil
}

func (t *table) matrices(name string, leaves [][]string) ([]Matrix, error) {
	units := map[string]map[int][]float32{} // by matrix and column
	var all []Matrix
	for i, path := range leaves {
		if t.skip[i] {
			continue
		}
		if t.repeated[i] {
			n := len(t.lists[i])
			if n == 0 || n%t.rows != 0 {
				return nil, fmt.Errorf("%w: the lists of %s are not equally long", ErrFormat, path[0])
			}
			all = append(all, Matrix{Name: path[0], Rows: t.rows, Cols: n / t.rows, Values: t.lists[i]})
			continue
		}
		if len(t.fixed[i]) != t.rows {
			return nil, fmt.Errorf("%w: %d values in column %s of %d rows", ErrCorrupt, len(t.fixed[i]), path[0], t.rows)
		}
		of, unit := name, len(units[name])
		if m := unitColumn.FindStringSubmatch(path[0]); m != nil {
			of = m[1]
			unit, _ = strconv.Atoi(m[2])
		}
		if units[of] == nil {
			units[of] = map[int][]float32{}
		}
		units[of][unit] = t.fixed[i]
	}
	for of, columns := range units {
		m := Matrix{Name: of, Rows: t.rows, Cols: len(columns), Values: make([]float32, t.rows*len(columns))}
		for u := range m.Cols {
			column, ok := columns[u]
			if !ok {
				return nil, fmt.Errorf("%w: unit %d of %s is missing", ErrFormat, u, of)
			}
			for r, x := range column {
				m.Values[r*m.Cols+u] = x
			}
		}
		all = append(all, m)
	}
	return all, nil
}
