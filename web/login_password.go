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

// begin shows the login form.
func (PasswordLogin) begin(
	f loginFlow, w http.ResponseWriter, r *http.Request, returnURL string,
) error {
	return f.showLogin(w, r, http.StatusOK, templates.Login{ReturnURL: returnURL})
}

func (f loginFlow) showLogin(
	w http.ResponseWriter, r *http.Request, status int, login templates.Login,
) error {
	login.Page = f.newPage(w, r)
	login.Action = f.base + r.URL.Path
	return f.render(w, r, status, templates.LoginPage(login))
}

func (PasswordLogin) named(*http.Request) (member.Member, error) {
	return member.Member{}, errUnnamed
}

func (PasswordLogin) source(*http.Request) (string, bool) { return "", false }

func (PasswordLogin) leave(context.Context, string) (string, error) { return "", nil }

func (PasswordLogin) way() string { return "password" }

func (l PasswordLogin) routes(f loginFlow) []loginRoute {
	submit := func(w http.ResponseWriter, r *http.Request) error { return l.submit(f, w, r) }
	var routes []loginRoute
	for _, path := range loginPaths {
		routes = append(routes, loginRoute{http.MethodPost, path, submit})
	}
	return routes
}

// submit checks a password, starts a session and leads back to the same path, which hands off.
func (l PasswordLogin) submit(f loginFlow, w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return errors.Join(errBadForm, err)
	}
	_, returnURL, err := f.returnURL(r, r.PostForm.Get("returnUrl"))
	if err != nil {
		return err
	}
	again := templates.Login{ReturnURL: returnURL, UserCode: trimUserCode(r.PostForm.Get("usercode"))}
	typed := r.PostForm.Get("password")
	switch {
	case again.UserCode == "":
		again.Error = templates.LoginErrorMissingUserCode
		return f.showLogin(w, r, http.StatusUnauthorized, again)
	case typed == "":
		again.Error = templates.LoginErrorMissingPassword
		return f.showLogin(w, r, http.StatusUnauthorized, again)
	}
	who, source, err := l.authenticate(f, w, r, again.UserCode, typed)
	if err == nil {
		err = f.finish(w, r, who, source, r.URL.Path, returnURL)
	}
	if err != nil {
		return f.showLoginAgain(w, r, again, err)
	}
	return nil
}

// trimUserCode removes what a keyboard, or a copy from somewhere, adds around a usercode: spaces of
// any kind and invisible characters.
func trimUserCode(typed string) string {
	return strings.TrimFunc(typed, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r)
	})
}

// authenticate counts the attempt and checks the password. source is the session's, for Recheck. Its
// errors are a tooManyError, member.ErrRefused and errUnavailable.
func (l PasswordLogin) authenticate(
	f loginFlow, w http.ResponseWriter, r *http.Request, usercode, typed string,
) (who member.Member, source string, err error) {
	buckets := append(f.limits.ofAddress(r), f.limits.ofMember(r, usercode)...)
	if err := f.limits.count(r, buckets); err != nil {
		f.count(w, r, "held_back", usercode)
		return member.Member{}, "", err
	}
	verify := func(ctx context.Context, hash, password string) (bool, error) {
		source = sourceOf(usercode, hash) // the last hash is the one that was right
		return l.Passwords.Verify(ctx, clientNetwork(r).String(), hash, password)
	}
	client := clientContext(r) // nobody's password is checked for a client that has left the queue
	ctx, cancel := context.WithTimeout(client, loginTimeout)
	defer cancel()
	who, err = member.Authenticate(ctx, l.Members, verify, usercode, typed)
	if client.Err() != nil {
		return member.Member{}, "", errClientGone
	}
	own := who.UserCode
	if refused := (*member.RefusedError)(nil); errors.As(err, &refused) {
		own = refused.UserCode
	}
	// Where members may type their email, say, all that they type counts together.
	if own != "" && attemptName(own) != attemptName(usercode) {
		more := f.limits.ofMember(r, own)
		if err := f.limits.count(r, more); err != nil {
			f.count(w, r, "held_back", own)
			return member.Member{}, "", err
		}
		buckets = append(buckets, more...)
	}
	switch {
	case errors.Is(err, member.ErrRefused):
		f.logRow(w, r, err)
		f.count(w, r, "refused", cmp.Or(own, usercode))
		return member.Member{}, "", err
	case err != nil:
		f.count(w, r, "out_of_order", usercode)
		return member.Member{}, "", unavailable(fmt.Errorf("log in: %w", err))
	}
	return who, source, f.limits.takeBack(r, buckets)
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

// showLoginAgain shows the form with the reason why an attempt failed. It keeps everything that was
// typed but the password.
func (f loginFlow) showLoginAgain(
	w http.ResponseWriter, r *http.Request, again templates.Login, err error,
) error {
	tooMany := (*tooManyError)(nil)
	switch {
	case errors.Is(err, member.ErrRefused):
		again.Error = templates.LoginErrorWrong
		return f.showLogin(w, r, http.StatusUnauthorized, again)
	case errors.As(err, &tooMany):
		again.Error, again.Wait = templates.LoginErrorTooMany, tooMany.left
	case errors.Is(err, errUnavailable):
		again.Error = templates.LoginErrorUnavailable
	default:
		return err
	}
	status := problemOf(err).status
	f.logProblem(w, r, status, err)
	setRetryAfter(w, status, err)
	return f.showLogin(w, r, status, again)
}
