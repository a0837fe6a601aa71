package web_test

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"ocsso/internal/helpcenter"
	"ocsso/web"
)

// TestHelpHasTheJavaSamplesMenu: its links change the frame's page, without script. A member is
// handed off on the way to what only members see.
func TestHelpHasTheJavaSamplesMenu(t *testing.T) {
	s := newSite(t)
	framed := func(service, page string) string { return center + "/" + service + "/hc/" + page + "?iframe=true" }
	page := body(t, s.get("/help?service=second"))
	wantContains(t, page, ` name="ocPage"`)
	for path, name := range map[string]string{"notice/": "공지사항", "article/": "FAQ", "ticket/": "1:1 문의하기", "ticket/list/": "문의내역"} {
		wantContains(t, page, `<a href="`+framed("second", path)+`" target="ocPage">`+name+`</a>`)
	}
	page = body(t, s.get("/help", "Cookie", s.logIn(minji)))
	for _, public := range []string{"notice/", "article/"} {
		wantContains(t, page, `<a href="`+framed("hangame", public)+`" target="ocPage">`)
	}
	for _, own := range []string{"ticket/", "ticket/list/"} {
		wantContains(t, page, `<a href="`+loginAt("/login", framed("hangame", own))+`" target="ocPage">`)
	}
}

// TestTheJavaSamplesAddressesAnswer is D23: a member's way through them, as the console of a
// company has them that ran the vendor's sample.
func TestTheJavaSamplesAddressesAnswer(t *testing.T) {
	withServer := answeringWith(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, remoteLoginAnswer) })
	for _, base := range []string{"", "/oc-sso"} {
		s := newSite(t, withServer, withHandoff(helpcenter.Link), func(p *parts) { p.settings.BasePath = base })
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

// TestAPageOfAnotherServiceIsLoggedOnceAnHour: what is signed for the default service fails there.
func TestAPageOfAnotherServiceIsLoggedOnceAnHour(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		warnings := func(service string) int { return strings.Count(s.log.String(), "service="+service+" default=hangame") }
		for _, page := range []string{"/other/hc/", "/other/hc/ticket/?a=1", "/hangame/hc/", "/second/hc", "/favicon.ico", "/v2/enduser/remote.json"} {
			wantStatus(t, s.get(loginAt("/login", center+page)), http.StatusOK)
		}
		if got := s.seen.Noticed(web.NoticeService); warnings("other") != 1 || !slices.Equal(got, []string{"other"}) {
			t.Errorf("got %q noticed and the log %s, want one warning of other", got, s.log)
		}
		for i := range 100 { // a stranger makes services up
			s.get(loginAt("/login", fmt.Sprintf("%s/made-up-%d/hc/", center, i)))
		}
		s.get(loginAt("/login", center+"/"+strings.Repeat("a", 60)+"/hc/"))
		if got := strings.Count(s.log.String(), "level=WARN"); got > 8 {
			t.Errorf("got %d warnings in an hour, want them bounded", got)
		}
		time.Sleep(time.Hour)
		s.get(loginAt("/login", center+"/other/hc/"))
		if warnings("other") != 2 {
			t.Errorf("got %d warnings in two hours, want 2", warnings("other"))
		}
	})
}

func TestAProxyThatIsNotTrustedIsLoggedOnceAnHour(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, withProxies("10.0.0.0/8"))
		const warning = "X-Forwarded-For from an address that is not in server.trusted_proxies"
		s.from("10.1.2.3:5", "198.51.100.7")
		s.from("172.17.0.1:5")
		if strings.Contains(s.log.String(), warning) {
			t.Errorf("got a warning of a trusted proxy or of none: %s", s.log)
		}
		for range 3 {
			s.from("172.17.0.1:5", "198.51.100.7")
			s.from("[::ffff:172.17.0.1]:6", "198.51.100.7, 203.0.113.9")
			s.from("[fd00::1]:6", "junk")
		}
		if got := strings.Count(s.log.String(), warning); got != 2 {
			t.Errorf("got %d warnings of two proxies in an hour, want 2: %s", got, s.log)
		}
		if got, want := s.seen.Noticed(web.NoticeProxy), []string{"172.17.0.1", "fd00::1"}; !slices.Equal(got, want) {
			t.Errorf("got %q noticed, want %q", got, want)
		}
		time.Sleep(time.Hour)
		s.from("172.17.0.1:5", "198.51.100.7")
		if got := strings.Count(s.log.String(), warning); got != 3 {
			t.Errorf("got %d warnings in two hours, want 3", got)
		}
	})
}

// TestTheStatusCountsByWhatItKnowsTheMember: whether the console sends the parameters back can be
// seen.
func TestTheStatusCountsByWhatItKnowsTheMember(t *testing.T) {
	s := newSite(t)
	cookie := s.logIn(minji)
	token := s.issue(cookie)
	s.get("/login/status", "Cookie", cookie, "Origin", center)
	s.get("/login/status?usercode=minji", "Origin", center)
	s.get("/login/status?usercode=minji&token=" + url.QueryEscape(token)) // by whom?
	if at := s.seen.SentBack(); !at.IsZero() {
		t.Errorf("got the parameters back at %v, want never", at)
	}
	s.get("/login/status?token="+url.QueryEscape(token), "usercode", "minji", "Origin", center)
	if at := s.seen.SentBack(); time.Since(at) > time.Minute {
		t.Errorf("got the parameters back at %v, want now", at)
	}
	s.get("/login/status?usercode=minji&token=another", "Origin", center)
	s.get("/login/status?usercode=minji&token="+url.QueryEscape(token), "Cookie", cookie, "Origin", center)
	wantContains(t, scrape(s), `ocsso_status_answers_total{answer="true",by="cookie"} 2`, `ocsso_status_answers_total{answer="true",by="parameters"} 2`,
		`ocsso_status_answers_total{answer="false",by="parameters"} 1`, `ocsso_status_answers_total{answer="false",by="none"} 1`)
}

// TestALoopNamesEachCause: after a form nobody has told us that the help center took it.
func TestALoopNamesEachCause(t *testing.T) {
	withServer := answeringWith(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, remoteLoginAnswer) })
	s := newSite(t, withServer)
	cookie := s.logIn(minji)
	loop := func(path string) (page string) {
		for range 4 {
			page = body(t, s.get(loginAt(path, string(s.center)+"/hangame/hc/"), "Cookie", cookie, "Accept-Language", "en"))
		}
		return page
	}
	wantContains(t, loop("/login/form"), "third-party cookies", "organization key or clock")
	if page := loop("/login/api"); strings.Contains(page, "organization key") {
		t.Errorf("got %s, want no doubt about a key that the help center has taken", page)
	}
	for _, want := range []string{
		`way=form causes="third-party cookies, help_center.organization_key, the clock"`, `way=api causes="third-party cookies"`,
	} {
		if got := strings.Count(s.log.String(), want); got != 1 {
			t.Errorf("got %d lines with %s, want 1 in %s", got, want, s.log)
		}
	}
	wantContains(t, scrape(s), `ocsso_handoffs_total{outcome="sent",way="form"} 2`, `ocsso_handoffs_total{outcome="loop",way="form"} 2`)
}

// TestTheLastEventsAreKept has no more of members than the audit log, however many there are.
func TestTheLastEventsAreKept(t *testing.T) {
	s := newSite(t)
	cookie := s.logIn(minji)
	s.post("/login", url.Values{"usercode": {"minji"}, "password": {"wrong"}})
	token := s.issue(cookie)
	s.get("/token/verify?usercode=minji&token=" + url.QueryEscape(token))
	for range 30 {
		s.get("/token/verify?usercode=" + strings.Repeat("x", 300) + "&token=y")
	}
	s.get("/token/verify?usercode=minji&token=" + url.QueryEscape(token))
	count := map[web.Event]int{}
	for _, e := range s.seen.Events() {
		e.Time = time.Time{}
		count[e]++
	}
	id := testKey.ID("minji")
	want := map[web.Event]int{
		{Name: "login", Way: "password", Outcome: "refused", Member: id}: 1, {Name: "handoff", Way: "form", Outcome: "sent", Member: id}: 1,
		{Name: "verify", Way: "link", Outcome: "true", Member: id}: 1, {Name: "verify", Way: "link", Outcome: "false"}: 19,
	}
	if diff := cmp.Diff(want, count); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	if first := s.seen.Events()[0]; first.Outcome != "true" {
		t.Errorf("got %+v first, want the newest", first)
	}
}
