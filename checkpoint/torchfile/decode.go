package torchfile

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/nlpodyssey/gopickle/pickle"
	"github.com/nlpodyssey/gopickle/types"
)

// maxEntries bounds the files of an archive: one a tensor and a few more.
const maxEntries = 1 << 16

// legacyMagic is the number that the format before the zip begins with (torch/serialization.py),
// a pickle of its own: a long of ten bytes, behind the protocol and, from protocol 4 on, a frame.
var legacyMagic = []byte{0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, '.'}

// cutLegacyMagic is what follows the number.
func cutLegacyMagic(b []byte) (rest []byte, ok bool) {
	if len(b) < 2 || b[0] != 0x80 {
		return nil, false
	}
	rest = b[2:]
	if len(rest) > 9 && rest[0] == 0x95 {
		rest = rest[9:]
	}
	return bytes.CutPrefix(rest, legacyMagic)
}

// Is tells by its first bytes that b may be a file of torch.save.
func Is(b []byte) bool {
	return bytes.HasPrefix(b, []byte("PK\x03\x04")) || len(b) > 2 && b[0] == 0x80 && b[1] <= 5
}

// Decode reads the groups of tensors in a file of torch.save. The tensors' data
// point into b where they can. Errors match ErrForeign, ErrCorrupt or ErrRefused.
func Decode(b []byte) ([]Group, error) {
	if bytes.HasPrefix(b, []byte("PK\x03\x04")) {
		return decodeZip(b)
	}
	if rest, ok := cutLegacyMagic(b); ok {
		return decodeLegacy(rest, len(b))
	}
	if len(b) > 2 && b[0] == 0x80 && b[1] <= 5 {
		return nil, fmt.Errorf("%w: this is a pickle of another program; save the weights with torch.save(model.state_dict(), ...)", ErrForeign)
	}
	return nil, ErrForeign
}

// decodeZip reads the format since PyTorch 1.6: an archive with NAME/data.pkl and
// NAME/data/KEY for every storage, none of them compressed.
func decodeZip(b []byte) ([]Group, error) {
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return nil, fmt.Errorf("%w: the archive cannot be read (%v)", ErrCorrupt, err)
	}
	if len(z.File) > maxEntries {
		return nil, fmt.Errorf("%w: an archive of %d files", ErrRefused, len(z.File))
	}
	entries := map[string]*zip.File{}
	root := ""
	for _, f := range z.File {
		entries[f.Name] = f
		if dir, ok := strings.CutSuffix(f.Name, "data.pkl"); ok && (dir == "" || strings.HasSuffix(dir, "/")) {
			root = dir
		}
	}
	main := entries[root+"data.pkl"]
	switch {
	case main == nil:
		return nil, fmt.Errorf("%w: the archive has no data.pkl", ErrForeign)
	case entries[root+"constants.pkl"] != nil && hasCode(z, root):
		return nil, fmt.Errorf("%w: this is a TorchScript program; save its state dict", ErrForeign)
	}
	if order := entries[root+"byteorder"]; order != nil {
		switch raw, err := storedBytes(b, order); {
		case err != nil:
			return nil, err
		case string(raw) != "little":
			return nil, fmt.Errorf("%w: its numbers are not little-endian", ErrRefused)
		}
	}
	raw, err := storedBytes(b, main)
	if err != nil {
		return nil, err
	}
	r := &reader{storages: map[string]*storage{}}
	value, _, err := r.load(raw)
	if err != nil {
		return nil, err
	}
	for key, s := range r.storages {
		f := entries[root+"data/"+key]
		if f == nil {
			return nil, fmt.Errorf("%w: storage %q is missing", ErrCorrupt, key)
		}
		if s.data, err = storedBytes(b, f); err != nil {
			return nil, err
		}
	}
	return groups(value, len(b))
}

// hasCode tells a TorchScript archive, which holds the source of the module.
func hasCode(z *zip.Reader, root string) bool {
	for _, f := range z.File {
		if strings.HasPrefix(f.Name, root+"code/") {
			return true
		}
	}
	return false
}

// storedBytes is the bytes of a file in the archive, which are those of b.
func storedBytes(b []byte, f *zip.File) ([]byte, error) {
	if f.Method != zip.Store || f.CompressedSize64 != f.UncompressedSize64 {
		return nil, fmt.Errorf("%w: %q is compressed, as torch.save never does", ErrRefused, f.Name)
	}
	at, err := f.DataOffset()
	if err != nil || at < 0 || uint64(at) > uint64(len(b)) || f.UncompressedSize64 > uint64(len(b))-uint64(at) {
		return nil, fmt.Errorf("%w: %q lies outside the file", ErrCorrupt, f.Name)
	}
	return b[at : at+int64(f.UncompressedSize64)], nil
}

// decodeLegacy reads the format before: a magic number, a version, facts of the
// machine, the value and a list of keys, each a pickle; then the storages, each an
// int64 of its elements and the elements. rest begins behind the number, size is that of
// the file.
func decodeLegacy(rest []byte, size int) ([]Group, error) {
	r := &reader{storages: map[string]*storage{}}
	var values [4]any
	for i := range values {
		value, n, err := r.load(rest)
		if err != nil {
			return nil, err
		}
		values[i], rest = value, rest[n:]
	}
	if version, ok := values[0].(int); !ok || version != 1001 {
		return nil, fmt.Errorf("%w: version %v of the format", ErrForeign, values[0])
	}
	if little, ok := lookup(values[1], "little_endian").(bool); ok && !little {
		return nil, fmt.Errorf("%w: its numbers are not little-endian", ErrRefused)
	}
	keys, ok := values[3].(*types.List)
	if !ok {
		return nil, fmt.Errorf("%w: no list of storages", ErrCorrupt)
	}
	for _, k := range *keys {
		key, _ := k.(string)
		s := r.storages[key]
		if s == nil {
			return nil, fmt.Errorf("%w: storage %v belongs to no tensor", ErrCorrupt, k)
		}
		if len(rest) < 8 {
			return nil, fmt.Errorf("%w: it ends before storage %q", ErrCorrupt, key)
		}
		n := binary.LittleEndian.Uint64(rest)
		each := uint64(max(elementSizes[s.kind], 1))
		if rest = rest[8:]; n != uint64(s.n) || n > uint64(len(rest))/each {
			return nil, fmt.Errorf("%w: storage %q of %d elements has %d, and %d bytes are left", ErrCorrupt, key, s.n, n, len(rest))
		}
		s.data, rest = rest[:n*each], rest[n*each:]
	}
	return groups(values[2], size)
}

// reader reads pickles that share storages.
type reader struct{ storages map[string]*storage }

// load reads the pickle that b begins with and tells its length. What the library
// does with nonsense (it panics in a few places) is the error of the file.
func (r *reader) load(b []byte) (value any, n int, err error) {
	if n, err = scan(b); err != nil {
		return nil, 0, err
	}
	defer func() {
		if p := recover(); p != nil {
			value, err = nil, fmt.Errorf("%w: its pickle makes no sense (%v)", ErrCorrupt, p)
		}
	}()
	u := pickle.NewUnpickler(bytes.NewReader(b[:n]))
	u.FindClass, u.PersistentLoad = findClass, r.persistent
	value, err = u.Load()
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		err = fmt.Errorf("%w: the pickle ends early", ErrCorrupt)
	case err != nil && !errors.Is(err, ErrRefused) && !errors.Is(err, ErrCorrupt):
		err = fmt.Errorf("%w: %s", ErrCorrupt, short(err.Error()))
	}
	return value, n, err
}

// short bounds what the library says of a value.
func short(s string) string {
	if len(s) > 200 {
		s = strings.ToValidUTF8(s[:200], "") + " ..."
	}
	return s
}

// persistent is a storage: ("storage", kind, key, device, elements).
func (r *reader) persistent(id any) (any, error) {
	t, ok := id.(*types.Tuple)
	if !ok || t.Len() < 5 || t.Get(0) != "storage" {
		return nil, fmt.Errorf("%w: it refers to something that is no storage", ErrCorrupt)
	}
	kind, ok1 := t.Get(1).(*storageKind)
	key, ok2 := t.Get(2).(string)
	n, ok3 := t.Get(4).(int)
	if !ok1 || !ok2 || !ok3 || n < 0 {
		return nil, fmt.Errorf("%w: a storage of an unknown kind", ErrCorrupt)
	}
	if t.Len() > 5 && t.Get(5) != nil {
		return nil, fmt.Errorf("%w: a view of a storage, as PyTorch before 0.4 wrote; load and save it again", ErrRefused)
	}
	if s := r.storages[key]; s != nil {
		if s.kind != kind.kind || s.n != n {
			return nil, fmt.Errorf("%w: storage %q is of two kinds", ErrCorrupt, key)
		}
		return s, nil
	}
	s := &storage{key: key, kind: kind.kind, n: n}
	r.storages[key] = s
	return s, nil
}
