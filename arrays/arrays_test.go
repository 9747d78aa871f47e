package arrays

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestReadEveryForm(t *testing.T) {
	for _, c := range []struct {
		file  string
		names string
		scale []float32 // by matrix
	}{
		{"f4.npy", "f4", []float32{1}}, {"f8.npy", "f8", []float32{1}}, {"f2.npy", "f2", []float32{1}}, {"fortran.npy", "fortran", []float32{1}},
		{"batch.npy", "batch", []float32{1}}, {"ints.npy", "ints", []float32{8}}, {"plain.npz", "l0.c l0.h", []float32{2, 1}},
		{"packed.npz", "l0.c l0.h", []float32{2, 1}}, {"x.safetensors", "l0.c l0.h", []float32{2, 1}}, {"units.parquet", "l0.h", []float32{1}},
		{"lists.parquet", "resid", []float32{1}}, {"columns.parquet", "columns", []float32{1}},
	} {
		all, err := Read(t.Context(), filepath.Join("testdata", c.file))
		if err != nil {
			t.Errorf("%s: %v", c.file, err)
			continue
		}
		var names []string
		for k, m := range all {
			names = append(names, m.Name)
			if m.Rows != 5 || m.Cols != 3 || len(m.Values) != 15 {
				t.Errorf("%s: %s is [%d,%d]", c.file, m.Name, m.Rows, m.Cols)
				continue
			}
			for i, x := range m.Values {
				if want := c.scale[k] * (float32(i/3) - float32(i%3)/8); x != want {
					t.Errorf("%s: %s[%d,%d] is %v, want %v", c.file, m.Name, i/3, i%3, x, want)
				}
			}
		}
		if got := strings.Join(names, " "); got != c.names {
			t.Errorf("%s holds %s, want %s", c.file, got, c.names)
		}
	}
}

func file(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Files that contradict themselves are refused in memory bounded by their size.
func TestHostileFiles(t *testing.T) {
	npy := func(header string) []byte {
		return append([]byte("\x93NUMPY\x01\x00"), append([]byte{byte(len(header)), byte(len(header) >> 8)}, header...)...)
	}
	changed := func(name, old, to string) []byte { return bytes.Replace(file(t, name), []byte(old), []byte(to), 1) }
	for _, c := range []struct {
		name string
		file []byte
		want error
	}{
		{"a shape of gigabytes", npy("{'descr': '<f4', 'fortran_order': False, 'shape': (30000, 30000), }\n"), ErrCorrupt},
		{"a shape beyond all", npy("{'descr': '<f4', 'fortran_order': False, 'shape': (3000000000, 3000000000), }\n"), ErrTooLarge},
		{"a shape that is no number", npy("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999, 1), }\n"), ErrCorrupt},
		{"a shape of nothing", npy("{'descr': '<f4', 'fortran_order': False, 'shape': (0, 4), }\n"), ErrFormat},
		{"objects", npy("{'descr': '|O', 'fortran_order': False, 'shape': (2,), }\n"), ErrFormat},
		{"a header of four gigabytes", []byte("\x93NUMPY\x02\x00\xff\xff\xff\xff{'descr'"), ErrCorrupt},
		{"a header of nothing", []byte("\x93NUMPY\x01\x00"), ErrCorrupt},
		{"big-endian", file(t, "big.npy"), ErrFormat},
		{"words", file(t, "words.npy"), ErrFormat},
		{"three dimensions", file(t, "cube.npy"), ErrFormat},
		{"cut", file(t, "f4.npy")[:150], ErrCorrupt},
		{"longer than it says", append(file(t, "f4.npy"), 0), ErrCorrupt},
		{"an archive, cut", file(t, "packed.npz")[:200], ErrCorrupt},
		{"an archive of nothing", []byte("PK\x05\x06" + strings.Repeat("\x00", 18)), ErrFormat},
		{"a table, cut", file(t, "units.parquet")[:300], ErrCorrupt},
		{"tensors, cut", file(t, "x.safetensors")[:60], ErrCorrupt},
		{"tensors that say more", changed("x.safetensors", "[5,3]", "[9,3]"), ErrCorrupt},
		{"something else", []byte("hello, world"), ErrFormat},
		{"nothing", nil, ErrFormat},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := Decode("x", c.file)
		runtime.ReadMemStats(&after)
		if !errors.Is(err, c.want) || strings.Contains(fmt.Sprint(err), "\n") {
			t.Errorf("%s: %v, want %v in one line", c.name, err, c.want)
		}
		if took := after.TotalAlloc - before.TotalAlloc; took > 1<<20 {
			t.Errorf("%s: %d bytes for a file of %d", c.name, took, len(c.file))
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, name := range []string{"f4.npy", "fortran.npy", "packed.npz", "x.safetensors", "units.parquet", "lists.parquet"} {
		f.Add(file(f, name))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		all, err := Decode("x", b)
		if err != nil && !errors.Is(err, ErrFormat) && !errors.Is(err, ErrCorrupt) && !errors.Is(err, ErrTooLarge) {
			t.Errorf("an error of no kind: %v", err)
		}
		for _, m := range all {
			if m.Rows*m.Cols != len(m.Values) || m.Rows < 1 || m.Cols < 1 {
				t.Errorf("%s [%d,%d] of %d numbers", m.Name, m.Rows, m.Cols, len(m.Values))
			}
		}
	})
}

// refusedCheaply fails unless b is refused as damaged, for less than 16 MB.
func refusedCheaply(t *testing.T, b []byte) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := Decode("x", b); !errors.Is(err, ErrCorrupt) {
		t.Error(err)
	}
	if runtime.ReadMemStats(&after); after.TotalAlloc-before.TotalAlloc > 1<<24 {
		t.Errorf("%d MB were set aside", (after.TotalAlloc-before.TotalAlloc)>>20)
	}
}

// TestFooterLongerThanTheFile: a length of 4 GB in a file of some kB asks for no memory.
func TestFooterLongerThanTheFile(t *testing.T) {
	b := bytes.Clone(file(t, "units.parquet"))
	binary.LittleEndian.PutUint32(b[len(b)-8:], 0xFFFFFF00)
	refusedCheaply(t, b)
}

// TestStructuresThatClaimTooMuch: a footer whose lists or depth cannot be is refused at once.
func TestStructuresThatClaimTooMuch(t *testing.T) {
	for name, footer := range map[string][]byte{
		"a list of 2^31 truth values": {0x19, 0xF1, 0xFF, 0xFF, 0xFF, 0xFF, 0x07, 0},
		"a list of 2^31 structures":   {0x29, 0xFC, 0xFF, 0xFF, 0xFF, 0xFF, 0x07, 0},
		"a map of 2^31 truth values":  {0x1B, 0xFF, 0xFF, 0xFF, 0xFF, 0x07, 0x11, 0},
		"text of 2^31 bytes":          {0x18, 0xFF, 0xFF, 0xFF, 0xFF, 0x07, 0},
		"structures in one another":   bytes.Repeat([]byte{0x1C}, 1<<16),
		"lists in one another":        append([]byte{0x19}, bytes.Repeat([]byte{0x19}, 1<<16)...),
		"fields out of order":         {0x26, 0x02, 0x06, 0x02, 0x02, 0},
		"no end":                      {0x16},
		"a column of 2^63-1 bytes": {0x49, 0x1C, 0x19, 0x1C, 0x3C,
			0x76, 0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01, 0x26, 0x10, 0, 0, 0, 0},
	} {
		b := append([]byte("PAR1"), footer...)
		b = append(binary.LittleEndian.AppendUint32(b, uint32(len(footer))), "PAR1"...)
		if err := soundParquet(b); err == nil {
			t.Errorf("%s: taken", name)
		}
		if _, err := Decode("x", b); !errors.Is(err, ErrCorrupt) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, name := range []string{"units.parquet", "lists.parquet"} {
		if err := soundParquet(file(t, name)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestEntryLargerThanTheArchive: an entry that says it is larger than the archive gets no memory.
func TestEntryLargerThanTheArchive(t *testing.T) {
	b := bytes.Clone(file(t, "packed.npz"))
	at := bytes.Index(b, []byte("PK\x01\x02")) // the first of the directory
	binary.LittleEndian.PutUint32(b[at+20:], 1<<31-1)
	binary.LittleEndian.PutUint32(b[at+24:], 1<<31-1)
	refusedCheaply(t, b)
}
