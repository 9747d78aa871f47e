package shard

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"os"
	"slices"

	"github.com/rnnscope/rnnscope/internal/durable"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"
)

// RoundLabels is the round in which the text is labelled, a share of the concepts a shard: a label may
// look ahead, and a state such as the depth of XML elements begins with the text, so that a text
// cannot be cut for labelling, but concepts know nothing of one another.
const RoundLabels = "labels"

// Ruled is a concept and from which value on it is on.
type Ruled struct {
	Concept string `json:"concept"`
	Above   int32  `json:"above"`
}

// LabelWriter writes the labels of one shard's concepts, block by block.
type LabelWriter struct {
	w      io.Writer
	at     int64
	blocks []text.Block
	starts []int64
	buf    []byte
}

// SaveLabels writes a file of labels: write calls Block for every block.
func (f *Folder) SaveLabels(i int, rules []specimen.Rule, write func(w *LabelWriter) error) error {
	ruled := []Ruled{}
	for _, r := range rules {
		ruled = append(ruled, Ruled{r.Concept.Name, r.Above})
	}
	return durable.WriteFile(f.path(RoundLabels, i), func(w io.Writer) error {
		if err := f.begin(w, RoundLabels, i, ruled); err != nil {
			return err
		}
		l := &LabelWriter{w: w}
		if err := write(l); err != nil {
			return err
		}
		return l.end()
	})
}

// Block writes the labels of a block.
func (l *LabelWriter) Block(b *specimen.BlockLabels) error {
	l.blocks, l.starts = append(l.blocks, b.Block), append(l.starts, l.at)
	l.buf = l.buf[:0]
	for c := range b.Labels {
		l.buf = appendLabels(l.buf, &b.Labels[c], b.Held[c], b.Block.Len())
	}
	return l.put()
}

// put writes what is in the buffer and its check sum.
func (l *LabelWriter) put() error {
	l.buf = binary.LittleEndian.AppendUint32(l.buf, crc32.Checksum(l.buf, castagnoli))
	n, err := l.w.Write(l.buf)
	l.at += int64(n)
	return err
}

// end writes where every block stands, and where that is written.
func (l *LabelWriter) end() error {
	at := l.at
	l.buf = binary.AppendUvarint(l.buf[:0], uint64(len(l.blocks)))
	var lo int
	var start int64
	for i, b := range l.blocks {
		l.buf = binary.AppendUvarint(l.buf, uint64(b.Lo-lo))
		l.buf = binary.AppendUvarint(l.buf, uint64(b.Len()))
		l.buf = binary.AppendUvarint(l.buf, uint64(l.starts[i]-start))
		lo, start = b.Lo, l.starts[i]
	}
	if err := l.put(); err != nil {
		return err
	}
	return binary.Write(l.w, binary.LittleEndian, at)
}

// Labels is what all shards left in the round of labels.
type Labels struct{ files []*labelFile }

type labelFile struct {
	file  *os.File
	base  int64 // where the records begin
	rules []Ruled
	to    []int               // by place in the file: the concept asked for, -1: not asked for
	spans map[[2]int][2]int64 // by Lo and Hi of a block: where its record stands
	buf   []byte
	aside stat.Labels // labels nobody asked for
}

// OpenLabels opens the labels of all shards, of that many blocks, for the concepts named, and tells from which
// value on each is on. Close it. Errors match ErrMissing or ErrDamaged.
func (f *Folder) OpenLabels(concepts []string, blocks int) (l *Labels, above []int32, err error) {
	if err := f.Need(RoundLabels); err != nil {
		return nil, nil, err
	}
	opened := &Labels{}
	defer func() {
		if err != nil {
			opened.Close()
		}
	}()
	above = make([]int32, len(concepts))
	found := map[string][2]int{}
	for i := range f.Plan.Shards {
		file, err := f.openLabels(i, blocks)
		if err != nil {
			return nil, nil, err
		}
		opened.files = append(opened.files, file)
		for k, r := range file.rules {
			found[r.Concept] = [2]int{i, k}
		}
	}
	for c, name := range concepts {
		at, ok := found[name]
		if !ok {
			return nil, nil, f.Contradicts(RoundLabels, fmt.Errorf("none holds %s", text.Printable(name)))
		}
		opened.files[at[0]].to[at[1]], above[c] = c, opened.files[at[0]].rules[at[1]].Above
	}
	return opened, above, nil
}

// Close lets go of the files.
func (l *Labels) Close() {
	for _, f := range l.files {
		_ = f.file.Close() // read only
	}
}

func (f *Folder) openLabels(i, blocks int) (l *labelFile, err error) {
	file, size, more, err := f.open(RoundLabels, i)
	if err != nil {
		return nil, err
	}
	l = &labelFile{file: file, spans: map[[2]int][2]int64{}}
	if err := l.index(size, more, blocks); err != nil {
		_ = file.Close() // read only
		return nil, fmt.Errorf("%s is %w; remove it and run shard %d again", file.Name(), err, i+1)
	}
	for range l.rules {
		l.to = append(l.to, -1)
	}
	return l, nil
}

// index reads where every block stands.
func (l *labelFile) index(size int64, more json.RawMessage, blocks int) (err error) {
	if err := json.Unmarshal(more, &l.rules); err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if l.base, err = l.file.Seek(0, io.SeekCurrent); err != nil {
		return err
	}
	var last [8]byte
	if size < 8 {
		return fmt.Errorf("%w: it ends early", ErrDamaged)
	}
	if _, err := l.file.ReadAt(last[:], l.base+size-8); err != nil {
		return err
	}
	at := int64(binary.LittleEndian.Uint64(last[:]))
	if at < 0 || at > size-8 {
		return fmt.Errorf("%w: its index lies outside", ErrDamaged)
	}
	if len(l.rules) == 0 {
		blocks = 0 // a shard that no concept was left for
	}
	b, err := l.record(at, size-8, 3*binary.MaxVarintLen64*(blocks+1))
	if err != nil {
		return err
	}
	d := &decoder{b: b}
	n := d.upTo(blocks)
	d.bad = d.bad || n != blocks
	var lo int
	var start int64
	var starts []int64
	keys := make([][2]int, 0, n)
	for range n {
		lo += d.upTo(math.MaxInt32)
		keys = append(keys, [2]int{lo, lo + d.upTo(math.MaxInt32)})
		start += int64(d.upTo(math.MaxInt))
		starts = append(starts, start)
	}
	starts = append(starts, at)
	if d.bad || !slices.IsSorted(starts) {
		return fmt.Errorf("%w: its index is none", ErrDamaged)
	}
	for i, k := range keys {
		l.spans[k] = [2]int64{starts[i], starts[i+1]}
	}
	return nil
}

// record reads the bytes [lo, hi) behind the first line and holds them against their check sum.
func (l *labelFile) record(lo, hi int64, most int) ([]byte, error) {
	if hi-lo > int64(most)+crc32.Size {
		return nil, fmt.Errorf("%w: a record is too long", ErrDamaged)
	}
	if hi-lo < crc32.Size {
		return nil, fmt.Errorf("%w: a record ends early", ErrDamaged)
	}
	l.buf = slices.Grow(l.buf[:0], int(hi-lo))[:hi-lo]
	if _, err := l.file.ReadAt(l.buf, l.base+lo); err != nil {
		return nil, err
	}
	b := l.buf[:len(l.buf)-crc32.Size]
	if crc32.Checksum(b, castagnoli) != binary.LittleEndian.Uint32(l.buf[len(b):]) {
		return nil, fmt.Errorf("%w: a check sum is another", ErrDamaged)
	}
	return b, nil
}

// Fill gives a block the labels of the concepts asked for; ok is false where they were not made.
func (l *Labels) Fill(b *specimen.BlockLabels) (ok bool, err error) {
	for _, f := range l.files {
		if len(f.rules) == 0 {
			continue
		}
		if ok, err = f.read(b); !ok || err != nil {
			return ok, err
		}
	}
	return true, nil
}

// read decodes the record of a block.
func (l *labelFile) read(b *specimen.BlockLabels) (ok bool, err error) {
	at, ok := l.spans[[2]int{b.Block.Lo, b.Block.Hi}]
	if !ok {
		return false, nil
	}
	raw, err := l.record(at[0], at[1], len(l.rules)*mostOf(b.Block.Len()))
	if err != nil {
		return false, fmt.Errorf("%s is %w; remove it and make the labels again", l.file.Name(), err)
	}
	d := &decoder{b: raw}
	for _, c := range l.to {
		if c < 0 {
			d.labels(&l.aside, nil, b.Block.Len())
			continue
		}
		b.Held[c] = d.labels(&b.Labels[c], b.Held[c][:0], b.Block.Len())
	}
	if d.bad || len(d.b) > 0 {
		return false, fmt.Errorf("%s is %w: labels of a block are none; remove it and make the labels again", l.file.Name(), ErrDamaged)
	}
	return true, nil
}
