package train

import (
	"slices"
	"testing"
)

// TestOrderSeed: the seed of the order moves where the streams begin and nothing else;
// the weights start from their own.
func TestOrderSeed(t *testing.T) {
	d := data(t)
	cfg := tiny()
	first := func(order uint64) (*Trainer, []int32) {
		cfg.OrderSeed = order
		tr, err := New(cfg, d, Options{})
		if err != nil {
			t.Fatal(err)
		}
		return tr, d.order(cfg)
	}
	plain, ids := first(0)
	turned, other := first(4)
	_, again := first(4)
	if !slices.Equal(ids, d.train()) || slices.Equal(ids, other) || !slices.Equal(other, again) {
		t.Error("the order does not follow its seed")
	}
	if at := slices.Index(other, ids[0]); at < 0 || len(other) != len(ids) {
		t.Errorf("%d symbols, want %d", len(other), len(ids))
	}
	sorted := func(x []int32) []int32 { x = slices.Clone(x); slices.Sort(x); return x }
	if !slices.Equal(sorted(ids), sorted(other)) {
		t.Error("another order has other symbols")
	}
	if !slices.Equal(plain.Model().Slab(), turned.Model().Slab()) {
		t.Error("the order changed the first weights")
	}
}
