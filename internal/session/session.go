// Package session knows who is logged in: it starts, finds and ends sessions, and reads and writes
// the one cookie that names them.
//
// A session is one sealed record in the store, in a place of its member (index.go), and what
// belongs to it is in its record: the tokens that were issued to it, too (issued.go). The cookie
// holds its id, sealed.
package session

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/gorilla/securecookie"
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

// recheckWait is how long Current and Issued wait for a Recheck: the help center shows its page to
// the member after the answer. Later the last one counts.
const recheckWait = time.Second

// ErrEnded says that a login was ended before its session began.
var ErrEnded = errors.New("the login has been ended")

// A Session is one member logged in from one browser.
type Session struct {
	ID      string        // its place and 130 random bits, printable; as secret as the cookie
	Member  member.Member // as at login, or as the last Recheck returned it
	Started time.Time     // to the millisecond, like Expires
	Expires time.Time     // the end, however much the session is used

	Source string // what a Recheck asks with; "" for never
	Kept   string // of the Ties that it began with

	touched time.Time // the last use that was stored
	checked time.Time // the login, or the last Recheck
	groups  string    // hashes with spaces between them
	tokens  string    // likewise, the oldest first
	rounds  string    // see Round
	stored  []byte    // the record as it was read or written
}

// Ties are what a new session has to do with others.
type Ties struct {
	Source string    // what a Recheck asks with; "" for never
	Kept   string    // for whoever ends the session; "" for nothing
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

// Limits are how long things last; all are positive.
type Limits struct {
	Lifetime time.Duration // of a session from login
	Idle     time.Duration // of a session from the last use, less a twentieth at most
	Token    time.Duration // of what is known of a token, or until its session ends if that is sooner
}

// A Manager is safe for concurrent use.
type Manager struct {
	store   kv.Store
	cookie  string
	codecs  []securecookie.Codec // of cookies
	records []cipher.AEAD
	limits  Limits
	recheck Recheck
	now     func() time.Time
	asking  singleflight.Group // by session id and source
}

// keyLength is the bytes of a session key.
const keyLength = 64

// NewManager keeps sessions in store. cookie is a CookieName. keys seal cookies and records: the
// first one seals, and all open. Each has 64 bytes, and there is at least one.
func NewManager(
	store kv.Store, cookie string, keys [][]byte, limits Limits, recheck Recheck, now func() time.Time,
) (*Manager, error) {
	m := &Manager{store: store, cookie: cookie, limits: limits, recheck: recheck, now: now}
	if len(keys) == 0 {
		return nil, errors.New("session keys: none given")
	}
	for i, key := range keys {
		if len(key) != keyLength {
			return nil, fmt.Errorf("session key %d: %d bytes, want %d", i+1, len(key), keyLength)
		}
		forCookies, err := hkdf.Key(sha256.New, key, nil, "ocsso cookie", 32) // for AES-256
		forRecords, err2 := hkdf.Key(sha256.New, key, nil, "ocsso session", 32)
		block, err3 := aes.NewCipher(forRecords)
		if err := errors.Join(err, err2, err3); err != nil {
			return nil, fmt.Errorf("session key %d: %w", i+1, err)
		}
		record, err := cipher.NewGCMWithRandomNonce(block)
		if err != nil {
			return nil, fmt.Errorf("session key %d: %w", i+1, err)
		}
		codec := securecookie.New(key, forCookies)
		codec.SetSerializer(securecookie.NopEncoder{})
		codec.MaxAge(int(limits.Lifetime.Seconds()))
		codec.MaxLength(0) // net/http bounds all headers
		m.codecs, m.records = append(m.codecs, codec), append(m.records, record)
	}
	return m, nil
}

// Start logs who in: it ends the session that r may have, starts one with a new id, and sets its
// cookie on w. The error is ErrEnded or the store's.
func (m *Manager) Start(w http.ResponseWriter, r *http.Request, who member.Member, ties Ties) error {
	if err := m.endOf(r); err != nil {
		return fmt.Errorf("start session: end the old one: %w", err)
	}
	s, err := m.create(r.Context(), withCookie, who, m.limits.Lifetime, ties)
	if err != nil {
		return err
	}
	m.writeCookie(w, m.sealCookie(m.cookie, s.ID), 0)
	return nil
}

// StartWithoutCookie starts a session that no browser has, for a member who comes by a link that a
// backend has asked for. It lasts as long as what is known of the link's token.
func (m *Manager) StartWithoutCookie(ctx context.Context, who member.Member) (Session, error) {
	return m.create(ctx, withoutCookie, who, min(m.limits.Token, m.limits.Lifetime), Ties{})
}

// create stores a new session.
func (m *Manager) create(
	ctx context.Context, kind string, who member.Member, lifetime time.Duration, ties Ties,
) (Session, error) {
	now := m.now()
	s := Session{
		Member: who, Source: ties.Source, Kept: ties.Kept,
		Started: now, Expires: now.Add(lifetime), touched: now, checked: now,
	}
	for _, group := range ties.Groups {
		s.groups += hash(group) + " "
	}
	s, err := m.enter(ctx, kind, s)
	if err == nil {
		err = m.join(ctx, s, ties.Begun)
	}
	return s, wrapped("start session", err)
}

// Current returns the session that r's cookie names, or ErrNone. Any other error says that the
// store is unavailable, or that r's client went away. It counts as a use of the session, unless r
// is a HEAD, which has no effect (D19).
func (m *Manager) Current(r *http.Request) (Session, error) {
	id, ok := m.id(r)
	if !ok {
		return Session{}, ErrNone
	}
	return m.load(r.Context(), id, r.Method != http.MethodHead)
}

// Refresh is the Recheck for s now, however long ago the last one was. It returns s as it is then,
// or ErrNone. source is what s has, or another one, which s keeps if the member is the same. Where
// there is no answer for another one, s stays as it is in the store, and the error says so: nobody
// knows whose source it is. All callers at a time share one question, which goes on when they
// leave. For a caller who can't wait for the answer about what s has, the last one counts.
func (m *Manager) Refresh(ctx context.Context, s Session, source string) (Session, error) {
	if m.recheck.Member == nil || source == "" {
		return s, nil
	}
	answer := m.asking.DoChan(s.ID+source, func() (any, error) {
		return m.answer(context.WithoutCancel(ctx), s, source)
	})
	select {
	case a := <-answer:
		return a.Val.(Session), a.Err
	case <-ctx.Done():
		if source != s.Source {
			return Session{}, ctx.Err()
		}
		return s, nil
	}
}

// End ends the session that r's cookie names, if there is one. It always deletes the cookie.
func (m *Manager) End(w http.ResponseWriter, r *http.Request) error {
	m.writeCookie(w, "", -1)
	return wrapped("end session", m.endOf(r))
}

// endOf deletes the session that r's cookie names, if there is one.
func (m *Manager) endOf(r *http.Request) error {
	id, ok := m.id(r)
	if !ok {
		return nil
	}
	_, err := m.deleteID(r.Context(), id)
	return ignoreNone(err)
}

// load returns the live session with this id, or ErrNone. With use, it counts that as a use of it.
func (m *Manager) load(ctx context.Context, id string, use bool) (Session, error) {
	s, err := m.readID(ctx, id)
	if err != nil {
		return Session{}, fmt.Errorf("load session: %w", err)
	}
	now := m.now()
	switch {
	// The configured lifetime may be shorter than at login.
	case !now.Before(s.Expires), now.Sub(s.Started) >= m.limits.Lifetime:
		return Session{}, ErrNone
	case !use:
	case m.recheck.Member != nil && s.Source != "" && isDue(now.Sub(s.checked), m.recheck.Every):
		ctx, cancel := context.WithTimeout(ctx, recheckWait)
		defer cancel()
		return m.Refresh(ctx, s, s.Source)
	case isDue(now.Sub(s.touched), m.limits.Idle/touchFraction):
		return m.use(ctx, s, func(*Session) {})
	}
	return s, nil
}

// isDue reports whether what happens every so often is due, since when it happened last: before
// now, or after it, where the clock has been set back.
func isDue(since, every time.Duration) bool { return since < 0 || since >= every }

// use stores a change of s, and that s is used now. Where the store can be read and not written, s
// stays as it was stored, so that members who are logged in can go on.
func (m *Manager) use(ctx context.Context, s Session, change func(*Session)) (Session, error) {
	used := func(s *Session) {
		s.touched = m.now()
		change(s)
	}
	changed, err := m.update(ctx, s, used)
	if err != nil && !errors.Is(err, ErrNone) {
		used(&s)
		return s, nil
	}
	return changed, err
}

// update stores a change of s and returns s with it, or ErrNone: a logout at this moment stays one.
// Where another call has changed s meanwhile, the change is made to that.
func (m *Manager) update(ctx context.Context, s Session, change func(*Session)) (Session, error) {
	place := path.Dir(s.ID)
	for {
		changed := s
		change(&changed)
		left := m.untilIdle(changed)
		for group := range strings.FieldsSeq(s.groups) { // first, so that none goes before the session
			if _, err := m.store.Replace(ctx, placeInGroup(group, place), []byte(s.ID), []byte(s.ID), left); err != nil {
				return Session{}, err
			}
		}
		changed.stored = m.encode(changed)
		if ok, err := m.store.Replace(ctx, place, s.stored, changed.stored, left); ok || err != nil {
			return changed, err
		}
		var err error
		if s, err = m.readID(ctx, s.ID); err != nil {
			return Session{}, err
		}
	}
}

// answer asks about s once, and stores the answer, unless the session has got a source meanwhile
// that s hasn't: the site may have ended the login of the older cookie when it gave the newer.
func (m *Manager) answer(ctx context.Context, s Session, source string) (Session, error) {
	older := s.Source
	who, err := m.recheck.Member(ctx, source)
	switch {
	case err == nil && source == older && who == s.Member && !isDue(m.now().Sub(s.checked), m.recheck.Every):
		return s, nil // saves a write at nearly every handoff
	case err != nil && source != older && !errors.Is(err, ErrNone):
		return Session{}, fmt.Errorf("ask about a session: %w", err)
	}
	now, readErr := m.readID(ctx, s.ID)
	switch {
	case errors.Is(readErr, ErrNone): // another session may have its place
		return Session{}, ErrNone
	case readErr == nil && now.Source != older:
		return now, nil
	case errors.Is(err, ErrNone), err == nil && who.UserCode != s.Member.UserCode:
		if err := m.delete(ctx, path.Dir(s.ID), s); err != nil {
			return Session{}, fmt.Errorf("end session: %w", err)
		}
		return Session{}, ErrNone
	}
	return m.use(ctx, s, func(s *Session) {
		if s.Source != older {
			return
		}
		s.Source, s.checked = source, m.now()
		if err == nil {
			s.Member = who
		}
	})
}

// untilIdle is how long the store has to keep s when it is not used again.
func (m *Manager) untilIdle(s Session) time.Duration {
	left := s.Expires.Sub(s.touched)
	if strings.HasPrefix(s.ID, withoutCookie+"/") { // nobody can use it but the help center
		return left
	}
	return min(m.limits.Idle, left)
}
