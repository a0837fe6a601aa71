package standin_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"ocsso/internal/devtools/signing"
	"ocsso/internal/devtools/standin"
)

const (
	formPath = "/v2/enduser/remote.json"
	apiPath  = "/api/v2/enduser/remote.json"
)

func TestAFormLoginReturnsAsTheMember(t *testing.T) {
	c := newCenter(t, postSettings())
	b := newBrowser(t, c)
	answer := b.post(formPath, handoff(signing.CallForm, noon))
	if got, want := answer.Header.Get("Location"), self+"/hangame/hc/ticket/"; answer.StatusCode != http.StatusFound || got != want {
		t.Fatalf("got %d %q, want 302 %q", answer.StatusCode, got, want)
	}
	cookie := b.cookies["oc_member"]
	if cookie == nil || !cookie.HttpOnly || !cookie.Secure || cookie.SameSite != http.SameSiteNoneMode || cookie.Path != "/" {
		t.Errorf("got cookie %v, want oc_member with HttpOnly, Secure, SameSite=None and Path=/", cookie)
	}
	if got := b.get("/hangame/hc/ticket/").member(t); got != "alice" {
		t.Errorf("member: got %q, want alice", got)
	}
}

func TestAFormLoginWithoutReturnURLSaysSuccess(t *testing.T) {
	c := newCenter(t, postSettings())
	for _, blank := range []string{"", " \u3000"} {
		fields := handoff(signing.CallForm, noon)
		fields.Set("returnUrl", blank)
		sign(signing.CallForm, fields)
		b := newBrowser(t, c)
		if answer := b.post(formPath, fields); answer.StatusCode != http.StatusOK || answer.text != "SUCCESS" {
			t.Errorf("returnUrl %q: got %d %q, want 200 SUCCESS", blank, answer.StatusCode, answer.text)
		}
		if got := b.get("/hangame/hc/").member(t); got != "alice" {
			t.Errorf("returnUrl %q: member: got %q, want alice", blank, got)
		}
	}
}

func TestANewLoginReplacesTheSession(t *testing.T) {
	c := newCenter(t, postSettings())
	b := logIn(t, c, "alice")
	old := b.cookies["oc_member"]
	b.post(formPath, handoff(signing.CallForm, noon))
	if b.cookies["oc_member"].Value == old.Value {
		t.Error("the session id is the old one")
	}
	b.cookies["oc_member"] = old
	if got := b.get("/hangame/hc/").member(t); got != "" {
		t.Errorf("the old session: got member %q, want a guest", got)
	}
}

// invalidHandoffs are refused in a form login and in an api login.
var invalidHandoffs = []struct {
	name   string
	change func(url.Values)
	resign bool // sign the changed fields
	detail string
	code   int
	cause  string
}{
	{"no service", func(v url.Values) { v.Del("service") }, true, "service is required", 400, "a required field missing (service)"},
	{"no usercode", func(v url.Values) { v.Del("usercode") }, true, "usercode is required", 400, "a required field missing (usercode)"},
	{"blank usercode", func(v url.Values) { v.Set("usercode", "\u3000") }, true, "usercode is required", 400, "a required field missing (usercode)"},
	{"no time", func(v url.Values) { v.Del("time") }, true, "time is required", 400, "a required field missing (time)"},
	{"no token", func(v url.Values) { v.Del("token") }, false, "token is required", 400, ""},
	{"long service", func(v url.Values) { v.Set("service", strings.Repeat("s", 51)) }, true, "service has 51 characters, the limit is 50", 400, ""},
	{"long usercode", func(v url.Values) { v.Set("usercode", strings.Repeat("u", 51)) }, true, "usercode has 51 characters, the limit is 50", 400, ""},
	{"long username in UTF-16", func(v url.Values) { v.Set("username", strings.Repeat("😀", 26)) }, true, "username has 52 characters, the limit is 50", 400, ""},
	{"long email", func(v url.Values) { v.Set("email", strings.Repeat("e", 101)) }, true, "email has 101 characters, the limit is 100", 400, ""},
	{"long phone", func(v url.Values) { v.Set("phone", strings.Repeat("1", 21)) }, true, "phone has 21 characters, the limit is 20", 400, ""},
	{"long memberno", func(v url.Values) { v.Set("memberno", strings.Repeat("m", 51)) }, true, "memberno has 51 characters, the limit is 50", 400, ""},
	{"unknown field", func(v url.Values) { v.Set("userName", "x") }, true, `"userName" is not a field of the contract`, 400, ""},
	{"a field twice", func(v url.Values) { v.Add("email", "b@example.com") }, true, "email is sent 2 times", 400, ""},
	{"not UTF-8", func(v url.Values) { v.Set("username", "\xff") }, true, "username is not UTF-8", 400, "text not in UTF-8 (username)"},
	{"time no number", func(v url.Values) { v.Set("time", "now") }, true, `time is not an int64: "now"`, 400, "a date for the time"},
	{"time beyond int64", func(v url.Values) { v.Set("time", "9223372036854775808") }, true, `time is not an int64: "9223372036854775808"`, 400, "microseconds or nanoseconds for milliseconds"},
	{"late", func(v url.Values) { v.Set("time", ms(noon.Add(-3*time.Minute-time.Millisecond))) }, true, "time differs from the help center's clock by 3m0s, the limit is 3m0s", 408, ""},
	{"early", func(v url.Values) { v.Set("time", ms(noon.Add(4*time.Minute))) }, true, "time differs from the help center's clock by 4m0s, the limit is 3m0s", 408, ""},
	{"seconds", func(v url.Values) { v.Set("time", strconv.FormatInt(noon.Unix(), 10)) }, true, "from the help center's clock by", 408, "seconds for milliseconds"},
	{"other fields than signed", func(v url.Values) { v.Set("usercode", "mallory") }, false, "token does not match these fields", 401, "not known"},
}

func ms(at time.Time) string { return strconv.FormatInt(at.UnixMilli(), 10) }

func TestInvalidLoginsAreRefused(t *testing.T) {
	for _, test := range invalidHandoffs {
		t.Run(test.name, func(t *testing.T) {
			c := newCenter(t, postSettings())
			changed := func(call signing.Call) url.Values {
				fields := handoff(call, noon)
				test.change(fields)
				if test.resign {
					sign(call, fields)
				}
				return fields
			}
			got := callAPI(t, c, changed(signing.CallAPI))
			if got.Header.IsSuccessful || got.Result != nil || got.Header.ResultCode != test.code || !strings.Contains(got.Header.ResultMessage, test.detail) {
				t.Errorf("api: got %+v, want a failure %d %q without result", got, test.code, test.detail)
			}
			b := newBrowser(t, c)
			answer := b.post(formPath, changed(signing.CallForm))
			if answer.StatusCode != http.StatusBadRequest || !strings.Contains(answer.text, `role="alert"`) || b.cookies["oc_member"] != nil {
				t.Errorf("form: got %d %q, want 400, an alert and no session", answer.StatusCode, answer.text)
			}
			if link := "/console/events/2"; !strings.Contains(answer.text, link) {
				t.Errorf("the page lacks a link to %s", link)
			}
			for _, event := range c.events() {
				if event.Outcome != standin.OutcomeRefused || !strings.Contains(event.Detail, test.detail) || event.Cause != test.cause {
					t.Errorf("%s: got %s %q, cause %q; want refused %q, cause %q", event.Kind, event.Outcome, event.Detail, event.Cause, test.detail, test.cause)
				}
			}
		})
	}
}

func TestALateFormLoginShowsATimeout(t *testing.T) {
	c := newCenter(t, postSettings())
	fields := handoff(signing.CallForm, noon.Add(-time.Hour))
	for lang, want := range map[string]string{"ko": "요청 시간이 초과되었습니다", "en": "The request timed out"} {
		b := newBrowser(t, c)
		b.cookies["oc_lang"] = &http.Cookie{Name: "oc_lang", Value: lang}
		if text := b.post(formPath, fields).text; !strings.Contains(text, want) {
			t.Errorf("%s: the page lacks %q", lang, want)
		}
	}
}

func TestATimeThreeMinutesOffIsAccepted(t *testing.T) {
	for _, skew := range []time.Duration{-3 * time.Minute, 3 * time.Minute} {
		c := newCenter(t, postSettings())
		if answer := newBrowser(t, c).post(formPath, handoff(signing.CallForm, noon.Add(skew))); answer.StatusCode != http.StatusFound {
			t.Errorf("time off by %s: got %d, want 302", skew, answer.StatusCode)
		}
	}
}

func TestRequestsThatAreNotAFormLoginAreRefused(t *testing.T) {
	tests := []struct {
		name, method string
		header       http.Header
		detail       string
	}{
		{"GET", http.MethodGet, nil, "the method is GET, not POST"},
		{"JSON", http.MethodPost, http.Header{"Content-Type": {"application/json"}}, `Content-Type is "application/json"`},
		{"no type", http.MethodPost, nil, `Content-Type is ""`},
		{"EUC-KR", http.MethodPost, http.Header{"Content-Type": {"application/x-www-form-urlencoded; charset=EUC-KR"}}, `the charset is "EUC-KR"`},
		{"fetch", http.MethodPost, http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Sec-Fetch-Mode": {"cors"}}, "sent by a script"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := newCenter(t, postSettings())
			answer := newBrowser(t, c).send(test.method, formPath, handoff(signing.CallForm, noon).Encode(), test.header)
			if got := c.lastEvent(standin.KindForm).Detail; answer.StatusCode != http.StatusBadRequest || !strings.Contains(got, test.detail) {
				t.Errorf("got %d %q, want 400 %q", answer.StatusCode, got, test.detail)
			}
		})
	}
}

func TestBodiesThatAreNotAFormAreRefused(t *testing.T) {
	for body, want := range map[string]string{
		"usercode=%zz":                     "the body is not a form",
		"a=" + strings.Repeat("x", 70_000): "the body can't be read",
	} {
		c := newCenter(t, postSettings())
		header := http.Header{"Content-Type": {"application/x-www-form-urlencoded; charset=utf-8"}}
		newBrowser(t, c).send(http.MethodPost, formPath, body, header)
		if got := c.lastEvent(standin.KindForm).Detail; !strings.Contains(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestAFormLoginReturnsOnlyToTheHelpCenterOrTheCustomersSite(t *testing.T) {
	c := newCenter(t, postSettings())
	for _, returnURL := range []string{
		"https://evil.example/", "//evil.example/", `/\evil.example`, "/hangame/hc/", self + "@evil.example/", "http://u:p@127.0.0.1:8090/",
		"http://127.0.0.1:8090.evil.example/", "javascript:alert(1)", "http://127.0.0.1/", "https://127.0.0.1:8090/", self + "\\@evil.example/", " " + self,
	} {
		fields := handoff(signing.CallForm, noon)
		fields.Set("returnUrl", returnURL)
		sign(signing.CallForm, fields)
		b := newBrowser(t, c)
		answer := b.post(formPath, fields)
		if answer.StatusCode != http.StatusBadRequest || b.cookies["oc_member"] != nil {
			t.Errorf("returnUrl %q: got %d, session %v; want 400 and none", returnURL, answer.StatusCode, b.cookies["oc_member"])
		}
	}
	fields := handoff(signing.CallForm, noon)
	fields.Set("returnUrl", site+"/help")
	sign(signing.CallForm, fields)
	if answer := newBrowser(t, c).post(formPath, fields); answer.Header.Get("Location") != site+"/help" {
		t.Errorf("the customer's site: got %d %q, want it as the Location", answer.StatusCode, answer.Header.Get("Location"))
	}
}

func TestRemoteLoginIsOffOutsideTypePOST(t *testing.T) {
	off := postSettings()
	off.Enabled = false
	get := postSettings()
	get.Type, get.TokenVerifyURL = standin.TypeGET, site+"/token/verify"
	for name, settings := range map[string]standin.Settings{"off": off, "type GET": get} {
		c := newCenter(t, settings)
		if answer := newBrowser(t, c).post(formPath, handoff(signing.CallForm, noon)); answer.StatusCode != http.StatusBadRequest {
			t.Errorf("%s: form: got %d, want 400", name, answer.StatusCode)
		}
		if answer := callAPI(t, c, handoff(signing.CallAPI, noon)); answer.Header.ResultCode != http.StatusForbidden {
			t.Errorf("%s: api: got %+v, want code 403", name, answer.Header)
		}
	}
}

// apiAnswer is the JSON of CONTRACT 5, as a customer reads it.
type apiAnswer struct {
	Header struct {
		ResultCode    int
		ResultMessage string
		IsSuccessful  bool
	}
	Result *struct{ Content string }
}

func callAPI(t *testing.T, c *center, fields url.Values) apiAnswer {
	t.Helper()
	answer := newBrowser(t, c).post(apiPath, fields)
	if got := answer.Header.Get("Content-Type"); answer.StatusCode != http.StatusOK || got != "application/json" {
		t.Errorf("got %d %q, want 200 application/json", answer.StatusCode, got)
	}
	return decode[apiAnswer](t, answer)
}

func TestAnAPILoginAnswersWithAnAccessToken(t *testing.T) {
	got := callAPI(t, newCenter(t, postSettings()), handoff(signing.CallAPI, noon))
	if !got.Header.IsSuccessful || got.Header.ResultCode != 200 || got.Result == nil || got.Result.Content == "" {
		t.Errorf("got %+v, want success with content", got)
	}
}

func TestReturnURLIsRefusedInAnAPILogin(t *testing.T) {
	c := newCenter(t, postSettings())
	signed := handoff(signing.CallForm, noon)
	callAPI(t, c, signed)
	if got := c.lastEvent(standin.KindAPI); got.Cause != string(signing.CauseReturnURLSigned) {
		t.Errorf("signed and sent: got cause %q, want %q", got.Cause, signing.CauseReturnURLSigned)
	}
	signed.Del("returnUrl")
	callAPI(t, c, signed)
	if got := c.lastEvent(standin.KindAPI); got.Cause != string(signing.CauseReturnURLSigned) {
		t.Errorf("signed and not sent: got cause %q, want %q", got.Cause, signing.CauseReturnURLSigned)
	}
	sent := handoff(signing.CallAPI, noon)
	sent.Set("returnUrl", self+"/hangame/hc/")
	if got, want := callAPI(t, c, sent).Header.ResultMessage, "returnUrl is not a field of this call"; got != want {
		t.Errorf("sent and not signed: got %q, want %q", got, want)
	}
}

func TestARefusedLoginRecordsWhatShouldHaveBeenSigned(t *testing.T) {
	c := newCenter(t, postSettings())
	fields := url.Values{"service": {"hangame"}, "usercode": {"alice"}, "email": {" "}, "time": {ms(noon)}, "token": {"bm9uc2Vuc2U="}}
	newBrowser(t, c).post(apiPath, fields)
	message := "hangame&alice&" + ms(noon)
	want := standin.Event{
		ID: 1, Visit: 1, Time: noon, Kind: standin.KindAPI, Method: "POST", Path: apiPath, Status: 200,
		Headers: []standin.Field{{"Content-Type", "application/x-www-form-urlencoded"}},
		Fields:  []standin.Field{{"service", "hangame"}, {"usercode", "alice"}, {"email", " "}, {"time", ms(noon)}, {"token", "bm9uc2Vuc2U="}},
		Outcome: standin.OutcomeRefused, Detail: "token does not match these fields",
		Message: message, Expected: signing.Sign(key, message), Received: "bm9uc2Vuc2U=", Cause: "not a signature",
	}
	if diff := cmp.Diff(want, c.lastEvent(standin.KindAPI), cmpopts.IgnoreUnexported(want)); diff != "" {
		t.Errorf("event (-want +got):\n%s", diff)
	}
}

// redeemURL is the page to open after an api login.
func redeemURL(page, accessToken string, fields url.Values) string {
	return page + "?iframe=true&" + url.Values{"accessToken": {accessToken}, "usercode": {fields.Get("usercode")}, "time": {fields.Get("time")}}.Encode()
}

func TestAnAccessTokenLogsInOnce(t *testing.T) {
	c := newCenter(t, postSettings())
	fields := handoff(signing.CallAPI, noon)
	target := redeemURL("/hangame/hc/ticket/", callAPI(t, c, fields).Result.Content, fields)
	first, second := newBrowser(t, c), newBrowser(t, c)
	if got, want := first.get(target).Header.Get("Location"), "/hangame/hc/ticket/?iframe=true"; got != want {
		t.Errorf("Location: got %q, want %q", got, want)
	}
	second.get(target)
	if got := first.get("/hangame/hc/").member(t); got != "alice" {
		t.Errorf("first use: got member %q, want alice", got)
	}
	if got := second.get("/hangame/hc/").member(t); got != "" {
		t.Errorf("second use: got member %q, want a guest", got)
	}
	if got, want := c.lastEvent(standin.KindAccessToken).Detail, "accessToken is unknown, or was used before"; got != want {
		t.Errorf("detail: got %q, want %q", got, want)
	}
}

func TestAnAccessTokenWorksOnlyForItsOwnLogin(t *testing.T) {
	tests := []struct {
		name   string
		change func(c *center, v url.Values)
		detail string
	}{
		{"another usercode", func(_ *center, v url.Values) { v.Set("usercode", "mallory") }, "usercode differs"},
		{"no usercode", func(_ *center, v url.Values) { v.Del("usercode") }, "usercode differs"},
		{"another time", func(_ *center, v url.Values) { v.Set("time", "1") }, "time differs from the login"},
		{"too late", func(c *center, _ url.Values) { c.now = noon.Add(3*time.Minute + 1) }, "accessToken is older than 3m0s"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := newCenter(t, postSettings())
			fields := handoff(signing.CallAPI, noon)
			accessToken := callAPI(t, c, fields).Result.Content
			test.change(c, fields)
			b := newBrowser(t, c)
			b.get(redeemURL("/hangame/hc/", accessToken, fields))
			if got := c.lastEvent(standin.KindAccessToken).Detail; !strings.Contains(got, test.detail) {
				t.Errorf("detail: got %q, want %q", got, test.detail)
			}
			if got := b.get("/hangame/hc/").member(t); got != "" {
				t.Errorf("got member %q, want a guest", got)
			}
		})
	}
}
