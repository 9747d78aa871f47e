package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/rnnscope/rnnscope/checkpoint"
	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
	"github.com/rnnscope/rnnscope/cmd/rnnscope/inspect"
	"github.com/rnnscope/rnnscope/intervene"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/run"
	"github.com/rnnscope/rnnscope/sample"
)

// generator is the network, its values through a plan if there is one.
func generator(ck *checkpoint.Checkpoint, plan intervene.Plan) sample.Generator {
	g := sample.Generator{Model: ck.Model, Alphabet: ck.Alphabet}
	if len(plan) > 0 {
		g.Hook = intervene.NewHooks([]intervene.Plan{plan})
	}
	return g
}

// interventions reads --clamp and --ablate. Every one comes out as a clamp to a value, so
// that what is printed can be replayed without the run's text.
func (c *sampleCmd) interventions(ctx context.Context, s *console.Session, r *run.Run, ck *checkpoint.Checkpoint) ([]intervene.Intervention, error) {
	own := &ownValues{s: s, r: r, ck: ck}
	var out []intervene.Intervention
	seen := map[rnn.Unit]bool{}
	add := func(u rnn.Unit, value float64) error {
		if seen[u] {
			return console.Misusef("%s is named twice", u)
		}
		seen[u] = true
		out = append(out, intervene.Intervention{Site: u.Site, Units: []int{u.Unit}, Mode: intervene.Clamp, Value: value})
		return nil
	}
	for _, name := range c.Clamp {
		unit, to, ok := strings.Cut(name, "=")
		if !ok {
			return nil, fmt.Errorf("%w: --clamp %s; write UNIT=VALUE, as in l0.c41=0.9", intervene.ErrDose, name)
		}
		u, err := ck.Model.ParseUnit(unit)
		if err != nil {
			return nil, err
		}
		var missing error
		v, err := inspect.Dose(to, func(q float64) float64 {
			ref, err := own.of(ctx, u.Site)
			if err != nil {
				missing = err
				return 0
			}
			return ref.Quantile(u, q)
		})
		if err := errors.Join(err, missing); err != nil {
			return nil, err
		}
		if err := add(u, v); err != nil {
			return nil, err
		}
	}
	for _, name := range c.Ablate {
		u, err := ck.Model.ParseUnit(name)
		if err != nil {
			return nil, err
		}
		mean := 0.0
		switch ref, err := own.of(ctx, u.Site); {
		case err == nil:
			mean = ref.Mean(u)
		case !errors.Is(err, run.ErrNoText):
			return nil, err
		}
		if err := add(u, mean); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// ownValues are the values units take on the run's text.
type ownValues struct {
	s    *console.Session
	r    *run.Run
	ck   *checkpoint.Checkpoint
	refs map[string]*intervene.Reference
}

func (o *ownValues) of(ctx context.Context, site string) (*intervene.Reference, error) {
	if o.refs == nil {
		o.refs = map[string]*intervene.Reference{}
	}
	if ref := o.refs[site]; ref != nil {
		return ref, nil
	}
	in, err := o.r.Specimen(ctx, o.ck)
	if err != nil {
		return nil, fmt.Errorf("%w, so the units have no values of their own: give a number instead of a quantile", err)
	}
	defer in.Close()
	ref, err := intervene.ReferenceOf(ctx, in, []string{site}, 0)
	if err == nil {
		o.refs[site] = ref
	}
	return ref, err
}

// title heads a sample where there is more than one.
func (c *sampleCmd) title(seed uint64, done []intervene.Intervention) string {
	var words []string
	if c.Count > 1 {
		words = append(words, fmt.Sprintf("seed %d", seed))
	}
	for _, v := range done {
		words = append(words, fmt.Sprintf("%s = %.4g", rnn.Unit{Site: v.Site, Unit: v.Units[0]}, v.Value))
	}
	if len(done) == 0 && len(c.Clamp)+len(c.Ablate) > 0 {
		words = append(words, "untouched")
	}
	return strings.Join(words, ", ")
}

// compare says where changed samples leave the untouched ones.
func (c *sampleCmd) compare(s *console.Session, a *sampleJSON) error {
	for i, changed := range a.Changed {
		n := common(a.Samples[i].Text, changed.Text)
		where := fmt.Sprintf("the two part after %d characters", n)
		if a.Samples[i].Text == changed.Text {
			where = "the two are the same"
		}
		if c.Count > 1 {
			where = fmt.Sprintf("seed %d: %s", changed.Seed, where)
		}
		if _, err := fmt.Fprintln(s.Console.Stdout, "---", where); err != nil {
			return err
		}
	}
	return nil
}

// common is the length of the common beginning, in characters.
func common(a, b string) int {
	x, y := []rune(a), []rune(b)
	n := 0
	for n < min(len(x), len(y)) && x[n] == y[n] {
		n++
	}
	return n
}
