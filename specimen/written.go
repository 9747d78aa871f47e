package specimen

import (
	"context"
	"math/rand/v2"
	"strings"

	"github.com/rnnscope/rnnscope/sample"
	"github.com/rnnscope/rnnscope/text"
)

// writtenAtOnce is how many texts the network writes beside each other.
const writtenAtOnce = 64

// GeneratedText is the specimen of a network and n characters that it writes itself, at
// temperature 1, in alternating blocks: as many texts as run at once, one after the
// other. The same seed gives the same text. Errors are sample's.
func GeneratedText(ctx context.Context, net Network, n int, seed uint64) (*Specimen, error) {
	each := (n + writtenAtOnce - 1) / writtenAtOnce
	rngs := make([]*rand.Rand, writtenAtOnce)
	for i := range rngs {
		rngs[i] = rand.New(rand.NewPCG(seed, uint64(1<<40+i)))
	}
	texts, err := sample.Texts(ctx, net.Model, net.Alphabet, nil, sample.Options{N: each, Temperature: 1}, rngs)
	if err != nil {
		return nil, err
	}
	raw := []byte(strings.Join(texts, ""))
	ids, err := net.Alphabet.Encode(raw, text.UnknownError)
	if err != nil {
		return nil, err
	}
	return OtherText(net, TextOf("what the network writes", raw, ids)), nil
}
