package ngram

import (
	"errors"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// markov draws n symbols whose next depends on the two before, so that real
// contexts exist at several lengths.
func markov(rng *rand.Rand, n, v int) []int32 {
	ids := make([]int32, n)
	for i := range ids {
		switch {
		case i > 1 && rng.Float64() < 0.7:
			ids[i] = (ids[i-1]*3 + ids[i-2] + int32(rng.IntN(2))) % int32(v)
		default:
			ids[i] = int32(math.Pow(rng.Float64(), 2) * float64(v))
		}
	}
	return ids
}

func mustTrain(t testing.TB, ids []int32, v, order int) *Model {
	t.Helper()
	m, err := Train(ids, v, order)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// Texts with many repeats (few symbols) and with few, down to one symbol long.
func drawIDs(t *rapid.T, v int) []int32 {
	return rapid.SliceOfN(rapid.Int32Range(0, int32(v-1)), 1, 120).Draw(t, "ids")
}

func TestAgreesWithNaive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.SampledFrom([]int{1, 2, 3, 7, 300}).Draw(t, "v")
		order := rapid.IntRange(1, 8).Draw(t, "order")
		ids := drawIDs(t, v)
		m, slow := mustTrainRapid(t, ids, v, order), newNaive(ids, v, order)
		probe := rapid.SliceOfN(rapid.Int32Range(0, int32(v-1)), 1, 12).Draw(t, "probe")
		probe = append(probe, ids[max(0, len(ids)-10):]...)
		m.Score(probe, func(i int, logp []float64) {
			for k := 1; k <= order; k++ {
				want := slow.prob(probe[:i], probe[i], k, false)
				if got := math.Exp(logp[k-1]); math.Abs(got-want) > 1e-12 {
					t.Fatalf("order %d at %d: P = %.15g, want %.15g", k, i, got, want)
				}
			}
		})
	})
}

func mustTrainRapid(t *rapid.T, ids []int32, v, order int) *Model {
	m, err := Train(ids, v, order)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// On a text long enough for true discounts (no fallback) at several levels.
func TestAgreesWithNaiveOnALongerText(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	ids := markov(rng, 3000, 11)
	const order = 6
	m, slow := mustTrain(t, ids, 11, order), newNaive(ids, 11, order)
	fallbacks := 0
	for k := 1; k <= order; k++ {
		d := slow.discounts(k, false)
		if diff := cmp.Diff([3]float64(d[1:]), [3]float64(m.counted[k][1:])); diff != "" {
			t.Errorf("discounts of order %d: %s", k, diff)
		}
		if d == [4]float64{0, .5, 1, 1.5} {
			fallbacks++
		}
	}
	if fallbacks > order/2 {
		t.Fatalf("%d of %d levels fell back: the text tests nothing", fallbacks, order)
	}
	probe := markov(rng, 40, 11)
	m.Score(probe, func(i int, logp []float64) {
		for k := 1; k <= order; k++ {
			want := slow.prob(probe[:i], probe[i], k, false)
			if got := math.Exp(logp[k-1]); math.Abs(got-want) > 1e-12 {
				t.Fatalf("order %d at %d: P = %.15g, want %.15g", k, i, got, want)
			}
		}
	})
}

func TestPredictSumsToOneAndAgreesWithPeek(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.SampledFrom([]int{1, 2, 5, 40, 300}).Draw(t, "v")
		order := rapid.IntRange(1, 20).Draw(t, "order")
		ids := drawIDs(t, v)
		m := mustTrainRapid(t, ids, v, order)
		context := rapid.SliceOfN(rapid.Int32Range(0, int32(v-1)), 0, 25).Draw(t, "context")
		if rapid.Bool().Draw(t, "seen") {
			from := rapid.IntRange(0, len(ids)-1).Draw(t, "from")
			context = ids[from:min(len(ids), from+25)]
		}
		s := m.NewScorer()
		s.read(context)
		dst, logp := make([]float64, v), make([]float64, order)
		for k := 1; k <= order; k++ {
			s.Predict(k, dst)
			sum := 0.0
			for _, p := range dst {
				sum += p
			}
			if math.Abs(sum-1) > 1e-9 {
				t.Fatalf("order %d sums to %.12f", k, sum)
			}
			for w, p := range dst {
				s.Peek(int32(w), logp)
				if p <= 0 || math.Abs(p-math.Exp(logp[k-1])) > 1e-12 {
					t.Fatalf("order %d symbol %d: Predict %g, Peek %g", k, w, p, math.Exp(logp[k-1]))
				}
			}
		}
		m.Predict(context, dst)
		w := int32(rapid.IntRange(0, v-1).Draw(t, "w"))
		if got := m.LogProb(context, w); math.Abs(math.Exp(got)-dst[w]) > 1e-12 {
			t.Fatalf("LogProb %g, Predict %g", math.Exp(got), dst[w])
		}
	})
}

// A model of a higher order contains the lower ones unchanged.
func TestOrdersAreNested(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	ids, probe := markov(rng, 2000, 9), markov(rng, 500, 9)
	high := mustTrain(t, ids, 9, 20).CrossEntropy(probe)
	for order := 1; order <= 20; order++ {
		got := mustTrain(t, ids, 9, order).CrossEntropy(probe)
		for k := range got {
			if math.Abs(got[k]-high[k]) > 1e-12 {
				t.Fatalf("order %d of a model to %d loses %.15g, of one to 20 %.15g", k+1, order, got[k], high[k])
			}
		}
	}
}

// What the tests above show for one text is worth nothing if the model learns
// nothing: the source's own entropy is reached within a few percent.
func TestLearnsASource(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	const v = 4
	draw := func(n int) (ids []int32, nats float64) {
		ids = make([]int32, n)
		for i := range ids {
			w, p := int32(rng.IntN(v)), 0.1/v
			if i > 1 {
				next := (ids[i-1] + ids[i-2]) % v
				if rng.Float64() < 0.9 {
					w = next
				}
				if w == next {
					p += 0.9
				}
				nats -= math.Log(p)
			}
			ids[i] = w
		}
		return ids, nats / float64(n-2)
	}
	train, _ := draw(40000)
	test, source := draw(10000)
	loss := mustTrain(t, train, v, 5).CrossEntropy(test)
	if loss[2] < source-0.01 || loss[2] > source*1.02 {
		t.Errorf("order 3 loses %.4f nats, the source has %.4f", loss[2], source)
	}
	if loss[0] < 1.3 || loss[1] < 1.3 {
		t.Errorf("orders 1 and 2 know too much: %.4f %.4f", loss[0], loss[1])
	}
}

func TestSortSuffixes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.SampledFrom([]int{1, 2, 4, 1000}).Draw(t, "v")
		depth := rapid.IntRange(1, 20).Draw(t, "depth")
		ids := drawIDs(t, v)
		got := sortSuffixes(ids, v, depth)
		cut := func(i int32) []int32 { return ids[i:min(len(ids), int(i)+depth)] }
		seen := make([]bool, len(ids))
		for j, i := range got {
			if seen[i] {
				t.Fatalf("suffix %d twice", i)
			}
			seen[i] = true
			if j > 0 && slices.Compare(cut(got[j-1]), cut(i)) > 0 {
				t.Fatalf("suffix %d before %d", got[j-1], i)
			}
		}
		lcp := commonPrefixes(ids, got, depth)
		for j := 1; j < len(got); j++ {
			a, b := cut(got[j-1]), cut(got[j])
			l := 0
			for l < min(len(a), len(b)) && a[l] == b[l] {
				l++
			}
			if int(lcp[j]) != l {
				t.Fatalf("common prefix %d, want %d", lcp[j], l)
			}
		}
		nodes, tails := countNodes(lcp, depth)
		tree := newTree(ids, v, depth)
		if len(tree.depth) != nodes || len(tree.edges) > nodes+tails || cap(tree.edges) > nodes+tails {
			t.Fatalf("%d nodes and %d edges, planned %d and %d", len(tree.depth), len(tree.edges), nodes, nodes+tails)
		}
	})
}

func TestTrainRefuses(t *testing.T) {
	for name, err := range map[string]error{
		"order 0":  second(Train([]int32{0, 1}, 2, 0)),
		"order 33": second(Train([]int32{0, 1}, 2, MaxOrder+1)),
		"empty":    second(Train(nil, 2, 3)),
		"negative": second(Train([]int32{-1}, 2, 3)),
		"foreign":  second(Train([]int32{0, 2}, 2, 3)),
	} {
		if !errors.Is(err, ErrTrain) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func second(_ *Model, err error) error { return err }

func TestScoringAllocatesNothing(t *testing.T) {
	ids := markov(rand.New(rand.NewPCG(7, 8)), 5000, 9)
	m := mustTrain(t, ids, 9, 20)
	s, logp := m.NewScorer(), make([]float64, 20)
	i := 0
	if n := testing.AllocsPerRun(1000, func() { s.Advance(ids[i], logp); i++ }); n != 0 {
		t.Errorf("%v allocations a symbol", n)
	}
}

// 6 MB of text must fit in 1 GB: whatever the text repeats, all that training
// allocates stays below 100 bytes a symbol.
func TestMemory(t *testing.T) {
	const n = 100000
	same, twice := make([]int32, n), markov(rand.New(rand.NewPCG(11, 12)), n, 50)
	copy(twice[n/2:], twice)
	for name, ids := range map[string][]int32{"one symbol": same, "a text twice": twice, "noise": markov(rand.New(rand.NewPCG(13, 14)), n, 2)} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		mustTrain(t, ids, 50, MaxOrder)
		runtime.ReadMemStats(&after)
		if perSymbol := float64(after.TotalAlloc-before.TotalAlloc) / n; perSymbol > 100 {
			t.Errorf("%s: %.0f bytes a symbol", name, perSymbol)
		}
	}
}

func BenchmarkTrain(b *testing.B) {
	ids := markov(rand.New(rand.NewPCG(9, 10)), 200000, 80)
	b.SetBytes(int64(len(ids)))
	for b.Loop() {
		mustTrain(b, ids, 80, 20)
	}
}

func BenchmarkScore(b *testing.B) {
	ids := markov(rand.New(rand.NewPCG(9, 10)), 200000, 80)
	m := mustTrain(b, ids, 80, 20)
	b.SetBytes(int64(len(ids)))
	for b.Loop() {
		m.CrossEntropy(ids)
	}
}
