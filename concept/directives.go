package concept

// conditionals is how many #if may stand inside each other.
const conditionals = 32

// directives follows the conditional lines of the C preprocessor: of the branches
// between #if and #endif only one is compiled, so that each begins with what was
// open before the #if; and the definition of a macro leaves nothing open behind it.
type directives struct {
	state lineState
	word  []rune
	saved [][]opened // what was open at each #if
	macro bool       // in a #define
	outer []opened   // what was open before it
	prev  rune       // the last character but \r
}

type lineState int8

const (
	lineStart lineState = iota // nothing but blanks so far
	lineHash                   // # and blanks
	lineWord                   // in the name of the directive
	lineRest
)

// read moves over one character; n is what is open in the code.
func (d *directives) read(n *nest, r rune) {
	blank := r == ' ' || r == '\t'
	if r == '\n' && d.macro && d.prev != '\\' {
		n.replace(d.outer)
		d.macro = false
	}
	if r != '\r' {
		d.prev = r
	}
	switch {
	case r == '\n' || d.state == lineWord && !letter(r):
		if d.state == lineWord {
			d.branch(n)
		}
		if d.state = lineRest; r == '\n' {
			d.state = lineStart
		}
	case d.state == lineRest || blank:
	case d.state == lineStart && r == '#':
		d.state, d.word = lineHash, d.word[:0]
	case d.state >= lineHash && letter(r):
		d.state = lineWord
		if len(d.word) < longestPattern {
			d.word = append(d.word, r)
		}
	default:
		d.state = lineRest
	}
}

// branch acts on the name of a directive.
func (d *directives) branch(n *nest) {
	last := len(d.saved) - 1
	switch string(d.word) {
	case "if", "ifdef", "ifndef":
		if len(d.saved) < conditionals {
			d.saved = append(d.saved, append([]opened(nil), n.stack...))
		}
	case "define":
		d.macro, d.outer = true, append(d.outer[:0], n.stack...)
	case "else", "elif":
		if last >= 0 {
			n.replace(d.saved[last])
		}
	case "endif":
		if last >= 0 {
			d.saved = d.saved[:last]
		}
	}
}
