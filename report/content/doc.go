// Package content is what a report speaks of, read from a run: its training, its text, and what was measured of
// the network.
package content
