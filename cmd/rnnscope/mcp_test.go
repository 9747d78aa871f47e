package main

import (
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
)

// connectMCP serves dir to a client in this process.
func connectMCP(t *testing.T, dir string, write bool) *mcp.ClientSession {
	t.Helper()
	ctx := context.Background()
	server, err := (&mcpCmd{Dir: dir, Write: write}).server(console.NewSession(nil, io.Discard, io.Discard))
	if err != nil {
		t.Fatal(err)
	}
	here, there := mcp.NewInMemoryTransports()
	served, err := server.Connect(ctx, there, nil)
	if err != nil {
		t.Fatal(err)
	}
	client, err := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, nil).Connect(ctx, here, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close(); served.Wait() })
	return client
}

// call is the JSON a tool answers, and whether it is an error's sentence.
func call(t *testing.T, c *mcp.ClientSession, tool string, args any) (string, bool) {
	t.Helper()
	result, err := c.CallTool(context.Background(), &mcp.CallToolParams{Name: tool, Arguments: args})
	if err != nil {
		t.Fatalf("%s: %v", tool, err)
	}
	return result.Content[0].(*mcp.TextContent).Text, result.IsError
}

func TestMCPReadsRuns(t *testing.T) {
	root := t.TempDir()
	trained := filepath.Join(root, "small")
	mustRun(t, "train", "synth:novel", "--synth-size", "20000", "--out", trained, "--hidden", "8", "--iterations", "2", "-q")
	before := snapshotDir(t, trained)
	c := connectMCP(t, root, false)

	tools, err := c.ListTools(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, tool := range tools.Tools {
		if tool.Annotations == nil || !tool.Annotations.ReadOnlyHint {
			t.Errorf("%s is offered and not marked as one that only reads", tool.Name)
		}
	}
	if out, bad := call(t, c, "list_runs", map[string]any{}); bad || !strings.Contains(out, `"run":"small"`) || !strings.Contains(out, `"newest_step":2`) {
		t.Errorf("list_runs: %s", out)
	}
	out, bad := call(t, c, "trace", map[string]any{"run": "small", "text": "He said", "sites": []string{"l0.h"}})
	var traced struct {
		Sites []struct {
			Values [][]float64 `json:"values"`
		} `json:"sites"`
	}
	if err := json.Unmarshal([]byte(out), &traced); bad || err != nil || len(traced.Sites) != 1 || len(traced.Sites[0].Values) != 7 {
		t.Errorf("trace: %v, %s", err, out)
	}
	if out, bad := call(t, c, "sample", map[string]any{"run": "small", "length": 20}); bad || !strings.Contains(out, "text") {
		t.Errorf("sample: %s", out)
	}
	if out, bad := call(t, c, "findings", map[string]any{"run": "small"}); bad && !strings.Contains(out, "dissect") {
		t.Errorf("findings of a run without any do not say what to do: %s", out)
	}
	if out, bad := call(t, c, "sample", map[string]any{"run": "small", "temperature": -1}); !bad || strings.Contains(out, "\n") {
		t.Errorf("a temperature below 0 is no one-line error: %s", out)
	}
	if after := snapshotDir(t, trained); after != before {
		t.Errorf("reading changed the run: %s, then %s", before, after)
	}
}

func TestMCPStaysInside(t *testing.T) {
	outside, root := t.TempDir(), t.TempDir()
	if err := os.Symlink(outside, filepath.Join(root, "link")); err != nil {
		t.Skip("no symbolic links on this machine: ", err)
	}
	c := connectMCP(t, root, true)
	for _, name := range []string{"..", "../x", "/", outside, "link", "a/../..", ""} {
		for _, tool := range []string{"sample", "stored", "findings", "dissect", "explain", "measure_dissect"} {
			if out, bad := call(t, c, tool, map[string]any{"run": name}); !bad {
				t.Errorf("%s answers for run %q: %s", tool, name, out)
			}
		}
	}
}

// snapshotDir names every file below dir with its size and time of change; the database's own scratch files aside.
func snapshotDir(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, "-shm") || strings.HasSuffix(path, "-wal") {
			return err
		}
		info, err := d.Info()
		if err == nil {
			b.WriteString(strings.Join([]string{path, info.ModTime().String(), "\n"}, " "))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// A tool answers what its command prints: the same sample, without a seed too.
func TestMCPSampleIsTheCommands(t *testing.T) {
	root := t.TempDir()
	trained := filepath.Join(root, "small")
	mustRun(t, "train", "synth:novel", "--synth-size", "20000", "--out", trained, "--hidden", "8", "--iterations", "2", "-q")
	c := connectMCP(t, root, false)
	out, bad := call(t, c, "sample", map[string]any{"run": "small", "length": 30})
	var here, there any
	if err := json.Unmarshal([]byte(out), &here); bad || err != nil {
		t.Fatal(out)
	}
	if err := json.Unmarshal([]byte(mustRun(t, "--json", "-q", "sample", trained, "-n", "30").out), &there); err != nil {
		t.Fatal(err)
	}
	a, _ := json.Marshal(here)
	b, _ := json.Marshal(there)
	if string(a) != string(b) {
		t.Errorf("the tool writes %s, the command %s", a, b)
	}
	if out, bad := call(t, c, "sample", map[string]any{"run": "small", "length": 100000000}); !bad || !strings.Contains(out, "5000") {
		t.Errorf("a length beyond the limit: %s", out)
	}
}

// Tools tell the schema of what they answer; the protocol's library holds every answer against it.
func TestMCPAnswersBySchema(t *testing.T) {
	root := t.TempDir()
	mustRun(t, "train", "synth:novel", "--synth-size", "40000", "--out", filepath.Join(root, "small"), "--hidden", "6", "--iterations", "2", "-q")
	mustRun(t, "-q", "dissect", filepath.Join(root, "small"), "--untrained", "1", "--concepts", "capital")
	c := connectMCP(t, root, true)
	tools, err := c.ListTools(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, tool := range tools.Tools {
		if (tool.OutputSchema == nil) != (tool.Name == "stored") { // stored answers whatever a command kept
			t.Errorf("%s: schema of the answer: %v", tool.Name, tool.OutputSchema)
		}
	}
	for _, ask := range []struct {
		tool string
		args map[string]any
	}{
		{"dissect", map[string]any{"run": "small"}},
		{"dissect", map[string]any{"run": "small", "concepts": []string{"capital"}}},
		{"findings", map[string]any{"run": "small"}},
		{"stored", map[string]any{"run": "small", "view": "dissect"}},
	} {
		if out, bad := call(t, c, ask.tool, ask.args); bad {
			t.Errorf("%s: %s", ask.tool, out)
		}
	}
	for _, ask := range []struct {
		tool, says string
		args       map[string]any
	}{
		{"dissect", "none of these concepts", map[string]any{"run": "small", "concepts": []string{"url"}}},
		{"explain", "rnnscope explain small measures it", map[string]any{"run": "small", "units": []string{"l0.c[3]"}}},
	} {
		if out, bad := call(t, c, ask.tool, ask.args); !bad || !strings.Contains(out, ask.says) {
			t.Errorf("%s: %s", ask.tool, out)
		}
	}
}
