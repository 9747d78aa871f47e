package synth

// Section is one stretch of a text that one domain wrote: runes [Lo, Hi).
type Section struct {
	Domain string `json:"domain"`
	Lo     int    `json:"lo"`
	Hi     int    `json:"hi"`
}

// Text is a generated text. Labels[c][t] is the value of concept c after rune
// t; the names are those of package concept, and only concepts that the domain
// defines exactly are present.
type Text struct {
	Name   string
	S      string
	Runes  []rune
	Labels map[string][]int16
	Bounds []Section
}
