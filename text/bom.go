package text

import "bytes"

// bom is the byte order mark of UTF-8.
var bom = []byte("\xEF\xBB\xBF")

// withoutMarks drops the byte order marks at the start of a text: more than one where
// files with a mark were joined, or an editor added a second.
func withoutMarks(b []byte) []byte {
	for bytes.HasPrefix(b, bom) {
		b = b[len(bom):]
	}
	return b
}
