package f32

import "math"

// SoftmaxXent scores rows of logits[rows,v] (row distance ld) against targets
// [rows]. losses[i] (nil or [rows]) becomes -log softmax(row i)[targets[i]] in nats;
// the return value is their sum, rows ascending, in float64. With grad the logits are
// replaced by scale*(softmax - onehot). A negative target is padding: loss 0,
// gradient 0; so small a gradient as flush takes for zero is zero. A row with NaN or +Inf gives a NaN loss.
func SoftmaxXent(logits []float32, rows, v, ld int, targets []int32, losses []float32, grad bool, scale float32) float64 {
	checkMatrix(len(logits), rows, v, ld)
	if len(targets) < rows || (losses != nil && len(losses) < rows) {
		panic("f32: one target and one loss per row")
	}
	var total float64
	for i := range rows {
		row := logits[i*ld : i*ld+v]
		var loss float64
		switch t := int(targets[i]); {
		case t >= v:
			panic("f32: target outside the alphabet")
		case t >= 0:
			loss = xentRow(row, t, grad, scale)
		case grad:
			clear(row)
		}
		if losses != nil {
			losses[i] = float32(loss)
		}
		total += loss
	}
	return total
}

// xentRow returns the loss of one row and, with grad, replaces the row.
func xentRow(row []float32, t int, grad bool, scale float32) float64 {
	top := maxVec(row)
	at := float64(row[t]) - float64(top)
	if !grad {
		return math.Log(expSum(nil, row, top)) - at
	}
	sum := expSum(row, row, top)
	scaleFlushVec(row, float32(float64(scale)/sum))
	row[t] -= scale
	return math.Log(sum) - at
}

// LogSoftmax sets dst = log softmax(src) for one row. dst may be src.
func LogSoftmax(dst, src []float32) {
	checkRow(len(dst), src)
	if len(src) == 0 {
		return
	}
	top := maxVec(src)
	shift := float32(float64(top) + math.Log(expSum(nil, src, top)))
	for i, x := range src {
		dst[i] = x - shift
	}
}

// Softmax sets dst = softmax(src) for one row. dst may be src.
func Softmax(dst, src []float32) {
	checkRow(len(dst), src)
	if len(src) == 0 {
		return
	}
	sum := expSum(dst, src, maxVec(src))
	scaleVec(dst, float32(1/sum))
}
