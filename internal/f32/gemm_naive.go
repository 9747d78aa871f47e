package f32

// gemmColsNaive is the definition of GemmCols.
func gemmColsNaive(c []float32, ldc, m int, a []float32, ars, acs int, b *Packed, col0, col1 int, accumulate bool) {
	for i := range m {
		row := c[i*ldc : i*ldc+col1]
		if !accumulate {
			clear(row[col0:])
		}
		for j := col0; j < col1; j += b.width {
			panel := b.data[j*b.K : (j+b.width)*b.K]
			out := row[j:min(j+b.width, col1)]
			for k := range b.K {
				x := a[i*ars+k*acs]
				for l, w := range panel[k*b.width:][:len(out)] {
					out[l] += x * w
				}
			}
		}
	}
}

// gemmTNNaive is the definition of GemmTN.
func gemmTNNaive(c []float32, ldc int, a []float32, lda int, b []float32, ldb int, m, n, k int, accumulate bool) {
	for i := range m {
		row := c[i*ldc : i*ldc+n]
		if !accumulate {
			clear(row)
		}
		for l := range k {
			x := a[l*lda+i]
			for j, y := range b[l*ldb : l*ldb+n] {
				row[j] += x * y
			}
		}
	}
}

// packPanelsNaive is the definition of PackCols.
func packPanelsNaive(p *Packed, src []float32, ld int, trans bool, col0, col1 int) {
	for j := col0; j < col1; j += p.width {
		panel := p.data[j*p.K : (j+p.width)*p.K]
		cols := min(p.width, col1-j)
		for k := range p.K {
			row := panel[k*p.width : (k+1)*p.width]
			for l := range cols {
				if trans {
					row[l] = src[(j+l)*ld+k]
				} else {
					row[l] = src[k*ld+j+l]
				}
			}
			clear(row[cols:])
		}
	}
}
