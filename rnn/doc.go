// Package rnn is the network: Elman, LSTM and GRU cells stacked in layers, with
// PyTorch's equations, gate order and parameter names, run forward and backward
// through time over many streams at once.
//
// Legend, used in every comment: T steps, B streams (rows of a batch), V symbols,
// H units, L layers, G gates of a cell (Elman 1, LSTM 4, GRU 3). Arrays are
// row-major and time-major: [T,B,...].
//
// A Model holds the weights in one slab. A Pass runs it over a chunk of T steps
// and keeps what backpropagation through time needs; a Stepper runs one step at a
// time for sampling. Every state and gate has a named Site ("l0.h", "l1.c", "l0.i");
// a Hook given to Forward sees the values at its sites as they come into being and
// may change them.
//
// Equations (torch.nn.RNN, LSTM, GRU):
//
//	Elman  h' = act(W_ih x + b_ih + W_hh h + b_hh), act tanh or relu
//	LSTM   i,f,o = sigmoid(...), g = tanh(...), c' = f c + i g, h' = o tanh(c')
//	GRU    r,z = sigmoid(...), n = tanh(W_in x + b_in + r (W_hn h + b_hn)),
//	       h' = (1-z) n + z h
//
// plain.go is the same as loops over PyTorch's weights, to be read; nothing but its test calls it.
package rnn
