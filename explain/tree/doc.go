// Package tree grows regression trees (CART: Breiman, Friedman, Olshen and Stone
// 1984) over binned columns, for thousands of targets that share the columns. A
// target is 16-bit integers, histograms are integers, and ties go to the first
// question: the same rows give the same tree, bit for bit, on any number of cores.
// Naive is the same tree without histograms: the slow twin that tests hold Grower
// against.
//
// Legend: N rows, C columns, a node asks one question of one column.
package tree
