package memory

// MinimalPair asks which of two continuations of a text is the likelier.
type MinimalPair struct {
	Prefix string `json:"prefix"`
	Right  string `json:"right"`
	Wrong  string `json:"wrong"`
	Gap    int    `json:"gap"` // characters between what decides and the answer
	// Item joins the two versions of one thing, which differ in what decides and in
	// which continuation is right; 0 is a pair by itself.
	Item  int `json:"item,omitempty"`
	group int // pairs of a stretch of text: intervals are over groups, or over items where it is 0
}

// Suite is a set of minimal pairs about one thing.
type Suite struct {
	Name  string
	About string // one sentence
	Pairs []MinimalPair
}
