// Package probe reads labels out of states with linear readers: sparse logistic probes
// beside control tasks, regressions of depth, and the basis of units held against random
// rotations of it. Fitted on the part that units are chosen on, measured on the report.
package probe
