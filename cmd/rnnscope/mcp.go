package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
	"github.com/rnnscope/rnnscope/run"
	"github.com/rnnscope/rnnscope/web/shelf"
)

type mcpCmd struct {
	Dir   string `arg:"" optional:"" default:"." type:"existingdir" help:"Directory whose runs are shown; nothing outside it can be reached."`
	Write bool   `help:"Also offer commands that measure and keep what they measured in the run."`
}

func (mcpCmd) Help() string {
	return `Speaks the Model Context Protocol on standard input and output, for agents and editors. What a tool answers is what the
command of that name prints with --json. Without --write nothing on the disk changes.

Examples:

  rnnscope mcp runs/
  claude mcp add rnnscope -- rnnscope mcp ~/runs`
}

const mcpAbout = `rnnscope opens recurrent networks: which units follow what in a text, whether the network uses them, how far back it
remembers. Start with list_runs, then findings. Every figure carries its text, training step, split and interval; "not found" is an answer.`

// Run serves until the client goes away.
func (c *mcpCmd) Run(ctx context.Context, s *console.Session) error {
	server, err := c.server(s)
	if err != nil {
		return err
	}
	err = server.Run(ctx, &mcp.StdioTransport{})
	if ctx.Err() != nil {
		return nil // Ctrl-C is how one ends it by hand
	}
	return err
}

func (c *mcpCmd) server(s *console.Session) (*mcp.Server, error) {
	runs, err := shelf.New(c.Dir)
	if err != nil {
		return nil, err
	}
	t := &mcpTools{shelf: runs, main: s.Console}
	server := mcp.NewServer(&mcp.Implementation{Name: "rnnscope", Version: console.ProgramVersion()}, &mcp.ServerOptions{Instructions: mcpAbout})
	t.addReaders(server)
	if c.Write {
		t.addWriters(server)
	}
	return server, nil
}

// mcpTools answers tool calls by running commands of this program in it.
type mcpTools struct {
	shelf *shelf.Shelf
	main  *console.Console
}

// runArgs is what every tool on a run takes.
type runArgs struct {
	Run string `json:"run" jsonschema:"name of the run, as list_runs tells it"`
}

type findingsArgs struct {
	runArgs
	Concept string `json:"concept,omitempty" jsonschema:"only this concept, for example in-quote or url"`
	Metric  string `json:"metric,omitempty" jsonschema:"only this metric, for example auroc"`
}

type sampleArgs struct {
	runArgs
	Prompt      string   `json:"prompt,omitempty" jsonschema:"text the network reads before it writes"`
	Length      int      `json:"length,omitempty" jsonschema:"characters to write (default 400, at most 5000)"`
	Temperature *float64 `json:"temperature,omitempty"`
	Seed        *uint64  `json:"seed,omitempty" jsonschema:"same seed, same text (default 1)"`
}

type traceArgs struct {
	runArgs
	Text  string   `json:"text" jsonschema:"the passage to read, at most 300 characters"`
	Sites []string `json:"sites,omitempty" jsonschema:"what to record, for example l0.h or l0.c (default: h of every layer)"`
}

type storedArgs struct {
	runArgs
	View string `json:"view,omitempty" jsonschema:"name of a stored result; without it the names are listed"`
	Text string `json:"text,omitempty" jsonschema:"of results on several texts, the one on this text (default: the run's own)"`
	Step *int64 `json:"step,omitempty" jsonschema:"of results at several steps of the training, the one at this step (default: the newest)"`
}

type measureArgs struct {
	runArgs
	Concepts []string `json:"concepts,omitempty" jsonschema:"only these concepts"`
}

func (t *mcpTools) addReaders(server *mcp.Server) {
	readOnly := &mcp.ToolAnnotations{ReadOnlyHint: true, IdempotentHint: true}
	add := func(name, what string) *mcp.Tool {
		return &mcp.Tool{Name: name, Description: what, Annotations: readOnly}
	}
	mcp.AddTool(server, add("list_runs", "Lists the runs below the served directory: text, cell, size, training steps."),
		func(_ context.Context, _ *mcp.CallToolRequest, _ struct{}) (*mcp.CallToolResult, mcpRuns, error) {
			runs, err := t.runs()
			return nil, mcpRuns{runs}, err
		})
	mcp.AddTool(server, answered("atlas", add("findings", "Lists what was measured on a run: concept, unit, metric, value, interval, verdict.")),
		func(ctx context.Context, _ *mcp.CallToolRequest, in findingsArgs) (*mcp.CallToolResult, any, error) {
			args := appendFlag(nil, "--concepts", in.Concept)
			return t.answer(ctx, in.Run, "atlas", appendFlag(args, "--metric", in.Metric)...)
		})
	mcp.AddTool(server, answered("sample", add("sample", "Lets the network write.")),
		func(ctx context.Context, _ *mcp.CallToolRequest, in sampleArgs) (*mcp.CallToolResult, any, error) {
			if in.Length < 0 || in.Length > 5000 {
				return nil, nil, fmt.Errorf("length %d: want 1 to 5000 characters", in.Length)
			}
			args := []string{"-n", strconv.Itoa(cmp.Or(in.Length, 400))}
			if in.Seed != nil {
				args = append(args, "--seed", strconv.FormatUint(*in.Seed, 10))
			}
			if in.Temperature != nil {
				args = append(args, "--temperature="+strconv.FormatFloat(*in.Temperature, 'g', -1, 64))
			}
			return t.answer(ctx, in.Run, "sample", appendFlag(args, "--prompt", in.Prompt)...)
		})
	mcp.AddTool(server, answered("trace", add("trace", "Records the activations of every unit of a site while the network reads a passage.")),
		func(ctx context.Context, _ *mcp.CallToolRequest, in traceArgs) (*mcp.CallToolResult, any, error) {
			if n := len([]rune(in.Text)); n == 0 || n > 300 {
				return nil, nil, fmt.Errorf("text has %d characters: want 1 to 300", n)
			}
			return t.answer(ctx, in.Run, "trace", appendFlag([]string{"--text=" + in.Text}, "--sites", strings.Join(in.Sites, ","))...)
		})
	t.addStored(server, add)
	mcp.AddTool(server, add("stored", "Shows a stored result of a run whole (dissect, ablate, memory, explain ...), as its command wrote it."),
		func(_ context.Context, _ *mcp.CallToolRequest, in storedArgs) (*mcp.CallToolResult, any, error) {
			out, err := t.stored(in)
			return nil, out, err
		})
}

func (t *mcpTools) addWriters(server *mcp.Server) {
	for name, what := range map[string]string{
		"measure_dissect": "Finds out which units follow which concept; takes a minute or so. The answer is kept in the run.",
		"measure_ablate":  "Finds out which units the network really uses; takes a minute or so. The answer is kept in the run.",
	} {
		command := strings.TrimPrefix(name, "measure_")
		mcp.AddTool(server, answered(command, &mcp.Tool{Name: name, Description: what}),
			func(ctx context.Context, _ *mcp.CallToolRequest, in measureArgs) (*mcp.CallToolResult, any, error) {
				return t.answer(ctx, in.Run, command, appendFlag(nil, "--concepts", strings.Join(in.Concepts, ","))...)
			})
	}
}

// appendFlag gives a flag its value in one word, so that a value that begins with a dash stays one.
func appendFlag(args []string, flag, value string) []string {
	if value == "" {
		return args
	}
	return append(args, flag+"="+value)
}

// answer runs a command on a run, with --json, and gives what it printed; an error is the sentence it ended with.
func (t *mcpTools) answer(ctx context.Context, name, command string, args ...string) (*mcp.CallToolResult, any, error) {
	dir, err := t.dir(name)
	if err != nil {
		return nil, nil, err
	}
	var out, said bytes.Buffer
	m := &Main{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &said, noFlags: true}
	if status := m.Run(ctx, append([]string{"--json", "-q", command, dir}, args...)); status != console.ExitOK {
		return nil, nil, errors.New(strings.TrimPrefix(strings.TrimSpace(said.String()), "rnnscope: "))
	}
	var value any
	if err := json.Unmarshal(out.Bytes(), &value); err != nil {
		return nil, nil, fmt.Errorf("%s printed no JSON: %w", command, err)
	}
	if list, ok := value.([]any); ok {
		value = map[string]any{"rows": list} // the protocol wants an object
	}
	return nil, value, nil
}

// open opens a run of the served directory; close it.
func (t *mcpTools) open(name string) (*run.Run, error) {
	dir, err := t.dir(name)
	if err != nil {
		return nil, err
	}
	return run.Open(dir)
}

// dir is the directory of a run of that name, if it lies within the root.
func (t *mcpTools) dir(name string) (string, error) {
	dir, err := t.shelf.DirAt(name)
	if errors.Is(err, shelf.ErrNoRun) {
		return "", fmt.Errorf("%q is no run here; list_runs names them", name)
	}
	return dir, err
}

type mcpRuns struct {
	Runs []mcpRun `json:"runs"`
}

// mcpRun is a row of list_runs.
type mcpRun struct {
	Run    string `json:"run"`
	Text   string `json:"text"`
	Cell   string `json:"cell"`
	Layers int    `json:"layers"`
	Hidden int    `json:"hidden"`
	Step   int64  `json:"newest_step"`
	Error  string `json:"error,omitempty"`
}

func (t *mcpTools) runs() ([]mcpRun, error) {
	all := []mcpRun{}
	for _, name := range t.shelf.Paths() {
		if dir, err := t.dir(name); err == nil {
			all = append(all, describeRun(name, dir))
		}
	}
	return all, nil
}

func describeRun(name, dir string) mcpRun {
	row := mcpRun{Run: name}
	r, err := run.Open(dir)
	if err != nil {
		row.Error = err.Error()
		return row
	}
	defer r.Close()
	info := r.Info()
	row.Text = info.Name
	ck, err := r.Latest()
	if err != nil {
		row.Error = err.Error()
		return row
	}
	row.Step = ck.Step
	cfg := ck.Model.Config()
	row.Cell, row.Layers, row.Hidden = string(cfg.Cell), cfg.Layers, cfg.Hidden
	return row
}

func (t *mcpTools) stored(in storedArgs) (any, error) {
	r, err := t.open(in.Run)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	names, err := r.Views()
	if err != nil {
		return nil, err
	}
	if in.View == "" {
		return map[string]any{"views": names}, nil
	}
	subject, err := r.Choose(in.View, run.Want{Text: in.Text, Step: in.Step})
	if err != nil {
		return nil, fmt.Errorf("%w; stored are: %s", err, strings.Join(names, ", "))
	}
	raw, err := r.ViewJSON(subject, in.View)
	if err != nil {
		return nil, err
	}
	var value any
	return value, json.Unmarshal(raw, &value)
}
