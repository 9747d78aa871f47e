package intervene

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/rnnscope/rnnscope/sample"
	"github.com/rnnscope/rnnscope/specimen"
)

// SteeredLength is the characters of a steered sample unless more or fewer are asked for.
const SteeredLength = 160

// steeredTemperature is that of steered samples.
const steeredTemperature = 0.8

// Writing says how texts are written under a unit that is held.
type Writing struct {
	Prompt []int32 // symbols that the text goes on from
	Length int     // symbols
	Seed   uint64
}

// SteeredTexts writes untouched and at the lowest and highest dose of a curve, from one random
// stream; nothing without a curve or a length.
func SteeredTexts(ctx context.Context, in *specimen.Specimen, k *Curve, how Writing) ([]SteeredText, error) {
	if how.Length <= 0 || k == nil {
		return nil, nil
	}
	opt := sample.Options{N: how.Length, Temperature: steeredTemperature}
	stream := func() *rand.Rand { return rand.New(rand.NewPCG(how.Seed, 0)) }
	said, err := sample.Text(ctx, in.Model, in.Alphabet, how.Prompt, opt, stream())
	if err != nil {
		return nil, err
	}
	out := []SteeredText{{Text: said}}
	doses := []Dose{k.Doses[0]}
	if n := len(k.Doses); n > 1 {
		doses = append(doses, k.Doses[n-1])
	}
	for _, d := range doses {
		v := Intervention{Site: k.Unit.Site, Units: []int{k.Unit.Unit}, Mode: Clamp, Value: d.Value}
		plan, err := Prepare(in.Model, []Intervention{v}, nil, nil)
		if err != nil {
			return nil, err
		}
		said, err := sample.Generator{Model: in.Model, Alphabet: in.Alphabet, Hook: NewHooks([]Plan{plan})}.Text(ctx, how.Prompt, opt, stream())
		if err != nil {
			return nil, err
		}
		out = append(out, SteeredText{Dose: fmt.Sprintf("%s = %.3g", k.Unit, d.Value), Text: said})
	}
	return out, nil
}
