package calibrate

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/dissect"
	"github.com/rnnscope/rnnscope/finding"
	"github.com/rnnscope/rnnscope/internal/crew"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"
)

// DetectionOptions size the simulation of what the atlas finds.
type DetectionOptions struct {
	Domain    string    // of package synth, default "mixed"
	Strengths []float64 // AUROC of the planted units, default .7, .85, .95
	Lengths   []int     // test characters, default 50,000, 100,000, 200,000
	Repeats   int       // networks x texts of each strength and length, default 10
	Hidden    int       // units, default 16
	Untrained int       // untrained networks behind "learned", default 19; negative: none
	Seed      uint64
	Workers   int
}

// Detection says what was found of what was planted.
type Detection struct {
	Options DetectionOptions `json:"options"`
	Cells   []DetectionCell  `json:"cells"`
	Decoys  []DecoyCell      `json:"decoys"`
}

// DetectionCell is one concept at one strength and length.
type DetectionCell struct {
	Concept    string        `json:"concept"`
	Strength   float64       `json:"strength"`   // AUROC planted
	Characters int           `json:"characters"` // of the test part
	Measured   float64       `json:"measured"`   // mean AUROC of the unit chosen
	Best       stat.Interval `json:"best"`       // share: the planted unit is the best one, and learned
	Found      stat.Interval `json:"found"`      // share: learned, and the planted unit named as the best or as the state unit
	Associated stat.Interval `json:"associated"` // share: at least associated, and the planted unit named so
	Holds      stat.Interval `json:"holds"`      // share: said to hold the state, and the planted unit named so
}

// DecoyCell is one concept's decoy: a unit that only answers to the current
// character, as well as that can be done, alone among real states.
type DecoyCell struct {
	Concept    string        `json:"concept"`
	Characters int           `json:"characters"`
	AUROC      float64       `json:"auroc"`  // mean
	Within     float64       `json:"within"` // mean AUROC among equal characters
	Chosen     stat.Interval `json:"chosen"` // share: it was the best unit
	Holds      stat.Interval `json:"holds"`  // share: it was called a state unit
	// Fresh is the share of dissections without a planted unit in which some unit of
	// the untrained network was said to have learned the state.
	Fresh stat.Interval `json:"fresh_state_unit"`
}

// plantedConcepts are a quote flag, a URL latch, a bracket counter and a column ramp.
var plantedConcepts = []string{"in-quote", "url", "bracket-depth", "column"}

// Detect plants units of known strength in the states of untrained networks,
// beside decoys, and dissects. The result depends on the options alone, not on Workers.
func Detect(ctx context.Context, opt DetectionOptions, progress dissect.Progress) (*Detection, error) {
	opt = opt.withDefaults()
	runs := opt.runs()
	errs := make([]error, len(runs))
	var mu sync.Mutex
	var done int64
	err := crew.ForEach(ctx, len(runs), specimen.WorkersOr(opt.Workers), func(i int) {
		errs[i] = opt.detect(ctx, runs[i])
		mu.Lock()
		defer mu.Unlock()
		if done++; progress != nil {
			progress(done, int64(len(runs)))
		}
	})
	for _, e := range errs {
		if err == nil {
			err = e
		}
	}
	if err != nil {
		return nil, err
	}
	opt.Workers = 0
	return &Detection{Options: opt, Cells: opt.cells(runs), Decoys: opt.decoys(runs)}, nil
}

func (o DetectionOptions) withDefaults() DetectionOptions {
	c := LevelOptions{Domain: o.Domain, Pairs: o.Repeats, Hidden: o.Hidden, Untrained: o.Untrained}
	if c.Pairs == 0 {
		c.Pairs = 10
	}
	c = c.withDefaults()
	o.Domain, o.Repeats, o.Hidden, o.Untrained = c.Domain, c.Pairs, c.Hidden, c.Untrained
	if len(o.Strengths) == 0 {
		o.Strengths = []float64{0.7, 0.85, 0.95}
	}
	if len(o.Lengths) == 0 {
		o.Lengths = []int{50_000, 100_000, 200_000}
	}
	return o
}

// detection is one dissection of the simulation.
type detection struct {
	strength, length int // indices; strength -1: decoys alone
	repeat           int
	result           *dissect.Result
}

func (o DetectionOptions) runs() []*detection {
	var out []*detection
	for l := range o.Lengths {
		for s := -1; s < len(o.Strengths); s++ {
			for r := range o.Repeats {
				out = append(out, &detection{strength: s, length: l, repeat: r})
			}
		}
	}
	return out
}

// plantAt is the first planted unit; the decoy of the i-th concept follows all of
// them.
func (o DetectionOptions) plantAt(i int) int { return i }
func (o DetectionOptions) decoyAt(i int) int { return len(plantedConcepts) + i }

func (o DetectionOptions) detect(ctx context.Context, d *detection) error {
	n := o.Lengths[d.length]
	k := uint64(d.length*o.Repeats + d.repeat)
	cells := []rnn.Cell{rnn.Elman, rnn.GRU, rnn.LSTM}
	sim, err := newSimulation(o.Domain, [3]int{n / 10, n / 4, n}, cells[d.repeat%3], max(o.Hidden, 2*len(plantedConcepts)), o.Seed, k)
	if err != nil {
		return err
	}
	opt := dissect.Options{Sites: []string{"l0.h"}, Untrained: max(0, o.Untrained), Seed: o.Seed + k, Workers: 1, Extent: dissect.CloserOnly, AnyRule: true}
	for _, name := range plantedConcepts {
		c, err := concept.Find(name)
		if err != nil {
			return err
		}
		opt.Concepts = append(opt.Concepts, c)
	}
	rs, err := sim.in.NewRules(ctx, opt.Concepts, sim.in.Parts(text.DefaultBlock), 1)
	if err != nil {
		return err
	}
	units := map[int]func(int) float32{}
	for i, c := range opt.Concepts {
		signal, on := signalOf(c, sim.runes, rs[i].Above)
		if d.strength < 0 {
			units[o.decoyAt(i)] = decoy(sim.ids, on, sim.in.Model.Config().Vocab)
			continue
		}
		rng := rand.New(rand.NewPCG(o.Seed+k, uint64(100*d.strength+i)))
		units[o.plantAt(i)] = follower(signal, on, o.Strengths[d.strength], rng)
		units[o.decoyAt(i)] = decoy(sim.ids, on, sim.in.Model.Config().Vocab)
	}
	sim.in.Plant(units)
	d.result, err = dissect.Run(ctx, sim.in, opt, nil)
	return err
}

func (o DetectionOptions) cells(runs []*detection) []DetectionCell {
	var out []DetectionCell
	for i, name := range plantedConcepts {
		for s, strength := range o.Strengths {
			for l, length := range o.Lengths {
				cell := &detectionCounts{}
				for _, d := range runs {
					if d.strength == s && d.length == l {
						cell.add(&d.result.Concepts[i], o.plantAt(i))
					}
				}
				out = append(out, DetectionCell{
					Concept: name, Strength: strength, Characters: length, Measured: cell.sum / float64(o.Repeats),
					Best: cell.best.wilson(), Found: cell.learned.wilson(), Associated: cell.associated.wilson(), Holds: cell.holds.wilson(),
				})
			}
		}
	}
	return out
}

// detectionCounts is a DetectionCell in the making.
type detectionCounts struct {
	best, learned, associated, holds counts
	sum                              float64
}

func (d *detectionCounts) add(c *dissect.ConceptResult, unit int) {
	best := c.Best != nil && c.Best.Unit == unit
	state := c.State != nil && c.State.Score.Unit == unit
	learned := best && c.Verdict == dissect.Learned
	d.best.add(learned)
	d.learned.add(learned || state && c.State.Verdict == dissect.Learned)
	d.associated.add(best && isFound(c.Verdict) || state && isFound(c.State.Verdict))
	d.holds.add(best && c.Holds || state && c.State.Holds)
	if c.Best != nil {
		d.sum += c.Best.AUROC.Estimate
	}
}

// isFound reports whether a verdict says that something was.
func isFound(v dissect.Verdict) bool { return v == dissect.Learned || v == dissect.Associated }

func (c counts) wilson() stat.Interval { return stat.Wilson(c.k, c.n) }

func (o DetectionOptions) decoys(runs []*detection) []DecoyCell {
	var out []DecoyCell
	for i, name := range plantedConcepts {
		for l, length := range o.Lengths {
			cell := &decoyCounts{}
			for _, d := range runs {
				if d.length == l {
					cell.add(&d.result.Concepts[i], o.decoyAt(i), d.strength < 0)
				}
			}
			out = append(out, DecoyCell{
				Concept: name, Characters: length, AUROC: cell.auroc / cell.n, Within: cell.within / cell.n,
				Chosen: cell.chosen.wilson(), Holds: cell.holds.wilson(), Fresh: cell.fresh.wilson(),
			})
		}
	}
	return out
}

// decoyCounts is a DecoyCell in the making.
type decoyCounts struct {
	chosen, holds, fresh counts
	auroc, within, n     float64 // over dissections in which it was the best unit
}

func (d *decoyCounts) add(c *dissect.ConceptResult, unit int, alone bool) {
	is := c.Best != nil && c.Best.Unit == unit
	state := c.State != nil && c.State.Score.Unit == unit
	d.holds.add(is && c.Holds || state && (c.State.Holds || c.State.Verdict == dissect.Learned))
	if alone {
		d.chosen.add(is)
		d.fresh.add(c.State != nil && !state && c.State.Verdict == dissect.Learned)
	}
	if is && c.Closer != nil {
		d.auroc += c.Best.AUROC.Estimate
		d.within += c.Closer.Within.Estimate
		d.n++
	}
}

// Findings flattens the simulation into the one schema of measured figures.
func (d *Detection) Findings(version string) []finding.Finding {
	o := d.Options
	method := fmt.Sprintf("%d networks of %d units x texts; 95 %% Wilson", o.Repeats, o.Hidden)
	row := func(concept, metric string, characters int, i stat.Interval) finding.Finding {
		return finding.Finding{
			Concept: concept, Unit: finding.NoUnit, Metric: metric, Method: method, Version: version,
			Subject: generatedSubject(o.Domain, characters),
		}.WithInterval(i)
	}
	var out []finding.Finding
	for _, c := range d.Cells {
		out = append(out, row(c.Concept, "found", c.Characters, c.Found).At(c.Strength), row(c.Concept, "found_associated", c.Characters, c.Associated).At(c.Strength),
			row(c.Concept, "found_holds", c.Characters, c.Holds).At(c.Strength))
	}
	for _, c := range d.Decoys {
		out = append(out, row(c.Concept, "decoy_holds", c.Characters, c.Holds), row(c.Concept, "fresh_state_unit", c.Characters, c.Fresh))
	}
	return out
}
