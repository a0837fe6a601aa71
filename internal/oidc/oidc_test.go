package oidc_test

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"ocsso/internal/member"
	"ocsso/internal/oidc"
	"ocsso/internal/oidc/oidctest"
	"ocsso/internal/token"
)

const (
	clientID     = "help center"
	clientSecret = "clientsecret:%+/&= of 32 bytes or more" // escaped in a header (RFC 6749, section 2.3.1)
	redirectURL  = "https://shop.example/login/callback"
)

type object = oidctest.Object

// now is the time of both sides.
func now() time.Time { return time.Date(2026, 11, 22, 5, 0, 0, 0, time.UTC) }

// An idp is a provider with one client, whose options these are.
type idp struct {
	*oidctest.Provider
	opts   oidc.Options
	oauth2 *oidc.OAuth2Options // of a client that speaks OAuth 2, or nil
}

// newIDP starts a provider without faults, behind TLS.
func newIDP(t *testing.T) *idp {
	p, _ := oidctest.NewTLS(t)
	return clientOf(p)
}

func clientOf(p *oidctest.Provider) *idp {
	i := &idp{Provider: p, opts: oidc.Options{
		ClientID: clientID, ClientSecret: clientSecret, RedirectURL: redirectURL,
		Scopes: []string{"openid", "profile", "email"}, Claims: member.Names{UserCode: "sub"},
	}}
	p.Now, p.Client = now, i.isClient
	return i
}

// newOAuth2 starts a provider of OAuth 2.
func newOAuth2(t *testing.T) *idp {
	i := clientOf(oidctest.New(t))
	i.oauth2 = &oidc.OAuth2Options{
		AuthorizationURL: i.Issuer + oidctest.Authorize, TokenURL: i.Issuer + oidctest.Tokens, UserInfoURL: i.Issuer + oidctest.UserInfo,
		ClientID: clientID, ClientSecret: clientSecret, RedirectURL: redirectURL,
		Fields: member.Names{UserCode: "sub", Guests: member.Guests{"0", "null"}},
	}
	return i
}

// isClient authenticates the client (section 9): in the header if the metadata allows both ways.
func (i *idp) isClient(r *http.Request) bool {
	user, password, inHeader := r.BasicAuth()
	methods, _ := i.Metadata["token_endpoint_auth_methods_supported"].([]string)
	inForm := i.oauth2 != nil || slices.Contains(methods, "client_secret_post") && !slices.Contains(methods, "client_secret_basic")
	switch {
	case i.opts.ClientSecret == "":
		return !inHeader && !r.PostForm.Has("client_secret") && r.PostForm.Get("client_id") == clientID
	case inForm:
		return !inHeader && r.PostForm.Get("client_id") == clientID && r.PostForm.Get("client_secret") == clientSecret
	}
	return !r.PostForm.Has("client_secret") && user == url.QueryEscape(clientID) && password == url.QueryEscape(clientSecret)
}

// A login is an oidc.Provider or an oidc.OAuth2Provider.
type login interface {
	AuthURL(ctx context.Context, a oidc.Attempt) (string, error)
	Exchange(ctx context.Context, a oidc.Attempt, callback url.Values) (oidc.Identity, error)
}

// provider returns a new Provider for the client.
func (i *idp) provider() *oidc.Provider {
	i.opts.Issuer = i.Issuer
	return oidc.New(i.opts, i.Transport, now)
}

func (i *idp) login() login {
	if i.oauth2 != nil {
		return oidc.NewOAuth2(*i.oauth2, i.Transport)
	}
	return i.provider()
}

// newAttempt returns an Attempt that no other is like.
func newAttempt() oidc.Attempt { return oidc.NewAttempt(rand.Text()) }

// callback sends a browser to the provider for a, and returns the query of the redirect back.
func (i *idp) callback(t *testing.T, p login, a oidc.Attempt) url.Values {
	t.Helper()
	to, err := p.AuthURL(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	return i.Callback(t, to)
}

// logIn is a whole login, at a provider that may fail before the callback.
func (i *idp) logIn(t *testing.T, p login) (oidc.Identity, error) {
	t.Helper()
	a := newAttempt()
	if _, err := p.AuthURL(t.Context(), a); err != nil {
		return oidc.Identity{}, err
	}
	return exchange(t, p, a, i.callback(t, p, a))
}

// exchange calls Exchange and checks that the error has no secrets and fits a log line.
func exchange(t *testing.T, p login, a oidc.Attempt, callback url.Values) (oidc.Identity, error) {
	t.Helper()
	who, err := p.Exchange(t.Context(), a, callback)
	if err == nil {
		return who, nil
	}
	if who.Member != (member.Member{}) {
		t.Errorf("got member %q and the error %v", who.Member.UserCode, err)
	}
	for _, secret := range []string{a.State, a.Nonce, a.Verifier, callback.Get("code"), "clientsecret", "member-1", "personal data"} {
		if secret != "" && strings.Contains(err.Error(), secret) {
			t.Errorf("the error %q holds %q", err, secret)
		}
	}
	if len(err.Error()) > 500 || strings.ContainsAny(err.Error(), "\r\x00") {
		t.Errorf("the error %q is not fit for a log line", err)
	}
	return who, err
}

func TestAMemberLogsIn(t *testing.T) {
	i := newIDP(t)
	i.Claims = object{
		"name": "김철수", "email": "kim@example.com", "email_verified": true, "phone_number": "+82 10-1234-5678",
		"https://shop.example/no": 1001, "sid": "session-1",
	}
	i.opts.Claims = everything
	p := i.provider()
	if n := len(i.Called()); n != 0 {
		t.Errorf("got %d calls before the first use, want none", n)
	}
	for _, calls := range []map[string]int{ // metadata and keys once
		{oidctest.Discovery: 1, oidctest.Authorize: 1, oidctest.Tokens: 1, oidctest.Keys: 1},
		{oidctest.Authorize: 1, oidctest.Tokens: 1},
	} {
		got, err := i.logIn(t, p)
		want := oidc.Identity{Member: member.Member{
			UserCode: "member-1", UserName: "김철수", Email: "kim@example.com", Phone: "+82 10-1234-5678", MemberNo: "1001",
		}, Subject: "member-1", SessionID: "session-1", IDToken: i.Token}
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%v, identity differs (-want +got):\n%s", err, diff)
		}
		if diff := cmp.Diff(calls, i.Called()); diff != "" {
			t.Errorf("calls (-want +got):\n%s", diff)
		}
	}
	i = clientOf(oidctest.New(t))
	if _, err := i.logIn(t, i.provider()); err != nil {
		t.Errorf("without TLS on loopback: got %v, want a login", err)
	}
}

func TestTheClientSendsItsSecretAsTheMetadataSays(t *testing.T) {
	for name, test := range map[string]struct {
		methods any
		secret  string
	}{
		"in the header by default":           {nil, clientSecret},
		"in the header":                      {[]string{"client_secret_basic"}, clientSecret},
		"in the header if there is a choice": {[]string{"client_secret_post", "client_secret_basic"}, clientSecret},
		"in the form":                        {[]string{"private_key_jwt", "client_secret_post"}, clientSecret},
		"no secret of a public client":       {[]string{"none"}, ""},
	} {
		i := newIDP(t)
		i.Metadata["token_endpoint_auth_methods_supported"], i.opts.ClientSecret = test.methods, test.secret
		if _, err := i.logIn(t, i.provider()); err != nil || i.Called()[oidctest.Tokens] != 1 {
			t.Errorf("%s: got %v, want a login at once: a second try would find the code used", name, err)
		}
	}
	i := newIDP(t)
	p := i.provider()
	i.Client = func(*http.Request) bool { return false }
	if _, err := i.logIn(t, p); !errors.Is(err, oidc.ErrUnreachable) || !strings.HasSuffix(err.Error(), "status 401: invalid_client") {
		t.Errorf("another secret: got %v, want %v with invalid_client", err, oidc.ErrUnreachable)
	}
}

func TestAuthURLRequestsACodeWithPKCE(t *testing.T) {
	i := newIDP(t)
	i.Metadata["authorization_endpoint"] = i.Issuer + oidctest.Authorize + "?realm=shop"
	// The verifier and the challenge are those of RFC 7636, appendix B.
	a := oidc.Attempt{State: "the state", Nonce: "the nonce", Verifier: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"}
	got, err := i.provider().AuthURL(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(got)
	if err != nil || !strings.HasPrefix(got, i.Issuer+oidctest.Authorize+"?") {
		t.Fatalf("got %s, want the authorization endpoint", got)
	}
	want := url.Values{
		"realm": {"shop"}, "response_type": {"code"}, "client_id": {clientID}, "redirect_uri": {redirectURL},
		"scope": {"openid profile email"}, "state": {"the state"}, "nonce": {"the nonce"},
		"code_challenge": {"E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"}, "code_challenge_method": {"S256"},
	}
	if diff := cmp.Diff(want, u.Query()); diff != "" {
		t.Errorf("query (-want +got):\n%s", diff)
	}
}

func TestAttemptsDifferAndSoDoTheirTexts(t *testing.T) {
	seen := map[string]bool{}
	for range 100 {
		seed := rand.Text()
		a := oidc.NewAttempt(seed)
		if again := oidc.NewAttempt(seed); again != a {
			t.Errorf("got %v, then %v of one seed", a, again)
		}
		for _, text := range []string{a.State, a.Nonce, a.Verifier} { // RFC 7636, section 4.1
			if seen[text] || len(text) < 43 || len(text) > 128 || url.QueryEscape(text) != text {
				t.Fatalf("got %q, want 43 to 128 characters, URL-safe and not seen before", text)
			}
			seen[text] = true
		}
	}
}

func TestMetadataWithInsecureEndpointsIsRefused(t *testing.T) {
	for want, metadata := range map[string]object{
		"which is not login.oidc.issuer":            {"issuer": "https://evil.example"},
		"authorization_endpoint is not an absolute": {"authorization_endpoint": nil},
		"token_endpoint is not an absolute":         {"token_endpoint": "/token"},
		"jwks_uri is not an absolute":               {"jwks_uri": nil},
		"token_endpoint is neither https":           {"token_endpoint": "http://idp.example/token"},
		"userinfo_endpoint is neither https":        {"userinfo_endpoint": "javascript://idp.example/"},
		"jwks_uri is not https, as the issuer is":   {"jwks_uri": "http://127.0.0.1/keys"},
		"neither client_secret_basic nor":           {"token_endpoint_auth_methods_supported": []string{"private_key_jwt"}},
		"cannot unmarshal string":                   {"authorization_response_iss_parameter_supported": "true"},
	} {
		i := newIDP(t)
		i.Metadata = metadata
		_, err := i.provider().AuthURL(t.Context(), newAttempt())
		if !errors.Is(err, oidc.ErrUnreachable) || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %v with %q", err, oidc.ErrUnreachable, want)
		}
	}
}

// outages are useless answers. Some contain words.
func outages(words string) map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{
		"500":               oidctest.Says(500, words),
		"503 in JSON":       oidctest.Says(503, `{"error":"temporarily_unavailable","error_description":"`+words+`"}`),
		"403":               oidctest.Says(403, `{"error":"insufficient_scope"}`),
		"a redirect":        oidctest.Says(307, ""),
		"a page":            oidctest.Says(200, "<html>"+words),
		"no body":           oidctest.Says(200, ""),
		"another JSON":      oidctest.Says(200, `["`+words+`"]`),
		"two documents":     oidctest.Says(200, `{"sub":"member-1","access_token":"a"}{"sub":"member-2"}`),
		"an endless body":   oidctest.Says(200, `{"a":"`+words+strings.Repeat("x", 1<<20)+`"}`),
		"a lost connection": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"a truncated answer": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			w.Write([]byte("{"))
		},
	}
}

func TestAUselessAnswerIsAnOutage(t *testing.T) {
	for name, fault := range outages("personal data") { // exchange fails the test if an error contains it
		for _, path := range []string{oidctest.Discovery, oidctest.Tokens, oidctest.Keys, "OAuth 2's " + oidctest.Tokens, "OAuth 2's " + oidctest.UserInfo} {
			t.Run(name+" at "+path, func(t *testing.T) {
				i := newIDP(t)
				path, isOAuth2 := strings.CutPrefix(path, "OAuth 2's ")
				if isOAuth2 {
					i = newOAuth2(t)
				}
				i.Faults[path] = fault
				_, err := i.logIn(t, i.login())
				nobody := (*token.FieldError)(nil) // in a document of OAuth 2 that is JSON
				if !errors.Is(err, oidc.ErrUnreachable) && !errors.As(err, &nobody) {
					t.Errorf("got %v, want %v", err, oidc.ErrUnreachable)
				}
				if n := i.Called()["/elsewhere"]; n != 0 {
					t.Errorf("got %d calls to the target of a redirect, want none", n)
				}
			})
		}
	}
}

func TestDiscoveryRunsAgainAfterAnOutage(t *testing.T) {
	i := newIDP(t)
	p := i.provider()
	i.Faults[oidctest.Discovery] = oidctest.Says(500, "")
	for range 2 {
		if _, err := p.AuthURL(t.Context(), newAttempt()); !errors.Is(err, oidc.ErrUnreachable) {
			t.Fatalf("got %v, want %v", err, oidc.ErrUnreachable)
		}
	}
	i.Mend(oidctest.Discovery)
	if _, err := i.logIn(t, p); err != nil || i.Called()[oidctest.Discovery] != 3 {
		t.Errorf("got %v after the outage, want a login, and a call for each use", err)
	}
}

func TestEachCallTakesAtMostFiveSeconds(t *testing.T) {
	for path, want := range map[string]error{
		oidctest.Discovery: context.DeadlineExceeded, oidctest.Tokens: context.DeadlineExceeded, oidctest.Keys: context.DeadlineExceeded, oidctest.UserInfo: nil,
	} {
		synctest.Test(t, func(t *testing.T) {
			i := clientOf(oidctest.NewLocal(t))
			i.opts.Claims = everything
			i.Faults[path] = func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
			start := time.Now()
			if _, err := i.logIn(t, i.provider()); !errors.Is(err, want) {
				t.Errorf("%s: got %v, want %v", path, err, want)
			}
			if took := time.Since(start); took != 5*time.Second {
				t.Errorf("%s: took %v, want 5s", path, took)
			}
		})
	}
}

func TestConcurrentCallersShareOneDiscovery(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := clientOf(oidctest.NewLocal(t))
		open := make(chan struct{})
		i.Faults[oidctest.Discovery] = func(w http.ResponseWriter, _ *http.Request) {
			<-open
			i.ServeDiscovery(w)
		}
		p := i.provider()
		ctx, cancel := context.WithCancel(t.Context())
		var wait sync.WaitGroup
		for range 100 {
			wait.Go(func() {
				if _, err := p.AuthURL(t.Context(), newAttempt()); err != nil {
					t.Errorf("a waiting caller got %v", err)
				}
			})
		}
		synctest.Wait()
		wait.Go(func() {
			if _, err := p.AuthURL(ctx, newAttempt()); !errors.Is(err, oidc.ErrUnreachable) || !errors.Is(err, context.Canceled) {
				t.Errorf("the cancelled caller got %v, want %v because of the cancellation", err, oidc.ErrUnreachable)
			}
		})
		synctest.Wait()
		cancel()
		synctest.Wait()
		close(open)
		wait.Wait()
		if n := i.Called()[oidctest.Discovery]; n != 1 {
			t.Errorf("got %d discoveries, want 1", n)
		}
	})
}
