package oidc_test

import (
	"crypto/rand"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ocsso/internal/member"
	"ocsso/internal/oidc"
)

func TestAMemberLogsIn(t *testing.T) {
	i := newIDP(t)
	i.claims = object{
		"name": "김철수", "email": "kim@example.com", "email_verified": true, "phone_number": "+82 10-1234-5678",
		"https://shop.example/no": 1001,
	}
	i.mapped = everything
	got, err := i.logIn(t, newProvider(i))
	want := member.Member{
		UserCode: "member-1", UserName: "김철수", Email: "kim@example.com", Phone: "+82 10-1234-5678", MemberNo: "1001",
	}
	if got != want || err != nil {
		t.Errorf("got %+v and error %v, want %+v", got, err, want)
	}
}

func TestMetadataAndKeysAreFetchedOnce(t *testing.T) {
	i := newIDP(t)
	p := newProvider(i)
	for _, want := range []map[string]int{
		{discoveryPath: 1, authorizePath: 1, tokenPath: 1, keysPath: 1},
		{authorizePath: 1, tokenPath: 1},
	} {
		if _, err := i.logIn(t, p); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, i.called()); diff != "" {
			t.Errorf("calls (-want +got):\n%s", diff)
		}
	}
}

func TestAProviderOnLoopbackNeedsNoTLS(t *testing.T) {
	i := newLocalIDP(t)
	server := httptest.NewServer(i)
	t.Cleanup(server.Close)
	i.issuer, i.transport = server.URL, &http.Transport{}
	if _, err := i.logIn(t, newProvider(i)); err != nil {
		t.Errorf("got %v, want a login", err)
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
		i.metadata["token_endpoint_auth_methods_supported"] = test.methods
		i.secret = test.secret
		if _, err := i.logIn(t, newProvider(i)); err != nil {
			t.Errorf("%s: got %v, want a login", name, err)
		}
		if n := i.called()[tokenPath]; n != 1 {
			t.Errorf("%s: got %d calls for tokens, want 1: a second try would find the code used", name, n)
		}
	}
}

func TestAuthURLRequestsACodeWithPKCE(t *testing.T) {
	i := newIDP(t)
	i.metadata["authorization_endpoint"] = i.issuer + authorizePath + "?realm=shop"
	// The verifier and the challenge are those of RFC 7636, appendix B.
	a := oidc.Attempt{State: "the state", Nonce: "the nonce", Verifier: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"}
	got, err := newProvider(i).AuthURL(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(got)
	if err != nil || !strings.HasPrefix(got, i.issuer+authorizePath+"?") {
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
		if n := len(a.Verifier); n < 43 || n > 128 {
			t.Fatalf("got a verifier of %d characters, want 43 to 128 (RFC 7636, section 4.1)", n)
		}
		for _, text := range []string{a.State, a.Nonce, a.Verifier} {
			if seen[text] || len(text) < 26 || url.QueryEscape(text) != text {
				t.Fatalf("got %q, want 130 bits, URL-safe and not seen before", text)
			}
			seen[text] = true
		}
	}
}

func TestEveryPublicKeyAlgorithmIsAccepted(t *testing.T) {
	for _, algorithm := range []string{"RS256", "PS256", "ES256", "EdDSA"} {
		i := newIDP(t)
		i.signing = newKey(t, algorithm, "key-2")
		i.listed = append(i.listed, i.signing)
		if _, err := i.logIn(t, newProvider(i)); err != nil {
			t.Errorf("%s: got %v, want a login", algorithm, err)
		}
	}
}

func TestANewSigningKeyIsFetched(t *testing.T) {
	i := newIDP(t)
	p := newProvider(i)
	if _, err := i.logIn(t, p); err != nil {
		t.Fatal(err)
	}
	i.called()
	i.signing = newKey(t, "ES256", "key-2")
	i.listed = []signingKey{i.signing}
	if _, err := i.logIn(t, p); err != nil {
		t.Errorf("got %v after the keys changed, want a login", err)
	}
	if diff := cmp.Diff([]string{authorizePath, keysPath, tokenPath}, slices.Sorted(maps.Keys(i.called()))); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
}
