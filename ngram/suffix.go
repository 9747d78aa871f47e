package ngram

// sortSuffixes returns the start of every suffix of ids, sorted by the first
// depth symbols (a suffix that ends comes first), ties by position. It doubles
// the sorted prefix each round (Manber and Myers 1993) with counting sorts,
// O(n log depth), and works for any vocabulary size v.
func sortSuffixes(ids []int32, v, depth int) []int32 {
	n := len(ids)
	sa, next := make([]int32, n), make([]int32, n)
	rank, fresh := make([]int32, n), make([]int32, n)
	starts := make([]int32, max(n, v)+1)

	copy(rank, ids)
	for i := range next {
		next[i] = int32(i)
	}
	bucket(sa, next, rank, starts)
	classes := rerank(fresh, sa, rank, 0)
	rank, fresh = fresh, rank
	for h := 1; h < depth && classes < n; h *= 2 {
		// Suffixes ordered by what stands h symbols on: first those that have
		// ended, then the rest in the order already known.
		k := 0
		for i := max(0, n-h); i < n; i++ {
			next[k] = int32(i)
			k++
		}
		for _, i := range sa {
			if int(i) >= h {
				next[k] = i - int32(h)
				k++
			}
		}
		bucket(sa, next, rank, starts)
		classes = rerank(fresh, sa, rank, h)
		rank, fresh = fresh, rank
	}
	return sa
}

// bucket sorts src by rank into dst, keeping the order of equal ranks.
func bucket(dst, src, rank, starts []int32) {
	clear(starts)
	for _, r := range rank {
		starts[r+1]++
	}
	for r := 1; r < len(starts); r++ {
		starts[r] += starts[r-1]
	}
	for _, i := range src {
		r := rank[i]
		dst[starts[r]] = i
		starts[r]++
	}
}

// rerank numbers the classes of suffixes equal in rank at i and, unless h is
// 0, at i+h; it returns how many there are.
func rerank(dst, sa, rank []int32, h int) int {
	n := len(sa)
	second := func(i int32) int32 {
		if h == 0 || int(i)+h >= n {
			return -1
		}
		return rank[int(i)+h]
	}
	class := int32(0)
	for j, i := range sa {
		if j > 0 {
			if p := sa[j-1]; rank[p] != rank[i] || second(p) != second(i) {
				class++
			}
		}
		dst[i] = class
	}
	return int(class) + 1
}

// commonPrefixes returns, for each suffix in order, how many symbols it shares
// with the one before it, at most depth (which must fit a byte).
func commonPrefixes(ids, sa []int32, depth int) []uint8 {
	lcp := make([]uint8, len(sa))
	for j := 1; j < len(sa); j++ {
		a, b := ids[sa[j-1]:], ids[sa[j]:]
		limit := min(len(a), len(b), depth)
		l := 0
		for l < limit && a[l] == b[l] {
			l++
		}
		lcp[j] = uint8(l)
	}
	return lcp
}
