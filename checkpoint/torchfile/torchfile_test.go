package torchfile

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// archive is a file of torch.save with a pickle and storages.
func archive(t testing.TB, method uint16, pickle string, storages map[string][]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	put := func(name string, data []byte) {
		h := &zip.FileHeader{Name: "archive/" + name, Method: method}
		if method == zip.Store {
			h.CRC32, h.UncompressedSize64, h.CompressedSize64 = crc32.ChecksumIEEE(data), uint64(len(data)), uint64(len(data))
			w, err := z.CreateRaw(h)
			if err != nil {
				t.Fatal(err)
			}
			_, _ = w.Write(data)
			return
		}
		w, err := z.CreateHeader(h)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = w.Write(data)
	}
	put("data.pkl", []byte(pickle))
	for key, data := range storages {
		put("data/"+key, data)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// tensor is the pickle of {"w": a float32 tensor}, its sizes as given.
func tensor(offset, elements int, size, stride string) string {
	number := func(n int) string { return "J" + string(binary.LittleEndian.AppendUint32(nil, uint32(n))) }
	return "\x80\x02}X\x01\x00\x00\x00w" +
		"ctorch._utils\n_rebuild_tensor_v2\n(" +
		"(X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpu" + number(elements) + "tQ" +
		number(offset) + size + stride + "\x89ccollections\nOrderedDict\n)RtRs."
}

func pair(a, b int) string { return fmt.Sprintf("I%d\nI%d\n\x86", a, b) }

func TestDecodeATensor(t *testing.T) {
	data := make([]byte, 24)
	for i := range 6 {
		binary.LittleEndian.PutUint32(data[4*i:], uint32(i))
	}
	for _, c := range []struct {
		pickle string
		want   []uint32
	}{
		{tensor(0, 6, pair(2, 3), pair(3, 1)), []uint32{0, 1, 2, 3, 4, 5}},
		{tensor(0, 6, pair(3, 2), pair(1, 3)), []uint32{0, 3, 1, 4, 2, 5}},
		{tensor(2, 6, pair(2, 2), pair(2, 1)), []uint32{2, 3, 4, 5}},
		{tensor(0, 6, pair(0, 2), pair(2, 1)), nil},
	} {
		groups, err := Decode(archive(t, zip.Store, c.pickle, map[string][]byte{"0": data}))
		if err != nil || len(groups) != 1 {
			t.Fatalf("%v, %d groups", err, len(groups))
		}
		got := groups[0].Tensors["w"].Data
		var numbers []uint32
		for ; len(got) > 0; got = got[4:] {
			numbers = append(numbers, binary.LittleEndian.Uint32(got))
		}
		if fmt.Sprint(numbers) != fmt.Sprint(c.want) {
			t.Errorf("got %v, want %v", numbers, c.want)
		}
	}
}

// Hostile files are refused or called damaged, in bounded memory and time.
func TestHostileFiles(t *testing.T) {
	call := func(module, name string) string {
		return "\x80\x02c" + module + "\n" + name + "\nX\x04\x00\x00\x00true\x85R."
	}
	whole := func(pickle string) []byte {
		return archive(t, zip.Store, pickle, map[string][]byte{"0": make([]byte, 24)})
	}
	huge := "\x80\x02" + strings.Repeat("}", 40<<20) + "."
	for _, c := range []struct {
		name string
		file []byte
		want error
		says string
	}{
		{"os.system", whole(call("os", "system")), ErrRefused, "os.system"},
		{"posix.system", whole(call("posix", "system")), ErrRefused, "posix.system"},
		{"builtins.eval", whole(call("builtins", "eval")), ErrRefused, "builtins.eval"},
		{"getattr of a harmless name", whole(call("builtins", "getattr")), ErrRefused, "builtins.getattr"},
		{"subprocess by protocol 4", whole("\x80\x04\x8c\x0asubprocess\x8c\x05Popen\x93\x8c\x04true\x85R."), ErrRefused, "subprocess.Popen"},
		{"a class with arguments", whole("\x80\x02(cos\nsystem\nX\x04\x00\x00\x00trueo."), ErrRefused, "os.system"},
		{"INST", whole("\x80\x02(S'true'\nios\nsystem\n."), ErrRefused, "opcode 0x69"},
		{"torch.load inside", whole(call("torch.storage", "_load_from_bytes")), ErrRefused, "_load_from_bytes"},
		{"function of a tensor's type", whole("\x80\x02ctorch._tensor\n_rebuild_from_type_v2\n(cos\nsystem\ncos\nsystem\nX\x04\x00\x00\x00true\x85NtR."), ErrRefused, "not known"},
		{"extension registry", whole("\x80\x02\x82\x01."), ErrRefused, "opcode"},
		{"persistent id as text", whole("\x80\x02Pevil\n."), ErrRefused, "opcode"},
		{"string of gigabytes", whole("\x80\x02X\xff\xff\xff\x7f."), ErrCorrupt, "string of 2147483647 bytes"},
		{"string of exabytes", whole("\x80\x04\x8d\xff\xff\xff\xff\xff\xff\xff\x7f."), ErrCorrupt, "string of"},
		{"frame of exabytes", whole("\x80\x04\x95\xff\xff\xff\xff\xff\xff\xff\x7f."), ErrCorrupt, ""},
		{"number without bytes", whole("\x80\x02\x8a\x00."), ErrRefused, "integer of 0"},
		{"number of a million digits", whole("\x80\x02L" + strings.Repeat("9", 1<<20) + "L\n."), ErrRefused, "number of"},
		{"forty million dicts", whole(huge), ErrRefused, "larger than"},
		{"marks in marks", whole("\x80\x02" + strings.Repeat("(", 1<<20) + "."), ErrRefused, "larger than"},
		{"unknown opcode", whole("\x80\x02\xff."), ErrCorrupt, "0xff"},
		{"odd dict", whole("\x80\x02(I1\nd."), ErrCorrupt, ""},
		{"dict by bytes", whole("\x80\x02ccollections\nOrderedDict\n)RC\x01aI1\ns."), ErrCorrupt, "no sense"},
		{"nothing on the stack", whole("\x80\x02."), ErrCorrupt, ""},
		{"no end", whole("\x80\x02}"), ErrCorrupt, "ends early"},
		{"tensor beyond its storage", whole(tensor(4, 6, pair(2, 3), pair(3, 1))), ErrCorrupt, "within its storage"},
		{"tensor of negative size", whole(tensor(0, 6, pair(-2, -3), pair(3, 1))), ErrCorrupt, "negative"},
		{"sizes that overflow", whole(tensor(0, 6, pair(1<<62, 1<<62), pair(0, 0))), ErrCorrupt, "within its storage"},
		{"one number, expanded", whole(tensor(0, 6, pair(1<<20, 1<<20), pair(0, 0))), ErrCorrupt, "within its storage"},
		{"a storage of another machine", bytes.Replace(legacyFile(t), []byte("\x88"), []byte("\x89"), 1), ErrRefused, "little-endian"},
		{"a program of TorchScript", script(t), ErrForeign, "TorchScript"},
		{"storage that says more than it has", whole(tensor(0, 1<<30, pair(1<<15, 1<<15), pair(0, 0))), ErrRefused, "larger than the file"},
		{"storage that is missing", archive(t, zip.Store, tensor(0, 6, pair(2, 3), pair(3, 1)), nil), ErrCorrupt, "missing"},
		{"compressed", archive(t, zip.Deflate, tensor(0, 6, pair(2, 3), pair(3, 1)), map[string][]byte{"0": make([]byte, 1<<20)}), ErrRefused, "compressed"},
		{"an archive of something else", archive(t, zip.Store, "", nil)[:40], ErrCorrupt, ""},
		{"another program's pickle", []byte("\x80\x04N."), ErrForeign, "another program"},
		{"no pickle", []byte("hello"), ErrForeign, ""},
		{"empty", nil, ErrForeign, ""},
		{"legacy, cut", append([]byte("\x80\x02"+string(legacyMagic)), "\x80\x02M\xe9\x03."...), ErrCorrupt, "ends early"},
		{"legacy of another version", append([]byte("\x80\x02"+string(legacyMagic)), "\x80\x02M\xea\x03.\x80\x02}.\x80\x02}.\x80\x02]."...), ErrForeign, "version"},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		groups, err := Decode(c.file)
		runtime.ReadMemStats(&after)
		if !errors.Is(err, c.want) || !strings.Contains(fmt.Sprint(err), c.says) || strings.Contains(fmt.Sprint(err), "\n") {
			t.Errorf("%s: %v (%d groups); want %v saying %q in one line", c.name, err, len(groups), c.want, c.says)
		}
		if took := after.TotalAlloc - before.TotalAlloc; took > 8<<20+uint64(len(c.file)) {
			t.Errorf("%s: %d bytes allocated for a file of %d", c.name, took, len(c.file))
		}
	}
}

// A list that holds itself, and a chain of lists each twice in the next, cost what
// they are large.
func TestCyclesAndSharedParts(t *testing.T) {
	cycle := "\x80\x02]q\x00h\x00a."
	bomb := "\x80\x02]q\x00" + strings.Repeat("(h\x00h\x00lq\x00", 200) + "."
	for _, pickle := range []string{cycle, bomb} {
		groups, err := Decode(archive(t, zip.Store, pickle, nil))
		if err != nil || len(groups) != 0 {
			t.Errorf("%v, %d groups", err, len(groups))
		}
	}
}

func FuzzDecode(f *testing.F) {
	files, err := filepath.Glob("../testdata/forms/*.p*")
	if err != nil || len(files) < 10 {
		f.Fatalf("%d seeds, %v", len(files), err)
	}
	for _, path := range files {
		b, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		if len(b) < 8<<10 {
			f.Add(b)
		}
	}
	f.Add(archive(f, zip.Store, tensor(0, 6, pair(2, 3), pair(3, 1)), map[string][]byte{"0": make([]byte, 24)}))
	f.Fuzz(func(t *testing.T, b []byte) {
		groups, err := Decode(b)
		if err != nil && !errors.Is(err, ErrRefused) && !errors.Is(err, ErrCorrupt) && !errors.Is(err, ErrForeign) {
			t.Errorf("an error of no kind: %v", err)
		}
		for _, g := range groups {
			for name, x := range g.Tensors {
				n := elementSizes[dtype(x.Type)]
				for _, d := range x.Shape {
					n *= d
				}
				if n != len(x.Data) {
					t.Errorf("%s: %v of %s in %d bytes", name, x.Shape, x.Type, len(x.Data))
				}
			}
		}
	})
}

// FuzzPickle changes the pickle alone, where the archive's sums do not stand guard.
func FuzzPickle(f *testing.F) {
	f.Add([]byte(tensor(0, 6, pair(2, 3), pair(3, 1))))
	f.Add([]byte("\x80\x02cos\nsystem\n)\x81}b."))
	f.Add([]byte("\x80\x04\x95\x08\x00\x00\x00\x00\x00\x00\x00]\x94(KKe."))
	f.Fuzz(func(t *testing.T, pickle []byte) {
		r := &reader{storages: map[string]*storage{}}
		value, _, err := r.load(pickle)
		if err == nil {
			_, err = groups(value, len(pickle))
		}
		if err != nil && !errors.Is(err, ErrRefused) && !errors.Is(err, ErrCorrupt) {
			t.Errorf("an error of no kind: %v", err)
		}
	})
}

// legacyFile is one that PyTorch wrote in the format before the zip.
func legacyFile(t *testing.T) []byte {
	t.Helper()
	b, err := os.ReadFile("../testdata/forms/legacy.pt")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// script is an archive with the source of a module.
func script(t *testing.T) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, name := range []string{"m/data.pkl", "m/constants.pkl", "m/code/__torch__.py"} {
		if _, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store}); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
