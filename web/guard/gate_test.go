package guard

import (
	"context"
	"errors"
	"testing"
	"time"
)

func TestAFullServerSaysSo(t *testing.T) {
	g := NewGate(1, 1)
	leave, err := g.Enter(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	waits := make(chan error)
	go func() { _, err := g.Enter(ctx); waits <- err }()
	for len(g.wait) < 2 {
		time.Sleep(time.Millisecond)
	}
	if _, err := g.Enter(context.Background()); !errors.Is(err, ErrBusy) {
		t.Fatal(err)
	}
	stop()
	if err := <-waits; !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	leave()
	if leave, err = g.Enter(context.Background()); err != nil {
		t.Fatal(err)
	}
	leave()
}
