package session

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"path"
	"strconv"
	"strings"
	"time"

	"ocsso/internal/kv"
)

// A member's sessions are in 64 places, and as many for sessions without a cookie: more a member
// can't have at a time, and whoever ends them all looks there. The place is the session's key in
// the store, so that no session is outside of them. A group of sessions has places in the same way:
// group/<hash>/<n> has the id of the session in place n of its member.
const places = 64

// The kinds of sessions.
const (
	withCookie    = "member"
	withoutCookie = "link"
)

func placeOf(kind, usercode string, n int) string {
	return kind + "/" + hash(usercode) + "/" + strconv.Itoa(n)
}

// enter stores a new session in a free place of its member, and gives it its ID.
func (m *Manager) enter(ctx context.Context, kind string, s Session) (Session, error) {
	place, before := placeOf(kind, s.Member.UserCode, mathrand.IntN(places)), []byte(nil) // most likely free
	for {
		s.ID = place + "/" + rand.Text()
		s.stored = m.encode(s)
		free, err := m.store.Replace(ctx, place, before, s.stored, m.untilIdle(s))
		if free || err != nil {
			return s, err
		}
		if place, before, err = m.place(ctx, kind, s.Member.UserCode); err != nil {
			return Session{}, err
		}
	}
}

// place returns a free place of the member, with the record there that no key of ours opens, or
// that of the oldest session, which is deleted.
func (m *Manager) place(ctx context.Context, kind, usercode string) (place string, before []byte, err error) {
	var oldest Session
	first := mathrand.IntN(places) // so that two logins at a time hardly ever choose the same
	for i := range places {
		place := placeOf(kind, usercode, (first+i)%places)
		s, err := m.read(ctx, place)
		if errors.Is(err, ErrNone) {
			return place, s.stored, nil
		}
		if err != nil {
			return "", nil, err
		}
		if oldest.ID == "" || s.Started.Before(oldest.Started) {
			oldest = s
		}
	}
	place = path.Dir(oldest.ID)
	return place, nil, m.delete(ctx, place, oldest)
}

// get returns the value of key, or nil for none.
func (m *Manager) get(ctx context.Context, key string) ([]byte, error) {
	value, err := m.store.Get(ctx, key)
	if errors.Is(err, kv.ErrNotFound) {
		return nil, nil
	}
	return value, err
}

// read returns the session in a place, live or not, or ErrNone, with what else is stored there.
func (m *Manager) read(ctx context.Context, place string) (Session, error) {
	record, err := m.get(ctx, place)
	if err != nil {
		return Session{}, err
	}
	if s, ok := m.decode(place, record); ok {
		return s, nil
	}
	return Session{stored: record}, ErrNone
}

// readID is read for the session with this id alone.
func (m *Manager) readID(ctx context.Context, id string) (Session, error) {
	s, err := m.read(ctx, path.Dir(id))
	if err == nil && s.ID != id {
		return Session{}, ErrNone // another one has taken its place
	}
	return s, err
}

// delete deletes a session, its tokens and its places in its groups.
func (m *Manager) delete(ctx context.Context, place string, s Session) error {
	err := m.store.Delete(ctx, place)
	for token := range strings.FieldsSeq(s.tokens) {
		err = errors.Join(err, m.store.Delete(ctx, tokenKey(token)))
	}
	for group := range strings.FieldsSeq(s.groups) {
		err = errors.Join(err, m.store.Delete(ctx, placeInGroup(group, place)))
	}
	return err
}

// deleteID deletes the session with this id, and returns it. The error is ErrNone or the store's.
func (m *Manager) deleteID(ctx context.Context, id string) (Session, error) {
	s, err := m.readID(ctx, id)
	if err == nil {
		err = m.delete(ctx, path.Dir(id), s)
	}
	return s, err
}

// ignoreNone returns nil for ErrNone, and other errors as they are.
func ignoreNone(err error) error {
	if errors.Is(err, ErrNone) {
		return nil
	}
	return err
}

// EndAll ends every session of the member with this usercode, on every replica.
func (m *Manager) EndAll(ctx context.Context, usercode string) error {
	for _, kind := range []string{withCookie, withoutCookie} {
		for n := range places {
			place := placeOf(kind, usercode, n)
			s, err := m.read(ctx, place)
			if s.stored != nil { // it may be sealed with a key that other replicas have
				err = m.delete(ctx, place, s)
			}
			if ignoreNone(err) != nil {
				return fmt.Errorf("end sessions: %w", err)
			}
		}
	}
	return nil
}

// EndGroup ends every session with this group among its Ties, on every replica, and every login to
// one that has begun and not yet ended. Later logins are not affected. It returns the usercode of
// each session.
func (m *Manager) EndGroup(ctx context.Context, group string) (usercodes []string, err error) {
	name := hash(group)
	now := strconv.AppendInt(nil, m.now().UnixMilli(), 10)
	// First, so that a login sees this end, or this end sees the login's session.
	if err := m.store.Put(ctx, endKey(name), now, PendingLifetime); err != nil {
		return nil, fmt.Errorf("end sessions: %w", err)
	}
	for n := range places {
		id, err := m.get(ctx, placeInGroup(name, strconv.Itoa(n)))
		if id != nil {
			var ended Session
			if ended, err = m.deleteID(ctx, string(id)); err == nil {
				usercodes = append(usercodes, ended.Member.UserCode)
			}
		}
		if ignoreNone(err) != nil {
			return nil, fmt.Errorf("end sessions: %w", err)
		}
	}
	return usercodes, nil
}

// join puts a session that has been stored into its groups. It returns ErrEnded, and deletes the
// session, when one of them has ended since the login has begun.
func (m *Manager) join(ctx context.Context, s Session, begun time.Time) error {
	for group := range strings.FieldsSeq(s.groups) {
		key := placeInGroup(group, path.Dir(s.ID))
		other, err := m.get(ctx, key)
		if other != nil { // the subject at a provider may have got another usercode
			_, err = m.deleteID(ctx, string(other))
		}
		if ignoreNone(err) == nil {
			err = m.store.Put(ctx, key, []byte(s.ID), m.untilIdle(s))
		}
		if err != nil {
			return err
		}
	}
	for group := range strings.FieldsSeq(s.groups) {
		text, err := m.get(ctx, endKey(group))
		if err != nil {
			return err
		}
		ended, broken := strconv.ParseInt(string(text), 10, 64)
		if text != nil && (broken != nil || begun.UnixMilli() <= ended) {
			return errors.Join(ErrEnded, m.delete(ctx, path.Dir(s.ID), s))
		}
	}
	return nil
}

// placeInGroup is the place in a group for the session in a place of its member, or with a number.
func placeInGroup(group, place string) string {
	return "group/" + group + "/" + path.Base(place)
}

// endKey has when a group has ended, for as long as a login that has begun before may go on.
func endKey(group string) string { return kv.Spare + "ended/" + group }

// First reports whether this is the first time within window that something happens, on all
// replicas. It outlives ctx, as ForgetFirst does, so that whoever hangs up leaves nothing behind.
func (m *Manager) First(ctx context.Context, what string, window time.Duration) (bool, error) {
	first, err := m.store.Replace(context.WithoutCancel(ctx), onceKey(what), nil, []byte("1"), window)
	return first, wrapped("remember what has happened", err)
}

// ForgetFirst takes back that First has seen something.
func (m *Manager) ForgetFirst(ctx context.Context, what string) error {
	return wrapped("forget what has happened", m.store.Delete(context.WithoutCancel(ctx), onceKey(what)))
}

func onceKey(what string) string { return kv.Spare + "once/" + hash(what) }

// hash makes a part of a key from text that may be long, personal or not ASCII: 132 bits of its
// SHA-256.
func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base64.RawURLEncoding.EncodeToString(sum[:])[:22]
}
