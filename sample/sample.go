// Package sample generates text from a network, one symbol at a time.
//
// Legend: V symbols. Logits are [V]; log-probabilities are natural.
package sample

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"

	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/text"
)

// ErrOptions reports options no text can be drawn with; the error says which.
var ErrOptions = errors.New("impossible sampling options")

// Options say how the next symbol is drawn from the network's distribution.
// Filters apply in the order temperature, TopK, TopP, as in the usual libraries.
type Options struct {
	N           int     // symbols to generate, not counting the prompt
	Temperature float64 // logits are divided by it; 0 means 1
	TopK        int     // keep the K likeliest symbols; 0 keeps all
	TopP        float64 // keep the likeliest symbols up to this share of the probability; 0 and 1 keep all
	Greedy      bool    // always the likeliest symbol; the other fields but N are then unused
}

// Validate returns ErrOptions with the reason, or nil.
func (o Options) Validate() error {
	switch {
	case o.N < 0:
		return fmt.Errorf("%w: %d symbols", ErrOptions, o.N)
	case !(o.Temperature >= 0) || math.IsInf(o.Temperature, 1):
		return fmt.Errorf("%w: temperature %v; it must be above 0 (use greedy for the limit 0)", ErrOptions, o.Temperature)
	case o.TopK < 0:
		return fmt.Errorf("%w: top-k %d; it must be at least 1, or 0 for all", ErrOptions, o.TopK)
	case !(o.TopP >= 0 && o.TopP <= 1):
		return fmt.Errorf("%w: top-p %v; it must lie in (0, 1]", ErrOptions, o.TopP)
	}
	return nil
}

// Token is one generated symbol.
type Token struct {
	Index   int     // 0-based, prompt not counted
	ID      int32   // in [0, V)
	Symbol  string  // what it adds to the text
	LogProb float64 // nats, under the network's own distribution: temperature 1, nothing filtered
}

// Generator is a network that writes, with the alphabet of its symbols. With a Hook its values go
// through that from the first symbol of the prompt on; one that never writes leaves every symbol as
// it was.
type Generator struct {
	Model    *rnn.Model
	Alphabet *text.Alphabet
	Hook     Hook // nil: none
}

// Generate reads the prompt into the zero state and then draws opt.N symbols,
// handing each to emit as soon as it is drawn. With an empty prompt the network
// reads one line end (or, without one in the alphabet, symbol 0) to have a first
// distribution; it is not emitted. The alphabet's unknown symbol is never drawn.
//
// rng is drawn from exactly once a symbol, and not at all when greedy: the same rng state
// gives the same text. It stops with ctx.Err(), or with the error emit returns.
func (g Generator) Generate(ctx context.Context, prompt []int32, opt Options, rng *rand.Rand, emit func(Token) error) error {
	m, a := g.Model, g.Alphabet
	d, err := drawerFor(m, a, opt)
	if err != nil {
		return err
	}
	r := &reader{stepper: m.NewStepper(1), hook: g.Hook, x: make([]int32, 1)}
	var logits []float32
	for _, id := range withStart(a, prompt) {
		if err := ctx.Err(); err != nil {
			return err
		}
		logits = r.read(id)
	}
	spelling := a.Spell()
	_, _ = spelling.Write(nil, nil, prompt)
	for i := range opt.N {
		if err := ctx.Err(); err != nil {
			return err
		}
		id, logProb := d.draw(logits, rng)
		if err := emit(Token{Index: i, ID: id, Symbol: spelling.Text(id), LogProb: logProb}); err != nil {
			return err
		}
		if i+1 < opt.N {
			logits = r.read(id)
		}
	}
	return nil
}

// drawerFor checks that options, alphabet and network fit together.
func drawerFor(m *rnn.Model, a *text.Alphabet, opt Options) (*drawer, error) {
	if err := opt.Validate(); err != nil {
		return nil, err
	}
	if a.Size() != m.Config().Vocab {
		return nil, fmt.Errorf("%w: the alphabet has %d symbols, the network %d", ErrOptions, a.Size(), m.Config().Vocab)
	}
	return newDrawer(a, opt)
}

// Text is what a network writes after a prompt, which is not part of the result; see Generator.
func Text(ctx context.Context, m *rnn.Model, a *text.Alphabet, prompt []int32, opt Options, rng *rand.Rand) (string, error) {
	return Generator{Model: m, Alphabet: a}.Text(ctx, prompt, opt, rng)
}

// Text is Generate with the symbols joined; the prompt is not part of the result.
func (g Generator) Text(ctx context.Context, prompt []int32, opt Options, rng *rand.Rand) (string, error) {
	var b strings.Builder
	err := g.Generate(ctx, prompt, opt, rng, func(t Token) error {
		b.WriteString(t.Symbol)
		return nil
	})
	return b.String(), err
}

// withStart gives an empty prompt its one start symbol.
func withStart(a *text.Alphabet, prompt []int32) []int32 {
	if len(prompt) > 0 {
		return prompt
	}
	if id, ok := a.Lookup('\n'); ok {
		return []int32{id}
	}
	return []int32{0}
}
