package web

import (
	"errors"
	"fmt"
	"math"
	"net/http"
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
	errUnavailable      = errors.New("out of order")
	errPanic            = errors.New("panic")
	errTooLong          = errors.New("the URL is too long to redirect to")
)

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

// A problem is how an error is answered.
type problem struct {
	status int
	kind   i18n.ProblemKind // what a member reads
	title  string           // what an app reads, in problem+json
}

// problemOf is the one table of errors and their answers. Any other error is an internal one.
func problemOf(r *http.Request, err error) problem {
	var (
		fieldError *token.FieldError
		refused    *helpcenter.RefusedError
		tooLarge   *http.MaxBytesError
		tooMany    *tooManyError
	)
	switch {
	case gone(r):
		return problem{statusClientGone, i18n.ProblemInternal, "the client went away"}
	case errors.Is(err, errNotFound):
		return problem{http.StatusNotFound, i18n.ProblemNotFound, "no such page"}
	case errors.Is(err, errMethodNotAllowed):
		return problem{http.StatusMethodNotAllowed, i18n.ProblemBadRequest, "method not allowed"}
	case errors.Is(err, errCrossSite):
		return problem{http.StatusForbidden, i18n.ProblemUnsafe, "posted from another site"}
	case errors.Is(err, errLoggedOut):
		return problem{http.StatusUnauthorized, i18n.ProblemInternal, "log in first"}
	case errors.Is(err, errNoKey):
		return problem{http.StatusUnauthorized, i18n.ProblemInternal, "send a bearer key that is in links_api.keys"}
	case errors.Is(err, errUnknownMember):
		return problem{http.StatusNotFound, i18n.ProblemInternal, "no such member"}
	case errors.As(err, &tooMany):
		// With a password, members see the login form again.
		return problem{http.StatusTooManyRequests, i18n.ProblemUnavailable, "too many login attempts"}
	case errors.Is(err, errStillLoggedOut):
		return problem{http.StatusForbidden, i18n.ProblemNotLoggedIn, "not logged in at the site"}
	case errors.Is(err, errNoCookie):
		return problem{http.StatusForbidden, i18n.ProblemNoCookie, "the browser did not keep the session cookie"}
	case errors.Is(err, errOtherBrowser):
		return problem{http.StatusForbidden, i18n.ProblemOtherBrowser, "the login began in another browser or app"}
	case errors.Is(err, errNotByProxy):
		return problem{http.StatusForbidden, i18n.ProblemNotLoggedIn, "not logged in by the proxy"}
	case errors.Is(err, oidc.ErrLogoutToken):
		return problem{http.StatusBadRequest, i18n.ProblemBadRequest, "the logout token is not valid"}
	case errors.Is(err, errLoginExpired), errors.Is(err, oidc.ErrForged):
		return problem{http.StatusBadRequest, i18n.ProblemLoginFailed, "no pending login"}
	case errors.Is(err, oidc.ErrRefused):
		return problem{http.StatusForbidden, i18n.ProblemLoginFailed, "the identity provider refused the login"}
	case errors.Is(err, oidc.ErrUnreachable), errors.Is(err, oidc.ErrToken):
		return problem{http.StatusBadGateway, i18n.ProblemUnavailable, "the identity provider is out of order"}
	case errors.Is(err, errUnavailable):
		return problem{http.StatusServiceUnavailable, i18n.ProblemUnavailable, "logging in is out of order for the moment"}
	case errors.Is(err, helpcenter.ErrReturnURL):
		return problem{http.StatusBadRequest, i18n.ProblemUnsafe, "returnUrl is neither the help center's nor ours"}
	case errors.Is(err, helpcenter.ErrNoEmail):
		return problem{http.StatusUnprocessableEntity, i18n.ProblemNoEmail, "the member has no email, which a signed link needs"}
	case errors.As(err, &fieldError):
		return problem{http.StatusUnprocessableEntity, i18n.ProblemMemberData, "the help center can't take the member's " + string(fieldError.Field)}
	case errors.Is(err, helpcenter.ErrUnreachable):
		return problem{http.StatusBadGateway, i18n.ProblemHelpCenter, "the help center can't be reached"}
	case errors.As(err, &refused):
		return problem{http.StatusBadGateway, i18n.ProblemHelpCenter, "the help center refused the login"}
	case errors.Is(err, helpcenter.ErrAnswer):
		return problem{http.StatusBadGateway, i18n.ProblemHelpCenter, "the help center gave an unexpected answer"}
	case errors.Is(err, errTooLong):
		return problem{http.StatusRequestURITooLong, i18n.ProblemBadRequest, "the URL is too long"}
	case errors.As(err, &tooLarge):
		return problem{http.StatusRequestEntityTooLarge, i18n.ProblemBadRequest, "the request is too large"}
	case errors.Is(err, errBadJSON):
		return problem{http.StatusBadRequest, i18n.ProblemBadRequest, err.Error()}
	case errors.Is(err, errBadForm):
		return problem{http.StatusBadRequest, i18n.ProblemBadRequest, "the form is malformed"}
	}
	return problem{http.StatusInternalServerError, i18n.ProblemInternal, "internal error"}
}

// problemPage answers err with a page that says what to do and has the request's id.
func (s *server) problemPage(w http.ResponseWriter, r *http.Request, err error) {
	p := problemOf(r, err)
	if p.kind == i18n.ProblemNoCookie && !s.secure {
		p.kind = i18n.ProblemNoCookieHTTP
	}
	s.logProblem(w, r, p.status, err)
	if p.status == statusClientGone {
		w.WriteHeader(p.status)
		return
	}
	setRetryAfter(w, p.status, err)
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
	p := problemOf(r, err)
	s.logProblem(w, r, p.status, err)
	setRetryAfter(w, p.status, err)
	writeJSON(w, p.status, "application/problem+json", struct {
		Title    string `json:"title"`
		Status   int    `json:"status"`
		Instance string `json:"instance"`
	}{p.title, p.status, "urn:request:" + idOf(w)})
}

// setRetryAfter says when it is worth trying again, where that is known.
func setRetryAfter(w http.ResponseWriter, status int, err error) {
	if tooMany := (*tooManyError)(nil); errors.As(err, &tooMany) {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(tooMany.left.Seconds()))))
	} else if status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", retryAfter)
	}
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
	return text.GoHome, s.base + "/"
}
