package evolve

import (
	"encoding/json"
	"testing"
)

// TestVerdictsOfOlderRuns: verdicts are codes; older runs have them in words.
func TestVerdictsOfOlderRuns(t *testing.T) {
	for was, want := range map[string]Verdict{"no change": Unchanged, "metric-induced": MetricInduced, "abrupt in both": AbruptInBoth, "cannot tell": CannotTell, "abrupt": Abrupt, "no_change": Unchanged} {
		var got Verdict
		if err := json.Unmarshal([]byte(`"`+was+`"`), &got); err != nil || got != want {
			t.Errorf("%s is read as %s (%v)", was, got, err)
		}
	}
	if w := MetricInduced.Words() + ", " + AbruptInBoth.Words(); w != "metric-induced, abrupt in both" {
		t.Error(w)
	}
}
