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

	"ocsso/internal/oidc"
)

// answer is a fault: the same answer to everyone.
func answer(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(status)
		w.Write([]byte(body))
	}
}

// logInAt is a whole login, UserInfo included, at a provider that may not get as far as the callback.
func logInAt(t *testing.T, i *idp) error {
	t.Helper()
	opts := i.options()
	opts.Claims = everything()
	p := newProvider(t, i, opts)
	if _, err := p.AuthURL(t.Context(), oidc.NewAttempt()); err != nil {
		return err
	}
	_, err := i.logIn(t, p)
	return err
}

// outages are answers that are none, by what they are; words stand in some.
func outages(words string) map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{
		"500":            answer(500, words),
		"503 in JSON":    answer(503, `{"error":"temporarily_unavailable","error_description":"`+words+`"}`),
		"403":            answer(403, `{"error":"insufficient_scope"}`),
		"a redirect":     answer(307, ""),
		"a page":         answer(200, "<html>"+words),
		"nothing":        answer(200, ""),
		"another JSON":   answer(200, `["`+words+`"]`),
		"an endless one": answer(200, `{"a":"`+words+strings.Repeat("x", 1<<20)+`"}`),
		"a cut-off line": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"a cut-off answer": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			w.Write([]byte("{"))
		},
	}
}

func TestAProviderOutOfOrder(t *testing.T) {
	for _, path := range []string{discoveryPath, tokenPath, keysPath, userInfoPath} {
		words := "personal data" // which exchange finds in an error
		if path == keysPath {
			words = "public keys" // go-oidc tells what it was given instead, and nobody's data is there
		}
		for name, fault := range outages(words) {
			t.Run(name+" at "+path, func(t *testing.T) {
				i := newIDP(t)
				i.faults[path] = fault
				if err := logInAt(t, i); !errors.Is(err, oidc.ErrUnreachable) {
					t.Errorf("got %v, want %v", err, oidc.ErrUnreachable)
				}
				if n := i.called()["/elsewhere"]; n != 0 {
					t.Errorf("got %d calls where a redirect leads, want none", n)
				}
			})
		}
	}
}

func TestAClientThatTheProviderDoesNotKnowIsAnOutage(t *testing.T) {
	i := newIDP(t)
	opts := i.options()
	opts.ClientSecret = "clientsecret of last year"
	_, err := i.logIn(t, newProvider(t, i, opts))
	if !errors.Is(err, oidc.ErrUnreachable) || !strings.HasSuffix(err.Error(), "status 401: invalid_client") {
		t.Errorf("got %v, want %v with invalid_client", err, oidc.ErrUnreachable)
	}
}

func TestMetadataIsHeldToTheIssuersSecurity(t *testing.T) {
	for want, metadata := range map[string]map[string]any{
		"did not match the issuer":                  {"issuer": "https://evil.example"},
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
		_, err := newProvider(t, i, i.options()).AuthURL(t.Context(), oidc.NewAttempt())
		if !errors.Is(err, oidc.ErrUnreachable) || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %v with %q", err, oidc.ErrUnreachable, want)
		}
	}
}

func TestDiscoveryIsTriedAgainAfterAnOutage(t *testing.T) {
	i := newIDP(t)
	p := newProvider(t, i, i.options())
	if n := len(i.called()); n != 0 {
		t.Errorf("got %d calls before the first use, want none", n)
	}
	i.faults[discoveryPath] = answer(500, "")
	for range 2 {
		if _, err := p.AuthURL(t.Context(), oidc.NewAttempt()); !errors.Is(err, oidc.ErrUnreachable) {
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

func TestASlowProviderIsGivenFiveSecondsACall(t *testing.T) {
	for _, path := range []string{discoveryPath, tokenPath, keysPath, userInfoPath} {
		synctest.Test(t, func(t *testing.T) {
			i := newLocalIDP(t)
			i.faults[path] = func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
			start := time.Now()
			err := logInAt(t, i)
			if !errors.Is(err, oidc.ErrUnreachable) || !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s: got %v, want %v for the deadline", path, err, oidc.ErrUnreachable)
			}
			if took := time.Since(start); took != 5*time.Second {
				t.Errorf("%s: took %v, want 5s", path, took)
			}
		})
	}
}

func TestAllWhoWaitShareADiscovery(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newLocalIDP(t)
		open := make(chan struct{})
		i.faults[discoveryPath] = func(w http.ResponseWriter, _ *http.Request) {
			<-open
			i.serveDiscovery(w)
		}
		p := newProvider(t, i, i.options())
		impatient, leave := context.WithCancel(t.Context())
		var wait sync.WaitGroup
		wait.Go(func() { // the first, so that the discovery is its doing
			if _, err := p.AuthURL(impatient, oidc.NewAttempt()); !errors.Is(err, oidc.ErrUnreachable) || !errors.Is(err, context.Canceled) {
				t.Errorf("one who leaves got %v, want %v for the cancelling", err, oidc.ErrUnreachable)
			}
		})
		synctest.Wait()
		for range 100 {
			wait.Go(func() {
				if _, err := p.AuthURL(t.Context(), oidc.NewAttempt()); err != nil {
					t.Errorf("one who waits got %v", err)
				}
			})
		}
		synctest.Wait()
		leave()
		synctest.Wait()
		close(open)
		wait.Wait()
		if n := i.called()[discoveryPath]; n != 1 {
			t.Errorf("got %d discoveries, want 1", n)
		}
	})
}
