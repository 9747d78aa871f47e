package tree

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// drawn is a small table of every kind of column, with targets that depend on it.
func drawn(rng *rand.Rand, n int) (*Table, []uint16) {
	var even Set
	for b := 0; b < 12; b += 2 {
		even.Add(b)
	}
	columns := []Column{{Bins: 12, Sets: []Set{even}}, {Bins: 5, Ordered: true}, {Bins: 2}, {Bins: 256, Ordered: true}}
	values := make([][]uint8, len(columns))
	for c, k := range columns {
		values[c] = make([]uint8, n)
		for r := range values[c] {
			values[c][r] = uint8(rng.IntN(k.Bins))
		}
	}
	target := make([]uint16, n)
	for r := range target {
		y := 20000 + rng.IntN(500)
		if even.Has(values[0][r]) {
			y += 15000
		}
		if values[1][r] >= 3 {
			y += 9000 * int(values[2][r])
		}
		target[r] = uint16(y)
	}
	return NewTable(columns, values), target
}

func TestGrowIsNaive(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(r, "seed"), 1))
		table, target := drawn(rng, rapid.IntRange(1, 400).Draw(r, "rows"))
		if rapid.Bool().Draw(r, "coarse") { // many equal gains
			for i := range target {
				target[i] = uint16(rng.IntN(3))
			}
		}
		columns, leaves, least := rapid.IntRange(1, 4).Draw(r, "columns"), rapid.IntRange(1, 40).Draw(r, "leaves"), rapid.IntRange(1, 20).Draw(r, "least")
		g := NewGrower(table, columns, leaves, least)
		for range 2 { // the second time in used memory
			if d := cmp.Diff(Naive(table, columns, leaves, least, target), g.Grow(target)); d != "" {
				r.Fatalf("naive against grown:\n%s", d)
			}
		}
	})
}

func TestWalkIsFind(t *testing.T) {
	table, target := drawn(rand.New(rand.NewPCG(3, 1)), 3000)
	tree := NewGrower(table, 4, 64, 5).Grow(target)
	leaf := NewWalker(table.Columns).Walk(tree, table.Values, table.N)
	sum := make([]float64, len(tree.Nodes))
	count := make([]int, len(tree.Nodes))
	for r := range table.N {
		if want := tree.Find(table.Columns, func(c int) uint8 { return table.Values[c][r] }); int(leaf[r]) != want {
			t.Fatalf("row %d walks to %d, is found at %d", r, leaf[r], want)
		}
		sum[leaf[r]] += float64(target[r])
		count[leaf[r]]++
	}
	for i, n := range tree.Nodes {
		if tree.Leaf(i) && (count[i] != n.N || math.Abs(sum[i]/float64(count[i])-n.Mean) > 1e-6) {
			t.Errorf("leaf %d: %d rows of mean %g walk there, it was grown on %d of %g", i, count[i], sum[i]/float64(count[i]), n.N, n.Mean)
		}
	}
}

// The tree at k leaves is the tree that is grown to k leaves.
func TestCutIsSmallerTree(t *testing.T) {
	table, target := drawn(rand.New(rand.NewPCG(4, 1)), 2000)
	large := NewGrower(table, 4, 32, 5).Grow(target)
	for _, k := range []int{1, 2, 4, 16, 32} {
		small := NewGrower(table, 4, k, 5).Grow(target)
		cut := large.To(k)
		if got := cut.Leaves(large); got != k {
			t.Errorf("cut at %d has %d leaves", k, got)
		}
		w := NewWalker(table.Columns)
		deep := append([]uint8(nil), w.Walk(large, table.Values, table.N)...)
		for r, l := range w.Walk(small, table.Values, table.N) {
			if cut[deep[r]] != int(l) {
				t.Fatalf("k=%d row %d: cut answers with node %d, the smaller tree with %d", k, r, cut[deep[r]], l)
			}
		}
	}
}

func TestErrorsAreSquares(t *testing.T) {
	table, target := drawn(rand.New(rand.NewPCG(5, 1)), 1000)
	tree := NewGrower(table, 4, 16, 5).Grow(target)
	leaf := NewWalker(table.Columns).Walk(tree, table.Values, table.N)
	s := tree.NewSums(2)
	s.Add(0, leaf[:400], target[:400])
	s.Add(1, leaf[400:], target[400:])
	cut := tree.To(4)
	want := make([]float64, 2)
	for r, q := range target {
		d := float64(q) - tree.Nodes[cut[leaf[r]]].Mean
		k := 0
		if r >= 400 {
			k = 1
		}
		want[k] += d * d
	}
	for k, got := range s.Errors(tree, cut) {
		if math.Abs(got-want[k]) > 1e-6*want[k] {
			t.Errorf("segment %d: error %g, from the definition %g", k, got, want[k])
		}
	}
}

// Noise keeps no question, a planted one stays.
func TestPrune(t *testing.T) {
	kept, right := 0, 0
	const seeds = 60
	for seed := range uint64(seeds) {
		rng := rand.New(rand.NewPCG(seed, 2))
		table, target := drawn(rng, 4000)
		heldTable, heldTarget := drawn(rng, 2000)
		held := func(tree *Tree, y []uint16) *Sums {
			leaf := NewWalker(table.Columns).Walk(tree, heldTable.Values, heldTable.N)
			s := tree.NewSums(20)
			for k := range 20 {
				s.Add(k, leaf[100*k:100*k+100], y[100*k:100*k+100])
			}
			return s
		}
		g := NewGrower(table, 4, 64, 20)
		tree := g.Grow(target)
		// Three planted questions make six leaves at most; more would be noise.
		if n := tree.Prune(64, held(tree, heldTarget)).Leaves(tree); n >= 4 && n <= 6 {
			right++
		}
		noise, heldNoise := make([]uint16, table.N), make([]uint16, heldTable.N)
		for i := range noise {
			noise[i] = uint16(rng.IntN(1 << 16))
		}
		for i := range heldNoise {
			heldNoise[i] = uint16(rng.IntN(1 << 16))
		}
		tree = g.Grow(noise)
		if tree.Prune(64, held(tree, heldNoise)).Leaves(tree) > 1 {
			kept++
		}
	}
	if kept > 1 || right < seeds*9/10 {
		t.Errorf("of %d: noise kept a question %d times, the planted tree came out %d times", seeds, kept, right)
	}
}

func BenchmarkGrow(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	columns, values := make([]Column, 130), make([][]uint8, 130)
	for c := range columns {
		columns[c] = Column{Bins: 40, Ordered: c > 13}
		values[c] = make([]uint8, 50000)
		for r := range values[c] {
			values[c][r] = uint8(rng.ExpFloat64() * 6)
			values[c][r] = min(values[c][r], 39)
		}
	}
	target := make([]uint16, 50000)
	for r := range target {
		target[r] = uint16(10000 + 300*int(values[3][r])*int(values[90][r]%5) + 200*int(values[100][r]) + rng.IntN(3000))
	}
	g := NewGrower(NewTable(columns, values), 130, 64, 20)
	for b.Loop() {
		g.Grow(target)
	}
}
