package pieces

import "unicode/utf8"

// byteLevel is the printable character of every byte in byte-level BPE (GPT-2): the byte
// itself where it is printable Latin-1, else the next free one from U+0100 on.
var byteLevel, byteLevelBack = func() (to [256]rune, back map[rune]byte) {
	back = map[rune]byte{}
	next := rune(0x100)
	for b := range 256 {
		r := rune(b)
		if !(r >= '!' && r <= '~' || r >= 0xA1 && r <= 0xAC || r >= 0xAE) {
			r = next
			next++
		}
		to[b], back[r] = r, byte(b)
	}
	return to, back
}()

// ByteLevel writes every byte of s as a printable character.
func ByteLevel(s string) string {
	out := make([]byte, 0, len(s)+len(s)/2)
	for i := range len(s) {
		out = utf8.AppendRune(out, byteLevel[s[i]])
	}
	return string(out)
}

// FromByteLevel undoes ByteLevel; other characters stay as they are.
func FromByteLevel(s string) string {
	out := make([]byte, 0, len(s))
	for _, r := range s {
		if b, ok := byteLevelBack[r]; ok {
			out = append(out, b)
		} else {
			out = utf8.AppendRune(out, r)
		}
	}
	return string(out)
}

// IsByteLevel tells whether all characters stand for bytes.
func IsByteLevel(s string) bool {
	for _, r := range s {
		if _, ok := byteLevelBack[r]; !ok {
			return false
		}
	}
	return true
}
