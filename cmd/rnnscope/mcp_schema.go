package main

import (
	"encoding/json"
	"fmt"

	"github.com/google/jsonschema-go/jsonschema"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/rnnscope/rnnscope/docs/schema"
)

// answered tells the tool's clients what a command's answer looks like; the library holds every answer against it.
func answered(command string, tool *mcp.Tool) *mcp.Tool {
	tool.OutputSchema = outputSchema(command)
	return tool
}

// outputSchema is the schema of what a tool answers: that of its command with --json in the usual form. A list comes as "rows",
// since the protocol wants an object.
func outputSchema(command string) *jsonschema.Schema {
	raw, err := schema.Of(command)
	var s jsonschema.Schema
	if err == nil {
		err = json.Unmarshal(raw, &s)
	}
	if err != nil {
		panic(fmt.Sprintf("schema of %s: %v", command, err)) // it is part of the build
	}
	usual, defs := &s, s.Defs
	if len(s.AnyOf) > 0 {
		usual = s.AnyOf[0]
	}
	usual.Schema, usual.Title, usual.Defs = "", "", defs
	if usual.Ref != "" { // a named type of several answers: the protocol wants to see that it is an object
		usual.Type = "object"
	}
	if usual.Type == "object" {
		return usual
	}
	usual.Defs, usual.Types, usual.Type = nil, nil, "array"
	return &jsonschema.Schema{Type: "object", Required: []string{"rows"}, Properties: map[string]*jsonschema.Schema{"rows": usual}, Defs: defs}
}
