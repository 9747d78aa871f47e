package console

import (
	"fmt"
	"strings"

	"github.com/rnnscope/rnnscope/finding"
	"github.com/rnnscope/rnnscope/run"
)

// SubjectFlags choose among what was measured on several texts and steps.
type SubjectFlags struct {
	Text string `placeholder:"NAME" help:"What was measured on this text: its name, or the beginning of its SHA-256 (default: the run's own)."`
	Step int64  `placeholder:"N" default:"-1" help:"What was measured at this training step (default: the newest measured)."`
}

func (f SubjectFlags) Want() (run.Want, error) {
	w := run.Want{Text: f.Text}
	if f.Step < -1 {
		return w, Misusef("--step %d: want a step of the training", f.Step)
	}
	if f.Step >= 0 {
		w.Step = &f.Step
	}
	return w, nil
}

// Store keeps what was measured of a subject under the name of its view; found may be nil.
func (s *Session) Store(r *run.Run, subject finding.Subject, name string, view any, found []finding.Finding) {
	err := r.PutView(subject, name, view)
	if err == nil && found != nil {
		err = r.SetFindings(subject, name, found)
	}
	s.Keep(r, err)
}

// SubjectSummary says on what figures were measured, and what else there is.
func SubjectSummary(used, all []finding.Subject) string {
	var b strings.Builder
	fmt.Fprintf(&b, "measured on %s\n", run.Listed(used))
	var others []finding.Subject
	for _, s := range all {
		if !containsSubject(used, s) && !containsSubject(others, s) {
			others = append(others, s)
		}
	}
	if len(others) > 0 {
		fmt.Fprintf(&b, "also there, with --text and --step: %s\n", run.Listed(others))
	}
	return b.String()
}

func containsSubject(all []finding.Subject, s finding.Subject) bool {
	for _, o := range all {
		if o == s {
			return true
		}
	}
	return false
}
