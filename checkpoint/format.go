package checkpoint

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"maps"
	"math"
	"os"
	"slices"

	"github.com/nlpodyssey/safetensors"
	"github.com/rnnscope/rnnscope/checkpoint/torchfile"
	"github.com/rnnscope/rnnscope/internal/durable"
)

// maxHeader bounds the header before it is parsed: JSON grows about tenfold in
// memory. The header of a network with 100 layers and 20,000 symbols has under 1 MB.
const maxHeader = 16 << 20

// maxFile bounds what is read into memory, 8 GiB: thirty times the largest
// network this program trains.
const maxFile = 8 << 30

// tensor is one named float32 array, row-major.
type tensor struct {
	shape []int
	data  []float32
}

func (t tensor) DType() safetensors.DType { return safetensors.F32 }

func (t tensor) Shape() []uint64 {
	shape := make([]uint64, len(t.shape))
	for i, n := range t.shape {
		shape[i] = uint64(n)
	}
	return shape
}

func (t tensor) Data() []byte {
	b := make([]byte, 0, 4*len(t.data))
	for _, v := range t.data {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
	}
	return b
}

func (t tensor) DataLen() uint64 { return 4 * uint64(len(t.data)) }

// encode writes tensors and metadata to w, adding the checksum of both.
func encode(w io.Writer, tensors map[string]tensor, meta map[string]string) error {
	for _, name := range slices.Sorted(maps.Keys(tensors)) {
		if i := firstNotFinite(tensors[name].data); i >= 0 {
			return fmt.Errorf("%s element %d is %v: %w", name, i, tensors[name].data[i], ErrNotFinite)
		}
	}
	views := make(map[string]summed, len(tensors))
	for name, t := range tensors {
		views[name] = summed{tensor: t, bytes: t.Data()}
	}
	meta = maps.Clone(meta)
	meta[keyChecksum] = checksum(views, meta)
	return safetensors.SerializeToWriter(views, meta, w)
}

// summed is a tensor whose bytes are already laid out, so that they are made once
// for the checksum and the file.
type summed struct {
	tensor
	bytes []byte
}

func (s summed) Data() []byte { return s.bytes }

func firstNotFinite(x []float32) int {
	// x*0 is 0 for finite x and NaN otherwise; the sum of a clean block is 0.
	var sum float32
	for _, v := range x {
		sum += v * 0
	}
	if sum == 0 {
		return -1
	}
	return slices.IndexFunc(x, func(v float32) bool { return v-v != 0 })
}

// checksum is the SHA-256 of every metadata entry but itself and of every tensor's
// name, type, shape and bytes, each in the order of names and with its length, so
// that no flipped bit that could be read back as something else goes unseen.
func checksum[V safetensors.View](views map[string]V, meta map[string]string) string {
	h := sha256.New()
	for _, k := range slices.Sorted(maps.Keys(meta)) {
		if k == keyChecksum {
			continue
		}
		hashString(h, k)
		hashString(h, meta[k])
	}
	for _, name := range slices.Sorted(maps.Keys(views)) {
		v := views[name]
		hashString(h, name)
		hashString(h, fmt.Sprint(v.DType(), v.Shape()))
		h.Write(v.Data())
	}
	return hex.EncodeToString(h.Sum(nil))
}

func hashString(h hash.Hash, s string) {
	fmt.Fprintf(h, "%d:%s", len(s), s)
}

// file is a parsed safetensors file whose views point into the bytes read.
type file struct {
	views map[string]safetensors.TensorView
	meta  map[string]string
}

// readFile reads path whole. The file must be a regular one: its size bounds all
// allocation that follows.
func readFile(path string) ([]byte, error) {
	f, err := durable.OpenRegular(path)
	if errors.Is(err, durable.ErrNotFile) {
		return nil, fmt.Errorf("%s is not a file: %w", path, ErrForeign)
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.Size() > maxFile {
		return nil, fmt.Errorf("%s has %d bytes, more than the %d this program reads: %w", path, info.Size(), int64(maxFile), ErrUnsupported)
	}
	b := make([]byte, info.Size())
	if _, err := io.ReadFull(f, b); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return b, nil
}

// parse reads the container and says what it is when it is not one.
func parse(b []byte) (*file, error) {
	if err := precheck(b); err != nil {
		return nil, err
	}
	n, header, err := safetensors.ReadMetadata(b)
	if err != nil {
		return nil, explain(b, err)
	}
	body := b[8+n:]
	f := &file{views: map[string]safetensors.TensorView{}, meta: header.Metadata()}
	if f.meta == nil {
		f.meta = map[string]string{}
	}
	for name, info := range header.Tensors() {
		// The library has checked that offsets tile the body and agree with the shape.
		data := body[info.DataOffsets[0]:info.DataOffsets[1]]
		if len(info.Shape) == 0 {
			continue // a scalar: NewTensorView has no word for it and no network here has one
		}
		view, err := safetensors.NewTensorView(info.DType, info.Shape, data)
		if err != nil {
			return nil, fmt.Errorf("%w: tensor %q: %w", ErrCorrupt, name, err)
		}
		f.views[name] = view
	}
	return f, nil
}

// explain tells a body that ends early from other damage. precheck has passed.
func explain(b []byte, err error) error {
	n := binary.LittleEndian.Uint64(b)
	var header safetensors.Metadata
	if json.Unmarshal(b[8:8+n], &header) == nil {
		var end uint64
		for _, info := range header.Tensors() {
			end = max(end, info.DataOffsets[1])
		}
		if have := uint64(len(b)) - 8 - n; end > have {
			return fmt.Errorf("%d bytes of tensors, %d were written: %w", have, end, ErrTruncated)
		}
	}
	return fmt.Errorf("%w: %w", ErrCorrupt, err)
}

// precheck looks at the first bytes and the two lengths, which tell a truncated
// file from one of another format before any JSON is parsed.
func precheck(b []byte) error {
	switch {
	case len(b) == 0:
		return fmt.Errorf("the file is empty: %w", ErrTruncated)
	case torchfile.Is(b) && (len(b) < 9 || b[8] != '{'):
		return fmt.Errorf("this is a PyTorch pickle, which rnnscope import reads as it reads what safetensors.torch.save_file wrote: %w", ErrForeign)
	case len(b) < 9:
		return fmt.Errorf("%d bytes: %w", len(b), ErrTruncated)
	case b[8] != '{':
		return fmt.Errorf("this is not a safetensors file: %w", ErrForeign)
	}
	n := binary.LittleEndian.Uint64(b)
	switch {
	case n > maxHeader:
		return fmt.Errorf("%w: the header claims %d bytes", ErrCorrupt, n)
	case n > uint64(len(b)-8):
		return fmt.Errorf("the header claims %d bytes and the file has %d: %w", n, len(b), ErrTruncated)
	}
	return nil
}

// verify checks that f is one of ours and is what was written.
func (f *file) verify(kind string) error {
	if f.meta[keyKind] == "" {
		return fmt.Errorf("it has no %s in its metadata (rnnscope import reads weights saved by PyTorch): %w", keyKind, ErrForeign)
	}
	if got := f.meta[keyFormat]; got != formatVersion {
		return fmt.Errorf("format %q, this program reads %q: %w", got, formatVersion, ErrUnsupported)
	}
	if checksum(f.views, f.meta) != f.meta[keyChecksum] {
		return fmt.Errorf("%w: the checksum does not match the contents", ErrCorrupt)
	}
	if got := f.meta[keyKind]; got != kind {
		return fmt.Errorf("this is a %s file, not a %s file: %w", got, kind, ErrForeign)
	}
	return nil
}

// take removes tensor name from f and returns its elements as float32.
func (f *file) take(name string, shape ...int) ([]float32, error) {
	v, ok := f.views[name]
	if !ok {
		return nil, fmt.Errorf("%w: tensor %s is missing", ErrCorrupt, name)
	}
	if !slices.Equal(v.Shape(), tensor{shape: shape}.Shape()) {
		return nil, fmt.Errorf("%w: tensor %s has shape %v, expected %v", ErrCorrupt, name, v.Shape(), shape)
	}
	delete(f.views, name)
	x, err := floats(v)
	if err != nil {
		return nil, fmt.Errorf("tensor %s: %w", name, err)
	}
	return x, nil
}

// floats converts a tensor of any floating type to float32. F64 is rounded to
// nearest; a value that float32 cannot hold is an error like NaN.
func floats(v safetensors.TensorView) ([]float32, error) {
	b := v.Data()
	size := v.DType().Size()
	x := make([]float32, uint64(len(b))/size)
	switch v.DType() {
	case safetensors.F32:
		for i := range x {
			x[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
		}
	case safetensors.F64:
		for i := range x {
			x[i] = float32(math.Float64frombits(binary.LittleEndian.Uint64(b[8*i:])))
		}
	case safetensors.BF16:
		for i := range x {
			x[i] = math.Float32frombits(uint32(binary.LittleEndian.Uint16(b[2*i:])) << 16)
		}
	case safetensors.F16:
		for i := range x {
			x[i] = fromHalf(binary.LittleEndian.Uint16(b[2*i:]))
		}
	default:
		return nil, fmt.Errorf("type %s is not a floating type: %w", v.DType(), ErrUnsupported)
	}
	if i := firstNotFinite(x); i >= 0 {
		return nil, fmt.Errorf("element %d is %v: %w", i, x[i], ErrNotFinite)
	}
	return x, nil
}

// fromHalf converts an IEEE 754 binary16, exactly.
func fromHalf(h uint16) float32 {
	sign := uint32(h&0x8000) << 16
	exp := uint32(h>>10) & 0x1f
	frac := uint32(h) & 0x3ff
	switch exp {
	case 0: // zero or subnormal: frac * 2^-24
		return math.Float32frombits(sign | math.Float32bits(float32(frac)*0x1p-24))
	case 0x1f:
		return math.Float32frombits(sign | 0x7f800000 | frac<<13)
	}
	return math.Float32frombits(sign | (exp+112)<<23 | frac<<13)
}

// within adds the path to an error from reading, unless the error of the
// operating system already names it.
func within(path string, err error) error {
	var p *os.PathError
	if err == nil || errors.As(err, &p) {
		return err
	}
	return fmt.Errorf("%s: %w", path, err)
}
