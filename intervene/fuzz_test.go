package intervene

import (
	"encoding/json"
	"testing"

	"github.com/rnnscope/rnnscope/text"
)

// Whatever pair of texts: two texts of one length with a place and an answer inside, or an
// error.
func FuzzPatchPairs(f *testing.F) {
	for _, s := range []string{
		`{"clean":"(a","corrupt":"[a","right":")","at":1}`, `{"clean":"a","corrupt":"a"}`, `{"clean":"","corrupt":"","at":-9223372036854775808}`,
		`{"clean":"ab","corrupt":"cd","at":9}`, `{"clean":"ab","corrupt":"cd","right":"zz"}`,
	} {
		f.Add([]byte(s), false)
	}
	a, err := text.NewAlphabet([]rune("abcd()[] "), false, false)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, b []byte, skip bool) {
		var p TextPair
		if json.Unmarshal(b, &p) != nil {
			return
		}
		policy := text.UnknownError
		if skip {
			policy = text.UnknownSkip
		}
		r, err := readPair(a, p, policy)
		if err != nil {
			return
		}
		if len(r.clean) != len(r.corrupt) || r.at < 0 || r.at >= len(r.clean) || r.right < -1 || int(r.right) >= a.Size() {
			t.Errorf("%+v", r)
		}
	})
}
