package reading

import (
	"errors"

	"github.com/rnnscope/rnnscope/checkpoint"
	"github.com/rnnscope/rnnscope/trace"

	"github.com/rnnscope/rnnscope/web/cache"
	"github.com/rnnscope/rnnscope/web/guard"
)

// ErrEvicted: the reading asked for is not kept any more.
var ErrEvicted = errors.New("this reading was put away to make room; read the passage again")

// Store keeps readings.
type Store struct {
	cache *cache.Cache[string, *Reading]
}

// NewStore makes an empty store.
func NewStore() *Store { return &Store{cache.New[string](storeBytes, (*Reading).bytes, nil)} }

// Close lets go of all readings.
func (s *Store) Close() { s.cache.Clear() }

// Begin makes the reading of a passage, or takes the one that is edited, and says how many of
// the shown symbols stay as they are. It comes locked; Unlock ends its use.
func (s *Store) Begin(run string, created int64, ck *checkpoint.Checkpoint, asked string, p *Passage) (r *Reading, same int, done func(), err error) {
	r, done, ok := s.cache.Get(asked)
	if ok && (r.Run != run || r.Made != created || r.Net != ck) {
		done()
		ok = false
	}
	if !ok {
		live, err := trace.NewLive(ck.Model, nil, likeliest)
		if err != nil {
			return nil, 0, nil, err
		}
		r = &Reading{ID: guard.Secret()[:16], Run: run, Made: created, Net: ck, Live: live}
		r.mu.Lock()
		if _, err := live.Set(p.IDs); err != nil {
			return nil, 0, nil, err
		}
		r.Warm = p.Warm
		r, done = s.cache.Put(r.ID, r)
		return r, 0, done, nil
	}
	r.mu.Lock()
	was := r.Warm
	prefix, err := r.Live.Set(p.IDs)
	if err != nil {
		r.mu.Unlock()
		done()
		return nil, 0, nil, err
	}
	r.Warm = p.Warm
	s.cache.Resize(r.ID)
	if was != p.Warm {
		return r, 0, done, nil // other symbols are shown
	}
	return r, max(0, prefix-p.Warm), done, nil
}

// Find gives a reading that a page has, locked; unlock ends its use.
func (s *Store) Find(id string) (r *Reading, unlock func(), err error) {
	r, done, ok := s.cache.Get(id)
	if !ok {
		return nil, nil, ErrEvicted
	}
	r.mu.Lock()
	return r, func() { r.mu.Unlock(); done() }, nil
}

// Unlock lets the next request to this reading go on.
func (r *Reading) Unlock() { r.mu.Unlock() }
