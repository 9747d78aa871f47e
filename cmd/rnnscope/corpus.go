package main

import (
	"bufio"
	"context"
	"fmt"
	"sort"
	"strings"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
	"github.com/rnnscope/rnnscope/cmd/rnnscope/table"
	"github.com/rnnscope/rnnscope/synth"
	"github.com/rnnscope/rnnscope/text"
)

type corpusCmd struct {
	Synth    corpusSynthCmd    `cmd:"" help:"Write a built-in corpus, or its ground-truth labels, to standard output."`
	Concepts corpusConceptsCmd `cmd:"" help:"Say which concepts are rules for a text, and show places of one."`
	Stat     corpusStatCmd     `cmd:"" help:"Describe a text: size, alphabet, split, and what n-gram models reach on it."`
}

type corpusSynthCmd struct {
	Name   string `arg:"" help:"One of: ${synth_names}."`
	Size   int    `short:"n" placeholder:"N" default:"${synth_size}" help:"Characters, at least."`
	Seed   uint64 `placeholder:"N" default:"1" help:"Same seed, same text."`
	Quotes string `enum:"mixed,straight,curly" default:"mixed" help:"novel: quotation marks, one of ${enum}."`
	Kinds  int    `placeholder:"N" default:"0" help:"dyck, dyck-shuffled: kinds of brackets, 1 to 4 (default 3; 2)."`
	Depth  int    `placeholder:"N" default:"0" help:"dyck and the nested languages: greatest depth (default 8; 4, straight marks 1, alternating 2); counting: largest n (default 20)."`
	Length int    `placeholder:"N" default:"0" help:"dyck: characters between line ends (default 60)."`

	Gap    int     `placeholder:"N" default:"0" help:"Nested languages: most filler between two marks (default 10; -1: none)."`
	Filler string  `placeholder:"LETTERS" help:"Nested languages: characters of the filler (default abcdefgh)."`
	Broken float64 `placeholder:"SHARE" default:"0" help:"Nested languages: share of lines from which one mark is missing (default 0; quotes-broken .3)."`
}

func (corpusSynthCmd) Help() string {
	return `Examples:

  rnnscope corpus synth novel > novel.txt
  rnnscope corpus synth dyck --kinds 2 --depth 12 --length 200 -n 50000 > dyck.txt
  rnnscope corpus synth quotes-corner --depth 6 --gap 40 --broken .1 > quotes.txt
  rnnscope corpus synth wiki -n 2000 --json     text and labels, one value a character`
}

// synthJSON is the answer of corpus synth --json.
type synthJSON struct {
	Name     string             `json:"name"`
	Seed     uint64             `json:"seed"`
	Text     string             `json:"text"`
	Labels   map[string][]int16 `json:"labels"` // by concept, one value a code point of Text
	Sections []synth.Section    `json:"sections"`
}

func (c *corpusSynthCmd) Run(s *console.Session) error {
	opt := synth.Options{Quotes: synth.QuoteStyle(c.Quotes), Kinds: c.Kinds, Depth: c.Depth, Length: c.Length, Gap: c.Gap, Filler: c.Filler, Broken: c.Broken}
	t, err := synth.Generate(c.Name, c.Size, console.NewRand(c.Seed, 0), opt)
	if err != nil {
		return err
	}
	if s.JSON {
		return s.PrintJSON(synthJSON{t.Name, c.Seed, t.S, t.Labels, t.Bounds})
	}
	w := bufio.NewWriter(written(s))
	if _, err := w.WriteString(t.S); err != nil {
		return err
	}
	return w.Flush()
}

type corpusStatCmd struct {
	Input []string `arg:"" help:"Files, folders, globs, - or synth:NAME."`
	Order int      `placeholder:"N" default:"10" help:"n-gram models of order 1 to N are counted on the training part; 0: none (a model takes about 30 bytes a character, 100 at worst)."`
	console.InputFlags
	Split []string `placeholder:"TRAIN,VALIDATION" help:"Shares of the text for training and validation, in percent; the rest, its tail, is test (default 80,10). With streams before them, as in streams,80,10, each of --batch streams is split so, as train --split does."`
	Batch int      `placeholder:"B" default:"0" help:"With --split streams: how many streams, the batch size of the training it stands beside."`
}

func (corpusStatCmd) Help() string {
	return `Beside size, alphabet and split it prints the loss of n-gram models on the validation and test parts, which a network that remembers
should beat, and the share of 40-character windows of those parts that stand in the training part word for word.

Examples:

  rnnscope corpus stat novel.txt
  zcat texts/*.gz | rnnscope corpus stat -
  rnnscope corpus stat novel.txt --split streams,80,10 --batch 100
  rnnscope corpus stat synth:mixed --json`
}

// symbolCount is one symbol of a text and how often it stands there.
type symbolCount struct {
	Symbol string `json:"symbol"`
	Count  int    `json:"count"`
}

// corpusStat is the answer of corpus stat.
type corpusStat struct {
	Name     string        `json:"name"`
	Sources  []string      `json:"sources"`
	SHA256   string        `json:"sha256"`
	Bytes    int           `json:"bytes"`
	Symbols  int           `json:"symbols"`
	Alphabet int           `json:"alphabet"`
	Lines    int           `json:"lines"`
	Split    text.Split    `json:"split"`
	NGram    *baseline     `json:"ngram,omitempty"`
	Repeats  repeats       `json:"repeated_windows"`
	Counts   []symbolCount `json:"counts"` // most frequent first
}

func (c *corpusStatCmd) Run(ctx context.Context, s *console.Session) error {
	if _, streams := ofStreams(c.Split); streams != (c.Batch > 0) {
		return console.Misusef("--split streams and --batch B belong together: each of B streams is split")
	}
	corpus, err := c.Read(ctx, s, c.Input)
	if err != nil {
		return err
	}
	before := len(corpus.Notes)
	corpus, split, err := splitText(corpus, c.Split, c.Batch)
	if err != nil {
		return err
	}
	for _, note := range corpus.Notes[before:] {
		s.Note.Printf("%s", note)
	}
	st := corpusStat{
		Name: corpus.Name, Sources: corpus.Sources, SHA256: corpus.SHA256,
		Bytes: len(corpus.Raw), Symbols: len(corpus.IDs), Alphabet: corpus.Alphabet.Size(),
		Lines: strings.Count(string(corpus.Raw), "\n"), Split: split, Counts: countSymbols(corpus),
	}
	st.Repeats = countRepeats(corpus, split)
	if c.Order != 0 {
		if st.NGram, err = ngramBaseline(corpus, split, c.Order); err != nil {
			return err
		}
	}
	if s.JSON {
		return s.PrintJSON(st)
	}
	return st.print(s)
}

func countSymbols(c *text.Corpus) []symbolCount {
	counts := make([]symbolCount, c.Alphabet.Size())
	for i := range counts {
		counts[i].Symbol = c.Alphabet.Visible(int32(i))
	}
	for _, id := range c.IDs {
		counts[id].Count++
	}
	sort.SliceStable(counts, func(i, j int) bool { return counts[i].Count > counts[j].Count })
	return counts
}

// mostShown is how many symbols the plain table names.
const mostShown = 40

func (st corpusStat) print(s *console.Session) error {
	var b strings.Builder
	row := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "%-10s %s\n", name, fmt.Sprintf(format, args...))
	}
	row("text", "%s", st.Name)
	row("sha256", "%s", st.SHA256)
	row("size", "%s, %s, %s", table.Several(st.Symbols, "character"), table.Several(st.Bytes, "byte"), table.Several(st.Lines, "line"))
	row("alphabet", "%d symbols", st.Alphabet)
	row("split", "%s: train %s, validation %s, test %s", st.Split.Name,
		table.Grouped(st.Split.Train.Len()), table.Grouped(st.Split.Val.Len()), table.Grouped(st.Split.Test.Len()))
	row("repeated", "%s %% of the %s held-out windows of %d characters occur in the training part",
		table.Fixed(100*float64(st.Repeats.Share), 2), table.Grouped(st.Repeats.HeldOut), st.Repeats.Window)
	if st.NGram != nil {
		b.WriteString(st.NGram.table())
	}
	b.WriteString("most frequent\n")
	shown := st.Counts[:min(mostShown, len(st.Counts))]
	for i, c := range shown {
		fmt.Fprintf(&b, "  %s%s %9s", c.Symbol, strings.Repeat(" ", max(0, 2-text.Width(c.Symbol))), table.Grouped(c.Count))
		if i%5 == 4 || i == len(shown)-1 {
			b.WriteByte('\n')
		}
	}
	_, err := s.Console.Stdout.Write([]byte(b.String()))
	return err
}
