package main

import (
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
)

// heed says under what circumstances a command heeds some of its flags and arguments. Elsewhere
// they are refused, in words that say what to do: a flag without effect is a mistake that nobody
// is told of. A flag that stands in no heed of its command always counts.
type heed struct {
	flags []string // "run" and "text" are arguments
	when  func(c typed) bool
	says  string // after "--flag "
}

func with(names ...string) func(c typed) bool {
	return func(c typed) bool { return c.any(names...) != "" }
}

func without(names ...string) func(c typed) bool {
	return func(c typed) bool { return c.any(names...) == "" }
}

// holds is true where a flag has one of the values.
func holds(name string, values ...string) func(c typed) bool {
	return func(c typed) bool { return slices.Contains(values, c.value(name)) }
}

func fails(name string, values ...string) func(c typed) bool {
	return func(c typed) bool { return !slices.Contains(values, c.value(name)) }
}

// writes is true where the corpus has a name that begins with one of the words.
func writes(words ...string) func(c typed) bool {
	return func(c typed) bool {
		return slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(c.argument("name"), w) })
	}
}

// matchesUnits is true without --no-match.
func matchesUnits(c typed) bool {
	return !slices.ContainsFunc(c.given, func(f *kong.Flag) bool { return f.Name == "match" && !f.Target.Bool() })
}

var (
	ofTexts  = []string{"bytes", "min-count", "synth-size", "synth-seed", "unknown"}
	ofNested = []string{"quotes-", "dyck-shuffled", "counting"}
)

// unknownOfText: characters that the alphabet lacks can only stand in a text from elsewhere.
var unknownOfText = heed{[]string{"unknown"}, func(c typed) bool { return len(c.inputs) > 0 || c.any("states", "experiment") != "" }, "is for another text, and none is named"}

// heeds is the table, by command.
var heeds = map[string][]heed{
	"corpus synth": {
		{[]string{"quotes"}, writes("novel", "mixed"), "is how a novel writes quotations: leave it out"},
		{[]string{"kinds"}, writes("dyck"), "is of the bracket languages, dyck and dyck-shuffled: leave it out"},
		{[]string{"depth"}, writes("dyck", "quotes-", "counting"), "is of the nested languages and of counting: leave it out"},
		{[]string{"length"}, func(c typed) bool { return c.argument("name") == "dyck" }, "is of dyck: leave it out"},
		{[]string{"gap", "filler", "broken"}, writes(ofNested[:2]...), "is of the nested languages, quotes-straight to quotes-broken and dyck-shuffled: leave it out"},
	},
	"corpus concepts": {
		{[]string{"bytes", "min-count"}, func(typed) bool { return false }, "says what symbols a network reads, and labels are made on characters: leave it out"},
		{[]string{"n", "seed"}, with("places"), "says which places are shown: give --places CONCEPT"},
		{[]string{"reading"}, without("places"), "holds labels against places that were read, and --places shows some to read: leave one out"},
	},
	"train": {
		{[]string{"min-count"}, without("bytes"), "makes one symbol of rare characters, and with --bytes there are none: leave one out"},
	},
	"sample": {
		{[]string{"seed"}, without("greedy"), "draws characters, and --greedy takes the likeliest: leave one out"},
		{[]string{"unknown"}, with("prompt", "prompt-file"), "is for a prompt, and none is given"},
	},
	"evolution": {
		{[]string{"steps"}, without("all"), "and --all both say which snapshots are printed: leave one out"},
	},
	"dissect": {
		unknownOfText,
		{[]string{"shard", "slurm"}, without("states", "matrix"), "parts a dissection of a network: leave out --states and --matrix"},
		{[]string{"round", "plan"}, with("shard"), "is for --shard"},
		{[]string{"requeue-code"}, with("shard", "slurm"), "is for --shard and --slurm"},
		{append([]string{"text", "sites", "untrained", "concepts", "concept", "labels", "samples", "step"}, ofTexts...), without("plan"), "was settled when the dissection of --plan was begun: leave it out"},
		{[]string{"details"}, without("shard", "slurm"), "is about what is printed in the end: give it to rnnscope merge"},
	},
	"atlas": {
		{[]string{"source", "concepts", "sites", "units", "metric", "least", "causal", "text", "step", "every", "export", "run"}, without("metrics"),
			"is about what a run holds, and --metrics lists what every metric means: leave one out"},
		{[]string{"text", "step"}, without("every"), "chooses one subject, and --every shows all: leave one out"},
	},
	"calibrate": {
		{[]string{"hidden", "untrained", "domain"}, without("curves"), "is about networks, and --curves simulates learning curves alone: leave it out"},
		{[]string{"untrained"}, without("null-only"), "networks are behind the verdict learned, which --null-only leaves out"},
		{[]string{"null-only", "domain"}, without("detect"), "is about the null, and --detect plants units: leave one out"},
	},
	"match": {
		{[]string{"passage", "file", "span", "at", "units", "extreme", "beyond", "off", "edges", "within", "right", "wrong", "places", "as", "refine", "draws", "show"}, without("index"),
			"searches, and --index only builds what is searched: leave one out"},
		{[]string{"draws"}, without("refine"), "random spans are the null, and --refine searches without one: leave one out"},
		{[]string{"extreme"}, without("units", "beyond"), "says how many units are taken, and --units and --beyond name them otherwise: leave one out"},
	},
	"memory": {
		unknownOfText,
		{[]string{"delays", "delay-hidden", "delay-steps", "delay-seed"}, holds("experiment", "delays"), "is for --experiment delays"},
		{[]string{"run", "text", "kinds", "pairs", "suites", "at", "order", "step", "bytes", "min-count", "synth-size", "synth-seed", "unknown"}, holds("experiment", ""),
			"is about a run, and --experiment trains networks of its own: leave one out"},
	},
	"explain": {
		unknownOfText,
		{[]string{"seeds"}, fails("experiment", ""), "is for --experiment"},
		{[]string{"times"}, holds("experiment", "directions"), "is for --experiment directions"},
		{[]string{"run", "text", "step", "untrained", "sites", "units", "again", "table"}, fails("experiment", "planted"), "is about a run, and --experiment planted makes its own: leave one out"},
		{[]string{"again"}, with("units"), "measures units of --units anew; without --units everything is"},
		{[]string{"sites"}, without("units"), "and --units both say what is explained: leave one out"},
		{[]string{"show"}, without("units", "table"), "says how many units are listed: leave it out"},
	},
	"quotes": {
		unknownOfText,
		{[]string{"out", "only", "lang", "networks", "iterations", "workers"}, with("experiment"), "is for --experiment"},
		{append([]string{"run", "text", "marks", "step", "growth"}, ofTexts...), without("experiment"), "is about a run, and --experiment trains networks of its own: leave one out"},
	},
	"errors": {unknownOfText},
	"ablate": {
		{[]string{"seed"}, with("steer", "groups", "calibrate"), "draws samples and groups, for --steer, --groups and --calibrate; a verdict has seeds of its own"},
		unknownOfText,
		{[]string{"top"}, without("units", "groups", "calibrate"), "says how many of a concept's best units are asked: leave it out beside --units, --groups and --calibrate"},
	},
	"patch": {
		{[]string{"right"}, without("pairs"), "is the answer to --clean, and the file of --pairs has its own"},
	},
	"compare": {
		unknownOfText,
		{append([]string{"text", "characters", "untrained", "workers"}, ofTexts...), matchesUnits, "says how units are matched, and --no-match matches none: leave one out"},
		{[]string{"lang"}, with("out"), "is the language of the page: give --out DIR"},
	},
	"serve": {
		{[]string{"addr", "port", "write", "name", "for", "token"}, without("export"), "says how the page is served, and --export writes a copy instead: leave one out"},
	},
	"sweep": {
		{[]string{"requeue-code"}, with("task", "slurm"), "is for jobs of a cluster: give --task or --slurm"},
	},
}

// unheeded refuses flags and arguments by the table.
func (c typed) unheeded() error {
	for _, h := range heeds[c.command] {
		if h.when(c) {
			continue
		}
		for _, name := range h.flags {
			switch {
			case c.flags[name]:
				return console.Misusef("--%s %s", name, h.says)
			case name == "run" && c.argument("run") != "":
				return console.Misusef("%s %s", c.argument("run"), h.says)
			case name == "text" && len(c.inputs) > 0:
				return console.Misusef("%s %s", c.inputs[0], h.says)
			}
		}
	}
	return nil
}

// argument is what a positional argument of one word holds.
func (c typed) argument(name string) string {
	for _, p := range c.node.Positional {
		if p.Name == name && p.Target.Kind().String() == "string" {
			return p.Target.String()
		}
	}
	return ""
}
