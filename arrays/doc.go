// Package arrays reads matrices [T,H] that other programs wrote, activations above
// all: NumPy's .npy and .npz, safetensors, and Parquet. What a file says of its sizes
// is held against what it has before memory is taken.
package arrays
