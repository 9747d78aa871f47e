package torchfile

import (
	"fmt"
	"math"

	"github.com/nlpodyssey/gopickle/types"
)

// storage is the numbers behind tensors. They are looked up after the pickle.
type storage struct {
	key  string
	kind dtype // "" for an untyped one
	n    int   // elements, bytes of an untyped one
	data []byte
}

// storageKind is torch.FloatStorage and the like; "" is untyped.
type storageKind struct{ kind dtype }

var storageKinds = func() map[string]*storageKind {
	m := map[string]*storageKind{}
	for name, kind := range map[string]dtype{
		"FloatStorage": "float32", "DoubleStorage": "float64", "HalfStorage": "float16", "BFloat16Storage": "bfloat16",
		"LongStorage": "int64", "IntStorage": "int32", "ShortStorage": "int16", "CharStorage": "int8", "ByteStorage": "uint8", "BoolStorage": "bool",
		"ComplexFloatStorage": "complex64", "ComplexDoubleStorage": "complex128",
		"QInt8Storage": "qint8", "QUInt8Storage": "quint8", "QInt32Storage": "qint32",
	} {
		m["torch."+name] = &storageKind{kind}
		m["torch.cuda."+name] = &storageKind{kind}
	}
	m["torch.storage.UntypedStorage"] = &storageKind{}
	m["torch.UntypedStorage"] = &storageKind{}
	return m
}()

// elementSizes is bytes an element.
var elementSizes = map[dtype]int{
	"float32": 4, "float64": 8, "float16": 2, "bfloat16": 2, "int64": 8, "int32": 4, "int16": 2, "int8": 1, "uint8": 1, "bool": 1,
	"complex64": 8, "complex128": 16, "qint8": 1, "quint8": 1, "qint32": 4,
	"float8_e4m3fn": 1, "float8_e5m2": 1, "float8_e4m3fnuz": 1, "float8_e5m2fnuz": 1, "uint16": 2, "uint32": 4, "uint64": 8, "complex32": 4,
}

// lazy is a tensor of the pickle.
type lazy struct {
	of      *storage
	kind    dtype
	offset  int // elements
	size    []int
	stride  []int
	numbers int // elements, the product of size
}

const (
	maxDims   = 8       // of a tensor
	maxSpread = 1 << 22 // elements of an expanded one, which has fewer in its storage
)

// rebuildTensor is torch._utils._rebuild_tensor and its later versions: storage,
// offset, size, stride, then what does not matter here, and in version 3 the type.
func rebuildTensor(args []any) (any, error) {
	if len(args) < 4 {
		return nil, fmt.Errorf("%w: a tensor of %d parts", ErrCorrupt, len(args))
	}
	s, ok := args[0].(*storage)
	offset, fine := args[1].(int)
	size, err := ints(args[2])
	if err != nil {
		return nil, err
	}
	stride, err := ints(args[3])
	if err != nil {
		return nil, err
	}
	if !ok || !fine || offset < 0 || len(size) != len(stride) {
		return nil, fmt.Errorf("%w: a tensor without a storage, or of contradicting sizes", ErrCorrupt)
	}
	t := &lazy{of: s, kind: s.kind, offset: offset, size: size, stride: stride, numbers: 1}
	if len(args) >= 7 {
		if kind, ok := args[6].(dtype); ok {
			t.kind = kind
		}
	}
	return t, t.check()
}

// check bounds the tensor by its storage, in numbers that cannot overflow.
func (t *lazy) check() error {
	bytes := elementSizes[t.kind]
	if bytes == 0 {
		return fmt.Errorf("%w: a tensor of an unknown type", ErrCorrupt)
	}
	have := float64(t.of.n)
	if t.of.kind == "" {
		have /= float64(bytes)
	}
	numbers, last := 1.0, float64(t.offset)
	for i, n := range t.size {
		if n < 0 || t.stride[i] < 0 {
			return fmt.Errorf("%w: a tensor of negative size", ErrCorrupt)
		}
		numbers *= float64(n)
		last += float64(max(n-1, 0)) * float64(t.stride[i])
	}
	switch {
	case numbers == 0:
		t.numbers = 0
		return nil
	case last >= have, numbers > max(have, maxSpread), numbers > math.MaxInt32*16:
		return fmt.Errorf("%w: a tensor of shape %v at %d does not lie within its storage of %.0f", ErrCorrupt, t.size, t.offset, have)
	}
	t.numbers = int(numbers)
	return nil
}

// contiguous tells that elements stand in the order of the shape.
func (t *lazy) contiguous() bool {
	step := 1
	for i := len(t.size) - 1; i >= 0; i-- {
		if t.size[i] != 1 && t.stride[i] != step {
			return false
		}
		step *= t.size[i]
	}
	return true
}

// bytes is the tensor's elements, row-major, little-endian: those of the file where
// they are contiguous.
func (t *lazy) bytes() ([]byte, error) {
	n := elementSizes[t.kind]
	if t.numbers == 0 {
		return nil, nil
	}
	last := t.offset
	for i := range t.size {
		last += (t.size[i] - 1) * t.stride[i]
	}
	if last >= len(t.of.data)/n {
		return nil, fmt.Errorf("%w: storage %q has %d bytes, a tensor needs %d elements of %d", ErrCorrupt, t.of.key, len(t.of.data), last+1, n)
	}
	if t.contiguous() {
		return t.of.data[t.offset*n : (t.offset+t.numbers)*n], nil
	}
	out := make([]byte, 0, t.numbers*n)
	at := make([]int, len(t.size))
	for range t.numbers {
		i := t.offset
		for d := range at {
			i += at[d] * t.stride[d]
		}
		out = append(out, t.of.data[i*n:(i+1)*n]...)
		for d := len(at) - 1; d >= 0; d-- {
			if at[d]++; at[d] < t.size[d] {
				break
			}
			at[d] = 0
		}
	}
	return out, nil
}

// rebuildParameter is torch._utils._rebuild_parameter: the tensor is the first
// argument.
func rebuildParameter(args []any) (any, error) {
	if len(args) > 0 {
		if t, ok := args[0].(*lazy); ok {
			return t, nil
		}
	}
	return nil, fmt.Errorf("%w: a parameter without a tensor", ErrCorrupt)
}

// rebuildFromType is torch._tensor._rebuild_from_type_v2: a function, a class, its
// arguments, a state.
func rebuildFromType(args []any) (any, error) {
	if len(args) >= 3 {
		f, ok := args[0].(rebuild)
		inner, isTuple := args[2].(*types.Tuple)
		if ok && isTuple {
			return f(*inner)
		}
	}
	return nil, fmt.Errorf("%w: it builds a tensor by a function that is not known", ErrRefused)
}

// ints reads a tuple of integers.
func ints(v any) ([]int, error) {
	if o, ok := v.(*object); ok && o.class == "torch.Size" && len(o.args) == 1 {
		v = o.args[0]
	}
	t, ok := v.(*types.Tuple)
	if !ok || t.Len() > maxDims {
		return nil, fmt.Errorf("%w: a tensor's size is no short tuple", ErrCorrupt)
	}
	out := make([]int, t.Len())
	for i := range out {
		n, ok := t.Get(i).(int)
		if !ok {
			return nil, fmt.Errorf("%w: a tensor's size is %v", ErrCorrupt, t.Get(i))
		}
		out[i] = n
	}
	return out, nil
}
