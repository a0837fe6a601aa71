package web

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode"

	"ocsso/internal/audit"
	"ocsso/internal/member"
	"ocsso/internal/password"
	"ocsso/internal/session"
	"ocsso/templates"
)

// PasswordLogin logs members in with a password that is checked here.
type PasswordLogin struct {
	Members   member.Directory
	Passwords *password.Gate
}

// loginTimeout is how long a login waits for the directory and for other passwords to be checked.
// It leaves time to answer within AnswerTimeout.
const loginTimeout = 10 * time.Second

// Begin shows the login form.
func (PasswordLogin) Begin(s *server, w http.ResponseWriter, r *http.Request, returnURL string) error {
	return s.showLogin(w, r, http.StatusOK, templates.Login{ReturnURL: returnURL})
}

func (s *server) showLogin(w http.ResponseWriter, r *http.Request, status int, login templates.Login) error {
	login.Page = s.newPage(w, r)
	to, err := s.site.ReturnURL(login.ReturnURL, s.own...)
	login.Here = err == nil && to.Local()
	login.Action = s.BasePath + r.URL.Path
	return s.render(w, r, status, templates.LoginPage(login))
}

// Routes take the form.
func (l PasswordLogin) Routes() (routes []loginRoute) {
	for path := range loginPaths {
		routes = append(routes, loginRoute{method: http.MethodPost, path: path, answer: l.submit})
	}
	return routes
}

// submit checks a password, starts a session and leads back to the same path, which hands off. When
// it shows the form again, that has everything that was typed but the password.
func (l PasswordLogin) submit(s *server, w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return errors.Join(errBadForm, err)
	}
	_, returnURL, err := s.returnURL(r, r.PostForm.Get("returnUrl"))
	if err != nil {
		return err
	}
	again := templates.Login{ReturnURL: returnURL, UserCode: trimUserCode(r.PostForm.Get("usercode"))}
	typed := r.PostForm.Get("password")
	switch {
	case again.UserCode == "":
		again.Error = templates.LoginErrorMissingUserCode
		return s.showLogin(w, r, http.StatusUnauthorized, again)
	case typed == "":
		again.Error = templates.LoginErrorMissingPassword
		return s.showLogin(w, r, http.StatusUnauthorized, again)
	}
	who, source, err := l.authenticate(s, w, r, again.UserCode, typed)
	if err == nil {
		err = s.Finish(w, r, who, session.Ties{Source: source}, r.URL.Path, returnURL)
	}
	tooMany, isTooMany := errors.AsType[*tooManyError](err)
	switch {
	case err == nil, gone(r):
		return err
	case errors.Is(err, member.ErrRefused):
		again.Error = templates.LoginErrorWrong
		return s.showLogin(w, r, http.StatusUnauthorized, again)
	case isTooMany:
		again.Error, again.Wait = templates.LoginErrorTooMany, tooMany.left
	case errors.Is(err, errUnavailable):
		again.Error = templates.LoginErrorUnavailable
	default:
		return err
	}
	return s.showLogin(w, r, s.failed(w, r, err).status, again)
}

// trimUserCode removes what a keyboard, or a copy from somewhere, adds around a usercode: spaces of
// any kind and invisible characters.
func trimUserCode(typed string) string {
	return strings.TrimFunc(typed, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r)
	})
}

// authenticate counts the attempt and checks the password. source is the session's, for Recheck.
// Its errors are a tooManyError, member.ErrRefused and errUnavailable. Nobody's password is checked
// for a client that has left the queue.
func (l PasswordLogin) authenticate(
	s *server, w http.ResponseWriter, r *http.Request, usercode, typed string,
) (who member.Member, source string, err error) {
	buckets := append(s.limits.ofAddress(r), s.limits.ofMember(r, usercode)...)
	if err := s.countAttempt(w, r, usercode, buckets); err != nil {
		return member.Member{}, "", err
	}
	verify := func(ctx context.Context, hash, password string) (bool, error) {
		source = sourceOf(usercode, hash) // the last hash is the one that was right
		return l.Passwords.Verify(ctx, clientNetwork(r).String(), hash, password)
	}
	ctx, cancel := context.WithTimeout(r.Context(), loginTimeout)
	defer cancel()
	who, err = member.Authenticate(ctx, l.Members, verify, usercode, typed)
	own := who.UserCode
	if refused, ok := errors.AsType[*member.RefusedError](err); ok {
		own = refused.UserCode
	}
	// Where members may type their email, say, all that they type counts together.
	if own != "" && audit.Folded(own) != audit.Folded(usercode) {
		more := s.limits.ofMember(r, own)
		if err := s.countAttempt(w, r, own, more); err != nil {
			return member.Member{}, "", err
		}
		buckets = append(buckets, more...)
	}
	switch {
	case errors.Is(err, member.ErrRefused):
		if row, ok := errors.AsType[*member.RowError](err); ok {
			s.log.Error("a member's row can't be used", "column", row.Column, "reason", row.Reason, "request_id", idOf(w))
		}
		s.countLogin(w, r, "refused", cmp.Or(own, usercode), err)
		return member.Member{}, "", err
	case err != nil:
		s.countLogin(w, r, "out_of_order", cmp.Or(own, usercode), err)
		return member.Member{}, "", unavailable(fmt.Errorf("log in: %w", err))
	}
	return who, source, s.limits.takeBack(r, buckets)
}

// sourceOf is what a Recheck asks with: a digest of the password's hash, and the usercode as it was
// typed. The session seals it.
func sourceOf(usercode, hash string) string {
	sum := sha256.Sum256([]byte(hash))
	return base64.RawURLEncoding.EncodeToString(sum[:16]) + " " + usercode
}

// Recheck returns the member of a session's source as of now. It returns session.ErrNone when the
// password has changed since the login.
func (l PasswordLogin) Recheck(ctx context.Context, source string) (member.Member, error) {
	_, usercode, _ := strings.Cut(source, " ")
	account, err := member.LookUp(ctx, l.Members, usercode)
	if err == nil && sourceOf(usercode, account.PasswordHash) != source {
		return member.Member{}, session.ErrNone
	}
	return account.Member, err
}
