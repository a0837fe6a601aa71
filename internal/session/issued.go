package session

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"ocsso/internal/kv"
)

// The help center asks about a token without the fields that would be needed to compute it again
// (D7). So the store has the session of each token, under the token's hash, and the session has the
// hashes of its last tokens, which end with it.
const maxTokens = 16

// Issue remembers that token was issued to s, and that its handoff was a round. It reports false
// when the same token has been issued before: sign again with a later time. Call it before the
// token leaves the server, because the help center may ask about it at once.
func (m *Manager) Issue(ctx context.Context, s Session, token string, round Round) (bool, error) {
	name := hash(token)
	first, err := m.store.Replace(ctx, tokenKey(name), nil, []byte(s.ID), m.limits.Token)
	if err != nil || !first {
		return false, wrapped("issue a token", err)
	}
	var forgotten []string
	_, err = m.update(ctx, s, func(s *Session) {
		s.touched = m.now()
		_, s.rounds = round.in(s.rounds, s.touched)
		tokens := append(strings.Fields(s.tokens), name)
		forgotten = tokens[:max(len(tokens)-maxTokens, 0)]
		s.tokens = strings.Join(tokens[len(forgotten):], " ")
	})
	if err != nil { // nothing would delete it with the session
		forgotten = append(forgotten, name)
	}
	for _, name := range forgotten {
		err = errors.Join(err, m.store.Delete(ctx, tokenKey(name)))
	}
	return err == nil, wrapped("issue a token", err)
}

// Issued reports whether token was issued to exactly this usercode, and whether the member is still
// logged in. It counts as a use of the session. An error means that the store is unavailable.
func (m *Manager) Issued(ctx context.Context, token, usercode string) (bool, error) {
	if token == "" || usercode == "" {
		return false, nil
	}
	id, err := m.get(ctx, tokenKey(hash(token)))
	if err != nil || id == nil {
		return false, wrapped("check an issued token", err)
	}
	s, err := m.load(ctx, string(id), true)
	return err == nil && s.Member.UserCode == usercode, ignoreNone(err)
}

// tokenKey has the id of the session that the token with this hash was issued to.
func tokenKey(name string) string { return kv.Spare + "token/" + name }

// A Round is a handoff to one page. The help center sends a member back whom it does not see. The
// zero Round counts nothing.
type Round struct {
	Page   string
	Window time.Duration // of all rounds to the page, which begins with the first one
	Anew   bool          // this is the first one
}

// maxRounds is how many pages have their rounds counted in a session, a line each.
const maxRounds = 4

// Rounds returns which round this one would be. Issue counts it.
func (m *Manager) Rounds(s Session, round Round) int {
	n, _ := round.in(s.rounds, m.now())
	return n
}

// Recount counts this round alone, for a handoff that has failed: nothing is sent back then.
func (m *Manager) Recount(ctx context.Context, s Session, round Round) error {
	_, err := m.update(ctx, s, func(s *Session) { _, s.rounds = round.in(s.rounds, m.now()) })
	return wrapped("count a round", err)
}

// in returns which round this is after those of lines, and the lines with it.
func (r Round) in(lines string, now time.Time) (n int, counted string) {
	if r.Page == "" {
		return 0, lines
	}
	name, began := hash(r.Page), now.UnixMilli() // of the first one
	var others []string
	for line := range strings.Lines(lines) {
		var page string
		var since int64
		var before int
		_, err := fmt.Sscan(line, &page, &since, &before)
		if page != name {
			others = append(others, line)
		} else if err == nil && !r.Anew && now.UnixMilli()-since < r.Window.Milliseconds() {
			began, n = since, before
		}
	}
	others = append(others[max(len(others)-maxRounds+1, 0):], fmt.Sprintln(name, began, n+1))
	return n + 1, strings.Join(others, "")
}

// wrapped says in an error what was being done.
func wrapped(doing string, err error) error {
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return nil
}
