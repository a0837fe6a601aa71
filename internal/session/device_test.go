package session_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ocsso/internal/kv"
	"ocsso/internal/session"
)

func newDevices(t *testing.T, keys ...[]byte) *session.Devices {
	t.Helper()
	d, err := session.NewDevices(keys)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// remember returns the cookie of a browser in which somebody logs in under these names, with the
// cookie that it had, or nil.
func remember(t *testing.T, d *session.Devices, had *http.Cookie, names ...string) *http.Cookie {
	t.Helper()
	w, r := httptest.NewRecorder(), requestWith()
	if had != nil {
		r.AddCookie(had)
	}
	if err := d.Remember(w, r, names...); err != nil {
		t.Fatal(err)
	}
	return w.Result().Cookies()[0]
}

func wantKnown(t *testing.T, d *session.Devices, cookie *http.Cookie, name string, want bool) (id string) {
	t.Helper()
	id, ok := d.Known(requestWith(cookie), name)
	if ok != want || (id != "") != want {
		t.Errorf("%q: got id %q and %v, want %v", name, id, ok, want)
	}
	return id
}

func TestABrowserIsKnownForThoseWhoHaveLoggedIn(t *testing.T) {
	d := newDevices(t, key(1))
	cookie := remember(t, d, nil, "minji", "minji@example.com")
	if cookie.Name != "__Host-ocsso-device" || cookie.Path != "/" || !cookie.Secure || !cookie.HttpOnly ||
		cookie.SameSite != http.SameSiteNoneMode || cookie.MaxAge != 180*24*60*60 {
		t.Errorf("got %+v, want it for 180 days; Path=/; Secure; HttpOnly; SameSite=None", cookie)
	}
	id := wantKnown(t, d, cookie, "minji", true)
	wantKnown(t, d, cookie, "minji@example.com", true)
	for _, name := range []string{"", "jisu", "minj", "minji ", "MINJI"} {
		wantKnown(t, d, cookie, name, false)
	}
	shared := remember(t, d, cookie, "jisu")
	for _, name := range []string{"minji", "minji@example.com", "jisu"} {
		if got := wantKnown(t, d, shared, name, true); got != id {
			t.Errorf("%s: got id %s, want the browser's %s", name, got, id)
		}
	}
	if other := wantKnown(t, d, remember(t, d, nil, "minji"), "minji", true); other == id {
		t.Error("two browsers have one id")
	}
}

func TestABrowserKnowsTheLastNamesAlone(t *testing.T) {
	d := newDevices(t, key(1))
	cookie := remember(t, d, nil, "0")
	for i := range 20 {
		cookie = remember(t, d, cookie, fmt.Sprint(i), fmt.Sprint(i)) // and none twice
	}
	cookie = remember(t, d, cookie, "13")
	for i := range 20 {
		wantKnown(t, d, cookie, fmt.Sprint(i), i >= 12)
	}
	if len(cookie.Value) > 512 {
		t.Errorf("got a cookie of %d bytes, want a small one", len(cookie.Value))
	}
}

func TestForgedCookiesMakeNoBrowserKnown(t *testing.T) {
	d := newDevices(t, key(1))
	good := remember(t, d, nil, "minji")
	for _, value := range []string{
		"", "x", strings.Repeat("A", 5000), good.Value + "A", good.Value[:len(good.Value)-4], "A" + good.Value[1:], strings.ToLower(good.Value),
		remember(t, newDevices(t, key(2)), nil, "minji").Value,                                // another key's
		start(t, newManager(t, kv.NewMemory(time.Now, 100_000), key(1)), requestWith()).Value, // minji's session
	} {
		forged := &http.Cookie{Name: good.Name, Value: value}
		wantKnown(t, d, forged, "minji", false)
		// It is replaced by the next login.
		wantKnown(t, d, remember(t, d, forged, "jisu"), "minji", false)
	}
	wantNone(t, newManager(t, kv.NewMemory(time.Now, 100_000), key(1)), &http.Cookie{Name: session.CookieName, Value: good.Value})
}

func TestABrowserIsKnownForHalfAYear(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDevices(t, key(1))
		cookie := remember(t, d, nil, "minji")
		time.Sleep(180 * 24 * time.Hour)
		wantKnown(t, d, cookie, "minji", true)
		renewed := remember(t, d, cookie, "minji")
		time.Sleep(time.Second)
		wantKnown(t, d, cookie, "minji", false) // even if a thief's browser sends it
		wantKnown(t, d, renewed, "minji", true)
	})
}

func TestABrowserStaysKnownWhenKeysRotate(t *testing.T) {
	old := remember(t, newDevices(t, key(1)), nil, "minji")
	wantKnown(t, newDevices(t, key(2), key(1)), old, "minji", true)
	wantKnown(t, newDevices(t, key(2)), old, "minji", false)
	wantKnown(t, newDevices(t, key(2)), remember(t, newDevices(t, key(2), key(1)), old, "minji"), "minji", true)
}
