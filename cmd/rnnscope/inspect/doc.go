// Package inspect holds the commands that look into a network: what its units follow and
// whether it uses them, how it counts and remembers, what it still gets wrong, and how it
// compares with other networks.
package inspect
