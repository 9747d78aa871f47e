// Package speed times training steps, forwards and sampling beside the peak of the same
// cores: the cases of BENCHMARKS.md, and a worker that takes turns with other programs.
package speed
