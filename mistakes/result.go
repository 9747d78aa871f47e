package mistakes

import (
	"github.com/rnnscope/rnnscope/finding"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"
)

// ViewName is the name under which a run keeps a Result.
const ViewName = "mistakes"

// Causes in the order of removal. A word is a run of letters, digits and marks.
const (
	NGram       = "ngram"       // some n-gram model of order 1 to Orders gives the symbol more than half
	Word100     = "word_100"    // inside a word that stood in the last 100 characters
	Word500     = "word_500"    //
	Word1000    = "word_1000"   //
	Word5000    = "word_5000"   //
	RareWord    = "rare_word"   // inside a word seen at most rareCount times in the training text
	FirstLetter = "first"       // first character of a word
	Punctuation = "punctuation" // punctuation, quotation mark or line end
	NearMiss    = "near_miss"   // probability of .4 and more
	Rest        = "rest"        // none of these
)

// Causes lists the causes in the order of removal, the rest last.
func Causes() []string {
	return []string{NGram, Word100, Word500, Word1000, Word5000, RareWord, FirstLetter, Punctuation, NearMiss, Rest}
}

// Result is what a network gets wrong on the reported part of a text. Intervals are delete-one-segment
// jackknives over segments of the text.
type Result struct {
	Version    string        `json:"version"`
	Text       string        `json:"text"`
	Symbols    text.Kind     `json:"symbols,omitempty"` // what a symbol is and is counted; of characters nothing is said
	Split      string        `json:"split"`
	Step       int64         `json:"step"`
	Characters int64         `json:"characters"` // predicted
	Segments   int           `json:"segments"`   // of the intervals
	Segment    int           `json:"segment"`    // characters of one
	Orders     int           `json:"orders"`     // n-gram models of order 1 to this
	Best       int           `json:"best_order"` // lowest loss on the part that is chosen on
	Baseline   string        `json:"baseline"`   // what the n-gram models were counted on
	Wrong      int64         `json:"wrong"`      // errors
	Rate       stat.Interval `json:"rate"`       // share of characters that are errors
	Loss       stat.Interval `json:"loss"`       // nats a character
	NGramLoss  stat.Interval `json:"ngram_loss"` // of the best order, nats a character
	LossShare  stat.Interval `json:"loss_share"` // share of the loss that errors make
	Causes     []Cause       `json:"causes"`     // in the order of removal
	Gains      []Gain        `json:"gains"`      // by character, what the network gains most over the best n-gram first
}

// Cause is a cause of errors.
type Cause struct {
	Name    string        `json:"name"`
	Holds   int64         `json:"holds"`   // errors of which it is true
	Removed int64         `json:"removed"` // errors of which no earlier cause was true
	Share   stat.Interval `json:"share"`   // Removed among all errors
	Nats    stat.Interval `json:"nats"`    // Shapley value: nats a character of text
	Shapley stat.Interval `json:"shapley"` // the same as a share of the loss on errors
	Worst   []Example     `json:"worst"`   // the costliest errors that it removes
}

// Example is an error in its context.
type Example struct {
	Position int     `json:"position"` // of the character in the text
	Before   string  `json:"before"`
	Char     string  `json:"char"`
	After    string  `json:"after"`
	P        float64 `json:"p"`        // that the network gave it
	Expected string  `json:"expected"` // what it expected instead
	Q        float64 `json:"q"`        // the probability of that
}

// Gain compares network and n-gram on one character.
type Gain struct {
	Char    string        `json:"char"`
	Count   int64         `json:"count"`
	Network float64       `json:"network"` // mean loss where it comes next, nats
	NGram   float64       `json:"ngram"`   // likewise
	Gain    stat.Interval `json:"gain"`    // n-gram less network, nats a character of text: what it adds to the whole
}

// Findings flattens the result into the one record of measured figures.
func (r *Result) Findings() []finding.Finding {
	var out []finding.Finding
	add := func(metric, kind, method string, i stat.Interval) {
		f := finding.Finding{Unit: finding.NoUnit, Metric: metric, Kind: kind, Method: method, Version: r.Version}
		out = append(out, f.WithInterval(i))
	}
	const jackknife = "delete-one-segment jackknife"
	add("error_rate", "", "p(next) below .5; "+jackknife, r.Rate)
	add("error_loss_share", "", "loss on errors over all loss; "+jackknife, r.LossShare)
	for _, c := range r.Causes {
		add("error_removed", c.Name, "first cause in the order of removal; "+jackknife, c.Share)
		add("error_nats", c.Name, "Shapley value over all orders of removal; "+jackknife, c.Nats)
		add("error_shapley", c.Name, "Shapley value over the loss on errors; "+jackknife, c.Shapley)
	}
	for _, g := range r.Gains {
		add("gain_over_ngram", g.Char, "best order chosen on the other part; "+jackknife, g.Gain)
	}
	return out
}
