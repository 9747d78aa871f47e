package explain

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/rnnscope/rnnscope/direction"
	"github.com/rnnscope/rnnscope/internal/crew"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"
)

// DirectionOptions says which directions are explained beside the units.
type DirectionOptions struct {
	Seeds int   // rotations, and dictionaries of each size; 0: 3
	Times []int // entries of dictionaries, in units of the site; nil: 2, 4 and 8
	Used  int   // entries a dictionary tells a state by; 0: an eighth of the units
}

func (o DirectionOptions) withDefaults(units int) DirectionOptions {
	if o.Seeds == 0 {
		o.Seeds = 3
	}
	if o.Times == nil {
		o.Times = []int{2, 4, 8}
	}
	if o.Used == 0 {
		o.Used = max(1, units/8)
	}
	return o
}

// DirectionResult is the directions of the top layer's h, explained as its units are, by the same search and the same nulls.
type DirectionResult struct {
	Symbols   text.Kind     `json:"symbols,omitempty"` // what a symbol is; of characters nothing is said
	Site      string        `json:"site"`
	Units     int           `json:"units"`
	Untrained int           `json:"untrained"`
	Leaves    [Sizes]int    `json:"leaves"`
	Network   stat.Interval `json:"network"` // nats a symbol
	Unigram   stat.Interval `json:"unigram"`
	Bases     []Directions  `json:"bases"`
}

// Directions is one basis.
type Directions struct {
	Name  string `json:"name"`            // units, components, rotation or dictionary
	Times int    `json:"times,omitempty"` // entries of a dictionary, in units of the site
	Seed  int    `json:"seed"`
	Size  int    `json:"size"`
	Used  int    `json:"used,omitempty"` // entries a dictionary tells a state by
	Dead  int    `json:"dead,omitempty"` // entries no state uses
	// Lost is the share of the variance that a dictionary cannot tell.
	Lost   float64              `json:"lost,omitempty"`
	Median Curve                `json:"median"` // R2 by size, of the directions that move
	Half   [Sizes]stat.Interval `json:"half"`
	// Highest is the best beyond-score of the same directions of untrained networks, Remember the share above it whose p passes.
	Highest  Curve         `json:"highest"`
	Remember stat.Interval `json:"remember"`
	// Grown is the leaves of all directions together, by size: what the descriptions cost.
	Grown [Sizes]int `json:"grown"`
	// Own is the network with its state written in the directions, Described with what descriptions say of them.
	Own       ReplacementResult   `json:"own"`
	Described []ReplacementResult `json:"described"`
}

// key is what is compared with untrained networks.
func (d *Directions) key() string { return fmt.Sprintf("%s %d", d.Name, d.Times) }

// ExplainDirections asks whether other directions of the top layer's h are easier to explain than its units. It needs weights.
func ExplainDirections(ctx context.Context, sp *specimen.Specimen, opt Options, of DirectionOptions, progress Progress) (*DirectionResult, error) {
	m, err := sp.Weights("explaining directions")
	if err != nil {
		return nil, err
	}
	opt.Sites = []string{fmt.Sprintf("l%d.h", m.Config().Layers-1)}
	j, err := newJob(sp, opt)
	if err != nil {
		return nil, err
	}
	j.progress = progress
	if err := j.prepare(ctx); err != nil {
		return nil, err
	}
	r := newReadout(m)
	if r == nil {
		return nil, fmt.Errorf("%w: the readout sees more than h", rnn.ErrSite)
	}
	d := &directions{job: j, of: of.withDefaults(m.Config().Hidden), readout: r, highest: map[string]Curve{}}
	return d.run(ctx)
}

// directions is the explanation under way.
type directions struct {
	*job
	of      DirectionOptions
	readout *readout
	rows    *readRows
	highest map[string]Curve // of untrained networks, by key
}

func (d *directions) run(ctx context.Context) (*DirectionResult, error) {
	h := d.states.Sites()[0].Units
	if err := d.compareUntrained(ctx, h); err != nil {
		return nil, err
	}
	x, err := d.sample(ctx, d.states, h)
	if err != nil {
		return nil, err
	}
	if d.rows, err = d.readRows(ctx, h); err != nil {
		return nil, err
	}
	out := &DirectionResult{Symbols: d.Alphabet.Kind().ForResults(), Site: d.states.Sites()[0].Name, Units: h, Untrained: d.Controls(d.opt.Untrained), Leaves: Leaves}
	out.Network, out.Unigram = d.rows.score(d.readout, d.unigram())
	return out, d.each(ctx, x, h, d.opt.Seed, d.of.Seeds, func(b direction.Basis, base Directions) error {
		found, err := d.explain(ctx, b, base)
		out.Bases = append(out.Bases, found)
		return err
	})
}

// each makes every basis from rows x [n,H].
func (d *directions) each(ctx context.Context, x []float32, h int, seed uint64, seeds int, visit func(b direction.Basis, base Directions) error) error {
	if err := visit(direction.Units(h), Directions{Name: "units"}); err != nil {
		return err
	}
	pca, err := direction.Components(x, h)
	if err != nil {
		return err
	}
	if err := visit(pca, Directions{Name: "components"}); err != nil {
		return err
	}
	for k := range seeds {
		if err := visit(direction.Rotation(x, h, rand.New(rand.NewPCG(seed, uint64(k)))), Directions{Name: "rotation", Seed: k}); err != nil {
			return err
		}
	}
	for _, times := range d.of.Times {
		for k := range seeds {
			opt := direction.DictionaryOptions{Entries: times * h, Used: min(d.of.Used, times*h)}
			b, err := direction.Train(ctx, x, h, opt, rand.New(rand.NewPCG(seed, uint64(times)<<32|uint64(k))))
			if err != nil {
				return err
			}
			if err := visit(b, Directions{Name: "dictionary", Times: times, Seed: k, Used: opt.Used, Lost: b.Error, Dead: b.Dead}); err != nil {
				return err
			}
		}
	}
	return nil
}

// sample is the states [grow,H] of the rows that descriptions grow on.
func (d *directions) sample(ctx context.Context, src specimen.States, h int) ([]float32, error) {
	x := make([]float32, d.plan.grow*h)
	rows := rowsOf(d.plan.choose, d.plan.at, 0, d.plan.grow)
	err := src.Read(ctx, d.plan.choose, d.workers(), func(_ int, p *specimen.Part) {
		for t := p.Lo; t < p.Hi; t++ {
			if r := rows[p.Block][t]; r >= 0 {
				copy(x[int(r)*h:(int(r)+1)*h], p.Row(0, t-p.Lo))
			}
		}
	})
	return x, err
}

// compareUntrained finds how high the same directions of untrained networks reach beyond short context.
func (d *directions) compareUntrained(ctx context.Context, h int) error {
	networks := d.Controls(d.opt.Untrained)
	perNetwork := 3 * h
	for _, times := range d.of.Times {
		perNetwork += times * h
	}
	advance := d.stage(fmt.Sprintf("directions of %d untrained networks", networks), networks*perNetwork)
	for k := range networks {
		src, err := d.Control(k, d.opt.Sites, d.opt.Seed)
		if err != nil {
			return err
		}
		x, err := d.sample(ctx, src, h)
		if err != nil {
			return err
		}
		err = d.each(ctx, x, h, d.opt.Seed+uint64(k), 1, func(b direction.Basis, base Directions) error {
			top, ok := d.highest[base.key()]
			if !ok {
				top = Curve{stat.Undefined(), stat.Undefined(), stat.Undefined()}
			}
			err := d.studies(ctx, direction.Of(src, 0, b), d.plan.sample(), advance, func(_ int, s *study) error {
				for u := range s.units {
					raise(&top, s.units[u].beyond())
				}
				return nil
			})
			d.highest[base.key()] = top
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// explain explains one basis.
func (d *directions) explain(ctx context.Context, b direction.Basis, out Directions) (Directions, error) {
	out.Size = b.Size()
	out.Highest = Curve{stat.Undefined(), stat.Undefined(), stat.Undefined()}
	if top, ok := d.highest[out.key()]; ok {
		out.Highest = top
	}
	advance := d.stage(fmt.Sprintf("explaining %s", out.key()), b.Size())
	said := d.rows.newSaid(b)
	var all []Unit
	err := d.studies(ctx, direction.Of(d.states, 0, b), d.plan.report, advance, func(_ int, s *study) error {
		p, err := d.swapEach(ctx, s, swapDraws*b.Size(), len(all))
		if err != nil {
			return err
		}
		first := len(all)
		for u := range s.units {
			x := Unit{Unit: first + u, Beyond: s.units[u].beyond(), P: stat.Number(p[u])}
			x.R2, _ = s.units[u].full.score()
			for i, cut := range s.units[u].full.cuts {
				out.Grown[i] += cut.Leaves(s.units[u].full.tree)
			}
			all = append(all, x)
		}
		return said.add(ctx, s, first, d.workers())
	})
	if err != nil {
		return out, err
	}
	out.Median, out.Half = summary(all)
	out.Remember = remembering(all, float64(out.Highest[Sizes-1]))
	out.Own, out.Described = said.score(d.readout)
	return out, nil
}

// swapEach is the p of every direction of a study, numbered from first.
func (d *directions) swapEach(ctx context.Context, s *study, draws, first int) ([]float64, error) {
	p := make([]float64, len(s.units))
	orders := orders4()
	err := crew.ForEach(ctx, len(p), d.workers(), func(u int) {
		p[u] = math.NaN()
		if t := s.newWalker().swap(s, u); t != nil && d.plan.swap > 0 {
			p[u] = t.p(orders, draws, rand.New(rand.NewPCG(d.opt.Seed, uint64(first+u)+1)))
		}
	})
	return p, err
}

// remembering is the share of directions whose beyond-score counts, of those that move.
func remembering(units []Unit, highest float64) stat.Interval {
	if math.IsNaN(highest) {
		return stat.Point(math.NaN(), 0)
	}
	n, of := int64(0), int64(0)
	for _, u := range units {
		if math.IsNaN(u.R2[0].Estimate) {
			continue
		}
		of++
		if counts(u.Beyond[Sizes-1], float64(u.P), highest, len(units)) {
			n++
		}
	}
	return stat.Wilson(n, of)
}
