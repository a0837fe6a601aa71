// Package issued remembers which tokens were issued to whom. The help center asks about a token
// without the fields that would be needed to compute it again (D7).
//
// It keeps each token's SHA-256, never the token. It does not know how tokens are made.
package issued

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"ocsso/internal/kv"
)

// Sessions knows which sessions are live. A session.Manager is one.
type Sessions interface {
	Live(ctx context.Context, id string) (bool, error)
}

// maxPerMember is how many tokens of one member are remembered. One more forgets the oldest.
const maxPerMember = 64

// A Registry is safe for concurrent use.
type Registry struct {
	store    kv.Store
	sessions Sessions
	lifetime time.Duration
}

// NewRegistry keeps tokens in store, each for lifetime, or until its session ends if that is
// sooner.
func NewRegistry(store kv.Store, sessions Sessions, lifetime time.Duration) *Registry {
	return &Registry{store, sessions, lifetime}
}

// Lifetime is how long a token is remembered at most.
func (r *Registry) Lifetime() time.Duration { return r.lifetime }

// Add remembers that token was issued to usercode in the session with this id. Call it before the
// token leaves the server.
func (r *Registry) Add(ctx context.Context, token, usercode, sessionID string) error {
	key := storeKey(token)
	if err := r.takePlace(ctx, sessionID, key); err != nil {
		return fmt.Errorf("remember issued token: %w", err)
	}
	record := recordVersion + sessionID + separator + usercode
	if err := r.store.Put(ctx, key, []byte(record), r.lifetime); err != nil {
		return fmt.Errorf("remember issued token: %w", err)
	}
	return nil
}

// takePlace puts key into a place for tokens of the session's member, and deletes the token that was
// there.
func (r *Registry) takePlace(ctx context.Context, sessionID, key string) error {
	owner := ownerOf(sessionID)
	for {
		n, _, err := r.store.Increment(ctx, owner, 1, r.lifetime)
		if err != nil {
			return err
		}
		place := placeOf(owner, n%maxPerMember)
		oldest, err := r.store.Get(ctx, place)
		switch {
		case err == nil && n <= maxPerMember:
			continue // the count has begun anew: this token is not the oldest
		case err == nil:
			token, _, _ := strings.Cut(string(oldest), separator)
			err = r.store.Delete(ctx, token)
		case errors.Is(err, kv.ErrNotFound):
			err = nil
		}
		if err != nil {
			return err
		}
		return r.store.Put(ctx, place, []byte(key+separator+sessionID), r.lifetime)
	}
}

// Check reports whether token was issued to exactly this usercode, and whether the member is still
// logged in. An error means that the store is unavailable.
func (r *Registry) Check(ctx context.Context, token, usercode string) (bool, error) {
	if token == "" || usercode == "" {
		return false, nil
	}
	record, err := r.store.Get(ctx, storeKey(token))
	if errors.Is(err, kv.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("check issued token: %w", err)
	}
	content, known := strings.CutPrefix(string(record), recordVersion)
	sessionID, issuedTo, whole := strings.Cut(content, separator)
	if !known || !whole || issuedTo != usercode {
		return false, nil
	}
	return r.sessions.Live(ctx, sessionID)
}

// Forget deletes the tokens of the session with this id.
func (r *Registry) Forget(ctx context.Context, sessionID string) error {
	owner := ownerOf(sessionID)
	for n := range maxPerMember {
		place := placeOf(owner, n)
		held, err := r.store.Get(ctx, place)
		if errors.Is(err, kv.ErrNotFound) {
			continue
		}
		if token, of, _ := strings.Cut(string(held), separator); err == nil && of == sessionID {
			err = errors.Join(r.store.Delete(ctx, token), r.store.Delete(ctx, place))
		}
		if err != nil {
			return fmt.Errorf("forget issued tokens: %w", err)
		}
	}
	return nil
}

// recordVersion starts every record; records with another version are ignored. Neither a session's
// id nor a key has a separator.
const (
	recordVersion = "2"
	separator     = " "
)

func storeKey(token string) string {
	sum := sha256.Sum256([]byte(token))
	return kv.Spare + "issued/" + base64.RawURLEncoding.EncodeToString(sum[:])
}

// ownerOf is what the places for the tokens of a session's member begin with. A session's id begins
// with its member, and ends with its place and its secret.
func ownerOf(sessionID string) string {
	parts := strings.Split(sessionID, "/")
	return kv.Spare + "tokens/" + strings.Join(parts[:max(len(parts)-2, 0)], "/")
}

func placeOf(owner string, n int) string { return fmt.Sprintf("%s/%d", owner, n) }
