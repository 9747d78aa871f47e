package stat

import (
	"cmp"
	"hash/fnv"
	"slices"
)

// Hash scatters a number: what is kept of many is chosen by the hash of where it stands,
// so that the choice does not depend on how the work was divided. It is the finaliser of
// SplitMix64 (Steele, Lea and Flood 2014).
func Hash(x uint64) uint64 {
	z := x + 0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// HashOf mixes names into a seed: draws for a text and a concept are their own, whatever
// else is drawn.
func HashOf(names ...string) uint64 {
	h := fnv.New64a()
	for _, n := range names {
		_, _ = h.Write(append([]byte(n), 0)) // never fails
	}
	return h.Sum64()
}

// HashWith is the hash of x in a stream of its own.
func HashWith(seed, x uint64) uint64 { return Hash(seed*0x9e3779b97f4a7c15 + x) }

// LowestHashes is the k of 0..n-1 with the lowest hash, the lowest first, and the lower
// number where hashes are equal. It keeps k of them at a time.
func LowestHashes(n, k int, hash func(i int) uint64) []int {
	type hashed struct {
		hash uint64
		i    int
	}
	var lowest []hashed // ascending
	compare := func(a, b hashed) int { return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(a.i, b.i)) }
	for i := range n {
		x := hashed{hash(i), i}
		if len(lowest) == k && (k == 0 || compare(x, lowest[k-1]) > 0) {
			continue
		}
		at, _ := slices.BinarySearchFunc(lowest, x, compare)
		lowest = slices.Insert(lowest, at, x)
		lowest = lowest[:min(k, len(lowest))]
	}
	out := make([]int, len(lowest))
	for i, x := range lowest {
		out[i] = x.i
	}
	return out
}
