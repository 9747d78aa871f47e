package tensorboard

import (
	"encoding/binary"
	"encoding/hex"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
)

// The checksum of 32 zero bytes is in RFC 3720 (8a9136aa); masking turns it into (rotr(c, 15) + a282ead8) mod 2^32.
func TestChecksum(t *testing.T) {
	if got, want := checksum(make([]byte, 32)), uint32(0x0fd7fffa); got != want {
		t.Errorf("masked CRC-32C of 32 zeros: %08x, want %08x", got, want)
	}
}

// records reads a file as TensorBoard does: a record whose checksum is wrong fails.
func records(t *testing.T, path string) [][]byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var all [][]byte
	for len(b) > 0 {
		n := binary.LittleEndian.Uint64(b)
		if binary.LittleEndian.Uint32(b[8:]) != checksum(b[:8]) || binary.LittleEndian.Uint32(b[12+n:]) != checksum(b[12:12+n]) {
			t.Fatal("a checksum is wrong")
		}
		all = append(all, b[12:12+n])
		b = b[16+n:]
	}
	return all
}

// field is the bytes of a field of a message, for varints their value.
func field(t *testing.T, message []byte, number protowire.Number) (value []byte, n uint64) {
	t.Helper()
	for len(message) > 0 {
		num, kind, l := protowire.ConsumeTag(message)
		message = message[l:]
		size := protowire.ConsumeFieldValue(num, kind, message)
		if size < 0 {
			t.Fatalf("not a protocol buffer: %s", hex.EncodeToString(message))
		}
		if num == number {
			switch kind {
			case protowire.VarintType:
				n, _ = protowire.ConsumeVarint(message)
				return nil, n
			case protowire.BytesType:
				value, _ = protowire.ConsumeBytes(message)
				return value, 0
			}
			return message[:size], 0
		}
		message = message[size:]
	}
	return nil, 0
}

func TestWriter(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "folder")
	at := time.Unix(1_700_000_000, 500_000_000)
	w, err := create(dir, func() time.Time { return at })
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Scalar(300, "loss/validation", 1.25); err != nil {
		t.Fatal(err)
	}
	if err := w.Text(300, "sample", "said 「是」"); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	all := records(t, filepath.Join(dir, "events.out.tfevents.1700000000.rnnscope.0"))
	if len(all) != 3 {
		t.Fatalf("%d records, want 3", len(all))
	}
	if v, _ := field(t, all[0], 3); string(v) != "brain.Event:2" {
		t.Errorf("the file begins with version %q", v)
	}
	if v, _ := field(t, all[1], 1); math.Float64frombits(binary.LittleEndian.Uint64(v)) != 1_700_000_000.5 {
		t.Errorf("wall time %v", v)
	}
	if _, n := field(t, all[1], 2); n != 300 {
		t.Errorf("step %d, want 300", n)
	}
	summary, _ := field(t, all[1], 5)
	value, _ := field(t, summary, 1)
	tag, _ := field(t, value, 1)
	number, _ := field(t, value, 2)
	if string(tag) != "loss/validation" || math.Float32frombits(binary.LittleEndian.Uint32(number)) != 1.25 {
		t.Errorf("scalar %q %v", tag, number)
	}
	summary, _ = field(t, all[2], 5)
	value, _ = field(t, summary, 1)
	tensor, _ := field(t, value, 8)
	if words, _ := field(t, tensor, 8); string(words) != "said 「是」" {
		t.Errorf("text %q", words)
	}
	if again, err := create(dir, func() time.Time { return at }); err != nil {
		t.Errorf("a second file in the same second: %v", err)
	} else {
		again.Close()
	}
}
