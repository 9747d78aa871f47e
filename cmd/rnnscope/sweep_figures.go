package main

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/rnnscope/rnnscope/births"
	"github.com/rnnscope/rnnscope/cmd/rnnscope/records"
	"github.com/rnnscope/rnnscope/evolve"
	"github.com/rnnscope/rnnscope/explain"
	"github.com/rnnscope/rnnscope/finding"
	"github.com/rnnscope/rnnscope/intervene"
	"github.com/rnnscope/rnnscope/lab"
	"github.com/rnnscope/rnnscope/mechanism"
	"github.com/rnnscope/rnnscope/memory"
	"github.com/rnnscope/rnnscope/mistakes"
)

// measure is a command that a grid may ask of its finished runs.
type measure struct {
	command string
	forms   []answerForm // of what it answers; nil: it gives no figures, it makes something
}

// answerForm is one form of a command's answer, and what a table of many runs shows of it.
type answerForm struct {
	key  string // of the answer, that no other form of the command has
	take func(answer []byte, into figures) error
}

// measures are those that a grid may ask. What an answer says of single units stays in the runs: units of several networks
// are not the same. Figures are called as in the findings of a run, where they stand there.
var measures = []measure{
	{"dissect", []answerForm{{"concepts", dissectFigures}}},
	{"births", []answerForm{{"never", taking(birthFigures)}}},
	{"evolution", []answerForm{{"snapshots", taking(evolutionFigures)}}},
	{"memory", []answerForm{{"recall", taking(memoryFigures)}}},
	{"quotes", []answerForm{{"result", taking(quoteFigures)}}},
	{"errors", []answerForm{{"causes", taking(errorFigures)}}},
	{"explain", []answerForm{{"sites", taking(explainFigures)}}},
	{"ablate", []answerForm{{"concepts", taking(ablateFigures)}, {"changes", taking(changeFigures)}}},
	{"verify", []answerForm{{"verified", taking(verifyFigures)}}},
	{"atlas", []answerForm{{"findings", taking(atlasFigures)}}},
	{"report", nil},
}

// measuring are the commands of the measures.
func measuring() []string {
	var out []string
	for _, m := range measures {
		out = append(out, m.command)
	}
	return out
}

// usesWorkers reports whether a measure heeds --workers.
func usesWorkers(words []string) bool {
	switch words[0] {
	case "quotes", "atlas", "report":
		return false
	}
	return true
}

// figures are what a table shows of a measure, by name.
type figures map[string]float64

// figuresOf takes the figures of a command's answer; of a form that it does not know, the numbers at its top.
func figuresOf(command string, answer []byte) (figures, error) {
	f := figures{}
	var top map[string]json.RawMessage
	if json.Unmarshal(answer, &top) != nil {
		return f, nil // a list
	}
	i := slices.IndexFunc(measures, func(m measure) bool { return m.command == command })
	for _, form := range measures[i].forms {
		if _, ok := top[form.key]; ok {
			return f, form.take(answer, f)
		}
	}
	if measures[i].forms != nil {
		f.plain(top)
	}
	return f, nil
}

// taking reads an answer as what the command prints.
func taking[T any](take func(answer *T, into figures)) func([]byte, figures) error {
	return func(answer []byte, into figures) error {
		v := new(T)
		if err := json.Unmarshal(answer, v); err != nil {
			return err
		}
		take(v, into)
		return nil
	}
}

// put keeps a figure that is defined, under a name of some words.
func (f figures) put(v float64, words ...string) {
	if v-v == 0 {
		f[figureName(words...)] = v
	}
}

// count counts what has a verdict. Verdicts that nothing has are counted too: 0 is an answer, a gap is none.
func (f figures) count(verdict string, words ...string) {
	f[figureName(append([]string{verdict}, words...)...)]++
}

// none begins the counts of verdicts.
func none[V ~string](f figures, verdicts []V, words ...string) {
	for _, v := range verdicts {
		f[figureName(append([]string{string(v)}, words...)...)] = 0
	}
}

// figureName joins words by dots, without what parts a table's columns.
func figureName(words ...string) string {
	words = slices.DeleteFunc(slices.Clone(words), func(w string) bool { return w == "" })
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.IsControl(r) {
			return '_'
		}
		return r
	}, strings.Join(words, "."))
}

// plain takes the numbers at the top of an answer.
func (f figures) plain(top map[string]json.RawMessage) {
	for name, raw := range top {
		var v *float64
		if json.Unmarshal(raw, &v) == nil && v != nil && name != "seconds" {
			f.put(*v, name)
		}
	}
}

// findings takes findings of these metrics that are about no single unit.
func (f figures) findings(all []finding.Finding, metrics ...string) {
	for _, x := range all {
		if x.Unit != finding.NoUnit || !slices.Contains(metrics, x.Metric) {
			continue
		}
		from := ""
		if x.From != 0 {
			from = strconv.FormatFloat(x.From, 'g', -1, 64)
		}
		f.put(x.Estimate, x.Metric, x.Site, x.Kind, from)
	}
}

// verdictsOf are the verdicts that a metric carries.
func verdictsOf(metric string) []finding.Verdict {
	m, _ := finding.Lookup(metric)
	return m.Verdicts
}

// dissectFigures: how many concepts have each verdict, and the AUROC of the best unit of each.
func dissectFigures(answer []byte, f figures) error {
	var top map[string]json.RawMessage
	var of struct {
		Concepts []struct {
			Concept string          `json:"concept"`
			Verdict finding.Verdict `json:"verdict"`
			Best    *struct {
				AUROC struct {
					Estimate *float64 `json:"estimate"`
				} `json:"auroc"`
			} `json:"best"`
		} `json:"concepts"`
	}
	if err := json.Unmarshal(answer, &top); err != nil {
		return err
	}
	if err := json.Unmarshal(answer, &of); err != nil {
		return err
	}
	f.plain(top)
	none(f, verdictsOf("verdict"))
	for _, c := range of.Concepts {
		f.count(string(c.Verdict))
		if c.Best != nil && c.Best.AUROC.Estimate != nil {
			f.put(*c.Best.AUROC.Estimate, "auroc", c.Concept)
		}
	}
	return nil
}

// birthFigures: the step at which each concept was born, of the best unit at each snapshot and of the one that is best in
// the end; a concept that never was has no step.
func birthFigures(r *births.Result, f figures) {
	f.put(0, "born")
	f.put(float64(len(r.Never)), "never")
	for _, c := range r.Concepts {
		if c.Best.Birth == nil {
			f.count("never")
		} else {
			f.count("born")
			f.put(float64(*c.Best.Birth), "birth", c.Concept)
		}
		if c.Final.Birth != nil {
			f.put(float64(*c.Final.Birth), "survivor", c.Concept)
		}
		f.put(float64(c.Lag), "lag", c.Concept)
	}
}

// evolutionFigures: how many curves have each verdict, of figures of samples and of held-out items in both measures, and
// the step of the middle of each that rises.
func evolutionFigures(h *evolve.History, f figures) {
	none(f, []evolve.Verdict{evolve.Unchanged, evolve.Abrupt, evolve.PerhapsAbrupt, evolve.Gradual, evolve.Unresolved, evolve.Declined,
		evolve.MetricInduced, evolve.AbruptInBoth, evolve.CannotTell})
	curve := func(e evolve.Emergence, words ...string) {
		f.count(string(e.Shown()))
		if !e.Rises(h.Lower(e.Name)) {
			return
		}
		middle, kind := e.Middle(h.LastStep()), "middle"
		if middle.Above {
			kind = "middle_at_least"
		}
		f.put(middle.Value, append([]string{kind}, words...)...)
	}
	for _, e := range h.Emergence {
		if e.Name != evolve.LossName {
			curve(e, e.Name)
		}
	}
	for _, p := range h.Pairings {
		curve(p.Right, p.Name, "right")
		curve(p.LogP, p.Name, "log_probability")
		if p.Metric != "" {
			f.count(string(p.Metric))
		}
	}
}

// memoryFigures: of each kind of pair and each suite of minimal pairs what is known at 50 characters and more, and the horizon.
// A horizon beyond the longest gap that was measured stands as what it is at least.
func memoryFigures(r *memory.Result, f figures) {
	horizon := func(h memory.Horizon, words ...string) {
		if h.Censored {
			f.put(float64(h.Longest), append([]string{words[0] + "_at_least"}, words[1:]...)...)
			return
		}
		f.put(h.Gap.Estimate, words...)
	}
	for _, k := range r.Recall {
		asked := ""
		if k.Asked == memory.AskedName {
			asked = "name"
		}
		if k.Far != nil {
			f.put(k.Far.Right.Estimate, "recall_right", k.Kind, asked)
			f.put(k.Far.NgramRight.Estimate, "recall_right_ngram", k.Kind, asked)
			f.put(k.Far.Excess.Estimate, "recall_excess", k.Kind, asked)
		}
		horizon(k.Horizon, "recall_horizon", k.Kind, asked)
	}
	for _, s := range r.Minimal {
		at := s.All
		if s.Far != nil {
			at = *s.Far
		}
		f.put(at.Right.Estimate, "suite_right", s.Name)
		f.put(at.Apart.Estimate, "suite_both_right", s.Name)
		horizon(s.Horizon, "suite_horizon", s.Name)
	}
	f.findings(r.Findings(), "waiting_units")
}

// quoteFigures: the mechanism, and how well inside and outside are told apart.
func quoteFigures(v *mechanism.View, f figures) {
	if v.Result == nil {
		return
	}
	none(f, verdictsOf("mechanism"))
	all := v.Result.Findings("")
	for _, x := range all {
		if x.Metric == "mechanism" {
			f.count(string(x.Verdict))
		}
	}
	f.findings(all, "inside_auroc", "inside_nats", "axis_r2")
}

// errorFigures: how often it is wrong, what that costs, and the share of each cause in nats (Shapley's value).
func errorFigures(r *mistakes.Result, f figures) {
	f.put(r.Loss.Estimate, "loss")
	f.put(r.NGramLoss.Estimate, "ngram_loss")
	f.put(float64(r.Best), "best_order")
	f.findings(r.Findings(), "error_rate", "error_loss_share", "error_nats")
}

// explainFigures: the share of units that a tree of so many leaves explains by half, the share that remembers, and the
// network in words.
func explainFigures(r *explain.Result, f figures) {
	f.findings(r.Findings(), "explained_half", "explained_remember", "in_words", "in_words_cooled", "in_words_recurrent", "in_means")
}

// ablateFigures: how many pairs of concept and unit have each verdict, and how many units each concept uses.
func ablateFigures(r *intervene.Result, f figures) {
	none(f, verdictsOf(intervene.UsedMetric))
	for _, c := range r.Concepts {
		f.put(0, string(intervene.Used), c.Concept)
		for _, p := range c.Pairs {
			f.count(string(p.Verdict))
			if p.Verdict == intervene.Used {
				f.count(string(p.Verdict), c.Concept)
			}
		}
	}
}

// changeFigures: what each intervention that was asked for does to the loss.
func changeFigures(r *intervene.ChangeResult, f figures) {
	for _, c := range r.Changes {
		var names []string
		for _, v := range c.Interventions {
			name := v.Site
			if v.Path != "" {
				name += "." + v.Path
			}
			for _, u := range v.Units {
				name += "[" + strconv.Itoa(u) + "]"
			}
			names = append(names, name)
		}
		f.put(c.All.Estimate, "nats", strings.Join(names, "+"))
	}
}

// verifyFigures: 1 where everything kept is, to the bit, what the training comes to, else 0.
func verifyFigures(v *lab.Verification, f figures) {
	f.put(0, "verified")
	if v.Verified {
		f.count("verified")
	}
	f.put(float64(len(v.Snapshots)), "snapshots")
	f.put(0, string(lab.FileSame))
	for _, w := range v.Snapshots {
		if w.Outcome == lab.FileSame {
			f.count(string(lab.FileSame))
		}
	}
}

// atlasFigures: how much was listed, on how many units, and the listed figures that are about no single unit.
func atlasFigures(a *records.FindingsAnswer, f figures) {
	units := map[string]bool{}
	for _, x := range a.Findings {
		if x.Unit != finding.NoUnit {
			units[x.Site+" "+strconv.FormatInt(x.Unit, 10)] = true
			continue
		}
		from := ""
		if x.From != nil {
			from = strconv.FormatFloat(*x.From, 'g', -1, 64)
		}
		if x.Estimate != nil {
			f.put(*x.Estimate, x.Metric, x.Concept, x.Site, x.Kind, from)
		}
	}
	f.put(float64(len(a.Findings)), "findings")
	f.put(float64(len(units)), "units")
}
