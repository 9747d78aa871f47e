//go:build !amd64 || noasm

package stat

func (c *Columns) fill(a []float32, stride, n int, edges []*Edges) { c.fillNaive(a, stride, edges) }
