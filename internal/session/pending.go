package session

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// PendingLifetime is how long a login may continue elsewhere before it has to come back.
const PendingLifetime = 30 * time.Minute

const (
	// maxPending is how many logins of one browser are pending at most: the last ones begun, as far
	// as they fit into maxPendingBytes.
	maxPending      = 3
	maxPendingBytes = 800 // sealed, 1.5 KB
	// pendingCookieLifetime is longer than PendingLifetime, so that a late callback is not taken for
	// one of another browser, and still leads to its ReturnURL.
	pendingCookieLifetime = time.Hour
)

func (m *Manager) pendingCookie() string { return m.cookie + "-login" }

// maxPendingURL is the longest Path and ReturnURL of a Pending together, in bytes, so that the
// logins of two tabs fit into the cookie.
const maxPendingURL = 320

// A Pending is a login that continues elsewhere and has to come back to this browser within
// PendingLifetime. It is in the browser's cookie alone: nothing is stored for a stranger who only
// begins.
type Pending struct {
	Seed      string    // 130 random bits; what the login sends elsewhere is derived from it
	Begun     time.Time // to the millisecond
	Path      string    // the login page where it began
	ReturnURL string    // without its query where it is too long for the cookie
}

// NewPending begins a login, and sets the cookie with the pending ones of r's browser on w. Neither
// path nor returnURL has a space.
func (m *Manager) NewPending(w http.ResponseWriter, r *http.Request, path, returnURL string) Pending {
	for returnURL != "" && len(path)+len(returnURL) > maxPendingURL { // its query goes, or all of it
		returnURL = returnURL[:max(strings.IndexAny(returnURL, "?#"), 0)]
	}
	others, _ := m.Pending(r)
	begun := Pending{Seed: rand.Text(), Begun: time.UnixMilli(m.now().UnixMilli()), Path: path, ReturnURL: returnURL}
	var lines strings.Builder
	for _, p := range append([]Pending{begun}, others[:min(len(others), maxPending-1)]...) {
		line := fmt.Sprintf("%s %d %s %s\n", p.Seed, p.Begun.UnixMilli(), p.Path, p.ReturnURL)
		if lines.Len()+len(line) > maxPendingBytes {
			break
		}
		lines.WriteString(line)
	}
	http.SetCookie(w, &http.Cookie{
		Name: m.pendingCookie(), Value: m.sealCookie(m.pendingCookie(), lines.String()),
		Path: "/", MaxAge: int(pendingCookieLifetime.Seconds()), Secure: true, HttpOnly: true,
		SameSite: http.SameSiteLaxMode, // the browser comes back by a navigation, which sends it
	})
	return begun
}

// Pending returns the pending logins of r's browser, the last one begun first, and whether it has
// sent the cookie.
func (m *Manager) Pending(r *http.Request) (pending []Pending, sent bool) {
	lines, sent := m.openCookie(r, m.pendingCookie())
	for line := range strings.Lines(lines) {
		fields := strings.Split(strings.TrimSuffix(line, "\n"), " ")
		if len(fields) != 4 {
			continue
		}
		begun, err := strconv.ParseInt(fields[1], 10, 64)
		if err == nil {
			pending = append(pending, Pending{fields[0], time.UnixMilli(begun), fields[2], fields[3]})
		}
	}
	return pending, sent
}
