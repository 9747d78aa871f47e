package inspect

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/rnnscope/rnnscope/checkpoint"
	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
	"github.com/rnnscope/rnnscope/cmd/rnnscope/table"
	"github.com/rnnscope/rnnscope/finding"
	"github.com/rnnscope/rnnscope/match"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/run"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/text"
	"github.com/rnnscope/rnnscope/trace"
)

type MatchCmd struct {
	Dir   string   `arg:"" name:"run" help:"Directory of the run."`
	Input []string `arg:"" optional:"" name:"text" help:"Search another text: files, folders, globs, - or synth:NAME (default: the run's own)."`
	console.InputFlags
	console.UnknownFlag
	Passage string        `placeholder:"TEXT" xor:"source" help:"The passage that the span is marked in; \\n is a newline."`
	File    string        `placeholder:"FILE" xor:"source" help:"Read the passage from a file, or - for standard input, as it is."`
	Span    string        `placeholder:"A:B" help:"The span: symbols A to B - 1 of the passage, counted from 0."`
	At      int           `placeholder:"N" default:"-1" help:"The passage is of the searched text, from its symbol N on: places near the span are left out."`
	Units   []string      `sep:"," aliases:"unit" placeholder:"UNIT,..." help:"Match these units, as in l0.c41, instead of those most peculiar to the span."`
	Extreme int           `placeholder:"N" default:"10" help:"How many of the most peculiar units to match."`
	Beyond  *float64      `placeholder:"Q" help:"Choose as LSTMVis does: the units beyond this quantile throughout the span, and not just before and after it."`
	Off     *float64      `placeholder:"Q" help:"With --beyond: just before and after the span they must not be beyond this quantile (default: that of --beyond)."`
	Edges   string        `enum:"both,before,after,none" placeholder:"WHERE" default:"both" help:"With --beyond: where the units must be off: both, before, after or none."`
	Within  int           `placeholder:"N" default:"-1" help:"With --beyond: places are whole runs at which the units are on, at most N symbols shorter or longer than the span."`
	Right   []string      `sep:"," placeholder:"A:B,..." help:"Places of the choosing part that were called right, in symbols of the text: take the units that tell them from --wrong."`
	Wrong   []string      `sep:"," placeholder:"A:B,..." help:"Places of the choosing part that were called wrong."`
	Places  int           `placeholder:"N" default:"50" help:"How many places to find."`
	As      string        `placeholder:"CONCEPT" help:"Hold the chosen units for this concept: precision and recall."`
	Index   bool          `help:"Only build the index of all states, if it is not there."`
	Refine  bool          `help:"Search the part of the text that things are chosen on, as often as you like, without a null; looks at the other part are counted."`
	Draws   int           `placeholder:"N" default:"1000" help:"Random spans of the null; 0: none."`
	Show    int           `placeholder:"N" default:"12" help:"Places to print."`
	Step    int64         `placeholder:"N" default:"-1" help:"Use the weights of this training step (default: the newest)."`
	Workers console.Cores `placeholder:"N" help:"Cores to use (default: all); no result depends on it."`
}

func (MatchCmd) Help() string {
	return `Mark a span of a passage. The units that are most peculiar there are found, then the places of text on which nothing was
chosen where these units are most alike, then what the places share: concepts and n-grams at their start, inside and end. What they share
is held against what the places of random spans share, of the same length and last character; a random span's
places share something, too. An index of all states is built once and kept in the run.

Examples:

  rnnscope match my-run --passage 'see http://a.org/b now' --span 4:11
  rnnscope match my-run --passage 'He said, "Go."' --span 10:13 --as in-quote
  rnnscope match my-run --file page.txt --span 120:140 --beyond .9 --off .7 --within 5 --refine
  rnnscope match my-run --file page.txt --span 120:140 --right 90210:90230,95100:95120 --wrong 93000:93020 --refine`
}

func (c *MatchCmd) Run(ctx context.Context, s *console.Session) error {
	lo, hi, err := c.check()
	if err != nil {
		return err
	}
	r, err := console.OpenKeeper(s, c.Dir)
	if err != nil {
		return err
	}
	defer s.Close(r)
	ck, err := console.Weights(s, r, c.Step)
	if err != nil {
		return err
	}
	sp, err := c.Specimen(ctx, s, r, ck, console.TextRequest{Verb: "match", Inputs: c.Input, Unknown: c.UnknownFlag})
	if err != nil {
		return err
	}
	defer sp.Close()
	if c.Index {
		return c.build(ctx, s, r, sp)
	}
	q, span, err := c.query(ctx, s, r, ck, lo, hi)
	if err != nil {
		return err
	}
	if err := c.standsThere(sp, lo, span); err != nil {
		return err
	}
	x, err := indexOf(ctx, s, r, sp, int(c.Workers))
	if err != nil {
		return err
	}
	defer x.Close()
	result, err := c.search(ctx, s, sp, x, q)
	if err != nil {
		return err
	}
	result.Span = ck.Alphabet.ShowString(span)
	if !c.Refine {
		if err := keepLook(s, r, sp.Subject(), result); err != nil {
			return err
		}
	}
	if s.JSON {
		return s.PrintJSON(result)
	}
	return table.Match(s.Console.Stdout, result, c.Show)
}

// build makes the index and says what it holds.
func (c *MatchCmd) build(ctx context.Context, s *console.Session, r *run.Run, sp *specimen.Specimen) error {
	x, err := indexOf(ctx, s, r, sp, int(c.Workers))
	if err != nil {
		return err
	}
	defer x.Close()
	if s.JSON {
		return s.PrintJSON(IndexAnswer{x.Subject, x.Rows, len(x.Units())})
	}
	_, err = fmt.Fprintf(s.Console.Stdout, "index of %s: %s symbols, %s\n", x.Subject, table.Grouped(x.Rows), table.Several(len(x.Units()), "unit"))
	return err
}

// IndexAnswer is the answer of --index.
type IndexAnswer struct {
	Subject finding.Subject `json:"subject"`
	Symbols int             `json:"symbols"`
	Units   int             `json:"units"`
}

// check reads the span and refuses what cannot be meant.
func (c *MatchCmd) check() (lo, hi int, err error) {
	if c.Index {
		return 0, 0, nil
	}
	if lo, hi, err = console.ReadSpan("--span", c.Span); err != nil {
		return 0, 0, err
	}
	ways := 0
	for _, asked := range []bool{c.Beyond != nil, len(c.Units) > 0, len(c.Right)+len(c.Wrong) > 0} {
		if asked {
			ways++
		}
	}
	switch {
	case c.Passage == "" && c.File == "":
		return 0, 0, console.Misusef("no passage to mark a span in: give --passage or --file")
	case c.Beyond != nil && !(*c.Beyond > .5 && *c.Beyond < 1):
		return 0, 0, console.Misusef("--beyond %v: want a quantile above .5 and below 1", *c.Beyond)
	case ways > 1:
		return 0, 0, console.Misusef("--units, --beyond and --right with --wrong exclude each other")
	case c.Beyond == nil && (c.Off != nil || c.Within >= 0 || c.Edges != "both"):
		return 0, 0, console.Misusef("--off, --edges and --within belong to --beyond")
	case c.Off != nil && !(*c.Off >= .5 && *c.Off <= *c.Beyond):
		return 0, 0, console.Misusef("--off %v: want a quantile from .5 to %v, where --beyond begins", *c.Off, *c.Beyond)
	case c.Extreme < 1 || c.Places < 1:
		return 0, 0, console.Misusef("--extreme %d --places %d: want at least 1 of each", c.Extreme, c.Places)
	case c.Draws < 0 || c.Show < 0:
		return 0, 0, console.Misusef("--draws %d --show %d: want 0 or more", c.Draws, c.Show)
	}
	return lo, hi, nil
}

// query reads the passage with the network; span is the symbols marked.
func (c *MatchCmd) query(ctx context.Context, s *console.Session, r *run.Run, ck *checkpoint.Checkpoint, lo, hi int) (q match.Query, span []int32, err error) {
	q = match.Query{Extreme: c.Extreme, Places: c.Places, Refine: c.Refine, Meaning: c.As, Draws: c.Draws, Seed: r.Info().Seed}
	if c.Draws == 0 {
		q.Draws = -1
	}
	if err := c.chosenBy(&q, ck.Model); err != nil {
		return q, nil, err
	}
	if c.At >= 0 {
		q.Out = text.Span{Lo: c.At + lo, Hi: c.At + hi}
	}
	passage := []byte(console.Unescape(c.Passage))
	if c.File != "" {
		if passage, err = console.ReadFile(ctx, s, c.File, longestMarked); err != nil {
			return q, nil, err
		}
	}
	ids, err := ck.Alphabet.Encode(passage, c.UnknownFlag.Policy())
	if err != nil {
		return q, nil, err
	}
	if hi > len(ids) {
		return q, nil, console.Misusef("--span %s: the passage has %d symbols", c.Span, len(ids))
	}
	ids = ids[:min(len(ids), hi+1)] // one behind it, for --beyond
	q.Passage, q.Last = match.Passage{Lo: lo, Hi: hi}, ids[hi-1]
	q.States, err = statesOver(ctx, s, ck.Model, ids)
	return q, ids[lo:hi], err
}

// standsThere refuses an --at at which the searched text has something else than the span.
func (c *MatchCmd) standsThere(sp *specimen.Specimen, lo int, span []int32) error {
	if c.At < 0 || sp.Text.Source == nil {
		return nil
	}
	length, from := sp.Text.Source.Len(), c.At+lo
	if c.At > length || from+len(span) > length {
		return console.Misusef("--at %d: the span would end behind the text, which has %d symbols", c.At, length)
	}
	there := make([]int32, len(span))
	if err := sp.Text.Source.Read(there, from); err != nil {
		return err
	}
	if !slices.Equal(there, span) {
		return console.Misusef("--at %d: the text has %q where the passage has %q", c.At, sp.Alphabet.Decode(there), sp.Alphabet.Decode(span))
	}
	return nil
}

// chosenBy says how units are to be chosen.
func (c *MatchCmd) chosenBy(q *match.Query, m *rnn.Model) error {
	if c.Beyond != nil {
		off := 0.0
		if c.Off != nil {
			off = *c.Off
		}
		q.Rule = &match.Rule{
			Quantile: *c.Beyond, Off: off, Before: c.Edges == "both" || c.Edges == "before", After: c.Edges == "both" || c.Edges == "after",
			Runs: c.Within >= 0, Tolerance: max(0, c.Within),
		}
	}
	for _, name := range c.Units {
		u, err := m.ParseUnit(name)
		if err != nil {
			return console.AsMisuse(err)
		}
		q.Units = append(q.Units, u)
	}
	if len(c.Right)+len(c.Wrong) == 0 {
		return nil
	}
	q.Marks = &match.Marks{}
	for flag, list := range map[string][]string{"--right": c.Right, "--wrong": c.Wrong} {
		for _, one := range list {
			lo, hi, err := console.ReadSpan(flag, one)
			if err != nil {
				return err
			}
			to := &q.Marks.Right
			if flag == "--wrong" {
				to = &q.Marks.Wrong
			}
			*to = append(*to, text.Span{Lo: lo, Hi: hi})
		}
	}
	for _, r := range q.Marks.Right {
		if slices.ContainsFunc(q.Marks.Wrong, func(w text.Span) bool { return r.Lo < w.Hi && w.Lo < r.Hi }) {
			return console.Misusef("%d:%d is called right and wrong", r.Lo, r.Hi)
		}
	}
	return nil
}

// longestMarked is how many bytes of a passage are read.
const longestMarked = 1 << 20

// statesOver are the states of a network over a passage, read from its first symbol: rows of all state sites, one after another.
func statesOver(ctx context.Context, s *console.Session, m *rnn.Model, ids []int32) ([][]float32, error) {
	live, err := trace.NewLive(m, nil, 0)
	if err != nil {
		return nil, err
	}
	if _, err := live.Set(ids); err != nil {
		return nil, err
	}
	for live.Read() < live.Len() {
		if _, _, err := live.Next(ctx, live.Len()); err != nil {
			return nil, err
		}
	}
	h := m.Config().Hidden
	rows := make([][]float32, len(ids))
	for _, site := range m.Config().StateSites() {
		values := live.Values(site)
		for t := range rows {
			rows[t] = append(rows[t], values[t*h:(t+1)*h]...)
		}
	}
	return rows, nil
}

// indexOf opens the run's index of a subject, and builds it first where there is none. A run that cannot be written gets one that is gone
// with the command.
func indexOf(ctx context.Context, s *console.Session, r *run.Run, sp *specimen.Specimen, workers int) (*match.Index, error) {
	subject := sp.Subject()
	path := match.Path(r.Dir(), subject)
	dir := filepath.Dir(path)
	if x, err := match.Open(path, subject); err == nil {
		return x, nil
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		if !errors.Is(err, fs.ErrPermission) {
			return nil, err
		}
		if dir, err = os.MkdirTemp("", "rnnscope-index"); err != nil {
			return nil, err
		}
		defer os.RemoveAll(dir) // an open file stays readable
		path = filepath.Join(dir, filepath.Base(path))
	}
	bar := s.Note.Progress("index of all states", "value", 0)
	defer bar.Done()
	if err := match.Build(ctx, sp, path, workers, func(done, total int64) { bar.Of(done, total) }); err != nil {
		return nil, err
	}
	return match.Open(path, subject)
}

// search looks for the places of a query and for what they share.
func (c *MatchCmd) search(ctx context.Context, s *console.Session, sp *specimen.Specimen, x *match.Index, q match.Query) (*match.Result, error) {
	concepts, err := console.ConceptFlags{}.Choose(ctx, func() (text.Original, error) { return console.OriginalOf(ctx, sp.Text.Source) })
	if err != nil {
		return nil, err
	}
	bar := s.Note.Progress("labels of the text", "symbol", 0)
	defer func() { bar.Done() }()
	spans := sync.OnceFunc(func() {
		bar.Done()
		bar = s.Note.Progress("random spans", "span", int64(q.Draws))
	})
	return match.Run(ctx, sp, x, q, match.Options{
		Concepts: concepts, Workers: int(c.Workers), Version: console.ProgramVersion(), Labels: func(done, total int64) { bar.Of(done, total) },
		Tell: func(done, total int64) { spans(); bar.Of(done, total) },
	})
}

// keepLook stores a match and counts it among the looks at this text.
func keepLook(s *console.Session, r *run.Run, subject finding.Subject, result *match.Result) error {
	var seen match.LookCount
	if err := r.ViewOf(subject, match.LookCountViewName, &seen); err != nil && !errors.Is(err, run.ErrNoView) {
		return err
	}
	seen.Looks++
	result.Looks = seen.Looks
	s.Keep(r, errors.Join(r.PutView(subject, match.LookCountViewName, seen), r.PutView(subject, match.ViewName, result)))
	return nil
}
