package session_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"ocsso/internal/kv"
	"ocsso/internal/session"
)

var network = netip.MustParsePrefix("198.51.100.7/32")

// keep keeps a pending login for the browser with these cookies, and returns its cookie.
func keep(t *testing.T, m *session.Manager, name, text string, cookies ...*http.Cookie) *http.Cookie {
	t.Helper()
	w := httptest.NewRecorder()
	if err := m.KeepPending(w, requestWith(cookies...), network, name, []byte(text)); err != nil {
		t.Fatal(err)
	}
	return w.Result().Cookies()[0]
}

func TestAPendingLoginIsTakenOnceByItsBrowser(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newManager(t, kv.NewMemory(time.Now, 100_000), key(1))
		browser := keep(t, m, "one", "first")
		if again := keep(t, m, "two", "second", browser); again.Name != browser.Name || again.Value != browser.Value {
			t.Errorf("got %v after %v, want the same cookie for every login of a browser", again, browser)
		}
		if browser.Name != "__Host-ocsso-login" || browser.Path != "/" || !browser.Secure || !browser.HttpOnly ||
			browser.SameSite != http.SameSiteLaxMode || browser.MaxAge != 0 {
			t.Errorf("got %+v, want it until the browser ends; Path=/; Secure; HttpOnly; SameSite=Lax", browser)
		}
		want := func(name, text string, first bool, cookies ...*http.Cookie) {
			t.Helper()
			got, isFirst, err := m.TakePending(context.Background(), requestWith(cookies...), name)
			if text == "" && !errors.Is(err, session.ErrNone) || text != "" && err != nil {
				t.Errorf("%s: got error %v", name, err)
			}
			if kept := len(cookies) > 0; text == "" && kept == errors.Is(err, session.ErrNoPendingCookie) {
				t.Errorf("%s: got error %v, with a cookie: %v", name, err, kept)
			}
			if string(got) != text || isFirst != first {
				t.Errorf("%s: got %q, %v, want %q, %v", name, got, isFirst, text, first)
			}
		}
		other := keep(t, m, "three", "third")
		want("one", "", false)
		want("one", "", false, other)
		want("three", "", false, browser)
		want("", "", false, browser)
		want("one", "first", true, browser)
		want("one", "first", false, browser)
		want("two", "second", true, browser)
		time.Sleep(session.PendingLifetime)
		want("one", "", false, browser)
		want("three", "", false, other)
	})
}

func TestABrowserStartsABoundedNumberOfLogins(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newManager(t, kv.NewMemory(time.Now, 100_000), key(1))
		browser := keep(t, m, "first", "x")
		for i := range 49 {
			keep(t, m, fmt.Sprint(i), "x", browser)
		}
		err := m.KeepPending(httptest.NewRecorder(), requestWith(browser), network, "last", nil)
		if !errors.Is(err, session.ErrTooManyPending) {
			t.Errorf("got %v, want %v", err, session.ErrTooManyPending)
		}
		time.Sleep(session.PendingLifetime)
		keep(t, m, "later", "x", browser)
	})
}

// TestANetworkStartsABoundedNumberOfLogins: a client that keeps no cookies has a new browser each
// time.
func TestANetworkStartsABoundedNumberOfLogins(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newManager(t, kv.NewMemory(time.Now, 1_000_000), key(1))
		browser := keep(t, m, "first", "x")
		for range 200 { // over its own bound, which takes nothing from the network's
			m.KeepPending(httptest.NewRecorder(), requestWith(browser), network, "again", nil)
		}
		for i := range 950 {
			keep(t, m, fmt.Sprint(i), "x")
		}
		start := func(from string) error {
			return m.KeepPending(httptest.NewRecorder(), requestWith(), netip.MustParsePrefix(from), "one more", nil)
		}
		if err := start("198.51.100.7/32"); !errors.Is(err, session.ErrTooManyPending) {
			t.Errorf("got %v, want %v", err, session.ErrTooManyPending)
		}
		if err := start("2001:db8::/56"); err != nil {
			t.Errorf("another network: got %v, want no error", err)
		}
		time.Sleep(session.PendingLifetime)
		if err := start("198.51.100.7/32"); err != nil {
			t.Errorf("later: got %v, want no error", err)
		}
	})
}
