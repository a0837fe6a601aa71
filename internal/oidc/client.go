package oidc

import (
	"fmt"
	"io"
	"net/http"
	"time"
)

const (
	callTimeout = 5 * time.Second // of one call, the reading of its answer included
	maxAnswer   = 1 << 20         // bytes of an answer that are read; one cut short there doesn't parse
)

// newClient returns the client for every call to the provider.
func newClient(transport http.RoundTripper) *http.Client {
	return &http.Client{
		Transport: boundedTransport{transport},
		Timeout:   callTimeout,
		// A redirect would carry the code and the client's secret elsewhere.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// A boundedTransport keeps answers short.
type boundedTransport struct{ next http.RoundTripper }

// RoundTrip makes an error of an answer to GET that is not 200: go-oidc would put its body, which could be anyone's data,
// into an error for the log. The answers to POST are the token endpoint's, whose errors have a form of their own.
func (t boundedTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := t.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if r.Method == http.MethodGet && resp.StatusCode != http.StatusOK {
		resp.Body.Close()
		return nil, fmt.Errorf("status %d", resp.StatusCode)
	}
	resp.Body = struct {
		io.Reader
		io.Closer
	}{io.LimitReader(resp.Body, maxAnswer), resp.Body}
	return resp, nil
}
