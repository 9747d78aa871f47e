package explain

import (
	"context"
	"math"
	"slices"

	"github.com/rnnscope/rnnscope/internal/crew"
	"github.com/rnnscope/rnnscope/ngram"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"
)

// Stand-ins by index: the network itself, descriptions by size, means by context.
const (
	ownStates   = 0
	firstSize   = 1
	firstMeans  = firstSize + Sizes
	standIns    = firstMeans + vocabularyContexts + 1
	betaMost    = 4.0
	betaLeast   = 0.02
	betaCells   = 1 << 20 // rows times symbols that a temperature is fitted on
	betaRows    = 1000    // but at least so many rows
	trainedMost = 1_000_000
	ngramOrder  = 9
)

// wording replaces the states of the top layer.
type wording struct {
	j     *job
	s     *study
	r     *readout
	means *contextMeans
	walks []*worker
	state [standIns][]float32 // [rows,H] of the stretch under way
}

// inWords measures K at the readout.
func (j *job) describedNetwork(ctx context.Context, s *study, r *readout) (*DescribedNetwork, error) {
	w := &wording{j: j, s: s, r: r, means: newContextMeans(j, s)}
	advance := j.stage("the network in words", len(j.plan.held)+len(j.plan.report))
	beta, err := w.temperatures(ctx, advance)
	if err != nil {
		return nil, err
	}
	n := len(j.plan.report)
	var raw, cooled [standIns][]float64
	for i := range raw {
		raw[i], cooled[i] = make([]float64, n), make([]float64, n)
	}
	unigram, count := make([]float64, n), make([]float64, n)
	logUnigram := j.unigram()
	for k, seg := range j.plan.report {
		next := j.plan.next[seg.lo:seg.hi]
		err := w.each(ctx, seg, func(i int, logits []float32) {
			for t, y := range next {
				if y < 0 {
					continue
				}
				z := logits[t*r.v : (t+1)*r.v]
				raw[i][k] += crossEntropy(z, y, 1)
				cooled[i][k] += crossEntropy(z, y, beta[i])
			}
		})
		if err != nil {
			return nil, err
		}
		for _, y := range next {
			if y >= 0 {
				unigram[k] -= logUnigram[y]
				count[k]++
			}
		}
		advance()
	}
	out := &DescribedNetwork{Positions: int(sumOf(count)), Network: stat.SegmentMean(raw[ownStates], count), Unigram: stat.SegmentMean(unigram, count)}
	score := func(i int) ReplacementResult {
		loss, k := stat.SegmentMean(cooled[i], count), keptShare(unigram, cooled[i], raw[ownStates], count)
		return ReplacementResult{
			Loss: stat.SegmentMean(raw[i], count), K: keptShare(unigram, raw[i], raw[ownStates], count),
			Temperature: stat.Number(1 / beta[i]), CooledLoss: &loss, CooledK: &k,
		}
	}
	for i, k := range Leaves {
		x := score(firstSize + i)
		x.Leaves = k
		out.Described = append(out.Described, x)
	}
	for last := range vocabularyContexts + 1 {
		x := score(firstMeans + last)
		x.Last = last
		out.Means = append(out.Means, x)
	}
	out.NGram, err = j.bestNGram(unigram, raw[ownStates], count)
	return out, err
}

// keptShare is K over segments of count symbols, with its interval; undefined for a network
// that is no better than the frequencies.
func keptShare(unigram, loss, network, count []float64) stat.Interval {
	num, den := make([]float64, len(loss)), make([]float64, len(loss))
	for k := range loss {
		num[k], den[k] = unigram[k]-loss[k], unigram[k]-network[k]
	}
	n := int64(sumOf(count))
	if !(sumOf(den) > 0) {
		return stat.Point(math.NaN(), n)
	}
	out := stat.SegmentMean(num, den)
	out.N = n
	return out
}

// each calls visit, for every stand-in, with the logits [rows,V] of a stretch.
func (w *wording) each(ctx context.Context, seg stretch, visit func(i int, logits []float32)) error {
	if err := w.fill(ctx, seg); err != nil {
		return err
	}
	n := seg.hi - seg.lo
	return crew.ForEach(ctx, standIns, w.j.workers(), func(i int) {
		logits := make([]float32, n*w.r.v)
		w.r.logits(logits, w.state[i], n)
		visit(i, logits)
	})
}

// fill sets the states of all stand-ins over a stretch.
func (w *wording) fill(ctx context.Context, seg stretch) error {
	n, h := seg.hi-seg.lo, w.r.h
	for i := range w.state {
		if cap(w.state[i]) < n*h {
			w.state[i] = make([]float32, n*h)
		}
		w.state[i] = w.state[i][:n*h]
	}
	for r := range n {
		w.s.col.states(w.state[ownStates][r*h:(r+1)*h], seg.lo+r)
		for last := range vocabularyContexts + 1 {
			copy(w.state[firstMeans+last][r*h:(r+1)*h], w.means.at(seg.lo+r, last))
		}
	}
	return w.s.simulate(ctx, seg, w.j.workers(), &w.walks, func(size int) []float32 { return w.state[firstSize+size] })
}

// simulate sets for each size [rows,H] what the descriptions of all units say over a
// stretch.
func (s *study) simulate(ctx context.Context, seg stretch, workers int, walks *[]*worker, of func(size int) []float32) error {
	for len(*walks) < workers {
		*walks = append(*walks, s.newWalker())
	}
	n, h := seg.hi-seg.lo, len(s.units)
	share := (h + workers - 1) / workers
	return crew.ForEach(ctx, workers, workers, func(k int) {
		w := (*walks)[k]
		values := w.at(s, seg.lo, seg.lo, n)
		for u := k * share; u < min(h, (k+1)*share); u++ {
			g := &s.units[u].full
			leaf := w.walk.Walk(g.tree, values, n)
			for size, cut := range g.cuts {
				dst := of(size)
				if dst == nil {
					continue
				}
				value := s.values(g, cut, u)
				for r, l := range leaf {
					dst[r*h+u] = value[l]
				}
			}
		}
	})
}

// temperatures fits one inverse temperature for each stand-in on held-back text.
func (w *wording) temperatures(ctx context.Context, advance func()) (beta [standIns]float64, err error) {
	held := w.j.plan.held
	rows := 0
	for _, seg := range held {
		rows += seg.hi - seg.lo
	}
	every := max(1, rows/max(betaRows, betaCells/w.r.v))
	var logits [standIns][]float32
	var next []int32
	for _, seg := range held {
		for r := seg.lo; r < seg.hi; r += every {
			if y := w.j.plan.next[r]; y >= 0 {
				next = append(next, y)
			}
		}
		err := w.each(ctx, seg, func(i int, z []float32) {
			for r := seg.lo; r < seg.hi; r += every {
				if w.j.plan.next[r] >= 0 {
					t := r - seg.lo
					logits[i] = append(logits[i], z[t*w.r.v:(t+1)*w.r.v]...)
				}
			}
		})
		if err != nil {
			return beta, err
		}
		advance()
	}
	err = crew.ForEach(ctx, standIns, w.j.workers(), func(i int) {
		beta[i] = lowest(func(log float64) float64 {
			var sum float64
			for t, y := range next {
				sum += crossEntropy(logits[i][t*w.r.v:(t+1)*w.r.v], y, math.Exp(log))
			}
			return sum
		})
	})
	return beta, err
}

// lowest finds the inverse temperature with the lowest loss, which is convex in it, by
// golden section over its logarithm.
func lowest(loss func(log float64) float64) float64 {
	const golden, steps = 0.6180339887498949, 16
	lo, hi := math.Log(betaLeast), math.Log(betaMost)
	a, b := hi-golden*(hi-lo), lo+golden*(hi-lo)
	fa, fb := loss(a), loss(b)
	for range steps {
		if fa < fb {
			hi, b, fb = b, a, fa
			a = hi - golden*(hi-lo)
			fa = loss(a)
		} else {
			lo, a, fa = a, b, fb
			b = lo + golden*(hi-lo)
			fb = loss(b)
		}
	}
	return math.Exp((lo + hi) / 2)
}

// unigram is ln P of every symbol by its frequency on the growing rows, each counted
// half a time more.
func (j *job) unigram() []float64 {
	v := j.Symbols()
	count := make([]float64, v)
	for i := range count {
		count[i] = 0.5
	}
	n := float64(v) / 2
	for r := range j.plan.grow {
		if k, whole := j.base.Last(r, 1); whole {
			count[k[0]]++
			n++
		}
	}
	for i := range count {
		count[i] = math.Log(count[i] / n)
	}
	return count
}

// bestNGram scores n-gram models of the network's training text, at most a million
// symbols of it, the last ones; nil without.
func (j *job) bestNGram(unigram, network, count []float64) (*NGram, error) {
	ids, _, _, err := j.TrainingTail(0, trainedMost)
	if err != nil || len(ids) <= ngramOrder {
		return nil, err
	}
	m, err := ngram.Train(ids, j.Symbols(), ngramOrder)
	if err != nil {
		return nil, err
	}
	first := j.plan.report[0].lo
	chosen := make([]float64, ngramOrder)
	byRow := make([][]float64, ngramOrder) // of the report
	for k := range byRow {
		byRow[k] = make([]float64, len(j.plan.at)-first)
	}
	score := func(row int32, logp []float64) {
		for k, l := range logp {
			if int(row) < first {
				chosen[k] -= l
			} else {
				byRow[k][int(row)-first] = -l
			}
		}
	}
	for _, blocks := range [][]text.Block{j.plan.choose, j.plan.reported} {
		ids, at, err := gather(j.Text.Source, oneMore(blocks, j.Text.Source.Len()))
		if err != nil {
			return nil, err
		}
		rows := rowsOf(blocks, j.plan.at, 0, len(j.plan.at))
		for i, b := range at {
			m.Score(ids[b.Warm:b.Hi], func(t int, logp []float64) {
				// What comes after row r is the symbol one further on.
				if r := t - 1 - (b.Lo - b.Warm); r >= 0 && rows[i][r] >= 0 {
					score(rows[i][r], logp)
				}
			})
		}
	}
	best := 0
	for k := range chosen {
		if chosen[k] < chosen[best] {
			best = k
		}
	}
	loss := make([]float64, len(count))
	for k, seg := range j.plan.report {
		for r := seg.lo; r < seg.hi; r++ {
			loss[k] += byRow[best][r-first]
		}
	}
	return &NGram{Order: best + 1, Loss: stat.SegmentMean(loss, count), K: keptShare(unigram, loss, network, count)}, nil
}

// oneMore is blocks with the symbol after each, where the text has one.
func oneMore(blocks []text.Block, n int) []text.Block {
	out := slices.Clone(blocks)
	for i := range out {
		out[i].Hi = min(out[i].Hi+1, n)
	}
	return out
}
