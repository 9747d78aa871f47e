package match

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/rnnscope/rnnscope/finding"
	"github.com/rnnscope/rnnscope/internal/durable"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/text"
)

// Levels is the number of bins of a unit: quantiles of the choosing part, so that a byte is its mid-distribution F
// there, in 256ths.
const Levels = 256

const (
	magic       = "rnnscope match index 1\n"
	chunkBlocks = 8       // blocks of a chunk: 32,000 symbols
	edgeRows    = 1 << 14 // positions that settle the bins
	headerLimit = 1 << 26 // bytes of a header that is read
)

// Path is where the index of a subject lies in the directory of a run.
func Path(run string, of finding.Subject) string {
	b, err := json.Marshal(of)
	if err != nil {
		panic(err) // strings and numbers
	}
	sum := sha256.Sum256(b)
	return filepath.Join(run, "index", hex.EncodeToString(sum[:8])+".match")
}

// Piece is neighbouring symbols of the text whose states the index holds.
type Piece struct {
	Row    int  `json:"row"` // of its first symbol
	Lo     int  `json:"lo"`  // symbols [Lo, Hi) of the text
	Hi     int  `json:"hi"`
	Report bool `json:"report"` // of the part that is reported on; otherwise of the one that is chosen on
}

// header is the part of an index before its columns.
type header struct {
	Subject finding.Subject `json:"subject"`
	Sites   []specimen.Site `json:"sites"`
	Rows    int             `json:"rows"`
	Runs    []Piece         `json:"pieces"`
	Chunks  []int           `json:"chunks"` // first row of each chunk, and Rows at the end
}

// Index is the states of a text, one byte a value, in a file: a chunk holds its rows as columns, a column a unit. It is read through the
// page cache and may be read from several goroutines.
type Index struct {
	header
	units int
	edges [][]float32 // [U] of [Levels-1], ascending
	f     *os.File
	data  int64 // where the chunks begin
}

// Progress is told how many values of how many are done.
type Progress func(done, total int64)

// Build writes the index of a specimen's states to path, whole or not at all. Memory does not grow with the text. Errors match
// ErrInput or specimen.ErrInput, or are those of the states.
func Build(ctx context.Context, s *specimen.Specimen, path string, workers int, tell Progress) error {
	if err := s.Check(text.DefaultBlock); err != nil {
		return err
	}
	states, err := s.States(s.Sites())
	if err != nil {
		return err
	}
	b := &builder{ctx: ctx, states: states, parts: s.Parts(text.DefaultBlock), workers: workers, tell: tell}
	b.layOut(s.Subject())
	if err := b.settle(); err != nil {
		return err
	}
	return durable.WriteFile(path, b.write)
}

// builder writes an index.
type builder struct {
	ctx     context.Context
	states  specimen.States
	parts   specimen.Parts
	workers int
	tell    Progress
	h       header
	blocks  []text.Block
	units   int
	edges   [][]float32
}

// layOut puts the blocks of both parts in the order of the text and cuts them into runs and chunks.
func (b *builder) layOut(subject finding.Subject) {
	b.h.Subject, b.h.Sites = subject, b.states.Sites()
	for _, s := range b.h.Sites {
		b.units += s.Units
	}
	report := map[int]bool{}
	for _, x := range specimen.List(b.parts.Report) {
		report[x.Lo] = true
		b.blocks = append(b.blocks, x)
	}
	b.blocks = append(b.blocks, specimen.List(b.parts.Choose)...)
	slices.SortFunc(b.blocks, func(x, y text.Block) int { return x.Lo - y.Lo })
	for i, x := range b.blocks {
		if i%chunkBlocks == 0 {
			b.h.Chunks = append(b.h.Chunks, b.h.Rows)
		}
		last := len(b.h.Runs) - 1
		if last >= 0 && b.h.Runs[last].Hi == x.Lo && b.h.Runs[last].Report == report[x.Lo] {
			b.h.Runs[last].Hi = x.Hi
		} else {
			b.h.Runs = append(b.h.Runs, Piece{Row: b.h.Rows, Lo: x.Lo, Hi: x.Hi, Report: report[x.Lo]})
		}
		b.h.Rows += x.Len()
	}
	b.h.Chunks = append(b.h.Chunks, b.h.Rows)
}

// settle finds every unit's quantiles on the choosing part.
func (b *builder) settle() error {
	blocks := specimen.ChooseBlocks(b.parts.Choose, 32)
	every := max(1, int(specimen.Scored(text.BlockList(blocks)))/edgeRows)
	values := make([][]float32, b.units)
	parts := make([][][]float32, len(blocks)) // rows of each block, so that workers do not meet
	err := b.states.Read(b.ctx, blocks, b.workers, func(_ int, p *specimen.Part) {
		for t := (every - p.Lo%every) % every; t < p.Hi-p.Lo; t += every {
			row := make([]float32, 0, b.units)
			for site := range b.h.Sites {
				row = append(row, p.Row(site, t)...)
			}
			parts[p.Block] = append(parts[p.Block], row)
		}
	})
	if err != nil {
		return err
	}
	for _, rows := range parts {
		for _, row := range rows {
			for u, v := range row {
				values[u] = append(values[u], v)
			}
		}
	}
	b.edges = make([][]float32, b.units)
	for u, v := range values {
		slices.Sort(v)
		b.edges[u] = make([]float32, Levels-1)
		for q := range b.edges[u] {
			b.edges[u][q] = v[(q+1)*len(v)/Levels]
		}
	}
	return nil
}

// write writes header, edges and chunks.
func (b *builder) write(w io.Writer) error {
	head, err := json.Marshal(b.h)
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(w, 1<<20)
	out.WriteString(magic)
	binary.Write(out, binary.LittleEndian, uint32(len(head)))
	out.Write(head)
	for _, e := range b.edges {
		binary.Write(out, binary.LittleEndian, e)
	}
	borders := make([]borders, b.units)
	for u := range borders {
		borders[u] = bordersOf(b.edges[u])
	}
	for lo := 0; lo < len(b.blocks); {
		n := b.together(lo)
		chunks, err := b.chunks(b.blocks[lo:min(lo+n, len(b.blocks))], borders)
		if err != nil {
			return err
		}
		for _, chunk := range chunks {
			if _, err := out.Write(chunk); err != nil {
				return err
			}
		}
		lo += n
		if b.tell != nil {
			b.tell(int64(b.h.Chunks[min(lo/chunkBlocks, len(b.h.Chunks)-1)])*int64(b.units), int64(b.h.Rows)*int64(b.units))
		}
	}
	return out.Flush()
}

// How much is read at once. Weights are read for all rows of a batch together, so that more blocks at once cost less each.
const (
	togetherChunks = 6 // 48 blocks: the most rows of a batch of package trace
	togetherBytes  = 96 << 20
)

// together is how many blocks from number lo on are read at once: whole chunks.
func (b *builder) together(lo int) int {
	rows := b.h.Chunks[lo/chunkBlocks+1] - b.h.Chunks[lo/chunkBlocks]
	return chunkBlocks * max(1, min(togetherChunks, togetherBytes/max(1, rows*b.units)))
}

// chunks reads blocks and gives the states of each chunk of them as columns of bins [U, rows].
func (b *builder) chunks(blocks []text.Block, borders []borders) ([][]byte, error) {
	starts, rows := make([]int, len(blocks)), []int(nil)
	for i, x := range blocks {
		if i%chunkBlocks == 0 {
			rows = append(rows, 0)
		}
		starts[i] = rows[i/chunkBlocks]
		rows[i/chunkBlocks] += x.Len()
	}
	out := make([][]byte, len(rows))
	for i, n := range rows {
		out[i] = make([]byte, b.units*n)
	}
	return out, b.states.Read(b.ctx, blocks, b.workers, func(_ int, p *specimen.Part) {
		chunk, n := out[p.Block/chunkBlocks], rows[p.Block/chunkBlocks]
		u := 0
		for site := range b.h.Sites {
			h := b.h.Sites[site].Units
			levels(chunk[u*n:], n, starts[p.Block]+p.Lo, p.Values[site], borders[u:u+h])
			u += h
		}
	})
}

// Open opens an index; subject is what it must be of. Errors match ErrIndex, or are the file system's.
func Open(path string, subject finding.Subject) (*Index, error) {
	f, err := durable.OpenRegular(path)
	if err != nil {
		return nil, err
	}
	x := &Index{f: f}
	if err := x.read(); err != nil {
		f.Close()
		return nil, fmt.Errorf("%s: %w: %w", path, ErrIndex, err)
	}
	if x.Subject != subject {
		f.Close()
		return nil, fmt.Errorf("%s: %w: it is of %s", path, ErrIndex, x.Subject)
	}
	return x, nil
}

func (x *Index) read() error {
	r := bufio.NewReader(x.f)
	start := make([]byte, len(magic)+4)
	if _, err := io.ReadFull(r, start); err != nil || string(start[:len(magic)]) != magic {
		return fmt.Errorf("it does not begin as one")
	}
	n := binary.LittleEndian.Uint32(start[len(magic):])
	if n > headerLimit {
		return fmt.Errorf("its header claims %d bytes", n)
	}
	head := make([]byte, n)
	if _, err := io.ReadFull(r, head); err != nil {
		return err
	}
	if err := json.Unmarshal(head, &x.header); err != nil {
		return err
	}
	if err := x.check(int64(len(start)) + int64(n)); err != nil {
		return err
	}
	x.edges = make([][]float32, x.units)
	for u := range x.edges {
		x.edges[u] = make([]float32, Levels-1)
		if err := binary.Read(r, binary.LittleEndian, x.edges[u]); err != nil {
			return err
		}
	}
	return nil
}

// check holds the header against itself and the size of the file, before anything is allocated by it.
func (x *Index) check(at int64) error {
	info, err := x.f.Stat()
	if err != nil {
		return err
	}
	for _, s := range x.Sites {
		if s.Units < 0 || s.Units > 1<<20 {
			return fmt.Errorf("site %q has %d units", s.Name, s.Units)
		}
		x.units += s.Units
	}
	x.data = at + int64(x.units)*4*(Levels-1)
	if x.Rows < 0 || x.data+int64(x.units)*int64(x.Rows) != info.Size() {
		return fmt.Errorf("it has %d bytes where %d rows of %d units need others", info.Size(), x.Rows, x.units)
	}
	if len(x.Chunks) == 0 || x.Chunks[0] != 0 || x.Chunks[len(x.Chunks)-1] != x.Rows || !slices.IsSorted(x.Chunks) {
		return fmt.Errorf("its chunks do not add up")
	}
	row := 0
	for _, r := range x.Runs {
		if r.Row != row || r.Lo < 0 || r.Hi < r.Lo || r.Hi-r.Lo > x.Rows-row {
			return fmt.Errorf("its runs do not add up")
		}
		row += r.Hi - r.Lo
	}
	if row != x.Rows {
		return fmt.Errorf("its runs do not add up")
	}
	return nil
}

// Close closes the file.
func (x *Index) Close() error { return x.f.Close() }

// Units lists the units in the order of the columns.
func (x *Index) Units() []rnn.Unit {
	out := make([]rnn.Unit, 0, x.units)
	for _, s := range x.Sites {
		for u := range s.Units {
			out = append(out, rnn.Unit{Site: s.Name, Unit: u})
		}
	}
	return out
}

// Levels gives the bins of one row of states, the sites' units one after another.
func (x *Index) Levels(dst []byte, row []float32) []byte {
	for u, v := range row {
		dst = append(dst, level(x.edges[u], v))
	}
	return dst
}

// Column reads the bins of unit u in rows [lo, hi) into dst.
func (x *Index) Column(dst []byte, u, lo, hi int) ([]byte, error) {
	dst = slices.Grow(dst[:0], hi-lo)[:hi-lo]
	for c := range len(x.Chunks) - 1 {
		a, b := max(lo, x.Chunks[c]), min(hi, x.Chunks[c+1])
		if a >= b {
			continue
		}
		rows := x.Chunks[c+1] - x.Chunks[c]
		at := x.data + int64(x.units)*int64(x.Chunks[c]) + int64(u)*int64(rows) + int64(a-x.Chunks[c])
		if _, err := x.f.ReadAt(dst[a-lo:b-lo], at); err != nil {
			return nil, fmt.Errorf("%s: %w: %w", x.f.Name(), ErrIndex, err)
		}
	}
	return dst, nil
}

// Position is where in the text a row stands, and the run it is of.
func (x *Index) Position(row int) (position int, run Piece) {
	i, found := slices.BinarySearchFunc(x.Runs, row, func(r Piece, row int) int { return r.Row - row })
	if !found {
		i--
	}
	r := x.Runs[i]
	return r.Lo + row - r.Row, r
}
