package shard

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"

	"github.com/rnnscope/rnnscope/stat"
)

// ErrDamaged marks a file that does not hold what it should.
var ErrDamaged = errors.New("damaged")

// castagnoli is the polynomial of the check sums: processors have an instruction for it.
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Coder walks arrays of integers in a fixed order and writes them to a file or fills them from one,
// so that one walk serves both ways. The first error stays; look at Err at the end.
type Coder struct {
	w    *bufio.Writer // nil: it reads
	r    *bufio.Reader
	left int64 // bytes of the file that can still be numbers
	sum  hash.Hash32
	buf  [binary.MaxVarintLen64]byte
	err  error
}

func writing(w io.Writer) *Coder {
	sum := crc32.New(castagnoli)
	return &Coder{w: bufio.NewWriterSize(io.MultiWriter(w, sum), 1<<16), sum: sum}
}

// reading reads size bytes of r, of which the last four are the check sum.
func reading(r io.Reader, size int64) *Coder {
	sum := crc32.New(castagnoli)
	return &Coder{r: bufio.NewReaderSize(io.TeeReader(io.LimitReader(r, size-crc32.Size), sum), 1<<16), left: size - crc32.Size, sum: sum}
}

// Reads tells which way it walks.
func (c *Coder) Reads() bool { return c.w == nil }

// Err is the first error.
func (c *Coder) Err() error { return c.err }

func (c *Coder) fail(format string, args ...any) {
	if c.err == nil {
		c.err = fmt.Errorf("%w: "+format, append([]any{ErrDamaged}, args...)...)
	}
}

// one walks one number.
func (c *Coder) one(x int64) int64 {
	if c.err != nil {
		return 0
	}
	if c.w != nil {
		_, c.err = c.w.Write(c.buf[:binary.PutVarint(c.buf[:], x)])
		return x
	}
	x, err := binary.ReadVarint(c.r)
	if err != nil {
		c.fail("it ends early")
	}
	c.left--
	return x
}

// Int walks one number.
func (c *Coder) Int(x *int64) { *x = c.one(*x) }

// length walks the length of an array that has n places, or any number if there is none yet. Every
// number takes a byte at least, so that a length beyond what is left of the file is no length.
func (c *Coder) length(n int) int {
	got := c.one(int64(n))
	if c.err != nil || c.w != nil {
		return n
	}
	if got < 0 || got > c.left || n > 0 && got != int64(n) {
		c.fail("%d numbers where %d belong", got, n)
		return 0
	}
	return int(got)
}

// walk takes an array through a coder: one that has places keeps their number, an empty one is made
// as long as it was written.
func walk[T int64 | int32 | uint64](c *Coder, xs *[]T) {
	n := c.length(len(*xs))
	if len(*xs) == 0 && n > 0 {
		*xs = make([]T, n)
	}
	for i := range (*xs)[:min(n, len(*xs))] {
		(*xs)[i] = T(c.one(int64((*xs)[i])))
	}
}

// Ints walks an array.
func (c *Coder) Ints(xs *[]int64) { walk(c, xs) }

// Ints32 walks an array of small numbers.
func (c *Coder) Ints32(xs *[]int32) { walk(c, xs) }

// Squares walks sums of 128 bits.
func (c *Coder) Squares(xs *[]stat.Sum128) {
	hi, lo := make([]uint64, len(*xs)), make([]uint64, len(*xs))
	for i, x := range *xs {
		hi[i], lo[i] = x.Hi, x.Lo
	}
	walk(c, &hi)
	walk(c, &lo)
	if !c.Reads() || c.err != nil {
		return
	}
	if len(hi) != len(lo) {
		c.fail("%d halves of sums beside %d", len(hi), len(lo))
		return
	}
	if len(hi) > 0 && *xs == nil {
		*xs = make([]stat.Sum128, len(hi))
	}
	for i := range hi {
		(*xs)[i] = stat.Sum128{Hi: hi[i], Lo: lo[i]}
	}
}

// Table walks a table, settled before it is written. What was invalid nowhere in a shard has no sums.
func (c *Coder) Table(t *stat.Table) {
	if !c.Reads() {
		t.Settle()
	}
	c.Int(&t.N)
	for _, xs := range []*[]int64{&t.CharN, &t.CharY, &t.Char1, &t.N1, &t.YY, &t.A, &t.AY, &t.Htot, &t.H1} {
		c.Ints(xs)
	}
	c.Squares(&t.AA)
	for k := range t.CharX {
		c.Ints(&t.CharX[k])
		c.Ints(&t.HX[k])
		c.Ints(&t.AX[k])
		c.Squares(&t.AAX[k])
	}
}

// close ends what was written with its check sum.
func (c *Coder) close(w io.Writer) error {
	if c.err == nil {
		c.err = c.w.Flush()
	}
	if c.err != nil {
		return c.err
	}
	return binary.Write(w, binary.LittleEndian, c.sum.Sum32())
}

// done checks what was read against its check sum.
func (c *Coder) done(r io.Reader) error {
	if c.err != nil {
		return c.err
	}
	if n, err := io.Copy(io.Discard, c.r); err != nil || n > 0 {
		c.fail("it goes on behind its end")
		return c.err
	}
	var sum uint32
	if err := binary.Read(r, binary.LittleEndian, &sum); err != nil || sum != c.sum.Sum32() {
		c.fail("its check sum is another")
	}
	return c.err
}
