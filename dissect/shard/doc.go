// Package shard keeps what the tasks of one dissection leave for one another in a folder that all of
// them see: labels, made once, and sums of integers, a file a round and shard. Files are written
// whole or not at all and hold the same bytes whoever wrote them, so that a lost task is run again
// and a repeated one changes nothing.
package shard
