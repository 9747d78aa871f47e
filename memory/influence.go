package memory

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/stat"
)

const (
	influenceSpan  = 200 // characters before the position that are weighed
	influenceLead  = 500 // read before those, from the zero state
	influenceDraws = 3   // other characters tried at each place
)

// Influence says which earlier characters decided one: how far the log-probability
// of the character at At falls when each of them is replaced by another of its
// class, and the norm of the gradient of its logit.
type Influence struct {
	At       int           `json:"at"`
	Lo       int           `json:"lo"`           // position of the first character weighed
	Text     string        `json:"text"`         // symbols Lo..At-1, as text.Alphabet.Show has them
	Of       []int         `json:"of,omitempty"` // by character of Text its symbol, from Lo; absent where every symbol is one
	Target   string        `json:"target"`
	LogProb  stat.Number   `json:"log_prob"`
	Drop     []stat.Number `json:"drop"`     // ln P(target) - mean ln P(target) with the character replaced, nats
	Gradient []stat.Number `json:"gradient"` // |d logit(target) / d input|
	Why      string        `json:"why"`      // the opener's kind, "" for a position asked for
	Opener   int           `json:"opener"`   // position of the opener's character, -1 where there is none
}

// influenceAt maps what decided the symbol at a position, at least 1, of ids.
func influenceAt(ctx context.Context, in *input, at, workers int, rng *rand.Rand) (Influence, error) {
	if at <= in.IDs.from || at >= in.IDs.end() {
		return Influence{}, fmt.Errorf("%w: %w %d; the text has positions %d to %d with something before them", ErrInput, ErrPosition, at, in.IDs.from+1, in.IDs.end()-1)
	}
	lo := max(in.IDs.from, at-influenceSpan)
	lead := in.IDs.span(max(in.IDs.from, lo-influenceLead), lo)
	window := in.IDs.span(lo, at)
	target := in.IDs.at(at)
	runes, of := in.Alphabet.Show(window)
	out := Influence{At: at, Lo: lo, Text: string(runes), Of: of, Target: in.Alphabet.Symbol(target), Opener: -1}
	state, err := stateAfter(in.Model, lead, workers)
	if err != nil {
		return out, err
	}
	p := predicted{in: in, state: state, window: window, target: target, workers: workers}
	if err := out.gradient(p); err != nil {
		return out, err
	}
	return out, out.drops(ctx, p, rng)
}

// predicted is the symbol whose influences are looked for: what was read before the window, as a
// state [1,H], the window, and the symbol behind it.
type predicted struct {
	in      *input
	state   *rnn.State
	window  []int32
	target  int32
	workers int
}

// stateAfter is the state [1,H] after the symbols, from zero.
func stateAfter(m *rnn.Model, ids []int32, workers int) (*rnn.State, error) {
	st := m.NewState(1)
	if len(ids) == 0 {
		return st, nil
	}
	pass, err := m.NewPass(rnn.PassOptions{T: len(ids), B: 1, Workers: workers})
	if err != nil {
		return nil, err
	}
	pass.Forward(ids, st, nil)
	return st, nil
}

func (f *Influence) gradient(p predicted) error {
	window := p.window
	pass, err := p.in.Model.NewPass(rnn.PassOptions{T: len(window), B: 1, Workers: p.workers, Backward: true})
	if err != nil {
		return err
	}
	st := p.in.Model.NewState(1)
	st.CopyFrom(p.state)
	pass.Forward(window, st, nil)
	norms := make([]float32, len(window))
	pass.InputGradient(func(t, _ int, _, d []float32) {
		if t == len(window)-1 {
			d[p.target] = 1
		}
	}, norms)
	for _, n := range norms {
		f.Gradient = append(f.Gradient, stat.Number(n))
	}
	return nil
}

// drops replaces one character a row.
func (f *Influence) drops(ctx context.Context, p predicted, rng *rand.Rand) error {
	window := p.window
	t, replace := len(window), newReplacer(p.in.Alphabet, p.in.IDs.ids)
	rows := make([][]int32, 0, 1+influenceDraws*t)
	rows = append(rows, window)
	for i, id := range window {
		for range influenceDraws {
			row := slices.Clone(window)
			if other, ok := replace.draw(id, rng); ok {
				row[i] = other
			}
			rows = append(rows, row)
		}
	}
	logp, err := targetAfter(ctx, p, rows)
	if err != nil {
		return err
	}
	f.LogProb = stat.Number(logp[0])
	for i := range window {
		mean := 0.0
		for k := range influenceDraws {
			mean += logp[1+i*influenceDraws+k] / influenceDraws
		}
		f.Drop = append(f.Drop, stat.Number(logp[0]-mean))
	}
	return nil
}

// targetAfter is ln P(target) after each row of equally many symbols, all read from
// the same state.
func targetAfter(ctx context.Context, p predicted, rows [][]int32) ([]float64, error) {
	m := p.in.Model
	t, b := len(rows[0]), min(continueRows, len(rows))
	pass, err := m.NewPass(rnn.PassOptions{T: t, B: b, Workers: p.workers})
	if err != nil {
		return nil, err
	}
	var out []float64
	x, y, losses, st := make([]int32, t*b), make([]int32, t*b), make([]float32, t*b), m.NewState(b)
	for ; len(rows) > 0; rows = rows[min(b, len(rows)):] {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		for i := range x {
			x[i], y[i] = -1, -1
		}
		n := min(b, len(rows))
		for r, ids := range rows[:n] {
			st.CopyRow(r, p.state, 0)
			for k, id := range ids {
				x[k*b+r] = id
			}
			y[(t-1)*b+r] = p.target
		}
		pass.Forward(x, st, nil)
		pass.Score(y, losses)
		for r := range n {
			out = append(out, -float64(losses[(t-1)*b+r]))
		}
	}
	return out, nil
}

// influenceGap is the least gap of the closers whose influence is shown.
const influenceGap = 30

// influenceChoice are up to three closers of different kinds, all weighed far enough
// back to reach their openers, with the longest gap that does.
func influenceChoice(f *found) []*pair {
	var out []*pair
	for _, kind := range PairKinds() {
		var best *pair
		for i := range f.byKind[kind] {
			p := &f.byKind[kind][i]
			if p.gap() < influenceGap || int(p.CloseStart)-opener(p) > influenceSpan-20 {
				continue
			}
			if best == nil || p.gap() > best.gap() {
				best = p
			}
		}
		if best != nil {
			out = append(out, best)
		}
	}
	slices.SortStableFunc(out, func(a, b *pair) int { return len(f.byKind[b.Kind]) - len(f.byKind[a.Kind]) })
	return out[:min(len(out), 3)]
}
