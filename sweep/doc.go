// Package sweep runs a grid of trainings to the end: every combination of texts and
// settings is a cell, a cell is a run directory. Several processes, on one machine or
// on many that share a file system, work on one grid: a cell is claimed by a file,
// which its owner renews; a claim that is not renewed is taken over. Whatever is
// killed is taken up where it stopped.
//
// The package knows nothing of how a cell is trained and measured: Work is handed in.
package sweep
