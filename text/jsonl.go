package text

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

const (
	maxJSONLine  = 16 << 20 // bytes of one line
	maxJSONLines = 20 << 20 // lines that hold something
)

// ErrJSON says that a file is not the JSON that was asked for; the error says where and why.
var ErrJSON = errors.New("not the JSON that is read here")

// JSONLines reads one T from every line of r that is not empty, in order, and gives it
// to visit with the number of its line. A byte order mark at the start is skipped. A line
// that holds something else, a field that T does not have, or a second value is an error,
// as is one of visit; errors match ErrJSON and name the line.
func JSONLines[T any](r io.Reader, visit func(line int, v T) error) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxJSONLine)
	held := 0
	for n := 1; lines.Scan(); n++ {
		b := lines.Bytes()
		if n == 1 {
			b = withoutMarks(b)
		}
		if b = bytes.TrimSpace(b); len(b) == 0 {
			continue
		}
		if held++; held > maxJSONLines {
			return fmt.Errorf("%w: more than %d lines", ErrJSON, maxJSONLines)
		}
		var v T
		if err := DecodeJSON(b, &v); err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
		if err := visit(n, v); err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
	}
	switch err := lines.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return fmt.Errorf("%w: a line has more than %d bytes", ErrJSON, maxJSONLine)
	default:
		return err
	}
}

// DecodeJSON decodes the one value that b holds into v, in full: a field that v does not
// have, something behind the value, or half a character is an error, which matches ErrJSON
// and is said in plain words.
func DecodeJSON(b []byte, v any) error {
	if err := WholeCharacters(b); err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return plainJSON(err)
	}
	if _, err := d.Token(); err != io.EOF {
		return fmt.Errorf("%w: there is more behind the first value; write one to a line", ErrJSON)
	}
	return nil
}

// plainJSON says what the JSON package means.
func plainJSON(err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return fmt.Errorf("%w: at byte %d: %s", ErrJSON, syntax.Offset, strings.TrimPrefix(syntax.Error(), "json: "))
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return fmt.Errorf("%w: it ends in the middle", ErrJSON)
	case errors.As(err, &kind) && kind.Field == "":
		return fmt.Errorf("%w: it is a %s; write an object, {...}", ErrJSON, kind.Value)
	case errors.As(err, &kind):
		return fmt.Errorf("%w: %q is a %s; %s is wanted", ErrJSON, kind.Field, kind.Value, kindWanted(kind.Type.Kind().String()))
	}
	return fmt.Errorf("%w: %s", ErrJSON, strings.TrimPrefix(err.Error(), "json: "))
}

func kindWanted(kind string) string {
	switch {
	case strings.HasPrefix(kind, "int"), strings.HasPrefix(kind, "uint"):
		return "a whole number in range"
	case strings.HasPrefix(kind, "float"):
		return "a number"
	case kind == "bool":
		return "true or false"
	case kind == "string":
		return "a string"
	case kind == "slice":
		return "a list"
	}
	return "another kind of value"
}

// WholeCharacters fails, with ErrJSON, where JSON text holds bytes that are not UTF-8 or a
// \u escape of half a character (a lone surrogate), which decoders replace in silence.
func WholeCharacters(b []byte) error {
	if !utf8.Valid(b) {
		return fmt.Errorf("%w: it is not UTF-8", ErrJSON)
	}
	for i := 0; i < len(b); i++ {
		if b[i] != '\\' || i+1 >= len(b) {
			continue
		}
		i++
		if b[i] != 'u' {
			continue
		}
		switch hi, ok := hexRune(b, i+1); {
		case !ok || hi < 0xD800 || hi > 0xDFFF:
		case hi < 0xDC00:
			if lo, ok := hexRune(b, i+7); ok && lo >= 0xDC00 && lo <= 0xDFFF && b[i+5] == '\\' && b[i+6] == 'u' {
				i += 10
				continue
			}
			fallthrough
		default:
			return fmt.Errorf("%w: \\u%04x is half of a character", ErrJSON, hi)
		}
	}
	return nil
}

// hexRune reads four hexadecimal digits.
func hexRune(b []byte, at int) (r rune, ok bool) {
	if at+4 > len(b) {
		return 0, false
	}
	for _, c := range b[at : at+4] {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}
