package figure

import (
	"bytes"
	"math"
	"strings"
	"testing"
)

func TestScatterShowsEveryPointThatIsThere(t *testing.T) {
	fig := &Scatter{Head: Head{Title: "gates", Alt: "points", Provenance: "test"}, Lo: 0, Hi: 1, XLabel: "closed", YLabel: "open", Panels: []ScatterPanel{
		{Title: "l0.i", X: []float64{0, .5, 1, math.NaN()}, Y: []float64{1, .5, 0, .2}, Ink: Blue},
		{Title: "l0.f", X: []float64{.1, 2}, Y: []float64{.9, -1}, Ink: Green},
	}}
	for _, width := range []float64{340, 860} {
		var b bytes.Buffer
		if err := WriteSVG(&b, fig, width); err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(b.String(), "<circle"); n != 5 {
			t.Errorf("width %v: %d dots, want 5", width, n)
		}
		b.Reset()
		if err := WritePNG(&b, fig, width); err != nil {
			t.Fatal(err)
		}
	}
}
