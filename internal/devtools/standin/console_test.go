package standin_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"ocsso/internal/devtools/signing"
	"ocsso/internal/devtools/standin"
)

// put sends a value to the console's API as JSON.
func put(t *testing.T, c *center, path string, value any) *page {
	t.Helper()
	body, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return newBrowser(t, c).send(http.MethodPut, path, string(body), http.Header{"Content-Type": {"application/json"}})
}

// putText sends JSON text to the console's API, also invalid JSON.
func putText(t *testing.T, c *center, path, body string) *page {
	t.Helper()
	return newBrowser(t, c).send(http.MethodPut, path, body, http.Header{"Content-Type": {"application/json"}})
}

func TestTokensAndTheKeyAreMaskedByDefault(t *testing.T) {
	c := newCenter(t, postSettings())
	fields := handoff(signing.CallForm, noon)
	fields.Set("usercode", "mallory") // so that expected and received differ
	newBrowser(t, c).post(formPath, fields)
	accessFields := handoff(signing.CallAPI, noon)
	accessToken := callAPI(t, c, accessFields).Result.Content
	newBrowser(t, c).get(redeemURL("/hangame/hc/", accessToken, accessFields))
	secrets := []string{key, fields.Get("token"), c.lastEvent(standin.KindForm).Expected, accessToken}
	for _, path := range []string{"/console", "/console/settings", "/console/events/1", "/console/api/events", "/console/api/settings", "/console/api/faults"} {
		text := newBrowser(t, c).get(path).text
		for _, secret := range secrets {
			if strings.Contains(text, secret) {
				t.Errorf("%s shows %s", path, secret)
			}
		}
	}
	masked := getJSON[[]standin.Event](t, c, "/console/api/events")
	if got, want := masked[len(masked)-1].Received, fields.Get("token")[:4]+"••••••••"; got != want { // so that two differ
		t.Errorf("got token %q, want %q", got, want)
	}
	for path, secret := range map[string]string{
		"/console/api/settings": key, "/console/api/events": accessToken, "/console/settings": key, "/console/events/1": secrets[1],
	} {
		// + is escaped in HTML
		if text := newBrowser(t, c).get(path + "?reveal=1").text; !strings.Contains(strings.ReplaceAll(text, "&#43;", "+"), secret) {
			t.Errorf("%s?reveal=1 lacks %s", path, secret)
		}
	}
}

func TestSettingsAreReplacedByPUT(t *testing.T) {
	c := newCenter(t, postSettings())
	want := getSettings(newCustomer(t))
	want.Parameters = []standin.Parameter{{Name: "memberno", In: standin.InHeader}}
	if answer := put(t, c, "/console/api/settings", want); answer.StatusCode != http.StatusOK {
		t.Fatalf("got %d %s, want 200", answer.StatusCode, answer.text)
	}
	if diff := cmp.Diff(want, getJSON[standin.Settings](t, c, "/console/api/settings?reveal=1")); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
}

func TestSettingsSentBackAsShownKeepTheKey(t *testing.T) {
	c := newCenter(t, postSettings())
	shown := getJSON[standin.Settings](t, c, "/console/api/settings")
	shown.Guests = true
	put(t, c, "/console/api/settings", shown)
	got := getJSON[standin.Settings](t, c, "/console/api/settings?reveal=1")
	if !got.Guests || got.OrganizationKey != key {
		t.Errorf("got guests %v, key %q; want true and the key as before", got.Guests, string(got.OrganizationKey))
	}
}

func TestInvalidSettingsAreRefusedByName(t *testing.T) {
	tests := []struct {
		name   string
		change func(*standin.Settings)
		want   string
	}{
		{"type", func(s *standin.Settings) { s.Type = "post" }, "type: must be POST or GET"},
		{"no login URL", func(s *standin.Settings) { s.LoginURL = "" }, "login_url: is required"},
		{"no login status URL", func(s *standin.Settings) { s.LoginStatusURL = "" }, "login_status_url: is required"},
		{"no token verify URL", func(s *standin.Settings) { s.Type = standin.TypeGET }, "token_verify_url: is required"},
		{"another scheme", func(s *standin.Settings) { s.LoginURL = "javascript:alert(1)" }, "login_url: must be an http or https URL"},
		{"no host", func(s *standin.Settings) { s.LoginURL = "http:///login" }, "login_url: must be an http or https URL"},
		{"user name", func(s *standin.Settings) { s.LoginURL = "http://u@localhost/" }, "login_url: must be an http or https URL"},
		{"fragment", func(s *standin.Settings) { s.LoginStatusURL = site + "/#x" }, "login_status_url: must be an http or https URL"},
		{"service", func(s *standin.Settings) { s.Service = "" }, "service: must be one path segment"},
		{"unknown parameter", func(s *standin.Settings) { s.Parameters = []standin.Parameter{{Name: "name", In: "query"}} }, "parameters: must name a field"},
		{"parameter twice", func(s *standin.Settings) {
			s.Parameters = []standin.Parameter{{Name: "email", In: "query"}, {Name: "email", In: "header"}}
		}, "parameters: must name a field"},
		{"parameter nowhere", func(s *standin.Settings) { s.Parameters = []standin.Parameter{{Name: "email", In: "body"}} }, "parameters: must be in query or header"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := newCenter(t, postSettings())
			settings := postSettings()
			test.change(&settings)
			answer := put(t, c, "/console/api/settings", settings)
			if got := decode[struct{ Error string }](t, answer).Error; answer.StatusCode != http.StatusBadRequest || !strings.HasPrefix(got, test.want) {
				t.Errorf("got %d %q, want 400 %q", answer.StatusCode, got, test.want)
			}
			if got := getJSON[standin.Settings](t, c, "/console/api/settings"); got.LoginURL != site+"/login" {
				t.Errorf("got %+v, want the settings as before", got)
			}
		})
	}
}

func TestTheConsolesAPIRefusesInvalidJSON(t *testing.T) {
	c := newCenter(t, postSettings())
	tests := []struct{ path, body, want string }{
		{"/console/api/settings", `{"login_ur":""}`, `unknown field "login_ur"`},
		{"/console/api/settings", `{"guests":"yes"}`, "guests"},
		{"/console/api/faults", `{"clock":"1s"}`, `unknown field "clock"`},
		{"/console/api/faults", `{"clock_offset":"1 hour"}`, "clock_offset"},
		{"/console/api/faults", `{"endpoints":{"verify":{}}}`, "endpoints.verify: no such endpoint"},
		{"/console/api/faults", `{"endpoints":{"form":{"delay":"61s"}}}`, "endpoints.form.delay: must be between 0s and 1m0s"},
		{"/console/api/faults", `{"endpoints":{"form":{"delay":"-1s"}}}`, "endpoints.form.delay: must be between 0s and 1m0s"},
		{"/console/api/faults", `{"endpoints":{"api":{"status":99}}}`, "endpoints.api.status: must be between 200 and 599"},
		{"/console/api/faults", `{"endpoints":{"api":{"body":"` + strings.Repeat("x", 70_000) + `"}}}`, "too large"},
	}
	for _, test := range tests {
		answer := putText(t, c, test.path, test.body)
		if got := decode[struct{ Error string }](t, answer).Error; answer.StatusCode != http.StatusBadRequest || !strings.Contains(got, test.want) {
			t.Errorf("PUT %s %.40s: got %d %q, want 400 %q", test.path, test.body, answer.StatusCode, got, test.want)
		}
	}
}

func TestAnotherSiteCannotUseTheConsole(t *testing.T) {
	c := newCenter(t, postSettings())
	tests := []struct{ method, path, contentType string }{
		{http.MethodPut, "/console/api/settings", "application/json"},
		{http.MethodPut, "/console/api/faults", "application/json"},
		{http.MethodPost, "/console/api/reset", ""},
		{http.MethodPost, "/console/settings", "application/x-www-form-urlencoded"},
		{http.MethodPost, "/console/faults", "application/x-www-form-urlencoded"},
		{http.MethodPost, "/console/reset", "application/x-www-form-urlencoded"},
	}
	for _, test := range tests {
		answer := newBrowser(t, c).send(test.method, test.path, "{}", http.Header{"Content-Type": {test.contentType}, "Origin": {"https://evil.example"}})
		if answer.StatusCode != http.StatusForbidden {
			t.Errorf("%s %s: got %d, want 403", test.method, test.path, answer.StatusCode)
		}
	}
}

func TestAFaultReplacesTheEndpointsAnswer(t *testing.T) {
	c := newCenter(t, postSettings())
	put(t, c, "/console/api/faults", standin.Faults{Endpoints: map[standin.Kind]standin.Fault{
		standin.KindForm:    {Status: 503},
		standin.KindAPI:     {Body: `{"header":`},
		standin.KindHistory: {Status: 500, Body: "<b>broken</b>"},
	}})
	tests := []struct {
		method, path string
		status       int
		contentType  string
		body         string
	}{
		{http.MethodPost, formPath, 503, "text/plain; charset=utf-8", ""},
		{http.MethodPost, apiPath, 200, "application/json", `{"header":`},
		{http.MethodGet, historyPath, 500, "text/plain; charset=utf-8", "<b>broken</b>"},
	}
	for _, test := range tests {
		answer := newBrowser(t, c).send(test.method, test.path, "", nil)
		if got := answer.Header.Get("Content-Type"); answer.StatusCode != test.status || got != test.contentType || answer.text != test.body {
			t.Errorf("%s: got %d %q %q, want %d %q %q", test.path, answer.StatusCode, got, answer.text, test.status, test.contentType, test.body)
		}
		if event := c.events()[0]; event.Outcome != standin.OutcomeFault || event.Path != test.path {
			t.Errorf("%s: got event %+v, want a fault", test.path, event)
		}
	}
	if answer := newBrowser(t, c).get("/hangame/hc/"); answer.StatusCode != http.StatusOK {
		t.Errorf("a page without a fault: got %d, want 200", answer.StatusCode)
	}
	putText(t, c, "/console/api/faults", "{}")
	if answer := newBrowser(t, c).post(formPath, handoff(signing.CallForm, noon)); answer.StatusCode != http.StatusFound {
		t.Errorf("after clearing: got %d, want 302", answer.StatusCode)
	}
}

func TestFaultsAreListedForEveryEndpoint(t *testing.T) {
	c := newCenter(t, postSettings())
	putText(t, c, "/console/api/faults", `{"clock_offset":"-90s","endpoints":{"api":{"delay":"1.5s"}}}`)
	want := standin.Faults{
		ClockOffset: standin.Duration(-90 * time.Second),
		Endpoints: map[standin.Kind]standin.Fault{
			"form": {}, "api": {Delay: standin.Duration(1500 * time.Millisecond)}, "home": {}, "inquiry": {}, "history": {},
		},
	}
	if diff := cmp.Diff(want, getJSON[standin.Faults](t, c, "/console/api/faults")); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
}

func TestADelayEndsWhenTheCallerLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCenter(t, postSettings())
		putText(t, c, "/console/api/faults", `{"endpoints":{"home":{"delay":"7s"}}}`)
		start := time.Now()
		if answer := newBrowser(t, c).get("/hangame/hc/"); answer.StatusCode != http.StatusOK || time.Since(start) != 7*time.Second {
			t.Errorf("got %d after %s, want 200 after 7s", answer.StatusCode, time.Since(start))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start = time.Now()
		c.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, http.MethodGet, "/hangame/hc/", nil))
		if time.Since(start) != time.Second {
			t.Errorf("the caller left after 1s, the handler after %s", time.Since(start))
		}
	})
}

func TestTheClockOffsetMovesTheTimeLimit(t *testing.T) {
	c := newCenter(t, postSettings())
	putText(t, c, "/console/api/faults", `{"clock_offset":"10m"}`)
	newBrowser(t, c).post(formPath, handoff(signing.CallForm, noon))
	event := c.lastEvent(standin.KindForm)
	if want := "time differs from the help center's clock by 10m0s, the limit is 3m0s"; !strings.HasPrefix(event.Detail, want) || !event.Time.Equal(noon.Add(10*time.Minute)) {
		t.Errorf("got %q at %s, want %q ten minutes after noon", event.Detail, event.Time, want)
	}
	if answer := newBrowser(t, c).post(formPath, handoff(signing.CallForm, noon.Add(10*time.Minute))); answer.StatusCode != http.StatusFound {
		t.Errorf("a time by the help center's clock: got %d, want 302", answer.StatusCode)
	}
}

func TestResetRestoresTheInitialState(t *testing.T) {
	for _, path := range []string{"/console/api/reset", "/console/reset"} {
		c := newCenter(t, postSettings())
		b := logIn(t, c, "alice")
		b.post(inquiryPath, ask("gone"))
		changed := postSettings()
		changed.Guests = true
		put(t, c, "/console/api/settings", changed)
		putText(t, c, "/console/api/faults", `{"clock_offset":"1h","endpoints":{"form":{"status":500}}}`)

		newBrowser(t, c).send(http.MethodPost, path, "", nil)
		if got := c.events(); len(got) != 0 {
			t.Errorf("%s: events: got %d, want none", path, len(got))
		}
		if got := getJSON[[]standin.Inquiry](t, c, "/console/api/inquiries"); len(got) != 0 {
			t.Errorf("%s: inquiries: got %d, want none", path, len(got))
		}
		if got := getJSON[standin.Settings](t, c, "/console/api/settings"); got.Guests {
			t.Errorf("%s: settings: got guests on, want them off as at the start", path)
		}
		if got := getJSON[standin.Faults](t, c, "/console/api/faults"); got.ClockOffset != 0 || got.Endpoints["form"] != (standin.Fault{}) {
			t.Errorf("%s: faults: got %+v, want none", path, got)
		}
		if got := b.get("/hangame/hc/").member(t); got != "" {
			t.Errorf("%s: got member %q, want a guest", path, got)
		}
	}
}

func TestTheNewestFiveHundredEventsAreKept(t *testing.T) {
	c := newCenter(t, postSettings())
	b := newBrowser(t, c)
	for range 501 {
		b.get("/hangame/hc/")
	}
	events := c.events()
	if len(events) != 500 || events[0].ID != 501 || events[499].ID != 2 {
		t.Errorf("got %d events, %d to %d; want 500, 501 to 2", len(events), events[0].ID, events[len(events)-1].ID)
	}
}

func TestTheConsoleWorksWithoutScript(t *testing.T) {
	c := newCenter(t, postSettings())
	b := newBrowser(t, c)
	answer := b.post("/console/settings", url.Values{
		"enabled": {"on"}, "guests": {"on"}, "type": {"GET"}, "token_verify_url": {" " + site + "/token/verify "}, "service": {"demo"},
		"organization_key": {""}, "parameter.usercode": {"query"}, "parameter.token": {"header"}, "parameter.email": {""},
	})
	if answer.StatusCode != http.StatusSeeOther {
		t.Fatalf("got %d, want 303", answer.StatusCode)
	}
	want := standin.Settings{
		Enabled: true, Guests: true, Type: standin.TypeGET, TokenVerifyURL: site + "/token/verify", Service: "demo", OrganizationKey: key,
		Parameters: []standin.Parameter{{Name: "usercode", In: "query"}, {Name: "token", In: "header"}},
	}
	if diff := cmp.Diff(want, getJSON[standin.Settings](t, c, "/console/api/settings?reveal=1")); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}

	for preset, want := range map[string]standin.Faults{
		"hangs": {Endpoints: map[standin.Kind]standin.Fault{"form": {Delay: standin.Duration(time.Minute)}, "api": {Delay: standin.Duration(time.Minute)}}},
		"clock": {ClockOffset: standin.Duration(10 * time.Minute)},
		"none":  {},
	} {
		saved := b.get(b.post("/console/faults", url.Values{"preset": {preset}}).Header.Get("Location")).text
		got := getJSON[standin.Faults](t, c, "/console/api/faults")
		for _, endpoint := range []standin.Kind{"form", "api", "home", "inquiry", "history"} {
			if got.Endpoints[endpoint] != want.Endpoints[endpoint] || got.ClockOffset != want.ClockOffset {
				t.Errorf("%s: got %+v, want %+v", preset, got, want)
			}
		}
		if !strings.Contains(saved, `value="`+preset+`" checked`) || !strings.Contains(saved, `role="status"`) {
			t.Errorf("%s: the page does not say that it is saved:\n%s", preset, saved)
		}
		if page, bar := b.get("/hangame/hc/").text, `class="abnormal"`; strings.Contains(page, bar) != (preset != "none") {
			t.Errorf("%s: got the bar %v, want %v", preset, strings.Contains(page, bar), preset != "none")
		}
	}
}

func TestTheConsoleShowsEachProblemAtItsField(t *testing.T) {
	c := newCenter(t, postSettings())
	answer := newBrowser(t, c).post("/console/settings?lang=ko", url.Values{"enabled": {"on"}, "type": {"POST"}, "login_url": {"nowhere"}, "service": {"demo"}})
	if answer.StatusCode != http.StatusBadRequest {
		t.Errorf("got %d, want 400", answer.StatusCode)
	}
	for _, want := range []string{`id="login_url-problem">http 또는 https 주소여야`, `id="login_status_url-problem">값을 입력하세요`, `value="nowhere"`, `role="alert"`} {
		if !strings.Contains(answer.text, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	answer = newBrowser(t, c).post("/console/faults", url.Values{"preset": {"earthquake"}})
	if answer.StatusCode != http.StatusBadRequest || !strings.Contains(answer.text, `id="preset-problem"`) || !strings.Contains(answer.text, `role="alert"`) {
		t.Errorf("faults: got %d, want 400 and the problem in\n%s", answer.StatusCode, answer.text)
	}
}

func TestTheConsoleDescribesACallInItsLanguageAndTheAPIInEnglish(t *testing.T) {
	c := newCenter(t, postSettings())
	newBrowser(t, c).post(formPath, handoff(signing.CallForm, noon.Add(-10*time.Minute)))
	tests := map[string]string{
		"ko": "time과 헬프센터 시계의 차이: 10분 (3분 이내여야 함)",
		"en": "time differs from the help center&#39;s clock by 10m0s, the limit is 3m0s",
		"ja": "time과 헬프센터 시계의 차이: 10분 (3분 이내여야 함)", // the console speaks Korean and English
	}
	for lang, want := range tests {
		for _, path := range []string{"/console", "/console/events/1"} {
			if text := newBrowser(t, c).get(path + "?lang=" + lang).text; !strings.Contains(text, "<h3>"+want+"</h3>") {
				t.Errorf("%s in %s lacks %q", path, lang, want)
			}
		}
	}
	if got, want := c.lastEvent(standin.KindForm).Detail, "time differs from the help center's clock by 10m0s, the limit is 3m0s"; !strings.HasPrefix(got, want) {
		t.Errorf("the API: got %q, want %q", got, want)
	}
}

func TestAnEventHasAPageToCopyFrom(t *testing.T) {
	c := newCenter(t, postSettings())
	fields := handoff(signing.CallForm, noon)
	fields.Del("returnUrl") // it was signed
	newBrowser(t, c).post(formPath, fields)
	text := newBrowser(t, c).get("/console/events/1").text
	for _, want := range []string{"message   hangame&amp;alice&amp;", "cause     returnUrl signed but not sent", "outcome   refused",
		"ocdev token explain --handoff form", "curl -i &#39;http://127.0.0.1:8090/v2/enduser/remote.json&#39;", "<del>"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if want := `href="/console/events/1?reveal=1">`; strings.Count(text, want) != 2 { // in the footer, and beside the commands
		t.Errorf("got %d links to the tokens, want 2", strings.Count(text, want))
	}
	revealed := strings.ReplaceAll(newBrowser(t, c).get("/console/events/1?reveal=1").text, "&#43;", "+")
	if want := "--token &#39;" + fields.Get("token") + "&#39;"; !strings.Contains(revealed, want) {
		t.Errorf("the page with tokens lacks %q", want)
	}
	for _, path := range []string{"/console/events/2", "/console/events/x"} {
		if answer := newBrowser(t, c).get(path); answer.StatusCode != http.StatusNotFound {
			t.Errorf("%s: got %d, want 404", path, answer.StatusCode)
		}
	}
}

// TestOneButtonBlocksThirdPartyCookies: Chrome's normal window sends them, so developers don't meet
// what Safari's members do.
func TestOneButtonBlocksThirdPartyCookies(t *testing.T) {
	c := newCenter(t, postSettings())
	b := newBrowser(t, c)
	wantCredentials := func(want string) {
		t.Helper()
		if page := b.get("/hangame/hc/"); !strings.Contains(page.text, `data-status-credentials="`+want+`"`) {
			t.Errorf("got no status call with credentials %s in %s", want, page.text)
		}
	}
	wantCredentials("include")
	b.post("/console/cookies", nil)
	wantCredentials("omit")
	b.post("/console/faults", url.Values{"preset": {"none"}}) // another form
	wantCredentials("omit")
	b.post("/console/cookies", nil)
	wantCredentials("include")
}

func jsonText(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestTheConsoleHearsOfEachCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCenter(t, postSettings())
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/console/live", nil)
		r.Host = "127.0.0.1"
		w := httptest.NewRecorder()
		done := make(chan struct{})
		go func() {
			defer close(done)
			c.ServeHTTP(w, r)
		}()
		synctest.Wait()
		newBrowser(t, c).get("/hangame/hc/")
		synctest.Wait()
		c.Stop() // or it would keep its server from stopping
		<-done
		if got, want := w.Body.String(), "data: 0\n\ndata: 1\n\n"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}
