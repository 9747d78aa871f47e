package text

import "fmt"

// oddities sees every byte of a text once and knows what its reader should be told: line
// ends other than \n, and text of another encoding that happens to be valid here.
type oddities struct {
	crlf, cr, lf int
	last         byte
	seen         int64
	zeros        [2]int64 // at even and at odd places
}

func (o *oddities) see(p []byte) {
	for _, b := range p {
		switch {
		case b == '\n' && o.last == '\r':
			o.crlf++
			o.cr--
		case b == '\n':
			o.lf++
		case b == '\r':
			o.cr++
		case b == 0:
			o.zeros[o.seen&1]++
		}
		o.last = b
		o.seen++
	}
}

// notes are sentences about what was seen.
func (o *oddities) notes() []string {
	var out []string
	if o.crlf > 0 {
		out = append(out, fmt.Sprintf("line ends of CR LF, both characters kept: %d", o.crlf))
	}
	if o.cr > 0 && o.lf == 0 && o.crlf == 0 {
		out = append(out, fmt.Sprintf("line ends of CR alone, as old Macs wrote them: %d, and no line feed; nothing here takes CR for the end of a line: change them to line feeds first (tr '\\r' '\\n')", o.cr))
	}
	for i, order := range []string{"BE", "LE"} {
		if o.zeros[i] > o.seen/5 && o.zeros[1-i] <= o.seen/100 {
			out = append(out, fmt.Sprintf("every other byte is zero: this looks like UTF-16 without a byte order mark; save it as UTF-8 first (iconv -f UTF-16%s -t UTF-8)", order))
		}
	}
	return out
}
