package web

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"ocsso/internal/member"
	"ocsso/internal/password"
	"ocsso/templates"
)

// PasswordLogin logs members in with a password that is checked here.
type PasswordLogin struct {
	Members    member.Directory
	Passwords  *password.Gate
	Counter    Counter
	PerAddress Limit // attempts from one IPv4 address or one IPv6 network of 64 bits
	PerMember  Limit // attempts for one usercode, from anywhere
}

// A Limit is how many attempts there may be within a window. The next window starts with the first
// attempt after it.
type Limit struct {
	Count  int
	Window time.Duration
}

// A Counter counts in a place that all replicas share. A kv.Store is one.
type Counter interface {
	// Increment adds by to the count of key and returns the count, and how long it still lasts. The
	// count starts at zero and ends after window.
	Increment(
		ctx context.Context, key string, by int, window time.Duration,
	) (n int, left time.Duration, err error)
}

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
	who, err := l.authenticate(f, w, r, again.UserCode, typed)
	if err == nil {
		err = f.finish(w, r, who, again.UserCode, r.URL.Path, returnURL)
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

// authenticate counts the attempt and checks the password. Its errors are a tooManyError,
// member.ErrRefused and errUnavailable.
func (l PasswordLogin) authenticate(
	f loginFlow, w http.ResponseWriter, r *http.Request, usercode, typed string,
) (member.Member, error) {
	if err := l.countAttempt(r, usercode, 1); err != nil {
		f.count(w, r, "held_back", usercode)
		return member.Member{}, err
	}
	verify := func(ctx context.Context, hash, password string) (bool, error) {
		return l.Passwords.Verify(ctx, clientNetwork(r), hash, password)
	}
	ctx := clientContext(r) // nobody's password is checked for a client that has left the queue
	who, err := member.Authenticate(ctx, l.Members, verify, usercode, typed)
	switch {
	case ctx.Err() != nil:
		return member.Member{}, errClientGone
	case errors.Is(err, member.ErrRefused):
		f.logRow(w, r, err)
		f.count(w, r, "refused", usercode)
		return member.Member{}, err
	case err != nil:
		f.count(w, r, "out_of_order", usercode)
		return member.Member{}, unavailable(fmt.Errorf("log in: %w", err))
	}
	return who, l.countAttempt(r, usercode, -1) // a success does not count
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

// countAttempt adds by to the counts of an attempt, and refuses an attempt over a limit. The
// address comes first: a sender who is over his own limit uses up none of a member's attempts. All
// spellings by which Authenticate finds the same member count together.
func (l PasswordLogin) countAttempt(r *http.Request, usercode string, by int) error {
	for _, c := range []struct {
		key   string
		limit Limit
	}{
		{"address/" + networkOf(clientOf(r)), l.PerAddress},
		{"member/" + norm.NFKC.String(usercode), l.PerMember},
	} {
		sum := sha256.Sum256([]byte(c.key)) // a usercode is personal, and may be any text
		key := "login/" + base64.RawURLEncoding.EncodeToString(sum[:])
		n, left, err := l.Counter.Increment(r.Context(), key, by, c.limit.Window)
		if err != nil {
			return unavailable(fmt.Errorf("count login attempts: %w", err))
		}
		if by > 0 && n > c.limit.Count {
			return &tooManyError{left}
		}
	}
	return nil
}

// networkOf is what one client is likely to have: an IPv4 address, or an IPv6 network of 64 bits.
func networkOf(address netip.Addr) string {
	if address.Is6() {
		if network, err := address.Prefix(64); err == nil {
			return network.String()
		}
	}
	return address.String()
}

// A tooManyError is an attempt over a limit.
type tooManyError struct{ left time.Duration } // until the next attempt

func (e *tooManyError) Error() string { return "too many login attempts" }
