package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
	"github.com/rnnscope/rnnscope/cmd/rnnscope/inspect"
	"github.com/rnnscope/rnnscope/dissect"
	"github.com/rnnscope/rnnscope/explain"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/run"
)

// whereArgs is which of several results of a run is meant.
type whereArgs struct {
	Text string `json:"text,omitempty" jsonschema:"of results on several texts, the one on this text (default: the run's own)"`
	Step *int64 `json:"step,omitempty" jsonschema:"of results at several steps of the training, the one at this step (default: the newest)"`
}

type dissectedArgs struct {
	runArgs
	whereArgs
	Concepts []string `json:"concepts,omitempty" jsonschema:"only these concepts (default: all)"`
}

type explainedArgs struct {
	runArgs
	whereArgs
	Units []string `json:"units" jsonschema:"units to say in words, as in l0.c[41]"`
}

// addStored offers what a run keeps of dissect and explain, as the command would print it.
func (t *mcpTools) addStored(server *mcp.Server, add func(name, what string) *mcp.Tool) {
	mcp.AddTool(server, answered("dissect", add("dissect", "Shows what the run's dissection found: every concept with its best units, verdict, interval and null.")),
		func(_ context.Context, _ *mcp.CallToolRequest, in dissectedArgs) (*mcp.CallToolResult, any, error) {
			var out dissect.Result
			if err := t.storedView(in.Run, in.whereArgs, dissect.ViewName, &out); err != nil {
				return nil, nil, err
			}
			if len(in.Concepts) == 0 {
				return nil, out, nil
			}
			out.Concepts = slices.DeleteFunc(out.Concepts, func(k dissect.ConceptResult) bool { return !slices.Contains(in.Concepts, k.Concept) })
			if len(out.Concepts) == 0 {
				return nil, nil, fmt.Errorf("the dissection has none of these concepts: %v", in.Concepts)
			}
			return nil, out, nil
		})
	mcp.AddTool(server, answered("explain", add("explain", "Says in words what units do: a tree of questions about the text, and how much of the unit it predicts on new text.")),
		func(_ context.Context, _ *mcp.CallToolRequest, in explainedArgs) (*mcp.CallToolResult, any, error) {
			var all explain.Result
			if err := t.storedView(in.Run, in.whereArgs, explain.ViewName, &all); err != nil {
				return nil, nil, err
			}
			units, err := t.units(in.Run, in.Units)
			if err != nil {
				return nil, nil, err
			}
			if !all.Has(units) {
				return nil, nil, fmt.Errorf("not all of %v were explained", in.Units)
			}
			out, err := inspect.OnlyUnits(&all, units)
			return nil, out, err
		})
}

// storedView reads a stored result of a run into out. Without one the error says which command makes it.
func (t *mcpTools) storedView(name string, at whereArgs, view string, out any) error {
	dir, err := t.dir(name)
	if err != nil {
		return err
	}
	r, err := run.Open(dir)
	if err != nil {
		return err
	}
	defer r.Close()
	if _, err := r.View(view, run.Want{Text: at.Text, Step: at.Step}, out); err != nil {
		return fmt.Errorf("%w; rnnscope %s %s measures it", err, view, console.ShellWord(name))
	}
	return nil
}

// units reads names of units of a run's network.
func (t *mcpTools) units(name string, words []string) ([]rnn.Unit, error) {
	r, err := t.open(name)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	ck, err := r.Latest()
	if err != nil {
		return nil, err
	}
	if len(words) == 0 {
		return nil, errors.New("name units, as in l0.c[41]")
	}
	var units []rnn.Unit
	for _, w := range words {
		u, err := ck.Model.ParseUnit(w)
		if err != nil {
			return nil, err
		}
		units = append(units, u)
	}
	return units, nil
}
