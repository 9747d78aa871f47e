package run

import (
	"errors"
	"fmt"

	"github.com/rnnscope/rnnscope/internal/durable"
)

// What can go wrong with a run directory; match with errors.Is. The error's text
// names the path and says what to do.
var (
	ErrExists       = errors.New("already exists")                  // Create never writes into what is there
	ErrNotRun       = errors.New("not a run directory")             // no run.db, or another program's
	ErrCorrupt      = errors.New("corrupt run directory")           // damaged database, text or settings
	ErrNewer        = errors.New("written by a newer version")      // schema this program does not know
	ErrLocked       = durable.ErrLocked                             // another process is writing here
	ErrBusy         = errors.New("another program holds run.db")    // for longer than this one waits
	ErrRemoved      = errors.New("the run was removed or replaced") // while it was open
	ErrNoResume     = errors.New("it is not started over")          // steps were made and their state is lost
	ErrExact        = errors.New("leave out --step")                // nothing is lost, so there is nothing to start over
	ErrReadOnly     = errors.New("the run was opened for reading")  //
	ErrNoText       = errors.New("the run has no text")             // an imported network
	ErrNoCheckpoint = errors.New("no such checkpoint")              //
	ErrNoView       = errors.New("no such view")                    // the step that makes it has not been run
	ErrNoSubject    = fmt.Errorf("%w", ErrNoView)                   // it was, and not on the text or at the training step asked for
)
