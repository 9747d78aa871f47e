package rnn

import "math/rand/v2"

// dropout zeroes units on their way to the layer above and scales up the rest
// (Srivastava et al. 2014, as torch.nn.LSTM's dropout). Whether a unit is kept is
// a hash of the pass's key and the unit's place, so it depends on neither cores nor
// order and need not be stored for the backward.
type dropout struct {
	on    bool
	rng   *rand.Rand
	key   uint64
	limit uint64  // a unit is dropped where its 16 random bits are below
	scale float32 // 1/(share kept)
}

// init sets the share dropped, rounded to 1/65536.
func (d *dropout) init(share float64, on bool) {
	d.limit = uint64(share*65536 + .5)
	d.on = on && d.limit > 0 && d.limit < 65536
	if d.on {
		d.scale = float32(65536 / float64(65536-d.limit))
	}
}

// draw takes the key of one Forward.
func (d *dropout) draw() {
	if !d.on {
		return
	}
	if d.rng == nil {
		panic("rnn: dropout without SetDropout")
	}
	d.key = d.rng.Uint64()
}

// mask applies the mask of row i = t*B+b of layer l.
func (d *dropout) mask(x []float32, l, i int) {
	base := d.key ^ mix(uint64(l)<<48|uint64(i))
	for u := 0; u < len(x); u += 4 {
		bits := mix(base + uint64(u))
		for k := u; k < min(u+4, len(x)); k++ {
			if bits&0xffff < d.limit {
				x[k] = 0
			} else {
				x[k] *= d.scale
			}
			bits >>= 16
		}
	}
}

// mix is the output function of SplitMix64 (Steele, Lea and Flood 2014).
func mix(z uint64) uint64 {
	z += 0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}
