package web

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rs/cors"
	"golang.org/x/net/http/httpguts"

	"ocsso/internal/helpcenter"
	"ocsso/internal/metrics"
)

// loginState is the JSON body of the status and the verify URL, with the values as strings (D1).
type loginState struct {
	Login    string `json:"login"`
	UserCode string `json:"usercode"`
}

// loggedOut is the loginState of nobody.
const loggedOut = `{"login":"false","usercode":null}`

// loginStatus tells the help center's script whether its visitor is logged in (CONTRACT 7).
func (s *server) loginStatus(w http.ResponseWriter, r *http.Request) {
	if broughtBack(r) && helpcenter.Origin(r.Header.Get("Origin")) == s.site.Origin() {
		s.seen.sentBack.Store(time.Now().Unix())
	}
	usercode, by, err := s.whoIs(w, r)
	s.writeLoginState(w, r, by, usercode, err)
}

// verifyToken tells the help center's server whether we issued a token to that usercode, and
// whether the member is still logged in (CONTRACT 9, D7). A missing parameter gives a plain
// "false".
func (s *server) verifyToken(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	usercode := query.Get("usercode")
	valid, err := s.sessions.Issued(r.Context(), plus(query.Get("token")), usercode)
	outcome := strconv.FormatBool(valid)
	if err != nil {
		outcome = "unavailable"
	}
	s.seen.happened("verify", string(helpcenter.Link), outcome, usercode, s.AuditKey)
	if !valid {
		usercode = ""
	}
	s.writeLoginState(w, r, s.metrics.VerifyAnswers, usercode, err)
}

// whoIs returns the usercode of the member who is logged in, or "", and by what it is known.
// Without a session cookie it accepts the usercode and a token issued to it, which the help center
// sends back (D8). Neither counts for a request that itself is from somebody else.
func (s *server) whoIs(w http.ResponseWriter, r *http.Request) (string, metrics.Answers, error) {
	by := &s.metrics.StatusAnswers
	current, err := s.current(w, r)
	if current != nil {
		return current.Member.UserCode, by.Cookie, nil
	}
	if err != nil || !broughtBack(r) {
		return "", by.None, err
	}
	_, token := sentBack(r, "token") // none has a "%" of its own
	usercode, decoded := sentBack(r, "usercode")
	valid, err := s.sessions.Issued(r.Context(), plus(token), usercode)
	if err == nil && !valid && decoded != usercode {
		usercode = decoded
		valid, err = s.sessions.Issued(r.Context(), plus(token), usercode)
	}
	if err != nil || !valid || !s.claimOf(r).allows(usercode) {
		return "", by.Parameters, err
	}
	return usercode, by.Parameters, nil
}

// broughtBack reports whether r has a usercode and a token. It is asked on every page move.
func broughtBack(r *http.Request) bool {
	query := r.URL.RawQuery
	return (strings.Contains(query, "usercode=") || r.Header.Get("usercode") != "") &&
		(strings.Contains(query, "token=") || r.Header.Get("token") != "")
}

// plus puts back what an unescaped "+" in a query has become. No token has a space of its own.
func plus(token string) string { return strings.ReplaceAll(token, " ", "+") }

// asksForStatus reports whether r is the call of the help center's script, which brings nothing of
// the customer's own login.
func asksForStatus(r *http.Request) bool {
	return strings.HasSuffix(strings.TrimSuffix(r.URL.Path, "/"), statusPath)
}

// sentBack returns a field that the help center sends back in the query or, if the console says so,
// in a header. A header may be percent-encoded, because it carries ASCII only (D16).
func sentBack(r *http.Request, name string) (value, decoded string) {
	if query := r.URL.Query(); query.Has(name) {
		return query.Get(name), query.Get(name)
	}
	value = r.Header.Get(name)
	decoded, err := url.PathUnescape(value)
	if err != nil {
		return value, value
	}
	return value, decoded
}

// writeLoginState writes the JSON answer and counts it. "" means logged out. A store error is 503,
// so that nobody reads it as a logout. A request that names two members is 403. A browser that
// moves on cuts its call off all the time, which is not worth a line in the log.
func (s *server) writeLoginState(
	w http.ResponseWriter, r *http.Request, answers metrics.Answers, usercode string, err error,
) {
	status, answer := http.StatusOK, answers.False
	switch {
	case err == nil && usercode != "":
		writeJSON(w, http.StatusOK, "application/json", loginState{"true", usercode})
		answers.True.Inc()
		return
	case err != nil && gone(r):
		w.WriteHeader(statusClientGone)
		return
	case errors.Is(err, errConflict):
		status = http.StatusForbidden
	case err != nil:
		status, answer = http.StatusServiceUnavailable, answers.Unavailable
		w.Header().Set("Retry-After", retryAfter)
	}
	if err != nil {
		s.identify(w, r)
		s.logProblem(w, r, status, err)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	io.WriteString(w, loggedOut)
	answer.Inc()
}

// statusCORS lets the help center's script and the configured extra origins read the login status
// with the member's cookie, and no other origin (D6).
func (s *server) statusCORS() *cors.Cors {
	origins := append([]helpcenter.Origin{s.site.Origin()}, s.ExtraOrigins...)
	return cors.New(cors.Options{
		// AllowedOrigins would ignore case.
		AllowOriginVaryRequestFunc: func(r *http.Request, origin string) (bool, []string) {
			return slices.Contains(origins, helpcenter.Origin(origin)) && asksForFewHeaders(r), nil
		},
		AllowCredentials: true,
		AllowedMethods:   []string{http.MethodGet, http.MethodHead},
		// The console can send fields back in headers (CONTRACT 7), and monitoring agents in the
		// browser add new ones to every call. The exact origin is what protects.
		AllowedHeaders: []string{"*"},
		MaxAge:         600, // seconds
	})
}

// asksForFewHeaders reports whether a preflight's header names can be answered back: 40 tokens of
// 64 characters at most (RFC 9110, section 5.6.2).
func asksForFewHeaders(r *http.Request) bool {
	names := strings.Split(strings.Join(r.Header.Values("Access-Control-Request-Headers"), ","), ",")
	return len(names) <= 40 && !slices.ContainsFunc(names, func(name string) bool {
		name = strings.TrimSpace(name)
		return len(name) > 64 || name != "" && !httpguts.ValidHeaderFieldName(name)
	})
}

func noContent(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }
