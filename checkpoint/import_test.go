package checkpoint

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/text"
)

type goldens struct {
	Alphabet []string `json:"alphabet"`
	Cases    []struct {
		Name         string        `json:"name"`
		Nonlinearity string        `json:"nonlinearity"`
		X            [][]int32     `json:"x"`      // [B,T]
		Logits       [][][]float32 `json:"logits"` // [B,T,V]
	} `json:"cases"`
}

func readGoldens(t testing.TB) (goldens, *text.Alphabet) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "import.json"))
	if err != nil {
		t.Fatal(err)
	}
	var g goldens
	if err := json.Unmarshal(b, &g); err != nil {
		t.Fatal(err)
	}
	list, err := json.Marshal(g.Alphabet)
	if err != nil {
		t.Fatal(err)
	}
	a, err := text.ParseAlphabet(list)
	if err != nil {
		t.Fatal(err)
	}
	return g, a
}

// logitsOf runs m over x [B][T] and returns [B][T][V].
func logitsOf(t testing.TB, m *rnn.Model, x [][]int32) [][][]float32 {
	t.Helper()
	rows, steps, v := len(x), len(x[0]), m.Config().Vocab
	p, err := m.NewPass(rnn.PassOptions{T: steps, B: rows})
	if err != nil {
		t.Fatal(err)
	}
	flat := make([]int32, steps*rows)
	for b := range x {
		for s, id := range x[b] {
			flat[s*rows+b] = id
		}
	}
	p.Forward(flat, m.NewState(rows), nil)
	out := make([][][]float32, rows)
	logits := p.Logits()
	for b := range out {
		for s := range steps {
			at := (s*rows + b) * v
			out[b] = append(out[b], append([]float32(nil), logits[at:at+v]...))
		}
	}
	return out
}

func TestImportGivesPyTorchLogits(t *testing.T) {
	g, a := readGoldens(t)
	if len(g.Cases) < 10 {
		t.Fatalf("only %d goldens", len(g.Cases))
	}
	for _, c := range g.Cases {
		t.Run(c.Name, func(t *testing.T) {
			got, err := Import(filepath.Join("testdata", c.Name+".safetensors"), ImportOptions{Alphabet: a, Nonlinearity: c.Nonlinearity})
			if err != nil {
				t.Fatal(err)
			}
			compareLogits(t, logitsOf(t, got.Model, c.X), c.Logits)

			// Saved and loaded as ours it is still the same network.
			again, err := Decode(encoded(t, got.Checkpoint))
			if err != nil {
				t.Fatal(err)
			}
			compareLogits(t, logitsOf(t, again.Model, c.X), c.Logits)
		})
	}
}

// Logits of magnitude 1, a dozen rounded operations each: 2e-6 is some 16 ulp.
func compareLogits(t *testing.T, got, want [][][]float32) {
	t.Helper()
	for b := range want {
		for s := range want[b] {
			for v := range want[b][s] {
				if d := math.Abs(float64(got[b][s][v] - want[b][s][v])); !(d <= 2e-6) {
					t.Fatalf("row %d step %d symbol %d: %v, PyTorch %v", b, s, v, got[b][s][v], want[b][s][v])
				}
			}
		}
	}
}

func TestImportRefusesWhatItCannotRead(t *testing.T) {
	_, a := readGoldens(t)
	other, err := text.NewAlphabet([]rune("ab"), false, false)
	if err != nil {
		t.Fatal(err)
	}
	const v, h = 7, 5
	lstm := func() map[string]tensor {
		return map[string]tensor{
			"rnn.weight_ih_l0": zeros(4*h, v), "rnn.weight_hh_l0": zeros(4*h, h),
			"rnn.bias_ih_l0": zeros(4 * h), "rnn.bias_hh_l0": zeros(4 * h),
			"fc.weight": zeros(v, h), "fc.bias": zeros(v),
		}
	}
	with := func(name string, x tensor) map[string]tensor {
		m := lstm()
		m[name] = x
		return m
	}
	without := func(name string) map[string]tensor {
		m := lstm()
		delete(m, name)
		return m
	}
	cases := []struct {
		name     string
		tensors  map[string]tensor
		alphabet *text.Alphabet
		want     error
		says     string
	}{
		{"the plain one", lstm(), a, nil, ""},
		{"other alphabet", lstm(), other, ErrAlphabet, "7 symbols, the alphabet 2"},
		{"no alphabet", lstm(), nil, ErrAlphabet, "alphabet 0"},
		{"nothing", map[string]tensor{}, a, ErrForeign, "weight_ih_l0"},
		{"transformer", map[string]tensor{"wte.weight": zeros(v, h)}, a, ErrForeign, "nn.LSTM"},
		{"bidirectional", with("rnn.weight_ih_l0_reverse", zeros(4*h, v)), a, ErrUnsupported, "bidirectional"},
		{"half a projection", with("rnn.weight_hr_l0", zeros(2, h)), a, ErrCorrupt, "weight_hr_l0 is not"},
		{"half a stack", with("other.weight_hh_l0", zeros(4*h, h)), a, ErrCorrupt, "other.weight_ih_l0 is missing"},
		{"stacks that do not fit", func() map[string]tensor {
			m := with("other.weight_hh_l0", zeros(4*h, h))
			m["other.weight_ih_l0"] = zeros(4*h, 3)
			return m
		}(), a, ErrUnsupported, "do not fit"},
		{"stacks of two cells", func() map[string]tensor {
			m := with("other.weight_hh_l0", zeros(3*h, h))
			m["other.weight_ih_l0"] = zeros(3*h, h)
			return m
		}(), a, ErrUnsupported, "different cells"},
		{"missing layer", with("rnn.weight_ih_l2", zeros(4*h, h)), a, ErrCorrupt, "weight_ih_l1 is missing"},
		{"no head", without("fc.weight"), a, ErrUnsupported, "no output layer"},
		{"a hidden layer", with("mlp.weight", zeros(h, h)), a, ErrAmbiguous, "--activation"},
		{"three matrices", func() map[string]tensor {
			m := with("a.weight", zeros(h, h))
			m["b.weight"] = zeros(2, 2)
			return m
		}(), a, ErrUnsupported, "3 matrices"},
		{"two gates", with("rnn.weight_hh_l0", zeros(2*h, h)), a, ErrUnsupported, "2 gates"},
		{"odd rows", with("rnn.weight_hh_l0", zeros(4*h+1, h)), a, ErrCorrupt, "not [G*H,H]"},
		{"wrong bias", with("rnn.bias_hh_l0", zeros(h)), a, ErrCorrupt, "bias_hh_l0"},
		{"a norm without bias", with("norm.weight", zeros(h)), a, ErrAmbiguous, "--norm layer or rms"},
		{"stray tensor", with("norm.weight", zeros(h+1)), a, ErrUnsupported, "norm.weight"},
		{"stray parameter", with("temperature", zeros(1, 1, 1, 1)), a, ErrUnsupported, "temperature"},
		{"an initial state", func() map[string]tensor {
			m := with("h0", zeros(1, 1, h))
			m["c0"] = zeros(1, 1, h)
			return m
		}(), a, ErrAmbiguous, "--start c0,h0"},
	}
	for _, c := range cases {
		var b bytes.Buffer
		if err := encode(&b, c.tensors, map[string]string{}); err != nil {
			t.Fatal(err)
		}
		_, err := DecodeForeign(b.Bytes(), ImportOptions{Alphabet: c.alphabet})
		if !errors.Is(err, c.want) || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v; want %v saying %q", c.name, err, c.want, c.says)
		}
	}
	// NaN cannot be written by encode; put one into the bytes.
	var b bytes.Buffer
	if err := encode(&b, lstm(), map[string]string{}); err != nil {
		t.Fatal(err)
	}
	raw := b.Bytes()
	copy(raw[len(raw)-4:], []byte{0, 0, 0xc0, 0x7f})
	if _, err := DecodeForeign(raw, ImportOptions{Alphabet: a}); !errors.Is(err, ErrNotFinite) {
		t.Errorf("a weight that is NaN: %v", err)
	}
}

func zeros(shape ...int) tensor {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return tensor{shape: shape, data: make([]float32, n)}
}

// The other direction needs PyTorch: testdata/load_strictly.py.
func TestPyTorchLoadsOurFile(t *testing.T) {
	python := os.Getenv("RNNSCOPE_PYTORCH")
	if python == "" {
		t.Skip("set RNNSCOPE_PYTORCH to a python that has torch and safetensors")
	}
	for _, cfg := range []rnn.Config{
		{Cell: rnn.Elman, Hidden: 6, Layers: 2},
		{Cell: rnn.Elman, Nonlinearity: rnn.ReLU, Hidden: 6, Layers: 1},
		{Cell: rnn.LSTM, Hidden: 16, Layers: 2},
		{Cell: rnn.GRU, Hidden: 7, Layers: 2},
		{Cell: rnn.LSTM, Hidden: 8, Layers: 1, Embed: 3},
	} {
		c := network(t, cfg)
		rng := rand.New(rand.NewPCG(5, 6))
		x := make([][]int32, 3)
		for b := range x {
			for range 12 {
				x[b] = append(x[b], int32(rng.IntN(c.Model.Config().Vocab)))
			}
		}
		dir := t.TempDir()
		weights, golden := filepath.Join(dir, "w.safetensors"), filepath.Join(dir, "g.json")
		if err := Save(weights, c); err != nil {
			t.Fatal(err)
		}
		b, err := json.Marshal(map[string]any{"x": x, "logits": logitsOf(t, c.Model, x)})
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(golden, b, 0o644); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command(python, filepath.Join("testdata", "load_strictly.py"), weights, golden).CombinedOutput()
		if err != nil {
			t.Fatalf("%+v: %v\n%s", cfg, err, out)
		}
		diff, err := strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
		if err != nil || diff > 2e-6 {
			t.Errorf("%+v: logits differ by %s (%v)", cfg, out, err)
		}
		t.Logf("%s, %d layers, embedding %d: largest difference of a logit %.2g", cfg.Cell, cfg.Layers, cfg.Embed, diff)
	}
}
