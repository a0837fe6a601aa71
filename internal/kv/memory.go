package kv

import (
	"container/heap"
	"context"
	"sync"
	"time"
)

// sweepBatch is the most expired entries that one Put removes: enough to keep ahead of any rate of Puts, few enough not to
// be felt.
const sweepBatch = 8

// Memory is a Store in this process's memory. Its state ends with the process.
//
// An entry leaves when it is deleted, or at a Put after its lifetime; so the memory is bounded by what is put within
// one lifetime.
type Memory struct {
	now func() time.Time

	mu      sync.RWMutex
	entries map[string]*entry
	expiry  expiryHeap
}

// NewMemory returns an empty store that reads the time from now.
func NewMemory(now func() time.Time) *Memory {
	return &Memory{now: now, entries: make(map[string]*entry)}
}

// Get implements Store.
func (m *Memory) Get(_ context.Context, key string) ([]byte, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	e, ok := m.entries[key]
	if !ok || !m.now().Before(e.expires) {
		return nil, ErrNotFound
	}
	return e.value, nil
}

// Put implements Store.
func (m *Memory) Put(_ context.Context, key string, value []byte, lifetime time.Duration) error {
	now := m.now()
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sweep(now)
	if e, ok := m.entries[key]; ok {
		m.set(e, value, now.Add(lifetime))
		return nil
	}
	e := &entry{key: key, value: value, expires: now.Add(lifetime)}
	m.entries[key] = e
	heap.Push(&m.expiry, e)
	return nil
}

// Replace implements Store.
func (m *Memory) Replace(_ context.Context, key string, value []byte, lifetime time.Duration) (bool, error) {
	now := m.now()
	m.mu.Lock()
	defer m.mu.Unlock()
	e, ok := m.entries[key]
	if !ok || !now.Before(e.expires) {
		return false, nil
	}
	m.set(e, value, now.Add(lifetime))
	return true, nil
}

// Delete implements Store.
func (m *Memory) Delete(_ context.Context, key string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if e, ok := m.entries[key]; ok {
		m.remove(e)
	}
	return nil
}

// Len returns how many entries are held, those among them whose lifetime is over but that no Put has met yet.
func (m *Memory) Len() int {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return len(m.entries)
}

func (m *Memory) set(e *entry, value []byte, expires time.Time) {
	e.value, e.expires = value, expires
	heap.Fix(&m.expiry, e.index)
}

func (m *Memory) remove(e *entry) {
	delete(m.entries, e.key)
	heap.Remove(&m.expiry, e.index)
}

// sweep removes some of what is over.
func (m *Memory) sweep(now time.Time) {
	for range sweepBatch {
		if len(m.expiry) == 0 || now.Before(m.expiry[0].expires) {
			return
		}
		m.remove(m.expiry[0])
	}
}

type entry struct {
	key     string
	value   []byte
	expires time.Time
	index   int // in the heap
}

// expiryHeap has the entry that ends first at 0.
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
	old := *h
	last := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	return last
}
