package main

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/table"
	"github.com/rnnscope/rnnscope/evolve"
	"github.com/rnnscope/rnnscope/run"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/train"
)

type evolutionCmd struct {
	Dir     string  `arg:"" name:"run" help:"Directory of the run."`
	Steps   []int64 `placeholder:"STEP,..." help:"Print these snapshots (default: about ten, 0, 100, 500 and 2000 among them)."`
	All     bool    `help:"Print every snapshot."`
	Refine  bool    `help:"Where a skill rises between too few snapshots to tell how suddenly, repeat the training so far and look more often."`
	Workers cores   `placeholder:"N" help:"Cores to use (default: all); no result depends on it."`
}

func (evolutionCmd) Help() string {
	return `Examples:

  rnnscope evolution my-run
  rnnscope evolution my-run --steps 0,100,2000
  rnnscope evolution my-run --refine
  rnnscope evolution my-run --json | jq '.snapshots[].skills'`
}

func (c *evolutionCmd) Run(ctx context.Context, s *session) error {
	open := openKeeper
	if c.Refine {
		open = openWriter // it adds snapshots
	}
	r, err := open(s, c.Dir)
	if err != nil {
		return err
	}
	defer s.close(r)
	h, err := makeEvolution(ctx, s, r, int(c.Workers))
	if err != nil {
		return err
	}
	if c.Refine {
		if h, err = refine(ctx, s, r, h, int(c.Workers)); err != nil {
			return err
		}
	}
	if err := c.check(h.Snapshots); err != nil {
		return err
	}
	if s.json {
		return s.printJSON(h)
	}
	return c.print(s, h, r.Info().Alphabet.Kind().One())
}

// heldOut measures held-out items in the snapshots of a run.
type heldOut struct {
	items   *evolve.Items
	known   map[string][]evolve.HeldOut // measured before, by the weights' SHA-256
	workers int
}

// makeEvolution measures the skills in every snapshot's samples and what its weights make of held-out items,
// and keeps the history in the run.
func makeEvolution(ctx context.Context, s *session, r *run.Run, workers int) (*evolve.History, error) {
	info := r.Info()
	switch {
	case info.States != "":
		return nil, fmt.Errorf("%s holds states that were recorded elsewhere: how the network learned is not known", r.Dir())
	case info.Config == nil:
		return nil, fmt.Errorf("%s was imported: how it learned is not known; see its units with: rnnscope dissect %s FILE", r.Dir(), shellWord(r.Dir()))
	}
	corpus, err := r.Corpus()
	if err != nil {
		return nil, err
	}
	observer, err := evolve.NewObserver(corpus, info.Split)
	if err != nil {
		return nil, err
	}
	snapshots, err := snapshotsOf(r)
	if err != nil {
		return nil, err
	}
	h := &evolve.History{Version: programVersion(), Text: info.Name, Split: "validation of " + info.Split.Name,
		Definitions: observer.Definitions(), Snapshots: snapshots}
	h.Prompt, h.Temperature, h.Seed = info.Config.Samples.Prompt, info.Config.Samples.Temperature, info.Config.Seed
	o := &heldOut{items: observer.NewItems(corpus, info.Split), workers: workers}
	h.Measures = o.items.Measures
	if err := o.before(r, h); err != nil {
		return nil, err
	}
	bar := s.note.Progress("measuring skills", "snapshot", int64(len(snapshots)))
	defer bar.Done()
	for i := range h.Snapshots {
		x := &h.Snapshots[i]
		x.Skills = observer.Skills(x.Samples)
		if err := o.measure(ctx, s, r, x); err != nil {
			return nil, err
		}
		bar.Set(int64(i+1), "")
	}
	h.Reference = observer.Reference(sampleLength(h.Snapshots))
	h.Emergence = evolve.Emergences(h.Snapshots)
	if h.Pairings, err = evolve.Pairings(ctx, h.Measures, h.Snapshots, specimen.WorkersOr(workers)); err != nil {
		return nil, err
	}
	s.store(r, r.Whole(), evolve.ViewName, h, nil)
	return h, nil
}

// sampleLength is how long the samples of a run are, in characters.
func sampleLength(all []evolve.Snapshot) int {
	return max(1, utf8.RuneCountInString(all[0].Samples[0]))
}

// snapshotsOf collects the samples and validation losses of a run by step.
func snapshotsOf(r *run.Run) ([]evolve.Snapshot, error) {
	samples, err := r.Samples()
	if err != nil {
		return nil, err
	}
	if len(samples) == 0 {
		return nil, fmt.Errorf("%s has no samples: it was not trained here", r.Dir())
	}
	losses, err := r.Metrics(run.MetricValLoss)
	if err != nil {
		return nil, err
	}
	lossAt := map[int64]float64{}
	for _, m := range losses {
		lossAt[m.Step] = m.Value
	}
	var all []evolve.Snapshot
	for _, x := range samples {
		if n := len(all); n == 0 || all[n-1].Step != x.Step {
			all = append(all, evolve.Snapshot{Step: x.Step, ValLoss: lossAt[x.Step]})
		}
		last := &all[len(all)-1]
		last.Samples = append(last.Samples, x.Text)
	}
	return all, nil
}

// check refuses steps of which there is no snapshot.
func (c *evolutionCmd) check(all []evolve.Snapshot) error {
	for _, step := range c.Steps {
		if !slices.ContainsFunc(all, func(x evolve.Snapshot) bool { return x.Step == step }) {
			var have []string
			for _, x := range all {
				have = append(have, fmt.Sprint(x.Step))
			}
			return misused("--steps %d: there is no snapshot of this step; there are %s", step, strings.Join(have, ", "))
		}
	}
	return nil
}

// print shows samples and skills; symbol is what one symbol of the network is called.
func (c *evolutionCmd) print(s *session, h *evolve.History, symbol string) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, seed %d, samples at temperature %.2g from the same random stream\n", h.Text, h.Seed, h.Temperature)
	shown := c.choose(h.Snapshots)
	for _, x := range shown {
		fmt.Fprintf(&b, "\nstep %s   %.3f nats, %.3f bits per %s\n%s\n", table.Grouped(int(x.Step)), x.ValLoss, train.Bits(x.ValLoss), symbol, quoted(x.Samples[0]))
	}
	b.WriteString("\n" + skillTable(h, shown) + heldOut{}.tables(h, shown))
	_, err := fmt.Fprint(s.main.Stdout, b.String())
	return err
}

// choose keeps the asked snapshots, or the landmarks and the last.
func (c *evolutionCmd) choose(all []evolve.Snapshot) []evolve.Snapshot {
	if c.All {
		return all
	}
	want := map[int64]bool{0: true, 3: true, 10: true, 30: true, 100: true, 200: true, 500: true, 1000: true, 2000: true, 5000: true, 10_000: true, 20_000: true, 50_000: true}
	if len(c.Steps) > 0 {
		want = map[int64]bool{}
	}
	for _, step := range c.Steps {
		want[step] = true
	}
	var kept []evolve.Snapshot
	for i, x := range all {
		if want[x.Step] || (len(c.Steps) == 0 && i == len(all)-1) {
			kept = append(kept, x)
		}
	}
	return kept
}

// skillTable has a row for every skill and a column for every moment.
func skillTable(h *evolve.History, shown []evolve.Snapshot) string {
	head := []string{"skill, by step"}
	for _, x := range shown {
		head = append(head, table.Grouped(int(x.Step)))
	}
	head = append(head, "held-out text", "came")
	rows := [][]string{head}
	for i, d := range h.Definitions {
		row := []string{d.Titles["en"]}
		for _, x := range shown {
			row = append(row, skillValue(d, x.Skills[i].Value.Estimate))
		}
		row = append(row, referenceValue(h, d), emergenceOf(h, d.Name))
		rows = append(rows, row)
	}
	return table.Aligned(rows, 1)
}

func skillValue(d evolve.Definition, v float64) string {
	switch {
	case math.IsNaN(v):
		return "–"
	case d.Share:
		return fmt.Sprintf("%.0f %%", 100*v)
	}
	return fmt.Sprintf("%.3g", v)
}

// referenceValue is the figure of held-out text: what a perfect imitator would reach.
func referenceValue(h *evolve.History, d evolve.Definition) string {
	for _, k := range h.Reference {
		if k.Name == d.Name {
			return skillValue(d, k.Value.Estimate)
		}
	}
	return "–"
}

// emergenceOf says how a figure came: suddenly, slowly, or not to tell.
func emergenceOf(h *evolve.History, name string) string {
	for _, e := range h.Emergence {
		if e.Name == name {
			return came(e)
		}
	}
	return ""
}

// came is a verdict, weakened where too few snapshots lie inside the rise: --refine takes more.
func came(e evolve.Emergence) string {
	if e.Verdict == evolve.Abrupt && !e.Trusted() {
		return "perhaps abrupt"
	}
	return string(e.Verdict)
}
