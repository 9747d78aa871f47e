package dissect

import (
	"context"
	"math"
	"slices"
	"testing"

	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"
)

// TestMatrixEqualsExactAUROC: within the certified error, for every unit and concept.
func TestMatrixEqualsExactAUROC(t *testing.T) {
	b := newBench(t, "mixed", 60_000, rnn.LSTM, 6)
	ms, _, err := Matrices(context.Background(), b.in, Options{Concepts: concepts(t, "in-quote", "word-end", "column", "capital")})
	if err != nil {
		t.Fatal(err)
	}
	r, err := b.in.States(b.in.Sites())
	if err != nil {
		t.Fatal(err)
	}
	acts := readAll(t, r, b.parts().Report)
	for s, m := range ms {
		if len(m.Positions) != int(specimen.Scored(b.parts().Report)) {
			t.Fatalf("%d positions", len(m.Positions))
		}
		for c := range m.Concepts {
			for u := range m.AUROC[c] {
				var pos, neg []float64
				for i, y := range m.Labels[c] {
					a := float64(acts[s][i*6+u])
					switch y {
					case 1:
						pos = append(pos, a)
					case 0:
						neg = append(neg, a)
					}
				}
				if want := exactAUROC(pos, neg); math.Abs(m.AUROC[c][u]-want) > m.Binning[c][u]+1e-9 {
					t.Errorf("%s unit %d, %s: %.5f, exactly %.5f, certified within %.5f", m.Site, u, m.Concepts[c], m.AUROC[c][u], want, m.Binning[c][u])
				}
			}
		}
	}
}

// TestRareConceptsAreReadByUntrainedNetworks: a concept that the first blocks lack
// gets blocks of its own, chosen the same every time, and no more than it needs.
func TestRareConceptsAreReadByUntrainedNetworks(t *testing.T) {
	var report []text.Block
	on := make([][]int32, 40)
	for i := range on {
		report = append(report, text.Block{Index: i, Lo: 500 + i*4000, Hi: 4500 + i*4000})
		on[i] = []int32{1000, 0, 0}
		if i%4 == 3 {
			on[i][1] = 90
		}
	}
	on[17][2] = 3
	blind := report[:3]
	choose := func() *controlText {
		r := newRarities(blind, 3)
		for i, b := range report {
			labels := &specimen.BlockLabels{Block: b, Stretch: stat.Stretch{Labels: make([]stat.Labels, 3)}}
			for c, n := range on[i] {
				labels.Labels[c].Positive = make([]int32, n)
			}
			r.see(i, labels)
		}
		return &controlText{common: blind, own: r.blocks(text.BlockList(report))}
	}
	chosen := choose()
	got := chosen.all()
	if chosen.own[0] != nil || len(chosen.own[2]) != 1 {
		t.Errorf("blocks added for each concept: %v", chosen.own)
	}
	var sums [3]int32
	for _, b := range got {
		for c, n := range on[b.Index] {
			sums[c] += n
		}
	}
	if len(got) < 6 || len(got) > 7 || sums[1] < 180 || sums[2] != 3 {
		t.Errorf("%d blocks hold %v", len(got), sums)
	}
	if again := choose().all(); !slices.Equal(again, got) {
		t.Error("another choice of the same blocks")
	}
	if same := newRarities(blind, 3).blocks(text.BlockList(report)); len(slices.Concat(same...)) != 0 {
		t.Errorf("without counts %d blocks", len(same))
	}
}
