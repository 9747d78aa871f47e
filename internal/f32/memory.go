package f32

import "unsafe"

// hugePage is the size of a large page on amd64 and (with 4 KB base pages) arm64.
// Make asks for them from two of them on.
const hugePage = 2 << 20

// Make returns n zeros on a cache line boundary. Memory of several large pages is
// asked to be backed by them where the system does so on request (Linux): the weight
// gradient walks activations with a page between rows. It is ordinary
// collected memory.
func Make(n int) []float32 {
	const line = 64
	if 4*n < 2*hugePage {
		return alignedSlice(n, line)
	}
	// To begin on a large page's boundary costs up to one page: worth it among many.
	align := line
	if 4*n >= 16*hugePage {
		align = hugePage
	}
	s := alignedSlice(n, align)
	b := unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(s))), 4*n)
	adviseHuge(b[int(-uintptr(unsafe.Pointer(&b[0]))%hugePage):])
	return s
}

// alignedSlice returns n zeros whose address is a multiple of align bytes.
func alignedSlice(n, align int) []float32 {
	s := make([]float32, n+align/4)
	off := int(-uintptr(unsafe.Pointer(&s[0]))%uintptr(align)) / 4
	return s[off : off+n : off+n]
}
