package intervene

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"

	"github.com/rnnscope/rnnscope/finding"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/text"
)

// TestPatchChecks: the whole state restores all, nothing restores nothing, exactly, in
// every cell and with two layers.
func TestPatchChecks(t *testing.T) {
	a, err := text.NewAlphabet([]rune("abcdefg"), false, false)
	if err != nil {
		t.Fatal(err)
	}
	for _, cell := range []rnn.Cell{rnn.LSTM, rnn.GRU, rnn.Elman} {
		for layers := 1; layers <= 2; layers++ {
			m, err := rnn.New(rnn.Config{Cell: cell, Vocab: a.Size(), Hidden: 9, Layers: layers})
			if err != nil {
				t.Fatal(err)
			}
			rng := rand.New(rand.NewPCG(4, uint64(layers)))
			m.InitUniform(rng, 2)
			var pairs []TextPair
			for range 20 {
				clean := randomLetters(12, rng)
				pairs = append(pairs, TextPair{Clean: clean, Corrupt: randomLetters(6, rng) + clean[6:]})
			}
			r, err := PatchTexts(context.Background(), m, a, pairs, PatchOptions{Unknown: text.UnknownError, Workers: 2}, nil)
			if err != nil {
				t.Fatal(err)
			}
			if r.Used == 0 {
				t.Fatalf("%s, %d layers: no pair differs", cell, layers)
			}
			if r.Whole.Restore != 1 || r.Whole.Break != 1 {
				t.Errorf("%s, %d layers: the whole state gives %+v", cell, layers, r.Whole)
			}
			if r.Empty.Restore != 0 || r.Empty.Break != 0 {
				t.Errorf("%s, %d layers: nothing gives %+v", cell, layers, r.Empty)
			}
			for _, s := range r.Sets {
				if math.IsNaN(float64(s.Restore)) {
					t.Errorf("%s: %+v", cell, s)
				}
			}
		}
	}
}

func randomLetters(n int, rng *rand.Rand) string {
	var b strings.Builder
	for range n {
		b.WriteByte("abcdefg"[rng.IntN(7)])
	}
	return b.String()
}

// TestPatchFindsTheFlag: in the wired network the flag alone carries the bracket.
func TestPatchFindsTheFlag(t *testing.T) {
	m, a := wiredNetwork(t, rand.New(rand.NewPCG(1, 3)))
	pairs := []TextPair{{Clean: ")ef(abcdab", Corrupt: ")ef)abcdab"}, {Clean: "(ab)efghef", Corrupt: "(ab(efghef", Right: "e"}}
	r, err := PatchTexts(context.Background(), m, a, pairs, PatchOptions{Unknown: text.UnknownError, Workers: 1}, nil)
	if err != nil {
		t.Fatal(err)
	}
	first := r.Sets[2]
	if first.Unit != unitFlag || first.Site != "l0.c" || math.Abs(float64(first.Restore)-1) > 0.1 || math.Abs(float64(first.Break)-1) > 0.1 {
		t.Errorf("the first unit is %+v", first)
	}
	if r.Sets[0].Unit != finding.NoUnit || r.Pairs[0].Position != 3 {
		t.Errorf("%+v", r)
	}
}

// TestPatchRefusals: pairs that cannot be patched are clear errors.
func TestPatchRefusals(t *testing.T) {
	m, a := wiredNetwork(t, rand.New(rand.NewPCG(1, 3)))
	for _, c := range []struct {
		pair TextPair
		is   error
		says string
	}{
		{TextPair{Clean: "(ab", Corrupt: "(a"}, ErrPair, "3 characters"},
		{TextPair{Clean: "(ab", Corrupt: "(ab"}, ErrPair, "the same"},
		{TextPair{Clean: "(ab", Corrupt: ")ab", Right: "ab"}, ErrPair, "one character"},
		{TextPair{Clean: "(ab", Corrupt: ")ab", At: 9}, ErrPair, "character 9"},
		{TextPair{Clean: "(aQ", Corrupt: ")aQ"}, text.ErrUnknown, "Q"},
	} {
		_, err := PatchTexts(context.Background(), m, a, []TextPair{c.pair}, PatchOptions{Unknown: text.UnknownError, Workers: 1}, nil)
		if !errors.Is(err, c.is) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%+v: %v", c.pair, err)
		}
	}
	if _, err := PatchTexts(context.Background(), m, a, []TextPair{{Clean: "a", Corrupt: "b"}}, PatchOptions{Sites: []string{"l0.i"}, Unknown: text.UnknownError, Workers: 1}, nil); !errors.Is(err, rnn.ErrSite) {
		t.Errorf("a gate is no state: %v", err)
	}
	if _, err := PatchTexts(context.Background(), m, a, nil, PatchOptions{Unknown: text.UnknownError, Workers: 1}, nil); !errors.Is(err, ErrPair) {
		t.Errorf("no pair: %v", err)
	}
}

// Long texts take no more memory than short ones, and a stop is obeyed between steps.
func TestPatchLongTexts(t *testing.T) {
	c, err := text.FromString("t", strings.Repeat("(ab) [ba] ", 100), text.Options{})
	if err != nil {
		t.Fatal(err)
	}
	m, err := rnn.New(rnn.Config{Cell: rnn.GRU, Vocab: c.Alphabet.Size(), Hidden: 4, Layers: 1})
	if err != nil {
		t.Fatal(err)
	}
	m.Init(rand.New(rand.NewPCG(1, 2)))
	long := TextPair{Clean: strings.Repeat("ab) ", 3000) + "(ab", Corrupt: strings.Repeat("ab) ", 3000) + "[ab", Right: ")"}
	short := TextPair{Clean: strings.Repeat("ab) ", 50) + "(ab", Corrupt: strings.Repeat("ab) ", 50) + "[ab", Right: ")"}
	size := func(p TextPair) uint64 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		r, err := PatchTexts(context.Background(), m, c.Alphabet, []TextPair{p}, PatchOptions{Unknown: text.UnknownError, Workers: 1}, nil)
		if err != nil || r.Pairs[0].Position != len(p.Clean)-3 {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		return after.TotalAlloc - before.TotalAlloc
	}
	size(short)
	if few, many := size(short), size(long); many > few+few/2 {
		t.Errorf("%d bytes for 203 characters, %d for 12,003", few, many)
	}
	ctx, stop := context.WithCancel(context.Background())
	calls := 0
	_, err = PatchTexts(ctx, m, c.Alphabet, []TextPair{short, long}, PatchOptions{Unknown: text.UnknownError, Workers: 1}, func(done, total int64) {
		if calls++; done > total || done < 1 {
			t.Errorf("%d of %d", done, total)
		}
		stop()
	})
	if !errors.Is(err, context.Canceled) || calls != 1 {
		t.Errorf("%v after %d calls", err, calls)
	}
}
