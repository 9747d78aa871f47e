package figure

import (
	"strings"

	"github.com/rnnscope/rnnscope/text"
)

// sign is what stands for a symbol in one column: text.Visible, or a box where that takes several.
func sign(r rune) string {
	if Hidden(r) {
		return "□"
	}
	s := text.Visible(r)
	if strings.HasPrefix(s, "<") && r != '<' {
		return "□"
	}
	return s
}

// Hidden reports whether r has no shape of its own and would reorder or upset the text around it: C1 controls, directional
// overrides and isolates, noncharacters.
func Hidden(r rune) bool {
	return r >= 0x7f && r < 0xa0 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == 0xfffe || r == 0xffff
}

// blank reports whether the sign for r should be paler than a letter.
func blank(r rune) bool { return sign(r) != string(r) }

// cellWidth is the narrowest column that holds a letter; a wide character takes two.
const cellWidth = 7.4

// ruler says where the characters of a passage stand: letters in equal columns, wide characters in two.
type ruler struct {
	x, cell float64
	edge    []int // [T+1] column at which each character starts
}

func newRuler(text []rune, x, cell float64) ruler {
	r := ruler{x: x, cell: cell, edge: make([]int, len(text)+1)}
	for i, c := range text {
		r.edge[i+1] = r.edge[i] + columns(c)
	}
	return r
}

func (r ruler) left(t int) float64   { return r.x + float64(r.edge[t])*r.cell }
func (r ruler) middle(t int) float64 { return (r.left(t) + r.left(t+1)) / 2 }
func (r ruler) width() float64       { return r.left(len(r.edge)-1) - r.x }

// letters sets the characters one by one, centred in their columns.
func (r ruler) letters(s surface, text []rune, y float64) {
	size := min(13, r.cell*1.55)
	for i, c := range text {
		st := lettering{ink: Text, size: size, mono: true, anchor: middle}
		if blank(c) {
			st.ink = Muted
		}
		s.text(point{r.middle(i), y}, sign(c), st)
	}
}

// cells makes the raster of values [K][T] over characters [lo,hi), each as wide as its letter.
func (r ruler) cells(values [][]float64, lo int, limit float64) raster {
	w := r.edge[len(r.edge)-1]
	out := raster{w: w, h: len(values), cells: make([]uint8, 0, w*len(values))}
	for _, row := range values {
		for t := range len(r.edge) - 1 {
			for range r.edge[t+1] - r.edge[t] {
				out.cells = append(out.cells, code(row[lo+t], limit))
			}
		}
	}
	return out
}

func columns(r rune) int {
	if wide(r) {
		return 2
	}
	return 1
}

func countColumns(text []rune) int {
	n := 0
	for _, r := range text {
		n += columns(r)
	}
	return n
}

// wide holds East Asian wide characters and emoji, roughly: blocks, not Unicode's whole table.
func wide(r rune) bool {
	return r >= 0x1100 && r <= 0x115f || r >= 0x2e80 && r <= 0x303e || r >= 0x3041 && r <= 0xa4cf ||
		r >= 0xac00 && r <= 0xd7a3 || r >= 0xf900 && r <= 0xfaff || r >= 0xfe30 && r <= 0xfe6f ||
		r >= 0xff00 && r <= 0xff60 || r >= 0x1f300 && r <= 0x1faff || r >= 0x20000 && r <= 0x3fffd
}

// columnWidth is the column width at which the longest band fills width, up to a limit beyond which letters drift apart.
func columnWidth(width float64, texts ...[]rune) float64 {
	longest := 1
	for _, text := range texts {
		for _, b := range bands(text, width) {
			longest = max(longest, countColumns(text[b[0]:b[1]]))
		}
	}
	return max(cellWidth, min(10.5, width/float64(longest)))
}

// bands cuts T characters into rows of nearly equal length that fit width.
func bands(text []rune, width float64) [][2]int {
	most := max(8, int(width/cellWidth))
	total := countColumns(text)
	count := max(1, (total+most-1)/most)
	share := min(most, (total+count-1)/count+1)
	var rows [][2]int
	lo, used := 0, 0
	for i, r := range text {
		if used+columns(r) > share {
			rows = append(rows, [2]int{lo, i})
			lo, used = i, 0
		}
		used += columns(r)
	}
	if lo < len(text) {
		rows = append(rows, [2]int{lo, len(text)})
	}
	return rows
}
