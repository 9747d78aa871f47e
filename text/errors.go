package text

import (
	"bytes"
	"errors"
	"fmt"
	"unicode/utf8"
)

// Errors a reader can match with errors.Is. A missing input matches
// fs.ErrNotExist.
var (
	ErrEmpty      = errors.New("the text is empty")
	ErrOneSymbol  = errors.New("the text has only one distinct symbol")
	ErrTooShort   = errors.New("the text is too short")
	ErrTooLarge   = errors.New("the text is too large")
	ErrNoText     = errors.New("no text file found")
	ErrCorrupt    = errors.New("the compressed data is damaged or cut short")
	ErrUnknown    = errors.New("not in the alphabet")
	ErrEncoding   = errors.New("not valid UTF-8")
	ErrAlphabet   = errors.New("not a usable alphabet")
	ErrTokens     = errors.New("the vocabulary does not say how a text is cut into its symbols")
	ErrImpossible = errors.New("impossible size")
	ErrMinCount   = errors.New("--min-count") // so large that too few symbols are left
)

// EncodingError says where a text stops being UTF-8. It matches ErrEncoding.
type EncodingError struct {
	Source string // file the byte is in
	Offset int64  // bytes before it in the decoded file
	Byte   byte
	UTF16  bool // the file starts with a UTF-16 byte order mark
	Cut    bool // the text ends in the middle of a character
}

func (e *EncodingError) Error() string {
	switch {
	case e.UTF16:
		return fmt.Sprintf("%s: %v (it starts with a UTF-16 mark); save it as UTF-8 first", e.Source, ErrEncoding)
	case e.Cut:
		return fmt.Sprintf("%s: %v at byte %d: the text ends in the middle of a character; complete it, or read bytes with --bytes", e.Source, ErrEncoding, e.Offset)
	}
	return fmt.Sprintf("%s: %v at byte %d (0x%02X); save it as UTF-8, or read bytes with --bytes", e.Source, ErrEncoding, e.Offset, e.Byte)
}

func (e *EncodingError) Unwrap() error { return ErrEncoding }

// SymbolError names a symbol the alphabet does not have. It matches ErrUnknown.
type SymbolError struct {
	Rune   rune // in byte mode rune(byte)
	Bytes  bool
	Index  int    // symbols before it
	Offset int    // bytes before it
	Word   string // in the place of Rune, where symbols are words or pieces
}

func (e *SymbolError) Error() string {
	if e.Word != "" {
		return fmt.Sprintf("%s, symbol %d, is %v of this network",
			VisibleString(e.Word), e.Index, ErrUnknown)
	}
	return fmt.Sprintf("%s at character %d (byte %d) is %v of this network",
		describe(e.Rune, e.Bytes), e.Index, e.Offset, ErrUnknown)
}

func (e *SymbolError) Unwrap() error { return ErrUnknown }

// describe names a symbol in a sentence: U+4E2D '中', or byte 0xE9.
func describe(r rune, bytes bool) string {
	if bytes {
		return fmt.Sprintf("byte 0x%02X", r)
	}
	return fmt.Sprintf("U+%04X '%s'", r, Visible(r))
}

func encodingError(source string, data []byte, offset int) *EncodingError {
	return &EncodingError{
		Source: source, Offset: int64(offset), Byte: data[offset],
		UTF16: bytes.HasPrefix(data, []byte{0xFF, 0xFE}) || bytes.HasPrefix(data, []byte{0xFE, 0xFF}),
		Cut:   !utf8.FullRune(data[offset:]),
	}
}
