package session

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"ocsso/internal/kv"
)

// A groupMark is a group that a session belongs to, and the group's mark at login.
type groupMark struct {
	group string // a hash
	mark  string // "" for none
}

// EndAll ends every session of the member with this usercode, on every replica.
func (m *Manager) EndAll(ctx context.Context, usercode string) error {
	return m.EndGroup(ctx, memberGroup(usercode))
}

// memberGroup is the group of all sessions of a member.
func memberGroup(usercode string) string { return "member " + usercode }

// EndGroup ends every session with this group among its Ties, on every replica. A later session of
// the group is not affected.
//
// It gives the group a new random mark. A session copies the mark at login and ends when the group
// has another one. No clocks are compared, because replicas' clocks differ. Every older session has
// expired when the mark does, so a missing mark ends nothing.
func (m *Manager) EndGroup(ctx context.Context, group string) error {
	ctx = kv.Durable(ctx)
	if err := m.store.Put(ctx, groupKey(hash(group)), []byte(rand.Text()), m.limits.Lifetime+clockSkew); err != nil {
		return fmt.Errorf("end sessions: %w", err)
	}
	return nil
}

// groupMarks returns the marks of groups now.
func (m *Manager) groupMarks(ctx context.Context, groups []string) (marks []groupMark, err error) {
	for _, group := range groups {
		name := hash(group)
		mark, err := m.groupMark(ctx, name)
		if err != nil {
			return nil, err
		}
		marks = append(marks, groupMark{name, mark})
	}
	return marks, nil
}

// groupEnded reports whether one of the groups of s has ended since the login.
func (m *Manager) groupEnded(ctx context.Context, s Session) (bool, error) {
	for _, g := range s.groups {
		mark, err := m.groupMark(ctx, g.group)
		if err != nil || mark != "" && mark != g.mark {
			return true, err
		}
	}
	return false, nil
}

// groupMark returns a group's mark, or "" when there is none.
func (m *Manager) groupMark(ctx context.Context, name string) (string, error) {
	mark, err := m.store.Get(ctx, groupKey(name))
	if err != nil && !errors.Is(err, kv.ErrNotFound) {
		return "", err
	}
	return string(mark), nil
}

// First reports whether this is the first time within window that something happens, on all
// replicas.
func (m *Manager) First(ctx context.Context, what string, window time.Duration) (bool, error) {
	n, _, err := m.store.Increment(ctx, onceKey(what), 1, window)
	if err != nil {
		return false, fmt.Errorf("count: %w", err)
	}
	return n == 1, nil
}

// ForgetFirst takes back that First has seen something.
func (m *Manager) ForgetFirst(ctx context.Context, what string) error {
	if err := m.store.Delete(ctx, onceKey(what)); err != nil {
		return fmt.Errorf("forget a count: %w", err)
	}
	return nil
}

// Kept returns the Kept of the Ties that s began with, or "".
func (m *Manager) Kept(ctx context.Context, s Session) (string, error) {
	sealed, err := m.store.Get(ctx, keptKey(s.ID))
	if errors.Is(err, kv.ErrNotFound) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("what a session keeps: %w", err)
	}
	text, _ := m.sealer.open(s.ID, string(sealed)) // "" where its key is gone
	return text, nil
}

// keep keeps text beside s. The session's own record is read at every call of the help center, so
// it has to stay small.
func (m *Manager) keep(ctx context.Context, s Session, text string) error {
	if text == "" {
		return nil
	}
	return m.store.Put(ctx, keptKey(s.ID), []byte(m.sealer.seal(s.ID, text)), s.Expires.Sub(s.Started))
}

// delete deletes a session and what it keeps.
func (m *Manager) delete(ctx context.Context, id string) error {
	return errors.Join(m.store.Delete(ctx, storeKey(id)), m.store.Delete(ctx, keptKey(id)))
}

// encodeGroups returns groups as text, in which none of their parts has a space.
func encodeGroups(groups []groupMark) string {
	var parts []string
	for _, g := range groups {
		parts = append(parts, g.group+" "+g.mark)
	}
	return strings.Join(parts, " ")
}

// decodeGroups is the inverse of encodeGroups.
func decodeGroups(text string) (groups []groupMark) {
	parts := strings.Split(text, " ")
	for i := 0; i+1 < len(parts); i += 2 {
		groups = append(groups, groupMark{parts[i], parts[i+1]})
	}
	return groups
}

func groupKey(name string) string { return "group/" + name }
func keptKey(id string) string    { return "kept/" + id }
func onceKey(what string) string  { return "once/" + hash(what) }
