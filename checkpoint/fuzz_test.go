package checkpoint

import (
	"os"
	"path/filepath"
	"runtime/metrics"
	"testing"
)

// No bytes may make a reader panic, or take memory out of proportion to the file.
func FuzzDecode(f *testing.F) {
	f.Add(encoded(f, small(f)))
	f.Add(encodedResume(f))
	f.Add([]byte("\x02\x00\x00\x00\x00\x00\x00\x00{}"))
	f.Add([]byte("\x59\x00\x00\x00\x00\x00\x00\x00" + `{"t":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]},"__metadata__":{"a":"b"}}`))
	f.Add([]byte("\x3a\x00\x00\x00\x00\x00\x00\x00" + `{"t":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}     ` + "\x00\x00\x80\x3f"))
	goldens, err := filepath.Glob(filepath.Join("testdata", "*.safetensors"))
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range goldens {
		b, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		if len(b) <= 16<<10 { // what is large is slow to change and teaches nothing more
			f.Add(b)
		}
	}
	a := alphabet(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		before := allocated()
		c, err := Decode(b)
		r, errResume := DecodeResume(b)
		_, _ = DecodeForeign(b, ImportOptions{Alphabet: a})
		// A header without a right checksum can still be decoded by the parts behind it.
		if p, errParse := parse(b); errParse == nil {
			_, _ = p.checkpoint()
		}
		if used := allocated() - before; used > 1<<20+1000*uint64(len(b)) {
			t.Errorf("%d bytes of memory for a file of %d", used, len(b))
		}
		if err == nil && (c.Model == nil || c.Alphabet == nil) || errResume == nil && r.Hidden == nil {
			t.Error("accepted without a network")
		}
	})
}

// allocated is how many bytes were ever allocated; unlike runtime.ReadMemStats it stops nobody.
func allocated() uint64 {
	s := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64()
}
