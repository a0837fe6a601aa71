// Package session knows who is logged in: it starts, finds and ends sessions, and reads and writes
// the one cookie that names them.
//
// A session is one record in the store, in a place of its member (index.go), and what belongs to it
// is in its record. The cookie holds its id, sealed. Tokens issued to a session belong to package
// issued.
package session

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"golang.org/x/sync/singleflight"

	"ocsso/internal/kv"
	"ocsso/internal/member"
)

// ErrNone says that there is no live session: no cookie, one that we did not seal or no longer
// accept, or a session that has ended. It means logged out and needs no log line.
var ErrNone = errors.New("no session")

// touchFraction is the part of the idle time that may pass before a use of the session is stored.
// It saves a write on nearly every call, and ends an idle session at most that much early.
const touchFraction = 20

// recheckWait is how long Current and Live wait for a Recheck: the help center shows its page to the
// member after the answer. Later the last one counts.
const recheckWait = time.Second

// ErrEnded says that a login was ended before its session began.
var ErrEnded = errors.New("the login has been ended")

// A Session is one member logged in from one browser.
type Session struct {
	ID      string        // its place and 130 random bits, printable; as secret as the cookie
	Member  member.Member // as at login, or as the last Recheck returned it
	Started time.Time     // to the millisecond, like Expires
	Expires time.Time     // the end, however much the session is used

	touched time.Time // the last use that was stored
	checked time.Time // the login, or the last Recheck
	source  string    // what a Recheck asks with, sealed; "" for never
	kept    string    // sealed
	groups  string    // hashes with spaces between them
	counts  string    // see counts.go
}

// Ties are what a new session has to do with others.
type Ties struct {
	Source string    // what a Recheck asks with; "" for never
	Kept   string    // what Kept returns; "" for nothing
	Groups []string  // any texts; the session ends with each of them, see EndGroup
	Begun  time.Time // when the login began; with Groups only
}

// A Recheck asks whether a session's member may still be logged in. The zero Recheck never asks.
type Recheck struct {
	Every time.Duration // how long an answer counts; positive
	// Member returns the member as of now. ErrNone, and another usercode, end the session. After
	// any other error the session stays as it is, until the next time. It has to bound its own
	// time.
	Member func(ctx context.Context, source string) (member.Member, error)
}

// Limits are how long a session lasts; both are positive.
type Limits struct {
	Lifetime time.Duration // from login
	Idle     time.Duration // from the last use, less a twentieth at most
}

// A Manager is safe for concurrent use.
type Manager struct {
	store   kv.Store
	cookie  string
	sealer  sealer
	limits  Limits
	recheck Recheck
	now     func() time.Time
	asking  singleflight.Group // by session id and source
}

// NewManager keeps sessions in store. cookie is a CookieName. keys seal the cookies: the first one
// seals, and all open. Each has 64 bytes, and there is at least one.
func NewManager(
	store kv.Store, cookie string, keys [][]byte, limits Limits, recheck Recheck, now func() time.Time,
) (*Manager, error) {
	sealer, err := newSealer(keys, limits.Lifetime)
	if err != nil {
		return nil, err
	}
	return &Manager{store: store, cookie: cookie, sealer: sealer, limits: limits, recheck: recheck, now: now}, nil
}

// Start logs who in: it ends the session that r may have, starts one with a new id, and sets its
// cookie on w. The error is ErrEnded or the store's.
func (m *Manager) Start(w http.ResponseWriter, r *http.Request, who member.Member, ties Ties) error {
	if old, ok := m.id(r); ok {
		if err := m.deleteID(r.Context(), old); err != nil {
			return fmt.Errorf("start session: end the old one: %w", err)
		}
	}
	s, err := m.create(r.Context(), withCookie, who, m.limits.Lifetime, ties)
	if err != nil {
		return err
	}
	m.writeCookie(w, m.sealer.seal(m.cookie, s.ID), 0)
	return nil
}

// StartWithoutCookie starts a session that no browser has, for a member who comes by a link that a
// backend has asked for. It lasts for lifetime, but no longer than other sessions.
func (m *Manager) StartWithoutCookie(
	ctx context.Context, who member.Member, lifetime time.Duration,
) (Session, error) {
	return m.create(ctx, withoutCookie, who, min(lifetime, m.limits.Lifetime), Ties{})
}

// create stores a new session.
func (m *Manager) create(
	ctx context.Context, kind string, who member.Member, lifetime time.Duration, ties Ties,
) (Session, error) {
	place, err := m.place(ctx, kind, who.UserCode)
	if err != nil {
		return Session{}, fmt.Errorf("start session: %w", err)
	}
	now := m.now()
	s := Session{
		ID: place + "/" + rand.Text(), Member: who,
		Started: now, Expires: now.Add(lifetime), touched: now, checked: now,
	}
	s.source, s.kept = m.sealer.seal(s.ID, ties.Source), m.sealer.seal(s.ID, ties.Kept)
	for _, group := range ties.Groups {
		s.groups += hash(group) + " "
	}
	if err := m.store.Put(ctx, place, s.encode(), m.untilIdle(s)); err != nil {
		return Session{}, fmt.Errorf("start session: %w", err)
	}
	if err := m.join(ctx, s, ties.Begun); err != nil {
		return Session{}, fmt.Errorf("start session: %w", err)
	}
	return s, nil
}

// Current returns the session that r's cookie names, or ErrNone. Any other error says that the
// store is unavailable, or that r's client went away. It counts as a use of the session, unless r
// is a HEAD, which has no effect (D19).
func (m *Manager) Current(r *http.Request) (Session, error) {
	id, ok := m.id(r)
	if !ok {
		return Session{}, ErrNone
	}
	if r.Method == http.MethodHead {
		return m.find(r.Context(), id)
	}
	return m.load(r.Context(), id)
}

// Refresh is the Recheck for s now, however long ago the last one was. It returns s as it is then,
// or ErrNone.
func (m *Manager) Refresh(ctx context.Context, s Session) (Session, error) {
	if m.recheck.Member == nil || s.source == "" {
		return s, nil
	}
	return m.ask(ctx, s)
}

// RefreshFrom is Refresh with another source, which s keeps if the member is the same. Where there
// is no answer, s stays as it is in the store, and the error says so: nobody knows whose source it
// is.
func (m *Manager) RefreshFrom(ctx context.Context, s Session, source string) (Session, error) {
	who, err := m.recheck.Member(ctx, source)
	if err != nil && !errors.Is(err, ErrNone) {
		return Session{}, fmt.Errorf("ask about a session: %w", err)
	}
	older := s.source
	s.source = m.sealer.seal(s.ID, source)
	return m.settle(ctx, s, older, who, err)
}

// Source returns the source that a Recheck of s asks with, or "".
func (m *Manager) Source(s Session) string { return m.open(s, s.source) }

// Kept returns the Kept of the Ties that s began with, or "".
func (m *Manager) Kept(s Session) string { return m.open(s, s.kept) }

// open returns what is sealed for s, or "" where its key is gone.
func (m *Manager) open(s Session, sealed string) string {
	text, _ := m.sealer.open(s.ID, sealed)
	return text
}

// Live reports whether the session with this id is live. It counts as a use of the session.
func (m *Manager) Live(ctx context.Context, id string) (bool, error) {
	_, err := m.load(ctx, id)
	return err == nil, ignoreNone(err)
}

// End ends the session that r's cookie names, if there is one. It always deletes the cookie.
func (m *Manager) End(w http.ResponseWriter, r *http.Request) error {
	m.writeCookie(w, "", -1)
	id, ok := m.id(r)
	if !ok {
		return nil
	}
	if err := m.deleteID(r.Context(), id); err != nil {
		return fmt.Errorf("end session: %w", err)
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
	if m.recheck.Member != nil && s.source != "" && now.Sub(s.checked) >= m.recheck.Every {
		ctx, cancel := context.WithTimeout(ctx, recheckWait)
		defer cancel()
		return m.ask(ctx, s)
	}
	if now.Sub(s.touched) < m.limits.Idle/touchFraction {
		return s, nil
	}
	return m.use(ctx, s)
}

// find returns the live session with this id, or ErrNone.
func (m *Manager) find(ctx context.Context, id string) (Session, error) {
	s, err := m.readID(ctx, id)
	if err != nil && !errors.Is(err, ErrNone) {
		return Session{}, fmt.Errorf("load session: %w", err)
	}
	now := m.now()
	// The configured lifetime may be shorter than at login.
	if err != nil || !now.Before(s.Expires) || now.Sub(s.Started) >= m.limits.Lifetime {
		return Session{}, ErrNone
	}
	return s, nil
}

// use stores that s is used now. Where the store can be read and not written, s stays as it was
// stored, so that members who are logged in can go on.
func (m *Manager) use(ctx context.Context, s Session) (Session, error) {
	s.touched = m.now()
	if live, err := m.replace(ctx, s); err == nil && !live {
		return Session{}, ErrNone
	}
	return s, nil
}

// replace stores s as it is now, and reports whether it was still there: a logout at this moment
// stays one. Another session may have taken its place, while a Recheck waited, say.
func (m *Manager) replace(ctx context.Context, s Session) (bool, error) {
	if _, err := m.readID(ctx, s.ID); err != nil {
		return false, ignoreNone(err)
	}
	place, _ := splitID(s.ID)
	for group := range strings.FieldsSeq(s.groups) { // first, so that none goes before the session
		if _, err := m.store.Replace(ctx, placeInGroup(group, place), []byte(s.ID), m.untilIdle(s)); err != nil {
			return false, err
		}
	}
	return m.store.Replace(ctx, place, s.encode(), m.untilIdle(s))
}

// ask rechecks s. All callers at a time share one question, which goes on when they leave. For a
// caller who can't wait for the answer, the last one counts.
func (m *Manager) ask(ctx context.Context, s Session) (Session, error) {
	answer := m.asking.DoChan(s.ID+s.source, func() (any, error) { return m.answer(context.WithoutCancel(ctx), s) })
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
	source := m.Source(s)
	if source == "" { // its key is gone
		return m.settle(ctx, s, s.source, member.Member{}, ErrNone)
	}
	who, err := m.recheck.Member(ctx, source)
	if err == nil && who == s.Member && m.now().Sub(s.checked) < m.recheck.Every {
		return s, nil // saves a write at nearly every handoff
	}
	return m.settle(ctx, s, s.source, who, err)
}

// settle stores what a Recheck of s has returned, unless another one has changed the source since s
// had this one: the site may have ended the login of the older cookie when it gave the newer.
func (m *Manager) settle(
	ctx context.Context, s Session, source string, who member.Member, err error,
) (Session, error) {
	if newer, err := m.readID(ctx, s.ID); err == nil && newer.source != source {
		return newer, nil
	}
	if errors.Is(err, ErrNone) || err == nil && who.UserCode != s.Member.UserCode {
		if err := m.delete(ctx, s); err != nil {
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
	left := s.Expires.Sub(s.touched)
	if strings.HasPrefix(s.ID, withoutCookie+"/") { // nobody can use it but the help center
		return left
	}
	return min(m.limits.Idle, left)
}
