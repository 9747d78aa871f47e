package concept

// Pair is an opener and the closer that matches it. Positions are characters.
type Pair struct {
	OpenStart  int64  // first character of the opener
	Open       int64  // last character of the opener: the state after it is inside
	CloseStart int64  // first character of the closer
	Close      int64  // last character of the closer
	Kind       string // "paren", "square", "brace", "quote", "tag", "environment", ...
	Name       string // tags and environments
	Depth      int    // 1 for an outermost pair of its family
}

// Gap is the number of characters strictly between opener and closer.
func (p Pair) Gap() int64 { return p.CloseStart - p.Open - 1 }
