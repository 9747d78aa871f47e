package panel

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/rnnscope/rnnscope/checkpoint"
	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/specimen/specimentest"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"
)

// sampled is the panel of an untrained network over a built-in text.
func sampled(t *testing.T) (*Panel, error) {
	c, _ := specimentest.Novel(t, 60_000, 1, 2)
	m := specimentest.Network(t, c, rnn.Config{Cell: rnn.LSTM, Hidden: 12, Layers: 2}, 3, 4).Model
	m.InitUniform(rand.New(rand.NewPCG(3, 4)), 1)
	ck := &checkpoint.Checkpoint{Model: m, Alphabet: c.Alphabet}
	return New(context.Background(), Text{Source: text.InMemory(c.IDs), Name: "novel", Split: specimentest.Split(t, c)}, ck, m.Config().StateSites(), func(int64, int64) {})
}

// The page's AUROC is the definition's: pairs of places put in the right order, ties half.
func TestTheSampleAUROC(t *testing.T) {
	p, err := sampled(t)
	if err != nil {
		t.Fatal(err)
	}
	v, err := p.Unit("l0.h", 2)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range v.Concepts {
		i := slices.IndexFunc(p.Concepts, func(o concept.Concept) bool { return o.Name == k.Concept })
		right, pairs := 0.0, 0.0
		for t1, y1 := range p.labels[i] {
			if y1 != 1 || t1%7 != 0 {
				continue
			}
			for t0, y0 := range p.labels[i] {
				if y0 != 0 || t0%11 != 0 {
					continue
				}
				pairs++
				switch a, b := p.value(0, 2, t1), p.value(0, 2, t0); {
				case a > b:
					right++
				case a == b:
					right += .5
				}
			}
		}
		if pairs < 20_000 {
			continue
		}
		want := right / pairs
		if k.Sign < 0 {
			want = 1 - want
		}
		if math.Abs(want-k.AUROC.Estimate) > .06 {
			t.Errorf("%s: %.3f, counted %.3f", k.Concept, k.AUROC.Estimate, want)
		}
	}
}

// An interval of an AUROC is one of a share; where one segment holds all places of a concept, nothing tells how it varies.
func TestIntervalsOfFewPlaces(t *testing.T) {
	const n = 40_000
	all := concept.All()[:1]
	score := func(on map[int]uint8) Beside { // the bin of each place where the concept holds
		p := &Panel{Concepts: all, labels: [][]int8{make([]int8, n)}}
		bins := make([]uint8, n)
		for i := range bins {
			bins[i] = uint8(i % stat.Bins)
		}
		for at, bin := range on {
			p.labels[0][at], bins[at] = 1, bin
		}
		return p.beside(0, bins, make([]uint8, n))
	}
	segment := segmentOf(n)
	few := score(map[int]uint8{5: stat.Bins - 1, segment + 5: stat.Bins - 1, 2*segment + 5: 3})
	if few.AUROC.Lo < 0 || few.AUROC.Hi > 1 || !(few.AUROC.Hi-few.AUROC.Lo > .5) {
		t.Errorf("of three places: %v [%v, %v]", few.AUROC.Estimate, few.AUROC.Lo, few.AUROC.Hi)
	}
	if one := score(map[int]uint8{5: 9, 7: 90, 12: 40}); !math.IsNaN(one.AUROC.Lo) || !math.IsNaN(one.AUROC.Hi) {
		t.Errorf("of one segment: [%v, %v]", one.AUROC.Lo, one.AUROC.Hi)
	}
}

// A panel that nobody waits for any more is not made on, and one is made once for all who wait.
func TestStoreMakesOnceAndStops(t *testing.T) {
	s := NewStore()
	defer s.Close()
	gone, cancel := context.WithCancel(context.Background())
	cancel()
	stopped := make(chan error, 1)
	forever := func(ctx context.Context, _ func(int64, int64)) (*Panel, error) {
		<-ctx.Done()
		stopped <- ctx.Err()
		return nil, ctx.Err()
	}
	if _, _, err := s.Get(gone, Key{Run: "a"}, forever, nil); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if err := <-stopped; !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	made, begin := 0, make(chan struct{})
	slow := func(context.Context, func(int64, int64)) (*Panel, error) {
		made++
		<-begin
		return &Panel{}, nil
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			_, done, err := s.Get(context.Background(), Key{Run: "b"}, slow, nil)
			if err != nil {
				t.Error(err)
				return
			}
			done()
		})
	}
	time.Sleep(10 * time.Millisecond)
	close(begin)
	wg.Wait()
	if made != 1 {
		t.Errorf("made %d times", made)
	}
}

// A unit that stays on one side of 0 is coloured around its median: around 0 all its values would look alike.
func TestColours(t *testing.T) {
	around := func(middle float32) (v []float32) {
		for i := range 1000 {
			v = append(v, middle+float32(i-500)/100) // within 5 of the middle
		}
		return append(v, float32(math.NaN()))
	}
	for _, tt := range []struct {
		values []float32
		middle float32
	}{{around(0), 0}, {around(2), 0}, {around(50), 50}, {around(-8), -8}} {
		c := ColourOf(tt.values)
		want := 5 + max(tt.middle, -tt.middle, 0)
		if tt.middle != 0 {
			want = 5
		} else if m := tt.values[500]; m != 0 {
			want = 5 + m
		}
		if math.Abs(float64(c.Middle-tt.middle)) > .05 || math.Abs(float64(c.Scale-want)) > .2 {
			t.Errorf("around %v: %+v, want middle %v and scale %v", tt.values[500], c, tt.middle, want)
		}
	}
	if c := ColourOf(nil); c.Scale != 1 || c.Middle != 0 {
		t.Errorf("of nothing: %+v", c)
	}
	if c := ColourOf([]float32{3, 3, 3}); c.Scale != 1 || c.Middle != 3 {
		t.Errorf("of a constant: %+v", c)
	}
}
