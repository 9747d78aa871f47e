// Package records holds the commands that bring networks in and states out, and that list,
// filter and export what a run holds: findings, metrics, notes.
package records
