package run

import (
	"cmp"
	"database/sql"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rnnscope/rnnscope/checkpoint"
	"github.com/rnnscope/rnnscope/finding"
)

// Want says which subject is meant, as a user does. The zero Want is the run's own text at the
// newest step measured.
type Want struct {
	Text string // name of the text or of its file, or the beginning of its SHA-256; "" is the run's own
	Step *int64 // nil is the newest step measured
}

// Subject is what a measurement of c's network on a text is filed under.
func Subject(c *checkpoint.Checkpoint, text, sha256, split string) finding.Subject {
	return finding.Subject{Text: text, SHA256: sha256, Step: c.Step, Split: finding.ParseSplit(split), Weights: c.WeightsSHA256()}
}

// Whole is the subject of results that speak of the whole training.
func (r *Run) Whole() finding.Subject {
	return finding.Subject{Text: r.info.Name, SHA256: r.info.SHA256, Step: finding.EveryStep, Split: finding.WholeText}
}

// Subjects lists what the view or the findings called name were measured on, in the order in which
// they were; name "" means all.
func (r *Run) Subjects(name string) ([]finding.Subject, error) {
	var out []finding.Subject
	err := r.query(func(rows *sql.Rows) error {
		var s finding.Subject
		var split string
		err := rows.Scan(&s.Text, &s.SHA256, &s.Step, &split, &s.Weights)
		s.Split = finding.ParseSplit(split)
		out = append(out, s)
		return err
	}, `SELECT text, sha256, step, split, weights FROM subjects JOIN (
	      SELECT subject, max(last) AS last FROM (
	        SELECT subject, session AS last FROM views WHERE ?1 = '' OR name = ?1
	        UNION ALL SELECT subject, session FROM findings WHERE ?1 = '' OR source = ?1
	      ) GROUP BY subject
	    ) ON subject = id ORDER BY last, id`, name)
	return out, err
}

// Choose takes the subject that want means among those that the view or the findings called name
// were measured on. ErrNoView when nothing was measured under that name, ErrNoSubject
// (which is an ErrNoView) when not on that; the error then lists what there is.
func (r *Run) Choose(name string, want Want) (finding.Subject, error) {
	all, err := r.Subjects(name)
	if err != nil {
		return finding.Subject{}, err
	}
	if len(all) == 0 {
		return finding.Subject{}, fmt.Errorf("%s: %w: %s", r.dir, ErrNoView, name)
	}
	left := r.ofText(all, want.Text)
	left = ofStep(left, want.Step)
	if len(left) == 0 {
		return finding.Subject{}, fmt.Errorf("%s: %w%s of %s; there are %s", r.dir, ErrNoSubject, withPrefix(": ", name), want, Listed(all))
	}
	return left[len(left)-1], nil
}

// String names what is wanted as the flags do.
func (w Want) String() string {
	text := cmp.Or(w.Text, "the run's own text")
	if w.Step == nil {
		return text
	}
	return fmt.Sprintf("%s at step %d", text, *w.Step)
}

// Listed names subjects in a sentence.
func Listed(all []finding.Subject) string {
	names := make([]string, len(all))
	for i, s := range all {
		names[i] = s.String()
	}
	return strings.Join(names, "; ")
}

// ofText keeps the subjects of one text. Nobody having named one it is the run's own; where that
// was not measured, what may have been it; and else what was measured last.
func (r *Run) ofText(all []finding.Subject, name string) []finding.Subject {
	if name != "" {
		return filter(all, func(s finding.Subject) bool { return isCalled(s, name) })
	}
	own := filter(all, r.IsOwn)
	if len(own) > 0 {
		return own
	}
	if unknown := filter(all, func(s finding.Subject) bool { return s.SHA256 == "" && (s.Text == "" || s.Text == r.info.Name) }); len(unknown) > 0 {
		return unknown
	}
	last := all[len(all)-1]
	return filter(all, func(s finding.Subject) bool { return s.Text == last.Text && s.SHA256 == last.SHA256 })
}

// IsOwn reports whether a subject is the text that the run was made of.
func (r *Run) IsOwn(s finding.Subject) bool { return s.SHA256 != "" && s.SHA256 == r.info.SHA256 }

// leastHash is how much of a hash names a text.
const leastHash = 6

// withPrefix is s behind a prefix, "" for "".
func withPrefix(prefix, s string) string {
	if s == "" {
		return ""
	}
	return prefix + s
}

// isCalled reports whether a user means s by name: texts are called by their files' names without the ending.
func isCalled(s finding.Subject, name string) bool {
	base := filepath.Base(name)
	stem := strings.TrimSuffix(base, filepath.Ext(base))
	return s.Text == name || s.Text == base || s.Text == stem || filepath.Base(s.Text) == base || len(name) >= leastHash && strings.HasPrefix(s.SHA256, name)
}

// ofStep keeps the subjects of one step, or of the newest.
func ofStep(all []finding.Subject, step *int64) []finding.Subject {
	if len(all) == 0 {
		return nil
	}
	newest := slices.MaxFunc(all, func(a, b finding.Subject) int { return cmp.Compare(a.Step, b.Step) }).Step
	if step != nil {
		newest = *step
	}
	return filter(all, func(s finding.Subject) bool { return s.Step == newest })
}

func filter(all []finding.Subject, keep func(finding.Subject) bool) []finding.Subject {
	var out []finding.Subject
	for _, s := range all {
		if keep(s) {
			out = append(out, s)
		}
	}
	return out
}
