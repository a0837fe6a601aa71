package session

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"time"
)

// Counts are in the session's record, each with the first bytes of the hash of what is counted,
// when its window began, and how often. A session has few: one more takes the place of the oldest.
const (
	maxCounts = 4
	nameSize  = 8
	countSize = nameSize + 8 + 1
)

// Count counts that something happens in s, and returns how often it has within the window, up to
// 255. The window begins with the first time, and with anew set to true. Of many times at once some
// may not count.
func (m *Manager) Count(
	ctx context.Context, s *Session, what string, window time.Duration, anew bool,
) (int, error) {
	now := m.now()
	began, n := now, 0
	if count, _ := cutCount(s.counts, what); count != "" && !anew {
		began = time.UnixMilli(int64(binary.BigEndian.Uint64([]byte(count[nameSize:]))))
		n = int(count[countSize-1])
	}
	if now.Sub(began) >= window {
		began, n = now, 0
	}
	n = min(n+1, 255)
	_, others := cutCount(s.counts, what)
	if len(others) >= maxCounts*countSize {
		others = others[countSize:]
	}
	count := binary.BigEndian.AppendUint64([]byte(nameOf(what)), uint64(began.UnixMilli()))
	s.counts = others + string(append(count, byte(n)))
	s.touched = now
	if _, err := m.replace(ctx, *s); err != nil {
		return 0, fmt.Errorf("count: %w", err)
	}
	return n, nil
}

// Forget resets a count of s to zero.
func (m *Manager) Forget(ctx context.Context, s *Session, what string) error {
	_, s.counts = cutCount(s.counts, what)
	if _, err := m.replace(ctx, *s); err != nil {
		return fmt.Errorf("forget a count: %w", err)
	}
	return nil
}

// cutCount returns the count of what, or "", and the others.
func cutCount(counts, what string) (count, others string) {
	name := nameOf(what)
	for i := 0; i+countSize <= len(counts); i += countSize {
		if counts[i:i+nameSize] == name {
			return counts[i : i+countSize], counts[:i] + counts[i+countSize:]
		}
	}
	return "", counts
}

func nameOf(what string) string {
	sum := sha256.Sum256([]byte(what))
	return string(sum[:nameSize])
}
