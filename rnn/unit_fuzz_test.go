package rnn

import "testing"

// A name is that of a unit the network has, which has that name again, or an error.
func FuzzParseUnit(f *testing.F) {
	for _, s := range []string{"l0.c3", "l0.h[3]", "l1.h.rec[0]", "l0.c99999999999999999999", "l0.c[-1]", "l9.c1", "", "l0.", "c3", "l0.c03", "\x1b[2J"} {
		f.Add(s)
	}
	m, err := New(Config{Cell: LSTM, Vocab: 5, Hidden: 4, Layers: 2})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, s string) {
		u, err := m.ParseUnit(s)
		if err != nil {
			return
		}
		if again, err := m.ParseUnit(u.String()); err != nil || again != u || u.Unit < 0 || m.CheckUnit(u) != nil {
			t.Errorf("%q is %v, then %v (%v)", s, u, again, err)
		}
	})
}
