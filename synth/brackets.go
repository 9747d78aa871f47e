package synth

const (
	dyckOpen  = "([{<"
	dyckClose = ")]}>"
)

var bracketNames = [...]string{"paren-depth", "square-depth", "brace-depth"}

func brackets() []string {
	return []string{"bracket-depth", "paren-depth", "square-depth", "brace-depth"}
}

// bracket moves the depth of kind k ( ( [ { or, uncounted, < ) by d.
func (w *writer) bracket(k int, d int16) {
	if k >= len(bracketNames) {
		return
	}
	w.add("bracket-depth", d)
	w.add(bracketNames[k], d)
}
