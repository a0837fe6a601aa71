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

// call returns the answer to a request, of at most 1 MiB, whatever its status.
func call(client *http.Client, r *http.Request) (status int, body []byte, err error) {
	r.Header.Set("Accept", "application/json, application/jwt;q=0.5")
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
	status, body, err := call(client, r)
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("status %d", status)
	}
	return body, err
}

// A tokenAnswer is what the token endpoint says, as far as it matters here. x/oauth2 would refuse an
// answer for an expires_in of 3599.5.
type tokenAnswer struct {
	AccessToken string `json:"access_token"`
	IDToken     any    `json:"id_token"`
	Error       any    `json:"error"`
}

// redeem exchanges the code for tokens. form has what the flow adds to the request. The error is
// ErrRefused or ErrUnreachable.
func redeem(ctx context.Context, client *http.Client, c oauth2.Config, code string, form url.Values) (tokenAnswer, error) {
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
		return tokenAnswer{}, unreachable("tokens", err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if inHeader { // escaped as RFC 6749, section 2.3.1, has it
		r.SetBasicAuth(url.QueryEscape(c.ClientID), url.QueryEscape(c.ClientSecret))
	}
	status, body, err := call(client, r)
	if err != nil {
		return tokenAnswer{}, unreachable("tokens", err)
	}
	var answer tokenAnswer
	if json.Unmarshal(body, &answer) != nil { // some providers answer with a form
		values, _ := url.ParseQuery(string(body))
		answer = tokenAnswer{AccessToken: values.Get("access_token"), Error: values.Get("error")}
	}
	refusal, _ := answer.Error.(string)
	switch {
	case refusal == "invalid_grant":
		return tokenAnswer{}, fmt.Errorf("%w: %s", ErrRefused, refusal)
	case status/100 != 2 || answer.AccessToken == "":
		return tokenAnswer{}, fmt.Errorf("%w: tokens: status %d: %s", ErrUnreachable, status, printable(cmp.Or(refusal, "no access token")))
	}
	return answer, nil
}
