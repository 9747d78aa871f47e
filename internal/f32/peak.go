package f32

import "time"

// PeakFlops measures what this core can do at best: it runs a loop of independent
// fused multiply-adds at the active path's vector width for about d and returns
// the best rate seen, in FLOP/s. Run it on several goroutines at once for the peak of
// several cores.
func PeakFlops(d time.Duration) float64 {
	const n = 1 << 16
	var best float64
	for start := time.Now(); ; {
		t := time.Now()
		flops := peakLoop(n)
		if el := time.Since(t).Seconds(); el > 0 {
			best = max(best, flops/el)
		}
		if time.Since(start) >= d {
			return best
		}
	}
}
