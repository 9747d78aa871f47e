package finding

import (
	"math"
	"slices"
)

// Metric is a row of the one table of everything that is measured. Its sentence is in Words.
type Metric struct {
	Name     string    `json:"name"`
	Source   string    `json:"source"`             // the command that measures it
	Unit     string    `json:"unit"`               // "share", "nats", "activation", "characters", ...
	Lo       float64   `json:"-"`                  // least and greatest value it can have
	Hi       float64   `json:"-"`                  //
	Kinds    []string  `json:"kinds,omitempty"`    // values of Kind; nil where it has none or an open list
	Offset   string    `json:"offset,omitempty"`   // what From and To count
	Verdicts []Verdict `json:"verdicts,omitempty"` // that rows of it carry
}

// Commands that measure.
const (
	FromDissect   = "dissect"
	FromAblate    = "ablate"
	FromMemory    = "memory"
	FromQuotes    = "quotes"
	FromExplain   = "explain"
	FromErrors    = "errors"
	FromCalibrate = "calibrate"
)

// Units of figures.
const (
	share       = "share"
	number      = "number"
	nats        = "nats"
	bits        = "bits a character"
	milli       = "nats a character"
	activation  = "activation"
	characters  = "characters"
	units       = "units"
	cosine      = "cosine"
	rCoef       = "correlation"
	probability = "probability"
)

// What From and To count.
const (
	gapOffset      = "characters since the label last changed"
	gramOffset     = "characters that the n-gram sees"
	openOffset     = "characters from opener to closer"
	afterOffset    = "characters after the end of the URL"
	strengthOffset = "planted AUROC"
	leavesOffset   = "leaves of the tree"
	lastOffset     = "last characters"
)

// URLKinds are the kinds of characters of a URL, of ordinary text, and after its end.
var URLKinds = []string{"ordinary", "scheme", "letter", "digit", "slash", "dot", "hash", "other", "after"}

// ErrorCauses are the causes of errors in the order in which they are removed.
var ErrorCauses = []string{"ngram", "word_100", "word_500", "word_1000", "word_5000", "rare_word", "first", "punctuation", "near_miss", "rest"}

var (
	inf       = math.Inf(1)
	atlas     = []Verdict{NotInText, TooLittleText, NotFound, Associated, Learned}
	causal    = []Verdict{Untestable, Encoded, Used}
	mechanism = []Verdict{Flag, Counter, Stack, Several, Mixed, NoNesting}
	modes     = []string{"mean", "resample", "zero"}
	scales    = []string{"raw", "capped", "log"}
)

// table is the one table of metrics, by command, in the order of its tables.
var table = []Metric{
	{Name: "verdict", Source: FromDissect, Unit: "", Lo: 0, Hi: 0, Verdicts: atlas},
	{Name: "auroc", Source: FromDissect, Unit: probability, Lo: 0, Hi: 1, Verdicts: atlas},
	{Name: "r", Source: FromDissect, Unit: rCoef, Lo: -1, Hi: 1},
	{Name: "r_within", Source: FromDissect, Unit: rCoef, Lo: -1, Hi: 1},
	{Name: "f1_skill", Source: FromDissect, Unit: share, Lo: -inf, Hi: 1},
	{Name: "iou_skill", Source: FromDissect, Unit: share, Lo: -inf, Hi: 1},
	{Name: "information_bits", Source: FromDissect, Unit: bits, Lo: -inf, Hi: inf},
	{Name: "p", Source: FromDissect, Unit: probability, Lo: 0, Hi: 1},
	{Name: "p_adjusted", Source: FromDissect, Unit: probability, Lo: 0, Hi: 1},
	{Name: "p_family", Source: FromDissect, Unit: probability, Lo: 0, Hi: 1},
	{Name: "p_site", Source: FromDissect, Unit: probability, Lo: 0, Hi: 1},
	{Name: "untrained_max", Source: FromDissect, Unit: probability, Lo: 0, Hi: 1},
	{Name: "mean_on", Source: FromDissect, Unit: activation, Lo: -inf, Hi: inf},
	{Name: "mean_off", Source: FromDissect, Unit: activation, Lo: -inf, Hi: inf},
	{Name: "auroc_held", Source: FromDissect, Unit: probability, Lo: 0, Hi: 1, Offset: gapOffset},
	{Name: "auroc_within", Source: FromDissect, Unit: probability, Lo: 0, Hi: 1},
	{Name: "auroc_held_within", Source: FromDissect, Unit: probability, Lo: 0, Hi: 1, Offset: gapOffset},
	{Name: "excess_over_gram", Source: FromDissect, Unit: probability, Lo: -1, Hi: 1, Offset: gramOffset},
	{Name: "r_scaled", Source: FromDissect, Unit: rCoef, Lo: -1, Hi: 1, Kinds: scales},
	{Name: "monotone", Source: FromDissect, Unit: share, Lo: 0, Hi: 1, Kinds: scales},
	{Name: "state_r_within", Source: FromDissect, Unit: rCoef, Lo: -1, Hi: 1},
	{Name: "state_p_adjusted", Source: FromDissect, Unit: probability, Lo: 0, Hi: 1},
	{Name: "state_auroc", Source: FromDissect, Unit: probability, Lo: 0, Hi: 1},
	{Name: "untrained_r_within", Source: FromDissect, Unit: rCoef, Lo: 0, Hi: 1},
	{Name: "probe_accuracy", Source: FromDissect, Unit: share, Lo: 0, Hi: 1},
	{Name: "probe_auroc", Source: FromDissect, Unit: probability, Lo: 0, Hi: 1},
	{Name: "probe_k90", Source: FromDissect, Unit: units, Lo: 1, Hi: inf},
	{Name: "probe_selectivity", Source: FromDissect, Unit: share, Lo: -1, Hi: 1},
	{Name: "probe_telegraph", Source: FromDissect, Unit: share, Lo: 0, Hi: 1},
	{Name: "depth_r2", Source: FromDissect, Unit: share, Lo: -inf, Hi: 1},
	{Name: "depth_mae", Source: FromDissect, Unit: number, Lo: 0, Hi: inf},
	{Name: "depth_beyond_r2", Source: FromDissect, Unit: share, Lo: -inf, Hi: 1},
	{Name: "depth_beyond_r", Source: FromDissect, Unit: rCoef, Lo: -1, Hi: 1},
	{Name: "unit_max", Source: FromDissect, Unit: probability, Lo: 0, Hi: 1},
	{Name: "rotated_max", Source: FromDissect, Unit: probability, Lo: 0, Hi: 1},
	{Name: "url_on", Source: FromDissect, Unit: activation, Lo: 0, Hi: inf},
	{Name: "url_off", Source: FromDissect, Unit: activation, Lo: 0, Hi: inf},
	{Name: "url_difference", Source: FromDissect, Unit: activation, Lo: -inf, Hi: inf},
	{Name: "url_mean", Source: FromDissect, Unit: activation, Lo: -inf, Hi: inf, Kinds: URLKinds, Offset: afterOffset},
	{Name: "jump_units", Source: FromDissect, Unit: units, Lo: 0, Hi: inf},
	{Name: "jump", Source: FromDissect, Unit: activation, Lo: -inf, Hi: inf},
	{Name: "pair_cosine", Source: FromDissect, Unit: cosine, Lo: -1, Hi: 1},
	{Name: "pair_cosine_random", Source: FromDissect, Unit: cosine, Lo: -1, Hi: 1},
	{Name: "pair_cosine_difference", Source: FromDissect, Unit: cosine, Lo: -2, Hi: 2},
	{Name: "pair_cosine_strangers", Source: FromDissect, Unit: cosine, Lo: -1, Hi: 1},
	{Name: "pair_cosine_matching", Source: FromDissect, Unit: cosine, Lo: -2, Hi: 2},
	{Name: "pair_gap_median", Source: FromDissect, Unit: characters, Lo: 0, Hi: inf},

	{Name: "used", Source: FromAblate, Unit: "", Lo: 0, Hi: 1, Verdicts: causal},
	{Name: "causal_effect", Source: FromAblate, Unit: milli, Lo: -inf, Hi: inf, Kinds: modes},
	{Name: "causal_p", Source: FromAblate, Unit: probability, Lo: 0, Hi: 1},

	{Name: "end_cosine_over_random", Source: FromMemory, Unit: cosine, Lo: -2, Hi: 2},
	{Name: "end_change", Source: FromMemory, Unit: "standard deviations", Lo: 0, Hi: inf},
	{Name: "recall_right", Source: FromMemory, Unit: share, Lo: 0, Hi: 1, Offset: openOffset},
	{Name: "recall_right_ngram", Source: FromMemory, Unit: share, Lo: 0, Hi: 1, Offset: openOffset},
	{Name: "recall_excess", Source: FromMemory, Unit: nats, Lo: -inf, Hi: inf, Offset: openOffset},
	{Name: "recall_horizon", Source: FromMemory, Unit: characters, Lo: 0, Hi: inf},
	{Name: "suite_right", Source: FromMemory, Unit: share, Lo: 0, Hi: 1, Offset: openOffset},
	{Name: "suite_right_ngram", Source: FromMemory, Unit: share, Lo: 0, Hi: 1},
	{Name: "suite_both_right", Source: FromMemory, Unit: share, Lo: 0, Hi: 1, Offset: openOffset},
	{Name: "suite_horizon", Source: FromMemory, Unit: characters, Lo: 0, Hi: inf},
	{Name: "waiting_units", Source: FromMemory, Unit: units, Lo: 0, Hi: inf},
	{Name: "waiting_retention", Source: FromMemory, Unit: probability, Lo: 0, Hi: 1, Verdicts: []Verdict{Partial, Waits}},

	{Name: "mechanism", Source: FromQuotes, Unit: "", Lo: 0, Hi: 0, Verdicts: mechanism},
	{Name: "mechanism_left", Source: FromQuotes, Unit: "", Lo: 0, Hi: 1, Kinds: []string{"flag", "counter", "stack"}},
	{Name: "inside_auroc", Source: FromQuotes, Unit: probability, Lo: 0, Hi: 1, Kinds: []string{"text"}},
	{Name: "inside_nats", Source: FromQuotes, Unit: nats, Lo: -inf, Hi: inf, Kinds: []string{"text"}},
	{Name: "probe_loss", Source: FromQuotes, Unit: milli, Lo: 0, Hi: inf, Kinds: []string{"probes", "text"}},
	{Name: "axis_r2", Source: FromQuotes, Unit: share, Lo: -inf, Hi: 1},
	{Name: "axis_unit_r", Source: FromQuotes, Unit: rCoef, Lo: -1, Hi: 1},
	{Name: "toggle_parity", Source: FromQuotes, Unit: share, Lo: 0, Hi: 1, Kinds: []string{"axis", "unit", "bare"}},
	{Name: "toggle_count", Source: FromQuotes, Unit: share, Lo: 0, Hi: 1},
	{Name: "steps_cosine", Source: FromQuotes, Unit: cosine, Lo: -1, Hi: 1, Kinds: []string{"increments", "geometry"}},
	{Name: "steps_later", Source: FromQuotes, Unit: share, Lo: 0, Hi: inf, Kinds: []string{"increments", "geometry"}},
	{Name: "steps_even", Source: FromQuotes, Unit: share, Lo: 0, Hi: 1, Kinds: []string{"increments", "geometry"}},
	{Name: "steps_undone", Source: FromQuotes, Unit: share, Lo: -inf, Hi: inf},
	{Name: "grid_known", Source: FromQuotes, Unit: share, Lo: 0, Hi: 1, Kinds: []string{"depth_1", "trained", "beyond"}},
	{Name: "grid_kind_known", Source: FromQuotes, Unit: share, Lo: 0, Hi: 1, Kinds: []string{"trained", "beyond"}},
	{Name: "order_known", Source: FromQuotes, Unit: share, Lo: 0, Hi: 1, Kinds: []string{"top", "one_pop", "two_pops"}},
	{Name: "fixed_apart", Source: FromQuotes, Unit: share, Lo: 0, Hi: inf, Kinds: []string{"inside", "inside_later", "depths_least", "depths_most", "contents"}},
	{Name: "fixed_eigenvalue", Source: FromQuotes, Unit: number, Lo: 0, Hi: inf},

	{Name: "explained", Source: FromExplain, Unit: share, Lo: -inf, Hi: 1, Offset: leavesOffset},
	{Name: "explained_short", Source: FromExplain, Unit: share, Lo: -inf, Hi: 1, Offset: leavesOffset},
	{Name: "explained_beyond", Source: FromExplain, Unit: share, Lo: -inf, Hi: inf, Offset: leavesOffset},
	{Name: "explained_beyond_p", Source: FromExplain, Unit: probability, Lo: 0, Hi: 1, Offset: leavesOffset},
	{Name: "fixed_by_last", Source: FromExplain, Unit: share, Lo: -inf, Hi: 1, Offset: lastOffset},
	{Name: "fidelity", Source: FromExplain, Unit: share, Lo: -inf, Hi: inf, Offset: leavesOffset},
	{Name: "explained_half", Source: FromExplain, Unit: share, Lo: 0, Hi: 1, Offset: leavesOffset},
	{Name: "explained_remember", Source: FromExplain, Unit: share, Lo: 0, Hi: 1},
	{Name: "in_words", Source: FromExplain, Unit: share, Lo: -inf, Hi: inf, Offset: leavesOffset},
	{Name: "in_words_cooled", Source: FromExplain, Unit: share, Lo: -inf, Hi: inf, Offset: leavesOffset},
	{Name: "in_means", Source: FromExplain, Unit: share, Lo: -inf, Hi: inf, Offset: lastOffset},
	{Name: "in_words_recurrent", Source: FromExplain, Unit: share, Lo: -inf, Hi: inf, Offset: leavesOffset},

	{Name: "error_rate", Source: FromErrors, Unit: share, Lo: 0, Hi: 1},
	{Name: "error_loss_share", Source: FromErrors, Unit: share, Lo: 0, Hi: 1},
	{Name: "error_removed", Source: FromErrors, Unit: share, Lo: 0, Hi: 1, Kinds: ErrorCauses},
	{Name: "error_nats", Source: FromErrors, Unit: milli, Lo: 0, Hi: inf, Kinds: ErrorCauses},
	{Name: "error_shapley", Source: FromErrors, Unit: share, Lo: 0, Hi: 1, Kinds: ErrorCauses},
	{Name: "gain_over_ngram", Source: FromErrors, Unit: milli, Lo: -inf, Hi: inf},

	{Name: "level", Source: FromCalibrate, Unit: share, Lo: 0, Hi: 1},
	{Name: "any_false", Source: FromCalibrate, Unit: share, Lo: 0, Hi: 1},
	{Name: "false_share", Source: FromCalibrate, Unit: share, Lo: 0, Hi: 1},
	{Name: "untrained_learned", Source: FromCalibrate, Unit: share, Lo: 0, Hi: 1},
	{Name: "found", Source: FromCalibrate, Unit: share, Lo: 0, Hi: 1, Offset: strengthOffset},
	{Name: "found_associated", Source: FromCalibrate, Unit: share, Lo: 0, Hi: 1, Offset: strengthOffset},
	{Name: "found_holds", Source: FromCalibrate, Unit: share, Lo: 0, Hi: 1, Offset: strengthOffset},
	{Name: "decoy_holds", Source: FromCalibrate, Unit: share, Lo: 0, Hi: 1},
	{Name: "fresh_state_unit", Source: FromCalibrate, Unit: share, Lo: 0, Hi: 1},
}

// Metrics is the one table of metrics.
func Metrics() []Metric { return slices.Clone(table) }

// Lookup finds a metric by name: for who reads findings of a file; the commands list them all.
func Lookup(name string) (Metric, bool) {
	i := slices.IndexFunc(table, func(m Metric) bool { return m.Name == name })
	if i < 0 {
		return Metric{}, false
	}
	return table[i], true
}
