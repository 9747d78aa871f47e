package synth

import "math/rand/v2"

// dyckDomain: lines of balanced brackets. Each line is a walk of Length steps
// that starts and ends at depth 0 and stays within 0..Depth; kinds are drawn
// evenly. bracket-depth counts the kinds ( [ { only, as everywhere.
func dyckDomain() domain {
	return domain{name: "dyck", columns: brackets(), write: writeDyck}
}

func writeDyck(w *writer, _ int, rng *rand.Rand, opt Options) {
	length := opt.Length &^ 1
	var stack []int
	for left := length; left > 0; left-- {
		if opt.Spaced && left < length {
			w.put(" ")
		}
		open := rng.IntN(2) == 0
		switch {
		case len(stack) == 0:
			open = true
		case len(stack) >= min(opt.Depth, left):
			open = false
		}
		if open {
			k := rng.IntN(opt.Kinds)
			stack = append(stack, k)
			w.bracket(k, +1)
			w.put(dyckOpen[k : k+1])
			continue
		}
		k := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		w.bracket(k, -1)
		w.put(dyckClose[k : k+1])
	}
	w.put("\n")
}
