package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"ocsso/internal/metrics"
	"ocsso/internal/session"
)

// loginStatus tells the help center's script whether its visitor is logged in here (PROTOCOL section 7).
func (s *server) loginStatus(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := s.bounded(r.Context())
	defer cancel()
	usercode, err := s.whoIs(ctx, r)
	s.answerLoginState(w, r, s.metrics.StatusAnswers, usercode, err)
}

// bounded ends ctx after the StoreTimeout. A store in memory goes without: the timer takes 5 % of a status call.
func (s *server) bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	if s.StoreTimeout == 0 {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, s.StoreTimeout)
}

// whoIs returns the usercode of the member who is logged in, or "". Where the browser keeps the cookie back, the
// usercode and a token issued to it, sent back by the help center, count as well (D8).
func (s *server) whoIs(ctx context.Context, r *http.Request) (string, error) {
	current, err := s.sessions.Current(ctx, r)
	if err == nil {
		return current.Member.UserCode, nil
	}
	if !errors.Is(err, session.ErrNone) {
		return "", err
	}
	usercode, token := parameter(r, "usercode"), parameter(r, "token")
	if token == "" {
		usercode, token = r.Header.Get("usercode"), r.Header.Get("token")
	}
	valid, err := s.tokens.Check(ctx, token, usercode)
	if decoded, e := url.PathUnescape(usercode); err == nil && !valid && e == nil && decoded != usercode {
		// A header carries ASCII only, so that other text arrives percent-encoded.
		usercode = decoded
		valid, err = s.tokens.Check(ctx, token, usercode)
	}
	if err != nil || !valid {
		return "", err
	}
	return usercode, nil
}

// answerLoginState answers with the member, or with nobody for "" and for an error, which is the store's: 503, so that it isn't
// taken for a logout.
func (s *server) answerLoginState(w http.ResponseWriter, r *http.Request, answers metrics.Answers, usercode string, err error) {
	w.Header()["Content-Type"] = jsonType
	answer := answers.False
	switch {
	case err != nil:
		answer = answers.Unavailable
		s.logProblem(w, r, http.StatusServiceUnavailable, err)
		w.Header().Set("Retry-After", retryAfter)
		w.WriteHeader(http.StatusServiceUnavailable)
	case usercode != "":
		answer = answers.True
	}
	w.Write(appendLoginState(make([]byte, 0, 128), usercode))
	answer.Inc()
}

// jsonType is shared by all answers: nobody changes it.
var jsonType = []string{"application/json"}

// appendLoginState appends the body of the status and the verify URL: the values as strings, usercode null when logged out (D1).
// By hand, as encoding/json would take 3 % of a status call.
func appendLoginState(body []byte, usercode string) []byte {
	if usercode == "" {
		return append(body, `{"login":"false","usercode":null}`...)
	}
	body = append(body, `{"login":"true","usercode":`...)
	return append(appendJSONString(body, usercode), '}')
}

// appendJSONString appends s as encoding/json would, without escaping for HTML.
func appendJSONString(body []byte, s string) []byte {
	escaped := func(r rune) bool { return r < ' ' || r >= utf8.RuneSelf || r == '"' || r == '\\' } // or perhaps
	if strings.ContainsFunc(s, escaped) {
		return append(body, marshalJSON(s)...)
	}
	body = append(body, '"')
	body = append(body, s...)
	return append(body, '"')
}

// marshalJSON returns v, one of our own types, on one line.
func marshalJSON(v any) []byte {
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false) // JSON is never read as HTML: nosniff
	if err := encoder.Encode(v); err != nil {
		panic(err) // no type passed here can fail
	}
	return bytes.TrimSuffix(body.Bytes(), []byte("\n"))
}

// writeJSON writes v, one of our own types.
func writeJSON(w http.ResponseWriter, status int, contentType string, v any) {
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	w.Write(marshalJSON(v))
}
