// Package look is what a dissection shows of the text it read: a sample of the report, the states
// at both ends of brackets and tags, and a stretch in which something opens and closes.
package look
