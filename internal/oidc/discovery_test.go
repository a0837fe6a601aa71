package oidc_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ocsso/internal/member"
	"ocsso/internal/oidc"
)

// answer is a fault: always the same answer.
func answer(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(status)
		w.Write([]byte(body))
	}
}

// logInAt is a whole login with UserInfo, at a provider that may fail before the callback.
func logInAt(t *testing.T, i *idp) error {
	t.Helper()
	i.mapped = everything
	p := newProvider(i)
	if _, err := p.AuthURL(t.Context(), newAttempt()); err != nil {
		return err
	}
	_, err := i.logIn(t, p)
	return err
}

// outages are useless answers. Some contain words.
func outages(words string) map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{
		"500":               answer(500, words),
		"503 in JSON":       answer(503, `{"error":"temporarily_unavailable","error_description":"`+words+`"}`),
		"403":               answer(403, `{"error":"insufficient_scope"}`),
		"a redirect":        answer(307, ""),
		"a page":            answer(200, "<html>"+words),
		"no body":           answer(200, ""),
		"another JSON":      answer(200, `["`+words+`"]`),
		"an endless body":   answer(200, `{"a":"`+words+strings.Repeat("x", 1<<20)+`"}`),
		"a lost connection": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"a truncated answer": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			w.Write([]byte("{"))
		},
	}
}

func TestAUselessAnswerIsAnOutage(t *testing.T) {
	for _, path := range []string{discoveryPath, tokenPath, keysPath} {
		for name, fault := range outages("personal data") { // exchange fails the test if an error contains it
			t.Run(name+" at "+path, func(t *testing.T) {
				i := newIDP(t)
				i.faults[path] = fault
				if err := logInAt(t, i); !errors.Is(err, oidc.ErrUnreachable) {
					t.Errorf("got %v, want %v", err, oidc.ErrUnreachable)
				}
				if n := i.called()["/elsewhere"]; n != 0 {
					t.Errorf("got %d calls to the target of a redirect, want none", n)
				}
			})
		}
	}
}

// TestUserInfoDecidesNothing that the ID token has said.
func TestUserInfoDecidesNothing(t *testing.T) {
	faults := outages("personal data")
	for _, odd := range []string{`null`, `1`, `"True"`, `"yes"`, `{}`} {
		faults["email_verified is "+odd] = answer(200, `{"sub":"member-1","email":"kim@example.com","email_verified":`+odd+`}`)
	}
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			i := newIDP(t)
			i.faults[userInfoPath], i.mapped, i.claims = fault, everything, object{"name": "Kim"}
			p, a := newProvider(i), newAttempt()
			got, err := p.Exchange(t.Context(), a, i.callback(t, p, a))
			if want := (member.Member{UserCode: "member-1", UserName: "Kim"}); got.Member != want || err != nil {
				t.Errorf("got %+v and error %v, want %+v", got, err, want)
			}
			if (got.Missing == nil) == (got.Left == nil) || got.Missing != nil && strings.Contains(got.Missing.Error(), "personal data") {
				t.Errorf("got missing %v and left %v, want the reason for the log", got.Missing, got.Left)
			}
			i.mapped = member.Names{UserCode: "nickname"} // which only UserInfo has
			if _, err := i.logIn(t, newProvider(i)); err == nil || got.Missing != nil && !errors.Is(err, oidc.ErrUnreachable) {
				t.Errorf("with the usercode: got %v, want %v", err, oidc.ErrUnreachable)
			}
		})
	}
}

// TestWhatNobodyHasAskedForMayHaveAnyType: a provider's other clients are no concern of ours.
func TestWhatNobodyHasAskedForMayHaveAnyType(t *testing.T) {
	for _, value := range []any{"2026-11-30", 1.5, true, nil, "", []int{1}, object{"a": 1}} {
		i := newIDP(t)
		i.claims = object{
			"auth_time": value, "at_hash": value, "acr": value, "amr": value, "updated_at": value, "_claim_names": value, "_claim_sources": value,
			"email_verified": value, "sid": value, "nbf": nil,
		}
		i.metadata["end_session_endpoint"], i.metadata["device_authorization_endpoint"] = value, value
		if who, err := i.logIn(t, newProvider(i)); err != nil || who.UserCode != "member-1" {
			t.Errorf("%v: got %+v, %v, want a login", value, who, err)
		}
		i = newIDP(t)
		i.tokens = object{"expires_in": value, "refresh_token": value, "scope": value, "token_type": value}
		if _, err := i.logIn(t, newProvider(i)); err != nil {
			t.Errorf("%v beside the tokens: got %v, want a login", value, err)
		}
	}
	i := newIDP(t)
	i.claims["sid"] = 7
	p, a := newProvider(i), newAttempt()
	who, err := p.Exchange(t.Context(), a, i.callback(t, p, a))
	out, errOut := p.VerifyLogout(t.Context(), i.logoutToken(object{"sid": 7}))
	if errors.Join(err, errOut) != nil || who.SessionID != "7" || out.SessionID != "7" {
		t.Errorf("a numeric sid: got %q and %q, %v, want 7", who.SessionID, out.SessionID, errors.Join(err, errOut))
	}
}

func TestOneKeyThatCannotBeReadDoesNotSpoilTheOthers(t *testing.T) {
	for _, bad := range []string{
		`{}`, `{"kty":"EC","crv":"secp256k1","x":"AA","y":"AA"}`, `{"kty":"EC","crv":"P-256","x":"%%","y":""}`, `{"kty":"RSA","n":5,"e":"AQAB"}`,
		`{"kty":"AKP","alg":"ML-DSA-44","pub":"AA"}`, `{"kty":"OKP","crv":"Ed448","x":"AA"}`, `{"kty":"RSA","x5c":["nonsense"]}`, `{"kty":7}`, `{"kty":"oct","k":"AA"}`,
	} {
		i := newIDP(t)
		own, err := i.signing.listed().MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		own = []byte(strings.Replace(string(own), "{", `{"x5c":["nonsense"],`, 1)) // which nobody has asked for
		i.faults[keysPath] = answer(200, `{"keys":[`+bad+`,`+string(own)+`,`+bad+`]}`)
		if _, err := i.logIn(t, newProvider(i)); err != nil {
			t.Errorf("%s: got %v, want a login", bad, err)
		}
	}
}

func TestAWrongClientSecretIsAnOutage(t *testing.T) {
	i := newIDP(t)
	p := newProvider(i)
	i.secret = "clientsecret of this year"
	_, err := i.logIn(t, p)
	if !errors.Is(err, oidc.ErrUnreachable) || !strings.HasSuffix(err.Error(), "status 401: invalid_client") {
		t.Errorf("got %v, want %v with invalid_client", err, oidc.ErrUnreachable)
	}
}

func TestMetadataWithInsecureEndpointsIsRefused(t *testing.T) {
	for want, metadata := range map[string]map[string]any{
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
		i.metadata = metadata
		_, err := newProvider(i).AuthURL(t.Context(), newAttempt())
		if !errors.Is(err, oidc.ErrUnreachable) || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %v with %q", err, oidc.ErrUnreachable, want)
		}
	}
}

func TestDiscoveryRunsAgainAfterAnOutage(t *testing.T) {
	i := newIDP(t)
	p := newProvider(i)
	if n := len(i.called()); n != 0 {
		t.Errorf("got %d calls before the first use, want none", n)
	}
	i.faults[discoveryPath] = answer(500, "")
	for range 2 {
		if _, err := p.AuthURL(t.Context(), newAttempt()); !errors.Is(err, oidc.ErrUnreachable) {
			t.Fatalf("got %v, want %v", err, oidc.ErrUnreachable)
		}
	}
	delete(i.faults, discoveryPath)
	if _, err := i.logIn(t, p); err != nil {
		t.Errorf("got %v after the outage, want a login", err)
	}
	if n := i.called()[discoveryPath]; n != 3 {
		t.Errorf("got %d calls, want 3: one for each use", n)
	}
}

func TestEachCallTakesAtMostFiveSeconds(t *testing.T) {
	for _, path := range []string{discoveryPath, tokenPath, keysPath} {
		synctest.Test(t, func(t *testing.T) {
			i := newLocalIDP(t)
			i.faults[path] = func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
			start := time.Now()
			err := logInAt(t, i)
			if !errors.Is(err, oidc.ErrUnreachable) || !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s: got %v, want %v because of the deadline", path, err, oidc.ErrUnreachable)
			}
			if took := time.Since(start); took != 5*time.Second {
				t.Errorf("%s: took %v, want 5s", path, took)
			}
		})
	}
}

func TestConcurrentCallersShareOneDiscovery(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newLocalIDP(t)
		open := make(chan struct{})
		i.faults[discoveryPath] = func(w http.ResponseWriter, _ *http.Request) {
			<-open
			i.serveDiscovery(w)
		}
		p := newProvider(i)
		ctx, cancel := context.WithCancel(t.Context())
		var wait sync.WaitGroup
		wait.Go(func() {
			if _, err := p.AuthURL(t.Context(), newAttempt()); err != nil {
				t.Errorf("the first caller got %v", err)
			}
		})
		synctest.Wait()
		wait.Go(func() {
			_, err := p.AuthURL(ctx, newAttempt())
			if !errors.Is(err, oidc.ErrUnreachable) || !errors.Is(err, context.Canceled) {
				t.Errorf("the cancelled caller got %v, want %v because of the cancellation", err, oidc.ErrUnreachable)
			}
		})
		synctest.Wait()
		for range 100 {
			wait.Go(func() {
				if _, err := p.AuthURL(t.Context(), newAttempt()); err != nil {
					t.Errorf("a waiting caller got %v", err)
				}
			})
		}
		synctest.Wait()
		cancel()
		synctest.Wait()
		close(open)
		wait.Wait()
		if n := i.called()[discoveryPath]; n != 1 {
			t.Errorf("got %d discoveries, want 1", n)
		}
	})
}
