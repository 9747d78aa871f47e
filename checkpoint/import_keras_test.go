package checkpoint

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/rnnscope/rnnscope/text"
)

// kerasNet is a network in the layout of Keras: an Embedding, one recurrent layer, a Dense.
type kerasNet struct {
	v, e, h, gates int
	biasRows       int // 0: none
	w              map[string]tensor
}

func newKerasNet(gates, biasRows int, rng *rand.Rand) *kerasNet {
	k := &kerasNet{v: 7, e: 4, h: 5, gates: gates, biasRows: biasRows}
	random := func(shape ...int) tensor {
		t := zeros(shape...)
		for i := range t.data {
			t.data[i] = float32(rng.NormFloat64()) / 2
		}
		return t
	}
	k.w = map[string]tensor{
		"embedding/embeddings": random(k.v, k.e), "rnn/cell/kernel": random(k.e, gates*k.h), "rnn/cell/recurrent_kernel": random(k.h, gates*k.h),
		"dense/kernel": random(k.h, k.v), "dense/bias": random(k.v),
	}
	switch biasRows {
	case 1:
		k.w["rnn/cell/bias"] = random(gates * k.h)
	case 2:
		k.w["rnn/cell/bias"] = random(2, gates*k.h)
	}
	return k
}

// times is x [n] by a matrix [n,m], plus a bias [m] unless nil.
func (k *kerasNet) times(x []float64, w tensor, b []float32) []float64 {
	m := w.shape[1]
	out := make([]float64, m)
	for j := range m {
		if b != nil {
			out[j] = float64(b[j])
		}
		for i := range x {
			out[j] += x[i] * float64(w.data[i*m+j])
		}
	}
	return out
}

// logits is Keras's own definition of its cells (recurrent sequences, reset_after=True), in float64.
func (k *kerasNet) logits(ids []int32) [][]float64 {
	sigmoid := func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
	h, c := make([]float64, k.h), make([]float64, k.h)
	var out [][]float64
	for _, id := range ids {
		x := make([]float64, k.e)
		for i := range x {
			x[i] = float64(k.w["embedding/embeddings"].data[int(id)*k.e+i])
		}
		var first, second []float32
		if b := k.w["rnn/cell/bias"].data; b != nil {
			first = b[:k.gates*k.h]
			if k.biasRows == 2 {
				second = b[k.gates*k.h:]
			}
		}
		a, r := k.times(x, k.w["rnn/cell/kernel"], first), k.times(h, k.w["rnn/cell/recurrent_kernel"], second)
		for u := range k.h {
			gate := func(g int) float64 { return a[g*k.h+u] + r[g*k.h+u] }
			switch k.gates {
			case 1:
				h[u] = math.Tanh(gate(0))
			case 3: // z, r, candidate
				z := sigmoid(gate(0))
				n := math.Tanh(a[2*k.h+u] + sigmoid(gate(1))*r[2*k.h+u])
				h[u] = z*h[u] + (1-z)*n
			case 4: // i, f, candidate, o
				c[u] = sigmoid(gate(1))*c[u] + sigmoid(gate(0))*math.Tanh(gate(2))
				h[u] = sigmoid(gate(3)) * math.Tanh(c[u])
			}
		}
		out = append(out, k.times(h, k.w["dense/kernel"], k.w["dense/bias"].data))
	}
	return out
}

func (k *kerasNet) file(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := encode(&b, k.w, map[string]string{}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Layers in the layout of Keras compute what Keras says they do; what only Keras knows is asked.
func TestImportKeras(t *testing.T) {
	a, err := text.NewAlphabet([]rune("abcdefg"), false, false)
	if err != nil {
		t.Fatal(err)
	}
	ids := []int32{3, 0, 6, 2, 2, 5, 1, 4}
	for _, c := range []struct {
		gates, rows int
		opt         ImportOptions
		asks        string
		fails       error
	}{
		{gates: 4, rows: 1},
		{gates: 4, rows: 0},
		{gates: 1, rows: 1, asks: "--nonlinearity"},
		{gates: 1, rows: 1, opt: ImportOptions{Nonlinearity: "tanh"}},
		{gates: 3, rows: 2},
		{gates: 3, rows: 1, asks: "--reset-after"},
		{gates: 3, rows: 0, asks: "--reset-after"},
		{gates: 3, rows: 1, opt: ImportOptions{ResetAfter: ResetAfter}},
		{gates: 3, rows: 0, opt: ImportOptions{ResetAfter: ResetAfter}},
		{gates: 3, rows: 1, opt: ImportOptions{ResetAfter: ResetBefore}, fails: ErrUnsupported},
		{gates: 3, rows: 2, opt: ImportOptions{ResetAfter: ResetBefore}, fails: ErrForeign},
		{gates: 4, rows: 2, fails: ErrForeign},
	} {
		t.Run(fmt.Sprintf("%d gates, %d rows of bias, %+v", c.gates, c.rows, c.opt.ResetAfter), func(t *testing.T) {
			k := newKerasNet(c.gates, c.rows, rand.New(rand.NewPCG(1, uint64(c.gates))))
			c.opt.Alphabet = a
			net, err := DecodeForeign(k.file(t), c.opt)
			switch {
			case c.asks != "":
				if !errors.Is(err, ErrAmbiguous) || !strings.Contains(err.Error(), c.asks) || strings.Contains(err.Error(), "\n") {
					t.Fatalf("asked %v, want %s", err, c.asks)
				}
				return
			case c.fails != nil:
				if !errors.Is(err, c.fails) {
					t.Fatalf("%v, want %v", err, c.fails)
				}
				return
			case err != nil:
				t.Fatal(err)
			}
			got := logitsOf(t, net.Model, [][]int32{ids})[0]
			for s, row := range k.logits(ids) {
				for v, want := range row {
					if d := math.Abs(float64(got[s][v]) - want); !(d <= 1e-5) {
						t.Fatalf("step %d symbol %d: %v, Keras's definition %v", s, v, got[s][v], want)
					}
				}
			}
		})
	}
	plain := map[string]tensor{"rnn.weight_ih_l0": zeros(20, 7), "rnn.weight_hh_l0": zeros(20, 5), "fc.weight": zeros(7, 5)}
	var b bytes.Buffer
	if err := encode(&b, plain, map[string]string{}); err != nil {
		t.Fatal(err)
	}
	if _, err := DecodeForeign(b.Bytes(), ImportOptions{Alphabet: a, ResetAfter: ResetAfter}); !errors.Is(err, ErrForeign) {
		t.Errorf("--reset-after without such a GRU: %v", err)
	}
}
