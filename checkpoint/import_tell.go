package checkpoint

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"

	"github.com/rnnscope/rnnscope/rnn"
)

// distinct drops readings that are the same function as an earlier one, as when a
// tied matrix stands in the file twice.
func distinct(all []*reading) []*reading {
	seen := map[string]bool{}
	var out []*reading
	for _, r := range all {
		if key := r.function(); !seen[key] {
			seen[key] = true
			out = append(out, r)
		}
	}
	return out
}

// function names what the reading computes: the same numbers in the same parts.
func (r *reading) function() string {
	var b strings.Builder
	number := func(a *array) {
		if a == nil {
			b.WriteString(" -")
			return
		}
		b.WriteString(" " + a.numbers())
	}
	for _, s := range r.stacks {
		b.WriteString(s.name + ">")
	}
	input := r.input
	if input == InputTied {
		input = InputEmbedding // the same function when the matrix is the same
	}
	b.WriteString(input)
	for _, m := range []*module{r.entry, r.entryAt, r.entryThen, r.head, r.hidden, r.norm} {
		if m == nil {
			b.WriteString(" none")
			continue
		}
		number(m.weight)
		number(m.bias)
	}
	return b.String() + r.elsewhere
}

// numbers identifies shape and elements.
func (a *array) numbers() string {
	if a.sum == "" {
		h := sha256.New()
		fmt.Fprint(h, a.shape)
		_, _ = h.Write(tensor{data: a.x}.Data()) // never fails
		a.sum = string(h.Sum(nil))
	}
	return a.sum
}

// tellApart says which options tell readings apart: as few as do.
func tellApart(all []*reading) string {
	var flags []int
	classes := func(flags []int) int {
		seen := map[string]bool{}
		for _, r := range all {
			seen[r.flags(flags)] = true
		}
		return len(seen)
	}
	for i := range all[0].choices() {
		if classes(append(slices.Clone(flags), i)) > classes(flags) {
			flags = append(flags, i)
		}
	}
	// One that a later one makes needless goes.
	for i := 0; i < len(flags); {
		less := slices.Delete(slices.Clone(flags), i, i+1)
		if len(less) > 0 && classes(less) == classes(flags) {
			flags = less
			continue
		}
		i++
	}
	var ways []string
	for _, r := range all {
		if way := r.flags(flags); !slices.Contains(ways, way) {
			ways = append(ways, way)
		}
	}
	return "how its tensors go together: give " + strings.Join(ways, "  or  ")
}

func (r *reading) flags(which []int) string {
	var out []string
	for _, i := range which {
		if c := r.choices()[i]; c[1] != "" {
			out = append(out, c[0]+" "+c[1])
		}
	}
	return strings.Join(out, " ")
}

func describeReadings(all []*reading) string {
	var ways []string
	for _, r := range all[:min(len(all), 4)] {
		ways = append(ways, r.flags([]int{0, 1, 2, 3, 4, 5}))
	}
	return strings.Join(ways, "  or  ")
}

// explain says why there is no reading.
func (p *parts) explain(cell rnn.Cell, vocab int) error {
	for _, m := range p.matrices {
		v := m.weight.shape[0]
		if v == vocab {
			continue
		}
		if r, err := p.readings(cell, v); err == nil && len(r) > 0 {
			return fmt.Errorf("the network has %d symbols, the alphabet %d: %w", v, vocab, ErrAlphabet)
		}
	}
	last := p.stacks[len(p.stacks)-1]
	var names []string
	for _, m := range slices.Concat(p.matrices, p.norms) {
		names = append(names, fmt.Sprintf("%s %v", m.weight.of, m.weight.shape))
	}
	for _, a := range p.rest {
		names = append(names, fmt.Sprintf("%s %v", a.of, a.shape))
	}
	switch {
	case len(p.matrices) == 0:
		return fmt.Errorf("no output layer [V,%d] beside the recurrent one: %w", last.out(), ErrUnsupported)
	case len(p.matrices) > 3:
		return fmt.Errorf("%d matrices beside the recurrent ones (%s), where an embedding, an output layer and one hidden layer before it are known: %w",
			len(p.matrices), strings.Join(names, ", "), ErrUnsupported)
	case len(p.stacks) > 1 && !canFollow(p.stacks):
		return fmt.Errorf("%d recurrent stacks that do not fit on each other: %w", len(p.stacks), ErrUnsupported)
	}
	return fmt.Errorf("%d matrices beside the recurrent ones; input of %d numbers, last states of %d and %d symbols leave no place for all of %s (leave out what is no part of the network with --ignore NAME): %w",
		len(p.matrices), p.stacks[0].in(), last.out(), vocab, strings.Join(names, ", "), ErrUnsupported)
}

func canFollow(stacks []*stack) bool {
	for range orders(stacks) {
		return true
	}
	return false
}
