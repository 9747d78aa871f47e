package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/reg"
)

// width is a vector width: ymm (AVX2 + FMA, 8 lanes) or zmm (AVX-512F, 16 lanes).
type width int

const (
	ymm width = 32
	zmm width = 64
)

func (w width) bytes() int { return int(w) }

func (w width) lanes() int { return int(w) / 4 }

func (w width) suffix() string {
	if w == zmm {
		return "AVX512"
	}
	return "AVX2"
}

// phys is physical vector register i, for kernels that place every register by
// hand.
func (w width) phys(i int) reg.VecPhysical {
	if w == zmm {
		return [...]reg.VecPhysical{
			reg.Z0, reg.Z1, reg.Z2, reg.Z3, reg.Z4, reg.Z5, reg.Z6, reg.Z7,
			reg.Z8, reg.Z9, reg.Z10, reg.Z11, reg.Z12, reg.Z13, reg.Z14, reg.Z15,
			reg.Z16, reg.Z17, reg.Z18, reg.Z19, reg.Z20, reg.Z21, reg.Z22, reg.Z23,
			reg.Z24, reg.Z25, reg.Z26, reg.Z27, reg.Z28, reg.Z29, reg.Z30, reg.Z31,
		}[i]
	}
	return [...]reg.VecPhysical{
		reg.Y0, reg.Y1, reg.Y2, reg.Y3, reg.Y4, reg.Y5, reg.Y6, reg.Y7,
		reg.Y8, reg.Y9, reg.Y10, reg.Y11, reg.Y12, reg.Y13, reg.Y14, reg.Y15,
	}[i]
}

// virtual is a fresh register for the allocator to place.
func (w width) virtual() reg.VecVirtual {
	if w == zmm {
		return ZMM()
	}
	return YMM()
}

// zero clears a register.
func (w width) zero(r reg.Register) {
	if w == zmm {
		VPXORD(r, r, r)
		return
	}
	VXORPS(r, r, r)
}
