//go:build amd64 && !noasm

package f32

import "testing"

// forEachPath runs a test on every kernel path this machine has. Tests that use
// it do not run in parallel: the path is the package's.
func forEachPath(t *testing.T, test func(t *testing.T)) {
	was := active
	defer func() { active = was }()
	for p := pathGo; p <= bestPath(); p++ {
		active = p
		t.Run(pathNames[p], test)
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
