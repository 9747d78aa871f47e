package trace

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/text"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const vocab = 11

// sample is a network with random weights and a random text.
func sample(t testing.TB, cell rnn.Cell, hidden, layers, n int) (*rnn.Model, []int32) {
	t.Helper()
	m, err := rnn.New(rnn.Config{Cell: cell, Vocab: vocab, Hidden: hidden, Layers: layers})
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, uint64(hidden)))
	m.InitUniform(rng, 0.5)
	ids := make([]int32, n)
	for i := range ids {
		ids[i] = rng.Int32N(vocab)
	}
	return m, ids
}

// readable lists the sites a trace can record.
func readable(m *rnn.Model) []string {
	var sites []string
	for _, s := range m.Sites() {
		switch s.Part {
		case "h.rec", "c.rec", "h.up", "h.out":
		default:
			sites = append(sites, s.Name)
		}
	}
	return sites
}

// watcher is a hook that copies everything it is shown.
type watcher struct {
	sites []string
	seen  [][]float32
}

func (w *watcher) Sites() []string { return w.sites }

func (w *watcher) At(i, _, _ int, v []float32) bool {
	copy(w.seen[i], v)
	return false
}

// The slow twin: one symbol at a time from block.Warm on, every value as the
// stepper shows it.
func stepped(m *rnn.Model, ids []int32, b text.Block, sites []string) *Trace {
	h := m.Config().Hidden
	w := &watcher{sites: sites}
	t := &Trace{Block: b, Sites: sites, Units: h, IDs: ids[b.Lo:b.Hi], Value: make([][]float32, len(sites))}
	for range sites {
		w.seen = append(w.seen, make([]float32, h))
	}
	s := m.NewStepper(1)
	for pos := b.Warm; pos < b.Hi; pos++ {
		logits := s.StepHook(ids[pos:pos+1], pos, w)
		if pos < b.Lo {
			continue
		}
		for i := range sites {
			t.Value[i] = append(t.Value[i], w.seen[i]...)
		}
		sum := 0.0
		for _, l := range logits {
			sum += math.Exp(float64(l))
		}
		for _, l := range logits {
			t.LogProb = append(t.LogProb, float32(float64(l)-math.Log(sum)))
		}
		loss := float32(math.NaN())
		if pos+1 < len(ids) {
			loss = -t.LogProb[len(t.LogProb)-vocab+int(ids[pos+1])]
		}
		t.Loss = append(t.Loss, loss)
	}
	return t
}

func near(t *testing.T, what string, got, want []float32) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d values, want %d", what, len(got), len(want))
	}
	for i := range got {
		d := math.Abs(float64(got[i]) - float64(want[i]))
		if !(d <= 1e-5) && (got[i] == got[i] || want[i] == want[i]) {
			t.Fatalf("%s: value %d is %v, want %v", what, i, got[i], want[i])
		}
	}
}

func compare(t *testing.T, got, want *Trace) {
	t.Helper()
	if diff := cmp.Diff([]any{want.Block, want.Sites, want.Units, want.IDs}, []any{got.Block, got.Sites, got.Units, got.IDs}); diff != "" {
		t.Fatal(diff)
	}
	for i, site := range want.Sites {
		near(t, fmt.Sprint(site, " of block ", want.Block.Index), got.Value[i], want.Value[i])
	}
	near(t, "loss", got.Loss, want.Loss)
	near(t, "predictions", got.LogProb, want.LogProb)
}

func TestAgreesWithOneStepAtATime(t *testing.T) {
	for _, cell := range []rnn.Cell{rnn.Elman, rnn.GRU, rnn.LSTM} {
		for layers := 1; layers <= 2; layers++ {
			t.Run(fmt.Sprint(cell, layers), func(t *testing.T) {
				m, ids := sample(t, cell, 13, layers, 2345)
				opt := Options{Sites: readable(m), Loss: true, Predictions: true}
				blocks := text.Grid{Size: 300}.Blocks(text.Span{Lo: 900, Hi: len(ids)})
				next := 0
				err := Blocks(t.Context(), m, ids, blocks, opt, func(_ int, got *Trace) error {
					compare(t, got, stepped(m, ids, blocks[next], opt.Sites))
					next++
					return nil
				})
				if err != nil || next != len(blocks) {
					t.Fatalf("%d of %d blocks, error %v", next, len(blocks), err)
				}
				got, err := Passage(t.Context(), m, ids[:333], opt)
				if err != nil {
					t.Fatal(err)
				}
				compare(t, got, stepped(m, ids[:333], text.Block{Hi: 333}, opt.Sites))
			})
		}
	}
}

// collect copies every trace, by block index.
func collect(t *testing.T, m *rnn.Model, ids []int32, blocks []text.Block, opt Options) map[int]Trace {
	t.Helper()
	out := make([]Trace, len(blocks))
	at := map[int]int{}
	for i, b := range blocks {
		at[b.Index] = i
	}
	err := Blocks(t.Context(), m, ids, blocks, opt, func(_ int, tr *Trace) error {
		c := *tr
		c.Value = nil
		for _, v := range tr.Value {
			c.Value = append(c.Value, append([]float32(nil), v...))
		}
		c.Loss = append([]float32(nil), tr.Loss...)
		c.LogProb = append([]float32(nil), tr.LogProb...)
		out[at[tr.Block.Index]] = c
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	byIndex := map[int]Trace{}
	for _, c := range out {
		byIndex[c.Block.Index] = c
	}
	return byIndex
}

func everything(t Trace) [][]float32 { return append(slices.Clone(t.Value), t.Loss, t.LogProb) }

func sameBits(a, b [][]float32) bool {
	return slices.EqualFunc(a, b, func(x, y []float32) bool {
		return slices.EqualFunc(x, y, func(u, v float32) bool { return math.Float32bits(u) == math.Float32bits(v) })
	})
}

// To the bit, whatever runs beside a block, in which order, on how many cores.
func TestBitsDependOnTextAndGridAlone(t *testing.T) {
	for _, cell := range []rnn.Cell{rnn.Elman, rnn.GRU, rnn.LSTM} {
		m, ids := sample(t, cell, 20, 2, 4321)
		blocks := text.Grid{Size: 240}.Blocks(text.Span{Lo: 600, Hi: len(ids)})
		opt := Options{Sites: readable(m), Loss: true, Predictions: true, Workers: 1}
		want := collect(t, m, ids, blocks, opt)
		reversed := make([]text.Block, len(blocks))
		for i, b := range blocks {
			reversed[len(blocks)-1-i] = b
		}
		for name, run := range map[string]func(o Options) map[int]Trace{
			"three workers": func(o Options) map[int]Trace { o.Workers = 3; return collect(t, m, ids, blocks, o) },
			"one at a time": func(o Options) map[int]Trace { o.Memory = 1; return collect(t, m, ids, blocks, o) },
			"three together": func(o Options) map[int]Trace {
				o.Memory = 3 * 240 * rowBytes(m, o)
				return collect(t, m, ids, blocks, o)
			},
			"backwards":     func(o Options) map[int]Trace { o.Workers = 2; return collect(t, m, ids, reversed, o) },
			"four visitors": func(o Options) map[int]Trace { o.Workers, o.Visitors = 2, 4; return collect(t, m, ids, blocks, o) },
			"one block": func(o Options) map[int]Trace {
				all := map[int]Trace{}
				for _, b := range blocks {
					for i, tr := range collect(t, m, ids, []text.Block{b}, o) {
						all[i] = tr
					}
				}
				return all
			},
		} {
			got := run(opt)
			if len(got) != len(want) {
				t.Fatalf("%s, %s: %d blocks, want %d", cell, name, len(got), len(want))
			}
			for i, w := range want {
				if g := got[i]; g.Block != w.Block || !sameBits(everything(g), everything(w)) {
					t.Errorf("%s, %s: block %d differs", cell, name, i)
				}
			}
		}
	}
}

func TestOrderProgressAndVisitors(t *testing.T) {
	m, ids := sample(t, rnn.GRU, 8, 1, 9000)
	blocks := text.Grid{Size: 500}.Blocks(text.Span{Lo: 0, Hi: len(ids)})
	var last, total int64
	opt := Options{Sites: []string{"l0.h"}, Memory: 5 * 500 * 8 * 4, Progress: func(d, n int64) {
		if d < last {
			t.Errorf("progress went back from %d to %d", last, d)
		}
		last, total = d, n
	}}
	next := 0
	err := Blocks(t.Context(), m, ids, blocks, opt, func(worker int, tr *Trace) error {
		if tr.Block != blocks[next] || worker != 0 {
			t.Errorf("block %+v at turn %d of worker %d", tr.Block, next, worker)
		}
		next++
		return nil
	})
	want := int64(0)
	for _, b := range blocks {
		want += int64(b.Hi - b.Warm)
	}
	if err != nil || next != len(blocks) || last != want || total != want {
		t.Errorf("%d blocks, progress %d of %d, want %d: %v", next, last, total, want, err)
	}

	// Each worker keeps a sum without a lock: the race detector is the judge.
	opt.Visitors, opt.Progress = 3, nil
	sums := make([]int, 3)
	err = Blocks(t.Context(), m, ids, blocks, opt, func(worker int, tr *Trace) error {
		sums[worker] += tr.Len()
		return nil
	})
	if got := sums[0] + sums[1] + sums[2]; err != nil || got != len(ids)-text.WarmUp {
		t.Errorf("visitors saw %d symbols: %v", got, err)
	}
}

func TestStopsAtTheFirstError(t *testing.T) {
	m, ids := sample(t, rnn.Elman, 5, 1, 6000)
	blocks := text.Grid{Size: 250}.Blocks(text.Span{Lo: 500, Hi: len(ids)})
	for _, visitors := range []int{1, 4} {
		opt := Options{Sites: []string{"l0.h"}, Visitors: visitors}
		err := Blocks(t.Context(), m, ids, blocks, opt, func(_ int, tr *Trace) error {
			if tr.Block.Index >= 5 {
				return fmt.Errorf("block %d", tr.Block.Index)
			}
			return nil
		})
		if err == nil || err.Error() != "block 5" {
			t.Errorf("%d visitors: %v", visitors, err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		visits := 0
		opt.Visitors = 1
		err = Blocks(ctx, m, ids, blocks, opt, func(int, *Trace) error { visits++; cancel(); return nil })
		if !errors.Is(err, context.Canceled) || visits != 1 {
			t.Errorf("cancelled: %d visits, %v", visits, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Passage(ctx, m, ids, Options{Loss: true}); !errors.Is(err, context.Canceled) {
		t.Errorf("passage, cancelled: %v", err)
	}
}

func TestRefuses(t *testing.T) {
	m, ids := sample(t, rnn.LSTM, 5, 1, 20)
	for name, c := range map[string]struct {
		ids []int32
		opt Options
		is  error
	}{
		"no text":   {nil, Options{Loss: true}, ErrInput},
		"nothing":   {ids, Options{}, ErrInput},
		"twice":     {ids, Options{Sites: []string{"l0.h", "l0.h"}}, ErrInput},
		"no site":   {ids, Options{Sites: []string{"l7.h"}}, rnn.ErrSite},
		"a copy":    {ids, Options{Sites: []string{"l0.h.out"}}, rnn.ErrSite},
		"foreign":   {[]int32{vocab}, Options{Loss: true}, ErrInput},
		"no symbol": {[]int32{-1}, Options{Loss: true}, ErrInput},
	} {
		if _, err := Passage(t.Context(), m, c.ids, c.opt); !errors.Is(err, c.is) {
			t.Errorf("%s: %v, want %v", name, err, c.is)
		}
	}
	if err := Blocks(t.Context(), m, ids, nil, Options{Loss: true}, nil); err != nil {
		t.Errorf("no blocks: %v", err)
	}
}

func BenchmarkBlocks(b *testing.B) {
	for _, cell := range []rnn.Cell{rnn.Elman, rnn.GRU, rnn.LSTM} {
		for _, sites := range [][]string{{"l0.h"}, nil} {
			m, ids := sample(b, cell, 128, 1, 40500)
			name := "h"
			if sites == nil {
				sites, name = readable(m), "all"
			}
			b.Run(fmt.Sprint(cell, "/", name), func(b *testing.B) {
				b.SetBytes(int64(len(ids)))
				blocks := text.Grid{}.Blocks(text.Span{Hi: len(ids)})
				for b.Loop() {
					if err := Blocks(b.Context(), m, ids, blocks, Options{Sites: sites}, func(int, *Trace) error { return nil }); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
