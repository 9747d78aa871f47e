// Package frame writes arrays as the live page reads them: binary, with a head that says what they are.
package frame

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
)

// Type is the content type of arrays. An answer is one frame or several, one after
// another. A frame is, all numbers little-endian:
//
//	4 bytes  "RNS1"
//	4 bytes  length of the head, a multiple of 4
//	4 bytes  length of the body, a multiple of 4
//	head     JSON, padded with spaces: {"arrays":[{"name":"value","type":"f32","shape":[T,U]}, ...], ...}
//	body     the arrays in the order of the head, row-major, each padded with zeros to 4 bytes
//
// Types: f32 IEEE 754 single, i32 signed, u16 and u8 unsigned.
const Type = "application/vnd.rnnscope.arrays"

const magic = "RNS1"

// Array is one named array of a frame: Data is []float32, []int32, []uint16 or []uint8.
type Array struct {
	Name  string
	Shape []int
	Data  any
}

// Of is an array; the product of shape is the length of data.
func Of(name string, shape []int, data any) Array { return Array{name, shape, data} }

type arrayHead struct {
	Name  string `json:"name"`
	Type  string `json:"type"`
	Shape []int  `json:"shape"`
}

// Write writes one frame; head may be nil, or an object to which "arrays" is added.
func Write(w io.Writer, head map[string]any, arrays ...Array) error {
	all := map[string]any{}
	for k, v := range head {
		all[k] = v
	}
	var body bytes.Buffer
	heads := make([]arrayHead, len(arrays))
	for i, a := range arrays {
		kind, err := a.write(&body)
		if err != nil {
			return err
		}
		heads[i] = arrayHead{a.Name, kind, a.Shape}
	}
	all["arrays"] = heads
	text, err := json.Marshal(all)
	if err != nil {
		return err
	}
	for len(text)%4 != 0 {
		text = append(text, ' ')
	}
	frame := make([]byte, 0, 12+len(text)+body.Len())
	frame = append(frame, magic...)
	frame = binary.LittleEndian.AppendUint32(frame, uint32(len(text)))
	frame = binary.LittleEndian.AppendUint32(frame, uint32(body.Len()))
	frame = append(append(frame, text...), body.Bytes()...)
	_, err = w.Write(frame)
	return err
}

func (a Array) write(b *bytes.Buffer) (kind string, err error) {
	n := 1
	for _, s := range a.Shape {
		n *= s
	}
	length := 0
	out := b.AvailableBuffer()
	switch d := a.Data.(type) {
	case []float32:
		kind, length = "f32", len(d)
		for _, v := range d {
			out = binary.LittleEndian.AppendUint32(out, math.Float32bits(v))
		}
	case []int32:
		kind, length = "i32", len(d)
		for _, v := range d {
			out = binary.LittleEndian.AppendUint32(out, uint32(v))
		}
	case []uint16:
		kind, length = "u16", len(d)
		for _, v := range d {
			out = binary.LittleEndian.AppendUint16(out, v)
		}
	case []uint8:
		kind, length = "u8", len(d)
		out = append(out, d...)
	default:
		return "", fmt.Errorf("frame: an array of %T", a.Data)
	}
	if length != n {
		return "", fmt.Errorf("frame: array %s has %d values, its shape %v %d", a.Name, length, a.Shape, n)
	}
	for len(out)%4 != 0 {
		out = append(out, 0)
	}
	b.Write(out)
	return kind, nil
}
