package speed

import (
	"errors"
	"fmt"
	"strings"

	"github.com/rnnscope/rnnscope/rnn"
)

// ErrUnknown marks a name that no configuration begins with.
var ErrUnknown = errors.New("no such configuration")

// Kinds of work a benchmark case times.
const (
	KindTrain   = "train"   // whole steps: forward, loss, backward, clip by norm, Adam, packing
	KindForward = "forward" // the recurrent layers alone, every hidden state kept
	KindSample  = "sample"  // one stream, symbol after symbol, drawn at temperature 1
)

// Case is one configuration. Steps and Streams are T and B; sampling has neither.
type Case struct {
	Name    string   `json:"name"`
	Kind    string   `json:"kind"`
	Cell    rnn.Cell `json:"cell"`
	Vocab   int      `json:"vocab"`
	Hidden  int      `json:"hidden"`
	Layers  int      `json:"layers"`
	Streams int      `json:"streams"`
	Steps   int      `json:"steps"`
}

// allCases are the configurations of BENCHMARKS.md.
func allCases() []Case {
	return []Case{
		{"elman-1x128", KindTrain, rnn.Elman, 96, 128, 1, 32, 64},
		{"lstm-2x128", KindTrain, rnn.LSTM, 96, 128, 2, 50, 50},
		{"gru-2x128", KindTrain, rnn.GRU, 96, 128, 2, 50, 50},
		{"lstm-1x512", KindTrain, rnn.LSTM, 96, 512, 1, 64, 100},
		{"gru-1x512", KindTrain, rnn.GRU, 96, 512, 1, 64, 100},
		{"lstm-2x512", KindTrain, rnn.LSTM, 96, 512, 2, 100, 100},
		{"lstm-1x256-v4181", KindTrain, rnn.LSTM, 4181, 256, 1, 64, 100},
		{"forward-lstm-1x512", KindForward, rnn.LSTM, 96, 512, 1, 64, 100},
		{"sample-lstm-2x128", KindSample, rnn.LSTM, 96, 128, 2, 1, 1},
		{"sample-lstm-2x512", KindSample, rnn.LSTM, 96, 512, 2, 1, 1},
	}
}

// chosenCases are the cases whose names begin with one of the words; all without words.
func chosenCases(words []string) ([]Case, error) {
	var out []Case
	used := make([]bool, len(words))
	for _, c := range allCases() {
		hit := len(words) == 0
		for i, w := range words {
			if strings.HasPrefix(c.Name, w) {
				hit, used[i] = true, true
			}
		}
		if hit {
			out = append(out, c)
		}
	}
	for i, w := range words {
		if !used[i] {
			return nil, fmt.Errorf("%w: none begins with %q; there are %s", ErrUnknown, w, caseNames())
		}
	}
	return out, nil
}

func caseNames() string {
	var names []string
	for _, c := range allCases() {
		names = append(names, c.Name)
	}
	return strings.Join(names, ", ")
}

func (c Case) config() rnn.Config {
	return rnn.Config{Cell: c.Cell, Vocab: c.Vocab, Hidden: c.Hidden, Layers: c.Layers}
}

// flops is the useful floating point operations a character: every matrix product
// but the input gather; backward is twice the forward.
func (c Case) flops() float64 {
	h := float64(c.Hidden)
	layers := 2 * float64(2*c.Layers-1) * float64(c.config().Gates()) * h * h
	head := 2 * float64(c.Vocab) * h
	switch c.Kind {
	case KindTrain:
		return 3 * (layers + head)
	case KindForward:
		return layers
	}
	return layers + head
}

// needBytes is what training cannot do without: weights, two moments and, for each
// layer and position, one value of every gate and state, and the probabilities.
func (c Case) needBytes() float64 {
	states := map[rnn.Cell]int{rnn.Elman: 2, rnn.GRU: 5, rnn.LSTM: 7}[c.Cell] // sum, h; r z n, W_hn h, h; i f g o, c, tanh c, h
	return 4 * (3*float64(c.config().Parameters()) + float64(c.Steps*c.Streams*(states*c.Hidden*c.Layers+c.Vocab)))
}
