package durable

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

var (
	// ErrLocked: another process holds the lock.
	ErrLocked = errors.New("another process is writing here")
	// ErrTooLarge: a file has more bytes than anybody could mean.
	ErrTooLarge = errors.New("too large")
	// ErrNotFile: a folder, a pipe or a device where a file must be.
	ErrNotFile = errors.New("not a file")
)

// ReadFile reads path whole where it has at most limit bytes; otherwise the error
// matches ErrTooLarge and no more than limit bytes were held. A pipe or device is read
// until it ends, and left when ctx is done.
func ReadFile(ctx context.Context, path string, limit int64) ([]byte, error) {
	f, err := Open(ctx, path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.Mode().IsRegular() && info.Size() > limit {
		return nil, tooLarge(path, limit)
	}
	b, err := ReadAll(ctx, f, limit)
	if errors.Is(err, ErrTooLarge) {
		return nil, tooLarge(path, limit)
	}
	if err != nil && ctx.Err() == nil {
		return nil, fmt.Errorf("%s cannot be read: %w", path, Cause(err))
	}
	return b, err
}

func tooLarge(path string, limit int64) error {
	return fmt.Errorf("%s: %w: more than %d bytes", path, ErrTooLarge, limit)
}

// ReadAll reads r whole, at most limit bytes (ErrTooLarge), until ctx is done.
func ReadAll(ctx context.Context, r io.Reader, limit int64) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(Reader(ctx, r), limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(b)) > limit {
		return nil, ErrTooLarge
	}
	return b, nil
}

// Open opens path for reading; opening a pipe that nobody writes is left when ctx is
// done.
func Open(ctx context.Context, path string) (*os.File, error) {
	if info, err := os.Stat(path); err != nil || info.Mode().IsRegular() || info.IsDir() {
		return os.Open(path)
	}
	type opened struct {
		f   *os.File
		err error
	}
	done := make(chan opened, 1)
	go func() {
		f, err := os.Open(path)
		select {
		case <-ctx.Done(): // nobody waits any more
			if err == nil {
				f.Close()
			}
		default:
		}
		done <- opened{f, err}
	}()
	select {
	case o := <-done:
		return o.f, o.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// OpenRegular opens a file on a disk for reading. A pipe or a device is refused: opening it could
// block for ever, and where such a file belongs nobody has one.
func OpenRegular(path string) (*os.File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: %w", path, ErrNotFile)
	}
	return os.Open(path)
}

// Reader reads r until ctx is done, also where r blocks: standard input, a pipe. The
// read that blocks is then left to end with its own process or writer.
func Reader(ctx context.Context, r io.Reader) io.Reader {
	if f, ok := r.(*os.File); ok {
		if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
			return plain{ctx, r} // a file on a disk does not block
		}
		return &blocking{ctx: ctx, r: r}
	}
	return plain{ctx, r}
}

type plain struct {
	ctx context.Context
	r   io.Reader
}

func (p plain) Read(b []byte) (int, error) {
	if err := p.ctx.Err(); err != nil {
		return 0, err
	}
	return p.r.Read(b)
}

// blocking reads in a goroutine of its own, so that a read which never ends can be left.
type blocking struct {
	ctx  context.Context
	r    io.Reader
	rest []byte
	err  error
}

type block struct {
	b   []byte
	err error
}

func (b *blocking) Read(p []byte) (int, error) {
	if err := b.ctx.Err(); err != nil {
		return 0, err
	}
	if len(b.rest) == 0 && b.err == nil {
		next := make(chan block, 1)
		go func() {
			buf := make([]byte, 1<<16)
			n, err := b.r.Read(buf)
			next <- block{buf[:n], err}
		}()
		select {
		case <-b.ctx.Done():
			return 0, b.ctx.Err()
		case got := <-next:
			b.rest, b.err = got.b, got.err
		}
		if b.err != nil && b.stopped() {
			return 0, b.ctx.Err()
		}
	}
	if len(b.rest) == 0 {
		return 0, b.err
	}
	n := copy(p, b.rest)
	b.rest = b.rest[n:]
	return n, nil
}

// grace is how long the end of a pipe waits for the signal that ended its writer.
const grace = 50 * time.Millisecond

// stopped tells whether ctx is done when a pipe ends. Ctrl-C reaches every program of a pipeline at
// once, and the end of the one that writes may be seen before the signal: its text is cut off then.
func (b *blocking) stopped() bool {
	select {
	case <-b.ctx.Done():
		return true
	case <-time.After(grace):
		return false
	}
}
