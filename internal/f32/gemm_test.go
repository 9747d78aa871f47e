package f32

import "testing"

func TestGemmTiny(t *testing.T) {
	var p Packed
	p.Pack([]float32{1, 2, 3, 4}, 2, 2, 2, false)
	c := make([]float32, 2)
	Gemm(c, 2, 1, []float32{1, 10}, 2, 1, &p, false)
	if c[0] != 31 || c[1] != 42 {
		t.Fatal(c)
	}
	GemmTN(c, 2, []float32{1, 2}, 1, []float32{1, 2, 3, 4}, 2, 1, 2, 2, true)
	if c[0] != 38 || c[1] != 52 {
		t.Fatal(c)
	}
}
