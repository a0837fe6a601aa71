package web_test

import (
	"context"
	"errors"
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

	"ocsso/internal/i18n"
	"ocsso/internal/metrics"
	"ocsso/static"
	"ocsso/web"
)

// onboarding is a web.Onboarding made by a test.
type onboarding struct {
	findings func(context.Context) []web.Finding // nil for none
	// Nil where no checks may run
	check func(context.Context, web.Credentials, i18n.Lang) (web.CheckReport, error)
}

func (o *onboarding) Findings(ctx context.Context) []web.Finding {
	if o.findings == nil {
		return nil
	}
	return o.findings(ctx)
}

func (o *onboarding) Check(ctx context.Context, login web.Credentials, lang i18n.Lang) (web.CheckReport, error) {
	if o.check == nil {
		return web.CheckReport{}, errors.New("checks ran, and none may")
	}
	return o.check(ctx, login, lang)
}

// An admin is an operator's listener under test.
type admin struct {
	t       testing.TB
	handler http.Handler
	log     *strings.Builder
}

// newAdmin is for a server with password login and this handoff.
func newAdmin(t testing.TB, way web.Way, o *onboarding) *admin {
	t.Helper()
	var log strings.Builder
	settings := web.SetupSettings{Own: own, Handoff: way, ByPassword: true, SiteName: "Acme", Language: i18n.KO}
	ready := func(bool) (string, error) { return "ready", nil }
	return &admin{t, web.NewAdmin(slog.New(slog.NewTextHandler(&log, nil)), metrics.New("test"), ready, settings, o), &log}
}

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

// run posts the form of the page, in English.
func (a *admin) run(usercode, password string, headers ...string) *http.Response {
	a.t.Helper()
	form := url.Values{"usercode": {usercode}, "password": {password}}.Encode()
	headers = append([]string{"Content-Type", "application/x-www-form-urlencoded", "Accept-Language", "en"}, headers...)
	return a.do("POST", "/setup", strings.NewReader(form), headers...)
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
	for _, way := range []web.Way{web.Form, web.API} {
		page := newAdmin(t, way, &onboarding{}).page()
		wantContains(t, page, "로그인 타입", `data-value="POST"`, "로그인 URL", `data-value="`+own+`/login"`,
			"로그인 상태 URL", `data-value="`+own+`/login/status"`, "파라미터 설정", `data-value="usercode"`, `data-value="token"`)
		wantLacks(t, page, "Token 검증 URL")
	}
	page := newAdmin(t, web.Link, &onboarding{}).page()
	wantContains(t, page, `data-value="GET"`, "Token 검증 URL", `data-value="`+own+`/token/verify"`)
	wantLacks(t, page, "로그인 상태 URL", `data-value="token"`)
}

func TestSetupTellsEachStateByAWordAndTheWayOutOfWhatIsWrong(t *testing.T) {
	text := i18n.SetupFor(i18n.EN)
	findings := []web.Finding{
		{Prerequisite: i18n.PrerequisiteOrganizationKey},
		{Prerequisite: i18n.PrerequisiteStore, Level: i18n.LevelWarn, Fault: i18n.FaultStoreForgets, Detail: "memory"},
		{Prerequisite: i18n.PrerequisiteHelpCenter, Level: i18n.LevelWrong, Fault: i18n.FaultHelpCenter, Detail: "no such host <b>"},
		{Prerequisite: i18n.PrerequisiteClock, Level: i18n.LevelUnknown, Fault: i18n.FaultClockUnknown},
	}
	a := newAdmin(t, web.Form, &onboarding{findings: func(context.Context) []web.Finding { return findings }})
	page := a.page()
	wantContains(t, page, text.Levels[i18n.LevelFine], text.Prerequisites[i18n.PrerequisiteOrganizationKey].Fine, "memory", "no such host <b>")
	for _, f := range findings[1:] {
		wantContains(t, page, text.Prerequisites[f.Prerequisite].Name, text.Levels[f.Level], text.Faults[f.Fault].Text, text.Faults[f.Fault].Advice)
	}
	wantLacks(t, page, text.Prerequisites[i18n.PrerequisiteStore].Fine)

	resp := a.do("GET", "/setup", nil, "Accept-Language", "ko")
	wantContains(t, body(t, resp), `<html lang="ko">`, i18n.SetupFor(i18n.KO).Title, "no such host &lt;b&gt;")
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
		settings := web.SetupSettings{Own: own, Handoff: web.Form, Language: i18n.Lang(test.configured)}
		ready := func(bool) (string, error) { return "ready", nil }
		a := &admin{t, web.NewAdmin(slog.New(slog.DiscardHandler), metrics.New("test"), ready, settings, &onboarding{}), nil}
		resp := a.do("GET", "/setup"+test.query, nil, "Accept-Language", test.preferred, "Cookie", test.cookie)
		page := body(t, resp)
		wantContains(t, page, `<html lang="`+test.want+`">`, `hreflang="ko"`, `hreflang="en"`)
		wantLacks(t, page, `hreflang="ja"`, `hreflang="zh`)
		if strings.HasSuffix(test.query, "ja") {
			wantHeader(t, resp, "Set-Cookie", "")
		}
	}
}

func TestSetupWaitsForNobodyForLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hang := func(ctx context.Context) []web.Finding { <-ctx.Done(); return nil }
		start := time.Now()
		newAdmin(t, web.Form, &onboarding{findings: hang}).page()
		if took := time.Since(start); took != 2*time.Second {
			t.Errorf("got the page after %v, want it after 2s", took)
		}
	})
}

func TestSetupShowsWhatTheChecksFound(t *testing.T) {
	report := web.CheckReport{Results: []web.CheckResult{
		{ID: "status/logged-out", Requirement: "Somebody logged out is 200"},
		{ID: "status/fast", Requirement: "It is fast", Level: i18n.LevelWarn, Want: "at most 1s", Got: "3s", Hint: "look at the store"},
		{ID: "login/page", Requirement: "There is a login page", Level: i18n.LevelWrong, Want: "200", Got: "404 <b>", Hint: "see CONTRACT 6"},
		{ID: "api/call", Requirement: "not shown", Level: i18n.LevelUnknown, Reason: "needs --listen-help-center"},
		{ID: "api/time", Requirement: "not shown", Level: i18n.LevelUnknown, Reason: "needs --password-env"},
	}}
	var got web.Credentials
	a := newAdmin(t, web.Form, &onboarding{check: func(_ context.Context, login web.Credentials, _ i18n.Lang) (web.CheckReport, error) {
		got = login
		return report, nil
	}})
	resp := a.run(" minji ", password, "Sec-Fetch-Site", "same-origin")
	wantStatus(t, resp, http.StatusOK)
	raw := body(t, resp)
	page := html.UnescapeString(raw)
	wantContains(t, page, "Passed 1 · failed 1 · warnings 1 · skipped 2", "It is fast", "at most 1s", "3s", "look at the store",
		"There is a login page", "404 <b>", "see CONTRACT 6", "<details", "api/call", "needs --listen-help-center", `value="minji"`)
	wantLacks(t, raw, "<b>", "Somebody logged out", "not shown", password)
	if got.UserCode != "minji" || got.Password.Reveal() != password {
		t.Errorf("got %q and another password by the checks, want what was typed", got.UserCode)
	}
	if strings.Contains(a.log.String(), password) || strings.Contains(a.log.String(), "minji") {
		t.Errorf("got the login in the log: %s", a.log)
	}

	report.Results = report.Results[:1]
	wantContains(t, html.UnescapeString(body(t, a.run("", ""))), "Passed 1 · failed 0", i18n.SetupFor(i18n.EN).CheckFine)
}

func TestChecksThatCannotRunSayWhy(t *testing.T) {
	text := i18n.SetupFor(i18n.EN)
	unreachable := &onboarding{check: func(context.Context, web.Credentials, i18n.Lang) (web.CheckReport, error) {
		return web.CheckReport{}, errors.New("dial tcp: lookup sso.example.com: no such host")
	}}
	resp := newAdmin(t, web.Form, unreachable).run("", "")
	wantStatus(t, resp, http.StatusBadGateway)
	wantContains(t, html.UnescapeString(body(t, resp)), text.CheckUnreachable, "no such host", `role="alert"`)

	for _, half := range [][2]string{{"minji", ""}, {"", password}} {
		resp := newAdmin(t, web.Form, &onboarding{}).run(half[0], half[1])
		wantStatus(t, resp, http.StatusBadRequest)
		page := html.UnescapeString(body(t, resp))
		wantContains(t, page, text.CheckHalfLogin, `aria-invalid="true"`)
		wantLacks(t, page, password)
	}
	// More than a form of ours has
	resp = newAdmin(t, web.Form, &onboarding{}).run(strings.Repeat("a", 65<<10), password)
	wantStatus(t, resp, http.StatusBadRequest)
}

func TestARunOfTheChecksIsAloneAndBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		text := i18n.SetupFor(i18n.EN)
		a := newAdmin(t, web.Form, &onboarding{check: func(ctx context.Context, _ web.Credentials, _ i18n.Lang) (web.CheckReport, error) {
			<-ctx.Done()
			return web.CheckReport{}, ctx.Err()
		}})
		start := time.Now()
		first := make(chan *http.Response)
		go func() { first <- a.run("", "") }()
		synctest.Wait()
		second := a.run("", "")
		wantStatus(t, second, http.StatusConflict)
		wantContains(t, html.UnescapeString(body(t, second)), text.CheckBusy)

		resp := <-first
		wantStatus(t, resp, http.StatusGatewayTimeout)
		wantContains(t, html.UnescapeString(body(t, resp)), text.CheckSlow)
		if took := time.Since(start); took != time.Minute {
			t.Errorf("got an answer after %v, want it after a minute", took)
		}
		wantStatus(t, a.run("", ""), http.StatusGatewayTimeout) // the way is free again
	})
}

// TestANameOfSomebodyElsesCannotReachSetup is DNS rebinding. Probes and Prometheus are no browsers
// and may use any name.
func TestANameOfSomebodyElsesCannotReachSetup(t *testing.T) {
	a := newAdmin(t, web.Form, &onboarding{})
	for _, host := range []string{"evil.test", "evil.test:9090", "localhost.evil.test", "127.0.0.1.evil.test", "sso.example.com", ""} {
		for _, method := range []string{"GET", "POST"} {
			resp := a.do(method, "/setup", nil, "Host", host)
			wantStatus(t, resp, http.StatusForbidden)
			wantLacks(t, body(t, resp), own)
		}
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
	a := newAdmin(t, web.Form, &onboarding{})
	for _, headers := range [][]string{
		{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Dest", "document"}, {"Sec-Fetch-Site", "same-site", "Sec-Fetch-Dest", "document"},
		{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Dest", "empty"}, {"Origin", "https://evil.test"}, {"Origin", "http://localhost:8080"}, {"Origin", "null"},
	} {
		resp := a.run("", "", headers...)
		if resp.StatusCode != http.StatusForbidden {
			t.Errorf("POST with %q: got %d, want 403", headers, resp.StatusCode)
		}
	}
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
	a := newAdmin(t, web.Form, &onboarding{})
	for _, resp := range []*http.Response{a.do("GET", "/setup", nil), a.run("minji", ""), a.do("GET", "/setup", nil, "Host", "evil.test")} {
		wantHeader(t, resp, "Content-Security-Policy",
			"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'none'; base-uri 'none'; form-action 'self'; frame-src 'none'; frame-ancestors 'none'")
		wantHeader(t, resp, "Cache-Control", "no-store")
		wantHeader(t, resp, "Referrer-Policy", "strict-origin")
		wantHeader(t, resp, "X-Content-Type-Options", "nosniff")
		wantHeader(t, resp, "Access-Control-Allow-Origin", "")
	}
	for _, name := range []string{"css/site.css", "css/setup.css", "js/setup.js"} {
		wantContains(t, a.page(), `"`+static.URL(name)+`"`)
		wantStatus(t, a.do("GET", static.URL(name), nil), http.StatusOK)
	}
	wantHeader(t, a.do("GET", "/", nil), "Location", "/setup")
}

func TestSetupHasNothingForMembers(t *testing.T) {
	page := newAdmin(t, web.Form, &onboarding{}).page()
	wantLacks(t, page, `href="/login`, `action="/logout"`)

	// The language is remembered on a listener without TLS, whatever the public URL is.
	resp := newAdmin(t, web.Form, &onboarding{}).do("GET", "/setup?lang=en", nil)
	wantContains(t, body(t, resp), `<html lang="en">`)
	wantHeader(t, resp, "Set-Cookie", "ocsso_lang=en; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax")
}
