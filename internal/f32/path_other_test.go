//go:build (!amd64 && !arm64) || noasm

package f32

import "testing"

func forEachPath(t *testing.T, test func(t *testing.T)) { t.Run(Path(), test) }
