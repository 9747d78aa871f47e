package sweep

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
)

// ErrGrid marks a grid that cannot be run.
var ErrGrid = errors.New("grid")

// Sizes of a grid.
const (
	MostCells  = 10_000
	mostBytes  = 1 << 20
	longestTag = 100 // characters of a cell's name
)

// Grid is what a grid file says.
type Grid struct {
	Texts    []string  // what train reads
	Flags    []Setting // of train, in the order of the file; several values make an axis
	Measures []string  // commands on each finished run: "dissect --untrained 5"
	Kernels  string    // the kernel path every cell must use; "" is the path of whoever starts first
	Retries  int       // how often a failed cell is tried again
}

// Setting is a flag of train and its values.
type Setting struct {
	Name   string
	Values []string
}

// Cell is one training of the grid.
type Cell struct {
	Index int       `json:"index"`
	Name  string    `json:"name"` // of its run directory
	Text  string    `json:"text"`
	Flags []Setting `json:"-"`    // one value each
	Axes  []string  `json:"axes"` // values of Grid.Axes, in its order
}

// Parse reads a grid:
//
//	text: [synth:novel, novel.txt]
//	train:                    # flags of train; a list is an axis
//	  cell: [elman, lstm]
//	  hidden: [64, 128]
//	  seed: [1, 2, 3]
//	  iterations: 2000
//	measures: [dissect --untrained 5]
//	kernels: avx2
//	retries: 1
//
// Errors match ErrGrid and say what is wrong.
func Parse(b []byte) (*Grid, error) {
	if len(b) > mostBytes {
		return nil, fmt.Errorf("%w: %d bytes; a grid has at most %d", ErrGrid, len(b), mostBytes)
	}
	var file struct {
		Text     any           `yaml:"text"`
		Train    yaml.MapSlice `yaml:"train"`
		Measures []string      `yaml:"measures"`
		Kernels  string        `yaml:"kernels"`
		Retries  *int          `yaml:"retries"`
	}
	if len(bytes.TrimSpace(b)) == 0 {
		return nil, fmt.Errorf("%w: it is empty", ErrGrid)
	}
	if err := yaml.NewDecoder(bytes.NewReader(b), yaml.Strict()).Decode(&file); err != nil {
		return nil, fmt.Errorf("%w: %s", ErrGrid, strings.SplitN(strings.TrimSpace(err.Error()), "\n", 2)[0])
	}
	g := &Grid{Measures: file.Measures, Kernels: file.Kernels, Retries: 1}
	if file.Retries != nil {
		g.Retries = *file.Retries
	}
	if g.Retries < 0 || g.Retries > 100 {
		return nil, fmt.Errorf("%w: retries: %d; want 0 to 100", ErrGrid, g.Retries)
	}
	var err error
	if g.Texts, err = values("text", file.Text); err != nil {
		return nil, err
	}
	for _, item := range file.Train {
		name := fmt.Sprint(item.Key)
		vs, err := values("train: "+name, item.Value)
		if err != nil {
			return nil, err
		}
		if name == "out" || name == "workers" || name == "tensorboard" {
			return nil, fmt.Errorf("%w: train: %s: the sweep itself sets it", ErrGrid, name)
		}
		g.Flags = append(g.Flags, Setting{name, vs})
	}
	return g, g.check()
}

// values are the values of one setting, a list or a single one.
func values(name string, v any) ([]string, error) {
	list, ok := v.([]any)
	if !ok {
		list = []any{v}
	}
	var out []string
	for _, x := range list {
		switch x.(type) {
		case nil, []any, map[string]any, yaml.MapSlice:
			return nil, fmt.Errorf("%w: %s: want a value or a list of values", ErrGrid, name)
		}
		s := fmt.Sprint(x)
		if slices.Contains(out, s) {
			return nil, fmt.Errorf("%w: %s: %s stands there twice", ErrGrid, name, s)
		}
		out = append(out, s)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%w: %s: the list is empty", ErrGrid, name)
	}
	return out, nil
}

func (g *Grid) check() error {
	n := len(g.Texts)
	for _, f := range g.Flags {
		if f.Name == "" || strings.ContainsFunc(f.Name, func(r rune) bool { return !(r >= 'a' && r <= 'z' || r == '-' || r >= '0' && r <= '9') }) {
			return fmt.Errorf("%w: train: %q is no flag of train", ErrGrid, f.Name)
		}
		if n *= len(f.Values); n > MostCells {
			return fmt.Errorf("%w: more than %d cells", ErrGrid, MostCells)
		}
	}
	if err := g.checkMeasures(); err != nil {
		return err
	}
	seen := map[string]int{}
	for _, c := range g.Cells() {
		if k, twice := seen[c.Name]; twice {
			return fmt.Errorf("%w: cells %d and %d would both be called %s", ErrGrid, k, c.Index, c.Name)
		}
		seen[c.Name] = c.Index
	}
	return nil
}

func (g *Grid) checkMeasures() error {
	var labels []string
	for _, m := range g.Measures {
		if strings.TrimSpace(m) == "" {
			return fmt.Errorf("%w: measures: an empty one", ErrGrid)
		}
	}
	for i, l := range g.Labels() {
		if slices.Contains(labels, l) {
			return fmt.Errorf("%w: measures: %s stands there twice", ErrGrid, g.Measures[i])
		}
		labels = append(labels, l)
	}
	return nil
}

// Labels are the names under which the figures of each measure stand in the table, before a dot: its
// command, or the whole line where another measure has the same command.
func (g *Grid) Labels() []string {
	count := map[string]int{}
	for _, m := range g.Measures {
		count[strings.Fields(m)[0]]++
	}
	var out []string
	for _, m := range g.Measures {
		words := strings.Fields(m)
		if count[words[0]] == 1 {
			words = words[:1]
		}
		out = append(out, strings.Join(words, "_"))
	}
	return out
}

// axes are the settings with more than one value; the text is one if there are several.
func (g *Grid) axes() []Setting {
	var out []Setting
	if len(g.Texts) > 1 {
		out = append(out, Setting{"text", g.Texts})
	}
	for _, f := range g.Flags {
		if len(f.Values) > 1 {
			out = append(out, f)
		}
	}
	return out
}

// Axes are the names of what differs between cells.
func (g *Grid) Axes() []string {
	var out []string
	for _, a := range g.axes() {
		out = append(out, a.Name)
	}
	return out
}

// Cells lists the trainings, the last axis changing fastest.
func (g *Grid) Cells() []Cell {
	total := len(g.Texts)
	for _, f := range g.Flags {
		total *= len(f.Values)
	}
	out := make([]Cell, 0, total)
	for i := range total {
		c, rest := Cell{Index: i, Axes: []string{}}, i
		flags := make([]Setting, len(g.Flags))
		for k := len(g.Flags) - 1; k >= 0; k-- {
			vs := g.Flags[k].Values
			flags[k] = Setting{g.Flags[k].Name, vs[rest%len(vs) : rest%len(vs)+1]}
			rest /= len(vs)
		}
		c.Text, c.Flags = g.Texts[rest], flags
		if len(g.Texts) > 1 {
			c.Axes = append(c.Axes, c.Text)
		}
		for k, f := range flags {
			if len(g.Flags[k].Values) > 1 {
				c.Axes = append(c.Axes, f.Values[0])
			}
		}
		c.Name = c.name(g.Axes())
		out = append(out, c)
	}
	return out
}

// name says what is special about a cell: "lstm-hidden64-seed2".
func (c Cell) name(axes []string) string {
	var parts []string
	for i, a := range axes {
		v := strings.Map(func(r rune) rune {
			if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '.' || r == '-' || r == '_' {
				return r
			}
			return '_'
		}, c.Axes[i])
		if a != "text" && a != "cell" {
			v = a + v
		}
		parts = append(parts, strings.Trim(v, "."))
	}
	name := strings.Join(parts, "-")
	if name == "" {
		return "run"
	}
	if len(name) > longestTag {
		return name[:longestTag-6] + "-" + strconv.Itoa(c.Index)
	}
	return name
}
