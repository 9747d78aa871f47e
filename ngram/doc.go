// Package ngram holds the finite-memory baseline the networks stand beside:
// character n-gram models with interpolated modified Kneser-Ney smoothing
// (Chen and Goodman 1998, "An Empirical Study of Smoothing Techniques for
// Language Modeling", section 4.2.1), of every order from 1 to n at once, on a
// suffix array.
//
// An order-n model predicts a symbol from the n-1 before it. With h a context,
// h' the same without its first symbol, c(hw) how often hw occurs, a(hw) the
// number of different symbols standing before hw (the start of the text is one
// of them), and D_1, D_2, D_3+ the discounts of a level:
//
//	P_n(w|h) = max(c(hw) - D(c(hw)), 0)/c(h.) + g(h) Q_{n-1}(w|h')
//	Q_k(w|h) = max(a(hw) - D(a(hw)), 0)/a(h.) + g(h) Q_{k-1}(w|h')
//	Q_0(w)   = 1/V
//
// where a dot sums over w and g(h) is the mass the discounts free, so that each
// distribution sums to 1. A context never followed by anything in training is
// passed over: P_n = Q_{n-1}. The chain Q is the same whatever n is, which is
// why one walk scores all orders.
//
// Per level Y = n_1/(n_1 + 2 n_2), D_i = i - (i+1) Y n_{i+1}/n_i, with n_i the
// number of different n-grams counted i times. Where some n_i is 0 or a
// discount falls outside (0, i], as happens at order 1 with few symbols, the
// level uses 0.5, 1 and 1.5.
//
// Legend: V symbols. Probabilities are natural logarithms, losses nats.
package ngram
