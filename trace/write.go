package trace

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"reflect"
	"strconv"
	"strings"

	"github.com/sbinet/npyio/npy"
	"github.com/sbinet/npyio/npz"

	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/text"
)

// matrix copies [N,H] into a slice of N arrays: of the types the NumPy writer
// takes, the only one that keeps both float32 and two dimensions.
func matrix(values []float32, width int) any {
	n := len(values) / width
	row := reflect.ArrayOf(width, reflect.TypeFor[float32]())
	out := reflect.MakeSlice(reflect.SliceOf(row), n, n)
	for i := range n {
		reflect.Copy(out.Index(i), reflect.ValueOf(values[i*width:(i+1)*width]))
	}
	return out.Interface()
}

// WriteNPY writes one site as a NumPy array, float32 [N,H]. It fails with
// rnn.ErrSite if the site was not recorded.
func (t *Trace) WriteNPY(w io.Writer, site string) error {
	values := t.Site(site)
	if values == nil {
		return fmt.Errorf("%w %q in this trace, which has %v", rnn.ErrSite, site, t.Sites)
	}
	b := bufio.NewWriter(w)
	if err := npy.Write(b, matrix(values, t.Units)); err != nil {
		return fmt.Errorf("writing %s as NumPy: %w", site, err)
	}
	return b.Flush()
}

// WriteNPZ writes everything recorded as one NumPy archive: the sites under
// their names, float32 [N,H], "ids" int32 [N] and, if recorded, "loss" [N],
// "count" [N] and "logprob" [N,V].
func (t *Trace) WriteNPZ(w io.Writer) error {
	z := npz.NewWriter(w)
	put := func(name string, value any) error {
		if err := z.Write(name+".npy", value); err != nil {
			return fmt.Errorf("writing %s as NumPy: %w", name, err)
		}
		return nil
	}
	if err := put("ids", t.IDs); err != nil {
		return err
	}
	for i, site := range t.Sites {
		if err := put(site, matrix(t.Value[i], t.Units)); err != nil {
			return err
		}
	}
	if t.Loss != nil {
		if err := put("loss", t.Loss); err != nil {
			return err
		}
	}
	if t.Count != nil {
		if err := put("count", t.Count); err != nil {
			return err
		}
	}
	if t.LogProb != nil {
		if err := put("logprob", matrix(t.LogProb, len(t.LogProb)/t.Len())); err != nil {
			return err
		}
	}
	return z.Close()
}

// WriteCSV writes one line a symbol: its index in the text, the symbol made
// visible, its code points in hexadecimal as in "0048" or "0065 0301", from which the
// text can be put together again (of a byte, its two digits), "loss" if recorded (empty where there is no next symbol), "count" of a
// network with a counter, and every
// unit of every site, in columns named l0.h0, l0.h1 and so on.
func (t *Trace) WriteCSV(w io.Writer, a *text.Alphabet) error {
	c := csv.NewWriter(w)
	line := []string{"index", "symbol", "code"}
	if t.Loss != nil {
		line = append(line, "loss")
	}
	if t.Count != nil {
		line = append(line, "count")
	}
	for _, site := range t.Sites {
		for u := range t.Units {
			line = append(line, site+strconv.Itoa(u))
		}
	}
	if err := c.Write(line); err != nil {
		return err
	}
	for n, id := range t.IDs {
		line = append(line[:0], strconv.Itoa(t.Block.Lo+n), a.Visible(id), code(a, id))
		if t.Loss != nil {
			line = append(line, number(t.Loss[n]))
		}
		if t.Count != nil {
			line = append(line, number(t.Count[n]))
		}
		for i := range t.Sites {
			for _, v := range t.Row(i, n) {
				line = append(line, number(v))
			}
		}
		if err := c.Write(line); err != nil {
			return err
		}
	}
	c.Flush()
	return c.Error()
}

// code is what a symbol stands for, as numbers: nothing a table or a terminal changes.
func code(a *text.Alphabet, id int32) string {
	written := a.Decode([]int32{id})
	var out []string
	if a.Bytes() {
		for _, b := range []byte(written) {
			out = append(out, fmt.Sprintf("%02X", b))
		}
		return strings.Join(out, " ")
	}
	for _, r := range written {
		out = append(out, fmt.Sprintf("%04X", r))
	}
	return strings.Join(out, " ")
}

func number(v float32) string {
	if v != v {
		return ""
	}
	return strconv.FormatFloat(float64(v), 'g', -1, 32)
}

// nats marshals NaN, which JSON has no word for, as null.
type nats float32

func (v nats) MarshalJSON() ([]byte, error) {
	if math.IsNaN(float64(v)) {
		return []byte("null"), nil
	}
	return json.Marshal(float32(v))
}

type traceJSON struct {
	Lo      int       `json:"lo"`              // index in the text of the first symbol
	Text    string    `json:"text"`            // the symbols read
	Symbols []string  `json:"symbols"`         // each made visible
	Loss    []nats    `json:"loss,omitempty"`  // nats for the next symbol, null at the text's end
	Count   []float32 `json:"count,omitempty"` // of a network with a counter
	// "sites" follows: of each "name", "units" H and "values" [N][H]
}

// WriteJSON writes one object with the text, the visible symbols, the loss if
// recorded and the values of every site, row by row.
func (t *Trace) WriteJSON(w io.Writer, a *text.Alphabet) error {
	out := traceJSON{Lo: t.Block.Lo, Text: a.Decode(t.IDs), Symbols: make([]string, len(t.IDs)), Count: t.Count}
	for n, id := range t.IDs {
		out.Symbols[n] = a.Visible(id)
	}
	for _, l := range t.Loss {
		out.Loss = append(out.Loss, nats(l))
	}
	b := bufio.NewWriter(w)
	head, err := json.Marshal(out)
	if err != nil {
		return err
	}
	b.Write(head[:len(head)-1]) // an error stays with b until Flush
	b.WriteString(`,"sites":[`)
	for i, site := range t.Sites {
		name, err := json.Marshal(site)
		if err != nil {
			return err
		}
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(b, `{"name":%s,"units":%d,"values":[`, name, t.Units)
		for n := range t.Len() {
			row, err := json.Marshal(t.Row(i, n))
			if err != nil {
				return err
			}
			if n > 0 {
				b.WriteByte(',')
			}
			if _, err := b.Write(row); err != nil {
				return err
			}
		}
		b.WriteString("]}")
	}
	b.WriteString("]}\n")
	return b.Flush()
}
