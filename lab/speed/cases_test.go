package speed

import (
	"strings"
	"testing"

	"github.com/rnnscope/rnnscope/rnn"
)

// TestFlops holds the formula against a count of the weights: every weight but
// layer 0's input weights and the biases costs a multiplication and an addition.
func TestFlops(t *testing.T) {
	for _, c := range allCases() {
		m, err := rnn.New(c.config())
		if err != nil {
			t.Fatal(err)
		}
		var want float64
		for _, p := range m.Params() {
			head := strings.HasPrefix(p.Name, "fc.")
			if len(p.Shape) < 2 || p.Name == "rnn.weight_ih_l0" || head && c.Kind == KindForward {
				continue
			}
			want += 2 * float64(p.Len())
		}
		if c.Kind == KindTrain {
			want *= 3
		}
		if got := c.flops(); got != want {
			t.Errorf("%s: %v FLOP a character, the weights say %v", c.Name, got, want)
		}
	}
}
