package f32

// Gemm computes C[m,N] = A[m,K] B, or C += A B with accumulate. Element (i,k) of A
// is a[i*ars+k*acs], so a transposed A needs no copy. Each element of C has one
// accumulator that starts at zero (or at C) and takes k in ascending order.
func Gemm(c []float32, ldc, m int, a []float32, ars, acs int, b *Packed, accumulate bool) {
	GemmCols(c, ldc, m, a, ars, acs, b, 0, b.N, accumulate)
}

// GemmCols is Gemm for columns [col0,col1) of C alone; c still begins at column
// 0. Bounds as in PackCols.
func GemmCols(c []float32, ldc, m int, a []float32, ars, acs int, b *Packed, col0, col1 int, accumulate bool) {
	b.checkCols(col0, col1)
	if m < 0 {
		panic("f32: negative row count")
	}
	if m == 0 || col0 == col1 {
		return
	}
	checkMatrix(len(c), m, b.N, ldc)
	checkStrided(len(a), m, b.K, ars, acs)
	gemmCols(c, ldc, m, a, ars, acs, b, col0, col1, accumulate)
}

// GemmGroups is Gemm for groups of m rows: group g of A [m,K], rows lda apart, begins at
// a[g*nextA], of C at c[g*nextC]. What a panel of B costs is spread over several groups.
func GemmGroups(c []float32, ldc, nextC, m int, a []float32, lda, nextA, groups int, b *Packed) {
	b.checkCols(0, b.N)
	if m < 0 || groups < 0 || nextA < 0 || nextC < 0 {
		panic("f32: negative matrix shape")
	}
	if m == 0 || groups == 0 || b.N == 0 {
		return
	}
	checkMatrix(len(c)-(groups-1)*nextC, m, b.N, ldc)
	checkMatrix(len(a)-(groups-1)*nextA, m, b.K, lda)
	if nextC == m*ldc && nextA == m*lda {
		m, groups = m*groups, 1
	}
	if groups > 1 && gemmGroups(c, ldc, nextC, m, a, lda, nextA, groups, b) {
		return
	}
	for g := range groups {
		gemmCols(c[g*nextC:], ldc, m, a[g*nextA:], lda, 1, b, 0, b.N, false)
	}
}

// GemmTN computes C[m,n] = A^T B, or C += A^T B with accumulate, for A[k,m] and
// B[k,n] both row-major: the weight gradient over k = T*B rows. To spread it
// over cores, give each a range of rows of C: c[lo*ldc:], a[lo:], m = hi-lo.
// Packing uses scratch memory kept by the package.
func GemmTN(c []float32, ldc int, a []float32, lda int, b []float32, ldb int, m, n, k int, accumulate bool) {
	if m < 0 || n < 0 || k < 0 {
		panic("f32: negative matrix shape")
	}
	if m == 0 || n == 0 {
		return
	}
	checkMatrix(len(c), m, n, ldc)
	checkMatrix(len(a), k, m, lda)
	checkMatrix(len(b), k, n, ldb)
	gemmTN(c, ldc, a, lda, b, ldb, m, n, k, accumulate)
}

// GemmTNSums is GemmTN that also sets sums[m] to the sums of A's columns, or adds to
// them with accumulate: weight and bias gradient in one walk over A. The sums have the
// bits of SumRows.
func GemmTNSums(c []float32, ldc int, sums, a []float32, lda int, b []float32, ldb int, m, n, k int, accumulate bool) {
	if len(sums) != m {
		panic("f32: one sum per column")
	}
	if n == 0 || 2*m < n || k == 0 || !gemmTNSums(c, ldc, sums, a, lda, b, ldb, m, n, k, accumulate) {
		GemmTN(c, ldc, a, lda, b, ldb, m, n, k, accumulate)
		SumRows(sums, a, k, lda, accumulate)
	}
}
