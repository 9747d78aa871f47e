package f32

import (
	"math"
	"math/rand/v2"
	"testing"
)

// softmax64 is the definition in float64.
func softmax64(row []float32) (p []float64, logSum float64) {
	top := math.Inf(-1)
	for _, x := range row {
		top = max(top, float64(x))
	}
	var s float64
	p = make([]float64, len(row))
	for i, x := range row {
		p[i] = math.Exp(float64(x) - top)
		s += p[i]
	}
	for i := range p {
		p[i] /= s
	}
	return p, top + math.Log(s)
}

func TestSoftmaxXent(t *testing.T) {
	forEachPath(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(1, 5))
		for _, v := range append([]int{96, 257, 4181}, sizes(maxLen)...) {
			const rows, scale = 4, float32(.25)
			ld := v + 3
			logits := randomSlice(rng, rows*ld)
			scaleVec(logits, 20)
			logits[0] += 1000 // far from 0: the maximum must be taken out
			targets := []int32{0, int32(v - 1), -1, int32(rng.IntN(v))}
			scored := newGuarded(logits)
			losses := newGuarded(make([]float32, rows))
			total := SoftmaxXent(scored.s, rows, v, ld, targets, losses.s, false, 0)
			compare(t, scored.s, logits, 0) // scoring alone changes nothing
			graded := newGuarded(logits)
			if got := SoftmaxXent(graded.s, rows, v, ld, targets, nil, true, scale); math.Abs(got-total) > 1e-5*total {
				t.Fatalf("v=%d: loss %v with the gradient, %v without", v, got, total)
			}
			scored.check(t)
			graded.check(t)
			losses.check(t)
			var sum float64
			for i, target := range targets {
				p, logSum := softmax64(logits[i*ld : i*ld+v])
				var loss float64
				if target >= 0 {
					loss = logSum - float64(logits[i*ld+int(target)])
				}
				sum += loss
				if math.Abs(float64(losses.s[i])-loss) > 2e-6*(1+loss) {
					t.Fatalf("v=%d row %d: loss %v, want %v", v, i, losses.s[i], loss)
				}
				for j := range p {
					want := p[j]
					if j == int(target) {
						want--
					}
					if target < 0 {
						want = 0
					}
					if got := float64(graded.s[i*ld+j]); math.Abs(got-want*float64(scale)) > 1e-6 {
						t.Fatalf("v=%d row %d: gradient %v, want %v", v, i, got, want*float64(scale))
					}
				}
				for j := i*ld + v; j < (i+1)*ld; j++ {
					if graded.s[j] != logits[j] {
						t.Fatal("wrote between rows")
					}
				}
			}
			if math.Abs(sum-total) > 1e-5*(1+sum) {
				t.Fatalf("total %v, want %v", total, sum)
			}
		}
	})
}

func sizes(limit int) (s []int) {
	for n := 1; n <= limit; n++ {
		s = append(s, n)
	}
	return s
}

func TestSoftmaxXentOfBrokenRows(t *testing.T) {
	forEachPath(t, func(t *testing.T) {
		for _, bad := range []float64{math.NaN(), math.Inf(1)} {
			for _, v := range []int{5, 40} {
				for at := range v {
					row := make([]float32, v)
					row[at] = float32(bad)
					for _, grad := range []bool{false, true} {
						r := append([]float32(nil), row...)
						if got := SoftmaxXent(r, 1, v, v, []int32{1}, nil, grad, 1); !math.IsNaN(got) {
							t.Fatalf("v=%d, %v at %d: loss %v", v, bad, at, got)
						}
					}
				}
			}
		}
		impossible := []float32{0, float32(math.Inf(-1)), 0}
		if got := SoftmaxXent(impossible, 1, 3, 3, []int32{1}, nil, false, 1); !math.IsInf(got, 1) {
			t.Fatalf("an impossible symbol costs %v", got)
		}
	})
}

func TestSoftmaxAndLogSoftmax(t *testing.T) {
	forEachPath(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(2, 5))
		for n := range maxLen + 1 {
			src := randomSlice(rng, n)
			scaleVec(src, 30)
			p, logSum := softmax64(src)
			soft, logs := newGuarded(make([]float32, n)), newGuarded(make([]float32, n))
			Softmax(soft.s, src)
			LogSoftmax(logs.s, src)
			soft.check(t)
			logs.check(t)
			for i := range src {
				if math.Abs(float64(soft.s[i])-p[i]) > 1e-6 {
					t.Fatalf("n=%d: p %v, want %v", n, soft.s[i], p[i])
				}
				if want := float64(src[i]) - logSum; math.Abs(float64(logs.s[i])-want) > 1e-5 {
					t.Fatalf("n=%d: log p %v, want %v", n, logs.s[i], want)
				}
			}
		}
	})
}
