package web_test

import (
	"context"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ocsso/internal/helpcenter"
	"ocsso/internal/i18n"
	"ocsso/internal/metrics"
	"ocsso/static"
	"ocsso/web"
)

// An admin is an operator's listener under test.
type admin struct {
	t       testing.TB
	handler http.Handler
	log     *strings.Builder
}

const checkCommand = "ocdev check --usercode USERCODE"

// newAdmin is for a server with this handoff, whose prerequisites are as found.
func newAdmin(t testing.TB, way helpcenter.Way, found ...web.Finding) *admin {
	t.Helper()
	return newAdminWith(t, func(context.Context) []web.Finding { return found }, func(s *web.SetupSettings) { s.Handoff = way })
}

func newAdminWith(t testing.TB, findings web.Findings, change func(*web.SetupSettings)) *admin {
	t.Helper()
	var log strings.Builder
	settings := web.SetupSettings{
		Own: own, Handoff: helpcenter.Form, CheckCommand: checkCommand, SiteName: "Acme", Language: i18n.KO, Seen: &web.Seen{},
		Version: "v1.2.3", Organization: "example", Environment: "beta", Services: []string{"hangame", "second"},
	}
	change(&settings)
	ready := func(bool) (string, error) { return "ready", nil }
	return &admin{t, web.NewAdmin(slog.New(slog.NewTextHandler(&log, nil)), metrics.New("test"), ready, settings, findings), &log}
}

func nothing(context.Context) []web.Finding { return nil }

// do sends a request to localhost, with headers given as name, value, name, value. Host is one of
// them.
func (a *admin) do(method, target string, body io.Reader, headers ...string) *http.Response {
	a.t.Helper()
	r := httptest.NewRequest(method, "http://localhost:9090"+target, body)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
		if headers[i] == "Host" {
			r.Host = headers[i+1]
		}
	}
	w := httptest.NewRecorder()
	a.handler.ServeHTTP(w, r)
	return w.Result()
}

// page is the setup page in English, as text.
func (a *admin) page() string {
	a.t.Helper()
	resp := a.do("GET", "/setup", nil, "Accept-Language", "en")
	wantStatus(a.t, resp, http.StatusOK)
	return html.UnescapeString(body(a.t, resp))
}

func wantLacks(t testing.TB, page string, unwanted ...string) {
	t.Helper()
	for _, text := range unwanted {
		if strings.Contains(page, text) {
			t.Errorf("got %s in %s", text, page)
		}
	}
}

func TestSetupHasTheConsolesValuesForTheHandoff(t *testing.T) {
	for _, way := range []helpcenter.Way{helpcenter.Form, helpcenter.API} {
		page := newAdmin(t, way).page()
		wantContains(t, page, "로그인 타입", `data-value="POST"`, "로그인 URL", `data-value="`+own+`/login"`,
			"로그인 상태 URL", `data-value="`+own+`/login/status"`, "파라미터 설정", `data-value="usercode"`, `data-value="token"`)
		wantLacks(t, page, "Token 검증 URL")
	}
	page := newAdmin(t, helpcenter.Link).page()
	wantContains(t, page, `data-value="GET"`, "Token 검증 URL", `data-value="`+own+`/token/verify"`)
	wantLacks(t, page, "로그인 상태 URL", `data-value="token"`)
}

func TestSetupTellsTheStateAndTheWayOutOfWhatIsWrong(t *testing.T) {
	center := web.Finding{Prerequisite: i18n.Prerequisites.HelpCenter, Fault: i18n.Faults.HelpCenter, Detail: "no such host <b>"}
	a := newAdmin(t, helpcenter.Form, web.Finding{Prerequisite: i18n.Prerequisites.OrganizationKey}, center)
	wantContains(t, a.page(), i18n.Prerequisites.OrganizationKey.Fine.EN, center.Fault.Text.EN, center.Fault.Advice.EN, center.Detail)
	resp := a.do("GET", "/setup", nil, "Accept-Language", "ko")
	wantContains(t, body(t, resp), `<html lang="ko">`, i18n.Setup.Title.KO, "no such host &lt;b&gt;")
}

func TestSetupIsInKoreanAndEnglishOnly(t *testing.T) {
	for _, test := range []struct {
		configured, preferred, query, cookie, want string
	}{
		{configured: "ko", preferred: "en", want: "en"},
		{configured: "ko", preferred: "ja", want: "ko"},
		{configured: "en", preferred: "ja", want: "en"},
		{configured: "ja", preferred: "ja", want: "en"},
		{configured: "ja", preferred: "ja,ko;q=0.5", want: "ko"},
		{configured: "ja", want: "en"},
		{configured: "ko", preferred: "en", query: "?lang=ja", want: "en"},
		{configured: "ko", preferred: "en", cookie: "ocsso_lang=zh", want: "en"},
		{configured: "ko", preferred: "ko", query: "?lang=en", want: "en"},
		{configured: "ko", preferred: "ko", cookie: "ocsso_lang=en", want: "en"},
	} {
		a := newAdminWith(t, nothing, func(s *web.SetupSettings) { s.Language = i18n.Lang(test.configured) })
		resp := a.do("GET", "/setup"+test.query, nil, "Accept-Language", test.preferred, "Cookie", test.cookie)
		page := body(t, resp)
		wantContains(t, page, `<html lang="`+test.want+`">`, `hreflang="ko"`, `hreflang="en"`)
		wantLacks(t, page, `hreflang="ja"`, `hreflang="zh`)
		if strings.HasSuffix(test.query, "ja") {
			wantHeader(t, resp, "Set-Cookie", "")
		}
	}
}

func TestSetupSaysWhatThisServerIs(t *testing.T) {
	page := newAdmin(t, helpcenter.API).page()
	for label, value := range map[string]string{
		"Version": "v1.2.3", "Organization": "example", "Environment": "beta", "Service": "hangame, second", "Handoff": "api",
	} {
		wantContains(t, page, "<dt>"+label+"</dt><dd>"+value+"</dd>")
	}
}

// TestSetupShowsWhatHappenedLately has the page of a server with members.
func TestSetupShowsWhatHappenedLately(t *testing.T) {
	s := newSite(t)
	a := newAdminWith(t, nothing, func(settings *web.SetupSettings) { settings.Seen = s.seen })
	wantContains(t, a.page(), i18n.Setup.NothingRecent.EN, i18n.Setup.NeverSentBack.EN)
	issued := url.QueryEscape(s.issue(s.logIn(minji)))
	s.get("/login/status?usercode=minji&token="+issued, "Origin", center)
	s.get("/token/verify?usercode=minji&token=" + issued)
	page := a.page()
	id := testKey.ID("minji")
	wantContains(t, page, "<td>Handoff</td><td>form</td><td>sent</td><td>"+id+"</td>", "<td>Token check</td><td>link</td><td>true</td><td>"+id+"</td>",
		"usercode and token last came back (a call of ocdev check counts): 2")
	wantLacks(t, page, "minji", "김민지", issued, i18n.Setup.NeverSentBack.EN)
}

func TestSetupWaitsForNobodyForLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hang := func(ctx context.Context) []web.Finding { <-ctx.Done(); return nil }
		start := time.Now()
		newAdminWith(t, hang, func(*web.SetupSettings) {}).page()
		if took := time.Since(start); took != 2*time.Second {
			t.Errorf("got the page after %v, want it after 2s", took)
		}
	})
}

func TestSetupHasTheCommandThatChecks(t *testing.T) {
	a := newAdmin(t, helpcenter.Form)
	wantContains(t, a.page(), ">"+checkCommand+"<", `data-value="`+checkCommand+`"`)
	wantStatus(t, a.do("POST", "/setup", strings.NewReader("usercode=minji")), http.StatusMethodNotAllowed)
}

// TestANameOfSomebodyElsesCannotReachSetup is DNS rebinding. Probes and Prometheus are no browsers
// and may use any name.
func TestANameOfSomebodyElsesCannotReachSetup(t *testing.T) {
	a := newAdmin(t, helpcenter.Form)
	for _, host := range []string{"evil.test", "evil.test:9090", "localhost.evil.test", "127.0.0.1.evil.test", "sso.example.com", ""} {
		resp := a.do("GET", "/setup", nil, "Host", host)
		wantStatus(t, resp, http.StatusForbidden)
		wantLacks(t, body(t, resp), own)
		wantStatus(t, a.do("GET", "/", nil, "Host", host), http.StatusForbidden)
		for _, path := range []string{"/healthz", "/readyz", "/metrics"} {
			wantStatus(t, a.do("GET", path, nil, "Host", host), http.StatusOK)
		}
	}
	for _, host := range []string{"localhost", "LOCALHOST:9090", "127.0.0.1:9090", "10.1.2.3:9090", "[::1]:9090"} {
		wantStatus(t, a.do("GET", "/setup", nil, "Host", host), http.StatusOK)
	}
}

func TestAnotherSitesPageCannotUseSetup(t *testing.T) {
	a := newAdmin(t, helpcenter.Form)
	for dest, want := range map[string]int{
		"image": http.StatusForbidden, "iframe": http.StatusForbidden, "script": http.StatusForbidden, "empty": http.StatusForbidden,
		"document": http.StatusOK, // a link, in a runbook for one
	} {
		for _, site := range []string{"cross-site", "same-site"} {
			resp := a.do("GET", "/setup", nil, "Sec-Fetch-Site", site, "Sec-Fetch-Dest", dest)
			if resp.StatusCode != want {
				t.Errorf("GET from %s as %s: got %d, want %d", site, dest, resp.StatusCode, want)
			}
		}
	}
}

func TestSetupHasTheHeadersOfTheSite(t *testing.T) {
	a := newAdmin(t, helpcenter.Form)
	for _, resp := range []*http.Response{a.do("GET", "/setup", nil), a.do("GET", "/setup", nil, "Host", "evil.test")} {
		wantHeader(t, resp, "Content-Security-Policy",
			"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'none'; base-uri 'none'; form-action 'self'; frame-src 'none'; frame-ancestors 'none'")
		wantHeader(t, resp, "Cache-Control", "no-store")
		wantHeader(t, resp, "Referrer-Policy", "strict-origin")
		wantHeader(t, resp, "X-Content-Type-Options", "nosniff")
		wantHeader(t, resp, "Access-Control-Allow-Origin", "")
	}
	for _, name := range []string{"css/site.css", "css/setup.css", "js/copy.js"} {
		wantContains(t, a.page(), `"`+static.URL(name)+`"`)
		wantStatus(t, a.do("GET", static.URL(name), nil), http.StatusOK)
	}
	wantHeader(t, a.do("GET", "/", nil), "Location", "/setup")
}

func TestSetupHasNothingForMembers(t *testing.T) {
	page := newAdmin(t, helpcenter.Form).page()
	wantLacks(t, page, `href="/login`, `action="/logout"`)

	// The language is remembered on a listener without TLS, whatever the public URL is.
	resp := newAdmin(t, helpcenter.Form).do("GET", "/setup?lang=en", nil)
	wantContains(t, body(t, resp), `<html lang="en">`)
	wantHeader(t, resp, "Set-Cookie", "ocsso_lang=en; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax")
}
