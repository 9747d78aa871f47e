// Package optim changes weights by their gradients: Adam, RMSProp and SGD with
// momentum, with PyTorch's equations; clipping by norm or by value; and the
// learning rate's schedule.
package optim
