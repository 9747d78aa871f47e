// Package f32 holds the float32 kernels of the engine: packed matrix
// multiplication, the fused gates of the three cells, softmax cross-entropy,
// optimiser updates and row gathers.
//
// Legend: T steps, B streams, V symbols, H units, L layers. All matrices are
// row-major; "ld" is the distance in elements between the starts of two rows.
//
// Every function has a plain Go twin (names ending in Naive): it is the
// documentation of the kernel, the oracle of its tests and what runs on a
// machine without AVX2, on other architectures and under the build tag noasm.
// Path tells which one is active; the environment variable RNNSCOPE_KERNELS
// (avx512, avx2 or go) chooses a lower one.
//
// Two promises hold on every path. A function allocates nothing once its
// scratch memory has grown to the shapes in use. And the bits of one output row
// depend on that row's inputs alone: never on how many rows were passed beside
// it, nor on how rows or columns were cut over cores.
//
// A slice that is too short for the shape given is a programmer error and
// panics; nothing else does. NaN in gives NaN out in the same element.
package f32
