//go:build !linux

package rnn

// physicalMemory is the machine's memory in bytes, 0 when unknown.
func physicalMemory() float64 { return 0 }
