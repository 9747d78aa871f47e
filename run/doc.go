// Package run keeps everything about one training run in one directory, which can
// be copied away whole:
//
//	run.db                            SQLite: settings, metrics, samples, findings, views, provenance
//	checkpoints/step-%08d.safetensors weights at the snapshots, under PyTorch's names
//	checkpoints/state-%08d.safetensors the whole state at the snapshots, where it was asked for
//	checkpoints/resume.safetensors    the state from which training goes on to the bit
//	text.gz                           the text itself; its SHA-256 is in run.db
//	figures/, report.html             made from the above
//	run.lock                          empty; held while somebody writes
//
// One process writes at a time, others may read. The database keeps no side file
// once closed (rollback journal). A process killed at any moment leaves a
// directory that opens, and a resume that replaces, step by step, what is newer than
// the state it goes on from, so that the finished run equals the undisturbed one.
// Nothing is removed that was not first replaced.
//
// A run from elsewhere is input: what run.db holds is checked when it is opened
// (validate), and nothing in it is believed before.
//
// Every row of findings, views and samples names the session that wrote it
// (Session: command, version, kernel path).
package run
