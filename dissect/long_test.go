package dissect

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/text"
)

// TestAWalkedTextEqualsAHeldOne: from a file, with labels made anew in every pass, or
// held whole: the same result to the bit.
func TestAWalkedTextEqualsAHeldOne(t *testing.T) {
	b := newBench(t, "mixed", 90_000, rnn.GRU, 4)
	path := filepath.Join(t.TempDir(), "text.txt")
	if err := os.WriteFile(path, []byte(string(b.runes)), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := text.Open(context.Background(), []string{path}, text.Options{}, b.in.Alphabet, text.UnknownError)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	opt := Options{Concepts: concepts(t, "in-quote", "column", "xml-depth", "latex-environment", "line-end-next"), Untrained: 2, Draws: 99}
	onFile := specimen.Text{Name: b.in.Text.Name, SHA256: b.in.Text.SHA256, Source: f}
	for _, in := range [][2]*specimen.Specimen{
		{b.in, specimen.OwnText(b.in.Network, onFile, b.split)},
		{specimen.OtherText(b.in.Network, b.in.Text), specimen.OtherText(b.in.Network, onFile)},
	} {
		if testing.Short() && in[0] == b.in {
			continue
		}
		held, err := Run(context.Background(), in[0], opt, nil)
		if err != nil {
			t.Fatal(err)
		}
		keep := specimen.KeepLabels
		specimen.KeepLabels = 0
		walked, err := Run(context.Background(), in[1], opt, nil)
		specimen.KeepLabels = keep
		if err != nil {
			t.Fatal(err)
		}
		if x, y := asJSON(t, held), asJSON(t, walked); !bytes.Equal(x, y) {
			t.Errorf("%s: a walked text gives another result", in[0].Split)
		}
	}
}

func asJSON(t *testing.T, x any) []byte {
	t.Helper()
	out, err := json.Marshal(x)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
