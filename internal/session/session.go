// Package session knows who is logged in: it starts, finds and ends sessions, and reads and writes the one cookie that
// names them.
//
// What a session holds stays in the store; the cookie has a random id, which a hash of the usercode is part of, and its signature. Tokens issued to a
// session are package issued's.
package session

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/gorilla/securecookie"

	"ocsso/internal/kv"
	"ocsso/internal/member"
)

// ErrNone says that there is no live session: no cookie, one that we did not sign or no longer accept, or one whose session
// is over. It means logged out and is nothing to report.
var ErrNone = errors.New("no session")

// touchFraction is the part of the idle time that may pass before a use of the session is written down: it saves the store a
// write on nearly every call, and ends an idle session at most that much early.
const touchFraction = 20

// A Session is one member logged in from one browser.
type Session struct {
	ID      string        // random, 130 bits, and a hash of the usercode; printable; as secret as the cookie
	Member  member.Member // as it was at login
	Started time.Time     // to the millisecond, like the other two
	Expires time.Time     // the end, however busy the member is

	touched time.Time // the last use that was written down
}

// Limits are how long a session lasts; both are positive.
type Limits struct {
	Lifetime time.Duration // from login
	Idle     time.Duration // from the last use, to within a twentieth
}

// A Manager is safe for concurrent use.
type Manager struct {
	store  kv.Store
	cookie cookie
	notes  []securecookie.Codec
	limits Limits
	now    func() time.Time
}

// NewManager keeps sessions in store. keys sign the cookie, the newest first; every listed one is accepted.
// Each has 64 bytes, and there is at least one.
func NewManager(store kv.Store, keys [][]byte, limits Limits, now func() time.Time) (*Manager, error) {
	codecs, err := newCodecs(keys, limits.Lifetime)
	if err != nil {
		return nil, err
	}
	notes, err := newCodecs(keys, NoteLifetime)
	if err != nil {
		return nil, err
	}
	return &Manager{store: store, cookie: newCookie(codecs), notes: notes, limits: limits, now: now}, nil
}

// Start logs who in: it ends the session that r may have, starts one with a new id, and sets its cookie on w.
func (m *Manager) Start(w http.ResponseWriter, r *http.Request, who member.Member) error {
	s := m.newSession(who, m.limits.Lifetime)
	value, err := m.cookie.encode(s.ID)
	if err != nil {
		return fmt.Errorf("start session: %w", err)
	}
	if old, ok := m.cookie.id(r); ok {
		if err := m.store.Delete(r.Context(), storeKey(old)); err != nil {
			return fmt.Errorf("start session: end the old one: %w", err)
		}
	}
	if err := m.store.Put(r.Context(), storeKey(s.ID), s.encode(), m.untilIdle(s)); err != nil {
		return fmt.Errorf("start session: %w", err)
	}
	m.cookie.set(w, value)
	return nil
}

// StartWithout starts a session that no browser has, for a member who comes by a link made on the member's behalf. It
// lasts for lifetime, or for as long as any other session where that is shorter.
func (m *Manager) StartWithout(ctx context.Context, who member.Member, lifetime time.Duration) (Session, error) {
	s := m.newSession(who, min(lifetime, m.limits.Lifetime))
	if err := m.store.Put(ctx, storeKey(s.ID), s.encode(), s.Expires.Sub(s.Started)); err != nil {
		return Session{}, fmt.Errorf("start session: %w", err)
	}
	return s, nil
}

func (m *Manager) newSession(who member.Member, lifetime time.Duration) Session {
	now := m.now()
	return Session{ID: newID(who.UserCode), Member: who, Started: now, Expires: now.Add(lifetime), touched: now}
}

// Current returns the session that r's cookie names, or ErrNone; any other error means that the store is out of order.
// It counts as a use of the session. The store is asked within ctx, which may be shorter than r's.
func (m *Manager) Current(ctx context.Context, r *http.Request) (Session, error) {
	id, ok := m.cookie.id(r)
	if !ok {
		return Session{}, ErrNone
	}
	return m.load(ctx, id)
}

// Live reports whether the session with this id goes on. It counts as a use of it.
func (m *Manager) Live(ctx context.Context, id string) (bool, error) {
	_, err := m.load(ctx, id)
	if errors.Is(err, ErrNone) {
		return false, nil
	}
	return err == nil, err
}

// End ends the session that r's cookie names, if there is one, and takes the cookie back in any case.
func (m *Manager) End(w http.ResponseWriter, r *http.Request) error {
	m.cookie.clear(w)
	id, ok := m.cookie.id(r)
	if !ok {
		return nil
	}
	if err := m.store.Delete(r.Context(), storeKey(id)); err != nil {
		return fmt.Errorf("end session: %w", err)
	}
	return nil
}

// EndAll ends every session of the member with this usercode, wherever it began.
func (m *Manager) EndAll(ctx context.Context, usercode string) error {
	// A mark, not a list: sessions that began up to it are over, and none began longer ago than its lifetime.
	if err := m.store.Put(ctx, endedKey(hash(usercode)), history(nil).add(m.now()), m.limits.Lifetime); err != nil {
		return fmt.Errorf("end all sessions: %w", err)
	}
	return nil
}

// maxCounted bounds the record of a Count that goes on and on.
const maxCounted = 16

// Count records that what happened once more in s, and returns how often it has within the window that ends now, 16 at the
// most. Two at the very same time may count as one.
func (m *Manager) Count(ctx context.Context, s Session, what string, window time.Duration) (int, error) {
	key := countKey(s.ID, what)
	record, err := m.store.Get(ctx, key)
	if err != nil && !errors.Is(err, kv.ErrNotFound) {
		return 0, fmt.Errorf("count: %w", err)
	}
	now := m.now()
	times := history(record).after(now.Add(-window)).add(now).last(maxCounted)
	if err := m.store.Put(ctx, key, times, window); err != nil {
		return 0, fmt.Errorf("count: %w", err)
	}
	return times.len(), nil
}

// Forget drops what Count has recorded of what in s.
func (m *Manager) Forget(ctx context.Context, s Session, what string) error {
	if err := m.store.Delete(ctx, countKey(s.ID, what)); err != nil {
		return fmt.Errorf("forget a count: %w", err)
	}
	return nil
}

func (m *Manager) load(ctx context.Context, id string) (Session, error) {
	record, ended, err := m.store.GetTwo(ctx, storeKey(id), endedKey(memberOf(id)))
	if err != nil {
		return Session{}, fmt.Errorf("load session: %w", err)
	}
	s, ok := decode(id, record)
	now := m.now()
	// The lifetime may have been shortened since the login, and the cookie's with it.
	if !ok || !now.Before(s.Expires) || now.Sub(s.Started) >= m.limits.Lifetime {
		return Session{}, ErrNone
	}
	if history(ended).after(s.Started.Add(-1)) != nil { // EndAll came after it began
		return Session{}, ErrNone
	}
	if now.Sub(s.touched) < m.limits.Idle/touchFraction {
		return s, nil
	}
	s.touched = now
	// Replace, not Put: a logout at this moment stays one.
	live, err := m.store.Replace(ctx, storeKey(id), s.encode(), m.untilIdle(s))
	if err != nil {
		return Session{}, fmt.Errorf("load session: %w", err)
	}
	if !live {
		return Session{}, ErrNone
	}
	return s, nil
}

// untilIdle is how long the store has to keep s if it isn't used again.
func (m *Manager) untilIdle(s Session) time.Duration {
	return min(m.limits.Idle, s.Expires.Sub(s.touched))
}
