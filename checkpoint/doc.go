// Package checkpoint keeps networks on disk.
//
// There are two kinds of file, both in the safetensors format. A weights file
// holds exactly the tensors of a PyTorch state_dict (rnn.weight_ih_l0 [G*H,V],
// rnn.weight_hh_l0 [G*H,H], rnn.bias_ih_l0 [G*H], rnn.bias_hh_l0 [G*H], ...,
// fc.weight [V,H], fc.bias [V], embedding.weight [V,E] when there is one), so that
//
//	class CharRNN(nn.Module):
//	    def __init__(self):
//	        super().__init__()
//	        self.rnn = nn.LSTM(V, H, L, batch_first=True)
//	        self.fc = nn.Linear(H, V)
//
// loads it strictly; alphabet, config and origin are strings in the file's
// metadata. A resume file holds the same weights and all else that training
// needs to go on to the bit: optimiser moments, random streams, data cursor,
// hidden state.
//
// Every file carries a SHA-256 of its contents, is written beside its
// destination and renamed over it, and is never written with a weight that is
// not finite. Reading allocates in proportion to the file, whatever the file says.
//
// Legend: T steps, B streams, V symbols, H units, L layers, E embedding width,
// G gates of the cell (LSTM 4, GRU 3, Elman 1).
package checkpoint
