package helpcenter

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"

	"ocsso/internal/secret"
)

// maxAnswer is the most bytes of an answer that are read.
const maxAnswer = 1 << 20

var (
	// ErrUnreachable says that the help center gave no whole answer in time.
	ErrUnreachable = errors.New("help center unreachable")
	// ErrAnswer says that the help center's answer is not what the contract says.
	ErrAnswer = errors.New("help center's answer is not what the contract says")
)

// A RefusedError is a remote login that the help center refused, with its reason (CONTRACT 5).
type RefusedError struct {
	Code    int
	Message string // the help center's words, at most 200 bytes, without control characters
}

func (e *RefusedError) Error() string {
	return fmt.Sprintf("help center refused: code %d: %s", e.Code, e.Message)
}

// A Client vouches for members at one help center. Whoever holds it can log anybody in there. It is
// safe for concurrent use.
type Client struct {
	site    Site
	key     secret.Text
	http    *http.Client
	timeout time.Duration
	now     func() time.Time
}

// NewClient returns a Client that signs with key. Each call to the help center takes at most
// timeout, with the reading of its answer.
func NewClient(
	site Site, key secret.Text, transport http.RoundTripper, timeout time.Duration, now func() time.Time,
) *Client {
	// A redirect would take the member's fields and token to another place.
	noRedirect := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Client{site, key, &http.Client{Transport: transport, CheckRedirect: noRedirect}, timeout, now}
}

// Site is the help center.
func (c *Client) Site() Site { return c.site }

// Send makes the remote login from the server and returns where to redirect the browser: the return
// URL with usercode, time and accessToken added (D5), or the service's home when the return URL is
// not below the service or too long. That URL is as good as a login, once. The error wraps
// ErrUnreachable, ErrAnswer or a *RefusedError.
func (c *Client) Send(ctx context.Context, h Handoff) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	form := url.Values{}
	for _, f := range h.Fields() {
		form.Set(f.Name, f.Value)
	}
	address := string(c.site.origin) + "/api/v2/enduser/remote.json"
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		return "", fmt.Errorf("remote login: %w", err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")
	req.Header.Set("Accept", "application/json")
	// The call may be repeated, so let the transport try again when an idle connection turns out to
	// be closed. A nil header is not sent.
	req.Header["X-Idempotency-Key"] = nil
	resp, err := c.http.Do(req)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return "", fmt.Errorf("%w: reading the answer: %w", ErrUnreachable, err)
	}
	accessToken, err := parseAnswer(resp.StatusCode, body)
	if err != nil {
		return "", err
	}
	return c.site.pageWith(h.to,
		Field{"usercode", h.claims.UserCode},
		Field{"time", strconv.FormatInt(h.claims.Time, 10)},
		Field{"accessToken", accessToken},
	)
}

// parseAnswer reads the access token from an answer. It reads a refusal with any HTTP status.
func parseAnswer(status int, body []byte) (string, error) {
	var answer struct {
		Header *struct {
			ResultCode    int    `json:"resultCode"`
			ResultMessage string `json:"resultMessage"`
			IsSuccessful  *bool  `json:"isSuccessful"`
		} `json:"header"`
		Result json.RawMessage `json:"result"` // null, or anything, in a refusal
	}
	var result struct {
		Content string `json:"content"`
	}
	if len(body) > maxAnswer {
		return "", fmt.Errorf("%w: longer than %d bytes", ErrAnswer, maxAnswer)
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return "", fmt.Errorf("%w: status %d, not the JSON expected", ErrAnswer, status)
	}
	if answer.Header == nil || answer.Header.IsSuccessful == nil {
		return "", fmt.Errorf("%w: status %d, no header.isSuccessful", ErrAnswer, status)
	}
	if !*answer.Header.IsSuccessful {
		return "", &RefusedError{Code: answer.Header.ResultCode, Message: printable(answer.Header.ResultMessage)}
	}
	if status != http.StatusOK {
		return "", fmt.Errorf("%w: status %d with a success", ErrAnswer, status)
	}
	err := json.Unmarshal(answer.Result, &result)
	if err != nil || result.Content == "" || strings.ContainsFunc(result.Content, unicode.IsControl) {
		return "", fmt.Errorf("%w: a success without an access token", ErrAnswer)
	}
	return result.Content, nil
}

// printable bounds the help center's words for a log line.
func printable(message string) string {
	const most = 200
	if len(message) > most {
		message = strings.ToValidUTF8(message[:most], "") + "…"
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, message)
}

// ClockDifference asks the help center for the time and returns how far its clock is ahead of ours,
// to about a second. A difference of Validity or more means that every token is refused. The error
// wraps ErrUnreachable or ErrAnswer.
func (c *Client) ClockDifference(ctx context.Context) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, string(c.site.origin)+"/", nil)
	if err != nil {
		return 0, fmt.Errorf("ask for the time: %w", err)
	}
	asked := c.now()
	resp, err := c.http.Do(req)
	if err != nil {
		return 0, fmt.Errorf("%w: ask for the time: %w", ErrUnreachable, err)
	}
	resp.Body.Close()
	theirs, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		return 0, fmt.Errorf("%w: no Date", ErrAnswer)
	}
	// Date has no fractions of a second: on average their time is half a second later.
	middle := asked.Add(c.now().Sub(asked) / 2)
	return theirs.Add(time.Second / 2).Sub(middle), nil
}
