package report

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"image/png"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/rnnscope/rnnscope/checkpoint"
	"github.com/rnnscope/rnnscope/dissect"
	"github.com/rnnscope/rnnscope/evolve"
	"github.com/rnnscope/rnnscope/report/content"
	"github.com/rnnscope/rnnscope/report/page"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/run"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// smallRun is a run of an untrained network that has a sample, metrics and, with views, everything found about it.
func smallRun(t *testing.T, views bool) *run.Run {
	t.Helper()
	corpus, err := text.FromString("small", strings.Repeat(hostile+"f(a[1]) { \"x\" }\n", 60), text.Options{})
	if err != nil {
		t.Fatal(err)
	}
	split, err := text.TailSplit(len(corpus.IDs), .8, .1)
	if err != nil {
		t.Fatal(err)
	}
	r, err := run.Create(filepath.Join(t.TempDir(), "run"), run.Info{Command: "rnnscope train small", Seed: 7, Split: split}, corpus)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	m, err := rnn.New(rnn.Config{Cell: rnn.LSTM, Vocab: corpus.Alphabet.Size(), Hidden: 12, Layers: 2})
	if err != nil {
		t.Fatal(err)
	}
	m.Init(rand.New(rand.NewPCG(1, 2)))
	last := &checkpoint.Checkpoint{Model: m, Alphabet: corpus.Alphabet, Step: 10}
	err = errors.Join(
		r.SaveWeights(last),
		r.AddMetric(0, run.MetricValLoss, 4), r.AddMetric(10, run.MetricValLoss, 2), r.AddMetric(5, run.MetricTrainLoss, 3),
		r.AddSample(run.Sample{Step: 0, Prompt: "He", Temperature: .8, Text: " <script>\x00"}), r.AddSample(run.Sample{Step: 10, Text: "said\n"}),
	)
	if err == nil && views {
		def := evolve.Definition{Name: "words", Text: "share", Titles: map[string]string{"en": "words", "zh": "词"}}
		err = errors.Join(r.PutView(run.Subject(last, "fixture", r.Info().SHA256, "test of tail 80/10/10"), dissect.ViewName, fixtureResult()), r.PutView(r.Whole(), evolve.ViewName, evolve.History{Definitions: []evolve.Definition{def}, Snapshots: []evolve.Snapshot{
			{Step: 0, Skills: []evolve.Skill{{Name: def.Name, Value: stat.Point(.1, 5)}}}, {Step: 10, Skills: []evolve.Skill{{Name: def.Name, Value: stat.Point(.7, 5)}}}}}))
	}
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestBuildWritesThePageAndEveryFigure(t *testing.T) {
	if testing.Short() {
		t.Skip("draws all figures of all sections, each three times; TestBuildOfAFreshRun draws a few in the same way")
	}
	r := smallRun(t, true)
	if _, err := Build(context.Background(), r, Options{Lang: "zh"}); err != nil {
		t.Fatal(err)
	}
	html := readFile(t, r.ReportPath())
	pictures := 0
	wellFormed(t, string(html), func(el xml.StartElement) {
		link := attr(el, "href")
		if !strings.HasPrefix(link, "figures/") {
			return
		}
		pictures++
		b := readFile(t, r.FigurePath(strings.TrimPrefix(link, "figures/")))
		switch filepath.Ext(link) {
		case ".png":
			if _, err := png.Decode(bytes.NewReader(b)); err != nil {
				t.Errorf("%s: %v", link, err)
			}
		case ".pdf":
			if !bytes.HasPrefix(b, []byte("%PDF-")) {
				t.Errorf("%s is no PDF", link)
			}
		case ".svg":
			if err := xml.Unmarshal(b, new(struct{})); err != nil {
				t.Errorf("%s: %v", link, err)
			}
		}
	})
	if pictures < 24 {
		t.Errorf("%d links to figures", pictures)
	}
	if !strings.Contains(string(html), "l1.h") {
		t.Error("the heatmap is of the last layer")
	}
	if _, err := Build(context.Background(), r, Options{Lang: "zh"}); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(html, readFile(t, r.ReportPath())) {
		t.Error("the same run gave another page")
	}
}

func TestBuildOfAFreshRun(t *testing.T) {
	r := smallRun(t, false)
	if _, err := Build(context.Background(), r, Options{}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(readFile(t, r.ReportPath())), "It is made by: rnnscope dissect") {
		t.Error("what was never made must be said")
	}
}

func TestBuildLeavesNothingBehindWhenItFails(t *testing.T) {
	r := smallRun(t, false)
	if _, err := Build(context.Background(), r, Options{Lang: "xx"}); !errors.Is(err, page.ErrLanguage) {
		t.Errorf("%v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Build(ctx, r, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if _, err := os.Stat(r.ReportPath()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a report was written: %v", err)
	}
}

func TestCollectJoinsSamplesWithTheirFigures(t *testing.T) {
	d, err := content.Collect(context.Background(), smallRun(t, true), run.Want{})
	if err != nil {
		t.Fatal(err)
	}
	if len(d.Moments) != 2 || d.Moments[0].Sample != "He <script>\x00" || d.Moments[1].Loss != 2 || d.Moments[1].Skills[d.Skills[0].Name].Estimate != .7 {
		t.Errorf("%+v", d.Moments)
	}
	if p := d.Passage; p == nil || len(p.Values) != 12 || len(p.Values[0]) != len(p.Text) {
		t.Error("the passage has one value for each unit and character")
	}
	if err := writePage(io.Discard, d, "en"); err != nil {
		t.Error(err)
	}
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
