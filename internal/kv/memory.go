package kv

import (
	"container/heap"
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"
)

// sweepBatch is the most expired entries that one Put or Increment removes: enough to keep ahead of any rate of Puts, few enough not to
// be felt.
const sweepBatch = 8

// Memory is a Store in this process's memory. Its state ends with the process.
//
// An entry leaves when it is deleted, or at a Put or Increment after its lifetime; so the memory is bounded by what is put within
// one lifetime.
type Memory struct {
	now   func() time.Time
	start time.Time

	mu      sync.RWMutex
	entries map[string]*entry
	expiry  expiryHeap
}

// NewMemory returns an empty store that reads the time from now.
func NewMemory(now func() time.Time) *Memory {
	return &Memory{now: now, start: now(), entries: make(map[string]*entry)}
}

// time is how long the store has been there, by which entries end: a third of the size of a time.Time, and without its pointer.
func (m *Memory) time() time.Duration { return m.now().Sub(m.start) }

// Get implements Store.
func (m *Memory) Get(_ context.Context, key string) ([]byte, error) {
	now := m.time()
	m.mu.RLock()
	defer m.mu.RUnlock()
	if e, ok := m.entries[key]; ok && now < e.expires {
		return e.value, nil
	}
	return nil, ErrNotFound
}

// GetTwo implements Store.
func (m *Memory) GetTwo(_ context.Context, first, second string) (a, b []byte, _ error) {
	now := m.time()
	m.mu.RLock()
	defer m.mu.RUnlock()
	if e, ok := m.entries[first]; ok && now < e.expires {
		a = e.value
	}
	if e, ok := m.entries[second]; ok && now < e.expires {
		b = e.value
	}
	return a, b, nil
}

// Put implements Store.
func (m *Memory) Put(_ context.Context, key string, value []byte, lifetime time.Duration) error {
	now := m.time()
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sweep(now)
	m.put(key, value, now+lifetime)
	return nil
}

// Replace implements Store.
func (m *Memory) Replace(_ context.Context, key string, value []byte, lifetime time.Duration) (bool, error) {
	now := m.time()
	m.mu.Lock()
	defer m.mu.Unlock()
	e, ok := m.entries[key]
	if !ok || now >= e.expires {
		return false, nil
	}
	m.set(e, value, now+lifetime)
	return true, nil
}

// Increment implements Store.
func (m *Memory) Increment(_ context.Context, key string, window time.Duration) (int, error) {
	now := m.time()
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sweep(now)
	e, ok := m.entries[key]
	if ok && now < e.expires {
		n, err := strconv.Atoi(string(e.value))
		if err != nil {
			return 0, fmt.Errorf("increment: %w", err)
		}
		e.value = strconv.AppendInt(nil, int64(n+1), 10)
		return n + 1, nil
	}
	m.put(key, []byte("1"), now+window)
	return 1, nil
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

func (m *Memory) put(key string, value []byte, expires time.Duration) {
	if e, ok := m.entries[key]; ok {
		m.set(e, value, expires)
		return
	}
	e := &entry{key: key, value: value, expires: expires}
	m.entries[key] = e
	heap.Push(&m.expiry, e)
}

func (m *Memory) set(e *entry, value []byte, expires time.Duration) {
	e.value, e.expires = value, expires
	heap.Fix(&m.expiry, e.index)
}

func (m *Memory) remove(e *entry) {
	delete(m.entries, e.key)
	heap.Remove(&m.expiry, e.index)
}

// sweep removes some of what is over.
func (m *Memory) sweep(now time.Duration) {
	for range sweepBatch {
		if m.expiry.Len() == 0 {
			return
		}
		first := *m.expiry.at(0)
		if now < first.expires {
			return
		}
		m.remove(first)
	}
}

type entry struct {
	key     string
	value   []byte
	expires time.Duration // by Memory.time
	index   int           // in the heap
}

// chunk is how many places of the heap are allocated at a time, 32 KiB. One slice of all would be copied as it grows, and
// the garbage collector makes whoever asks for megabytes at once wait for its turn: a pause of 100 ms at a million entries.
const chunk = 4096

// expiryHeap has the entry that ends first at 0.
type expiryHeap struct {
	chunks []*[chunk]*entry
	len    int
}

func (h *expiryHeap) at(i int) **entry   { return &h.chunks[i/chunk][i%chunk] }
func (h *expiryHeap) Len() int           { return h.len }
func (h *expiryHeap) Less(i, j int) bool { return (*h.at(i)).expires < (*h.at(j)).expires }
func (h *expiryHeap) Swap(i, j int) {
	a, b := h.at(i), h.at(j)
	*a, *b = *b, *a
	(*a).index, (*b).index = i, j
}

func (h *expiryHeap) Push(x any) {
	if h.len == len(h.chunks)*chunk {
		h.chunks = append(h.chunks, new([chunk]*entry))
	}
	e := x.(*entry)
	e.index = h.len
	*h.at(h.len) = e
	h.len++
}

func (h *expiryHeap) Pop() any {
	h.len--
	last := h.at(h.len)
	e := *last
	*last = nil
	return e
}
