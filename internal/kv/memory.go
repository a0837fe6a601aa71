package kv

import (
	"bytes"
	"container/heap"
	"context"
	"crypto/rand"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"
)

// sweepBatch is how many expired entries a change removes at most: more than it adds, and few
// enough not to slow it down.
const sweepBatch = 8

// Memory is a Store in this process's memory. Its state ends with the process.
//
// A new key is ErrFull when the store is full: the last tenth is for keys that begin with Spare.
// What the store has can still be changed and deleted. Each change removes some expired entries.
type Memory struct {
	now      func() time.Time
	maxBytes int

	mu      sync.RWMutex
	entries map[string]*entry
	expiry  expiryHeap
	bytes   int // of all entries
}

// NewMemory returns an empty store that reads the time from now. It is full where its entries take
// maxBytes of memory.
func NewMemory(now func() time.Time, maxBytes int) *Memory {
	return &Memory{now: now, maxBytes: maxBytes, entries: make(map[string]*entry)}
}

// Get implements Store.
func (m *Memory) Get(_ context.Context, key string) ([]byte, error) {
	now := m.now()
	m.mu.RLock()
	defer m.mu.RUnlock()
	if e := m.live(key, now); e != nil {
		return e.value, nil
	}
	return nil, ErrNotFound
}

// Put implements Store.
func (m *Memory) Put(_ context.Context, key string, value []byte, lifetime time.Duration) error {
	now := m.lock()
	defer m.mu.Unlock()
	return m.put(key, value, now.Add(lifetime))
}

// Replace implements Store.
func (m *Memory) Replace(_ context.Context, key string, old, value []byte, lifetime time.Duration) (bool, error) {
	now := m.lock()
	defer m.mu.Unlock()
	var is []byte
	if e := m.live(key, now); e != nil {
		is = e.value
	}
	if !bytes.Equal(is, old) {
		return false, nil
	}
	err := m.put(key, value, now.Add(lifetime))
	return err == nil, err
}

// Increment implements Store.
func (m *Memory) Increment(_ context.Context, key string, by int, window time.Duration) (int, time.Duration, error) {
	now := m.lock()
	defer m.mu.Unlock()
	n, expires := by, now.Add(window)
	if e := m.live(key, now); e != nil && !e.expires.After(expires) {
		before, err := strconv.Atoi(string(e.value))
		if err != nil {
			return 0, 0, fmt.Errorf("increment: %w", err)
		}
		n, expires = before+by, e.expires
	} else if by < 0 {
		return 0, 0, nil
	}
	err := m.put(key, strconv.AppendInt(nil, int64(n), 10), expires)
	return n, expires.Sub(now), err
}

// Delete implements Store.
func (m *Memory) Delete(_ context.Context, key string) error {
	m.lock()
	defer m.mu.Unlock()
	m.remove(key)
	return nil
}

// Probe implements Store.
func (m *Memory) Probe(ctx context.Context) error { return PutAndGet(ctx, m, []byte(rand.Text())) }

// Len returns how many entries are held, with the expired ones that are not removed yet.
func (m *Memory) Len() int {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return len(m.entries)
}

// Bytes returns how much memory the entries take, with the expired ones that are not removed yet.
func (m *Memory) Bytes() int {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.bytes
}

// lock locks m for a change, removes some expired entries and returns the time.
func (m *Memory) lock() time.Time {
	now := m.now()
	m.mu.Lock()
	for range sweepBatch {
		if len(m.expiry) == 0 || now.Before(m.expiry[0].expires) {
			break
		}
		m.remove(m.expiry[0].key)
	}
	return now
}

// live returns the entry of key, or nil for none and for one that has expired.
func (m *Memory) live(key string, now time.Time) *entry {
	if e := m.entries[key]; e != nil && now.Before(e.expires) {
		return e
	}
	return nil
}

func (m *Memory) put(key string, value []byte, expires time.Time) error {
	e := &entry{key: key, value: value, expires: expires}
	most := m.maxBytes
	if !strings.HasPrefix(key, Spare) {
		most -= most / 10
	}
	if m.entries[key] == nil && m.bytes+e.bytes() > most {
		return fmt.Errorf("%w: its %d entries take the %d bytes of store.memory.max_mb", ErrFull, len(m.entries), most)
	}
	m.remove(key)
	m.entries[key] = e
	m.bytes += e.bytes()
	heap.Push(&m.expiry, e)
	return nil
}

func (m *Memory) remove(key string) {
	if e := m.entries[key]; e != nil {
		delete(m.entries, key)
		m.bytes -= e.bytes()
		heap.Remove(&m.expiry, e.index)
	}
}

type entry struct {
	key     string
	value   []byte
	expires time.Time
	index   int // in the heap
}

// entryBytes is what an entry takes beside its key and value: itself, its place in the map and in
// the heap, and what the allocator rounds up.
const entryBytes = 170

func (e *entry) bytes() int { return entryBytes + len(e.key) + len(e.value) }

// expiryHeap is a container/heap with the entry that expires first at index 0.
type expiryHeap []*entry

func (h expiryHeap) Len() int           { return len(h) }
func (h expiryHeap) Less(i, j int) bool { return h[i].expires.Before(h[j].expires) }
func (h expiryHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}

func (h *expiryHeap) Push(x any) {
	e := x.(*entry)
	e.index = len(*h)
	*h = append(*h, e)
}

func (h *expiryHeap) Pop() any {
	last := len(*h) - 1
	e := (*h)[last]
	(*h)[last] = nil // frees it
	*h = (*h)[:last]
	return e
}
