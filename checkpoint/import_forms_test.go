package checkpoint

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/text"
)

// forms is testdata/forms/forms.json: see make_forms.py.
type forms struct {
	Alphabet []string `json:"alphabet"`
	Line     string   `json:"line"`
	Cases    []form   `json:"cases"`
}

type form struct {
	File    string        `json:"file"`
	Options []string      `json:"options"`
	Asks    string        `json:"asks"`
	Nats    float64       `json:"nats"`
	H       [][][]float32 `json:"h"` // [L][T][H]
}

func readForms(t testing.TB) (forms, *text.Alphabet, []int32) {
	t.Helper()
	b, err := os.ReadFile("testdata/forms/forms.json")
	if err != nil {
		t.Fatal(err)
	}
	var f forms
	if err := json.Unmarshal(b, &f); err != nil {
		t.Fatal(err)
	}
	list, err := json.Marshal(f.Alphabet)
	if err != nil {
		t.Fatal(err)
	}
	a, err := text.ParseAlphabet(list)
	if err != nil {
		t.Fatal(err)
	}
	ids, err := a.Encode([]byte(f.Line), text.UnknownError)
	if err != nil {
		t.Fatal(err)
	}
	return f, a, ids
}

// withOptions sets the options that a form needs.
func withOptions(t testing.TB, a *text.Alphabet, words []string) ImportOptions {
	t.Helper()
	opt := ImportOptions{Alphabet: a}
	for _, o := range words {
		name, value, _ := strings.Cut(o, "=")
		switch name {
		case "nonlinearity":
			opt.Nonlinearity = value
		case "input":
			opt.Input = value
		case "output":
			opt.Output = value
		case "order":
			opt.Order = strings.Split(value, ",")
		case "activation":
			opt.Activation = value
		case "norm":
			opt.Norm = value
		case "norm-eps":
			opt.NormEps, _ = strconv.ParseFloat(value, 64)
		case "start":
			opt.Start = strings.Split(value, ",")
		case "key":
			opt.Key = value
		case "ignore":
			opt.Ignore = strings.Split(value, ",")
		default:
			t.Fatalf("option %s", o)
		}
	}
	return opt
}

// asks is the kind of error that a file asks its question with. Two are refused as they stand, and the refusal names
// the flag that reads them.
func asks(file string) error {
	switch file {
	case "dicts.pt":
		return ErrUnsupported
	case "beside.pt":
		return ErrNotFinite
	}
	return ErrAmbiguous
}

// TestImportForms: every form and shape has PyTorch's loss to 1e-5 and its states to
// 1e-4, or asks in one line that names the flag.
func TestImportForms(t *testing.T) {
	f, a, ids := readForms(t)
	if len(f.Cases) < 54 {
		t.Fatalf("only %d forms", len(f.Cases))
	}
	for _, c := range f.Cases {
		t.Run(c.File, func(t *testing.T) {
			path := filepath.Join("testdata", "forms", c.File)
			_, err := Import(path, ImportOptions{Alphabet: a})
			switch {
			case c.Asks == "" && err != nil:
				t.Fatal(err)
			case c.Asks != "" && (!errors.Is(err, asks(c.File)) || !strings.Contains(err.Error(), c.Asks) || strings.Contains(err.Error(), "\n")):
				t.Fatalf("it says %q, and should ask for %s in one line", err, c.Asks)
			}
			got, err := Import(path, withOptions(t, a, c.Options))
			if err != nil {
				t.Fatal(err)
			}
			again, err := Decode(encoded(t, got.Checkpoint))
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range []*rnn.Model{got.Model, again.Model} {
				compareForm(t, c, m, ids)
			}
			if len(got.Assumed) == 0 || got.Weights == 0 {
				t.Error("it does not say what it took for granted")
			}
		})
	}
}

func compareForm(t *testing.T, c form, m *rnn.Model, ids []int32) {
	t.Helper()
	cfg := m.Config()
	p, err := m.NewPass(rnn.PassOptions{T: len(ids), B: 1, Sites: cfg.HiddenSites()})
	if err != nil {
		t.Fatal(err)
	}
	p.Forward(ids, m.NewState(1), nil)
	targets := append(append([]int32(nil), ids[1:]...), -1)
	if nats := p.Score(targets, nil) / float64(len(ids)-1); !(math.Abs(nats-c.Nats) <= 1e-5) {
		t.Errorf("%.7f nats a symbol, PyTorch %.7f", nats, c.Nats)
	}
	if len(c.H) != cfg.Layers {
		t.Fatalf("%d layers, PyTorch %d", cfg.Layers, len(c.H))
	}
	if strings.HasPrefix(c.File, "projected") {
		return // PyTorch's h is the projected one
	}
	for l, states := range c.H {
		for step, want := range states {
			got := p.Read(fmt.Sprintf("l%d.h", l), step)
			if len(want) != cfg.Units(l) {
				t.Fatalf("layer %d has %d units, PyTorch %d", l, cfg.Units(l), len(want))
			}
			for u, x := range want {
				if !(math.Abs(float64(got[u]-x)) <= 1e-4) {
					t.Fatalf("l%d.h[%d] after symbol %d is %v, PyTorch %v", l, u, step, got[u], x)
				}
			}
		}
	}
}

// The length that a safetensors file begins with may be the first bytes of a pickle.
func TestImportTellsTheTwoFormatsApart(t *testing.T) {
	_, a, _ := readForms(t)
	b, err := os.ReadFile("testdata/forms/onehot.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	n := binary.LittleEndian.Uint64(b)
	padded := binary.LittleEndian.AppendUint64(nil, 0x280) // a pickle of protocol 2
	padded = append(padded, b[8:8+n]...)
	padded = append(padded, bytes.Repeat([]byte(" "), int(0x280-n))...)
	if _, err := DecodeForeign(append(padded, b[8+n:]...), ImportOptions{Alphabet: a}); err != nil {
		t.Error(err)
	}
}
