package f32

// Bounds on the relative error, as documented.
const (
	maxErrorExp     = 1e-7
	maxErrorTanh    = 2e-7
	maxErrorSigmoid = 2e-7
)
