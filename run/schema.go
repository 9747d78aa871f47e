package run

import (
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// applicationID marks our databases in SQLite's header: "rnns".
const applicationID = 0x726e6e73

// schemaVersion is raised when a table changes.
const schemaVersion = 2

// Steps count updates; losses are nats a character; session refers to sessions.id.
const schema = `
CREATE TABLE meta (
	key   TEXT PRIMARY KEY,
	value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE sessions (
	id      INTEGER PRIMARY KEY,
	at      TEXT NOT NULL,
	command TEXT NOT NULL,
	version TEXT NOT NULL,
	kernels TEXT NOT NULL,
	seed    TEXT NOT NULL,
	text    TEXT NOT NULL,
	step    INTEGER NOT NULL,
	note    TEXT NOT NULL
) STRICT;
CREATE TABLE metrics (
	name  TEXT NOT NULL,
	step  INTEGER NOT NULL,
	value REAL NOT NULL,
	PRIMARY KEY (name, step)
) STRICT, WITHOUT ROWID;
CREATE TABLE samples (
	step        INTEGER NOT NULL,
	idx         INTEGER NOT NULL,
	prompt      TEXT NOT NULL,
	temperature REAL NOT NULL,
	text        TEXT NOT NULL,
	seed        TEXT NOT NULL,
	session     INTEGER NOT NULL REFERENCES sessions(id),
	PRIMARY KEY (step, idx)
) STRICT, WITHOUT ROWID;
`

// recordSchema is what was measured; a subject's identity is its text's hash, or where nobody knows
// that its name, with step, split and weights.
const recordSchema = `
CREATE TABLE subjects (
	id      INTEGER PRIMARY KEY,
	text    TEXT NOT NULL,
	sha256  TEXT NOT NULL,
	step    INTEGER NOT NULL,
	split   TEXT NOT NULL,
	weights TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX subjects_identity ON subjects (iif(sha256 = '', text, sha256), step, split, weights);
CREATE TABLE findings (
	id       INTEGER PRIMARY KEY,
	source   TEXT NOT NULL,
	subject  INTEGER NOT NULL REFERENCES subjects(id),
	concept  TEXT NOT NULL,
	site     TEXT NOT NULL,
	unit     INTEGER NOT NULL,
	metric   TEXT NOT NULL,
	kind     TEXT NOT NULL,
	at_from  REAL NOT NULL,
	at_to    REAL NOT NULL,
	estimate REAL,
	lo       REAL,
	hi       REAL,
	n        INTEGER NOT NULL,
	verdict  TEXT NOT NULL,
	basis    TEXT,
	method   TEXT NOT NULL,
	version  TEXT NOT NULL,
	session  INTEGER NOT NULL REFERENCES sessions(id)
) STRICT;
CREATE INDEX findings_concept ON findings (concept, site, unit, metric);
CREATE INDEX findings_source ON findings (source, subject);
CREATE TABLE views (
	id      INTEGER PRIMARY KEY,
	name    TEXT NOT NULL,
	subject INTEGER NOT NULL REFERENCES subjects(id),
	json    TEXT NOT NULL,
	session INTEGER NOT NULL REFERENCES sessions(id)
) STRICT;
CREATE UNIQUE INDEX views_name ON views (name, subject);
`

// busyTimeout is how long one statement waits for another program.
var busyTimeout = 10 * time.Second

// openDB opens path. The journal is SQLite's rollback journal, which leaves no
// side file behind; synchronous=FULL makes a commit survive a loss of power. A
// read-only database is not trusted: its schema may come from anywhere.
func openDB(path string, mode string) (*sql.DB, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	slash := filepath.ToSlash(abs)
	if !strings.HasPrefix(slash, "/") {
		slash = "/" + slash // C:/runs becomes file:///C:/runs
	}
	q := url.Values{"mode": {mode}, "_pragma": {fmt.Sprintf("busy_timeout(%d)", busyTimeout.Milliseconds()), "trusted_schema(0)", "cell_size_check(1)"}}
	if mode != "ro" {
		q["_pragma"] = append(q["_pragma"], "journal_mode(delete)", "synchronous(full)", "foreign_keys(1)")
	}
	u := url.URL{Scheme: "file", Path: slash, RawQuery: q.Encode()}
	db, err := sql.Open("sqlite", u.String())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1) // one writer; and a reader's queries are short
	return db, nil
}

func createSchema(db *sql.DB) error {
	for _, q := range []string{
		fmt.Sprintf("PRAGMA application_id = %d", applicationID),
		fmt.Sprintf("PRAGMA user_version = %d", schemaVersion),
		schema + recordSchema,
	} {
		if _, err := db.Exec(q); err != nil {
			return err
		}
	}
	return nil
}

// checkSchema tells our databases from others' and which schema one has.
func checkSchema(db *sql.DB) (version int, err error) {
	var id int
	if err := db.QueryRow("PRAGMA application_id").Scan(&id); err != nil {
		return 0, sqlError(err)
	}
	if err := db.QueryRow("PRAGMA user_version").Scan(&version); err != nil {
		return 0, sqlError(err)
	}
	if id != applicationID {
		return 0, fmt.Errorf("run.db is another program's database: %w", ErrNotRun)
	}
	if version > schemaVersion {
		return 0, fmt.Errorf("schema %d, this program knows %d: %w", version, schemaVersion, ErrNewer)
	}
	if version < 1 {
		return 0, fmt.Errorf("%w: schema version %d", ErrCorrupt, version)
	}
	return version, checkTables(db, version)
}

// hot tells whether err is a read-only connection's word for a transaction that a
// killed writer left unfinished.
func hot(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && (e.Code() == sqlite3.SQLITE_READONLY_ROLLBACK || e.Code() == sqlite3.SQLITE_READONLY_RECOVERY ||
		e.Code()&0xff == sqlite3.SQLITE_CANTOPEN)
}

// sqlError gives SQLite's error codes the names of this package.
func sqlError(err error) error {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return fmt.Errorf("%w: run.db: %w", ErrCorrupt, err)
	case sqlite3.SQLITE_ERROR: // a table or column that is not there
		return fmt.Errorf("%w: run.db: %w", ErrCorrupt, err)
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return fmt.Errorf("%w: %w", ErrBusy, err)
	case sqlite3.SQLITE_FULL:
		return fmt.Errorf("run.db: the disk is full: %w", err)
	case sqlite3.SQLITE_READONLY:
		return fmt.Errorf("%w: %w", ErrReadOnly, err)
	}
	return fmt.Errorf("run.db: %w", err)
}

// checkSchemaError is checkSchema of which only the error matters.
func checkSchemaError(db *sql.DB) error {
	_, err := checkSchema(db)
	return err
}
