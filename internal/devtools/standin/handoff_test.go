package standin_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"ocsso/internal/devtools/signing"
	"ocsso/internal/devtools/standin"
)

// customer is a server with the customer's token verify URL.
type customer struct {
	*httptest.Server
	answer string
	status int
	calls  []string // the raw queries
}

func newCustomer(t *testing.T) *customer {
	c := &customer{answer: `{"login":"true","usercode":"alice"}`, status: http.StatusOK}
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.calls = append(c.calls, r.URL.RawQuery)
		w.WriteHeader(c.status)
		fmt.Fprint(w, c.answer)
	}))
	t.Cleanup(c.Close)
	return c
}

// getSettings are the settings of a customer whose app opens signed links.
func getSettings(c *customer) standin.Settings {
	return standin.Settings{
		Enabled: true, Guests: true, Type: standin.TypeGET, Service: "hangame", OrganizationKey: key,
		TokenVerifyURL: c.URL + "/verify",
	}
}

// link is the query of a signed link. The service is in the path.
func link(fields url.Values) string {
	query := url.Values{}
	for name, values := range fields {
		if name != "service" {
			query[name] = values
		}
	}
	return query.Encode()
}

func TestASignedLinkLogsInOnEveryPage(t *testing.T) {
	customer := newCustomer(t)
	c := newCenter(t, getSettings(customer))
	for _, path := range []string{"/hangame/hc/", "/hangame/hc/ticket/", "/hangame/hc/ticket/list/"} {
		b := newBrowser(t, c)
		answer := b.get(path + "?iframe=true&" + link(handoff(signing.CallLink, noon)) + "&lang=en")
		if got, want := answer.Header.Get("Location"), path+"?iframe=true&lang=en"; answer.StatusCode != http.StatusFound || got != want {
			t.Errorf("%s: got %d %q, want 302 %q", path, answer.StatusCode, got, want)
		}
		if got := b.get(path).member(t); got != "alice" {
			t.Errorf("%s: got member %q, want alice", path, got)
		}
	}
}

func TestTheVerifyURLGetsUsercodeAndTokenEncoded(t *testing.T) {
	customer := newCustomer(t)
	customer.answer = `{"login":"true","usercode":"o'brien +1"}`
	c := newCenter(t, getSettings(customer))
	fields := handoff(signing.CallLink, noon)
	fields.Set("usercode", "o'brien +1")
	sign(signing.CallLink, fields)
	newBrowser(t, c).get("/hangame/hc/?" + link(fields))
	token := strings.NewReplacer("+", "%2B", "/", "%2F", "=", "%3D").Replace(fields.Get("token"))
	if diff := cmp.Diff([]string{"usercode=o'brien%20%2B1&token=" + token}, customer.calls); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	event := c.lastEvent(standin.KindVerify)
	if event.Outcome != standin.OutcomeOK || event.Path != customer.URL+"/verify" {
		t.Errorf("event: got %+v, want an ok call of the URL without its query", event)
	}
}

func TestTheVerifyURLDecidesWhoIsLoggedIn(t *testing.T) {
	tests := []struct {
		name, answer string
		status       int
		member       string
		outcome      standin.Outcome
		detail       string
	}{
		{"true", `{"login":"true","usercode":"alice"}`, 200, "alice", standin.OutcomeOK, ""},
		{"a Boolean", `{"login":true,"usercode":"alice"}`, 200, "alice", standin.OutcomeWarning, "login is a Boolean, not a string"},
		{"false", `{"login":"false","usercode":null}`, 200, "", standin.OutcomeRefused, `login is "false"`},
		{"a Boolean false", `{"login":false,"usercode":null}`, 200, "", standin.OutcomeRefused, `login is "false"; login is a Boolean, not a string`},
		{"another member", `{"login":"true","usercode":"bob"}`, 200, "", standin.OutcomeRefused, "the answer is for another usercode"},
		{"no usercode", `{"login":"true","usercode":null}`, 200, "", standin.OutcomeRefused, `login is "true" but usercode is missing`},
		{"no login", `{}`, 200, "", standin.OutcomeRefused, "login is missing, or not a string"},
		{"another word", `{"login":"yes","usercode":"alice"}`, 200, "", standin.OutcomeRefused, `login is "yes"`},
		{"HTML", `<!doctype html>`, 200, "", standin.OutcomeRefused, "the answer is not the contract's JSON"},
		{"endless", `{"login":"true","usercode":"alice","x":"` + strings.Repeat("x", 1<<20) + `"}`, 200, "", standin.OutcomeRefused, "the answer is not the contract's JSON"},
		{"an error", `{"login":"true","usercode":"alice"}`, 500, "", standin.OutcomeRefused, "answered 500, not 200"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			customer := newCustomer(t)
			customer.answer, customer.status = test.answer, test.status
			c := newCenter(t, getSettings(customer))
			b := newBrowser(t, c)
			b.get("/hangame/hc/ticket/?" + link(handoff(signing.CallLink, noon)))
			if got := b.get("/hangame/hc/ticket/").member(t); got != test.member {
				t.Errorf("got member %q, want %q", got, test.member)
			}
			event := c.lastEvent(standin.KindVerify)
			if event.Outcome != test.outcome || !strings.HasPrefix(event.Detail, test.detail) {
				t.Errorf("got %s %q, want %s %q", event.Outcome, event.Detail, test.outcome, test.detail)
			}
		})
	}
}

func TestAnUnreachableVerifyURLMakesAGuestAndLeaksNoToken(t *testing.T) {
	customer := newCustomer(t)
	c := newCenter(t, getSettings(customer))
	customer.Close()
	fields := handoff(signing.CallLink, noon)
	b := newBrowser(t, c)
	b.get("/hangame/hc/ticket/?" + link(fields))
	if got := b.get("/hangame/hc/ticket/").member(t); got != "" {
		t.Errorf("got member %q, want a guest", got)
	}
	event := c.lastEvent(standin.KindVerify)
	if !strings.HasPrefix(event.Detail, "no answer: ") || strings.Contains(event.Detail, "token=") {
		t.Errorf("detail: got %q, want why there is no answer, without the URL", event.Detail)
	}
}

// hangingTransport never answers.
type hangingTransport struct{}

func (hangingTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

func TestAVerifyCallTimesOutAfterFiveSeconds(t *testing.T) {
	settings := getSettings(newCustomer(t))
	synctest.Test(t, func(t *testing.T) {
		now := func() time.Time { return noon }
		s, err := standin.New(slog.New(slog.DiscardHandler), &http.Client{Transport: hangingTransport{}}, now, settings)
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		newBrowser(t, s).get("/hangame/hc/?" + link(handoff(signing.CallLink, noon)))
		if took := time.Since(start); took != 5*time.Second {
			t.Errorf("took %s, want 5s", took)
		}
	})
}

func TestInvalidSignedLinksAreRefused(t *testing.T) {
	tests := slices.Clone(invalidHandoffs)
	noEmail := invalidHandoffs[1] // no usercode
	noEmail.name, noEmail.detail, noEmail.cause = "no email", "email is required", "a required field missing (email)"
	noEmail.change = func(v url.Values) { v.Del("email") }
	tests = append(tests, noEmail)
	for _, test := range tests {
		if strings.Contains(test.name, "service") || test.name == "unknown field" {
			continue // the service is in the path, and pages accept unknown parameters
		}
		t.Run(test.name, func(t *testing.T) {
			customer := newCustomer(t)
			c := newCenter(t, getSettings(customer))
			fields := handoff(signing.CallLink, noon)
			test.change(fields)
			if test.resign {
				sign(signing.CallLink, fields)
			}
			b := newBrowser(t, c)
			b.get("/hangame/hc/ticket/?" + link(fields))
			event := c.lastEvent(standin.KindLink)
			if event.Outcome != standin.OutcomeRefused || !strings.Contains(event.Detail, test.detail) || event.Cause != test.cause {
				t.Errorf("got %s %q, cause %q; want refused %q, cause %q", event.Outcome, event.Detail, event.Cause, test.detail, test.cause)
			}
			if len(customer.calls) != 0 {
				t.Errorf("the verify URL was called: %v", customer.calls)
			}
			if got := b.get("/hangame/hc/ticket/").member(t); got != "" {
				t.Errorf("got member %q, want a guest", got)
			}
		})
	}
}

func TestALinkForAnotherServiceIsRefused(t *testing.T) {
	c := newCenter(t, getSettings(newCustomer(t)))
	newBrowser(t, c).get("/other/hc/?" + link(handoff(signing.CallLink, noon)))
	if got, want := c.lastEvent(standin.KindLink).Detail, "token does not match these fields"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestAFailedLinkMakesAMemberAGuest(t *testing.T) {
	customer := newCustomer(t)
	c := newCenter(t, getSettings(customer))
	b := newBrowser(t, c)
	b.get("/hangame/hc/?" + link(handoff(signing.CallLink, noon)))
	customer.answer = `{"login":"false","usercode":null}`
	b.get("/hangame/hc/?" + link(handoff(signing.CallLink, noon)))
	if got := b.get("/hangame/hc/").member(t); got != "" {
		t.Errorf("got member %q, want a guest", got)
	}
}

func TestTheHistoryRedirectsToTheInquiryPageAfterAFailedLink(t *testing.T) {
	customer := newCustomer(t)
	customer.answer = `{"login":"false","usercode":null}`
	b := newBrowser(t, newCenter(t, getSettings(customer)))
	clean := b.get("/hangame/hc/ticket/list/?iframe=true&" + link(handoff(signing.CallLink, noon))).Header.Get("Location")
	if got, want := b.get(clean).Header.Get("Location"), "/hangame/hc/ticket/?iframe=true"; got != want {
		t.Errorf("got Location %q, want %q", got, want)
	}
}

func TestALinkIsIgnoredInTypePOST(t *testing.T) {
	c := newCenter(t, postSettings())
	b := logIn(t, c, "bob")
	b.get("/hangame/hc/?" + link(handoff(signing.CallLink, noon)))
	if event := c.lastEvent(standin.KindLink); event.Outcome != standin.OutcomeRefused || !strings.HasPrefix(event.Detail, "ignored") {
		t.Errorf("got %+v, want it refused as ignored", event)
	}
	if got := b.get("/hangame/hc/").member(t); got != "bob" {
		t.Errorf("got member %q, want bob still", got)
	}
}

func TestAnAccessTokenIsIgnoredInTypeGET(t *testing.T) {
	c := newCenter(t, getSettings(newCustomer(t)))
	newBrowser(t, c).get("/hangame/hc/?accessToken=x&usercode=alice&time=1")
	if event := c.lastEvent(standin.KindAccessToken); event.Outcome != standin.OutcomeRefused || !strings.HasPrefix(event.Detail, "member integration is off") {
		t.Errorf("got %+v, want it refused", event)
	}
}
