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

	"golang.org/x/text/unicode/norm"

	"ocsso/internal/member"
	"ocsso/internal/password"
	"ocsso/internal/session"
	"ocsso/templates"
)

// PasswordLogin logs members in with a password that is checked here.
type PasswordLogin struct {
	Members    member.Directory
	Passwords  *password.Gate
	Devices    *session.Devices
	Counter    Counter
	PerAddress Limit // attempts from one client address; see bucketsOf
	PerMember  Limit // attempts for one usercode, from all browsers that the member hasn't used yet
}

// loginTimeout is how long a login waits for the directory and for other passwords to be checked.
// It leaves time to answer within AnswerTimeout.
const loginTimeout = 10 * time.Second

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
		err = f.start(w, r, who, session.Ties{Source: again.UserCode})
	}
	if err != nil {
		return f.showLoginAgain(w, r, again, err)
	}
	err = l.Devices.Remember(w, r, attemptName(again.UserCode), attemptName(who.UserCode))
	if err != nil {
		return err
	}
	return f.leadBack(w, r.URL.Path, returnURL)
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
	buckets := append(l.addressBuckets(r), l.memberBucket(r, usercode))
	if err := l.countAttempt(r, buckets...); err != nil {
		f.count(w, r, "held_back", usercode)
		return member.Member{}, err
	}
	verify := func(ctx context.Context, hash, password string) (bool, error) {
		return l.Passwords.Verify(ctx, clientNetwork(r).String(), hash, password)
	}
	client := clientContext(r) // nobody's password is checked for a client that has left the queue
	ctx, cancel := context.WithTimeout(client, loginTimeout)
	defer cancel()
	who, err := member.Authenticate(ctx, l.Members, verify, usercode, typed)
	if client.Err() != nil {
		return member.Member{}, errClientGone
	}
	own := who.UserCode
	if refused := (*member.RefusedError)(nil); errors.As(err, &refused) {
		own = refused.UserCode
	}
	// Where members may type their email, say, all that they type counts together.
	if own != "" && attemptName(own) != attemptName(usercode) {
		bucket := l.memberBucket(r, own)
		if err := l.countAttempt(r, bucket); err != nil {
			f.count(w, r, "held_back", own)
			return member.Member{}, err
		}
		buckets = append(buckets, bucket)
	}
	switch {
	case errors.Is(err, member.ErrRefused):
		f.logRow(w, r, err)
		f.count(w, r, "refused", cmp.Or(own, usercode))
		return member.Member{}, err
	case err != nil:
		f.count(w, r, "out_of_order", usercode)
		return member.Member{}, unavailable(fmt.Errorf("log in: %w", err))
	}
	for _, bucket := range buckets { // a success does not count
		if _, _, err := l.increment(r, bucket, -1); err != nil {
			return member.Member{}, err
		}
	}
	return who, nil
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

// A bucket counts attempts that belong together.
type bucket struct {
	name  string // any text
	limit Limit
}

// addressBuckets are those of r's client. In IPv6 a client may have many networks of 64 bits, so
// the wider ones are counted, too, with a limit for all the clients that may share them.
func (l PasswordLogin) addressBuckets(r *http.Request) []bucket {
	var buckets []bucket
	limit := l.PerAddress
	for _, network := range networksOf(clientOf(r)) {
		buckets = append(buckets, bucket{"address/" + network.String(), limit})
		limit.Count *= 4
	}
	return buckets
}

// memberBucket is that of the member with this usercode. A browser in which the member has logged
// in before has one of its own, so that others can't use up the member's attempts. It is as small
// as the other one, for a cookie may be stolen.
func (l PasswordLogin) memberBucket(r *http.Request, usercode string) bucket {
	name := attemptName(usercode)
	if device, ok := l.Devices.Known(r, name); ok {
		return bucket{"device/" + device + "/" + name, l.PerMember}
	}
	return bucket{"member/" + name, l.PerMember}
}

// attemptName is under what attempts with a usercode count. The spellings by which a directory
// may find the same member have the same one.
func attemptName(usercode string) string { return strings.ToLower(norm.NFKC.String(usercode)) }

// countAttempt counts an attempt in all buckets, or refuses it. It stops at the first that is full:
// a sender who is over his own limit uses up nobody else's attempts.
func (l PasswordLogin) countAttempt(r *http.Request, buckets ...bucket) error {
	for _, b := range buckets {
		n, left, err := l.increment(r, b, 1)
		if err != nil {
			return err
		}
		if n > b.limit.Count {
			return &tooManyError{left}
		}
	}
	return nil
}

// increment adds by to the count of a bucket. It returns the count, and how long it still lasts.
func (l PasswordLogin) increment(
	r *http.Request, b bucket, by int,
) (n int, left time.Duration, err error) {
	sum := sha256.Sum256([]byte(b.name)) // a usercode is personal, and may be any text
	key := "login/" + base64.RawURLEncoding.EncodeToString(sum[:])
	n, left, err = l.Counter.Increment(r.Context(), key, by, b.limit.Window)
	if err != nil {
		err = unavailable(fmt.Errorf("count login attempts: %w", err))
	}
	return n, left, err
}

// A tooManyError is an attempt over a limit.
type tooManyError struct{ left time.Duration } // until the next attempt

func (e *tooManyError) Error() string { return "too many login attempts" }
