package speed

import (
	"slices"
	"testing"
	"time"
)

func TestSizeOf(t *testing.T) {
	for s, want := range map[string]float64{"48K": 48 << 10, "2M": 2 << 20, "260M": 260 << 20, "": 0, "x": 0, "yK": 0} {
		if got := sizeOf(s); got != want {
			t.Errorf("%q: %v, want %v", s, got, want)
		}
	}
}

// TestWeightBytes: LSTM 2x512 reads three matrices of 2048 x 512 and the readout; what lies beyond caches is less by
// their size.
func TestWeightBytes(t *testing.T) {
	c, err := caseNamed("sample-lstm-2x512")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := c.weightBytes(), 4*float64(3*2048*512+96*512); got != want {
		t.Errorf("%v bytes, want %v", got, want)
	}
	if far, l2 := c.farBytes(1), cacheBytes(2); l2 > 0 && far != max(0, c.weightBytes()-l2) || l2 == 0 && far != 0 {
		t.Errorf("%v bytes beyond a cache of %v", far, l2)
	}
	if c.farBytes(1000) != 0 {
		t.Error("a thousand caches hold it")
	}
}

func TestReaderReads(t *testing.T) {
	r := newReader(1<<20, 2)
	if rate := r.rate(time.Millisecond); !(rate > 1e7 && rate < 1e13) {
		t.Errorf("%v bytes a second", rate)
	}
	for _, part := range r.parts { // a page never written to is the one page of zeros, which the caches hold
		if len(part) != 1<<17 || slices.Contains(part, 0) {
			t.Errorf("%d numbers, some never written", len(part))
		}
	}
}
