package dissect

import (
	"context"
	"math"
	"testing"

	"github.com/rnnscope/rnnscope/rnn"
)

// TestMatrixEqualsExactAUROC: within the certified error, for every unit and concept.
func TestMatrixEqualsExactAUROC(t *testing.T) {
	b := newBench(t, "mixed", 60_000, rnn.LSTM, 6)
	ms, err := Matrices(context.Background(), b.in, Options{Concepts: concepts(t, "in-quote", "word-end", "column", "capital")})
	if err != nil {
		t.Fatal(err)
	}
	r, err := newModelReader(b.in.Model, b.in.IDs, DefaultSites(b.in.Model.Config()))
	if err != nil {
		t.Fatal(err)
	}
	acts := readAll(t, r, b.in.Report)
	for s, m := range ms {
		if len(m.Positions) != int(scored(b.in.Report)) {
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
