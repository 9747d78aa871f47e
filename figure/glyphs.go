package figure

// Visible returns what stands for a symbol on an axis: whitespace as signs, everything else as itself.
func Visible(r rune) string {
	switch r {
	case ' ':
		return "␣"
	case '\n':
		return "↵"
	case '\t':
		return "⇥"
	case '\r':
		return "␍"
	case '\u00a0', '\u3000', '\u2009', '\u202f':
		return "␣"
	}
	if r < 0x20 {
		return string(rune(0x2400 + r)) // Unicode's control pictures
	}
	return string(r)
}

// blank reports whether the sign for r should be paler than a letter.
func blank(r rune) bool { return Visible(r) != string(r) }

// letters sets characters one by one, centred in columns of the given width.
func letters(s surface, text []rune, x, y, column float64) {
	size := min(12, column*1.55)
	for i, r := range text {
		st := lettering{ink: Text, size: size, mono: true, anchor: middle}
		if blank(r) {
			st.ink = Muted
		}
		s.text(point{x + (float64(i)+.5)*column, y}, Visible(r), st)
	}
}

// column is the width of one character for a text as wide as its widest letters need.
func column(text []rune) float64 {
	w := 7.4
	for _, r := range text {
		if wide(r) {
			return 12.5
		}
	}
	return w
}

// wide holds East Asian wide characters and emoji, roughly: blocks, not Unicode's whole table.
func wide(r rune) bool {
	return r >= 0x1100 && r <= 0x115f || r >= 0x2e80 && r <= 0x303e || r >= 0x3041 && r <= 0xa4cf ||
		r >= 0xac00 && r <= 0xd7a3 || r >= 0xf900 && r <= 0xfaff || r >= 0xfe30 && r <= 0xfe6f ||
		r >= 0xff00 && r <= 0xff60 || r >= 0x1f300 && r <= 0x1faff || r >= 0x20000 && r <= 0x3fffd
}

// bands cuts T characters into rows that fit width.
func bands(text []rune, width float64) (col float64, rows [][2]int) {
	col = column(text)
	n := max(8, int(width/col))
	for lo := 0; lo < len(text); lo += n {
		rows = append(rows, [2]int{lo, min(lo+n, len(text))})
	}
	return col, rows
}
