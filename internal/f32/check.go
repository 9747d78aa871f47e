package f32

func checkMatrix(have, rows, cols, ld int) {
	if rows == 0 || cols == 0 {
		return
	}
	if ld < cols {
		panic("f32: row distance shorter than a row")
	}
	if have < (rows-1)*ld+cols {
		panic("f32: slice shorter than its matrix")
	}
}

func checkStrided(have, rows, cols, rs, cs int) {
	if rows == 0 || cols == 0 {
		return
	}
	if rs < 0 || cs < 0 || have < (rows-1)*rs+(cols-1)*cs+1 {
		panic("f32: slice shorter than its matrix")
	}
}

func checkUnits(n, lo, hi int) {
	if lo < 0 || lo > hi || hi > n {
		panic("f32: units out of range")
	}
}

func checkRow(n int, rows ...[]float32) {
	for _, r := range rows {
		if len(r) != n {
			panic("f32: slices of different lengths")
		}
	}
}
