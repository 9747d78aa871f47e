package intervene

import (
	"context"
	"testing"
)

// TestUsedAndNotUsed: the flag is used, the copy that nothing reads is not shown to be,
// in every one of 20 networks.
func TestUsedAndNotUsed(t *testing.T) {
	for seed := range uint64(20) {
		for _, site := range []string{"l0.c", "l0.h"}[seed%2 : seed%2+1] {
			in := wiredInput(t, seed, 50_000)
			flag, copied := Unit{site, unitFlag}, Unit{site, unitCopy}
			opt := Options{Sites: []string{site}, Characters: 12_000, GateCharacters: 4000, Top: 2, Seed: seed}
			r, err := Run(context.Background(), in, []Candidate{{find(t, "paren-depth"), []Unit{flag, copied, {site, unitPair}}}}, opt, nil)
			if err != nil {
				t.Fatal(err)
			}
			pairs := r.Concepts[0].Pairs
			if p := pairs[0]; p.Verdict != Used {
				t.Errorf("seed %d %s: the flag is %q: %v\n%+v", seed, site, p.Verdict, p.Reasons, p)
			}
			if p := pairs[2]; p.Verdict != Encoded || !(p.Mean.M.Estimate > 0.1) {
				t.Errorf("seed %d %s: the unit that matters elsewhere is %q: %+v", seed, site, p.Verdict, p)
			}
			if p := pairs[1]; p.Verdict != Encoded || p.Mean.D.Estimate != 0 || p.AUROC < 0.99 {
				t.Errorf("seed %d %s: the copy is %q with D %v and AUROC %v", seed, site, p.Verdict, p.Mean.D, p.AUROC)
			}
		}
	}
}
