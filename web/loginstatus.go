package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"

	"ocsso/internal/session"
)

// loginState is the body of the status and the verify URL, the values as strings (D1).
type loginState struct {
	Login    string  `json:"login"`
	UserCode *string `json:"usercode"` // null when logged out
}

// loginStatus tells the help center's script whether its visitor is logged in here (PROTOCOL section 7).
func (s *server) loginStatus(w http.ResponseWriter, r *http.Request) {
	usercode, err := s.whoIs(r)
	s.metrics.StatusAnswers.WithLabelValues(s.writeLoginState(w, r, usercode, err)).Inc()
}

// whoIs returns the usercode of the member who is logged in, or "". Where the browser keeps the cookie back, the
// usercode and a token issued to it, sent back by the help center, count as well (D8).
func (s *server) whoIs(r *http.Request) (string, error) {
	current, err := s.sessions.Current(r)
	if err == nil {
		return current.Member.UserCode, nil
	}
	if !errors.Is(err, session.ErrNone) {
		return "", err
	}
	query := r.URL.Query()
	usercode, token := query.Get("usercode"), query.Get("token")
	if token == "" {
		usercode, token = r.Header.Get("usercode"), r.Header.Get("token")
	}
	valid, err := s.tokens.Check(r.Context(), token, usercode)
	if decoded, e := url.PathUnescape(usercode); err == nil && !valid && e == nil && decoded != usercode {
		// A header carries ASCII only, so that other text arrives percent-encoded.
		usercode = decoded
		valid, err = s.tokens.Check(r.Context(), token, usercode)
	}
	if err != nil || !valid {
		return "", err
	}
	return usercode, nil
}

// writeLoginState answers with the member, or with nobody for "" and for an error, which is the store's: 503, so that it isn't
// taken for a logout. It returns what it said, for the metrics.
func (s *server) writeLoginState(w http.ResponseWriter, r *http.Request, usercode string, err error) string {
	state, status := loginState{Login: "false"}, http.StatusOK
	said := state.Login
	switch {
	case err != nil:
		s.logProblem(r, http.StatusServiceUnavailable, err)
		said = "unavailable"
		status = http.StatusServiceUnavailable
		w.Header().Set("Retry-After", retryAfter)
	case usercode != "":
		state = loginState{Login: "true", UserCode: &usercode}
		said = state.Login
	}
	writeJSON(w, status, "application/json", state)
	return said
}

// writeJSON writes v, one of our own types.
func writeJSON(w http.ResponseWriter, status int, contentType string, v any) {
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false) // JSON is never read as HTML: nosniff
	if err := encoder.Encode(v); err != nil {
		panic(err) // no type passed here can fail
	}
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	w.Write(bytes.TrimSuffix(body.Bytes(), []byte("\n")))
}
