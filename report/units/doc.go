// Package units holds the sections of a report on concepts and single units: what follows what and whether it is
// used, text coloured by units, the page of every unit, and the table of them all.
package units
