// Package births asks when in a training a concept was born: from which snapshot on a unit
// tells it better than untrained networks do (METHODS (k)). Two units are followed: the one
// that is best in the end, which is a survivor, and the one that is best at each snapshot.
// Beside the birth stands the skill that the concept serves, by a fixed table, and the lag
// between the two; over several seeds it gets an interval (package compare).
package births
