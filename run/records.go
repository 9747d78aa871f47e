package run

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"github.com/rnnscope/rnnscope/finding"
)

// What is kept of a subject takes the place of what was kept of the same subject, and of nothing
// else: results on several texts and steps live side by side in one run.

// subjectID finds a subject's row by what identifies it: see recordSchema.
const subjectID = "(SELECT id FROM subjects WHERE iif(sha256 = '', text, sha256) = iif(?3 = '', ?2, ?3) AND step = ?4 AND split = ?5 AND weights = ?6)"

// of are the arguments of a query that begins with its own and goes on with a subject.
func of(first any, s finding.Subject, more ...any) []any {
	return append([]any{first, s.Text, s.SHA256, s.Step, s.Split.String(), s.Weights}, more...)
}

// subjectRow makes sure that a subject has a row; of two names of one text the later counts.
func subjectRow(s finding.Subject) row {
	return row{
		`INSERT INTO subjects (text, sha256, step, split, weights) VALUES (?2, ?3, ?4, ?5, ?6)
		 ON CONFLICT DO UPDATE SET text = excluded.text`,
		of(nil, s),
	}
}

// SetFindings records what source ("dissect", "memory", ...) found of a subject, in place of all
// that the same source found of it before. An empty Version becomes this program's.
func (r *Run) SetFindings(subject finding.Subject, source string, findings []finding.Finding) error {
	rows := []row{subjectRow(subject), {"DELETE FROM findings WHERE source = ?1 AND subject = " + subjectID, of(source, subject)}}
	for _, f := range findings {
		one, err := r.findingRow(subject, source, f)
		if err != nil {
			return err
		}
		rows = append(rows, one)
	}
	return r.put(rows...)
}

func (r *Run) findingRow(subject finding.Subject, source string, f finding.Finding) (row, error) {
	version := f.Version
	if version == "" {
		version = Version()
	}
	var basis any
	if f.Basis != nil {
		b, err := json.Marshal(f.Basis)
		if err != nil {
			return row{}, fmt.Errorf("finding %s: %w", f.Metric, err)
		}
		basis = string(b)
	}
	return row{
		`INSERT INTO findings (source, subject, concept, site, unit, metric, kind, at_from, at_to, estimate, lo, hi, n, verdict, basis, method, version, session)
		 VALUES (?1, ` + subjectID + `, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22)`,
		of(source, subject, f.Concept, f.Site, f.Unit, f.Metric, f.Kind, f.From, f.To, orNull(f.Estimate), orNull(f.Lo), orNull(f.Hi),
			f.N, string(f.Verdict), basis, f.Method, version, r.session),
	}, nil
}

// orNull stores what is not defined as NULL, since SQL has no NaN.
func orNull(x float64) any {
	if x-x != 0 {
		return nil
	}
	return x
}

func orNaN(x sql.NullFloat64) float64 {
	if !x.Valid {
		return math.NaN()
	}
	return x.Float64
}

// Findings returns what source found of the subject that Choose takes for want, or, when source is
// "", what every source found of the one it takes for each. They come in the order they were recorded.
func (r *Run) Findings(source string, want Want) ([]finding.Finding, error) {
	sources := []string{source}
	if source == "" {
		var err error
		if sources, err = r.Sources(); err != nil {
			return nil, err
		}
	}
	var out []finding.Finding
	for _, s := range sources {
		subject, err := r.Choose(s, want)
		if source == "" && errors.Is(err, ErrNoView) {
			continue // another source has measured it
		}
		if err != nil {
			return nil, err
		}
		found, err := r.FindingsOf(s, subject)
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}

// Sources lists who has found something, in the order in which they did last.
func (r *Run) Sources() ([]string, error) {
	return r.strings("SELECT source FROM findings GROUP BY source ORDER BY max(id)")
}

// FindingsOf returns what source found of a subject, in the order it was recorded.
func (r *Run) FindingsOf(source string, subject finding.Subject) ([]finding.Finding, error) {
	var out []finding.Finding
	err := r.query(func(rows *sql.Rows) error {
		f := finding.Finding{Subject: subject}
		var estimate, lo, hi sql.NullFloat64
		var basis sql.NullString
		err := rows.Scan(&f.Concept, &f.Site, &f.Unit, &f.Metric, &f.Kind, &f.From, &f.To, &estimate, &lo, &hi, &f.N, &f.Verdict, &basis, &f.Method, &f.Version)
		if err == nil && basis.Valid {
			err = json.Unmarshal([]byte(basis.String), &f.Basis)
		}
		f.Estimate, f.Lo, f.Hi = orNaN(estimate), orNaN(lo), orNaN(hi)
		out = append(out, f)
		return err
	}, `SELECT concept, site, unit, metric, kind, at_from, at_to, estimate, lo, hi, n, verdict, basis, method, version
	    FROM findings WHERE source = ?1 AND subject = `+subjectID+` ORDER BY id`, of(source, subject)...)
	return out, err
}

// PutView stores v as JSON under name, in place of an older view of the same subject.
func (r *Run) PutView(subject finding.Subject, name string, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("view %s: %w", name, err)
	}
	return r.put(
		subjectRow(subject),
		row{"DELETE FROM views WHERE name = ?1 AND subject = " + subjectID, of(name, subject)},
		row{"INSERT INTO views (name, subject, json, session) VALUES (?1, " + subjectID + ", ?7, ?8)", of(name, subject, string(b), r.session)},
	)
}

// maxView bounds a stored view in bytes of JSON, thirty times the largest one seen.
const maxView = 256 << 20

// View decodes into v the view called name of the subject that Choose takes for want, and says
// which that is. Where v has a method Validate, it is asked whether what was stored can be.
// ErrNoView when there is none, ErrCorrupt when it cannot be.
func (r *Run) View(name string, want Want, v any) (finding.Subject, error) {
	subject, err := r.Choose(name, want)
	if err != nil {
		return subject, err
	}
	return subject, r.ViewOf(subject, name, v)
}

// ViewOf is View of one subject.
func (r *Run) ViewOf(subject finding.Subject, name string, v any) error {
	b, err := r.ViewJSON(subject, name)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(b, v); err != nil {
		return fmt.Errorf("%s: %w: view %s: %w", r.dir, ErrCorrupt, name, err)
	}
	if checked, ok := v.(interface{ Validate() error }); ok {
		if err := checked.Validate(); err != nil {
			return fmt.Errorf("%s: %w: view %s: %w", r.dir, ErrCorrupt, name, err)
		}
	}
	return nil
}

// ViewJSON is ViewOf without decoding.
func (r *Run) ViewJSON(subject finding.Subject, name string) ([]byte, error) {
	var out []byte
	var size int64
	const where = " FROM views WHERE name = ?1 AND subject = " + subjectID
	err := r.query(func(rows *sql.Rows) error { return rows.Scan(&size) }, "SELECT octet_length(json)"+where, of(name, subject)...)
	if err == nil && size > maxView {
		return nil, fmt.Errorf("%s: %w: view %s has %d bytes, more than %d", r.dir, ErrCorrupt, name, size, maxView)
	}
	if err == nil {
		err = r.query(func(rows *sql.Rows) error { return rows.Scan(&out) }, "SELECT json"+where, of(name, subject)...)
	}
	if err == nil && out == nil {
		err = fmt.Errorf("%s: %w: %s of %s", r.dir, ErrNoView, name, subject)
	}
	return out, err
}

// Views lists the names of the views.
func (r *Run) Views() ([]string, error) {
	return r.strings("SELECT DISTINCT name FROM views ORDER BY name")
}
