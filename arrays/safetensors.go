package arrays

import (
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/nlpodyssey/safetensors"
)

// maxTensorHeader bounds the header before it is parsed.
const maxTensorHeader = 16 << 20

var tensorKinds = map[safetensors.DType]string{
	safetensors.F64: "f8", safetensors.F32: "f4", safetensors.F16: "f2", safetensors.I64: "i8", safetensors.I32: "i4",
	safetensors.I16: "i2", safetensors.I8: "i1", safetensors.U8: "u1", safetensors.BOOL: "b1",
}

func decodeSafetensors(b []byte) ([]Matrix, error) {
	if n := binary.LittleEndian.Uint64(b); n > maxTensorHeader || n > uint64(len(b)-8) {
		return nil, fmt.Errorf("%w: its header says %d bytes of %d", ErrCorrupt, n, len(b))
	}
	n, header, err := safetensors.ReadMetadata(b)
	if err != nil {
		return nil, fmt.Errorf("%w: %v", ErrCorrupt, err)
	}
	body := b[8+n:]
	tensors := header.Tensors()
	var all []Matrix
	for _, name := range slices.Sorted(maps.Keys(tensors)) {
		info := tensors[name]
		shape := make([]int, len(info.Shape))
		for i, d := range info.Shape {
			if d > math.MaxInt32 {
				return nil, fmt.Errorf("%s %v: %w", name, info.Shape, ErrTooLarge)
			}
			shape[i] = int(d)
		}
		if len(shape) == 0 {
			continue
		}
		rows, cols, err := rowsAndColumns(name, shape)
		if err != nil {
			return nil, err
		}
		m := Matrix{Name: name, Rows: rows, Cols: cols, Values: make([]float32, rows*cols)}
		data := body[info.DataOffsets[0]:info.DataOffsets[1]] // the library has checked that it is as long as the shape says
		if err := m.fill(info.DType, data); err != nil {
			return nil, err
		}
		all = append(all, m)
	}
	return all, nil
}

func (m *Matrix) fill(kind safetensors.DType, data []byte) error {
	if kind == safetensors.BF16 {
		for i := range m.Values {
			m.Values[i] = math.Float32frombits(uint32(binary.LittleEndian.Uint16(data[2*i:])) << 16)
		}
		return nil
	}
	k, ok := tensorKinds[kind]
	if !ok {
		return fmt.Errorf("%w: %s is of type %s", ErrFormat, m.Name, kind)
	}
	size := numberSizes[k]
	for i := range m.Values {
		x, ok := number(k, data[i*size:])
		if !ok {
			return fmt.Errorf("%w: element %d of %s does not fit into float32", ErrFormat, i, m.Name)
		}
		m.Values[i] = x
	}
	return nil
}
