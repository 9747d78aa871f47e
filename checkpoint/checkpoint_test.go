package checkpoint

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/text"
	"pgregory.net/rapid"
)

var symbols = []rune("\n ab\"é中<")

func alphabet(t testing.TB) *text.Alphabet {
	t.Helper()
	a, err := text.NewAlphabet(symbols, false, true)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func network(t testing.TB, cfg rnn.Config) *Checkpoint {
	t.Helper()
	a := alphabet(t)
	cfg.Vocab = a.Size()
	m, err := rnn.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	m.Init(rand.New(rand.NewPCG(1, 2)))
	return &Checkpoint{Model: m, Alphabet: a, Step: 42, Meta: map[string]string{MetaVersion: "v1", MetaSeed: "7"}}
}

func small(t testing.TB) *Checkpoint {
	return network(t, rnn.Config{Cell: rnn.LSTM, Hidden: 3, Layers: 2})
}

func encoded(t testing.TB, c *Checkpoint) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, c); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func resume(t testing.TB) *Resume {
	c := small(t)
	rng := rand.New(rand.NewPCG(3, 4))
	fill := func(x []float32) []float32 {
		for i := range x {
			x[i] = float32(rng.NormFloat64())
		}
		return x
	}
	hidden := c.Model.NewState(2)
	for l := range hidden.H {
		fill(hidden.H[l])
		fill(hidden.C[l])
	}
	n := len(c.Model.Slab())
	return &Resume{
		Checkpoint: *c,
		Optimizer:  Optimizer{Name: "adam", Steps: 42, Slots: map[string][]float32{"m": fill(make([]float32, n)), "v": fill(make([]float32, n))}},
		Hidden:     hidden,
		Cursor:     text.Cursor{Epoch: 3, Chunk: 5},
		Streams:    map[string][]byte{"dropout": {0, 255, 7}},
		Config:     json.RawMessage(`{"a":1}`),
		BestLoss:   1.0 / 3, BestStep: 40, LastStep: 100, Pending: true,
	}
}

func encodedResume(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := WriteResume(&b, resume(t)); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// plain is what two checkpoints are compared by.
type plain struct {
	Config   rnn.Config
	Slab     []float32
	Alphabet string
	Step     int64
	Meta     map[string]string
}

func flatten(t testing.TB, c *Checkpoint) plain {
	t.Helper()
	a, err := json.Marshal(c.Alphabet)
	if err != nil {
		t.Fatal(err)
	}
	return plain{c.Model.Config(), c.Model.Slab(), string(a), c.Step, c.Meta}
}

func TestSaveAndLoadAreInverse(t *testing.T) {
	for _, cfg := range []rnn.Config{
		{Cell: rnn.Elman, Hidden: 4, Layers: 1},
		{Cell: rnn.Elman, Nonlinearity: rnn.ReLU, Hidden: 2, Layers: 3},
		{Cell: rnn.LSTM, Hidden: 3, Layers: 2, Dropout: 0.25},
		{Cell: rnn.GRU, Hidden: 5, Layers: 2, Embed: 4},
	} {
		want := network(t, cfg)
		path := filepath.Join(t.TempDir(), "w.safetensors")
		if err := Save(path, want); err != nil {
			t.Fatal(err)
		}
		got, err := Load(path)
		if err != nil {
			t.Fatalf("%+v: %v", cfg, err)
		}
		if d := cmp.Diff(flatten(t, want), flatten(t, got)); d != "" {
			t.Errorf("%+v (-want +got):\n%s", cfg, d)
		}
		again, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(again, encoded(t, got)) {
			t.Errorf("%+v: the same checkpoint gave other bytes", cfg)
		}
	}
}

func TestResumeRoundTrip(t *testing.T) {
	want := resume(t)
	path := filepath.Join(t.TempDir(), "resume.safetensors")
	if err := SaveResume(path, want); err != nil {
		t.Fatal(err)
	}
	got, err := LoadResume(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(flatten(t, &want.Checkpoint), flatten(t, &got.Checkpoint)); d != "" {
		t.Errorf("weights (-want +got):\n%s", d)
	}
	type rest struct {
		Optimizer Optimizer
		H, C      [][]float32
		Cursor    text.Cursor
		Streams   map[string][]byte
		Config    string
		Best      float64
		At, Last  int64
		Pending   bool
	}
	view := func(r *Resume) rest {
		return rest{r.Optimizer, r.Hidden.H, r.Hidden.C, r.Cursor, r.Streams, string(r.Config), r.BestLoss, r.BestStep, r.LastStep, r.Pending}
	}
	if d := cmp.Diff(view(want), view(got)); d != "" {
		t.Errorf("state (-want +got):\n%s", d)
	}
}

// Every single flipped bit must be seen, or be one that changes nothing that is read.
func TestEveryFlippedBitIsSeen(t *testing.T) {
	b := encoded(t, small(t))
	want := flatten(t, small(t))
	harmless := 0
	for i := range b {
		for bit := range 8 {
			b[i] ^= 1 << bit
			c, err := Decode(b)
			switch {
			case err == nil:
				harmless++
				if d := cmp.Diff(want, flatten(t, c)); d != "" {
					t.Fatalf("bit %d of byte %d went unseen:\n%s", bit, i, d)
				}
			case !errors.Is(err, ErrCorrupt) && !errors.Is(err, ErrTruncated) && !errors.Is(err, ErrForeign) && !errors.Is(err, ErrUnsupported):
				t.Fatalf("bit %d of byte %d: untyped error %v", bit, i, err)
			}
			b[i] ^= 1 << bit
		}
	}
	if harmless > len(b)/50 {
		t.Errorf("%d of %d flipped bits were accepted; only padding may be", harmless, 8*len(b))
	}
}

func TestEveryTruncationIsSeen(t *testing.T) {
	for _, b := range [][]byte{encoded(t, small(t)), encodedResume(t)} {
		for n := range b {
			if _, err := Decode(b[:n]); err == nil {
				t.Fatalf("the first %d of %d bytes were accepted", n, len(b))
			} else if !errors.Is(err, ErrTruncated) {
				t.Fatalf("%d bytes: %v", n, err)
			}
		}
	}
}

func TestForeignFilesAreNamed(t *testing.T) {
	dir := t.TempDir()
	write := func(b []byte) string {
		path := filepath.Join(dir, "f")
		if err := os.WriteFile(path, b, 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	golden, err := os.ReadFile(filepath.Join("testdata", "lstm.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		name string
		path string
		want error
		says string
	}{
		{"missing", filepath.Join(dir, "none"), fs.ErrNotExist, "none"},
		{"folder", dir, ErrForeign, "not a file"},
		{"empty", write(nil), ErrTruncated, "empty"},
		{"pickle", write([]byte("PK\x03\x04 and so on, for a while")), ErrForeign, "save_file"},
		{"text", write([]byte("It was the best of times")), ErrForeign, "not a safetensors file"},
		{"PyTorch's", write(golden), ErrForeign, "import"},
		{"resume file", write(encodedResume(t)), ErrForeign, "resume file"},
		{"header of 4 GB", write([]byte("\xff\xff\xff\xff\x00\x00\x00\x00{")), ErrCorrupt, "claims"},
		{"newer", write(retouch(t, encoded(t, small(t)), keyFormat, "99")), ErrUnsupported, "99"},
	}
	// Each case wrote the same file; write it again just before it is read.
	contents := map[string][]byte{
		"empty": nil, "pickle": []byte("PK\x03\x04 and so on, for a while"), "text": []byte("It was the best of times"),
		"PyTorch's": golden, "resume file": encodedResume(t), "header of 4 GB": []byte("\xff\xff\xff\xff\x00\x00\x00\x00{"),
		"newer": retouch(t, encoded(t, small(t)), keyFormat, "99"),
	}
	for _, c := range cases {
		if b, ok := contents[c.name]; ok {
			write(b)
		}
		_, err := Load(c.path)
		if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v; want %v saying %q", c.name, err, c.want, c.says)
		}
		if strings.Contains(fmt.Sprint(err), "\n") {
			t.Errorf("%s: more than one line: %v", c.name, err)
		}
	}
}

// retouch writes the file anew with one metadata entry changed and a right checksum.
func retouch(t testing.TB, b []byte, key, value string) []byte {
	t.Helper()
	f, err := parse(b)
	if err != nil {
		t.Fatal(err)
	}
	tensors := map[string]tensor{}
	for name, v := range f.views {
		x, err := floats(v)
		if err != nil {
			t.Fatal(err)
		}
		shape := make([]int, len(v.Shape()))
		for i, n := range v.Shape() {
			shape[i] = int(n)
		}
		tensors[name] = tensor{shape: shape, data: x}
	}
	f.meta[key] = value
	var out bytes.Buffer
	if err := encode(&out, tensors, f.meta); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// A config that promises more than the file holds must fail before memory is taken.
func TestForgedConfigsAreRefused(t *testing.T) {
	b := encoded(t, small(t))
	for _, config := range []string{
		``, `null`, `{}`, `[]`, `{"cell":"lstm","vocab":9,"hidden":3,"layers":2,"more":1}`,
		`{"cell":"lstm","vocab":9,"hidden":30000,"layers":2}`,
		`{"cell":"lstm","vocab":9,"hidden":3,"layers":1000000000}`,
		`{"cell":"lstm","vocab":9,"hidden":3,"layers":-1}`,
		`{"cell":"lstm","vocab":9,"hidden":3,"layers":2,"embed":100000000}`,
		`{"cell":"gru","vocab":9,"hidden":3,"layers":2}`,
		`{"cell":"lstm","vocab":8,"hidden":3,"layers":2}`,
		`{"cell":"lstm","vocab":9,"hidden":9223372036854775807,"layers":2}`,
		`{"cell":"lstm","vocab":9,"hidden":3,"layers":2} 7`,
	} {
		if _, err := Decode(retouch(t, b, keyConfig, config)); !errors.Is(err, ErrCorrupt) {
			t.Errorf("config %s: %v; want ErrCorrupt", config, err)
		}
	}
	r := encodedResume(t)
	for _, state := range []string{`{}`, `{"rows":1000000000}`, `{"slots":["m","v","w"],"rows":2}`, `{"slots":["m"],"rows":2}`} {
		if _, err := DecodeResume(retouch(t, r, keyTraining, state)); !errors.Is(err, ErrCorrupt) {
			t.Errorf("training state %s: %v; want ErrCorrupt", state, err)
		}
	}
}

func TestNotFiniteIsNeverSaved(t *testing.T) {
	path := filepath.Join(t.TempDir(), "w.safetensors")
	if err := Save(path, small(t)); err != nil {
		t.Fatal(err)
	}
	before, _ := os.ReadFile(path)
	for _, bad := range []float32{float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1))} {
		c := small(t)
		c.Model.Slab()[11] = bad
		if err := Save(path, c); !errors.Is(err, ErrNotFinite) {
			t.Errorf("weight %v: %v", bad, err)
		}
		r := resume(t)
		r.Optimizer.Slots["v"][3] = bad
		if err := SaveResume(path, r); !errors.Is(err, ErrNotFinite) {
			t.Errorf("moment %v: %v", bad, err)
		}
	}
	after, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(before, after) {
		t.Errorf("the good file was touched: %v", err)
	}
	onlyFile(t, filepath.Dir(path), "w.safetensors")
}

func onlyFile(t *testing.T, dir, name string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Name() != name {
			t.Errorf("%s was left behind", e.Name())
		}
	}
}

func TestReservedMetadataIsRefused(t *testing.T) {
	c := small(t)
	c.Meta = map[string]string{"config": "x"}
	if err := Write(io.Discard, c); err == nil {
		t.Error("an entry that would overwrite the config was accepted")
	}
}

// fromHalf against its definition (-1)^s 2^(e-15) (1 + f/1024), for all values.
func TestFromHalf(t *testing.T) {
	for h := range 1 << 16 {
		sign, e, f := 1.0, h>>10&31, float64(h&1023)
		if h&0x8000 != 0 {
			sign = -1
		}
		want := sign * math.Ldexp(1+f/1024, e-15)
		switch {
		case e == 0:
			want = sign * math.Ldexp(f/1024, -14)
		case e == 31 && f == 0:
			want = math.Inf(int(sign))
		case e == 31:
			want = math.NaN()
		}
		got := float64(fromHalf(uint16(h)))
		if math.IsNaN(want) != math.IsNaN(got) || !math.IsNaN(want) && math.Float64bits(got) != math.Float64bits(want) {
			t.Fatalf("%#04x: %v, want %v", h, got, want)
		}
	}
}

func TestFirstNotFinite(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.SliceOf(rapid.Float32()).Draw(t, "x")
		want := -1
		for i, v := range x {
			if f := float64(v); math.IsNaN(f) || math.IsInf(f, 0) {
				want = i
				break
			}
		}
		if got := firstNotFinite(x); got != want {
			t.Fatalf("%d, want %d in %v", got, want, x)
		}
	})
}
