package session_test

import (
	"encoding/base64"
	"errors"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"ocsso/internal/session"
)

func TestForgedCookiesAreLoggedOut(t *testing.T) {
	store := memory()
	m := newManager(t, store, key(1))
	good := start(t, m)
	for _, value := range []string{
		"", "x", "null", strings.Repeat("A", 5000), good.Value + "A", good.Value[:len(good.Value)-4], "A" + good.Value[1:], strings.ToLower(good.Value),
		start(t, newManager(t, store, key(2))).Value, // another key's
		base64.URLEncoding.EncodeToString([]byte(wantMember(t, m, good).ID)),
	} {
		wantNone(t, m, &http.Cookie{Name: cookieName, Value: value})
	}
	wantNone(t, m, &http.Cookie{Name: "ocsso", Value: good.Value})
}

func TestKeysRotate(t *testing.T) {
	store := memory()
	before, rotating, after := newManager(t, store, key(1)), newManager(t, store, key(2), key(1)), newManager(t, store, key(2))
	old := start(t, before)
	wantMember(t, rotating, old)
	fresh := start(t, rotating)
	wantMember(t, after, fresh)
	wantNone(t, after, old)
	wantNone(t, before, fresh)
}

func TestKeysThatWontDo(t *testing.T) {
	for _, keys := range [][][]byte{nil, {nil}, {key(1)[:63]}, {key(1), key(2)[:32]}} {
		if _, err := session.NewManager(memory(), cookieName, keys, limits, session.Recheck{}, time.Now); err == nil {
			t.Errorf("%d keys: got no error, want one", len(keys))
		}
	}
}

// FuzzCookie holds that no cookie but one that we signed is a session, and that none is an error.
func FuzzCookie(f *testing.F) {
	store := memory()
	m := newManager(f, store, key(1))
	good := start(f, m)
	for _, value := range []string{good.Value, good.Value[1:], "", "|", "MTc5|x|y", strings.Repeat("=", 64)} {
		f.Add(value)
	}
	f.Fuzz(func(t *testing.T, value string) {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Cookie", cookieName+"="+value)
		got, err := m.Current(r)
		if err == nil && (value != good.Value || got.Member != minji) {
			t.Errorf("%q: got %v, want %v", value, got, session.ErrNone)
		}
		if err != nil && !errors.Is(err, session.ErrNone) {
			t.Errorf("%q: got %v, want %v", value, err, session.ErrNone)
		}
	})
}

// TestServersOfOneHostHaveCookiesOfTheirOwn: browsers send a cookie to every port and path.
func TestServersOfOneHostHaveCookiesOfTheirOwn(t *testing.T) {
	names := map[string]string{}
	for _, public := range []string{
		"https://sso.example.com", "https://sso.example.com:8443", "http://localhost:8080", "http://localhost:8081",
		"https://example.com/oc-sso", "https://example.com/oc-sso2", "https://example.com:8443/oc-sso", "https://example.com/8443",
	} {
		name := session.CookieName(public)
		if other, taken := names[name]; taken {
			t.Errorf("%s and %s: got the same name %s", public, other, name)
		}
		if !regexp.MustCompile("^__Host-ocsso(-[A-Za-z0-9_-]{6})?$").MatchString(name) {
			t.Errorf("%s: got %s", public, name)
		}
		names[name] = public
	}
	for _, plain := range []string{"https://sso.example.com", "https://sso.example.com/", "https://[2001:db8::1]"} {
		if got := session.CookieName(plain); got != cookieName {
			t.Errorf("%s: got %s, want %s", plain, got, cookieName)
		}
	}
}
