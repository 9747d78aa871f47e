package dissect

import (
	"encoding/json"
	"slices"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/dissect/look"
	"github.com/rnnscope/rnnscope/finding"
	"github.com/rnnscope/rnnscope/probe"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"
)

// ViewName is the name under which a run keeps a Result.
const ViewName = "dissect"

// Rules numbers the rules of the verdicts: raised when the same network, text and concept can get another.
const Rules = 2

// Verdict is the answer for one concept: a code of room finding.
type Verdict string

// UnmarshalText reads a verdict; older runs have it in words.
func (v *Verdict) UnmarshalText(b []byte) error {
	*v = Verdict(finding.ParseVerdict(string(b)))
	return nil
}

// The verdicts, from nothing to say to most. A concept's is the best of its sites'.
const (
	NotInText     Verdict = "not_in_text"     // the label never changes on validation or test
	TooLittleText Verdict = "too_little_text" // fewer than ten groups of four segments: the null cannot answer
	NotFound      Verdict = "not_found"       // no unit does better than the null allows
	Associated    Verdict = "associated"      // survives the null; untrained networks may do as well
	Learned       Verdict = "learned"         // also above the best unit of every untrained network tried
)

// Result is one dissection. Every figure was measured on the Report part of the text.
type Result struct {
	Version  string          `json:"version"`
	Text     string          `json:"text"`              // name of the text
	Symbols  text.Kind       `json:"symbols,omitempty"` // what a symbol is and is counted; of characters nothing is said
	Split    string          `json:"split"`             // "test of tail 80/10/10"
	Chosen   int64           `json:"chosen"`            // characters on which units were chosen
	Reported int64           `json:"reported"`          // characters on which figures were measured
	Sites    []specimen.Site `json:"sites"`
	Null     NullInfo        `json:"null"`
	Concepts []ConceptResult `json:"concepts"` // in the order of Options.Concepts
	// Others are the rules for other kinds of text: they get no verdict here.
	Others  []concept.Admission `json:"other_rules"`
	Gallery []GalleryUnit       `json:"gallery"`
	Peaks   []UnitPeaks         `json:"peaks"`       // every unit of every site
	BySite  []SiteSummary       `json:"by_site"`     // what the units of each layer and site were found for
	Jump    *JumpGroup          `json:"environment"` // units that jump at \begin{
	URL     *URLResult          `json:"url"`
	Pairs   *look.PairResult    `json:"pairs"`
}

// NullInfo says against what the figures were held.
type NullInfo struct {
	SegmentLength int `json:"segment_length"` // characters, 0 with too little text
	Groups        int `json:"groups"`         // groups of four neighbouring segments
	Draws         int `json:"draws"`          // local-4 swaps drawn for the p of a unit
	Family        int `json:"family"`         // tests that p is corrected for: built-in concepts x sites searched by default, asked for or not
	List          int `json:"list"`           // version of the list of built-in concepts
	Untrained     int `json:"untrained"`      // untrained networks of the same shape
	Positions     int `json:"positions"`      // characters each of them read
}

// ConceptResult is one row of the atlas.
type ConceptResult struct {
	Concept    string      `json:"concept"`    // name; titles and plain words are the concept package's
	Definition string      `json:"definition"` // the exact rule, as the concept package has it
	Kind       string      `json:"kind"`       // "binary", "depth", "numeric", "category"
	Class      string      `json:"class"`      // "surface", "window", "state", "predictive": as measured, as defined when not in this text
	Rule       string      `json:"rule"`       // when the label counts as on: "on", "depth > 0", "value > 36"
	Verdict    Verdict     `json:"verdict"`    //
	N          int64       `json:"n"`          // valid test positions
	Positive   int64       `json:"positive"`   // of them on
	Surface    stat.Number `json:"surface"`    // AUROC of P(on | current character) on test: what the character alone tells
	Best       *Score      `json:"best"`       // of the sites with the concept's verdict the unit that does best on validation; nil when not in this text
	Sites      []Score     `json:"sites"`      // the unit chosen at each site, in site order
	Closer     *CloserLook `json:"closer"`     // what a second visit to Best tells; nil when not in this text
	// Holds says that Best is a state unit: learned (associated, where no untrained
	// networks were read), and on S_20, among positions with the same current
	// character, its whole interval lies above .55.
	Holds bool `json:"holds"`
	// State is the unit that follows a state concept best inside each current
	// character, so that no unit that merely answers to characters hides it; nil for
	// other concepts.
	State   *StateUnit             `json:"state_unit"`
	Probe   *probe.Probe           `json:"probe"`            // linear probes at Best's site; nil where too little was sampled
	Depth   *probe.DepthRegression `json:"depth_regression"` // of a depth concept
	Rotated *probe.Rotated         `json:"rotated"`          // is the basis of units special? at Best's site
}

// Score is one chosen unit against one concept.
type Score struct {
	Site        string        `json:"site"`
	Unit        int           `json:"unit"`
	Sign        int           `json:"sign"`        // +1: high activation means on; -1: low does
	Threshold   float64       `json:"threshold"`   // activation that separates on from off best (F1 on validation)
	Validation  float64       `json:"validation"`  // AUROC on validation in the direction of Sign
	AUROC       stat.Interval `json:"auroc"`       // on test, in the direction of Sign
	Binning     float64       `json:"binning"`     // certified bound on what histogram bins changed in AUROC
	R           stat.Number   `json:"r"`           // correlation with the label value (point-biserial for on/off)
	RWithin     stat.Number   `json:"r_within"`    // the same inside each current character; null: label is a function of it
	F1Skill     stat.Number   `json:"f1_skill"`    // at Threshold, over the always-on detector
	IoUSkill    stat.Number   `json:"iou_skill"`   // likewise
	Information stat.Number   `json:"information"` // mutual information in bits a character, less its mean under the null
	Z           stat.Number   `json:"z"`           // local-4 swap, null standard deviations
	Spread      stat.Number   `json:"spread"`      // by how much the null's variance was widened for a label that outlasts a segment, at least 1
	P           stat.Number   `json:"p"`           // of this unit alone, two-sided
	Tests       int           `json:"tests"`       // that it is corrected for
	AdjustedP   stat.Number   `json:"adjusted_p"`  // P times Tests, at most 1
	// FalseDiscovery is P after Benjamini and Hochberg over all concepts and sites, where all
	// built-in ones were run; no verdict rests on it.
	FalseDiscovery stat.Number `json:"false_discovery_p"`
	SiteP          stat.Number `json:"site_p"` // of the largest |z| of any unit of the site (Westfall and Young): of no unit, and not corrected
	// CouldShow is the smallest AUROC that this text would have shown, in four texts of five; null
	// where that is above 1.
	CouldShow    stat.Number   `json:"could_show"`
	UntrainedMax stat.Number   `json:"untrained_max"` // best AUROC of any unit of the untrained networks at this site
	Verdict      Verdict       `json:"verdict"`       // of this site's unit, by the rule of the concept's
	Held         []HeldScore   `json:"held"`          // AUROC on S_g for state concepts: does the unit hold the state?
	MeanOn       stat.Interval `json:"mean_on"`       // mean activation where the label is on
	MeanOff      stat.Interval `json:"mean_off"`      // where it is off
	OnBins       []float64     `json:"on_bins"`       // [16] share of on-positions by activation, bins of equal width
	OffBins      []float64     `json:"off_bins"`      // [16]
	BinEdges     []float64     `json:"bin_edges"`     // [15] activations between the bins
}

// HeldScore is a unit's AUROC on S_g: where the label has not changed for at
// least Gap characters and none of the last Gap could have changed it. Only Gap 20
// has an interval.
type HeldScore struct {
	Gap   int           `json:"gap"`
	AUROC stat.Interval `json:"auroc"` // in the direction of Sign; NaN where S_g has one side only
}

// Excerpt is a piece of text with one activation a character. All characters of a symbol
// have the activation after it, which also a label belongs to.
type Excerpt struct {
	Concept    string    `json:"concept"`    // for which it was taken, and whose label goes with it; "" for none
	Lo         int       `json:"lo"`         // symbol offset in the text of the first character
	Text       string    `json:"text"`       // as many runes as Activation has values; see text.Alphabet.Show
	Activation []float32 `json:"activation"` // after reading each character
	Label      []bool    `json:"label"`      // where that concept is on; nil without one
	Mark       [2]int    `json:"mark"`       // highlighted runes [lo,hi) of Text; equal: none
}

// GalleryUnit is a unit worth looking at, with text to colour.
type GalleryUnit struct {
	Site     string    `json:"site"`
	Unit     int       `json:"unit"`
	Concepts []string  `json:"concepts"` // concepts it was chosen for; empty: among the most selective units
	Scale    float64   `json:"scale"`    // activation of full colour: 99 % quantile of |activation|
	Excerpts []Excerpt `json:"excerpts"` // for each concept in turn
}

// TextFor returns the excerpts taken for a concept; those of a unit chosen for none are taken for "".
func (g GalleryUnit) TextFor(concept string) []Excerpt {
	var out []Excerpt
	for _, e := range g.Excerpts {
		if e.Concept == concept {
			out = append(out, e)
		}
	}
	return out
}

// UnmarshalJSON also reads galleries from before excerpts named their concept: all were taken for a unit's first.
func (g *GalleryUnit) UnmarshalJSON(b []byte) error {
	type fields GalleryUnit
	if err := json.Unmarshal(b, (*fields)(g)); err != nil {
		return err
	}
	if len(g.Concepts) == 0 || slices.ContainsFunc(g.Excerpts, func(e Excerpt) bool { return e.Concept != "" }) {
		return nil
	}
	for i := range g.Excerpts {
		g.Excerpts[i].Concept = g.Concepts[0]
	}
	return nil
}

// UnitPeaks are the places where a unit is most active.
type UnitPeaks struct {
	Site  string  `json:"site"`
	Unit  int     `json:"unit"`
	P90   float64 `json:"p90"`   // 90th percentile of its activation on validation
	Above int64   `json:"above"` // test positions above it
	N     int64   `json:"n"`     // test positions
	Top   []Peak  `json:"top"`   // highest first, at least 50 characters apart
}

// Peak is one place with its context: Before + Char + After is the text there. Char is
// one symbol; of a byte that completes no character, its name.
type Peak struct {
	Position int     `json:"position"`
	Value    float32 `json:"value"`
	Before   string  `json:"before"`
	Char     string  `json:"char"`
	After    string  `json:"after"`
}

// JumpGroup is the set of units whose activation jumps at an event.
type JumpGroup struct {
	Event   string     `json:"event"`   // "\\begin{"
	Verdict Verdict    `json:"verdict"` // Associated when Units is not empty
	Events  int        `json:"events"`  // occurrences on test
	Tested  int        `json:"tested"`  // units tested
	Units   []JumpUnit `json:"units"`   // largest |Z| first
	Draws   int        `json:"draws"`   // permutations between events and matched positions
}

// JumpUnit is one unit of a JumpGroup: what it does at the event's last
// character compared with other places where that character was read.
type JumpUnit struct {
	Site  string        `json:"site"`
	Unit  int           `json:"unit"`
	Jump  stat.Interval `json:"jump"`  // mean activation after the event less that at matched positions
	Z     float64       `json:"z"`     // in permutation standard deviations
	P     float64       `json:"p"`     // adjusted for all units (max |z|)
	Curve []float32     `json:"curve"` // mean activation at offsets CurveLo.. around the event's last character
}

// CurveLo and CurveHi bound the offsets of response curves, in characters.
const (
	CurveLo = -10
	CurveHi = 30
)

// URLResult is the unit that follows URLs, chosen on validation.
type URLResult struct {
	Verdict    Verdict        `json:"verdict"` // NotFound when the interval of Difference reaches 0
	Site       string         `json:"site"`
	Unit       int            `json:"unit"`
	On         stat.Interval  `json:"on"`         // mean |activation| inside URLs
	Off        stat.Interval  `json:"off"`        // mean |activation| in ordinary text
	Difference stat.Interval  `json:"difference"` // On - Off
	Sentences  []Sentence     `json:"sentences"`
	Kinds      []KindResponse `json:"kinds"`
}

// Sentence is a line of text with the unit's activation over it.
type Sentence struct {
	Source   string  `json:"source"`   // "test" or "synth:wiki"
	Fragment bool    `json:"fragment"` // its URL has a # part
	Excerpt  Excerpt `json:"excerpt"`  // Label: inside the URL
}

// KindResponse is the mean activation after one kind of character of a URL.
type KindResponse struct {
	Kind string        `json:"kind"` // "ordinary text", "://", "letter", "digit", "/", ".", "#", "other inside", "first after the end", "2 to 6 after the end"
	Mean stat.Interval `json:"mean"` // activation; N the characters of the kind
}

// CloserLook is what a second visit tells of a concept's best unit, on a sample of
// the report's blocks.
type CloserLook struct {
	N int64 `json:"n"` // valid positions
	// Within is the AUROC over pairs of positions with the same current character,
	// in the direction of Sign: one half is all that a unit gets there which only
	// answers to that character.
	Within stat.Interval `json:"within"`
	// HeldWithin is the same on S_20, for concepts with events; NaN otherwise.
	HeldWithin stat.Interval `json:"held_within"`
	Grams      []GramScore   `json:"grams"`     // what the last k characters tell on the same positions
	Window     int           `json:"window"`    // smallest k up to 5 that tells the concept (AUROC >= .99), 0 if none does
	Fits       []Fit         `json:"fits"`      // of a depth or quantity
	Responses  []Response    `json:"responses"` // around the places where the label switches, and around each of its events
	// RWithin is r_within on the same positions, in the direction of the unit's
	// sign, with an interval.
	RWithin  stat.Interval  `json:"r_within"`
	Contexts []RangeContext `json:"contexts"` // places drawn at random from bands across the unit's range
}

// GramScore is the AUROC of P(on | last k characters), counted on text before the
// report, and how far the unit exceeds it.
type GramScore struct {
	K      int         `json:"k"`
	AUROC  stat.Number `json:"auroc"`
	Excess stat.Number `json:"excess"` // the unit's AUROC on the same positions less this one
}

// Fit is how a unit follows a quantity.
type Fit struct {
	Scale string      `json:"scale"` // "raw", "capped", "log"
	R     stat.Number `json:"r"`     // correlation of activation and scaled label
	// Monotone is the share of the unit's variance that the best monotone function
	// of the scaled label explains.
	Monotone stat.Number `json:"monotone"`
}

// StateUnit is the unit with the largest |r_within| on validation over all sites,
// for a concept that needs a state: what is found when nothing counts but what is
// left beside the current character.
type StateUnit struct {
	Score      Score         `json:"score"`
	Same       bool          `json:"same"`                // it is Best as well; Closer is then Best's
	Validation float64       `json:"validation_r_within"` // |r_within| it was chosen by
	RWithin    stat.Interval `json:"r_within"`            // on the closer look's positions, in the direction of its sign
	Untrained  stat.Number   `json:"untrained_within"`    // best AUROC among equal characters of a unit so chosen in each of the untrained networks
	Verdict    Verdict       `json:"verdict"`             // learned: the AUROC among equal characters lies above Untrained
	Holds      bool          `json:"holds"`               // found, and on S_20 among equal characters above .55
	Closer     *CloserLook   `json:"closer"`              // nil if Same
}

// SiteSummary says what the units of one site were found for.
type SiteSummary struct {
	Site     string   `json:"site"`
	Layer    int      `json:"layer"`
	Units    int      `json:"units"`
	Learned  []string `json:"learned"`       // concepts whose best unit of this site is learned
	Best     []string `json:"best"`          // of them those whose best unit over all sites is here
	Distinct int      `json:"learned_units"` // different units behind Learned
}

// RangeContext is one place drawn at random from all those at which a unit's
// activation lay in a band of its range: what its middle looks like, beside its
// peaks.
type RangeContext struct {
	Lo    float64 `json:"lo"` // the band
	Hi    float64 `json:"hi"`
	On    bool    `json:"on"` // the concept's label there
	Place Peak    `json:"place"`
}

// Response is a unit's mean activation around an event: what "switches on here
// and holds until there" looks like.
type Response struct {
	// Event is "on" (the first character that is on), "off" (the first that no longer
	// is), a text of the concept that may switch it, at its last character (a toggle
	// apart by what it did: `" on`), "line end", or a kind of character inside a URL.
	Event  string          `json:"event"`
	Events int             `json:"events"` // places in the sampled blocks
	Mean   []stat.Interval `json:"mean"`   // activation at offsets CurveLo..CurveHi; a block a segment, N the places
}
