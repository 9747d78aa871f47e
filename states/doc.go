// Package states reads and writes activations [T,U] together with the T symbols that
// they belong to: those of any network, whoever computed them, and our own.
//
// The symbols are a JSON file: a list of strings, one a symbol; a string, one
// character a symbol; or an object
//
//	{"symbols": an alphabet in any form that text.ParseAlphabet reads, "ids": [...],
//	 "text": name, "sha256": of the text,
//	 "rows": [[lo,hi],...]    where states were taken, if not everywhere,
//	 "choose": [[lo,hi],...], "report": [[lo,hi],...], "split": name   what is scored
//	                          ([warm,lo,hi] where a network read from warm on before),
//	 "sites": [{"name": "l0.h", "range": "tanh"}, ...]   their order; "tanh" [-1,1], "gate" [0,1] or "open"}
//
// of which all but symbols and ids may be absent.
package states
