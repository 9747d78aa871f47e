//go:build !unix

package console

import "os"

var batchSignals []os.Signal
