package session

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"time"

	"ocsso/internal/kv"
)

const (
	// PendingLifetime is how long a login may continue elsewhere before it has to come back.
	PendingLifetime = 10 * time.Minute
	// maxPending is how many logins one browser may start within PendingLifetime.
	maxPending = 50
	// maxPendingOfNetwork is the same for all browsers of a network, where a client that keeps no
	// cookies has a new browser each time. A whole office may be behind one address.
	maxPendingOfNetwork = 1000
)

// ErrTooManyPending says that this browser or its network has started too many logins.
var ErrTooManyPending = errors.New("too many pending logins")

// ErrNoPendingCookie is an ErrNone: the browser has not kept the cookie of KeepPending.
var ErrNoPendingCookie = fmt.Errorf("%w: the browser sent no cookie", ErrNone)

// pendingCookieName names the cookie with a browser's random id. The pending logins are in the
// store, so that the cookie stays small however many there are. It outlives them, so that a late
// callback is not taken for one of a browser that keeps no cookies.
const pendingCookieName = CookieName + "-login"

// KeepPending keeps text under name, any text, for r's browser alone, which is in this network. A
// login that continues elsewhere finds it when it comes back. The error is ErrTooManyPending or the
// store's.
func (m *Manager) KeepPending(
	w http.ResponseWriter, r *http.Request, network netip.Prefix, name string, text []byte,
) error {
	browser := browserOf(r)
	if browser == "" {
		browser = rand.Text()
	}
	for _, started := range []struct {
		by   string
		most int
	}{
		{browser, maxPending}, // first, so that one browser alone can't use up its network's
		{"network/" + network.String(), maxPendingOfNetwork},
	} {
		n, _, err := m.store.Increment(r.Context(), "logins/"+hash(started.by), 1, PendingLifetime)
		if err != nil {
			return fmt.Errorf("keep a pending login: %w", err)
		}
		if n > started.most {
			return ErrTooManyPending
		}
	}
	if err := m.store.Put(r.Context(), pendingKey(browser, name), text, PendingLifetime); err != nil {
		return fmt.Errorf("keep a pending login: %w", err)
	}
	http.SetCookie(w, &http.Cookie{
		Name: pendingCookieName, Value: browser, Path: "/", Secure: true, HttpOnly: true,
		SameSite: http.SameSiteLaxMode, // the browser comes back by a navigation, which sends it
	})
	return nil
}

// TakePending returns what r's browser keeps under name, and whether it is taken for the first
// time. It returns ErrNone when there is nothing, or no longer: ErrNoPendingCookie when the browser
// sent no cookie.
func (m *Manager) TakePending(
	ctx context.Context, r *http.Request, name string,
) (text []byte, first bool, err error) {
	browser := browserOf(r)
	if browser == "" {
		return nil, false, ErrNoPendingCookie
	}
	text, err = m.store.Get(ctx, pendingKey(browser, name))
	if errors.Is(err, kv.ErrNotFound) {
		return nil, false, ErrNone
	}
	if err != nil {
		return nil, false, fmt.Errorf("take a pending login: %w", err)
	}
	n, _, err := m.store.Increment(ctx, "taken/"+hash(browser+"/"+name), 1, PendingLifetime)
	if err != nil {
		return nil, false, fmt.Errorf("take a pending login: %w", err)
	}
	return text, n == 1, nil
}

func browserOf(r *http.Request) string {
	sent, err := r.Cookie(pendingCookieName)
	if err != nil {
		return ""
	}
	return sent.Value
}

func pendingKey(browser, name string) string { return "pending/" + hash(browser+"/"+name) }
