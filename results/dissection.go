package results

import (
	"errors"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/dissect"
	"github.com/rnnscope/rnnscope/finding"
	"github.com/rnnscope/rnnscope/intervene"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/run"
)

// Dissection is the run's dissection of a subject, nil if there is none. It was measured on the text
// that is named, or else on the one at hand, at the step at hand; and where that has none on the
// run's own text at the newest step. Errors are those of run.
func Dissection(r *run.Run, text string, at finding.Subject) (*dissect.Result, finding.Subject, error) {
	tries := []run.Want{{Text: text, Step: &at.Step}, {Text: text}}
	if text == "" {
		tries = []run.Want{{Text: at.SHA256, Step: &at.Step}, {Text: at.SHA256}, {}}
	}
	var err error
	for _, want := range tries {
		var atlas dissect.Result
		var subject finding.Subject
		if subject, err = r.View(dissect.ViewName, want, &atlas); err == nil {
			return &atlas, subject, nil
		}
		if !errors.Is(err, run.ErrNoView) {
			return nil, subject, err
		}
	}
	if text != "" {
		return nil, finding.Subject{}, err
	}
	return nil, finding.Subject{}, nil
}

// KeepDissection stores a dissection beside what an earlier one of the same subject said of other
// concepts. Errors are those of run.
func KeepDissection(r *run.Run, at finding.Subject, result *dissect.Result) error {
	all := *result
	var earlier dissect.Result
	switch err := r.ViewOf(at, dissect.ViewName, &earlier); {
	case err == nil:
		all.Keep(&earlier)
	case !errors.Is(err, run.ErrNoView):
		return err
	}
	return keep(r, at, dissect.ViewName, &all, all.Findings())
}

// Found are the concepts that a dissection calls learned or associated, each with its units, to ask
// about next; own names those that are a user's own, whose rules the result does not hold.
func Found(atlas *dissect.Result) (found []intervene.Candidate, own []string) {
	for i := range atlas.Concepts {
		k := &atlas.Concepts[i]
		if !isFound(k) {
			continue
		}
		c, err := concept.Find(k.Concept)
		if err != nil {
			own = append(own, k.Concept)
			continue
		}
		one := unitsOf(k)
		one.Concept = c
		found = append(found, one)
	}
	return found, own
}

// UnitsFor are the units that a dissection found for a concept, without its rule; none where it
// found none. atlas may be nil.
func UnitsFor(atlas *dissect.Result, name string) intervene.Candidate {
	if atlas == nil {
		return intervene.Candidate{}
	}
	for i := range atlas.Concepts {
		if k := &atlas.Concepts[i]; k.Concept == name && isFound(k) {
			return unitsOf(k)
		}
	}
	return intervene.Candidate{}
}

func isFound(k *dissect.ConceptResult) bool {
	return k.Verdict == dissect.Learned || k.Verdict == dissect.Associated
}

// unitsOf are a concept's best unit and, if that is another, beside it the best inside each current character.
func unitsOf(k *dissect.ConceptResult) intervene.Candidate {
	if k.Best == nil {
		return intervene.Candidate{}
	}
	out := intervene.Candidate{Units: []rnn.Unit{{Site: k.Best.Site, Unit: k.Best.Unit}}}
	if s := k.State; s != nil && !s.Same {
		out.Beside = []rnn.Unit{{Site: s.Score.Site, Unit: s.Score.Unit}}
	}
	return out
}

// keep stores a view and its findings; found may be nil.
func keep(r *run.Run, at finding.Subject, name string, view any, found []finding.Finding) error {
	if err := r.PutView(at, name, view); err != nil || found == nil {
		return err
	}
	return r.SetFindings(at, name, found)
}
