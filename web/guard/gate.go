package guard

import (
	"context"
	"errors"
)

// Why a request is not carried out; match with errors.Is.
var (
	ErrBusy    = errors.New("the server has enough to do; try again in a moment")
	ErrRequest = errors.New("not possible") // what was asked for is at fault
)

// Gate lets some computations run at once, and some more wait.
type Gate struct{ run, wait chan struct{} }

// NewGate lets run computations run at once and wait more of them wait.
func NewGate(run, wait int) Gate {
	return Gate{make(chan struct{}, run), make(chan struct{}, run+wait)}
}

// Enter waits for its turn; errors match ErrBusy, or are the context's.
func (g Gate) Enter(ctx context.Context) (leave func(), err error) {
	select {
	case g.wait <- struct{}{}:
	default:
		return nil, ErrBusy
	}
	select {
	case g.run <- struct{}{}:
		return func() { <-g.run; <-g.wait }, nil
	case <-ctx.Done():
		<-g.wait
		return nil, ctx.Err()
	}
}

// Idle says that nothing runs or waits; tests wait for it.
func (g Gate) Idle() bool { return len(g.run) == 0 && len(g.wait) == 0 }
