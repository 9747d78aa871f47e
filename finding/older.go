package finding

import (
	"strconv"
	"strings"
)

// FindingV1 is a finding as runs of schema 1 kept it: what is a field today stood in names and sentences.
type FindingV1 struct {
	Concept string // "in-quote", "pair:quote", "recall:brace", "nesting: novel.txt, straight marks"
	Metric  string // "auroc", "auroc_held_20", "mean_after 2 to 6 after the end", "toggle: parity share"
	Method  string // a sentence; of the metric "used" the verdict
}

// renamed are the metrics that changed their names alone, for concepts with the prefix before the bar.
var renamed = map[string]string{
	"|k90": "probe_k90", "|mean_abs_on": "url_on", "|mean_abs_off": "url_off", "|mean_abs_difference": "url_difference", "|jump_group_size": "jump_units",
	"pair|cosine": "pair_cosine", "pair|cosine_random": "pair_cosine_random", "pair|cosine_difference": "pair_cosine_difference",
	"pair|cosine_strangers": "pair_cosine_strangers", "pair|cosine_matching": "pair_cosine_matching", "pair|gap_median": "pair_gap_median",
	"pair|end_cosine_over_random": "end_cosine_over_random", "pair|end_change": "end_change",
	"recall|horizon": "recall_horizon", "recall|right": "recall_right", "recall|ngram_right": "recall_right_ngram", "recall|excess": "recall_excess",
	"pairs|right": "suite_right", "pairs|ngram_right": "suite_right_ngram", "pairs|told_apart": "suite_both_right", "pairs|horizon": "suite_horizon",
	"wait|trigger_wait_units": "waiting_units", "wait|partial": "waiting_retention", "wait|trigger-wait": "waiting_retention",
	"nesting|inside auroc": "inside_auroc", "nesting|inside nats": "inside_nats", "nesting|depth axis R2": "axis_r2", "nesting|depth r": "axis_unit_r",
}

// kinds are the metrics whose names held a kind.
var kinds = map[string][2]string{
	"causal_effect": {"causal_effect", "mean"}, "causal_effect_resample": {"causal_effect", "resample"}, "causal_effect_zero": {"causal_effect", "zero"},
	"r_raw": {"r_scaled", "raw"}, "r_capped": {"r_scaled", "capped"}, "r_log": {"r_scaled", "log"},
	"monotone_raw": {"monotone", "raw"}, "monotone_capped": {"monotone", "capped"}, "monotone_log": {"monotone", "log"},
	"mean_after ordinary text": {"url_mean", "ordinary"}, "mean_after ://": {"url_mean", "scheme"}, "mean_after letter": {"url_mean", "letter"},
	"mean_after digit": {"url_mean", "digit"}, "mean_after /": {"url_mean", "slash"}, "mean_after .": {"url_mean", "dot"}, "mean_after #": {"url_mean", "hash"},
	"mean_after other inside": {"url_mean", "other"}, "mean_after first after the end": {"url_mean", "after"}, "mean_after 2 to 6 after the end": {"url_mean", "after"},
	"not excluded: flag": {"mechanism_left", "flag"}, "not excluded: counter": {"mechanism_left", "counter"}, "not excluded: stack": {"mechanism_left", "stack"},
}

// Tests are the figures of the six tests of a mechanism, by test and name, as metric and kind.
var Tests = map[string][2]string{
	"toggle: parity share":                             {"toggle_parity", "axis"},
	"toggle: parity share, bare marks":                 {"toggle_parity", "bare"},
	"toggle: parity share, best unit":                  {"toggle_parity", "unit"},
	"toggle: count share":                              {"toggle_count", ""},
	"increments: cosine of steps":                      {"steps_cosine", "increments"},
	"increments: later steps beside the first":         {"steps_later", "increments"},
	"increments: shortest step beside the longest":     {"steps_even", "increments"},
	"increments: given back by the closer":             {"steps_undone", ""},
	"geometry: cosine of steps":                        {"steps_cosine", "geometry"},
	"geometry: later steps beside the first":           {"steps_later", "geometry"},
	"geometry: shortest step beside the longest":       {"steps_even", "geometry"},
	"depth grid: known at depth 1":                     {"grid_known", "depth_1"},
	"depth grid: known at depth 2 to D":                {"grid_known", "trained"},
	"depth grid: known beyond D":                       {"grid_known", "beyond"},
	"depth grid: kind of closer known at depth 2 to D": {"grid_kind_known", "trained"},
	"depth grid: kind of closer known beyond D":        {"grid_kind_known", "beyond"},
	"order: order known":                               {"order_known", "top"},
	"order: known after a pop":                         {"order_known", "one_pop"},
	"order: known after two pops":                      {"order_known", "two_pops"},
	"fixed points: inside and outside kept apart":      {"fixed_apart", "inside"},
	"fixed points: the same, four times as long":       {"fixed_apart", "inside_later"},
	"fixed points: largest eigenvalue a character":     {"fixed_eigenvalue", ""},
	"fixed points: depths inside kept apart, least":    {"fixed_apart", "depths_least"},
	"fixed points: depths inside kept apart, most":     {"fixed_apart", "depths_most"},
	"fixed points: contents of one depth kept apart":   {"fixed_apart", "contents"},
}

// verdicts are those that stood in the method of "used" or were the name of the metric.
var verdicts = map[string]Verdict{
	"used": Used, "encoded, not shown to be used": Encoded, "untestable": Untestable, "partial": Partial, "trigger-wait": Waits,
	"not in this text": NotInText, "too little text": TooLittleText, "not found": NotFound,
}

// ParseVerdict reads a verdict as views have it: as its code, or in the words of older versions. What it does not know stays as it is.
func ParseVerdict(s string) Verdict {
	if v, ok := verdicts[s]; ok {
		return v
	}
	return Verdict(s)
}

// heldWithin is the gap of auroc_held_within, which its name did not say.
const heldWithin = 20

// Today gives f, made of o's figures, the names and fields of today. What is in no table stays as it was.
func (o FindingV1) Today(f Finding) Finding {
	f.Concept, f.Metric, f.Method = o.Concept, o.Metric, o.Method
	prefix, rest, ok := strings.Cut(o.Concept, ":")
	if !ok {
		prefix, rest = "", ""
	}
	name := o.Metric
	if base, gap, ok := strings.Cut(name, "_from_gap_"); ok {
		name, f.From = base, offset(gap)
	}
	if to, ok := renamed[prefix+"|"+name]; ok {
		f.Metric = to
		switch prefix {
		case "pair", "recall", "pairs", "wait":
			f.Concept, f.Kind = "", rest
		}
	}
	if prefix == "nesting" {
		f.Concept = Marks(rest)
	}
	f = o.moveNumber(f)
	if k, ok := kinds[name]; ok {
		f.Metric, f.Kind = k[0], k[1]
	}
	if k, ok := Tests[name]; ok && prefix == "nesting" {
		f.Metric, f.Kind = k[0], k[1]
	}
	switch {
	case name == "used":
		f.Verdict, f.Method = verdicts[o.Method], ""
	case prefix == "wait":
		f.Verdict = verdicts[name]
	case name == "mean_after first after the end":
		f.From, f.To = 1, 1
	case name == "mean_after 2 to 6 after the end":
		f.From, f.To = 2, 6
	}
	return f
}

// moveNumber takes the number out of a metric's name.
func (o FindingV1) moveNumber(f Finding) Finding {
	if o.Metric == "auroc_held_within" {
		return f.At(heldWithin)
	}
	if gap := offset(strings.TrimPrefix(o.Metric, "auroc_held_")); gap > 0 {
		f.Metric = "auroc_held"
		return f.At(gap)
	}
	if k := offset(strings.TrimSuffix(strings.TrimPrefix(o.Metric, "excess_"), "_gram")); k > 0 {
		f.Metric = "excess_over_gram"
		return f.At(k)
	}
	return f
}

// offset is a whole number in a name, 0 where it is none.
func offset(s string) float64 {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0
	}
	return float64(n)
}

// Marks names the marks of a language of nested marks, without the text: "straight marks".
func Marks(language string) string {
	if i := strings.LastIndex(language, ", "); i >= 0 {
		return language[i+2:]
	}
	return strings.TrimSpace(language)
}
