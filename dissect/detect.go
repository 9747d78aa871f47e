package dissect

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/stat"
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
	Found      stat.Interval `json:"found"`      // share: verdict learned, and the planted unit named
	Associated stat.Interval `json:"associated"` // share: at least associated, and the planted unit named
	Holds      stat.Interval `json:"holds"`      // share: called a state unit, and the planted unit named
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
}

// plantedConcepts are a quote flag, a URL latch, a bracket counter and a column ramp.
var plantedConcepts = []string{"in-quote", "url", "bracket-depth", "column"}

// Detect plants units of known strength in the states of untrained networks,
// beside decoys, and dissects. The result depends on the options alone, not on Workers.
func Detect(ctx context.Context, opt DetectionOptions, progress Progress) (*Detection, error) {
	opt = opt.filled()
	runs := opt.runs()
	errs := make([]error, len(runs))
	var mu sync.Mutex
	var done int64
	err := parallel(ctx, len(runs), workersOr(opt.Workers), func(i int) {
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

func (o DetectionOptions) filled() DetectionOptions {
	c := CalibrationOptions{Domain: o.Domain, Pairs: o.Repeats, Hidden: o.Hidden, Untrained: o.Untrained}
	if c.Pairs == 0 {
		c.Pairs = 10
	}
	c = c.filled()
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
	result           *Result
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
	opt := Options{Sites: []string{"l0.h"}, Untrained: max(0, o.Untrained), Seed: o.Seed + k, Workers: 1, closerOnly: true}
	for _, name := range plantedConcepts {
		c, err := concept.Find(name)
		if err != nil {
			return err
		}
		opt.Concepts = append(opt.Concepts, c)
	}
	rs, err := rules(ctx, &sim.in, opt.Concepts, 1)
	if err != nil {
		return err
	}
	units := map[int]func(int) float32{}
	for i, c := range opt.Concepts {
		signal, on := labelled(c, sim.runes, rs[i].above)
		if d.strength < 0 {
			units[o.decoyAt(i)] = decoy(sim.ids, on, sim.in.Model.Config().Vocab)
			continue
		}
		rng := rand.New(rand.NewPCG(o.Seed+k, uint64(100*d.strength+i)))
		units[o.plantAt(i)] = follower(signal, on, o.Strengths[d.strength], rng)
		units[o.decoyAt(i)] = decoy(sim.ids, on, sim.in.Model.Config().Vocab)
	}
	r, err := newModelReader(sim.in.Model, sim.in.Text, opt.Sites)
	if err != nil {
		return err
	}
	d.result, err = run(ctx, &sim.in, opt, &planted{r, units}, freshNetworks(&sim.in, opt.Sites, opt.Seed), nil)
	return err
}

func (o DetectionOptions) cells(runs []*detection) []DetectionCell {
	var out []DetectionCell
	for i, name := range plantedConcepts {
		for s, strength := range o.Strengths {
			for l, length := range o.Lengths {
				var learned, associated, holds counts
				var sum float64
				for _, d := range runs {
					if d.strength != s || d.length != l {
						continue
					}
					c := &d.result.Concepts[i]
					named := c.Best != nil && c.Best.Unit == o.plantAt(i)
					learned.add(named && c.Verdict == Learned)
					associated.add(named && (c.Verdict == Learned || c.Verdict == Associated))
					holds.add(named && c.Holds)
					if c.Best != nil {
						sum += c.Best.AUROC.Estimate / float64(o.Repeats)
					}
				}
				out = append(out, DetectionCell{
					Concept: name, Strength: strength, Characters: length, Measured: sum,
					Found: stat.Wilson(learned.k, learned.n), Associated: stat.Wilson(associated.k, associated.n), Holds: stat.Wilson(holds.k, holds.n),
				})
			}
		}
	}
	return out
}

func (o DetectionOptions) decoys(runs []*detection) []DecoyCell {
	var out []DecoyCell
	for i, name := range plantedConcepts {
		for l, length := range o.Lengths {
			var chosen, holds counts
			var auc, within float64
			for _, d := range runs {
				if d.length != l {
					continue
				}
				c := &d.result.Concepts[i]
				is := c.Best != nil && c.Best.Unit == o.decoyAt(i)
				if d.strength < 0 {
					chosen.add(is)
				}
				holds.add(is && c.Holds)
				if is && c.Closer != nil {
					auc += c.Best.AUROC.Estimate
					within += c.Closer.Within.Estimate
				}
			}
			n := 0.0
			for _, d := range runs {
				c := &d.result.Concepts[i]
				if d.length == l && c.Best != nil && c.Best.Unit == o.decoyAt(i) && c.Closer != nil {
					n++
				}
			}
			out = append(out, DecoyCell{name, length, auc / n, within / n, stat.Wilson(chosen.k, chosen.n), stat.Wilson(holds.k, holds.n)})
		}
	}
	return out
}

// Findings flattens the simulation into the one schema of measured figures.
func (d *Detection) Findings(version string) []stat.Finding {
	o := d.Options
	method := fmt.Sprintf("%d networks of %d units x texts; 95 %% Wilson", o.Repeats, o.Hidden)
	row := func(concept, metric string, characters int, i stat.Interval) stat.Finding {
		return stat.Finding{
			Concept: concept, Unit: stat.NoUnit, Metric: metric, Method: method, Version: version,
			Split: fmt.Sprintf("synth:%s, %d test characters", o.Domain, characters),
		}.WithInterval(i)
	}
	var out []stat.Finding
	for _, c := range d.Cells {
		at := fmt.Sprintf("_at_%.2f", c.Strength)
		out = append(out, row(c.Concept, "found"+at, c.Characters, c.Found), row(c.Concept, "associated"+at, c.Characters, c.Associated),
			row(c.Concept, "holds"+at, c.Characters, c.Holds))
	}
	for _, c := range d.Decoys {
		out = append(out, row(c.Concept, "decoy_holds", c.Characters, c.Holds))
	}
	return out
}
