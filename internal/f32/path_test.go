//go:build (amd64 || arm64) && !noasm

package f32

import (
	"errors"
	"testing"
)

// forEachPath runs a test on every kernel path this machine has. Tests that use
// it do not run in parallel: the path is the package's.
func forEachPath(t *testing.T, test func(t *testing.T)) {
	was := active
	defer func() { active = was }()
	for _, p := range paths {
		active = p
		t.Run(pathNames[p], test)
	}
}

func TestCheckPath(t *testing.T) {
	was := active
	defer func() { active = was }()
	active = paths[0]
	for force, fine := range map[string]bool{"": true, "go": true, "avx512": false, "neon": false, "bogus": false} {
		if err := checkPath(force); (err == nil) != fine || err != nil && !errors.Is(err, ErrPath) {
			t.Errorf("%q: %v", force, err)
		}
	}
}

func TestChoosePath(t *testing.T) {
	if got := choosePath("go"); got != pathGo {
		t.Errorf("go: %v", got)
	}
	for _, unknown := range []string{"", "sse", "avx1024"} {
		if got := choosePath(unknown); got != bestPath() {
			t.Errorf("%q: %v", unknown, got)
		}
	}
}
