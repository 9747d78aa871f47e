// Package rnnscope_test holds the tests that speak of the whole house: which room may import which.
package rnnscope_test

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const (
	module = "github.com/rnnscope/rnnscope"
	root   = "." // the library in a page
)

// floors lists every room with its floor. A package imports strictly lower floors only.
// ARCHITECTURE.md shows the same table for readers; TestArchitectureNamesEveryRoom holds the two together.
var floors = map[string]int{
	"internal/f32": 0, "internal/crew": 0, "internal/durable": 0, "stat": 0, "docs/schema": 0,
	"finding": 1, "text": 1, "synth": 1, "tensorboard": 1, "arrays": 1, "note": 1,
	"concept": 2, "ngram": 2, "rnn": 2, "checkpoint/torchfile": 2,
	"optim": 3, "checkpoint": 3, "sample": 3,
	"train":    4,
	"trace":    5,
	"specimen": 6,
	"probe":    7, "states": 7, "match": 7, "direction": 7,
	"dissect": 8, "intervene": 8, "memory": 8, "mistakes": 8, "mechanism": 8, "evolve": 8,
	"run": 9, "figure": 9, "explain": 9,
	"births": 9, "results": 10, "compare": 10, "calibrate": 10, "sweep": 10, "lab": 10,
	"report": 11,
	root:     12, "web": 12,
	"cmd/rnnscope": 13,
}

var training = []string{"optim", "train"}
var analysis = []string{"trace", "specimen", "probe", "dissect", "intervene", "memory", "mechanism", "mistakes", "evolve", "explain", "match", "direction"}

type goPackage struct {
	ImportPath   string
	Imports      []string
	TestImports  []string
	XTestImports []string
}

// listPackages asks the go command for every package of the module.
func listPackages(t *testing.T) []goPackage {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports,TestImports,XTestImports", "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []goPackage
	dec := json.NewDecoder(strings.NewReader(string(out)))
	for {
		var p goPackage
		err := dec.Decode(&p)
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatalf("go list output: %v", err)
		}
		all = append(all, p)
	}
}

// room cuts the module path off and strips what lies inside a room (a room's own tools and
// sub-packages live on its floor).
func room(importPath string) (string, bool) {
	if importPath == module {
		return root, true
	}
	rest, ok := strings.CutPrefix(importPath, module+"/")
	if !ok {
		return "", false
	}
	for name := range floors {
		if rest == name || strings.HasPrefix(rest, name+"/") {
			return name, true
		}
	}
	return rest, true
}

func TestImportsGoDown(t *testing.T) {
	packages := listPackages(t)
	if len(packages) < 10 {
		t.Fatalf("only %d packages listed: the test sees too little", len(packages))
	}
	for _, p := range packages {
		from, inside := room(p.ImportPath)
		if !inside {
			continue
		}
		if _, known := floors[from]; !known {
			t.Errorf("%s stands on no floor: add it to floors and to ARCHITECTURE.md", from)
			continue
		}
		for _, imported := range p.Imports {
			if problem := badImport(from, imported); problem != "" {
				t.Error(problem)
			}
		}
	}
}

func badImport(from, imported string) string {
	to, inside := room(imported)
	if !inside || to == from {
		return ""
	}
	if floors[to] >= floors[from] {
		return from + " imports " + to + ": not a lower floor"
	}
	if contains(training, from) && contains(analysis, to) {
		return from + " (training) imports " + to + " (analysis)"
	}
	if contains(analysis, from) && contains(training, to) {
		return from + " (analysis) imports " + to + " (training)"
	}
	return ""
}

func TestBadImportIsSeen(t *testing.T) {
	cases := []struct {
		from, to string
		bad      bool
	}{
		{"text", "rnn", true}, {"rnn", "text", false}, {"optim", "rnn", false}, {"rnn", "optim", true},
		{"dissect", "train", true}, {"run", "train", false}, {"stat", "internal/f32", true},
	}
	for _, c := range cases {
		if got := badImport(c.from, module+"/"+c.to) != ""; got != c.bad {
			t.Errorf("%s -> %s: refused %v, want %v", c.from, c.to, got, c.bad)
		}
	}
}

func TestArchitectureNamesEveryRoom(t *testing.T) {
	doc, err := os.ReadFile("ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	for name := range floors {
		if _, err := os.Stat(filepath.FromSlash(name)); errors.Is(err, os.ErrNotExist) {
			continue // planned, not built yet
		}
		if !strings.Contains(string(doc), "`"+name+"`") {
			t.Errorf("ARCHITECTURE.md does not name %s", name)
		}
	}
}

// architecture is one section of ARCHITECTURE.md.
func architecture(t *testing.T, heading string) string {
	t.Helper()
	doc, err := os.ReadFile("ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, found := strings.Cut(string(doc), "\n## "+heading+"\n")
	if !found {
		t.Fatalf("ARCHITECTURE.md has no section %q", heading)
	}
	section, _, _ = strings.Cut(section, "\n## ")
	return section
}

// declared lists the functions of a room, methods as Type.Method.
func declared(t *testing.T, room string) map[string]bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(filepath.FromSlash(room), "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, path := range files {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok {
				names[receiver(fn)+fn.Name.Name] = true
			}
		}
	}
	return names
}

// receiver is "Type." for a method, "" for a function.
func receiver(fn *ast.FuncDecl) string {
	if fn.Recv == nil {
		return ""
	}
	typ := fn.Recv.List[0].Type
	if star, ok := typ.(*ast.StarExpr); ok {
		typ = star.X
	}
	if name, ok := typ.(*ast.Ident); ok {
		return name.Name + "."
	}
	return "?."
}

var spans = regexp.MustCompile("`([^`]+)`")

// TestMainPathExists: every function the main path names is in the room it names.
func TestMainPathExists(t *testing.T) {
	rooms := map[string]map[string]bool{}
	seen := 0
	for _, span := range spans.FindAllStringSubmatch(architecture(t, "The main path")+architecture(t, "From a figure to its formula"), -1) {
		folder, last := "", span[1]
		if i := strings.LastIndexByte(last, '/'); i >= 0 {
			folder, last = last[:i+1], last[i+1:]
		}
		base, function, found := strings.Cut(last, ".")
		if i, err := os.Stat(filepath.FromSlash(folder + base)); !found || base == "" || err != nil || !i.IsDir() {
			continue // a room, a file or a command
		}
		if rooms[folder+base] == nil {
			rooms[folder+base] = declared(t, folder+base)
		}
		if !rooms[folder+base][function] {
			t.Errorf("ARCHITECTURE.md names %s, which is not there", span[1])
		}
		seen++
	}
	if seen < 20 {
		t.Errorf("the main path names %d functions: the test sees too little", seen)
	}
}

// TestWalkIsConnected: in the walk from a figure to its formula every function is called by one that stands before it.
func TestWalkIsConnected(t *testing.T) {
	var calls []map[string]bool // by function walked so far, what its body names
	for _, span := range spans.FindAllStringSubmatch(architecture(t, "From a figure to its formula"), -1) {
		i := strings.LastIndexByte(span[1], '/') + 1
		base, function, found := strings.Cut(span[1][i:], ".")
		folder := filepath.FromSlash(span[1][:i] + base)
		if info, err := os.Stat(folder); !found || base == "" || err != nil || !info.IsDir() {
			continue
		}
		short := function[strings.LastIndexByte(function, '.')+1:]
		if len(calls) > 0 && !slices.ContainsFunc(calls, func(names map[string]bool) bool { return names[short] }) {
			t.Errorf("nothing before %s in the walk calls it", span[1])
		}
		calls = append(calls, named(t, folder, function))
	}
	if len(calls) < 10 {
		t.Errorf("the walk has %d functions: the test sees too little", len(calls))
	}
}

// named are the identifiers in the body of a function.
func named(t *testing.T, folder, function string) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	for _, f := range parsed(t, folder) {
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && receiver(fn)+fn.Name.Name == function {
				ast.Inspect(fn, func(n ast.Node) bool {
					if id, ok := n.(*ast.Ident); ok && id != fn.Name {
						names[id.Name] = true
					}
					return true
				})
			}
		}
	}
	return names
}

var required = regexp.MustCompile(`(?m)^\s*(?:require )?([^\s]+/[^\s]+) v`)

// modules lists the modules a go.mod requires.
func modules(t *testing.T, path string) []string {
	t.Helper()
	mod, err := os.ReadFile(filepath.FromSlash(path))
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, m := range required.FindAllStringSubmatch(string(mod), -1) {
		all = append(all, m[1])
	}
	return all
}

// TestDependenciesAreNamed: what the code imports from elsewhere stands in the table of dependencies, and what stands
// there is required.
func TestDependenciesAreNamed(t *testing.T) {
	table := architecture(t, "Dependencies")
	product := modules(t, "go.mod")
	for _, p := range listPackages(t) {
		for _, imported := range slices.Concat(p.Imports, p.TestImports, p.XTestImports) {
			i := slices.IndexFunc(product, func(m string) bool { return imported == m || strings.HasPrefix(imported, m+"/") })
			if i >= 0 && !strings.Contains(table, "`"+strings.TrimPrefix(product[i], "github.com/")+"`") {
				t.Errorf("%s imports %s, which ARCHITECTURE.md does not name", p.ImportPath, product[i])
			}
		}
	}
	all := slices.Concat(product, modules(t, "internal/f32/asm/go.mod"), modules(t, "stat/asm/go.mod"))
	for _, span := range spans.FindAllStringSubmatch(table, -1) {
		if strings.Contains(span[1], "/") && !slices.Contains(all, span[1]) && !slices.Contains(all, "github.com/"+span[1]) {
			t.Errorf("ARCHITECTURE.md names %s, which no go.mod requires", span[1])
		}
	}
}

func TestForbiddenNames(t *testing.T) {
	for _, p := range listPackages(t) {
		for _, part := range strings.Split(p.ImportPath, "/") {
			if part == "util" || part == "utils" || part == "common" || part == "helpers" {
				t.Errorf("%s: a package says what it is for", p.ImportPath)
			}
		}
	}
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// TestReadmeShowsTheExample: the library section of the README is the tested example, line by line.
func TestReadmeShowsTheExample(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile("example_test.go")
	if err != nil {
		t.Fatal(err)
	}
	_, shown, found := strings.Cut(string(readme), "## As a library")
	_, shown, found2 := strings.Cut(shown, "```go\n")
	shown, _, found3 := strings.Cut(shown, "\n```")
	_, body, found4 := strings.Cut(string(source), "func Example() {\n")
	body, _, found5 := strings.Cut(body, "\t// Output:")
	if !found || !found2 || !found3 || !found4 || !found5 {
		t.Fatal("the README has no library section, or the example is gone")
	}
	var want []string
	for _, line := range strings.Split(strings.TrimRight(body, "\n"), "\n") {
		want = append(want, strings.TrimPrefix(line, "\t"))
	}
	if strings.TrimRight(shown, "\n") != strings.Join(want, "\n") {
		t.Error("the README's library section is not the example of the root package: copy it")
	}
}

// mostLines is how large a room may grow: beyond it nobody sees it whole.
const mostLines = 5000

// TestNoRoomIsTooLarge counts the lines of every package without its tests and what is generated.
func TestNoRoomIsTooLarge(t *testing.T) {
	seen := 0
	for _, p := range listPackages(t) {
		if strings.HasSuffix(p.ImportPath, "/asm") || p.ImportPath == module {
			continue
		}
		dir := strings.TrimPrefix(p.ImportPath, module+"/")
		files, err := filepath.Glob(filepath.Join(filepath.FromSlash(dir), "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		lines := 0
		for _, f := range files {
			if strings.HasSuffix(f, "_test.go") {
				continue
			}
			b, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			lines += strings.Count(string(b), "\n")
		}
		seen++
		if lines > mostLines {
			t.Errorf("%s has %d lines; a room has at most %d: something in it wants a room of its own", dir, lines, mostLines)
		}
	}
	if seen < 20 {
		t.Errorf("only %d rooms were measured", seen)
	}
}

// mostFiles is how many files of a room may stand in one cycle of names: beyond it the order
// in which to read them is gone.
const mostFiles = 8

// TestCyclesOfFiles: file A leads to file B where it names something that B declares at the
// top level (methods and fields do not count).
func TestCyclesOfFiles(t *testing.T) {
	for _, p := range listPackages(t) {
		dir := strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/")
		files := parsed(t, filepath.FromSlash(dir))
		home := map[string]string{}
		for name, f := range files {
			for declared := range f.Scope.Objects {
				home[declared] = name
			}
		}
		leads := map[string][]string{}
		for name, f := range files {
			for _, id := range f.Unresolved {
				if to := home[id.Name]; to != "" && to != name && !slices.Contains(leads[name], to) {
					leads[name] = append(leads[name], to)
				}
			}
		}
		if largest := largestCycle(leads); len(largest) > mostFiles {
			t.Errorf("%s: %d files in one cycle, at most %d: %v", dir, len(largest), mostFiles, largest)
		}
	}
}

// parsed is the files of a folder without its tests and what other systems build.
func parsed(t *testing.T, dir string) map[string]*ast.File {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]*ast.File{}
	for _, path := range paths {
		name := filepath.Base(path)
		if strings.HasSuffix(name, "_test.go") || strings.HasSuffix(name, "_other.go") || strings.HasSuffix(name, "_windows.go") || strings.HasSuffix(name, "_portable.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = f
	}
	return files
}

// largestCycle is the largest set of files each of which leads to every other.
func largestCycle(leads map[string][]string) []string {
	reach := map[string]map[string]bool{}
	for from := range leads {
		seen, next := map[string]bool{}, []string{from}
		for len(next) > 0 {
			f := next[len(next)-1]
			next = next[:len(next)-1]
			for _, to := range leads[f] {
				if !seen[to] {
					seen[to] = true
					next = append(next, to)
				}
			}
		}
		reach[from] = seen
	}
	var largest []string
	for from, seen := range reach {
		var cycle []string
		for to := range seen {
			if reach[to][from] {
				cycle = append(cycle, to)
			}
		}
		if len(cycle) > len(largest) {
			slices.Sort(cycle)
			largest = cycle
		}
	}
	return largest
}

func TestLargestCycleIsFound(t *testing.T) {
	got := largestCycle(map[string][]string{"a": {"b"}, "b": {"c"}, "c": {"a", "d"}, "d": {"e"}, "e": {"d"}})
	if !slices.Equal(got, []string{"a", "b", "c"}) {
		t.Errorf("%v", got)
	}
}

// mostParameters is how many parameters a function takes, context counted: with more, what goes
// together becomes a type.
const mostParameters = 6

// TestParameters counts the parameters of every function of the program. Kernels are left out: their names and order
// are those of BLAS, and the plain twin of one takes what the assembly takes.
func TestParameters(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range listPackages(t) {
		dir := strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/")
		if dir == "internal/f32" || strings.HasSuffix(dir, "/asm") {
			continue
		}
		for _, f := range parsed(t, filepath.FromSlash(dir)) {
			if ast.IsGenerated(f) {
				continue
			}
			for name, n := range parametersIn(f) {
				at := dir + "." + name
				seen[at] = true
				if n > mostParameters {
					t.Errorf("%s takes %d parameters, at most %d: make a type of what goes together", at, n, mostParameters)
				}
			}
		}
	}
	if len(seen) < 2000 {
		t.Errorf("only %d functions were seen", len(seen))
	}
}

// parametersIn is the number of parameters of every function in a file; a function literal counts under the function that holds it.
func parametersIn(f *ast.File) map[string]int {
	all := map[string]int{}
	for _, d := range f.Decls {
		name := "var"
		if fn, ok := d.(*ast.FuncDecl); ok {
			name = receiver(fn) + fn.Name.Name
		}
		ast.Inspect(d, func(n ast.Node) bool {
			fn, ok := n.(*ast.FuncType)
			if !ok {
				return true
			}
			k := 0
			for _, p := range fn.Params.List {
				k += max(1, len(p.Names))
			}
			all[name] = max(all[name], k)
			return true
		})
	}
	return all
}

func TestParametersAreCounted(t *testing.T) {
	f, err := parser.ParseFile(token.NewFileSet(), "x.go", "package x\nfunc (s *T) F(a, b int, _ string, more ...int) { g(func(x, y, z, u, v int) {}) }\n", 0)
	if err != nil {
		t.Fatal(err)
	}
	if got := parametersIn(f); len(got) != 1 || got["T.F"] != 5 {
		t.Errorf("%v", got)
	}
}
