package text

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func counting(n int) []int32 {
	ids := make([]int32, n)
	for i := range ids {
		ids[i] = int32(i)
	}
	return ids
}

// Every stream reads its own stretch in order, chunk after chunk, and the
// streams together read a prefix of the text once.
func TestStreamsProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b, steps := rapid.IntRange(1, 7).Draw(t, "b"), rapid.IntRange(1, 9).Draw(t, "t")
		n := b*steps + 1 + rapid.IntRange(0, 300).Draw(t, "extra")
		s, err := NewStreams(counting(n), b, steps)
		if err != nil {
			t.Fatal(err)
		}
		x, y := make([]int32, steps*b), make([]int32, steps*b)
		for epoch := range 2 {
			got := make([][]int32, b)
			for chunk := range s.PerEpoch() {
				if c := s.Cursor(); c != (Cursor{int64(epoch), chunk}) {
					t.Fatalf("cursor %+v at chunk %d of epoch %d", c, chunk, epoch)
				}
				if fresh := s.Next(x, y); fresh != (chunk == 0) {
					t.Fatalf("fresh %v at chunk %d", fresh, chunk)
				}
				for i := range x {
					if y[i] != x[i]+1 {
						t.Fatalf("target of %d is %d", x[i], y[i])
					}
					got[i%b] = append(got[i%b], x[i])
				}
			}
			var all []int32
			for _, g := range got {
				all = append(all, g...)
			}
			if diff := cmp.Diff(counting(s.PerEpoch()*steps*b), all); diff != "" {
				t.Fatal(diff)
			}
			if n-1-len(all) >= b*steps {
				t.Fatalf("%d of %d symbols are never read", n-len(all), n)
			}
		}
	})
}

func TestStreamsSeek(t *testing.T) {
	const b, steps = 3, 4
	ids := counting(100)
	s, _ := NewStreams(ids, b, steps)
	x, y := make([]int32, b*steps), make([]int32, b*steps)
	var chunks [][]int32
	var cursors []Cursor
	for range 3 * s.PerEpoch() {
		cursors = append(cursors, s.Cursor())
		s.Next(x, y)
		chunks = append(chunks, append([]int32(nil), x...))
	}
	for i, c := range cursors {
		again, _ := NewStreams(ids, b, steps)
		if err := again.Seek(c); err != nil {
			t.Fatal(err)
		}
		fresh := again.Next(x, y)
		if diff := cmp.Diff(chunks[i], x); diff != "" || fresh != (c.Chunk == 0) {
			t.Errorf("after seeking %+v: fresh %v %s", c, fresh, diff)
		}
	}
	for _, c := range []Cursor{{-1, 0}, {0, -1}, {0, s.PerEpoch()}} {
		if err := s.Seek(c); !errors.Is(err, ErrImpossible) {
			t.Errorf("Seek(%+v): %v", c, err)
		}
	}
}

func TestStreamsRefuse(t *testing.T) {
	_, err := NewStreams(counting(2500), 50, 50)
	if !errors.Is(err, ErrTooShort) || !strings.Contains(err.Error(), "2501") {
		t.Errorf("one short: %v", err)
	}
	if _, err := NewStreams(counting(2501), 50, 50); err != nil {
		t.Errorf("the stated minimum: %v", err)
	}
	for _, size := range [][2]int{{0, 5}, {5, 0}, {-1, -1}, {1 << 20, 1 << 20}, {1 << 62, 1 << 62}} {
		if _, err := NewStreams(counting(10), size[0], size[1]); !errors.Is(err, ErrImpossible) {
			t.Errorf("%v: %v", size, err)
		}
	}
}

func TestNextAllocatesNothing(t *testing.T) {
	s, _ := NewStreams(counting(1000), 4, 8)
	x, y := make([]int32, 32), make([]int32, 32)
	if n := testing.AllocsPerRun(100, func() { s.Next(x, y) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
