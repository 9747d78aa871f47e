package concept

import (
	"slices"
	"strings"
	"testing"
)

func TestPlaces(t *testing.T) {
	c, err := Find("quote-straight")
	if err != nil {
		t.Fatal(err)
	}
	rs := []rune(strings.Repeat("far away from it \"in\" and then some more of it\n", 30))
	on, off := Places(c, rs, 7, 1)
	if len(on) != 7 || len(off) != 7 || !slices.IsSorted(on) || !slices.IsSorted(off) {
		t.Fatalf("on %v, off %v", on, off)
	}
	labels := LabelAll(c, rs)
	for _, at := range on {
		if labels[at].Y != 1 {
			t.Errorf("place %d is off", at)
		}
	}
	for _, at := range off {
		if labels[at].Y != 0 || !strings.Contains(string(rs[at-3:at+4]), `"`) {
			t.Errorf("place %d of %q is not near a mark", at, string(rs[at-3:at+4]))
		}
	}
	again, _ := Places(c, rs, 7, 1)
	other, _ := Places(c, rs, 7, 2)
	if !slices.Equal(on, again) || slices.Equal(on, other) {
		t.Errorf("draws %v, %v and with another seed %v", on, again, other)
	}
	if all, _ := Places(c, rs, 1000, 1); len(all) != 90 {
		t.Errorf("%d places are on, want 90", len(all))
	}
}

// TestPlacesAbove: of a depth that is cut, on is above the cut.
func TestPlacesAbove(t *testing.T) {
	c, err := Find("paren-depth")
	if err != nil {
		t.Fatal(err)
	}
	rs := []rune(strings.Repeat("a (b (c) d) e ", 20))
	on, off := Places(c.Above(1), rs, 1000, 1)
	labels := LabelAll(c, rs)
	for _, at := range on {
		if labels[at].Y < 2 {
			t.Errorf("place %d of depth %d is on", at, labels[at].Y)
		}
	}
	for _, at := range off {
		if labels[at].Y > 1 {
			t.Errorf("place %d of depth %d is off", at, labels[at].Y)
		}
	}
	if len(on) != 40 || len(off) != 240 {
		t.Errorf("%d places on and %d off, want 40 and 240", len(on), len(off))
	}
}
