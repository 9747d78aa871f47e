package states

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"math"
	"reflect"
	"slices"

	"github.com/sbinet/npyio/npz"

	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/text"
)

// idsName is the array of symbols that an archive of states may hold.
const idsName = "ids"

// Writer writes the states of a specimen at every position that is scored.
type Writer struct {
	of     *specimen.Specimen
	parts  specimen.Parts
	blocks []text.Block // of both parts, ascending
	Rows   int          // positions
}

// NewWriter prepares to write a specimen's states on the grid of the analyses.
func NewWriter(s *specimen.Specimen) (*Writer, error) {
	if err := s.Check(text.DefaultBlock); err != nil {
		return nil, err
	}
	t := &Writer{of: s, parts: s.Parts(text.DefaultBlock)}
	for _, part := range []text.Blocks{t.parts.Choose, t.parts.Report} {
		for i := range part.Len() {
			t.blocks = append(t.blocks, part.At(i))
			t.Rows += part.At(i).Len()
		}
	}
	slices.SortFunc(t.blocks, func(a, b text.Block) int { return a.Lo - b.Lo })
	return t, nil
}

// WriteSymbols writes the file of symbols.
func (t *Writer) WriteSymbols(w io.Writer, sites []specimen.Site) error {
	ids, err := t.of.IDs()
	if err != nil {
		return err
	}
	alphabet, err := json.Marshal(t.of.Alphabet)
	if err != nil {
		return err
	}
	out := symbolsFile{
		Symbols: alphabet, IDs: ids, Text: t.of.Text.Name, SHA256: t.of.Text.SHA256, Split: t.of.Split,
		Choose: scoredStretches(t.parts.Choose), Report: scoredStretches(t.parts.Report),
	}
	for _, b := range t.blocks {
		out.Rows = append(out.Rows, [2]int{b.Lo, b.Hi})
	}
	for _, s := range sites {
		out.Sites = append(out.Sites, site{s.Name, s.Range})
	}
	return json.NewEncoder(w).Encode(out)
}

func scoredStretches(of text.Blocks) []stretch {
	var out []stretch
	for i := range of.Len() {
		out = append(out, stretch{of.At(i).Warm, of.At(i).Lo, of.At(i).Hi})
	}
	return out
}

// WriteNPZ reads states and writes a NumPy archive: a matrix [N,H] a site, a row for
// every scored position.
func (t *Writer) WriteNPZ(ctx context.Context, w io.Writer, states specimen.States, progress func(done, total int64)) error {
	values, err := t.read(ctx, states, progress)
	if err != nil {
		return err
	}
	z := npz.NewWriter(w)
	for s, site := range states.Sites() {
		if err := z.Write(site.Name+".npy", matrix(values[s], site.Units)); err != nil {
			return fmt.Errorf("writing %s as NumPy: %w", site.Name, err)
		}
		values[s] = nil
	}
	return z.Close()
}

// read gathers the rows of all scored positions, in order.
func (t *Writer) read(ctx context.Context, states specimen.States, progress func(done, total int64)) ([][]float32, error) {
	sites := states.Sites()
	values, first := make([][]float32, len(sites)), make([]int, len(t.blocks))
	for s, site := range sites {
		values[s] = make([]float32, t.Rows*site.Units)
	}
	n := 0
	for i, b := range t.blocks {
		first[i] = n
		n += b.Len()
	}
	var done int64
	err := states.Read(ctx, t.blocks, 1, func(_ int, p *specimen.Part) {
		for s, site := range sites {
			copy(values[s][(first[p.Block]+p.Lo)*site.Units:], p.Values[s])
		}
		if done += int64(p.Hi - p.Lo); progress != nil {
			progress(done, int64(t.Rows))
		}
	})
	return values, err
}

// matrix makes [N,H] into a slice of N arrays: of the types the NumPy writer takes, the
// only one that keeps both float32 and two dimensions.
func matrix(values []float32, width int) any {
	n := len(values) / width
	row := reflect.ArrayOf(width, reflect.TypeFor[float32]())
	out := reflect.MakeSlice(reflect.SliceOf(row), n, n)
	for i := range n {
		reflect.Copy(out.Index(i), reflect.ValueOf(values[i*width:(i+1)*width]))
	}
	return out.Interface()
}

func hashFloats(h hash.Hash, x []float32) {
	var b [4]byte
	for _, v := range x {
		binary.LittleEndian.PutUint32(b[:], math.Float32bits(v))
		_, _ = h.Write(b[:]) // never fails
	}
}
