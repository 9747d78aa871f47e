// Package cache keeps the things used last, up to a sum of sizes, and ends none that somebody still uses.
package cache

import (
	"container/list"
	"sync"
)

// Cache keeps the things used last, up to a sum of sizes. What somebody still uses is not
// closed before they are done with it.
type Cache[K comparable, V any] struct {
	limit int64
	size  func(V) int64
	end   func(V) // called once nobody uses a thing that was put out; may be nil

	mu    sync.Mutex
	held  int64
	order *list.List // of *entry, the last used first
	byKey map[K]*list.Element
}

type entry[K comparable, V any] struct {
	key   K
	value V
	size  int64
	users int
	out   bool // no longer in the cache
}

// New makes an empty cache. end, which may be nil, is called once nobody uses a thing that was put out.
func New[K comparable, V any](limit int64, size func(V) int64, end func(V)) *Cache[K, V] {
	return &Cache[K, V]{limit: limit, size: size, end: end, order: list.New(), byKey: map[K]*list.Element{}}
}

// Get gives what is kept under a key; done says that the caller no longer uses it.
func (c *Cache[K, V]) Get(key K) (v V, done func(), ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	at, ok := c.byKey[key]
	if !ok {
		return v, nil, false
	}
	c.order.MoveToFront(at)
	v, done = c.use(at.Value.(*entry[K, V]))
	return v, done, true
}

// Put keeps v under a key, or, when somebody was faster, ends v and gives what is there.
func (c *Cache[K, V]) Put(key K, v V) (value V, done func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if at, ok := c.byKey[key]; ok {
		if c.end != nil {
			c.end(v)
		}
		return c.use(at.Value.(*entry[K, V]))
	}
	e := &entry[K, V]{key: key, value: v, size: c.size(v)}
	c.byKey[key] = c.order.PushFront(e)
	c.held += e.size
	value, done = c.use(e)
	for c.held > c.limit && c.order.Len() > 1 {
		c.remove(c.order.Back())
	}
	return value, done
}

// Resize tells that what is kept under a key has another size now.
func (c *Cache[K, V]) Resize(key K) {
	c.mu.Lock()
	defer c.mu.Unlock()
	at, ok := c.byKey[key]
	if !ok {
		return
	}
	e := at.Value.(*entry[K, V])
	size := c.size(e.value)
	c.held += size - e.size
	e.size = size
	for c.held > c.limit && c.order.Len() > 1 {
		c.remove(c.order.Back())
	}
}

func (c *Cache[K, V]) use(e *entry[K, V]) (V, func()) {
	e.users++
	var once sync.Once
	return e.value, func() {
		once.Do(func() {
			c.mu.Lock()
			defer c.mu.Unlock()
			e.users--
			c.finish(e)
		})
	}
}

func (c *Cache[K, V]) remove(at *list.Element) {
	e := c.order.Remove(at).(*entry[K, V])
	delete(c.byKey, e.key)
	c.held -= e.size
	e.out = true
	c.finish(e)
}

func (c *Cache[K, V]) finish(e *entry[K, V]) {
	if e.out && e.users == 0 && c.end != nil {
		c.end(e.value)
		e.users = -1 // once
	}
}

// Drop puts out all keys of which which says so.
func (c *Cache[K, V]) Drop(which func(K) bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for at := c.order.Front(); at != nil; {
		next := at.Next()
		if which(at.Value.(*entry[K, V]).key) {
			c.remove(at)
		}
		at = next
	}
}

func (c *Cache[K, V]) Clear() { c.Drop(func(K) bool { return true }) }
