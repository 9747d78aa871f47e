package report

import (
	"cmp"
	"errors"
	"strings"

	"github.com/rnnscope/rnnscope/finding"
	"github.com/rnnscope/rnnscope/run"
)

// view reads a view of the subject wanted and notes which that is. ok is false where nothing was measured on it.
func (d *Data) view(r *run.Run, want run.Want, name string, v any) (ok bool, err error) {
	subject, err := r.View(name, want, v)
	if errors.Is(err, run.ErrNoView) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if d.Subjects == nil {
		d.Subjects = map[string]finding.Subject{}
	}
	d.Subjects[name] = subject
	return true, nil
}

// readOthers lists what the run holds of other texts and steps than those shown.
func (d *Data) readOthers(r *run.Run) error {
	names, err := r.Views()
	if err != nil {
		return err
	}
	for _, name := range names {
		all, err := r.Subjects(name)
		if err != nil {
			return err
		}
		for _, s := range all {
			if shown, ok := d.Subjects[name]; ok && shown != s {
				d.Others = append(d.Others, Other{name, s})
			}
		}
	}
	return nil
}

// Other is a result that the run holds and the report does not show.
type Other struct {
	View    string
	Subject finding.Subject
}

// own is the subject of what was measured while the network was trained.
func (d *Data) own() finding.Subject {
	return finding.Subject{Text: d.Name, SHA256: d.SHA256, Step: d.Step, Split: finding.ParseSplit(d.Split)}
}

// on sets what the figures to come were measured on: the subject of a view.
func (b *builder) on(view string) {
	b.at = b.d.own()
	if s, ok := b.d.Subjects[view]; ok {
		b.at = s
	}
}

// step writes a step of the training, and what is none in words.
func (b *builder) step(n int64) string {
	switch n {
	case finding.UnknownStep:
		return b.w.say("subject.unknown")
	case finding.EveryStep:
		return b.w.say("subject.every")
	}
	return integer(n)
}

// hash is the beginning of a hash.
func (b *builder) hash(sum string) string {
	if sum == "" {
		return b.w.say("subject.unknown")
	}
	return sum[:min(12, len(sum))]
}

// subject says what a section was measured on, and what is not known of that; "" for the page's own.
func (b *builder) subject(view string) string {
	s, ok := b.d.Subjects[view]
	if !ok {
		return ""
	}
	parts := []string{cmp.Or(s.Text, b.w.say("subject.text"))}
	if s.Split != (finding.Split{}) {
		parts = append(parts, b.w.part(s.Split.String()))
	}
	if s.Step != finding.UnknownStep {
		parts = append(parts, b.w.say("subject.step", b.step(s.Step)))
	}
	if s.SHA256 != "" {
		parts = append(parts, b.w.say("subject.sha", b.hash(s.SHA256)))
	}
	said := b.w.say("subject.on", strings.Join(parts, b.w.say("list.semicolon")))
	var gaps []string
	words := finding.LoadWords(b.w.lang)
	for _, g := range s.Gaps() {
		gaps = append(gaps, words.Gap(g))
	}
	if len(gaps) == 0 {
		return said
	}
	return b.w.sentences(said, b.w.say("subject.gaps", b.w.list(gaps)))
}

// elsewhere says what else was measured, by command and subject.
func (b *builder) elsewhere() []fact {
	var out []fact
	for _, o := range b.d.Others {
		out = append(out, fact{b.w.say("prov.other", o.View), o.Subject.String(), ""})
	}
	return out
}
