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
	now, name := m.now().UnixMilli(), hash(what)
	began, lines := now, slices.Collect(strings.Lines(s.counts))
	i := slices.IndexFunc(lines, func(line string) bool { return strings.HasPrefix(line, name+" ") })
	if i >= 0 {
		_, err := fmt.Sscan(lines[i], &name, &began, &n)
		if anew || err != nil || now-began >= window.Milliseconds() {
			began, n = now, 0
		}
		lines = slices.Delete(lines, i, i+1)
	}
	n++
	lines = append(lines[max(len(lines)-maxCounts+1, 0):], fmt.Sprintln(name, began, n))
	s.counts, s.touched = strings.Join(lines, ""), m.now()
	if _, err := m.replace(ctx, *s); err != nil {
		return 0, fmt.Errorf("count: %w", err)
	}
	return n, nil
}
