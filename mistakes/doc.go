// Package mistakes says what a network still gets wrong, and why: errors are removed cause by cause, as
// in Karpathy, Johnson and Li (2015, section 4.4), and because the order of removal decides the shares,
// each cause also gets the Shapley value of the loss on the errors that it explains.
//
// An error is a symbol that the network gave less than half of the probability. Causes are properties of
// the text and of n-gram models; they are looked at on the part of the text that is reported on.
package mistakes
