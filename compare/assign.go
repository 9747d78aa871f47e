package compare

import "math"

// assign pairs every row with a column of its own so that the sum of the gains [rows][columns]
// is largest; rows may not outnumber columns. Kuhn's method with potentials (Jonker and
// Volgenant 1987): O(rows^2 columns). It gives the column of each row.
func assign(gain [][]float64) []int {
	rows := len(gain)
	if rows == 0 {
		return nil
	}
	columns := len(gain[0])
	if rows > columns {
		panic("compare: more rows than columns")
	}
	rowPrice, columnPrice := make([]float64, rows+1), make([]float64, columns+1)
	owner, way := make([]int, columns+1), make([]int, columns+1) // column 0 is where a row starts
	for i := 1; i <= rows; i++ {
		owner[0] = i
		at := 0
		least, used := make([]float64, columns+1), make([]bool, columns+1)
		for j := range least {
			least[j] = math.Inf(1)
		}
		for owner[at] != 0 {
			used[at] = true
			row, delta, next := owner[at], math.Inf(1), 0
			for j := 1; j <= columns; j++ {
				if used[j] {
					continue
				}
				if cost := -gain[row-1][j-1] - rowPrice[row] - columnPrice[j]; cost < least[j] {
					least[j], way[j] = cost, at
				}
				if least[j] < delta {
					delta, next = least[j], j
				}
			}
			for j := range used {
				if used[j] {
					rowPrice[owner[j]] += delta
					columnPrice[j] -= delta
				} else {
					least[j] -= delta
				}
			}
			at = next
		}
		for at != 0 {
			owner[at] = owner[way[at]]
			at = way[at]
		}
	}
	out := make([]int, rows)
	for j := 1; j <= columns; j++ {
		if owner[j] > 0 {
			out[owner[j]-1] = j - 1
		}
	}
	return out
}
