package synth

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// ErrUnknown says that no domain has the name asked for.
var ErrUnknown = errors.New("unknown synthetic corpus")

// Names lists the corpora Generate knows: domains, their mixture, nested languages.
func Names() []string {
	var names []string
	for _, d := range domains() {
		names = append(names, d.name)
	}
	names = append(names, "mixed")
	for _, l := range languages() {
		names = append(names, l.name)
	}
	return names
}

// MaxSize bounds a generated text: with its labels a character takes about 100 bytes.
const MaxSize = 50_000_000

// Generate writes the corpus called name, at least n runes long and not much
// longer: it ends at the first section that passes n. The same rng state gives
// the same text. Errors match ErrUnknown or ErrOption.
func Generate(name string, n int, rng *rand.Rand, opt Options) (*Text, error) {
	if n < 1 || n > MaxSize {
		return nil, fmt.Errorf("%w: size %d, want 1 to %d characters", ErrOption, n, MaxSize)
	}
	for _, l := range languages() {
		if l.name == name {
			return l.write(n, rng, opt)
		}
	}
	opt, err := opt.normal()
	if err != nil {
		return nil, err
	}
	if name == "mixed" {
		return generateMixed(n, rng, opt), nil
	}
	all := domains()
	i := slices.IndexFunc(all, func(d domain) bool { return d.name == name })
	if i < 0 {
		return nil, fmt.Errorf("%w %q: choose one of %s", ErrUnknown, name, strings.Join(Names(), ", "))
	}
	d := all[i]
	w := newWriter(d.columns)
	for len(w.runes) < n {
		w.section(d, n-len(w.runes), rng, opt)
	}
	return w.text(name), nil
}
