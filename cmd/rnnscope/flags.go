package main

import (
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
)

// heedless refuses flags that a command line gives and the command would not heed. What is
// refused with reason by the command itself, or excluded by kong's xor, is not repeated here.
func heedless(parsed *kong.Context) error {
	node := parsed.Selected()
	if node == nil {
		return nil
	}
	c := typed{node: node, command: command(node), words: parsed.Args, flags: map[string]bool{}}
	for _, p := range parsed.Path {
		if p.Flag != nil {
			c.flags[p.Flag.Name] = true
			c.given = append(c.given, p.Flag)
			if words, ok := p.Flag.Target.Interface().([]string); ok && p.Flag.Name == "text" {
				c.inputs = words
			}
		}
	}
	for _, p := range node.Positional {
		if words, ok := p.Target.Interface().([]string); ok && p.Name != "run" {
			c.inputs = append(c.inputs, words...)
		}
		c.onRun = c.onRun || p.Name == "run"
	}
	for _, rule := range []func() error{c.empty, c.lastComma, c.twice, c.negative, c.generated, c.alphabet, c.picture, c.drawing, c.training, c.unheeded} {
		if err := rule(); err != nil {
			return err
		}
	}
	return nil
}

// typed is a command line: the command, the flags it was given and the texts it names.
type typed struct {
	node    *kong.Node
	command string   // its words
	words   []string // of the whole line
	flags   map[string]bool
	given   []*kong.Flag
	inputs  []string
	onRun   bool // the command opens a run, whose alphabet reads the texts
}

// command is the words that name a command, as in "corpus synth".
func command(node *kong.Node) string {
	if node == nil || node.Type != kong.CommandNode {
		return ""
	}
	return strings.TrimSpace(command(node.Parent) + " " + node.Name)
}

// any returns the first of names that was given, "" if none was.
func (c typed) any(names ...string) string {
	for _, name := range names {
		if c.flags[name] {
			return name
		}
	}
	return ""
}

// value is what a flag of the command holds as text.
func (c typed) value(name string) string {
	for _, f := range c.node.Flags {
		if f.Name == name {
			v := f.Target
			for v.Kind().String() == "ptr" {
				if v.IsNil() {
					return ""
				}
				v = v.Elem()
			}
			return strings.TrimSpace(v.String())
		}
	}
	return ""
}

// empty refuses a flag with nothing behind it, or with nothing between two commas, as a script gives whose
// variable is not set: it would count as left out. A prompt and a passage may be empty.
func (c typed) empty() error {
	for _, f := range c.given {
		if f.Name == "prompt" || f.Name == "passage" {
			continue
		}
		v := f.Target
		for v.Kind() == reflect.Pointer && !v.IsNil() {
			v = v.Elem()
		}
		switch v.Kind() {
		case reflect.String, reflect.Slice:
			if v.Len() == 0 {
				return console.Misusef("--%s is empty: name something, or leave it out", f.Name)
			}
		}
		if words, ok := v.Interface().([]string); ok && slices.ContainsFunc(words, func(w string) bool { return strings.TrimSpace(w) == "" }) {
			return console.Misusef("--%s: a name is empty in %q", f.Name, strings.Join(words, ","))
		}
	}
	return nil
}

// lastComma refuses a list with nothing behind its last comma, which the parser drops.
func (c typed) lastComma() error {
	for i, word := range c.words {
		if word == "--" {
			break
		}
		name, value, joined := strings.Cut(word, "=")
		if !joined && i+1 < len(c.words) {
			value = c.words[i+1]
		}
		for _, f := range c.given {
			named := name == "--"+f.Name || slices.ContainsFunc(f.Aliases, func(a string) bool { return name == "--"+a })
			if list := f.Target.Kind() == reflect.Slice && f.Tag.Sep == ','; named && list && strings.HasSuffix(value, ",") && !strings.HasSuffix(value, `\,`) {
				return console.Misusef("--%s: a name is empty in %q, behind its last comma", f.Name, value)
			}
		}
	}
	return nil
}

// twice refuses a flag that holds one value and is given two: one would be dropped in silence.
func (c typed) twice() error {
	seen := map[*kong.Flag]bool{}
	for _, f := range c.given {
		if seen[f] && f.Target.Kind() != reflect.Slice && !f.IsBool() {
			return console.Misusef("--%s is given twice, and it takes one value", f.Name)
		}
		seen[f] = true
	}
	return nil
}

// saidByCommand are flags of which their command says more than that they count.
var saidByCommand = []string{"unit", "slurm", "untrained"}

// negative refuses a number below 0: all whole numbers count or name something. A -1 that stands for
// none being given is as good as none.
func (c typed) negative() error {
	if c.command == "calibrate" {
		return nil // has more to say
	}
	for _, f := range c.given {
		v := f.Target
		for v.Kind() == reflect.Pointer && !v.IsNil() {
			v = v.Elem()
		}
		if v.Kind() != reflect.Slice {
			if v.CanInt() && v.Type() != reflect.TypeFor[time.Duration]() && v.Int() < 0 && !slices.Contains(saidByCommand, f.Name) && !(v.Int() == -1 && f.Default == "-1") {
				return console.Misusef("--%s %d: want 0 or more", f.Name, v.Int())
			}
			continue
		}
		for i := range v.Len() {
			if one := v.Index(i); one.CanInt() && one.Int() < 0 {
				return console.Misusef("--%s %d: want 0 or more", f.Name, one.Int())
			}
		}
	}
	return nil
}

func (c typed) generated() error {
	name := c.any("synth-size", "synth-seed")
	if name == "" || c.node.Name == "demo" {
		return nil
	}
	for _, in := range c.inputs {
		if strings.HasPrefix(in, console.SynthPrefix) {
			return nil
		}
	}
	return console.Misusef("--%s is for a text that is generated, synth:NAME, and none is named", name)
}

func (c typed) alphabet() error {
	if name := c.any("bytes", "min-count"); name != "" && c.onRun {
		return console.Misusef("--%s says how a text becomes symbols, which the network's own alphabet settles: leave it out", name)
	}
	return nil
}

func (c typed) picture() error {
	if c.node.Name != "trace" {
		return nil
	}
	switch filepath.Ext(c.value("out")) {
	case ".svg", ".png", ".pdf":
		return nil
	}
	if name := c.any("units", "from"); name != "" {
		return console.Misusef("--%s says what a heatmap shows: write one with --out FILE.svg, .png or .pdf; tables and arrays hold every unit of --sites", name)
	}
	return nil
}

func (c typed) drawing() error {
	if c.node.Name != "sample" {
		return nil
	}
	if name := c.any("temperature", "top-k", "top-p"); name != "" && c.flags["greedy"] {
		return console.Misusef("--greedy takes the likeliest character: leave out --%s", name)
	}
	return nil
}

func (c typed) training() error {
	if name := c.any("lr-factor", "lr-after", "lr-every"); name != "" {
		if s := c.value("schedule"); s == "constant" || s == "cosine" || s == "" && !strings.HasPrefix(c.value("preset"), "char-rnn") && c.node.Name == "train" {
			return console.Misusef("--%s is of the step schedules: give --schedule step or step-epochs", name)
		}
	}
	if c.flags["clip-at"] && c.value("clip") == "none" {
		return console.Misusef("--clip-at says where gradients are clipped, and --clip none clips none")
	}
	return nil
}
