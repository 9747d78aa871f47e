//go:build unix

package console

import (
	"os"
	"syscall"
)

// batchSignals are what a batch system sends before it ends a task.
var batchSignals = []os.Signal{syscall.SIGTERM, syscall.SIGUSR1}
