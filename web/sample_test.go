package web_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"ocsso/web"
)

// TestTheJavaSamplesAddressesAnswer is D23: a member's way through them, as the console of a company
// has them that ran the vendor's sample.
func TestTheJavaSamplesAddressesAnswer(t *testing.T) {
	withServer := answeringWith(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, remoteLoginAnswer) })
	for _, base := range []string{"", "/oc-sso"} {
		s := newSite(t, withServer, withHandoff(web.Link), func(p *parts) { p.settings.BasePath = base })
		center := string(s.center)
		const status, history = "/api/login/status.nhn", "/hangame/hc/ticket/list/"
		back := "?returnUrl=" + url.QueryEscape(center+history)

		wantContains(t, body(t, s.get(base+"/form/login.nhn"+back)), `action="`+base+`/login/form"`)
		resp := s.post(base+"/form/login.nhn", url.Values{
			"usercode": {"minji"}, "password": {password}, "returnUrl": {center + history},
		})
		wantStatus(t, resp, http.StatusSeeOther)
		cookie, _, _ := strings.Cut(resp.Header.Get("Set-Cookie"), ";")
		action, fields := handoffForm(t, s.get(resp.Header.Get("Location"), "Cookie", cookie))
		if action != center+"/v2/enduser/remote.json" || fields.Get("returnUrl") != center+history {
			t.Errorf("got the form %s with %v", action, fields)
		}
		resp = s.get(base+"/api/login.nhn/"+back, "Cookie", cookie)
		wantStatus(t, resp, http.StatusSeeOther)
		wantContains(t, resp.Header.Get("Location"), center+history, "accessToken=")

		resp = s.get(base+status, "Cookie", cookie, "Origin", center)
		wantHeader(t, resp, "Access-Control-Allow-Origin", center)
		wantState(t, resp, "minji")
		resp = s.do("OPTIONS", base+status, nil, "Origin", center,
			"Access-Control-Request-Method", "GET", "Access-Control-Request-Headers", "token")
		wantStatus(t, resp, http.StatusNoContent)
		wantHeader(t, resp, "Access-Control-Allow-Headers", "token")

		wantContains(t, body(t, s.get(base+"/help/index.nhn", "Cookie", cookie)), `id="ocPage"`)
		wantContains(t, body(t, s.get(base+"/logout.nhn", "Cookie", cookie)), `action="`+base+`/logout"`)
		wantStatus(t, s.get(base+"/index.nhn"), http.StatusNotFound)
	}
}
