// Package tensorboard writes what a training measures as event files that TensorBoard reads.
//
// An event file is a row of records: the length of the data (8 bytes, little endian), a checksum of it, the data, a checksum of
// that. The data is a protocol buffer, tensorflow.Event; the checksum is a masked CRC-32C. The formats are those of
// tensorflow/core/lib/io/record_writer.h and tensorflow/core/util/event.proto.
package tensorboard

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math"
	"os"
	"path/filepath"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
)

// Writer appends events to a file of its own. It is not safe for several goroutines.
type Writer struct {
	f   *os.File
	now func() time.Time
}

// Create makes dir if need be and begins a new event file in it; TensorBoard shows the files of one directory as one run.
func Create(dir string) (*Writer, error) { return create(dir, time.Now) }

func create(dir string, now func() time.Time) (*Writer, error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, err
	}
	f, err := newFile(dir, now().Unix())
	if err != nil {
		return nil, err
	}
	w := &Writer{f: f, now: now}
	if err := w.record(appendText(w.event(0), 3, "brain.Event:2")); err != nil {
		f.Close()
		return nil, err
	}
	return w, nil
}

// newFile opens a file that was not there; two trainings may begin in the same second.
func newFile(dir string, seconds int64) (*os.File, error) {
	for n := 0; ; n++ {
		path := filepath.Join(dir, fmt.Sprintf("events.out.tfevents.%010d.rnnscope.%d", seconds, n))
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if err == nil || !os.IsExist(err) {
			return f, err
		}
	}
}

// Scalar adds a number of a training step, for example "loss/validation".
func (w *Writer) Scalar(step int64, tag string, value float64) error {
	v := appendText(nil, 1, tag)
	v = protowire.AppendTag(v, 2, protowire.Fixed32Type)
	v = protowire.AppendFixed32(v, math.Float32bits(float32(value)))
	return w.value(step, v)
}

// Text adds words of a training step; TensorBoard reads them as Markdown.
func (w *Writer) Text(step int64, tag, words string) error {
	plugin := appendMessage(nil, 1, appendText(nil, 1, "text"))
	one := appendMessage(nil, 2, appendInt(nil, 1, 1)) // a shape of one dimension, of size 1
	tensor := appendInt(nil, 1, 7)                     // DT_STRING
	tensor = appendMessage(tensor, 2, one)
	tensor = appendText(tensor, 8, words)
	v := appendText(nil, 1, tag)
	v = appendMessage(v, 8, tensor)
	return w.value(step, appendMessage(v, 9, plugin))
}

// Flush makes what was written outlive a power cut.
func (w *Writer) Flush() error { return w.f.Sync() }

// Close ends the file.
func (w *Writer) Close() error { return w.f.Close() }

// value writes an event whose summary holds the one value v.
func (w *Writer) value(step int64, v []byte) error {
	return w.record(appendMessage(w.event(step), 5, appendMessage(nil, 1, v)))
}

// event begins an event: when, and at which step.
func (w *Writer) event(step int64) []byte {
	b := protowire.AppendTag(nil, 1, protowire.Fixed64Type)
	b = protowire.AppendFixed64(b, math.Float64bits(float64(w.now().UnixMicro())/1e6))
	return appendInt(b, 2, uint64(step))
}

// record writes one record with a single write, so that a kill leaves at most one that is cut short.
func (w *Writer) record(data []byte) error {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(data)))
	b = binary.LittleEndian.AppendUint32(b, checksum(b))
	b = append(b, data...)
	b = binary.LittleEndian.AppendUint32(b, checksum(data))
	_, err := w.f.Write(b)
	return err
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// checksum is the CRC-32C, rotated and shifted so that a checksum of data with checksums inside is a good one.
func checksum(data []byte) uint32 {
	c := crc32.Checksum(data, castagnoli)
	return (c>>15 | c<<17) + 0xa282ead8
}

func appendText(b []byte, field protowire.Number, s string) []byte {
	return protowire.AppendString(protowire.AppendTag(b, field, protowire.BytesType), s)
}

func appendMessage(b []byte, field protowire.Number, m []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, field, protowire.BytesType), m)
}

func appendInt(b []byte, field protowire.Number, n uint64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, field, protowire.VarintType), n)
}
