// Package schema holds the JSON Schemas of what every command prints with --json. They are made from the Go types by a test of
// cmd/rnnscope, which also holds every answer against them.
package schema

import (
	"embed"
	"fmt"
	"strings"
)

//go:embed *.json
var files embed.FS

// Of returns the schema (draft 2020-12) of a command's answer; its name as written on the command line, such as "corpus stat".
func Of(command string) ([]byte, error) {
	b, err := files.ReadFile(strings.ReplaceAll(command, " ", "-") + ".json")
	if err != nil {
		return nil, fmt.Errorf("no schema of rnnscope %s --json", command)
	}
	return b, nil
}
