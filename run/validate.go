package run

import (
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"

	"github.com/rnnscope/rnnscope/text"
)

// A run may come from anybody. What is checked here, once, when it is opened, the rest
// of the program relies on: the tables are tables, and the settings are such as this
// program could have written.

const (
	maxSettings = 64 << 20  // bytes of the settings' JSON; an alphabet of all of Unicode has 10 MB
	maxObjects  = 1000      // tables and indices
	maxBytes    = 1<<32 - 1 // of a text, as text.Open bounds it
)

var tableNames = regexp.MustCompile(`(?m)^CREATE TABLE (\w+)`)

// checkTables refuses a database whose tables are not all there, or are something else
// under their names: a view can compute for ever, a trigger can write anything.
func checkTables(db *sql.DB, version int) error {
	missing := map[string]bool{}
	for _, m := range tableNames.FindAllStringSubmatch(schema+recordSchema, -1) {
		missing[m[1]] = true
	}
	if version < 2 {
		delete(missing, "subjects")
	}
	rows, err := db.Query("SELECT type, name, coalesce(sql, '') LIKE 'CREATE VIRTUAL%' FROM sqlite_schema LIMIT ?", maxObjects)
	if err != nil {
		return sqlError(err)
	}
	defer rows.Close()
	for rows.Next() {
		var kind, name string
		var virtual bool
		if err := rows.Scan(&kind, &name, &virtual); err != nil {
			return fmt.Errorf("%w: run.db: %w", ErrCorrupt, err)
		}
		if kind != "table" && kind != "index" || virtual {
			return fmt.Errorf("%w: run.db has a %s %q, which no run has", ErrCorrupt, kind, name)
		}
		if kind == "table" {
			delete(missing, name)
		}
	}
	if err := rows.Err(); err != nil {
		return sqlError(err)
	}
	for name := range missing {
		return fmt.Errorf("%w: run.db has no table %s", ErrCorrupt, name)
	}
	return nil
}

// readSettings reads the JSON of Info.
func readSettings(db *sql.DB) (s []byte, err error) {
	var size int64
	err = db.QueryRow("SELECT octet_length(value) FROM meta WHERE key = 'info'").Scan(&size)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, fmt.Errorf("%w: run.db has no settings", ErrCorrupt)
	case err != nil:
		return nil, sqlError(err)
	case size > maxSettings:
		return nil, fmt.Errorf("%w: run.db has settings of %d bytes", ErrCorrupt, size)
	}
	if err := db.QueryRow("SELECT value FROM meta WHERE key = 'info'").Scan(&s); err != nil {
		return nil, sqlError(err)
	}
	return s, nil
}

// validate says what in the settings cannot be.
func (i *Info) validate() error {
	if i.Alphabet == nil {
		return errors.New("without an alphabet")
	}
	if i.Bytes < 0 || i.Bytes > maxBytes || i.Symbols < 0 || int64(i.Symbols) > i.Bytes {
		return fmt.Errorf("a text of %d characters in %d bytes", i.Symbols, i.Bytes)
	}
	if i.SHA256 == "" {
		if i.Config != nil || i.Bytes > 0 || i.Split != (text.Split{}) {
			return errors.New("a training without a text")
		}
		return nil
	}
	if sum, err := hex.DecodeString(i.SHA256); err != nil || len(sum) != 32 {
		return fmt.Errorf("%.80q is no SHA-256", i.SHA256)
	}
	if err := i.validateSplit(); err != nil || i.Config == nil {
		return err
	}
	return i.Config.Validate(i.Alphabet.Size(), i.Split.Train.Len())
}

// validateSplit: the parts lie in the text, in order, without a common character; a
// training has learned from one and chosen on another.
func (i *Info) validateSplit() error {
	at := 0
	for _, part := range []text.Span{i.Split.Train, i.Split.Val, i.Split.Test} {
		if part.Lo < at || part.Hi < part.Lo || part.Hi > i.Symbols {
			return fmt.Errorf("the split %+v does not fit a text of %d characters", i.Split, i.Symbols)
		}
		if part.Len() == 0 && i.Config != nil {
			return fmt.Errorf("the split %+v leaves a part empty", i.Split)
		}
		at = part.Hi
	}
	return nil
}
