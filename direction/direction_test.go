package direction

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"
)

// planted is rows made of few of some directions at a time, and those directions.
func planted(rng *rand.Rand, n, h, entries, used int) (x, truth []float32) {
	truth = make([]float32, entries*h)
	for m := range entries {
		for u := range h {
			truth[m*h+u] = float32(rng.NormFloat64())
		}
		unitLength(truth[m*h : (m+1)*h])
	}
	x = make([]float32, n*h)
	for r := range n {
		for _, m := range rng.Perm(entries)[:used] {
			a := float32(1 + rng.Float64())
			for u := range h {
				x[r*h+u] += a * truth[m*h+u]
			}
		}
	}
	return x, truth
}

// TestPlantedDictionary: entries that rows are made of, more than there are units, are found.
func TestPlantedDictionary(t *testing.T) {
	const h, entries, used = 16, 24, 2
	for seed := range uint64(3) {
		rng := rand.New(rand.NewPCG(seed, 1))
		x, truth := planted(rng, 8000, h, entries, used)
		d, err := Train(context.Background(), x, h, DictionaryOptions{Entries: 32, Used: 3, Epochs: 20, Batch: 64, Rate: 5e-3}, rng)
		if err != nil {
			t.Fatal(err)
		}
		found := 0
		for m := range entries {
			best := 0.0
			for k := range d.m {
				var dot float64
				for u := range h {
					dot += float64(truth[m*h+u] * d.dec[k*h+u])
				}
				best = max(best, dot)
			}
			if best > 0.95 {
				found++
			}
		}
		if found < entries*9/10 || d.Error > 0.05 {
			t.Errorf("seed %d: %d of %d planted entries found, %.3f of the variance lost, %d dead", seed, found, entries, d.Error, d.Dead)
		}
	}
}

// TestGradients holds the gradients against finite differences.
func TestGradients(t *testing.T) {
	const h, n = 5, 7
	rng := rand.New(rand.NewPCG(3, 3))
	x, _ := planted(rng, n, h, 6, 2)
	d := &Dictionary{h: h, m: 8, k: 3, scale: 1}
	d.begin(x, rng)
	for i := range d.bias {
		d.bias[i] = float32(rng.NormFloat64()) / 10
	}
	trainer := newDictionaryTrainer(d, DictionaryOptions{Batch: n})
	rows := []int{0, 1, 2, 3, 4, 5, 6}
	trainer.gradients(x, rows)
	checked := 0
	for name, of := range map[string][2][]float32{"encoder": {d.enc, trainer.gEnc}, "decoder": {d.dec, trainer.gDec}, "bias": {d.bias, trainer.gB}} {
		want := append([]float32(nil), of[1]...)
		for i := range of[0] {
			const eps = 1e-3
			keep := of[0][i]
			of[0][i] = keep + eps
			up := trainer.gradients(x, rows)
			of[0][i] = keep - eps
			down := trainer.gradients(x, rows)
			of[0][i] = keep
			got := (up - down) / (2 * eps)
			if math.Abs(got-float64(want[i])) > 0.02*math.Abs(got)+5e-3 {
				t.Errorf("%s %d: gradient %g, finite difference %g", name, i, want[i], got)
			}
			if want[i] != 0 {
				checked++
			}
		}
	}
	if checked < 40 {
		t.Errorf("only %d gradients are not 0", checked)
	}
}

// TestComponents: the axis of the largest variance comes first, and all bases give the state back.
func TestComponents(t *testing.T) {
	const h, n = 6, 3000
	rng := rand.New(rand.NewPCG(5, 5))
	x := make([]float32, n*h)
	for r := range n {
		a, b := float32(3*rng.NormFloat64()), float32(rng.NormFloat64())
		for u := range h {
			x[r*h+u] = 1 + float32(0.1*rng.NormFloat64())
		}
		x[r*h+2] += a * 0.6
		x[r*h+3] += a * 0.8
		x[r*h+5] += b
	}
	pca, err := Components(x, h)
	if err != nil {
		t.Fatal(err)
	}
	if first := pca.Row(0); math.Abs(math.Abs(float64(first[2]))-0.6) > 0.02 || math.Abs(math.Abs(float64(first[3]))-0.8) > 0.02 {
		t.Errorf("first component %v, planted .6 of unit 2 and .8 of unit 3", first)
	}
	for name, b := range map[string]Basis{"components": pca, "rotation": Rotation(x, h, rng), "units": Units(h)} {
		z := make([]float32, n*b.Size())
		b.Clone().Encode(z, x, n)
		for r := range 50 {
			back := append([]float32(nil), b.Origin()...)
			for m := range b.Size() {
				for u, v := range b.Row(m) {
					back[u] += z[r*b.Size()+m] * v
				}
			}
			for u, v := range back {
				if math.Abs(float64(v-x[r*h+u])) > 1e-4 {
					t.Fatalf("%s: unit %d of row %d comes back as %g, was %g", name, u, r, v, x[r*h+u])
				}
			}
		}
	}
}

// TestEncodeUsesFew: no state is told by more entries than asked for, and what they tell is what training lost.
func TestEncodeUsesFew(t *testing.T) {
	const h = 8
	rng := rand.New(rand.NewPCG(6, 6))
	x, _ := planted(rng, 2000, h, 10, 2)
	d, err := Train(context.Background(), x, h, DictionaryOptions{Entries: 16, Used: 2, Epochs: 5, Batch: 64}, rng)
	if err != nil {
		t.Fatal(err)
	}
	z := make([]float32, 2000*16)
	d.Encode(z, x, 2000)
	var lost, all float64
	for r := range 2000 {
		used := 0
		back := append([]float32(nil), d.Origin()...)
		for m := range 16 {
			if v := z[r*16+m]; v != 0 {
				used++
				for u, w := range d.Row(m) {
					back[u] += v * w
				}
			}
		}
		if used > 2 {
			t.Fatalf("row %d uses %d entries", r, used)
		}
		for u, v := range back {
			e, c := float64(v-x[r*h+u]), float64(x[r*h+u]-d.mean[u])
			lost, all = lost+e*e, all+c*c
		}
	}
	if math.Abs(lost/all-d.Error) > 1e-4 {
		t.Errorf("what comes back loses %.4f of the variance, training said %.4f", lost/all, d.Error)
	}
	if _, err := Train(context.Background(), x, h, DictionaryOptions{Entries: 2, Used: 3}, rng); err == nil {
		t.Error("three of two entries are used")
	}
}
