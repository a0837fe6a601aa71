package oidc

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/oauth2"
)

// newClient returns the client for every call to the provider.
func newClient(transport http.RoundTripper) *http.Client {
	return &http.Client{
		Transport: transport,
		Timeout:   5 * time.Second, // includes reading the answer
		// A redirect would send the code and the client's secret elsewhere.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// do returns the answer to a request, of at most 1 MiB, whatever its status.
func do(client *http.Client, r *http.Request) (status int, body []byte, err error) {
	r.Header.Set("Accept", "application/json")
	resp, err := client.Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	body, err = io.ReadAll(http.MaxBytesReader(nil, resp.Body, 1<<20))
	return resp.StatusCode, body, err
}

// fetch returns an answer with status 200. The error contains nothing of any other.
func fetch(ctx context.Context, client *http.Client, method, address string, header http.Header) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, method, address, nil)
	if err != nil {
		return nil, err
	}
	maps.Copy(r.Header, header)
	status, body, err := do(client, r)
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("status %d", status)
	}
	return body, err
}

// bearer is the header with an access token (RFC 6750).
func bearer(accessToken string) http.Header {
	return http.Header{"Authorization": {"Bearer " + accessToken}}
}

// tokens are what the token endpoint answers, as far as it matters here. x/oauth2 would refuse an
// answer for an expires_in of 3599.5, say.
type tokens struct {
	AccessToken string `json:"access_token"`
	IDToken     any    `json:"id_token"`
	Error       any    `json:"error"`
}

// redeem exchanges the code for tokens. form has what the flow adds to the request. The error is
// ErrRefused or ErrUnreachable.
func redeem(ctx context.Context, client *http.Client, c oauth2.Config, code string, form url.Values) (tokens, error) {
	form.Set("grant_type", "authorization_code")
	form.Set("code", code)
	form.Set("redirect_uri", c.RedirectURL)
	inHeader := c.Endpoint.AuthStyle == oauth2.AuthStyleInHeader
	if !inHeader {
		form.Set("client_id", c.ClientID)
	}
	if !inHeader && c.ClientSecret != "" {
		form.Set("client_secret", c.ClientSecret)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.Endpoint.TokenURL, strings.NewReader(form.Encode()))
	if err != nil {
		return tokens{}, unreachable("tokens", err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if inHeader { // escaped as RFC 6749, section 2.3.1, has it
		r.SetBasicAuth(url.QueryEscape(c.ClientID), url.QueryEscape(c.ClientSecret))
	}
	status, body, err := do(client, r)
	if err != nil {
		return tokens{}, unreachable("tokens", err)
	}
	var answer tokens
	if json.Unmarshal(body, &answer) != nil { // some providers answer with a form
		values, _ := url.ParseQuery(string(body))
		answer = tokens{AccessToken: values.Get("access_token"), Error: values.Get("error")}
	}
	switch refusal, _ := answer.Error.(string); {
	case refusal == "invalid_grant":
		return tokens{}, fmt.Errorf("%w: %s", ErrRefused, refusal)
	case status/100 != 2 || answer.AccessToken == "":
		return tokens{}, fmt.Errorf("%w: tokens: status %d: %s", ErrUnreachable, status, printable(cmp.Or(refusal, "no access token")))
	}
	return answer, nil
}

// A shared value is fetched once for all who ask for it meanwhile.
type shared[T any] struct {
	known atomic.Pointer[T] // the last one, or nil
	begun atomic.Int64      // fetches
	turn  chan struct{}     // full during a fetch
	err   error             // of the last one
}

func newShared[T any]() *shared[T] { return &shared[T]{turn: make(chan struct{}, 1)} }

// fetch returns a value as of a time after so many fetches have begun: none that began before the
// caller asked.
func (s *shared[T]) fetch(ctx context.Context, begun int64, fetch func(ctx context.Context) (*T, error)) (*T, error) {
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if s.begun.CompareAndSwap(begun, begun+1) { // or another one has begun while this one waited
		var fresh *T
		// One that gives up must not fail those who wait.
		if fresh, s.err = fetch(context.WithoutCancel(ctx)); s.err == nil {
			s.known.Store(fresh)
		}
	}
	return s.known.Load(), s.err
}
