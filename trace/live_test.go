package trace_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/trace"
)

func randomNetwork(t testing.TB, cfg rnn.Config) *rnn.Model {
	t.Helper()
	m, err := rnn.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	m.Init(rand.New(rand.NewPCG(1, 2)))
	return m
}

func randomIDs(rng *rand.Rand, n, v int) []int32 {
	ids := make([]int32, n)
	for i := range ids {
		ids[i] = rng.Int32N(int32(v))
	}
	return ids
}

// An edited passage holds what a passage read anew holds, to the bit, whatever was edited
// before and however it was read.
func TestLiveIsPassage(t *testing.T) {
	for _, cfg := range []rnn.Config{
		{Cell: rnn.LSTM, Vocab: 11, Hidden: 20, Layers: 2},
		{Cell: rnn.GRU, Vocab: 7, Hidden: 16, Layers: 1},
		{Cell: rnn.Elman, Vocab: 5, Hidden: 9, Layers: 3, Embed: 4},
		{Cell: rnn.LSTM, Vocab: 6, Hidden: 8, Layers: 1, Counter: true},
	} {
		t.Run(fmt.Sprint(cfg.Cell, cfg.Layers, cfg.Counter), func(t *testing.T) {
			m := randomNetwork(t, cfg)
			live, err := trace.NewLive(m, nil, 3)
			if err != nil {
				t.Fatal(err)
			}
			rng := rand.New(rand.NewPCG(3, 4))
			ids := randomIDs(rng, 150, cfg.Vocab)
			for edit := range 12 {
				at := rng.IntN(len(ids))
				switch edit % 3 {
				case 0:
					ids[at] = (ids[at] + 1) % int32(cfg.Vocab)
				case 1:
					ids = slices.Insert(ids, at, randomIDs(rng, 1+rng.IntN(9), cfg.Vocab)...)
				default:
					ids = slices.Delete(ids, at, min(len(ids), at+7))
				}
				if _, err := live.Set(ids); err != nil {
					t.Fatal(err)
				}
				for live.Read() < len(ids) {
					if edit == 5 && live.Read() > len(ids)/2 {
						break // the next edit comes before all is read
					}
					if _, _, err := live.Next(context.Background(), 1+rng.IntN(90)); err != nil {
						t.Fatal(err)
					}
				}
				samePassage(t, m, live, ids)
			}
		})
	}
}

func samePassage(t *testing.T, m *rnn.Model, live *trace.Live, ids []int32) {
	t.Helper()
	v := m.Config().Vocab
	want, err := trace.Passage(context.Background(), m, ids, trace.Options{Sites: live.Sites(), Predictions: true})
	if err != nil {
		t.Fatal(err)
	}
	n := live.Read()
	for _, site := range live.Sites() {
		if !slices.Equal(live.Values(site), want.Site(site)[:n*m.Config().Hidden]) {
			t.Fatalf("%s differs", site)
		}
	}
	topID, topProb := live.Top()
	for i := range n {
		row := want.LogProb[i*v : (i+1)*v]
		if i == 0 && !math.IsNaN(float64(live.Losses()[0])) {
			t.Fatal("the first symbol has a loss")
		}
		if i+1 < n && live.Losses()[i+1] != -row[ids[i+1]] {
			t.Fatalf("loss of symbol %d: %v, want %v", i+1, live.Losses()[i+1], -row[ids[i+1]])
		}
		order := make([]int32, v)
		for id := range order {
			order[id] = int32(id)
		}
		slices.SortStableFunc(order, func(a, b int32) int {
			switch {
			case row[a] > row[b]:
				return -1
			case row[a] < row[b]:
				return 1
			}
			return 0
		})
		if !slices.Equal(topID[3*i:3*i+3], order[:3]) {
			t.Fatalf("row %d: likeliest %v, want %v", i, topID[3*i:3*i+3], order[:3])
		}
		if got, want := topProb[3*i], float32(math.Exp(float64(row[order[0]]))); got != want {
			t.Fatalf("row %d: probability %v, want %v", i, got, want)
		}
	}
}

func TestLiveReadsOnlyWhatFollows(t *testing.T) {
	m := randomNetwork(t, rnn.Config{Cell: rnn.LSTM, Vocab: 9, Hidden: 8, Layers: 1})
	live, err := trace.NewLive(m, nil, 2)
	if err != nil {
		t.Fatal(err)
	}
	ids := randomIDs(rand.New(rand.NewPCG(5, 6)), 100, 9)
	if same, err := live.Set(ids); same != 0 || err != nil {
		t.Fatal(same, err)
	}
	if lo, hi, err := live.Next(context.Background(), 1000); lo != 0 || hi != 100 || err != nil {
		t.Fatal(lo, hi, err)
	}
	ids[60] = (ids[60] + 1) % 9
	if same, _ := live.Set(ids); same != 60 {
		t.Fatalf("%d rows stay, want 60", same)
	}
	ctx, stop := context.WithCancel(context.Background())
	stop()
	if _, hi, err := live.Next(ctx, 1000); err == nil || hi != 60 {
		t.Fatalf("a done context: %v, read to %d", err, hi)
	}
	if _, err := live.Set([]int32{1, 9}); err == nil {
		t.Fatal("a symbol outside the alphabet was taken")
	}
	if live.Read() != 60 {
		t.Fatal("a refused passage changed what was read")
	}
}

// BenchmarkLiveEdit is a change at character 1,000 of 2,000: what is visible (400 characters)
// and all of it.
func BenchmarkLiveEdit(b *testing.B) {
	for _, cfg := range []rnn.Config{{Cell: rnn.LSTM, Vocab: 96, Hidden: 128, Layers: 1}, {Cell: rnn.LSTM, Vocab: 96, Hidden: 512, Layers: 2}} {
		for _, n := range []int{1, 400, 1000} {
			b.Run(fmt.Sprintf("%dx%d/%d", cfg.Layers, cfg.Hidden, n), func(b *testing.B) {
				m := randomNetwork(b, cfg)
				live, err := trace.NewLive(m, nil, 5)
				if err != nil {
					b.Fatal(err)
				}
				ids := randomIDs(rand.New(rand.NewPCG(1, 1)), 2000, 96)
				ctx := context.Background()
				_, _ = live.Set(ids)
				_, _, _ = live.Next(ctx, 2000)
				for b.Loop() {
					ids[1000] = (ids[1000] + 1) % 96
					_, _ = live.Set(ids)
					if _, _, err := live.Next(ctx, n); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
