package text

// Blocks are analysis blocks in the order of the text.
type Blocks interface {
	Len() int
	At(i int) Block
}

// BlockList is Blocks written out one by one.
type BlockList []Block

// Len returns the number of blocks.
func (l BlockList) Len() int { return len(l) }

// At returns the i-th block.
func (l BlockList) At(i int) Block { return l[i] }

// Tiling is Blocks given by a rule: it takes no memory, however long the text.
// All blocks score as many symbols but the last, which may score fewer.
type Tiling struct {
	lo    int // first scored symbol of block 0
	step  int // from one block's Lo to the next one's
	size  int // scored symbols
	end   int // no block reaches past it
	index int // Index of block 0
	every int // and from one block to the next
}

// Len returns the number of blocks.
func (t Tiling) Len() int {
	if t.lo >= t.end {
		return 0
	}
	return (t.end - t.lo + t.step - 1) / t.step
}

// At returns the i-th block.
func (t Tiling) At(i int) Block {
	lo := t.lo + i*t.step
	return Block{Index: t.index + i*t.every, Warm: lo - WarmUp, Lo: lo, Hi: min(lo+t.size, t.end)}
}

// list writes the blocks out.
func (t Tiling) list() []Block {
	var out []Block
	for i := range t.Len() {
		out = append(out, t.At(i))
	}
	return out
}

// Tiling is Blocks without writing them out.
func (g Grid) Tiling(s Span) Tiling {
	size := blockSize(g.Size)
	return Tiling{lo: max(s.Lo, WarmUp), step: size, size: size, end: s.Hi, every: 1}
}

// AlternatingTilings is Alternating without writing the blocks out.
func AlternatingTilings(n, block int) (even, odd Tiling) {
	size := blockSize(block)
	step := WarmUp + size
	even = Tiling{lo: WarmUp, step: 2 * step, size: size, end: n, every: 2}
	odd = Tiling{lo: WarmUp + step, step: 2 * step, size: size, end: n, index: 1, every: 2}
	return even, odd
}

// blockSize is the size asked for, or the default; it panics on a negative one.
func blockSize(n int) int {
	if n < 0 {
		panic("text: negative block size")
	}
	if n == 0 {
		return DefaultBlock
	}
	return n
}
