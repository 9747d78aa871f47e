package text

import (
	"fmt"
	"math"
)

// Streams cuts a training text into B contiguous streams that are read side by
// side, T symbols at a time, so that each row of a batch goes on where it
// stopped and its hidden state can be carried. Stream b is the symbols
// [b*n, (b+1)*n) with n = PerEpoch()*T; fewer than B*T symbols at the end of
// the text are not read. Targets are the next symbols.
type Streams struct {
	ids    []int32
	b, t   int
	chunks int
	at     Cursor
}

// Cursor is a place in the streams: the chunk that Next returns next.
type Cursor struct {
	Epoch int64 `json:"epoch"`
	Chunk int   `json:"chunk"` // in [0, PerEpoch())
}

// NewStreams keeps ids; it does not copy them. It fails with ErrImpossible
// when b or t is not positive, and with ErrTooShort, naming the least length,
// when there is not one chunk.
func NewStreams(ids []int32, b, t int) (*Streams, error) {
	chunks, err := ChunksPerEpoch(len(ids), b, t)
	if err != nil {
		return nil, err
	}
	return &Streams{ids: ids, b: b, t: t, chunks: chunks}, nil
}

// ChunksPerEpoch returns how often B streams of T steps fit into n characters; errors
// are those of NewStreams.
func ChunksPerEpoch(n, b, t int) (int, error) {
	if b < 1 || t < 1 {
		return 0, fmt.Errorf("%w: %d streams of %d steps; both must be at least 1", ErrImpossible, b, t)
	}
	if b > math.MaxInt32 || t > math.MaxInt32/b {
		return 0, fmt.Errorf("%w: %d streams of %d steps do not fit in memory; use a smaller --batch or --seq", ErrImpossible, b, t)
	}
	chunks := (n - 1) / (b * t)
	if chunks < 1 {
		return 0, fmt.Errorf("%w: %d streams of %d steps need %d symbols to train on, there are %d; give a longer text, or a smaller --batch or --seq",
			ErrTooShort, b, t, b*t+1, n)
	}
	return chunks, nil
}

// PerEpoch returns the number of chunks in one pass over the text.
func (s *Streams) PerEpoch() int { return s.chunks }

// Next fills x and y, both [T,B], with the next chunk and its targets. When
// fresh is true every stream starts over: zero the hidden state before it. It
// allocates nothing, and panics if x or y is not T*B long.
func (s *Streams) Next(x, y []int32) (fresh bool) {
	if len(x) != s.t*s.b || len(y) != len(x) {
		panic(fmt.Sprintf("text: Next wants [%d,%d], got %d and %d elements", s.t, s.b, len(x), len(y)))
	}
	for b := range s.b {
		from := (b*s.chunks + s.at.Chunk) * s.t
		src := s.ids[from : from+s.t+1]
		for t := range s.t {
			x[t*s.b+b] = src[t]
			y[t*s.b+b] = src[t+1]
		}
	}
	fresh = s.at.Chunk == 0
	s.at.Chunk++
	if s.at.Chunk == s.chunks {
		s.at = Cursor{Epoch: s.at.Epoch + 1}
	}
	return fresh
}

// Cursor returns the place to come back to with Seek.
func (s *Streams) Cursor() Cursor { return s.at }

// Seek goes to a place that Cursor returned for streams of the same text, b
// and t. It fails with ErrImpossible if there is no such place.
func (s *Streams) Seek(c Cursor) error {
	if c.Epoch < 0 || c.Chunk < 0 || c.Chunk >= s.chunks {
		return fmt.Errorf("%w: chunk %d of epoch %d, but an epoch has %d chunks; the text, --batch or --seq differ from the saved ones", ErrImpossible, c.Chunk, c.Epoch, s.chunks)
	}
	s.at = c
	return nil
}
