package run

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/rnnscope/rnnscope/finding"
)

// A run of schema 1 kept neither the text nor the step of a figure. migrate brings it to today's
// schema and loses nothing: what a view said of its text, split and step goes into its subject and
// into that of its findings, which were kept together with it; the rest is unknown. A run that is
// only read stays as it is on the disk; its records are laid out anew in memory.
func (r *Run) migrate() error {
	if r.lock == nil {
		return r.migrateIn("temp")
	}
	return r.migrateIn("main")
}

func (r *Run) migrateIn(schema string) error {
	if schema == "temp" {
		if _, err := r.db.Exec("PRAGMA temp_store = memory"); err != nil {
			return err
		}
	}
	tx, err := r.db.BeginTx(context.Background(), nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	from, tables := "main.%s", strings.ReplaceAll(recordSchema, "CREATE TABLE", "CREATE TEMP TABLE")
	tables = strings.NewReplacer("INDEX ", "INDEX temp.", " REFERENCES sessions(id)", "").Replace(tables)
	if schema == "main" {
		from, tables = "main.%s_1", recordSchema
		for _, q := range []string{"DROP INDEX findings_concept", "DROP INDEX findings_source", "ALTER TABLE findings RENAME TO findings_1", "ALTER TABLE views RENAME TO views_1"} {
			if _, err := tx.Exec(q); err != nil {
				return err
			}
		}
	}
	if _, err := tx.Exec(tables); err != nil {
		return err
	}
	m := migration{tx: tx, views: fmt.Sprintf(from, "views"), findings: fmt.Sprintf(from, "findings"), whole: r.Whole()}
	if err := m.run(); err != nil {
		return err
	}
	if schema == "main" {
		for _, q := range []string{"DROP TABLE findings_1", "DROP TABLE views_1", fmt.Sprintf("PRAGMA user_version = %d", schemaVersion)} {
			if _, err := tx.Exec(q); err != nil {
				return err
			}
		}
	}
	return tx.Commit()
}

// migration copies the records of schema 1 from two tables into today's.
type migration struct {
	tx              *sql.Tx
	views, findings string // tables
	whole           finding.Subject
	subjects        map[string]finding.Subject // by view
}

func (m *migration) run() error {
	names, err := m.readSubjects()
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := m.exec(subjectRow(m.subjects[name])); err != nil {
			return err
		}
		copied := row{
			"INSERT INTO views (name, subject, json, session) SELECT name, " + subjectID + ", json, session FROM " + m.views + " WHERE name = ?1",
			of(name, m.subjects[name]),
		}
		if err := m.exec(copied); err != nil {
			return err
		}
	}
	return m.copyFindings()
}

func (m *migration) exec(q row) error {
	_, err := m.tx.Exec(q.query, q.args...)
	return err
}

// wholeViews speak of the whole training.
var wholeViews = []string{"evolution", "refine"}

// readSubjects takes from the views what they say of their subjects.
func (m *migration) readSubjects() (names []string, err error) {
	m.subjects = map[string]finding.Subject{}
	for _, name := range wholeViews {
		m.subjects[name] = m.whole
	}
	field := func(paths ...string) string {
		var tries []string
		for _, p := range paths {
			tries = append(tries, "json_extract(json, '$."+p+"')")
		}
		return "iif(json_valid(json), coalesce(" + strings.Join(tries, ", ") + ", NULL), NULL)"
	}
	rows, err := m.tx.Query(fmt.Sprintf("SELECT name, %s, %s, %s, %s FROM %s ORDER BY rowid",
		field("text"), field("sha256"), field("step", "result.step"), field("split"), m.views))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		var text, sha, split sql.NullString
		var step sql.NullInt64
		if err := rows.Scan(&name, &text, &sha, &step, &split); err != nil {
			return nil, err
		}
		names = append(names, name)
		if _, whole := m.subjects[name]; whole {
			continue
		}
		s := finding.Unknown
		s.Text, s.SHA256, s.Split = text.String, sha.String, finding.ParseSplit(split.String)
		if step.Valid {
			s.Step = step.Int64
		}
		m.subjects[name] = s
	}
	return names, rows.Err()
}

func (m *migration) copyFindings() error {
	rows, err := m.tx.Query("SELECT source, concept, site, unit, metric, estimate, lo, hi, n, split, method, version, session FROM " + m.findings + " ORDER BY id")
	if err != nil {
		return err
	}
	defer rows.Close()
	var todo []row
	for rows.Next() {
		var o finding.FindingV1
		var f finding.Finding
		var source, split string
		var session int64
		var estimate, lo, hi sql.NullFloat64
		if err := rows.Scan(&source, &o.Concept, &f.Site, &f.Unit, &o.Metric, &estimate, &lo, &hi, &f.N, &split, &o.Method, &f.Version, &session); err != nil {
			return err
		}
		f.Estimate, f.Lo, f.Hi = orNaN(estimate), orNaN(lo), orNaN(hi)
		subject, ok := m.subjects[source]
		if !ok {
			subject = finding.Unknown
		}
		subject.Split = finding.ParseSplit(split)
		under := Run{session: session}
		one, err := under.findingRow(subject, source, o.Today(f))
		if err != nil {
			return err
		}
		todo = append(todo, subjectRow(subject), one)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for _, q := range todo {
		if err := m.exec(q); err != nil {
			return err
		}
	}
	return nil
}
