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

// Coder walks arrays of integers in a fixed order and writes them to a file, or adds to them what a
// file has: one walk serves both ways, and the sums of several files come out the same in any order.
// The first error stays; Save and Load return it.
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

// Check lets what was read be refused: where f answers with an error, the file is damaged.
func (c *Coder) Check(f func() error) {
	if !c.Reads() || c.err != nil {
		return
	}
	if err := f(); err != nil {
		c.fail("%w", err)
	}
}

// Int walks one number.
func (c *Coder) Int(x *int64) {
	if y := c.one(*x); c.Reads() {
		*x += y
	}
}

// length walks the length of an array that has n places, 0 standing for none yet, and may get as many
// as most. Every number takes a byte at least, so that a length beyond what is left of the file is none.
func (c *Coder) length(n, most int) int {
	got := c.one(int64(n))
	if c.err != nil || c.w != nil {
		return n
	}
	if got < 0 || got > c.left || n > 0 && got != 0 && got != int64(n) || n == 0 && got != 0 && got != int64(most) {
		c.fail("%d numbers where %d belong", got, max(n, most))
		return 0
	}
	return int(got)
}

// walk takes an array through a coder. Where there is none, one of most places may be read.
func walk[T int64 | int32](c *Coder, xs *[]T, most int) {
	n := c.length(len(*xs), most)
	if len(*xs) == 0 && n > 0 {
		*xs = make([]T, n)
	}
	for i := range (*xs)[:min(n, len(*xs))] {
		x := c.one(int64((*xs)[i]))
		if !c.Reads() {
			continue
		}
		if int64(T(x)) != x {
			c.fail("a number that is too large")
		}
		(*xs)[i] += T(x)
	}
}

// Ints walks an array that has its places.
func (c *Coder) Ints(xs []int64) { walk(c, &xs, 0) }

// Ints32 walks an array of small numbers that has its places.
func (c *Coder) Ints32(xs []int32) { walk(c, &xs, 0) }

// Some walks an array of n places that is nil where there was nothing to count.
func (c *Coder) Some(xs *[]int64, n int) { walk(c, xs, n) }

// List walks a list of numbers that replaces the one there was; most is how many there can be.
func (c *Coder) List(xs *[]int64, most int) {
	n := c.one(int64(len(*xs)))
	if c.Reads() {
		if n < 0 || n > int64(most) {
			c.fail("a list of %d numbers where at most %d belong", n, most)
			n = 0
		}
		*xs = make([]int64, n)
	}
	for i := range *xs {
		(*xs)[i] = c.one((*xs)[i])
	}
}

// squares walks n sums of 128 bits, or none.
func (c *Coder) squares(xs *[]stat.Sum128, n int) {
	halves := make([]int64, 2*len(*xs))
	for i, x := range *xs {
		halves[2*i], halves[2*i+1] = int64(x.Hi), int64(x.Lo)
	}
	c.List(&halves, 2*n)
	if !c.Reads() {
		return
	}
	if len(halves) != 0 && len(halves) != 2*n {
		c.fail("%d halves of sums where %d belong", len(halves), 2*n)
	}
	if c.err != nil || len(halves) == 0 {
		return
	}
	if *xs == nil {
		*xs = make([]stat.Sum128, n)
	}
	for i := range *xs {
		(*xs)[i].Merge(stat.Sum128{Hi: uint64(halves[2*i]), Lo: uint64(halves[2*i+1])})
	}
}

// Table walks a table. What was invalid nowhere has no sums.
func (c *Coder) Table(t *stat.Table) {
	t.Settle()
	c.Int(&t.N)
	for _, xs := range [][]int64{t.CharN, t.CharY, t.Char1, t.N1, t.YY, t.A, t.AY, t.Htot, t.H1} {
		c.Ints(xs)
	}
	c.squares(&t.AA, t.U)
	for k := range t.CharX {
		c.Some(&t.CharX[k], t.V)
		c.Some(&t.HX[k], t.U*stat.Bins)
		c.Some(&t.AX[k], t.U*t.V)
		c.squares(&t.AAX[k], t.U)
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
	if _, err := c.r.ReadByte(); err != io.EOF {
		c.fail("it goes on behind its end")
		return c.err
	}
	var sum uint32
	if err := binary.Read(r, binary.LittleEndian, &sum); err != nil || sum != c.sum.Sum32() {
		c.fail("its check sum is another")
	}
	return c.err
}
