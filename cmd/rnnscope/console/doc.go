// Package console is what every command stands on: a session with the streams it reads and
// writes, notes and progress for who watches, errors of the command line, the flags that many
// commands share, and the run, network and text that they name.
package console
