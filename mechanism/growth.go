package mechanism

import (
	"context"
	"math"
	"math/rand/v2"

	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/stat"
)

const (
	writtenLines  = 64
	writtenLength = 160
)

// Look is a quick measure with a sample of what the network writes; probes as in Options, so that
// moments of one training are measured alike.
func Look(ctx context.Context, m *rnn.Model, l *Language, step int64, probes string, seed uint64) (*Moment, error) {
	r, err := measure(ctx, m, l, Options{Sequences: 24, Quick: true, Probes: probes, Seed: seed})
	if err != nil {
		return nil, err
	}
	w, err := Write(ctx, m, l, rand.New(rand.NewPCG(seed, 0x77)))
	if err != nil {
		return nil, err
	}
	return &Moment{
		Step: step, Inside: r.Inside.AUROC, Nested: r.Test(TestGrid).Find(knownWithin), R2: r.Axis.R2,
		Cosine: r.Test(TestIncrements).Find("cosine of steps"), Written: w, Verdict: r.Verdict, Left: r.Left,
	}, nil
}

// Write lets a network write from outside of everything, at temperature 1.
func Write(ctx context.Context, m *rnn.Model, l *Language, rng *rand.Rand) (Written, error) {
	r := newReader(m)
	v := m.Config().Vocab
	texts := make([][]int32, writtenLines)
	for i := range texts {
		texts[i] = l.begin(rng).ids
	}
	starts := make([]int, len(texts))
	r.step.State().Zero()
	var logits []float32
	for t := range warmUp + writtenLength {
		if err := ctx.Err(); err != nil {
			return Written{}, err
		}
		for row := range r.x {
			r.x[row] = -1
			if row >= len(texts) {
				continue
			}
			if t >= len(texts[row]) {
				if starts[row] == 0 {
					starts[row] = t
				}
				texts[row] = append(texts[row], draw(logits[row*v:(row+1)*v], rng))
			}
			r.x[row] = texts[row][t]
		}
		logits = r.step.Step(r.x)
	}
	var fit, marks, mixed []float64
	total := 0
	for i, ids := range texts {
		s := l.marksOf(ids[starts[i]:])
		fit, marks = append(fit, float64(l.fitting(s))), append(marks, float64(len(s)))
		rng.Shuffle(len(s), func(a, b int) { s[a], s[b] = s[b], s[a] })
		mixed = append(mixed, float64(l.fitting(s)))
		total += len(s)
	}
	if l.straight() && l.End < 0 {
		none := stat.Point(math.NaN(), 0)
		return Written{Fitting: none, Shuffled: none, Marks: total}, nil
	}
	return Written{Fitting: stat.SegmentMean(fit, marks), Shuffled: stat.SegmentMean(mixed, marks), Marks: total}, nil
}

// draw takes a symbol from the distribution of logits.
func draw(logits []float32, rng *rand.Rand) int32 {
	z, u := logZ(logits), rng.Float64()
	for id, v := range logits {
		if u -= math.Exp(float64(v) - z); u < 0 {
			return int32(id)
		}
	}
	return int32(len(logits) - 1)
}

// marksOf keeps the marks, and the line ends where these tell that nothing is open.
func (l *Language) marksOf(ids []int32) []int32 {
	var out []int32
	for _, id := range ids {
		is := id == l.End
		for _, k := range l.Kinds {
			is = is || id == k.Open || id == k.Close
		}
		if is {
			out = append(out, id)
		}
	}
	return out
}

// fitting counts the marks that fit: openers that are closed by their own closer,
// closers of what was opened last, line ends outside of everything.
func (l *Language) fitting(marks []int32) int {
	n := 0
	var stack []int
	for _, id := range marks {
		if id == l.End {
			if len(stack) == 0 {
				n++
			}
			stack = stack[:0]
			continue
		}
		top := len(stack) - 1
		for k, kind := range l.Kinds {
			switch {
			case id == kind.Close && top >= 0 && stack[top] == k:
				n += 2
				stack = stack[:top]
			case id == kind.Open:
				stack = append(stack, k)
			default:
				continue
			}
			break
		}
	}
	return n
}
