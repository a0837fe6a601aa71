package web

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"ocsso/internal/helpcenter"
	"ocsso/internal/i18n"
	"ocsso/internal/oidc"
	"ocsso/internal/session"
	"ocsso/internal/token"
	"ocsso/templates"
)

// Errors of the handlers themselves.
var (
	errNotFound         = errors.New("no such page")
	errMethodNotAllowed = errors.New("method not allowed")
	errCrossSite        = errors.New("posted from another site")
	errBadForm          = errors.New("malformed form")
	errLoggedOut        = errors.New("logged out")
	errNoCookie         = errors.New("the browser did not keep the session cookie")
	errUnavailable      = errors.New("out of order")
	errPanic            = errors.New("panic")
	errTooLong          = errors.New("the URL is too long to redirect to")
)

// A problem is how an error is answered.
type problem struct {
	of     func(error) bool
	status int
	kind   i18n.ProblemKind // what a member reads
	title  string           // what an app reads, in problem+json
}

func is(target error) func(error) bool { return func(err error) bool { return errors.Is(err, target) } }

func as[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

// problems is the one table of errors and their answers. The first row counts that an error is of.
var problems = []problem{
	{is(errNotFound), 404, i18n.ProblemNotFound, "no such page"},
	{is(errMethodNotAllowed), 405, i18n.ProblemBadRequest, "method not allowed"},
	{is(errCrossSite), 403, i18n.ProblemUnsafe, "posted from another site"},
	{is(errLoggedOut), 401, i18n.ProblemInternal, "log in first"},
	{is(errNoKey), 401, i18n.ProblemInternal, "send a bearer key that is in links_api.keys"},
	{is(errUnknownMember), 404, i18n.ProblemInternal, "no such member"},
	// With a password, members see the login form again.
	{as[*tooManyError], 429, i18n.ProblemUnavailable, "too many login attempts"},
	{is(errStillLoggedOut), 403, i18n.ProblemNotLoggedIn, "not logged in at the site"},
	{is(errNoCookie), 403, i18n.ProblemNoCookie, "the browser did not keep the session cookie"},
	{is(errOtherBrowser), 403, i18n.ProblemOtherBrowser, "the login began in another browser or app"},
	{is(errNotByProxy), 403, i18n.ProblemNotLoggedIn, "not logged in by the proxy"},
	{is(oidc.ErrLogoutToken), 400, i18n.ProblemBadRequest, "the logout token is not valid"},
	{is(errLoginExpired), 400, i18n.ProblemLoginFailed, "no pending login"},
	{is(oidc.ErrForged), 400, i18n.ProblemLoginFailed, "no pending login"},
	{is(oidc.ErrRefused), 403, i18n.ProblemLoginFailed, "the identity provider refused the login"},
	{is(oidc.ErrUnreachable), 502, i18n.ProblemUnavailable, "the identity provider is out of order"},
	{is(oidc.ErrToken), 502, i18n.ProblemUnavailable, "the identity provider is out of order"},
	{is(errUnavailable), 503, i18n.ProblemUnavailable, "logging in is out of order for the moment"},
	{is(helpcenter.ErrReturnURL), 400, i18n.ProblemUnsafe, "returnUrl is neither the help center's nor ours"},
	{is(helpcenter.ErrNoEmail), 422, i18n.ProblemNoEmail, "the member has no email, which a signed link needs"},
	{as[*token.FieldError], 422, i18n.ProblemMemberData, "the help center can't take the member's "}, // and the field
	{is(helpcenter.ErrUnreachable), 502, i18n.ProblemHelpCenter, "the help center can't be reached"},
	{as[*helpcenter.RefusedError], 502, i18n.ProblemHelpCenter, "the help center refused the login"},
	{is(helpcenter.ErrAnswer), 502, i18n.ProblemHelpCenter, "the help center gave an unexpected answer"},
	{is(errTooLong), 414, i18n.ProblemBadRequest, "the URL is too long"},
	{as[*http.MaxBytesError], 413, i18n.ProblemBadRequest, "the request is too large"},
	{is(errBadJSON), 400, i18n.ProblemBadRequest, ""}, // the error's own words
	{is(errBadForm), 400, i18n.ProblemBadRequest, "the form is malformed"},
	{func(error) bool { return true }, 500, i18n.ProblemInternal, "internal error"},
}

// retryAfter is how many seconds a caller should wait when the store is unavailable.
const retryAfter = "2"

// statusClientGone is nginx's status for a request whose client went away. Nobody reads it but the
// access log.
const statusClientGone = 499

// gone reports whether r's client went away. What fails then is no outage: the calls to the store
// and to other servers end with their client.
func gone(r *http.Request) bool { return r.Context().Err() != nil }

// unavailable marks an error of the store or of the directory.
func unavailable(err error) error { return fmt.Errorf("%w: %w", errUnavailable, err) }

// failed logs why a request failed, sets Retry-After where it is known when to try again, and
// returns how to answer.
func (s *server) failed(w http.ResponseWriter, r *http.Request, err error) problem {
	p := problems[slices.IndexFunc(problems, func(p problem) bool { return p.of(err) })]
	if gone(r) {
		p = problem{status: statusClientGone, title: "the client went away"}
	}
	if fault, ok := errors.AsType[*token.FieldError](err); ok && p.kind == i18n.ProblemMemberData {
		p.title += string(fault.Field)
	}
	p.title = cmp.Or(p.title, err.Error())
	if tooMany, ok := errors.AsType[*tooManyError](err); ok {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(tooMany.left.Seconds()))))
	} else if p.status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", retryAfter)
	}
	s.logProblem(w, r, p.status, err)
	return p
}

// logProblem logs why a request failed, in the line of its own that it may have (accessLog): as an
// error where the operator has something to fix.
func (s *server) logProblem(w http.ResponseWriter, r *http.Request, status int, err error) {
	level := slog.LevelInfo
	if status >= 500 || status == http.StatusUnprocessableEntity || errors.Is(err, errConflict) {
		level = slog.LevelError
	}
	if line, ok := r.Context().Value(lineKey{}).(*line); ok && line.err == nil {
		line.level, line.err = level, err
		return
	}
	s.log.LogAttrs(r.Context(), level, "request failed", slog.String("request_id", idOf(w)),
		slog.Any("error", err), slog.String("path", loggedPath(r)))
}

// fails answers with err's page.
func (s *server) fails(err error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { s.problemPage(w, r, err) }
}

// problemPage answers err with a page that says what to do and has the request's id.
func (s *server) problemPage(w http.ResponseWriter, r *http.Request, err error) {
	p := s.failed(w, r, err)
	if p.kind == i18n.ProblemNoCookie && !s.secure {
		p.kind = i18n.ProblemNoCookieHTTP
	}
	if p.status == statusClientGone {
		w.WriteHeader(p.status)
		return
	}
	var current *session.Session
	// Only for the header. The store may have failed, and what another site loads has no effect.
	if p.status < http.StatusInternalServerError && !errors.Is(err, errCrossSite) {
		current, _ = s.current(w, r)
	}
	page := templates.Problem{Page: s.memberPage(w, r, current), Kind: p.kind, RequestID: idOf(w)}
	page.Action, page.ActionURL = s.wayOut(r, page.T, p.status)
	if err := s.render(w, r, p.status, templates.ProblemPage(page)); err != nil {
		s.logProblem(w, r, http.StatusInternalServerError, err)
		w.WriteHeader(http.StatusInternalServerError)
	}
}

// problemJSON answers err in the form of RFC 9457.
func (s *server) problemJSON(w http.ResponseWriter, r *http.Request, err error) {
	p := s.failed(w, r, err)
	writeJSON(w, p.status, "application/problem+json", struct {
		Title    string `json:"title"`
		Status   int    `json:"status"`
		Instance string `json:"instance"`
	}{p.title, p.status, "urn:request:" + idOf(w)})
}

// wayOut is the link on an error page: to a new login after one that failed, to the same page where
// trying again may help, and else to the front page.
func (s *server) wayOut(r *http.Request, text *i18n.Messages, status int) (label, url string) {
	query := r.URL.Query()
	switch {
	case strings.TrimSuffix(r.URL.Path, "/") == CallbackPath:
		return text.LogInAgain, s.loginAgain(r)
	case query.Has(afterLogin) || query.Has(fromSite):
		query.Del(afterLogin)
		query.Del(fromSite)
		return text.LogInAgain, "?" + query.Encode()
	case (status >= 500 || status == http.StatusForbidden) && (r.Method == http.MethodGet || r.Method == http.MethodHead):
		return text.TryAgain, "?" + r.URL.RawQuery
	}
	return text.GoHome, s.BasePath + "/"
}
