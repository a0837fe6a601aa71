package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"ocsso/web"
)

// TestAWayToLogInOfAFork holds the example of README.md: a signed ticket of the company's own
// single sign-on, good once, soon, and in the browser where the login began.
func TestAWayToLogInOfAFork(t *testing.T) {
	login := web.TicketLogin{LoginURL: "https://id.example.com/login", Key: []byte("a key of both sides")}
	s := newSite(t, withLogin(login))
	begin := func() (cookie, state string) {
		t.Helper()
		resp := s.get("/login?returnUrl=" + url.QueryEscape(center+"/hangame/hc/ticket/list/"))
		to, err := resp.Location()
		if err != nil || !strings.HasPrefix(to.String(), login.LoginURL+"?") || to.Query().Get("return") != own+"/login/ticket" {
			t.Fatalf("got %v, %v, want the company's login page", to, err)
		}
		return resp.Cookies()[0].Name + "=" + resp.Cookies()[0].Value, to.Query().Get("state")
	}
	comeBack := func(cookie, ticket string) *http.Response {
		return s.get("/login/ticket?ticket="+url.QueryEscape(ticket), "Cookie", cookie)
	}
	soon := time.Now().Add(time.Minute)

	cookie, state := begin()
	otherCookie, otherState := begin()
	ticket := login.Sign(web.Ticket{UserCode: "minji", State: state, Expires: soon})
	for name, refused := range map[string]struct{ cookie, ticket string }{
		"none":                     {cookie, ""},
		"another key's":            {cookie, web.TicketLogin{Key: []byte("another")}.Sign(web.Ticket{UserCode: "minji", State: state, Expires: soon})},
		"changed":                  {cookie, "e30." + strings.SplitAfterN(ticket, ".", 2)[1]},
		"without a signature":      {cookie, strings.SplitN(ticket, ".", 2)[0]},
		"of the past":              {cookie, login.Sign(web.Ticket{UserCode: "minji", State: state, Expires: time.Now().Add(-time.Second)})},
		"for ever":                 {cookie, login.Sign(web.Ticket{UserCode: "minji", State: state, Expires: time.Now().Add(time.Hour)})},
		"of another browser":       {otherCookie, ticket},
		"of a browser without any": {"", ticket},
		"of another login":         {cookie, login.Sign(web.Ticket{UserCode: "minji", State: otherState, Expires: soon})},
	} {
		resp := comeBack(refused.cookie, refused.ticket)
		if resp.StatusCode != http.StatusBadRequest || len(resp.Cookies()) > 0 {
			t.Errorf("a ticket %s: got %d and cookies %v, want 400 and none", name, resp.StatusCode, resp.Cookies())
		}
	}

	resp := comeBack(cookie, ticket)
	wantHeader(t, resp, "Location", "/login?returnUrl="+url.QueryEscape(center+"/hangame/hc/ticket/list/")+"&loggedIn=1")
	wantState(t, s.get("/login/status", "Cookie", cookieOf(t, resp)), "minji")
	wantStatus(t, comeBack(cookie, ticket), http.StatusBadRequest) // it is used
	if page := body(t, s.post("/logout", nil, "Cookie", cookieOf(t, resp))); !strings.Contains(page, login.LoginURL+"/logout") {
		t.Errorf("got %s, want a page that leads to the company's own logout", page)
	}
}
