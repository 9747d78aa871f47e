// Package train is the training loop: truncated backpropagation through time over
// B streams whose hidden state is carried from chunk to chunk, the validation
// loss, and the state from which a run goes on to the bit.
//
// What belongs to step s happens in one order: the update, the Step event,
// validation if due, the snapshot if due, the save if due. So a resume file of
// step s says that all of s was done, unless it says Pending.
//
// The package knows no files and no analysis: it tells a Listener what happens
// and gives a Store what must not be lost.
//
// Legend: T steps, B streams, V symbols. Losses are mean nats a character.
package train
