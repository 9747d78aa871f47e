package text

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"unicode/utf8"
)

// SplitStreams splits every one of n equal streams of the text like TailSplit, as Karpathy, Johnson and Li did in 2015 (Visualizing and
// understanding recurrent networks: 100 streams, the batch size): validation and test then come from all over the text, where a
// tail split takes them from its end.
//
// The corpus it returns is the text rearranged: first what the streams give to training, in their order, then what they give to validation, then
// to test. So a part is one span again, and a training with batch size n reads one stream a row. Up to n - 1 symbols behind the
// last whole stream are left out. Where two pieces meet the text jumps, n - 1 times in each part.
//
// Errors match ErrImpossible and ErrTooShort.
func (c *Corpus) SplitStreams(n int, train, val float64) (*Corpus, Split, error) {
	if n < 1 {
		return nil, Split{}, fmt.Errorf("%w: %d streams", ErrImpossible, n)
	}
	each, err := TailSplit(len(c.IDs)/n, train, val)
	if err != nil {
		return nil, Split{}, fmt.Errorf("each of %d streams: %w", n, err)
	}
	starts, err := c.symbolStarts()
	if err != nil {
		return nil, Split{}, err
	}
	out := &Corpus{Name: c.Name, Sources: c.Sources, Notes: c.Notes, Lost: c.Lost, Alphabet: c.Alphabet}
	out.Notes = append(out.Notes[:len(out.Notes):len(out.Notes)], fmt.Sprintf("The text is rearranged: training, validation and test parts of %d streams behind one another.", n))
	length := len(c.IDs) / n
	for _, part := range []Span{each.Train, each.Val, each.Test} {
		for s := range n {
			lo, hi := s*length+part.Lo, s*length+part.Hi
			out.IDs = append(out.IDs, c.IDs[lo:hi]...)
			out.Raw = append(out.Raw, c.Raw[starts(lo):starts(hi)]...)
		}
	}
	sum := sha256.Sum256(out.Raw)
	out.SHA256 = hex.EncodeToString(sum[:])
	a, b := n*each.Train.Hi, n*each.Val.Hi
	name := fmt.Sprintf("%d streams, each %s", n, each.Name)
	return out, Split{Name: name, Train: Span{0, a}, Val: Span{a, b}, Test: Span{b, n * each.Test.Hi}}, nil
}

// symbolStarts finds the byte of Raw at which a symbol begins. It fails with ErrImpossible where symbols are not the characters or
// bytes of Raw, one for one.
func (c *Corpus) symbolStarts() (func(symbol int) int, error) {
	if len(c.Raw) == len(c.IDs) {
		return func(symbol int) int { return symbol }, nil
	}
	if utf8.RuneCount(c.Raw) != len(c.IDs) {
		return nil, fmt.Errorf("%w: streams are split where every symbol is one character of the text or one byte", ErrImpossible)
	}
	starts := make([]int32, 0, len(c.IDs)+1)
	for at := range string(c.Raw) {
		starts = append(starts, int32(at))
	}
	starts = append(starts, int32(len(c.Raw)))
	return func(symbol int) int { return int(starts[symbol]) }, nil
}
