package web_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ocsso/internal/member"
	"ocsso/internal/session"
)

// deviceOf logs a member in and returns the Cookie header of a browser that then logs out.
func (s *site) deviceOf(m member.Member, headers ...string) string {
	s.t.Helper()
	resp := s.post("/login", url.Values{"usercode": {m.UserCode}, "password": {password}}, headers...)
	wantStatus(s.t, resp, http.StatusSeeOther)
	for _, c := range resp.Cookies() {
		if c.Name == "__Host-ocsso-device" {
			return c.Name + "=" + c.Value
		}
	}
	s.t.Fatal("got no cookie of a known browser")
	return ""
}

// right is a login with the right password.
func right(s *site, usercode string, headers ...string) *http.Response {
	s.t.Helper()
	return s.post("/login", url.Values{"usercode": {usercode}, "password": {password}}, headers...)
}

// lockOut lets an attacker use up minji's three attempts.
func lockOut(s *site) {
	s.t.Helper()
	for range 3 {
		wantStatus(s.t, attempt(s, "minji"), http.StatusUnauthorized)
	}
	wantStatus(s.t, right(s, "minji"), http.StatusTooManyRequests)
}

func TestOthersAttemptsDontKeepAMemberOutOfTheirOwnBrowser(t *testing.T) {
	s := newSite(t, limited(1000, 3))
	device := s.deviceOf(minji)
	lockOut(s)
	wantStatus(t, attempt(s, "minji", "Cookie", device), http.StatusUnauthorized)
	for range 5 { // successes don't count
		wantStatus(t, right(s, "minji", "Cookie", device), http.StatusSeeOther)
	}
	// Nobody is found by this spelling, and it is not held back.
	wantStatus(t, right(s, "MINJI", "Cookie", device), http.StatusUnauthorized)
	wantStatus(t, right(s, "minji"), http.StatusTooManyRequests) // another browser
}

// TestAStolenCookieGuessesNoFasterThanAnybody: the thief may come from many addresses.
func TestAStolenCookieGuessesNoFasterThanAnybody(t *testing.T) {
	s := newSite(t, limited(1000, 3), withProxies("192.0.2.0/24"))
	device := s.deviceOf(minji)
	for i := range 3 {
		wantStatus(t, attempt(s, "minji", "Cookie", device, "X-Forwarded-For", fmt.Sprintf("203.0.113.%d", i)), http.StatusUnauthorized)
	}
	wantStatus(t, right(s, "minji", "Cookie", device, "X-Forwarded-For", "203.0.113.99"), http.StatusTooManyRequests)
	// The thief used up nothing of the member's other browsers.
	wantStatus(t, right(s, "minji"), http.StatusSeeOther)
}

func TestAKnownBrowserStillHasItsAddresssLimit(t *testing.T) {
	s := newSite(t, limited(3, 1000))
	device := s.deviceOf(minji)
	for range 3 {
		wantStatus(t, attempt(s, "minji", "Cookie", device), http.StatusUnauthorized)
	}
	wantStatus(t, right(s, "minji", "Cookie", device), http.StatusTooManyRequests)
}

func TestWhoIsNotKnownInABrowserIsCountedWithEverybody(t *testing.T) {
	s := newSite(t, limited(1000, 3))
	device, sessionCookie := s.deviceOf(minji), s.logIn(minji)
	otherKey, err := session.NewDevices([][]byte{bytes.Repeat([]byte("x"), 64)})
	if err != nil {
		t.Fatal(err)
	}
	forged := httptest.NewRecorder()
	if err := otherKey.Remember(forged, httptest.NewRequest("GET", "/", nil), "minji"); err != nil {
		t.Fatal(err)
	}
	lockOut(s)
	for name, cookie := range map[string]string{
		"another member's":     s.deviceOf(simple),
		"signed by somebody":   forged.Header().Get("Set-Cookie"),
		"the member's session": "__Host-ocsso-device" + strings.TrimPrefix(sessionCookie, session.CookieName),
		"nonsense":             "__Host-ocsso-device=minji",
		"changed":              device + "A",
	} {
		if got := right(s, "minji", "Cookie", cookie).StatusCode; got != http.StatusTooManyRequests {
			t.Errorf("%s: got %d, want 429", name, got)
		}
	}
}

func TestAKnownBrowserIsForgottenAfterHalfAYear(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, limited(1000, 3))
		device := s.deviceOf(minji)
		time.Sleep(180*24*time.Hour + time.Second)
		lockOut(s)
		wantStatus(t, right(s, "minji", "Cookie", device), http.StatusTooManyRequests)
	})
}

// TestASharedBrowserIsKnownForEachWhoHasLoggedIn: one person's attempts there are no other's.
func TestASharedBrowserIsKnownForEachWhoHasLoggedIn(t *testing.T) {
	s := newSite(t, limited(1000, 3))
	device := s.deviceOf(simple, "Cookie", s.deviceOf(minji))
	lockOut(s)
	for range 3 {
		wantStatus(t, attempt(s, "simple", "Cookie", device), http.StatusUnauthorized)
	}
	wantStatus(t, right(s, "simple", "Cookie", device), http.StatusTooManyRequests)
	wantStatus(t, right(s, "minji", "Cookie", device), http.StatusSeeOther)
}

// byEmail is a directory that finds minji by email, too.
type byEmail struct{ member.Directory }

func (d byEmail) Account(ctx context.Context, usercode string) (member.Account, error) {
	if usercode == minji.Email {
		usercode = minji.UserCode
	}
	return d.Directory.Account(ctx, usercode)
}

func withEmails(p *parts) { p.members = byEmail{directory{}} }

func TestAttemptsCountForTheMemberWhomTheDirectoryFinds(t *testing.T) {
	s := newSite(t, limited(1000, 3), withEmails)
	wantStatus(t, attempt(s, "minji"), http.StatusUnauthorized)
	wantStatus(t, right(s, minji.Email), http.StatusSeeOther) // doesn't count
	wantStatus(t, attempt(s, minji.Email), http.StatusUnauthorized)
	wantStatus(t, attempt(s, "Minji@Example.com"), http.StatusUnauthorized) // found by nobody
	wantStatus(t, attempt(s, "minji"), http.StatusUnauthorized)
	wantStatus(t, right(s, minji.Email), http.StatusTooManyRequests)
	wantStatus(t, right(s, "minji"), http.StatusTooManyRequests)
}

func TestABrowserIsKnownByWhatWasTypedThere(t *testing.T) {
	s := newSite(t, limited(1000, 3), withEmails)
	resp := right(s, minji.Email)
	wantStatus(t, resp, http.StatusSeeOther)
	var cookies []string
	for _, c := range resp.Cookies() {
		cookies = append(cookies, c.Name+"="+c.Value)
	}
	for range 3 {
		wantStatus(t, attempt(s, minji.Email), http.StatusUnauthorized)
	}
	for _, typed := range []string{minji.Email, "minji"} {
		wantStatus(t, right(s, typed), http.StatusTooManyRequests)
		wantStatus(t, right(s, typed, "Cookie", strings.Join(cookies, "; ")), http.StatusSeeOther)
	}
}
