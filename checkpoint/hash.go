package checkpoint

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math"
)

// WeightsSHA256 is the SHA-256 of the network's parameters, hex: float32 little-endian in the order
// of the model's slab. Networks of equal weights have equal hashes, in whatever file they lie.
func (c *Checkpoint) WeightsSHA256() string {
	h := sha256.New()
	var buf [4096]byte
	for slab := c.Model.Slab(); len(slab) > 0; {
		n := min(len(slab), len(buf)/4)
		for i, x := range slab[:n] {
			binary.LittleEndian.PutUint32(buf[4*i:], math.Float32bits(x))
		}
		h.Write(buf[:4*n])
		slab = slab[n:]
	}
	return hex.EncodeToString(h.Sum(nil))
}
