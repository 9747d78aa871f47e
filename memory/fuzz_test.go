package memory

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

// Whatever stands in a file of minimal pairs: pairs that can be asked, or one line that
// says what is wrong.
func FuzzReadPairs(f *testing.F) {
	for _, s := range []string{
		`{"prefix":"the dog","right":" is","wrong":" are","gap":3}`, "\ufeff{\"prefix\":\"a\",\"right\":\"b\",\"wrong\":\"c\",\"gap\":0}\n\n",
		`{"prefix":"","right":"b","wrong":"c"}`, `{"prefix":"a","right":"b","wrong":"c","gap":-1}`, `{"prefix":"\ud800","right":"b","wrong":"c"}`, `[]`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		pairs, err := ReadPairs(bytes.NewReader(b))
		if err != nil {
			if !errors.Is(err, ErrInput) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%q", err)
			}
			return
		}
		for _, p := range pairs {
			if p.Prefix == "" || p.Right == "" || p.Wrong == "" || p.Right == p.Wrong || p.Gap < 0 {
				t.Errorf("%+v", p)
			}
		}
	})
}
