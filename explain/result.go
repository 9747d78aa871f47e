package explain

import (
	"slices"

	"github.com/rnnscope/rnnscope/explain/vocabulary"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"
)

// ViewName is the name of the result among a run's views, and the source of its findings.
const ViewName = "explain"

// Result is every unit of some sites, explained.
type Result struct {
	Version   string            `json:"version"`
	Text      string            `json:"text"`
	Symbols   text.Kind         `json:"symbols,omitempty"` // what a symbol is and is counted; of characters nothing is said
	Split     string            `json:"split"`
	Step      int64             `json:"step"`
	Leaves    [Sizes]int        `json:"leaves"`
	Grown     int               `json:"grown"`     // characters that descriptions were grown on
	Held      int               `json:"held"`      // and pruned on
	Reported  int               `json:"reported"`  // and scored on
	Segments  int               `json:"segments"`  // of the jackknife
	Swap      int               `json:"swap"`      // characters of a segment of the null, 0: too little text
	Untrained int               `json:"untrained"` // networks
	Sites     []Site            `json:"sites"`
	Memory    *Memory           `json:"memory,omitempty"`
	Words     *DescribedNetwork `json:"words,omitempty"`
}

// Has reports whether all units were explained.
func (r *Result) Has(units []rnn.Unit) bool {
	for _, u := range units {
		i := slices.IndexFunc(r.Sites, func(s Site) bool { return s.Name == u.Site })
		if i < 0 || u.Unit >= len(r.Sites[i].Units) {
			return false
		}
	}
	return true
}

// Site is one site's units and what they come to together.
type Site struct {
	Name   string `json:"name"`
	Units  []Unit `json:"units"`
	Words  int    `json:"words"`  // columns of the vocabulary
	Short  int    `json:"short"`  // of them in the short one
	Median Curve  `json:"median"` // R^2 by size, median over units
	// Half is the share of units with R^2 of .5 and more, by size.
	Half [Sizes]stat.Interval `json:"half"`
	// Remember is the share of units whose beyond-score counts.
	Remember stat.Interval `json:"remember"`
	// Fresh is the same of untrained networks: R^2, shares, and the highest beyond-score
	// of any unit of any network.
	Fresh *UntrainedUnits `json:"fresh,omitempty"`
	Draws int             `json:"draws"` // arrangements of the null
}

// UntrainedUnits is what the units of untrained networks come to.
type UntrainedUnits struct {
	Networks int                  `json:"networks"`
	Median   Curve                `json:"median"`
	Half     [Sizes]stat.Interval `json:"half"`
	Highest  Curve                `json:"highest"` // best of all units of all networks, beyond short context
}

// Unit is one unit's description and what it is worth.
type Unit struct {
	Unit   int                  `json:"unit"`
	Leaves [Sizes]int           `json:"leaves"` // left after pruning; 1: nothing found
	R2     [Sizes]stat.Interval `json:"r2"`
	Short  [Sizes]stat.Interval `json:"short"`  // by the last five characters alone
	Beyond [Sizes]stat.Interval `json:"beyond"` // R2 less Short
	P      stat.Number          `json:"p"`      // the unit's own, of what lies beyond short context
	// Remembers: the beyond-score of the largest size lies above all of untrained
	// networks, and P passes the correction over the site's units.
	Remembers bool `json:"remembers"`
	// Memory is S_k at the ks of Memory: how much the last k characters fix.
	Memory []stat.Interval `json:"memory,omitempty"`
	Times  *Times          `json:"times,omitempty"` // nil in results of versions that had none
	// Fidelity is F by size, of units that the readout sees and uses measurably; Uses is what
	// the loss rises by when the unit stands at its mean, in nats.
	Fidelity *[Sizes]stat.Interval `json:"fidelity,omitempty"`
	Uses     *stat.Interval        `json:"uses,omitempty"`
	Family   int                   `json:"family"` // the unit of the site that stands for those like it
	Root     *vocabulary.Answer    `json:"root,omitempty"`
	Rules    []Rule                `json:"rules"` // of the middle size, the strongest first
	// Places are the highest and then the lowest on the report, of the best and the least
	// explained tenth of the site.
	Places []Place `json:"places,omitempty"`
}

// Rule is a leaf in words.
type Rule struct {
	Share float64           `json:"share"` // of the text
	Z     float64           `json:"z"`     // mean there, in standard deviations
	Text  map[string]string `json:"text"`  // by language
}

// Memory is how much the last k symbols fix: Unit.Memory[i] is
//
//	S_k = 1 - E(a - a')^2 / (2 Var a), k = Ks[i],
//
// a' the activation at the same place when the state k symbols ago is exchanged for one
// from another place. 0: they fix nothing, 1: everything.
//
// Where only states are given there is no state to exchange: a' is then the activation at another place
// after the same k symbols, as Method says.
type Memory struct {
	Method string  `json:"method"` // "" in results that had no other than ExchangeStates
	Ks     []int   `json:"ks"`
	Places int     `json:"places"`
	Median []Fixed `json:"median"`
	// Covered is, by k, the share of the text whose last k symbols were seen often enough to be
	// asked; of SameContext alone.
	Covered []float64 `json:"covered,omitempty"`
}

// Place is where a unit is high or low: what stands before, and what its description says.
type Place struct {
	At   int     `json:"at"`   // position in the text
	Text string  `json:"text"` // the symbols read last, the newest at the end
	Z    float64 `json:"z"`    // the unit there, in its standard deviations from its mean
	Says float64 `json:"says"` // what the description of the middle size says, likewise
}

// DescribedNetwork is what is left of the network when descriptions take the place of all units
// of its top layer at the readout:
//
//	K = (L_unigram - L) / (L_unigram - L_network),
//
// 1: all of what the network knows beyond the frequency of symbols, 0: none; negative
// where the readout is misled.
type DescribedNetwork struct {
	Positions int                 `json:"positions"`
	Network   stat.Interval       `json:"network"` // nats a symbol
	Unigram   stat.Interval       `json:"unigram"`
	NGram     *NGram              `json:"ngram,omitempty"`
	Described []ReplacementResult `json:"described"` // by size
	Means     []ReplacementResult `json:"means"`     // means given the last 0, 1 .. 5 symbols
	Recurrent []ReplacementResult `json:"recurrent,omitempty"`
}

// NGram is the n-gram model of the training text that is best on the choosing part.
type NGram struct {
	Order int           `json:"order"`
	Loss  stat.Interval `json:"loss"`
	K     stat.Interval `json:"k"`
}

// ReplacementResult is the network with other states in the place of its own.
type ReplacementResult struct {
	Leaves int           `json:"leaves,omitempty"` // of descriptions
	Last   int           `json:"last"`             // symbols that means are given
	Loss   stat.Interval `json:"loss"`
	K      stat.Interval `json:"k"`
	// The same with one temperature, fitted on text held back from growing.
	Temperature stat.Number    `json:"temperature"`
	CooledLoss  *stat.Interval `json:"cooled_loss,omitempty"`
	CooledK     *stat.Interval `json:"cooled_k,omitempty"`
}
