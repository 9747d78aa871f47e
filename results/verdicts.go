package results

import (
	"errors"
	"slices"

	"github.com/rnnscope/rnnscope/finding"
	"github.com/rnnscope/rnnscope/intervene"
	"github.com/rnnscope/rnnscope/run"
)

// KeepVerdicts stores causal verdicts beside what earlier ones said of other concepts and units. Errors are those of run.
func KeepVerdicts(r *run.Run, at finding.Subject, result *intervene.Result) error {
	var earlier intervene.Result
	all := *result
	switch err := r.ViewOf(at, intervene.ViewName, &earlier); {
	case err == nil:
		all.Concepts, all.Units = slices.Clone(result.Concepts), slices.Clone(result.Units)
		all.Keep(&earlier)
	case !errors.Is(err, run.ErrNoView):
		return err
	}
	return keep(r, at, intervene.ViewName, &all, all.Findings())
}

// KeepSteered stores the curve of one unit for one concept beside those of others. Errors are those of run.
func KeepSteered(r *run.Run, at finding.Subject, now intervene.SteeredUnit) error {
	var all []intervene.SteeredUnit
	if err := r.ViewOf(at, intervene.SteeredViewName, &all); err != nil && !errors.Is(err, run.ErrNoView) {
		return err
	}
	all = slices.DeleteFunc(all, func(o intervene.SteeredUnit) bool {
		return o.Curve.Unit == now.Curve.Unit && o.Curve.Concept == now.Curve.Concept
	})
	return keep(r, at, intervene.SteeredViewName, append(all, now), nil)
}
