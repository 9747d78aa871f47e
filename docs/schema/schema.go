// Package schema holds the JSON Schemas of what every command prints with --json. They are made from the Go types by a test of
// cmd/rnnscope, which also holds every answer against them.
package schema

import (
	"embed"
	"fmt"
)

// In the program are the schemas that it tells itself (rnnscope mcp); the others are files of the documentation.
//
//go:embed ablate.json atlas.json dissect.json explain.json sample.json trace.json
var files embed.FS

// Of returns the schema (draft 2020-12) of a command's answer, for the commands whose schema is in the program.
func Of(command string) ([]byte, error) {
	b, err := files.ReadFile(command + ".json")
	if err != nil {
		return nil, fmt.Errorf("no schema of rnnscope %s --json", command)
	}
	return b, nil
}
