package text

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestSplitStreams(t *testing.T) {
	c, err := FromString("t", "abcdefghijKLMNOPQRST「」あいうえおかきくz", Options{})
	if err != nil {
		t.Fatal(err)
	}
	out, split, err := c.SplitStreams(3, .6, .2)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(out.Raw), "abcdefKLMNOP「」あいうえ"+"ghQRおか"+"ijSTきく"; got != want {
		t.Errorf("rearranged to %q, want %q", got, want)
	}
	if split.Train != (Span{0, 18}) || split.Val != (Span{18, 24}) || split.Test != (Span{24, 30}) || split.Name != "3 streams, each tail 60/20/20" {
		t.Errorf("split %+v", split)
	}
	if out.SHA256 == c.SHA256 {
		t.Error("another text has the same checksum")
	}
	if again, _ := FromString("t", string(out.Raw), Options{}); again.SHA256 != out.SHA256 {
		t.Error("the checksum is not that of the text")
	}
}

// Every symbol but those behind the last whole stream is in one part, once, and the identifiers spell the text.
func TestSplitStreamsLosesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 7).Draw(t, "streams")
		runes := rapid.SliceOfN(rapid.RuneFrom([]rune("ab \n語é")), 10*n+1, 200).Draw(t, "text")
		c, err := FromString("t", "ab"+string(runes), Options{})
		if err != nil {
			t.Fatal(err)
		}
		out, split, err := c.SplitStreams(n, .8, .1)
		if err != nil {
			t.Fatal(err)
		}
		length := len(c.IDs) / n
		if split.Test.Hi != n*length || len(out.IDs) != n*length {
			t.Fatalf("%d of %d symbols in %d streams", len(out.IDs), len(c.IDs), n)
		}
		for s := range n {
			var back []int32
			for _, part := range []Span{split.Train, split.Val, split.Test} {
				each := part.Len() / n
				back = append(back, out.IDs[part.Lo+s*each:part.Lo+(s+1)*each]...)
			}
			for i, id := range c.IDs[s*length : (s+1)*length] {
				if back[i] != id {
					t.Fatalf("stream %d is not the text's", s)
				}
			}
		}
		ids, err := out.Alphabet.Encode(out.Raw, UnknownError)
		if err != nil || len(ids) != len(out.IDs) {
			t.Fatalf("%d identifiers of the text, %d kept, %v", len(ids), len(out.IDs), err)
		}
	})
}

func TestSplitStreamsRefuses(t *testing.T) {
	c, _ := FromString("t", strings.Repeat("ab", 50), Options{})
	if _, _, err := c.SplitStreams(60, .8, .1); !errors.Is(err, ErrTooShort) {
		t.Errorf("streams of one character: %v", err)
	}
	if _, _, err := c.SplitStreams(0, .8, .1); !errors.Is(err, ErrImpossible) {
		t.Errorf("no streams: %v", err)
	}
}
