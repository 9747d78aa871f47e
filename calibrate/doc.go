// Package calibrate measures how often a dissection is wrong: on networks and texts in
// which nothing is to be found, and how often it finds what was planted.
package calibrate
