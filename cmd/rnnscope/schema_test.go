package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/rnnscope/rnnscope/births"
	"github.com/rnnscope/rnnscope/calibrate"
	"github.com/rnnscope/rnnscope/cmd/rnnscope/inspect"
	"github.com/rnnscope/rnnscope/cmd/rnnscope/records"
	"github.com/rnnscope/rnnscope/compare"
	"github.com/rnnscope/rnnscope/dissect"
	"github.com/rnnscope/rnnscope/evolve"
	"github.com/rnnscope/rnnscope/explain"
	"github.com/rnnscope/rnnscope/finding"
	"github.com/rnnscope/rnnscope/intervene"
	"github.com/rnnscope/rnnscope/lab"
	"github.com/rnnscope/rnnscope/lab/speed"
	"github.com/rnnscope/rnnscope/match"
	"github.com/rnnscope/rnnscope/mechanism"
	"github.com/rnnscope/rnnscope/memory"
	"github.com/rnnscope/rnnscope/mistakes"
	"github.com/rnnscope/rnnscope/note"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"
)

// answersJSON lists what every command prints with --json: one type or several. docs/schema/*.json is made from it by
//
//	go test ./cmd/rnnscope -run TestGoldenKnowsSchemas -update
//
// and every test that runs a command with --json holds the answer against it (mustRun).
var answersJSON = map[string][]any{
	"demo":            {demoOutcome{}},
	"train":           {trainOutcome{}},
	"resume":          {trainOutcome{}},
	"sample":          {sampleJSON{}},
	"evolution":       {evolve.History{}},
	"births":          {births.Result{}},
	"compare":         {compare.Result{}},
	"trace":           {traceAnswer{}, records.GridWritten{}},
	"dissect":         {dissect.Result{}, inspect.ShardAnswer{}, inspect.SlurmShards{}},
	"merge":           {dissect.Result{}},
	"match":           {match.Result{}, inspect.IndexAnswer{}},
	"atlas":           {records.FindingsAnswer{}, records.MetricsAnswer{}},
	"explain":         {explain.Result{}, []lab.PlantedKind{}, []explain.Calibration{}, explain.DirectionResult{}},
	"memory":          {memory.Result{}, []memory.LatchResult{}, []lab.DelayOutcome{}},
	"quotes":          {mechanism.View{}, mechanism.Experiment{}},
	"errors":          {mistakes.Result{}},
	"ablate":          {intervene.Result{}, intervene.ChangeResult{}, intervene.GroupResult{}, intervene.Calibration{}},
	"steer":           {intervene.SteeredUnit{}},
	"patch":           {intervene.PatchResult{}},
	"report":          {reportWritten{}},
	"notes":           {[]note.Note{}, note.Note{}},
	"serve":           {serveAnswer{}, exported{}},
	"open":            {serveAnswer{}},
	"import":          {records.ImportResult{}},
	"calibrate":       {calibrate.Calibration{}, calibrate.Detection{}, []evolve.Simulation{}},
	"verify":          {lab.Verification{}},
	"sweep":           {sweepAnswer{}, slurmAnswer{}},
	"corpus synth":    {synthJSON{}},
	"corpus concepts": {admissions{}, reading{}, []heldLabels{}},
	"corpus stat":     {corpusStat{}},
	"bench":           {speed.Report{}},
	"version":         {versionAnswer{}},
}

// traceAnswer is what trace.Trace.WriteJSON writes piece by piece.
type traceAnswer struct {
	Lo      int           `json:"lo"`              // index in the text of the first symbol
	Text    string        `json:"text"`            // the symbols read
	Symbols []string      `json:"symbols"`         // each made visible
	Loss    []stat.Number `json:"loss,omitempty"`  // nats for the next symbol, null at the text's end
	Count   []float32     `json:"count,omitempty"` // of a network with a counter
	Sites   []traceSite   `json:"sites"`
}

type traceSite struct {
	Name   string      `json:"name"`
	Units  int         `json:"units"`  // H
	Values [][]float32 `json:"values"` // [N][H]
}

// TestGoldenKnowsSchemas compares docs/schema with the types, and fails where a command has neither a schema nor a reason.
func TestGoldenKnowsSchemas(t *testing.T) {
	folder := filepath.Join("..", "..", "docs", "schema")
	for _, words := range commandWords() {
		name := strings.Join(words, " ")
		if withoutJSON[name] != "" {
			continue
		}
		if len(answersJSON[name]) == 0 {
			t.Errorf("rnnscope %s --json has no schema: name its type in answersJSON (schema_test.go), then run with -update", name)
			continue
		}
		path := filepath.Join(folder, strings.ReplaceAll(name, " ", "-")+".json")
		now := schemaFile(t, name)
		if *update {
			if err := os.WriteFile(path, now, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if kept, err := os.ReadFile(path); err != nil || !bytes.Equal(kept, now) {
			t.Errorf("%s is not what the types say (%v): go test ./cmd/rnnscope -run TestGoldenKnowsSchemas -update", path, err)
		}
	}
	files, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if name := strings.TrimSuffix(filepath.Base(f), ".json"); len(answersJSON[strings.Replace(name, "-", " ", 1)]) == 0 {
			t.Errorf("%s describes no command", f)
		}
	}
}

// TestGoldenKnowsSchemasHold holds every golden answer against the schema of its command.
func TestGoldenKnowsSchemasHold(t *testing.T) {
	held := 0
	for _, s := range scenes {
		out, err := os.ReadFile(filepath.Join("testdata", "golden", s.name+".json"))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		answeredBySchema(t, append([]string{"--json"}, strings.Fields(s.args)...), whole(t, out))
		held++
	}
	if held < 20 {
		t.Errorf("only %d golden answers", held)
	}
}

// whole gives a golden answer its lists of figures back, of which golden files keep least, greatest and sum only.
func whole(t *testing.T, golden []byte) string {
	t.Helper()
	var value any
	if err := json.Unmarshal(golden, &value); err != nil {
		t.Fatal(err)
	}
	var mend func(v any) any
	mend = func(v any) any {
		switch x := v.(type) {
		case []any:
			for i := range x {
				x[i] = mend(x[i])
			}
		case map[string]any:
			if least, ok := x["least"]; ok && x["sum of sizes"] != nil {
				return []any{least, x["greatest"]}
			}
			for k := range x {
				x[k] = mend(x[k])
			}
		}
		return v
	}
	b, err := json.Marshal(mend(value))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestSchemasRefuse shows that the schemas can fail: an answer with a field too many, a field of another type, one that is missing.
func TestSchemasRefuse(t *testing.T) {
	good := `{"version":"v1","go":"go1.26","os":"linux","arch":"amd64","kernels":"avx2","cores":2}`
	if err := holdsSchema(t, "version", good); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{
		strings.Replace(good, `"cores":2`, `"cores":"2"`, 1), strings.Replace(good, `,"cores":2`, ``, 1), strings.Replace(good, `{`, `{"x":1,`, 1), `[]`,
	} {
		if holdsSchema(t, "version", bad) == nil {
			t.Errorf("accepted: %s", bad)
		}
	}
}

// answeredBySchema holds the answer of a command line with --json against the command's schema.
func answeredBySchema(t *testing.T, args []string, out string) {
	t.Helper()
	if !slices.Contains(args, "--json") {
		return
	}
	for _, words := range commandWords() {
		i := slices.Index(args, words[0])
		if i < 0 || len(args) < i+len(words) || !slices.Equal(args[i:i+len(words)], words) {
			continue
		}
		if err := holdsSchema(t, strings.Join(words, " "), out); err != nil {
			t.Errorf("rnnscope %s: not what docs/schema says: %v", strings.Join(args, " "), err)
		}
		return
	}
}

var resolvedSchemas sync.Map // command -> *jsonschema.Resolved

func holdsSchema(t *testing.T, command, out string) error {
	t.Helper()
	if len(answersJSON[command]) == 0 {
		return nil
	}
	known, ok := resolvedSchemas.Load(command)
	if !ok {
		var s jsonschema.Schema
		if err := json.Unmarshal(schemaFile(t, command), &s); err != nil {
			t.Fatal(err)
		}
		r, err := s.Resolve(nil)
		if err != nil {
			t.Fatalf("%s: %v", command, err)
		}
		known, _ = resolvedSchemas.LoadOrStore(command, r)
	}
	var value any
	if err := json.Unmarshal([]byte(out), &value); err != nil {
		return err
	}
	return known.(*jsonschema.Resolved).Validate(value)
}

// schemaFile is the file of a command in docs/schema.
func schemaFile(t *testing.T, command string) []byte {
	t.Helper()
	g := schemaMaker{t: t, defs: map[string]*jsonschema.Schema{}, embedded: map[reflect.Type]bool{}}
	var forms []*jsonschema.Schema
	for _, v := range answersJSON[command] {
		forms = append(forms, g.schema(reflect.TypeOf(v)))
	}
	s := &jsonschema.Schema{AnyOf: forms}
	if len(forms) == 1 {
		s = forms[0]
	}
	s.Schema = "https://json-schema.org/draft/2020-12/schema"
	s.Title = "rnnscope " + command + " --json"
	if len(g.defs) > 0 {
		s.Defs = g.defs
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(s); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// schemaMaker makes schemas of Go types; every named struct of this module becomes a definition, described by its Go comments.
type schemaMaker struct {
	t        *testing.T
	defs     map[string]*jsonschema.Schema
	embedded map[reflect.Type]bool // must stand in line
}

const modulePath = "github.com/rnnscope/rnnscope"

// writtenAs gives the schemas of types that write themselves.
func writtenAs() map[reflect.Type]*jsonschema.Schema {
	number := func() *jsonschema.Schema { return &jsonschema.Schema{Types: []string{"null", "number"}} }
	interval, err := jsonschema.For[struct {
		Estimate *float64 `json:"estimate"`
		Lo       *float64 `json:"lo" jsonschema:"lower end of the 95 % interval; null where it is not defined"`
		Hi       *float64 `json:"hi"`
		N        int64    `json:"n" jsonschema:"observations behind it"`
	}](nil)
	if err != nil {
		panic(err)
	}
	return map[reflect.Type]*jsonschema.Schema{
		reflect.TypeFor[stat.Interval]():   interval,
		reflect.TypeFor[stat.Number]():     number(),
		reflect.TypeFor[finding.Split]():   {Type: "string"},
		reflect.TypeFor[text.Alphabet]():   {Type: "object"},
		reflect.TypeFor[json.RawMessage](): {},
		reflect.TypeFor[[]byte]():          {Types: []string{"null", "string"}, ContentEncoding: "base64"},
	}
}

func (g *schemaMaker) schema(t reflect.Type) *jsonschema.Schema {
	opt := &jsonschema.ForOptions{TypeSchemas: writtenAs()}
	later := map[string]reflect.Type{}
	g.named(t, func(s reflect.Type) {
		if _, own := opt.TypeSchemas[s]; own || s == t || g.embedded[s] {
			return
		}
		name := definitionName(s)
		later[name] = s
		opt.TypeSchemas[s] = &jsonschema.Schema{Ref: "#/$defs/" + name}
	})
	s, err := jsonschema.ForType(t, opt)
	if err != nil {
		g.t.Fatalf("%v: %v", t, err)
	}
	nullable(s)
	g.describe(s, t)
	for _, name := range slices.Sorted(maps.Keys(later)) { // in one order: what stands in line depends on it
		of := later[name]
		if g.defs[name] == nil {
			g.defs[name] = &jsonschema.Schema{} // before its own fields ask for it
			*g.defs[name] = *g.schema(of)
		}
	}
	return s
}

func definitionName(t reflect.Type) string {
	return strings.ReplaceAll(strings.TrimPrefix(strings.TrimPrefix(t.PkgPath(), modulePath), "/"), "/", ".") + "." + t.Name()
}

// named calls visit for every named struct of this module that t reaches without passing another one.
func (g *schemaMaker) named(t reflect.Type, visit func(reflect.Type)) {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Array || t.Kind() == reflect.Map {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || !strings.HasPrefix(t.PkgPath(), modulePath) && t.Name() != "" && t.PkgPath() != "main" {
		return
	}
	for _, f := range reflect.VisibleFields(t) {
		if f.Anonymous {
			g.embedded[f.Type] = true
		}
	}
	for _, f := range reflect.VisibleFields(t) {
		of := f.Type
		for of.Kind() == reflect.Pointer || of.Kind() == reflect.Slice || of.Kind() == reflect.Array || of.Kind() == reflect.Map {
			of = of.Elem()
		}
		switch {
		case f.Anonymous || !f.IsExported() || f.Tag.Get("json") == "-" || of.Kind() != reflect.Struct:
		case of.Name() == "":
			g.named(of, visit)
		case strings.HasPrefix(of.PkgPath(), modulePath) || of.PkgPath() == "main":
			visit(of)
		}
	}
	if t.Name() != "" {
		visit(t)
	}
}

// nullable says "null or the definition" where the library says "null, and the definition".
func nullable(s *jsonschema.Schema) {
	if s == nil {
		return
	}
	if s.Ref != "" && slices.Equal(s.Types, []string{"null"}) {
		*s = jsonschema.Schema{AnyOf: []*jsonschema.Schema{{Type: "null"}, {Ref: s.Ref}}, Description: s.Description}
	}
	for _, p := range s.Properties {
		nullable(p)
	}
	nullable(s.Items)
	nullable(s.AdditionalProperties)
}

// describe adds the Go comments of fields, and the values that a named string type has.
func (g *schemaMaker) describe(s *jsonschema.Schema, t reflect.Type) {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Array || t.Kind() == reflect.Map {
		if t.Kind() == reflect.Map {
			s = s.AdditionalProperties
		} else if t.Kind() != reflect.Pointer {
			s = s.Items
		}
		if s == nil {
			return
		}
		t = t.Elem()
	}
	if values := sources().values[typeName(t)]; t.Kind() == reflect.String && len(values) > 0 {
		for _, v := range append([]string{""}, values...) {
			s.Enum = append(s.Enum, v)
		}
	}
	if t.Kind() != reflect.Struct || s.Properties == nil {
		return
	}
	g.promote(s, t)
	for _, f := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		p := s.Properties[name]
		if p == nil || f.Anonymous {
			continue
		}
		g.describe(p, f.Type)
		owner := t
		if len(f.Index) > 1 {
			owner = t.FieldByIndex(f.Index[:len(f.Index)-1]).Type
		}
		if said := sources().fields[typeName(owner)+"."+f.Name]; said != "" && p.Description == "" {
			p.Description = said
		}
	}
}

// promote adds the fields of embedded structs that the library misses, since Go's own rule hides a field behind a struct of its name
// (rnn.Unit has a field Unit) and encoding/json's does not.
func (g *schemaMaker) promote(s *jsonschema.Schema, t reflect.Type) {
	for i := range t.NumField() {
		outer := t.Field(i)
		if !outer.Anonymous || outer.Type.Kind() != reflect.Struct || outer.Tag.Get("json") != "" {
			continue
		}
		for j := range outer.Type.NumField() {
			inner := outer.Type.Field(j)
			name, rest, _ := strings.Cut(inner.Tag.Get("json"), ",")
			if name == "" || name == "-" || s.Properties[name] != nil {
				continue
			}
			p, err := jsonschema.ForType(inner.Type, &jsonschema.ForOptions{TypeSchemas: writtenAs()})
			if err != nil {
				g.t.Fatalf("%v.%s: %v", t, inner.Name, err)
			}
			s.Properties[name] = p
			if !strings.Contains(rest, "omit") {
				s.Required = append(s.Required, name)
			}
		}
	}
}

func typeName(t reflect.Type) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.PkgPath() + "." + t.Name()
}

// source is what the Go files of this module say of types.
type source struct {
	fields map[string]string   // package.Type.Field -> its comment
	values map[string][]string // package.Type -> constants of a string type
}

// sources reads the comments once.
var sources = sync.OnceValue(func() source {
	s := source{map[string]string{}, map[string][]string{}}
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if n := d.Name(); n == "node_modules" || n == "testdata" || n == "dist" || strings.HasPrefix(n, ".") && n != ".." && path != root {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") && !strings.HasSuffix(path, "schema_test.go") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		dir, err := filepath.Rel(root, filepath.Dir(path))
		if err != nil {
			return err
		}
		s.read(f, strings.TrimSuffix(modulePath+"/"+filepath.ToSlash(dir), "/."))
		return nil
	})
	if err != nil {
		panic(err)
	}
	return s
})

func (s source) read(f *ast.File, pkg string) {
	for _, d := range f.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok {
			continue
		}
		for _, spec := range g.Specs {
			switch x := spec.(type) {
			case *ast.TypeSpec:
				s.readType(x, pkg)
			case *ast.ValueSpec:
				of, named := x.Type.(*ast.Ident)
				if g.Tok != token.CONST || !named {
					continue
				}
				for _, v := range x.Values {
					if lit, ok := v.(*ast.BasicLit); ok && lit.Kind == token.STRING && of.Name != "string" {
						s.values[pkg+"."+of.Name] = append(s.values[pkg+"."+of.Name], strings.Trim(lit.Value, "\"`"))
					}
				}
			}
		}
	}
}

func (s source) readType(x *ast.TypeSpec, pkg string) {
	st, ok := x.Type.(*ast.StructType)
	if !ok {
		return
	}
	for _, field := range st.Fields.List {
		said := field.Comment.Text()
		if said == "" {
			said = field.Doc.Text()
		}
		for _, n := range field.Names {
			s.fields[pkg+"."+x.Name.Name+"."+n.Name] = strings.Join(strings.Fields(said), " ")
		}
	}
}
