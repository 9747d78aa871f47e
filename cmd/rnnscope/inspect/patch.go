package inspect

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/rnnscope/rnnscope/checkpoint"
	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
	"github.com/rnnscope/rnnscope/cmd/rnnscope/table"
	"github.com/rnnscope/rnnscope/finding"
	"github.com/rnnscope/rnnscope/internal/durable"
	"github.com/rnnscope/rnnscope/intervene"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/run"
	"github.com/rnnscope/rnnscope/text"
)

type PatchCmd struct {
	Dir     string        `arg:"" name:"run" help:"Directory of the run."`
	Clean   string        `placeholder:"TEXT" help:"A text; \\n is a newline."`
	Corrupt string        `placeholder:"TEXT" help:"A text of the same length that differs in what decides."`
	Right   string        `placeholder:"CHAR" help:"The character that is right after the clean text (default: the network's first choice there)."`
	At      int           `placeholder:"N" help:"Exchange states after the N-th character (default: the last one that differs)."`
	Pairs   string        `type:"path" placeholder:"FILE" help:"Many pairs: JSON lines with clean, corrupt and, if wanted, right and at."`
	Sites   []string      `placeholder:"SITE,..." help:"Sites to exchange, as in l0.c (default: h of every layer, and c of an LSTM)."`
	Top     int           `placeholder:"N" default:"10" help:"Units to print."`
	Step    int64         `placeholder:"N" default:"-1" help:"Use the weights of this training step (default: the newest)."`
	Workers console.Cores `placeholder:"N" help:"Cores to use (default: all); no result depends on it."`
	console.UnknownFlag
}

func (PatchCmd) Help() string {
	return `Which units carry the answer from one text to the other? After one character the state of the clean run is put into the corrupt one,
whole, site by site and unit by unit, and the other way round. LD is the logit of the right character less the best other's.

Examples:

  rnnscope patch my-run --clean 'He said, "I do' --corrupt 'He said, XI do' --right '"'
  rnnscope patch my-run --clean '(a, b' --corrupt '[a, b' --json
  rnnscope patch my-run --pairs pairs.jsonl --sites l0.c`
}

func (c *PatchCmd) Run(ctx context.Context, s *console.Session) error {
	if c.Top < 0 || c.At < 0 {
		return console.Misusef("--top %d --at %d: want 0 or more", c.Top, c.At)
	}
	r, ck, err := console.OpenNetwork(s, c.Dir, c.Step)
	if err != nil {
		return err
	}
	defer s.Close(r)
	pairs, err := c.pairs(ctx, s)
	if err != nil {
		return err
	}
	bar := s.Note.Progress("patching", "exchange", 0)
	result, err := intervene.PatchTexts(ctx, ck.Model, ck.Alphabet, pairs, intervene.PatchOptions{Sites: c.Sites, Unknown: c.Policy(), Workers: int(c.Workers)}, bar.Of)
	bar.Done()
	if errors.Is(err, intervene.ErrPair) && c.Pairs == "" {
		return console.AsMisuse(err)
	}
	if err != nil {
		return err
	}
	s.Store(r, patched(ck, pairs), "patch", result, nil)
	if s.JSON {
		return s.PrintJSON(result)
	}
	return c.print(s, result)
}

// patched is the subject of a result on pairs of texts: the first pair names it, all of them identify it.
func patched(ck *checkpoint.Checkpoint, pairs []intervene.TextPair) finding.Subject {
	h := sha256.New()
	for _, p := range pairs {
		fmt.Fprintf(h, "%q %q %q %d\n", p.Clean, p.Corrupt, p.Right, p.At)
	}
	name := fmt.Sprintf("%q and %q", pairs[0].Clean, pairs[0].Corrupt)
	if len(pairs) > 1 {
		name += fmt.Sprintf(" and %d more", len(pairs)-1)
	}
	return run.Subject(ck, name, hex.EncodeToString(h.Sum(nil)), finding.WholeText.String())
}

func (c *PatchCmd) pairs(ctx context.Context, s *console.Session) ([]intervene.TextPair, error) {
	if c.Pairs == "" {
		if c.Clean == "" || c.Corrupt == "" {
			return nil, console.Misusef("give --clean and --corrupt, or --pairs FILE")
		}
		return []intervene.TextPair{{Clean: console.Unescape(c.Clean), Corrupt: console.Unescape(c.Corrupt), Right: console.Unescape(c.Right), At: c.At}}, nil
	}
	if c.Clean != "" || c.Corrupt != "" {
		return nil, console.Misusef("give --clean and --corrupt, or --pairs FILE, not both")
	}
	f, err := durable.Open(ctx, c.Pairs)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var out []intervene.TextPair
	err = text.JSONLines(durable.Reader(ctx, f), func(_ int, p intervene.TextPair) error {
		out = append(out, p)
		return nil
	})
	if err == nil && len(out) == 0 {
		err = fmt.Errorf("%w: no pairs", text.ErrJSON)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.Pairs, err)
	}
	return out, nil
}

func (c *PatchCmd) print(s *console.Session, r *intervene.PatchResult) error {
	var b strings.Builder
	if len(r.Pairs) == 1 {
		p := r.Pairs[0]
		fmt.Fprintf(&b, "LD of %s: clean %s, corrupt %s; states exchanged after character %d\n\n", table.Visibles([]string{p.Right}), table.Fixed(p.Clean, 2), table.Fixed(p.Corrupt, 2), p.Position+1)
	} else {
		fmt.Fprintf(&b, "%s, %d of them with LD more than 1 logit apart\n\n", table.Several(len(r.Pairs), "pair"), r.Used)
	}
	if r.Used == 0 {
		b.WriteString("The two texts lead to nearly the same answer: there is nothing to carry over.\n")
		_, err := fmt.Fprint(s.Console.Stdout, b.String())
		return err
	}
	rows := [][]string{{"exchanged", "restores", "breaks"}}
	add := func(name string, v intervene.Recovery) {
		rows = append(rows, []string{name, table.Fixed(float64(v.Restore), 3), table.Fixed(float64(v.Break), 3)})
	}
	add("the whole state", r.Whole)
	add("nothing", r.Empty)
	shown := 0
	for _, k := range r.Sets {
		name := k.Site
		if k.Unit != finding.NoUnit {
			if shown++; shown > c.Top {
				break
			}
			name = rnn.UnitName(k.Site, k.Unit)
		}
		add(name, k.Recovery)
	}
	b.WriteString(table.Aligned(rows, 1))
	b.WriteString("\nrestores: share of the difference in LD that clean values bring back in the corrupt run; breaks: that corrupt values take away in the clean one.\n")
	b.WriteString(strconv.Itoa(r.Used) + " of " + strconv.Itoa(len(r.Pairs)) + " pairs used.\n")
	_, err := fmt.Fprint(s.Console.Stdout, b.String())
	return err
}
