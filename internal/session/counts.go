package session

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// maxCounts is how many counts a session has. They are in its record, a line each.
const maxCounts = 4

// Count counts that something happens in s, and returns how often it has within the window, which
// begins with the first time, and with anew set to true. Of many times at once some may not count.
func (m *Manager) Count(
	ctx context.Context, s *Session, what string, window time.Duration, anew bool,
) (n int, err error) {
	now := m.now().UnixMilli()
	began := now
	lines, line := cutCount(s.counts, what)
	if line != "" && !anew {
		if _, err := fmt.Sscan(line, new(string), &began, &n); err != nil || now-began >= window.Milliseconds() {
			began, n = now, 0
		}
	}
	n++
	lines = append(lines[max(len(lines)-maxCounts+1, 0):], fmt.Sprintln(hash(what), began, n))
	s.counts, s.touched = strings.Join(lines, ""), m.now()
	if _, err := m.replace(ctx, *s); err != nil {
		return 0, fmt.Errorf("count: %w", err)
	}
	return n, nil
}

// Forget resets a count of s to zero.
func (m *Manager) Forget(ctx context.Context, s *Session, what string) error {
	lines, _ := cutCount(s.counts, what)
	s.counts = strings.Join(lines, "")
	if _, err := m.replace(ctx, *s); err != nil {
		return fmt.Errorf("forget a count: %w", err)
	}
	return nil
}

// cutCount returns the line of what, or "", and the others.
func cutCount(counts, what string) (others []string, line string) {
	others = slices.Collect(strings.Lines(counts))
	i := slices.IndexFunc(others, func(line string) bool { return strings.HasPrefix(line, hash(what)+" ") })
	if i < 0 {
		return others, ""
	}
	line = others[i]
	return slices.Delete(others, i, i+1), line
}
