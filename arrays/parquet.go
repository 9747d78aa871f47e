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
	if err := soundParquet(b); err != nil {
		return nil, fmt.Errorf("%w: %v", ErrCorrupt, err)
	}
	f, err := parquet.OpenFile(bytes.NewReader(b), int64(len(b)), parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
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

// pagesAt is where the pages of a column lie.
type pagesAt struct{ data, dictionary, bytes int64 }

// Fields of Parquet's structures (github.com/apache/parquet-format, parquet.thrift): row groups, their columns, the
// metadata of these and what stands there; and the size of what follows the header of a page.
const (
	fieldGroups, fieldColumns, fieldColumn   = 4, 1, 3
	fieldBytes, fieldData, fieldDictionary   = 7, 9, 11
	fieldPageBytes                           = 3
	parquetMagic, parquetLength, parquetEnds = 4, 4, 2*4 + 4
)

// soundParquet walks the footer and the header of every page. The footer's length stands before the last four bytes:
// the library sets aside what is written there, up to 4 GB, before it reads.
func soundParquet(b []byte) error {
	if len(b) < parquetEnds {
		return errors.New("it is too short")
	}
	n := int64(binary.LittleEndian.Uint32(b[len(b)-parquetMagic-parquetLength:]))
	if n > int64(len(b)-parquetEnds) {
		return errors.New("its footer is longer than the file")
	}
	end := len(b) - parquetMagic - parquetLength
	var parts []stated
	_, err := walk(b[end-int(n):end], func(path []int, x int64) {
		if len(path) == 4 && path[0] == fieldGroups && path[1] == fieldColumns && path[2] == fieldColumn {
			if f := path[3]; f == fieldBytes || f == fieldData || f == fieldDictionary {
				parts = append(parts, stated{f, x})
			}
		}
	})
	if err != nil {
		return err
	}
	chunks, err := paired(parts)
	for i := 0; i < len(chunks) && err == nil; i++ {
		err = chunks[i].sound(b)
	}
	return err
}

// stated is what stands in a field.
type stated struct {
	field int
	x     int64
}

// paired makes one of what stands of each column: its size, its data and, of some, its dictionary.
func paired(parts []stated) (all []pagesAt, err error) {
	for len(parts) > 0 {
		if len(parts) < 2 || parts[0].field != fieldBytes || parts[1].field != fieldData {
			return nil, errThrift
		}
		c := pagesAt{bytes: parts[0].x, data: parts[1].x}
		parts = parts[2:]
		if len(parts) > 0 && parts[0].field == fieldDictionary {
			c.dictionary, parts = parts[0].x, parts[1:]
		}
		all = append(all, c)
	}
	return all, nil
}

// sound walks the headers of a column's pages. What lies outside of the file the library refuses itself.
func (c pagesAt) sound(b []byte) error {
	if c.bytes < 0 || c.bytes > int64(len(b)) { // so that no sum below overflows for a place in the file
		return errThrift
	}
	at := c.data
	if c.dictionary > 0 && c.dictionary < at {
		at = c.dictionary
	}
	for end := at + c.bytes; at >= 0 && at < end && at < int64(len(b)); {
		var size int64
		n, err := walk(b[at:], func(path []int, x int64) {
			if len(path) == 1 && path[0] == fieldPageBytes {
				size = x
			}
		})
		if err != nil {
			return err
		}
		if size < 0 {
			return errThrift
		}
		at += int64(n) + size
	}
	return nil
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
