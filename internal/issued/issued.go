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
	Lifetime() time.Duration // the longest that a session lasts
}

// maxPerSession is how many tokens of one session are remembered. One more forgets the oldest.
const maxPerSession = 64

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
	record := recordVersion + sessionID + separator + usercode
	err := kv.PutNewest(ctx, r.store, "token/"+sessionID, maxPerSession, r.sessions.Lifetime(),
		storeKey(token), []byte(record), r.lifetime)
	if err != nil {
		return fmt.Errorf("remember issued token: %w", err)
	}
	return nil
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

// recordVersion starts every record; records with another version are ignored. A session's id has
// no separator.
const (
	recordVersion = "1"
	separator     = " "
)

func storeKey(token string) string {
	sum := sha256.Sum256([]byte(token))
	return "issued/" + base64.RawURLEncoding.EncodeToString(sum[:])
}
