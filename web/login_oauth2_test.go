package web_test

import (
	"net/http"
	"testing"

	"ocsso/web"
)

// TestAnOAuth2LoginIsOfTheBrowserThatStartedIt has the callback of OpenID Connect.
func TestAnOAuth2LoginIsOfTheBrowserThatStartedIt(t *testing.T) {
	p := &provider{}
	s := newSite(t, withLogin(web.ProviderLogin{Provider: p}))
	state, cookie := beginOIDC(s, loginAt("/login", inquiry))
	_, stranger := beginOIDC(s, "/login")
	wantStatus(t, callback(s, state), http.StatusForbidden)            // keeps no cookies
	wantStatus(t, callback(s, state, stranger), http.StatusBadRequest) // an attacker's login in a victim's browser
	if p.exchanged != nil {
		t.Error("the code was redeemed")
	}
	resp := callback(s, state, cookie)
	wantHeader(t, resp, "Location", loginAt("/login", inquiry)+"&loggedIn=1")
	session := cookieOf(t, resp)
	wantState(t, s.get("/login/status", "Cookie", session), "minji")
	wantStatus(t, callback(s, state, cookie), http.StatusBadRequest) // once only
	wantHeader(t, s.post("/logout", nil, "Cookie", session), "Location", "/logout")
	wantStatus(t, endAtProvider(s, "token"), http.StatusNotFound)
}
