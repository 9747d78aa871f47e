// Package compare asks what is the same in several networks (METHODS (k)): units matched
// across networks on the same characters, against untrained networks and against the same
// network out of step; and verdicts, mechanisms, horizons and births as a population over
// the runs.
package compare
