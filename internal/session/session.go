// Package session knows who is logged in: it starts, finds and ends sessions, and reads and writes
// the one cookie that names them.
//
// A session is kept in the store. The cookie holds a random id and its signature. Tokens issued to
// a session belong to package issued.
package session

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"time"

	"golang.org/x/sync/singleflight"

	"ocsso/internal/kv"
	"ocsso/internal/member"
)

// ErrNone says that there is no live session: no cookie, a cookie that we did not sign or no longer
// accept, or a session that has ended. It means logged out and needs no log line.
var ErrNone = errors.New("no session")

// clockSkew is how far the clocks of replicas may differ.
const clockSkew = 5 * time.Minute

// touchFraction is the part of the idle time that may pass before a use of the session is stored.
// It saves a write on nearly every call, and ends an idle session at most that much early.
const touchFraction = 20

// maxPerMember is how many sessions one member has at a time, and as many without a cookie. One
// more ends the oldest.
const maxPerMember = 64

// A Session is one member logged in from one browser.
type Session struct {
	ID      string        // 130 random bits, printable; as secret as the cookie
	Member  member.Member // as at login, or as the last Recheck returned it
	Source  string        // what a Recheck asks with, encrypted in the store; "" for never
	Started time.Time     // to the millisecond, like Expires
	Expires time.Time     // the end, however much the session is used

	touched time.Time   // the last use that was stored
	checked time.Time   // the login, or the last Recheck
	groups  []groupMark // with the member's own group
}

// Ties are what a new session has to do with others.
type Ties struct {
	Source string   // the Session's Source
	Groups []string // any texts; the session ends with each of them, see EndGroup
	Kept   string   // what Kept returns while the session lasts; "" for nothing
}

// A Recheck asks whether a session's member may still be logged in. The zero Recheck never asks.
type Recheck struct {
	Every time.Duration // how long an answer counts; positive
	// Member returns the member as of now. ErrNone, and another usercode, end the session. After
	// any other error the session stays as it is, until the next time. It has to bound its own
	// time.
	Member func(ctx context.Context, s Session) (member.Member, error)
}

// Limits are how long a session lasts; both are positive.
type Limits struct {
	Lifetime time.Duration // from login
	Idle     time.Duration // from the last use, less a twentieth at most
}

// A Manager is safe for concurrent use.
type Manager struct {
	store   kv.Store
	cookie  cookie
	sealer  sealer
	limits  Limits
	recheck Recheck
	now     func() time.Time
	asking  singleflight.Group // by session id and Source
}

// NewManager keeps sessions in store. keys sign the cookies: the first one signs, and all are
// accepted. Each has 64 bytes, and there is at least one.
func NewManager(
	store kv.Store, keys [][]byte, limits Limits, recheck Recheck, now func() time.Time,
) (*Manager, error) {
	codecs, err := newCodecs(keys, limits.Lifetime)
	if err != nil {
		return nil, err
	}
	sealer, err := newSealer(keys)
	if err != nil {
		return nil, err
	}
	return &Manager{
		store: store, cookie: cookie{codecs}, sealer: sealer, limits: limits, recheck: recheck, now: now,
	}, nil
}

// Lifetime is the longest that a session lasts.
func (m *Manager) Lifetime() time.Duration { return m.limits.Lifetime }

// Start logs who in: it ends the session that r may have, starts one with a new id, and sets its
// cookie on w.
func (m *Manager) Start(w http.ResponseWriter, r *http.Request, who member.Member, ties Ties) error {
	s, err := m.newSession(r.Context(), who, ties.Groups, m.limits.Lifetime)
	if err != nil {
		return err
	}
	s.Source = ties.Source
	value, err := m.cookie.encode(s.ID)
	if err != nil {
		return fmt.Errorf("start session: %w", err)
	}
	if old, ok := m.cookie.id(r); ok {
		if err := m.delete(r.Context(), old); err != nil {
			return fmt.Errorf("start session: end the old one: %w", err)
		}
	}
	if err := m.keep(r.Context(), s, ties.Kept); err != nil {
		return fmt.Errorf("start session: %w", err)
	}
	if err := m.put(r.Context(), "browser", s, m.untilIdle(s)); err != nil {
		return err
	}
	m.cookie.set(w, value)
	return nil
}

// put stores a new session, and ends the member's oldest one of this kind when there are too many.
func (m *Manager) put(ctx context.Context, kind string, s Session, lifetime time.Duration) error {
	owner := kind + "/" + hash(s.Member.UserCode)
	err := kv.PutNewest(ctx, m.store, owner, maxPerMember, m.limits.Lifetime, storeKey(s.ID), m.encode(s), lifetime)
	if err != nil {
		return fmt.Errorf("start session: %w", err)
	}
	return nil
}

// StartWithoutCookie starts a session that no browser has, for a member who comes by a link that a
// backend has asked for. It lasts for lifetime, but no longer than other sessions.
func (m *Manager) StartWithoutCookie(
	ctx context.Context, who member.Member, lifetime time.Duration,
) (Session, error) {
	s, err := m.newSession(ctx, who, nil, min(lifetime, m.limits.Lifetime))
	if err != nil {
		return Session{}, err
	}
	return s, m.put(ctx, "link", s, s.Expires.Sub(s.Started))
}

func (m *Manager) newSession(
	ctx context.Context, who member.Member, groups []string, lifetime time.Duration,
) (Session, error) {
	// Read the time before the marks, so that a session with an old mark expires before the new
	// one.
	now := m.now()
	marks, err := m.groupMarks(ctx, append([]string{memberGroup(who.UserCode)}, groups...))
	if err != nil {
		return Session{}, fmt.Errorf("start session: %w", err)
	}
	return Session{
		ID: rand.Text(), Member: who, Started: now, Expires: now.Add(lifetime),
		touched: now, checked: now, groups: marks,
	}, nil
}

// Current returns the session that r's cookie names, or ErrNone. Any other error says that the
// store is unavailable. It counts as a use of the session, unless r is a HEAD, which has no effect
// (D19). It asks the store with ctx.
func (m *Manager) Current(ctx context.Context, r *http.Request) (Session, error) {
	id, ok := m.cookie.id(r)
	if !ok {
		return Session{}, ErrNone
	}
	if r.Method == http.MethodHead {
		return m.find(ctx, id)
	}
	return m.load(ctx, id)
}

// Refresh is the Recheck for s now, however long ago the last one was. It returns s as it is then,
// or ErrNone.
func (m *Manager) Refresh(ctx context.Context, s Session) (Session, error) {
	if m.recheck.Member == nil || s.Source == "" {
		return s, nil
	}
	return m.ask(ctx, s)
}

// RefreshFrom is Refresh with another Source, which s keeps if the member is the same. Where there
// is no answer, s stays as it is in the store, and the error says so: nobody knows whose source it
// is.
func (m *Manager) RefreshFrom(ctx context.Context, s Session, source string) (Session, error) {
	s.Source = source
	who, err := m.recheck.Member(ctx, s)
	if err != nil && !errors.Is(err, ErrNone) {
		return Session{}, fmt.Errorf("ask about a session: %w", err)
	}
	return m.settle(ctx, s, who, err)
}

// Live reports whether the session with this id is live. It counts as a use of the session.
func (m *Manager) Live(ctx context.Context, id string) (bool, error) {
	_, err := m.load(ctx, id)
	if errors.Is(err, ErrNone) {
		return false, nil
	}
	return err == nil, err
}

// End ends the session that r's cookie names, if there is one. It always deletes the cookie.
func (m *Manager) End(w http.ResponseWriter, r *http.Request) error {
	m.cookie.clear(w)
	id, ok := m.cookie.id(r)
	if !ok {
		return nil
	}
	err := errors.Join(m.store.Delete(kv.Durable(r.Context()), storeKey(id)), m.store.Delete(r.Context(), keptKey(id)))
	if err != nil {
		return fmt.Errorf("end session: %w", err)
	}
	return nil
}

// Count counts that something happened in s, and returns how often it has within the window. The
// window starts with the first time. A session has 64 counts at most, so that few of what is
// counted share one.
func (m *Manager) Count(
	ctx context.Context, s Session, what string, window time.Duration,
) (int, error) {
	n, _, err := m.store.Increment(ctx, countKey(s.ID, what), 1, window)
	if err != nil {
		return 0, fmt.Errorf("count: %w", err)
	}
	return n, nil
}

// Forget resets a count of s to zero.
func (m *Manager) Forget(ctx context.Context, s Session, what string) error {
	if err := m.store.Delete(ctx, countKey(s.ID, what)); err != nil {
		return fmt.Errorf("forget a count: %w", err)
	}
	return nil
}

// load finds a session and counts that as a use of it.
func (m *Manager) load(ctx context.Context, id string) (Session, error) {
	s, err := m.find(ctx, id)
	if err != nil {
		return Session{}, err
	}
	now := m.now()
	if m.recheck.Member != nil && s.Source != "" && now.Sub(s.checked) >= m.recheck.Every {
		return m.ask(ctx, s)
	}
	if now.Sub(s.touched) < m.limits.Idle/touchFraction {
		return s, nil
	}
	return m.use(ctx, s)
}

// find returns the live session with this id, or ErrNone.
func (m *Manager) find(ctx context.Context, id string) (Session, error) {
	record, err := m.store.Get(ctx, storeKey(id))
	if errors.Is(err, kv.ErrNotFound) {
		return Session{}, ErrNone
	}
	if err != nil {
		return Session{}, fmt.Errorf("load session: %w", err)
	}
	s, ok := m.decode(id, record)
	now := m.now()
	// The configured lifetime may be shorter than at login.
	if !ok || !now.Before(s.Expires) || now.Sub(s.Started) >= m.limits.Lifetime {
		return Session{}, ErrNone
	}
	if ended, err := m.groupEnded(ctx, s); err != nil {
		return Session{}, fmt.Errorf("load session: %w", err)
	} else if ended {
		return Session{}, ErrNone
	}
	return s, nil
}

// use stores that s is used now. Where the store can be read and not written, s stays as it was
// stored, so that members who are logged in can go on.
func (m *Manager) use(ctx context.Context, s Session) (Session, error) {
	s.touched = m.now()
	// Replace, not Put, so that a logout at this moment stays one.
	live, err := m.store.Replace(ctx, storeKey(s.ID), m.encode(s), m.untilIdle(s))
	if err == nil && !live {
		return Session{}, ErrNone
	}
	return s, nil
}

// ask rechecks s. All callers at a time share one question, which goes on when they leave. For a
// caller who can't wait for the answer, the last one counts.
func (m *Manager) ask(ctx context.Context, s Session) (Session, error) {
	answer := m.asking.DoChan(s.ID+s.Source, func() (any, error) {
		return m.answer(context.WithoutCancel(ctx), s)
	})
	select {
	case a := <-answer:
		if a.Err != nil {
			return Session{}, a.Err
		}
		return a.Val.(Session), nil
	case <-ctx.Done():
		return s, nil
	}
}

// answer asks about s once, and stores the answer.
func (m *Manager) answer(ctx context.Context, s Session) (Session, error) {
	who, err := m.recheck.Member(ctx, s)
	return m.settle(ctx, s, who, err)
}

// settle stores what a Recheck of s has returned.
func (m *Manager) settle(ctx context.Context, s Session, who member.Member, err error) (Session, error) {
	if errors.Is(err, ErrNone) || err == nil && who.UserCode != s.Member.UserCode {
		if err := m.delete(ctx, s.ID); err != nil {
			return Session{}, fmt.Errorf("end session: %w", err)
		}
		return Session{}, ErrNone
	}
	if err == nil {
		s.Member = who
	}
	s.checked = m.now()
	return m.use(ctx, s)
}

// untilIdle is how long the store has to keep s when it is not used again.
func (m *Manager) untilIdle(s Session) time.Duration {
	return min(m.limits.Idle, s.Expires.Sub(s.touched))
}
