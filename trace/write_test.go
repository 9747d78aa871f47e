package trace

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sbinet/npyio/npy"
	"github.com/sbinet/npyio/npz"

	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/text"
)

// written is a trace of four characters with values that are easy to see.
func written(t *testing.T) (*Trace, *text.Alphabet) {
	t.Helper()
	c, err := text.FromString("s", "a \n中", text.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return &Trace{
		Block: text.Block{Warm: 3, Lo: 7, Hi: 11}, Sites: []string{"l0.h", "l0.c"}, Units: 2, IDs: c.IDs,
		Value:   [][]float32{{1, 2, 3, 4, 5, 6, 7, 8}, {-.1, .2, -.3, .4, -.5, .6, -.7, 1e-9}},
		Loss:    []float32{.5, .25, 2, float32(math.NaN())},
		LogProb: []float32{-1, -2, -3, -4, -5, -6, -7, -8, -9, -10, -11, -12, -13, -14, -15, -16},
	}, c.Alphabet
}

func TestCSV(t *testing.T) {
	tr, a := written(t)
	var buf bytes.Buffer
	if err := tr.WriteCSV(&buf, a); err != nil {
		t.Fatal(err)
	}
	got, err := csv.NewReader(&buf).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{
		{"index", "symbol", "code", "loss", "l0.h0", "l0.h1", "l0.c0", "l0.c1"},
		{"7", "a", "0061", "0.5", "1", "2", "-0.1", "0.2"},
		{"8", "·", "0020", "0.25", "3", "4", "-0.3", "0.4"},
		{"9", "⏎", "000A", "2", "5", "6", "-0.5", "0.6"},
		{"10", "中", "4E2D", "", "7", "8", "-0.7", "1e-09"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestNPY(t *testing.T) {
	tr, _ := written(t)
	var buf bytes.Buffer
	if err := tr.WriteNPY(&buf, "l0.c"); err != nil {
		t.Fatal(err)
	}
	r, err := npy.NewReader(bytes.NewReader(buf.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	if d := r.Header.Descr; d.Type != "<f4" || d.Fortran || !cmp.Equal(d.Shape, []int{4, 2}) {
		t.Errorf("header %+v", d)
	}
	var got []float32
	if err := r.Read(&got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(tr.Value[1], got); diff != "" {
		t.Error(diff)
	}
	if err := tr.WriteNPY(&buf, "l9.h"); !errors.Is(err, rnn.ErrSite) {
		t.Errorf("a site that is not there: %v", err)
	}
}

func TestNPZ(t *testing.T) {
	tr, _ := written(t)
	var buf bytes.Buffer
	if err := tr.WriteNPZ(&buf); err != nil {
		t.Fatal(err)
	}
	z, err := npz.NewReader(bytes.NewReader(buf.Bytes()), int64(buf.Len()))
	if err != nil {
		t.Fatal(err)
	}
	var ids []int32
	if err := z.Read("ids.npy", &ids); err != nil || !cmp.Equal(ids, tr.IDs) {
		t.Errorf("ids %v: %v", ids, err)
	}
	for name, want := range map[string][]float32{"l0.h.npy": tr.Value[0], "l0.c.npy": tr.Value[1], "logprob.npy": tr.LogProb, "loss.npy": tr.Loss} {
		var got []float32
		if err := z.Read(name, &got); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		same := cmp.Comparer(func(a, b float32) bool { return math.Float32bits(a) == math.Float32bits(b) })
		if diff := cmp.Diff(want, got, same); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestJSON(t *testing.T) {
	tr, a := written(t)
	var buf strings.Builder
	if err := tr.WriteJSON(&buf, a); err != nil {
		t.Fatal(err)
	}
	want := `{"lo":7,"text":"a \n中","symbols":["a","·","⏎","中"],"loss":[0.5,0.25,2,null],"sites":[` +
		`{"name":"l0.h","units":2,"values":[[1,2],[3,4],[5,6],[7,8]]},` +
		`{"name":"l0.c","units":2,"values":[[-0.1,0.2],[-0.3,0.4],[-0.5,0.6],[-0.7,1e-9]]}]}`
	var w, g any
	if err := json.Unmarshal([]byte(want), &w); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(buf.String()), &g); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(w, g); diff != "" {
		t.Error(diff)
	}
}
