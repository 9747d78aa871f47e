// Command asm generates the amd64 kernels of package stat with avo. It is a module of its
// own so that the product does not depend on the generator. Run it through
// go generate in the folder above; the output is committed.
package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// rowLanes is the counters of a bin, of 16 bits each.
const rowLanes = 64

func main() {
	ConstraintExpr("!noasm")
	countRows("AVX512", 32, func() reg.VecVirtual { return ZMM() })
	countRows("AVX2", 16, func() reg.VecVirtual { return YMM() })
	turnAVX512()
	turnAVX2()
	searchAVX512()
	searchAVX2()
	fixAVX512()
	fixAVX2()
	Generate()
}

// streams is how many positions far apart are counted in turn: neighbours often share a
// bin, and each would wait for the other's counters to be stored.
const streams = 4

// countRows emits the kernel with vectors of as many 16-bit lanes.
func countRows(suffix string, lanes int, vector func() reg.VecVirtual) {
	TEXT("countRows"+suffix, NOSPLIT, "func(table *uint16, rows, bins *uint8, n int, ahead *uint16)")
	Pragma("noescape")
	Doc("countRows"+suffix+" adds row t of rows [n,64] to row bins[t] of table [128,64], t = 0..n-1.",
		"Meanwhile it fetches the table at ahead, which is counted next, into the L2 cache.")
	table, rows := Load(Param("table"), GP64()), Load(Param("rows"), GP64())
	bins, n := Load(Param("bins"), GP64()), Load(Param("n"), GP64())
	quarter, left := GP64(), GP64()
	MOVQ(n, quarter)
	SHRQ(Imm(2), quarter)
	MOVQ(quarter, left)
	var r, b [streams]reg.GPVirtual
	for s := range streams {
		r[s], b[s] = GP64(), GP64()
	}
	MOVQ(rows, r[0])
	MOVQ(bins, b[0])
	step := GP64()
	MOVQ(quarter, step)
	SHLQ(Imm(6), step)
	for s := 1; s < streams; s++ {
		LEAQ(Mem{Base: r[s-1], Index: step, Scale: 1}, r[s])
		LEAQ(Mem{Base: b[s-1], Index: quarter, Scale: 1}, b[s])
	}
	ahead, last := GP64(), GP64()
	Load(Param("ahead"), ahead)
	LEAQ(Mem{Base: ahead, Disp: 128 * 2 * rowLanes}, last)
	one := func(row, bin reg.GPVirtual) {
		at := GP64()
		MOVBLZX(Mem{Base: bin}, at.As32())
		ANDQ(Imm(127), at)
		SHLQ(Imm(7), at) // 64 counters of two bytes
		var sums []reg.VecVirtual
		for i := 0; i < rowLanes; i += lanes {
			v := vector()
			VPMOVZXBW(Mem{Base: row, Disp: i}, v)
			VPADDW(Mem{Base: table, Index: at, Scale: 1, Disp: 2 * i}, v, v)
			sums = append(sums, v)
		}
		for k, v := range sums {
			to := Mem{Base: table, Index: at, Scale: 1, Disp: 2 * k * lanes}
			if suffix == "AVX512" {
				VMOVDQU16(v, to)
			} else {
				VMOVDQU(v, to)
			}
		}
		ADDQ(Imm(rowLanes), row)
		INCQ(bin)
	}
	Label("quarters")
	TESTQ(left, left)
	JZ(LabelRef("rest"))
	for s := range streams {
		one(r[s], b[s])
	}
	PREFETCHT1(Mem{Base: ahead})
	PREFETCHT1(Mem{Base: ahead, Disp: 64})
	ADDQ(Imm(128), ahead)
	CMPQ(ahead, last)
	CMOVQCC(last, ahead)
	DECQ(left)
	JMP(LabelRef("quarters"))
	Label("rest")
	ANDQ(Imm(streams-1), n)
	Label("loop") // the last stream goes on where it stands
	TESTQ(n, n)
	JZ(LabelRef("done"))
	one(r[streams-1], b[streams-1])
	DECQ(n)
	JMP(LabelRef("loop"))
	Label("done")
	VZEROUPPER()
	RET()
}

func turnAVX512() {
	TEXT("turnAVX512", NOSPLIT, "func(dst *float32, ld int, src *float32, stride int, mask uint64)")
	Pragma("noescape")
	Doc("turnAVX512 writes 16 rows of up to 16 floats, those of mask, as columns: dst[j*ld+i] = src[i*stride+j].",
		"ld and stride are in bytes. All 16 columns are written, 0 where mask is.")
	dst, ld := Load(Param("dst"), GP64()), Load(Param("ld"), GP64())
	src, stride := Load(Param("src"), GP64()), Load(Param("stride"), GP64())
	mask, k := GP64(), K()
	Load(Param("mask"), mask)
	KMOVW(mask.As32(), k)
	r := make([]reg.VecVirtual, 16)
	for i := range r {
		r[i] = ZMM()
		VMOVUPS_Z(Mem{Base: src}, k, r[i])
		ADDQ(stride, src)
	}
	// 4x4 blocks inside each quarter, then quarters.
	two := func(op func(m, x, y Op), a, b reg.VecVirtual) reg.VecVirtual {
		v := ZMM()
		op(b, a, v)
		return v
	}
	low := func(m, x, y Op) { VUNPCKLPS(m, x, y) }
	high := func(m, x, y Op) { VUNPCKHPS(m, x, y) }
	lowPD := func(m, x, y Op) { VUNPCKLPD(m, x, y) }
	highPD := func(m, x, y Op) { VUNPCKHPD(m, x, y) }
	s := make([]reg.VecVirtual, 16)
	for g := 0; g < 16; g += 4 { // s[g+c] holds column 4q+c of rows g..g+3 in quarter q
		a, b := two(low, r[g], r[g+1]), two(high, r[g], r[g+1])
		c, d := two(low, r[g+2], r[g+3]), two(high, r[g+2], r[g+3])
		s[g], s[g+1] = two(lowPD, a, c), two(highPD, a, c)
		s[g+2], s[g+3] = two(lowPD, b, d), two(highPD, b, d)
	}
	out := make([]reg.VecVirtual, 16)
	quarters := func(imm int, a, b reg.VecVirtual) reg.VecVirtual {
		v := ZMM()
		VSHUFF32X4(Imm(uint64(imm)), b, a, v)
		return v
	}
	for c := range 4 {
		a, b := quarters(0x88, s[c], s[4+c]), quarters(0xdd, s[c], s[4+c]) // q 0 and 2, 1 and 3
		d, e := quarters(0x88, s[8+c], s[12+c]), quarters(0xdd, s[8+c], s[12+c])
		out[c], out[8+c] = quarters(0x88, a, d), quarters(0xdd, a, d)
		out[4+c], out[12+c] = quarters(0x88, b, e), quarters(0xdd, b, e)
	}
	for j := range out {
		VMOVUPS(out[j], Mem{Base: dst})
		ADDQ(ld, dst)
	}
	VZEROUPPER()
	RET()
}

func turnAVX2() {
	TEXT("turnAVX2", NOSPLIT, "func(dst *float32, ld int, src *float32, stride int)")
	Pragma("noescape")
	Doc("turnAVX2 writes 8 rows of 8 floats as columns: dst[j*ld+i] = src[i*stride+j]. ld and stride are in bytes.")
	dst, ld := Load(Param("dst"), GP64()), Load(Param("ld"), GP64())
	src, stride := Load(Param("src"), GP64()), Load(Param("stride"), GP64())
	r := make([]reg.VecVirtual, 8)
	for i := range r {
		r[i] = YMM()
		VMOVUPS(Mem{Base: src}, r[i])
		ADDQ(stride, src)
	}
	s := make([]reg.VecVirtual, 8)
	for g := 0; g < 8; g += 4 {
		a, b, c, d := YMM(), YMM(), YMM(), YMM()
		VUNPCKLPS(r[g+1], r[g], a)
		VUNPCKHPS(r[g+1], r[g], b)
		VUNPCKLPS(r[g+3], r[g+2], c)
		VUNPCKHPS(r[g+3], r[g+2], d)
		for i := range 4 {
			s[g+i] = YMM()
		}
		VUNPCKLPD(c, a, s[g])
		VUNPCKHPD(c, a, s[g+1])
		VUNPCKLPD(d, b, s[g+2])
		VUNPCKHPD(d, b, s[g+3])
	}
	out := make([]reg.VecVirtual, 8)
	for c := range 4 {
		out[c], out[4+c] = YMM(), YMM()
		VPERM2F128(Imm(0x20), s[4+c], s[c], out[c])
		VPERM2F128(Imm(0x31), s[4+c], s[c], out[4+c])
	}
	for j := range out {
		VMOVUPS(out[j], Mem{Base: dst})
		ADDQ(ld, dst)
	}
	VZEROUPPER()
	RET()
}

const searchDoc = " gives bins[t], how many of the 127 keys of tree are <= a[t] as an ordered integer; n is a multiple of "

// key emits the ordered integer of the floats x: -0 is 0, negative ones are turned round.
func key(x, sign reg.VecVirtual, zero reg.VecVirtual) {
	VADDPS(zero, x, x)
	VPSRAD(Imm(31), x, sign)
	VPSRLD(Imm(1), sign, sign)
	if zero.Size() == 64 {
		VPXORD(sign, x, x)
		return
	}
	VPXOR(sign, x, x)
}

// searchAVX512 walks a tree of keys, node i above 2i and 2i+1: seven levels, whose nodes
// are looked up in registers.
func searchAVX512() {
	const wide = 4 // vectors at a time
	TEXT("searchAVX512", NOSPLIT, "func(bins *uint8, a *float32, tree *int32, n int)")
	Pragma("noescape")
	Doc("searchAVX512" + searchDoc + "64.")
	bins, a := Load(Param("bins"), GP64()), Load(Param("a"), GP64())
	tree, n := Load(Param("tree"), GP64()), Load(Param("n"), GP64())
	var t [8]reg.VecVirtual
	for i := range t {
		t[i] = ZMM()
		VMOVDQU32(Mem{Base: tree, Disp: 64 * i}, t[i])
	}
	one, zero := ZMM(), ZMM()
	VPXORD(zero, zero, zero)
	VPTERNLOGD(Imm(0xff), one, one, one)
	VPSRLD(Imm(31), one, one)
	Label("loop")
	TESTQ(n, n)
	JZ(LabelRef("done"))
	var x, at [wide]reg.VecVirtual
	for i := range wide {
		x[i], at[i] = ZMM(), ZMM()
		VMOVUPS(Mem{Base: a, Disp: 64 * i}, x[i])
		key(x[i], at[i], zero)
		VMOVDQA32(one, at[i])
	}
	look := func(level int, at reg.VecVirtual) reg.VecVirtual {
		found := ZMM()
		switch level {
		case 4:
			VPERMD(t[1], at, found)
		case 5:
			VMOVDQA32(at, found)
			VPERMI2D(t[3], t[2], found)
		case 6:
			other, half, k := ZMM(), ZMM(), K()
			VMOVDQA32(at, found)
			VPERMI2D(t[5], t[4], found)
			VMOVDQA32(at, other)
			VPERMI2D(t[7], t[6], other)
			VPSLLD(Imm(26), at, half) // bit 5 tells the half
			VPMOVD2M(half, k)
			VMOVDQA32(other, k, found)
		default:
			VPERMD(t[0], at, found)
		}
		return found
	}
	for level := range 7 {
		for i := range wide {
			found, k := look(level, at[i]), K()
			VPCMPD(Imm(2), x[i], found, k) // key <= a
			VPADDD(at[i], at[i], at[i])
			VPADDD(one, at[i], k, at[i])
		}
	}
	for i := range wide {
		VPSLLD(Imm(25), at[i], at[i]) // without the leading one
		VPSRLD(Imm(25), at[i], at[i])
		VPMOVDB(at[i], Mem{Base: bins, Disp: 16 * i})
	}
	ADDQ(Imm(64*wide/2), a)
	ADDQ(Imm(64*wide/2), a)
	ADDQ(Imm(16*wide), bins)
	SUBQ(Imm(16*wide), n)
	JMP(LabelRef("loop"))
	Label("done")
	VZEROUPPER()
	RET()
}

// searchAVX2 does the same with look-ups among eight keys: a level of 8 m nodes takes m
// of them and the choice among their answers.
func searchAVX2() {
	const wide = 2
	TEXT("searchAVX2", NOSPLIT, "func(bins *uint8, a *float32, tree *int32, n int)")
	Pragma("noescape")
	Doc("searchAVX2" + searchDoc + "16.")
	bins, a := Load(Param("bins"), GP64()), Load(Param("a"), GP64())
	tree, n := Load(Param("tree"), GP64()), Load(Param("n"), GP64())
	one, zero := YMM(), YMM()
	VPXOR(zero, zero, zero)
	VPCMPEQD(one, one, one)
	VPSRLD(Imm(31), one, one)
	Label("loop")
	TESTQ(n, n)
	JZ(LabelRef("done"))
	var x, at [wide]reg.VecVirtual
	for i := range wide {
		x[i], at[i] = YMM(), YMM()
		VMOVUPS(Mem{Base: a, Disp: 32 * i}, x[i])
		key(x[i], at[i], zero)
		VMOVDQA(one, at[i])
	}
	for level := range 7 {
		for i := range wide {
			first, count := 0, 1 // of the groups of eight nodes of the level
			if level >= 3 {
				first, count = 1<<level/8, 1<<level/8
			}
			found := lookAVX2(tree, at[i], first, count)
			below := YMM()
			VPCMPGTD(x[i], found, below) // -1 where key > a
			VPADDD(at[i], at[i], at[i])
			VPADDD(one, at[i], at[i])
			VPADDD(below, at[i], at[i])
		}
	}
	for i := range wide {
		VPSLLD(Imm(25), at[i], at[i])
		VPSRLD(Imm(25), at[i], at[i])
	}
	packed, half := YMM(), XMM()
	VPACKUSDW(at[1], at[0], packed)
	VPERMQ(Imm(0xd8), packed, packed)
	VEXTRACTI128(Imm(1), packed, half)
	VPACKUSWB(half, packed.AsX(), half)
	VMOVDQU(half, Mem{Base: bins})
	ADDQ(Imm(32*wide), a)
	ADDQ(Imm(8*wide), bins)
	SUBQ(Imm(8*wide), n)
	JMP(LabelRef("loop"))
	Label("done")
	VZEROUPPER()
	RET()
}

// lookAVX2 is the key of node at among count groups of eight from group first on.
func lookAVX2(tree reg.Register, at reg.VecVirtual, first, count int) reg.VecVirtual {
	if count == 1 {
		v := YMM()
		VPERMD(Mem{Base: tree, Disp: 32 * first}, at, v)
		return v
	}
	half := count / 2
	low := lookAVX2(tree, at, first, half)
	high := lookAVX2(tree, at, first+half, half)
	bit := 3 // of at: which half
	for ; half > 1; half /= 2 {
		bit++
	}
	choice := YMM()
	VPSLLD(Imm(uint64(31-bit)), at, choice)
	v := YMM()
	VBLENDVPS(choice, high, low, v)
	return v
}

const fixDoc = " gives fixed[t] = floor(a[t] 2^20 + 1/2) within +-(2^31-1); n is a multiple of "

// constant broadcasts a 32-bit pattern.
func constant(x uint32, v reg.VecVirtual) {
	g := GP32()
	MOVL(U32(x), g)
	VMOVD(g, v.AsX())
	VPBROADCASTD(v.AsX(), v)
}

const (
	scale20 = 0x49800000 // 2^20
	half    = 0x3f000000
	oneF    = 0x3f800000
	two31   = 0x4f000000 // 2^31
)

func fixAVX512() {
	TEXT("fixAVX512", NOSPLIT, "func(fixed *int32, a *float32, n int)")
	Pragma("noescape")
	Doc("fixAVX512" + fixDoc + "16.")
	fixed, a, n := Load(Param("fixed"), GP64()), Load(Param("a"), GP64()), Load(Param("n"), GP64())
	scale, h, o, limit, most, least := ZMM(), ZMM(), ZMM(), ZMM(), ZMM(), ZMM()
	constant(scale20, scale)
	constant(half, h)
	constant(oneF, o)
	constant(two31, limit)
	constant(1<<31-1, most)
	constant(1<<31+1, least)
	lowest := ZMM()
	constant(1<<31, lowest)
	Label("loop")
	TESTQ(n, n)
	JZ(LabelRef("done"))
	y, f, d, q := ZMM(), ZMM(), ZMM(), ZMM()
	up, over, top := K(), K(), K()
	VMULPS(Mem{Base: a}, scale, y)
	VRNDSCALEPS(Imm(1), y, f) // floor
	VSUBPS(f, y, d)
	VCMPPS(Imm(13), h, d, up) // d >= 1/2
	VADDPS(o, f, up, f)
	VCVTTPS2DQ(f, q)
	VPCMPEQD(lowest, q, over)
	VMOVDQA32(least, over, q)
	VCMPPS(Imm(13), limit, y, top)
	VMOVDQA32(most, top, q)
	VMOVDQU32(q, Mem{Base: fixed})
	ADDQ(Imm(64), a)
	ADDQ(Imm(64), fixed)
	SUBQ(Imm(16), n)
	JMP(LabelRef("loop"))
	Label("done")
	VZEROUPPER()
	RET()
}

func fixAVX2() {
	TEXT("fixAVX2", NOSPLIT, "func(fixed *int32, a *float32, n int)")
	Pragma("noescape")
	Doc("fixAVX2" + fixDoc + "8.")
	fixed, a, n := Load(Param("fixed"), GP64()), Load(Param("a"), GP64()), Load(Param("n"), GP64())
	scale, h, o, limit, most, least, lowest := YMM(), YMM(), YMM(), YMM(), YMM(), YMM(), YMM()
	constant(scale20, scale)
	constant(half, h)
	constant(oneF, o)
	constant(two31, limit)
	constant(1<<31-1, most)
	constant(1<<31+1, least)
	constant(1<<31, lowest)
	Label("loop")
	TESTQ(n, n)
	JZ(LabelRef("done"))
	y, f, d, q, k := YMM(), YMM(), YMM(), YMM(), YMM()
	VMULPS(Mem{Base: a}, scale, y)
	VROUNDPS(Imm(1), y, f)
	VSUBPS(f, y, d)
	VCMPPS(Imm(13), h, d, k)
	VANDPS(o, k, k)
	VADDPS(k, f, f)
	VCVTTPS2DQ(f, q)
	VPCMPEQD(lowest, q, d)
	VBLENDVPS(d, least, q, q)
	VCMPPS(Imm(13), limit, y, d)
	VBLENDVPS(d, most, q, q)
	VMOVDQU(q, Mem{Base: fixed})
	ADDQ(Imm(32), a)
	ADDQ(Imm(32), fixed)
	SUBQ(Imm(8), n)
	JMP(LabelRef("loop"))
	Label("done")
	VZEROUPPER()
	RET()
}
