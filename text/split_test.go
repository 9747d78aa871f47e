package text

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestTailSplit(t *testing.T) {
	got, err := DefaultSplit(1000)
	want := Split{Name: "tail 80/10/10", Train: Span{0, 800}, Val: Span{800, 900}, Test: Span{900, 1000}}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Error(err, diff)
	}
	if s, _ := TailSplit(1000, 0.9, 0.05); s.Name != "tail 90/5/5" {
		t.Errorf("name %q", s.Name)
	}
	_, err = DefaultSplit(4)
	if !errors.Is(err, ErrTooShort) || !strings.Contains(err.Error(), "at least 8") {
		t.Errorf("4 characters: %v", err)
	}
	if _, err := DefaultSplit(8); err != nil {
		t.Errorf("the stated minimum: %v", err)
	}
	for _, shares := range [][2]float64{{0, .1}, {.9, .1}, {.5, 0}, {-1, 1}, {.8, .3}, {.8, 1e-9}, {math.NaN(), .1}} {
		if _, err := TailSplit(1000, shares[0], shares[1]); !errors.Is(err, ErrImpossible) {
			t.Errorf("shares %v: %v", shares, err)
		}
	}
}

func TestGridBlocksProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lo := rapid.IntRange(0, 3000).Draw(t, "lo")
		span := Span{lo, lo + rapid.IntRange(0, 9000).Draw(t, "len")}
		size := rapid.IntRange(1, 5000).Draw(t, "size")
		next := max(span.Lo, WarmUp)
		for i, b := range (Grid{Size: size}).Blocks(span) {
			if b.Index != i || b.Lo != next || b.Warm != b.Lo-WarmUp || b.Len() < 1 || b.Len() > size {
				t.Fatalf("block %d is %+v in %+v", i, b, span)
			}
			if b.Len() < size && b.Hi != span.Hi {
				t.Fatalf("a short block before the end: %+v", b)
			}
			next = b.Hi
		}
		if next < span.Hi {
			t.Fatalf("the blocks end at %d of %+v", next, span)
		}
	})
}

func TestGridDefault(t *testing.T) {
	want := []Block{{0, 9500, 10000, 14000}, {1, 13500, 14000, 15000}}
	if diff := cmp.Diff(want, Grid{}.Blocks(Span{10000, 15000})); diff != "" {
		t.Error(diff)
	}
}

func TestAlternatingNeverShares(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 20000).Draw(t, "n")
		size := rapid.IntRange(1, 3000).Draw(t, "size")
		even, odd := Alternating(n, size)
		scoredBy := make([]byte, n)
		mark := func(blocks []Block, side byte) {
			for _, b := range blocks {
				for i := b.Lo; i < b.Hi; i++ {
					if scoredBy[i] != 0 {
						t.Fatalf("character %d is scored twice", i)
					}
					scoredBy[i] = side
				}
			}
		}
		mark(even, 1)
		mark(odd, 2)
		check := func(blocks []Block, other byte) {
			for _, b := range blocks {
				if b.Warm != b.Lo-WarmUp {
					t.Fatalf("warm-up of %+v", b)
				}
				for i := b.Warm; i < b.Hi; i++ {
					if scoredBy[i] == other {
						t.Fatalf("block %+v reads character %d of the other side", b, i)
					}
				}
			}
		}
		check(even, 2)
		check(odd, 1)
		for i, b := range even {
			if b.Index != 2*i {
				t.Fatalf("even block %d has index %d", i, b.Index)
			}
		}
		if total := len(even) + len(odd); total > 0 && n > (total)*(size+WarmUp)+WarmUp {
			t.Fatalf("%d blocks do not reach the end of %d", total, n)
		}
	})
}
