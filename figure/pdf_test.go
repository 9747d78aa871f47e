package figure

import (
	"bytes"
	"compress/zlib"
	"io"
	"strconv"
	"strings"
	"testing"

	"gonum.org/v1/plot/vg/vgimg"
)

// TestPDFCanvasMirrorsImages holds what vectorSurface.mirror stands on: at the place where the PDF draws an image, y points down, so
// the image comes out upside down unless its rows were turned before.
func TestPDFCanvasMirrorsImages(t *testing.T) {
	var b bytes.Buffer
	if err := WritePDF(&b, examples()["heat5"], 400); err != nil {
		t.Fatal(err)
	}
	images := 0
	for _, content := range streams(b.Bytes()) {
		up := []float64{1}
		var operands []string
		for _, word := range strings.Fields(content) {
			switch word {
			case "q":
				up = append(up, up[len(up)-1])
			case "Q":
				up = up[:len(up)-1]
			case "cm":
				d, err := strconv.ParseFloat(operands[len(operands)-3], 64)
				if err != nil {
					t.Fatal(err)
				}
				up[len(up)-1] *= d
			case "Do":
				images++
				if up[len(up)-1] >= 0 {
					t.Fatal("the PDF canvas draws images upright now: drop mirror")
				}
			}
			operands = append(operands, word)
		}
	}
	if images < 2 {
		t.Fatalf("%d images in the PDF", images)
	}
}

// streams returns the compressed streams of a PDF that are drawing commands.
func streams(pdf []byte) []string {
	var out []string
	for _, part := range bytes.Split(pdf, []byte("stream\n"))[1:] {
		z, err := zlib.NewReader(bytes.NewReader(part))
		if err != nil {
			continue
		}
		text, err := io.ReadAll(z)
		if err == nil && bytes.Contains(text, []byte(" Do")) && bytes.Contains(text, []byte(" cm")) {
			out = append(out, string(text))
		}
	}
	return out
}

// TestPNGCanvasDrawsUpright: the top row of a raster is the top row of the picture, and a mirrored surface turns it.
func TestPNGCanvasDrawsUpright(t *testing.T) {
	for _, mirror := range []bool{false, true} {
		c := vgimg.NewWith(vgimg.UseWH(10, 10), vgimg.UseDPI(72))
		s := vectorSurface{c: c, height: 10, mirror: mirror}
		s.image(0, 0, 10, 10, raster{w: 1, h: 2, cells: []uint8{255, 1}})
		top, bottom := c.Image().At(5, 2), c.Image().At(5, 7)
		_, _, blueTop, _ := top.RGBA()
		_, _, blueBottom, _ := bottom.RGBA()
		if (blueTop > blueBottom) == mirror {
			t.Errorf("mirror %v: top %v, bottom %v", mirror, top, bottom)
		}
	}
}
