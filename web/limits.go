package web

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"ocsso/internal/audit"
)

// Limits are how many attempts to log in there may be. Those that succeed don't count.
type Limits struct {
	Counter    Counter
	PerAddress Limit // from one client address; in IPv6 its wider networks have more
	PerMember  Limit // for one usercode from one network, and ten times as many from everywhere
}

// A Limit is how many attempts there may be within a window. The next window starts with the first
// attempt after it.
type Limit struct {
	Count  int
	Window time.Duration
}

// A Counter counts in a place that all replicas share. A kv.Store is one.
type Counter interface {
	// Increment adds by to the count of key and returns the count, and how long it still lasts. The
	// count starts at zero and ends after window.
	Increment(
		ctx context.Context, key string, by int, window time.Duration,
	) (n int, left time.Duration, err error)
}

// A tooManyError is an attempt over a limit.
type tooManyError struct {
	left time.Duration // until the next attempt
	by   string        // "address_limit" or "member_limit"
}

func (e *tooManyError) Error() string { return "too many login attempts" }

// A bucket counts attempts that belong together.
type bucket struct {
	name  string // no usercode makes it that of another bucket
	limit Limit
}

// ofAddress are the buckets of r's client. In IPv6 a client may have many networks of 64 bits, so
// the wider ones are counted, too, with a limit for all the clients that may share them.
func (l Limits) ofAddress(r *http.Request) []bucket {
	var buckets []bucket
	limit := l.PerAddress
	for _, network := range networksOf(clientOf(r)) {
		buckets = append(buckets, bucket{"address/" + network.String(), limit})
		limit.Count *= 4
	}
	return buckets
}

// ofMember are the buckets of a usercode, however it is spelled. Others can't use up the attempts
// from a member's own network, unless they come from very many.
func (l Limits) ofMember(r *http.Request, usercode string) []bucket {
	name, everywhere := audit.Folded(usercode), l.PerMember
	everywhere.Count *= 10
	return []bucket{
		{"network/" + clientNetwork(r).String() + "/" + name, l.PerMember},
		{"member/" + name, everywhere},
	}
}

// countAttempt is for a request that asks about what the client has sent: a password, or a cookie, a
// code or a token of somebody else's. It counts in all buckets, or is refused with a tooManyError, so
// that nobody guesses. Call takeBack when the answer was yes. usercode is "" when it is not known.
func (s *server) countAttempt(w http.ResponseWriter, r *http.Request, usercode string, buckets []bucket) error {
	err := s.limits.count(r, buckets)
	if tooMany := (*tooManyError)(nil); errors.As(err, &tooMany) {
		s.countLogin(w, r, "held_back", usercode, err)
	} else if err != nil {
		s.countLogin(w, r, "out_of_order", usercode, err)
	}
	return err
}

// count counts an attempt in all buckets, or refuses it with a tooManyError. It stops at the first
// that is full: a sender who is over his own limit uses up nobody else's attempts.
func (l Limits) count(r *http.Request, buckets []bucket) error {
	for _, b := range buckets {
		n, left, err := l.increment(r.Context(), b, 1)
		if err != nil {
			return err
		}
		if n > b.limit.Count {
			by := "member_limit"
			if strings.HasPrefix(b.name, "address/") {
				by = "address_limit"
			}
			return &tooManyError{left, by}
		}
	}
	return nil
}

// takeBack is for an attempt that was counted and does not count. It outlives the client: whoever
// reloads a page quickly has guessed nothing.
func (l Limits) takeBack(r *http.Request, buckets []bucket) error {
	ctx := context.WithoutCancel(r.Context())
	for _, b := range buckets {
		if _, _, err := l.increment(ctx, b, -1); err != nil {
			return err
		}
	}
	return nil
}

// increment adds by to the count of a bucket. It returns the count, and how long it still lasts.
func (l Limits) increment(ctx context.Context, b bucket, by int) (n int, left time.Duration, err error) {
	sum := sha256.Sum256([]byte(b.name)) // a usercode is personal, and may be any text
	key := "login/" + base64.RawURLEncoding.EncodeToString(sum[:])
	n, left, err = l.Counter.Increment(ctx, key, by, b.limit.Window)
	if err != nil {
		err = unavailable(fmt.Errorf("count login attempts: %w", err))
	}
	return n, left, err
}
