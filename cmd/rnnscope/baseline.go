package main

import (
	"fmt"
	"index/suffixarray"
	"strings"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/table"
	"github.com/rnnscope/rnnscope/ngram"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"
	"github.com/rnnscope/rnnscope/train"
)

// orderLoss is what an n-gram model of one order, counted on the training part,
// loses on the other two parts of the split, a character.
type orderLoss struct {
	Order          int     `json:"order"`
	ValidationNats float64 `json:"validation_nats"`
	ValidationBits float64 `json:"validation_bits"`
	TestNats       float64 `json:"test_nats"`
	TestBits       float64 `json:"test_bits"`
}

// baseline is what finite memory reaches on a text: what a network stands beside.
type baseline struct {
	Method string      `json:"method"`
	Orders []orderLoss `json:"orders"`     // 1, 2, ...
	Best   int         `json:"best_order"` // lowest on validation
}

const baselineMethod = "interpolated modified Kneser-Ney"

// ngramBaseline scores the validation and the test part, each from an empty
// context, with models of order 1 to order of the training part.
func ngramBaseline(c *text.Corpus, split text.Split, order int) (*baseline, error) {
	part := func(s text.Span) []int32 { return c.IDs[s.Lo:s.Hi] }
	m, err := ngram.Train(part(split.Train), c.Alphabet.Size(), order)
	if err != nil {
		return nil, err
	}
	b := &baseline{Method: baselineMethod, Best: 1}
	val, test := m.CrossEntropy(part(split.Val)), m.CrossEntropy(part(split.Test))
	for k := range order {
		b.Orders = append(b.Orders, orderLoss{k + 1, val[k], train.Bits(val[k]), test[k], train.Bits(test[k])})
		if val[k] < val[b.Best-1] {
			b.Best = k + 1
		}
	}
	return b, nil
}

// repeatWindow is how long a stretch must be for its repetition to mean copying, in characters.
const repeatWindow = 40

// repeats is how much of the held-out text stands word for word in the training part.
type repeats struct {
	Window   int         `json:"window"`   // characters
	HeldOut  int         `json:"held_out"` // windows that lie wholly in the validation and test parts
	Repeated int         `json:"repeated"` // of them, windows that occur in the training part
	Share    stat.Number `json:"share"`
}

// countRepeats looks every window of the held-out parts up in a suffix array of
// the training part.
func countRepeats(c *text.Corpus, split text.Split) repeats {
	r := repeats{Window: repeatWindow, Share: stat.Undefined()}
	held := c.IDs[split.Train.Hi:]
	if len(held) < repeatWindow {
		return r
	}
	index := suffixarray.New([]byte(c.Alphabet.Decode(c.IDs[split.Train.Lo:split.Train.Hi])))
	offsets := make([]int, len(held)+1) // of each character in whole
	whole := make([]byte, 0, len(held))
	for i := range held {
		offsets[i] = len(whole)
		whole = append(whole, c.Alphabet.Decode(held[i:i+1])...)
	}
	offsets[len(held)] = len(whole)
	for i := 0; i+repeatWindow <= len(held); i++ {
		r.HeldOut++
		if len(index.Lookup(whole[offsets[i]:offsets[i+repeatWindow]], 1)) > 0 {
			r.Repeated++
		}
	}
	r.Share = stat.Number(float64(r.Repeated) / float64(r.HeldOut))
	return r
}

// table sets nats and bits of every order in rows; the best is marked.
func (b *baseline) table() string {
	rows := [][]string{{"order", "validation nats", "bits", "test nats", "bits", ""}}
	for _, o := range b.Orders {
		mark := ""
		if o.Order == b.Best {
			mark = "best on validation"
		}
		rows = append(rows, []string{fmt.Sprint(o.Order), table.Fixed(o.ValidationNats, 4), table.Fixed(o.ValidationBits, 4),
			table.Fixed(o.TestNats, 4), table.Fixed(o.TestBits, 4), mark})
	}
	var out strings.Builder
	fmt.Fprintf(&out, "n-gram models of the training part (%s)\n", b.Method)
	for line := range strings.Lines(table.Aligned(rows, 0)) {
		out.WriteString("  " + line)
	}
	return out.String()
}
