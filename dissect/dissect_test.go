package dissect

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/synth"
	"github.com/rnnscope/rnnscope/text"
)

func TestTry(t *testing.T) {
	x, err := synth.Generate("mixed", 500000, rand.New(rand.NewPCG(1, 1)), synth.Options{})
	if err != nil {
		t.Fatal(err)
	}
	c, err := text.FromString("mixed", x.S, text.Options{})
	if err != nil {
		t.Fatal(err)
	}
	m, err := rnn.New(rnn.Config{Cell: rnn.LSTM, Vocab: c.Alphabet.Size(), Hidden: 128, Layers: 1})
	if err != nil {
		t.Fatal(err)
	}
	m.Init(rand.New(rand.NewPCG(1, 2)))
	sp, _ := text.DefaultSplit(len(c.IDs))
	t0 := time.Now()
	r, err := Run(context.Background(), OwnText("mixed", m, c.Alphabet, c.IDs, sp, text.Grid{}), Options{Untrained: 5}, nil)
	t.Log(time.Since(t0), runtime.GOMAXPROCS(0))
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(r)
	t.Log(len(b), err, len(r.Findings()))
	os.WriteFile("/tmp/dissect.json", b, 0o644)
	for _, k := range r.Concepts {
		if k.Best == nil {
			t.Log(k.Concept, k.Verdict)
			continue
		}
		t.Logf("%-20s %-15s %s.%d %+d %s within %.2f p %.4f adj %.4f z %.1f unitp %.4f untrained %.3f surf %.3f info %.4f n1 %d", k.Concept, k.Verdict, k.Best.Site, k.Best.Unit, k.Best.Sign, k.Best.AUROC, k.Best.RWithin, k.Best.P, k.Best.AdjustedP, k.Best.Z, k.Best.UnitP, k.Best.UntrainedMax, k.Surface, k.Best.Information, k.Positive)
	}
}
