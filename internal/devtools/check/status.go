package check

import (
	"cmp"
	"context"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"ocsso/internal/devtools/signing"
)

// The headers of CORS.
const (
	allowOrigin      = "Access-Control-Allow-Origin"
	allowCredentials = "Access-Control-Allow-Credentials"
	allowHeaders     = "Access-Control-Allow-Headers"
)

// statusCases test the login status URL (CONTRACT 7).
func statusCases() []Case {
	guest, both := []need{needStatus}, []need{needStatus, needMember}
	secure := func(c cookie) bool { return c.secure }
	httpOnly := func(c cookie) bool { return c.httpOnly }
	return []Case{
		{"status/https", Must, "7", guest, statusHTTPS},
		{"status/logged-out", Must, "7", guest, statusLoggedOut},
		{"status/logged-in", Must, "7", both, statusLoggedIn},
		{"status/strings", Should, "7 D1", guest, withStatus(statusStrings)},
		{"status/keys", Should, "7 D18", guest, withStatus(statusKeys)},
		{"status/content-type", Should, "7", guest, withStatus(statusContentType)},
		{"status/no-redirect", Must, "7", guest, statusNoRedirect},
		{"status/fast", Should, "7", guest, withStatus(statusFast)},
		{"status/cors-origin", Must, "7 D6", guest, withStatus(statusCORSOrigin)},
		{"status/cors-credentials", Must, "7", guest, withStatus(statusCORSCredentials)},
		{"status/preflight", Should, "7 D18", guest, statusPreflight},
		{"status/vary-origin", Should, "7 D18", guest, withStatus(statusVary)},
		{"status/no-store", Should, "7 D18", guest, withStatus(statusNoStore)},
		{"status/foreign-origin", Should, "D6", guest, statusForeign("https://attacker.example")},
		{"status/null-origin", Should, "D6", guest, statusForeign("null")},
		{"status/look-alike-origin", Should, "D6", guest, statusLookAlike},
		{"status/cookie-stored", Must, "6 7", both, statusCookie("as browsers store it", statusCookieStored)},
		{"status/cookie-secure", Must, "7", both, statusCookie("Secure", attributeOf(secure, hintSecure))},
		{"status/cookie-http-only", Should, "D12 D18", both, statusCookie("HttpOnly", attributeOf(httpOnly, hintHTTPOnly))},
		{"status/cookie-same-site", Must, "7", both, statusCookie("SameSite=None", statusSameSite)},
		{"status/usercode-alone", Must, "7 D8", guest, statusUserCodeAlone},
		{"status/usercode-cookie", Must, "7 D12", guest, statusUserCodeCookie},
	}
}

// statusHTTPS is met on loopback, too, which browsers trust.
func statusHTTPS(_ context.Context, s *session) error {
	if u := mustParse(s.target.LoginStatusURL); !isTrustworthy(u) {
		return fail("a status URL over https", withoutQuery(u), hintStatusHTTPS)
	}
	return nil
}

// statusLoggedOut asks after a member has logged in elsewhere, who must not count for everybody.
func statusLoggedOut(ctx context.Context, s *session) error {
	if s.target.has(needMember) {
		s.sharedMember(ctx) // the other cases report what is wrong with it
	}
	a, err := s.askStatus(ctx, s.newBrowser())
	if err != nil {
		return err
	}
	if isRedirected(a) {
		return skip(whyRedirected)
	}
	got, err := parseStatus(a)
	if err != nil {
		return err
	}
	if got.loggedIn {
		return fail(`{"login":"false","usercode":null} without a cookie`, a.String(), hintGuest)
	}
	return nil
}

// statusLoggedIn fails, too, when the given cookie or password logs nobody in.
func statusLoggedIn(ctx context.Context, s *session) error {
	want := `{"login":"true","usercode":"` + s.target.UserCode + `"}`
	m, err := s.sharedMember(ctx)
	if f, ok := err.(*failure); ok {
		return fail(want, "nobody is logged in: "+f.got, f.hint)
	}
	if err != nil {
		return err
	}
	a, err := s.askStatus(ctx, m.browser)
	if err != nil {
		return err
	}
	if isRedirected(a) {
		return skip(whyRedirected)
	}
	got, err := parseStatus(a)
	if err != nil {
		return err
	}
	switch why := m.jar.explain(a.url, s.now()); {
	case !got.loggedIn && why != "":
		return fail(want, a.String()+"; "+why, hintCookieUnsent)
	case !got.loggedIn:
		return fail(want, a.String(), hintReadSession)
	case got.usercode != s.target.UserCode:
		return fail(want, a.String(), hintOtherMember)
	}
	return nil
}

// isRedirected reports whether a browser's script gets something else than a status, by a redirect.
func isRedirected(a answer) bool {
	if _, redirected := a.location(); redirected {
		return true
	}
	_, err := parseStatus(a)
	return len(a.hops) > 0 && err != nil
}

func statusNoRedirect(ctx context.Context, s *session) error {
	a, err := s.askStatus(ctx, s.newBrowser())
	if err != nil {
		return err
	}
	if isRedirected(a) {
		got := a.String()
		if len(a.hops) > 0 {
			got = "a redirect to " + withoutQuery(a.hops[0]) + ", and there " + got
		}
		return fail("200 with a JSON body", got, hintNoRedirect)
	}
	return nil
}

// A side is one of the two answers of a status URL.
type side string

const (
	loggedOut side = "logged out"
	loggedIn  side = "logged in"
)

// withStatus returns a case that checks the answers to a guest and, if one can log in, to a member.
// It leaves a redirect to status/no-redirect.
func withStatus(check func(context.Context, *session, answer) error) runFunc {
	return func(ctx context.Context, s *session) error {
		browsers := map[side]*browser{loggedOut: s.newBrowser()}
		if s.target.has(needMember) {
			if m, err := s.member(ctx); err == nil {
				browsers[loggedIn] = m.browser
			}
		}
		for _, who := range []side{loggedOut, loggedIn} {
			b := browsers[who]
			if b == nil {
				continue
			}
			a, err := s.askStatus(ctx, b)
			if err != nil {
				return err
			}
			if isRedirected(a) {
				return skip(whyRedirected)
			}
			if err := check(ctx, s, a); err != nil {
				if f, ok := err.(*failure); ok {
					f.got = string(who) + ": " + f.got
				}
				return err
			}
		}
		return nil
	}
}

func statusStrings(_ context.Context, _ *session, a answer) error { return checkStrings(a) }

func checkStrings(a answer) error {
	if got, err := parseStatus(a); err == nil && got.boolean {
		return fail(`"true" or "false" in quotes`, a.String(), hintStrings)
	}
	return nil
}

func statusKeys(_ context.Context, _ *session, a answer) error { return checkKeys(a) }

func checkKeys(a answer) error {
	if got, err := parseStatus(a); err == nil && got.odd != "" {
		return fail("login and usercode alone, and null for the usercode of somebody logged out", got.odd+": "+a.String(), hintKeys)
	}
	return nil
}

func statusContentType(_ context.Context, _ *session, a answer) error { return checkContentType(a) }

func checkContentType(a answer) error {
	if a.is("application/json") {
		return nil
	}
	return failHeader(a, "Content-Type", "application/json", hintContentType)
}

// failHeader returns the failure of a header that has another value than want.
func failHeader(a answer, name, want string, h hint) error {
	return fail(name+": "+want, name+": "+cmp.Or(a.combined(name), "(none)"), h)
}

func statusFast(_ context.Context, _ *session, a answer) error {
	if a.took < time.Second {
		return nil
	}
	return fail("an answer in less than 1 s", "one after "+a.took.Round(time.Millisecond).String(), hintFast)
}

func statusCORSOrigin(_ context.Context, s *session, a answer) error {
	if a.combined(allowOrigin) == s.target.HelpCenter {
		return nil
	}
	h := hintCORSOrigin
	if len(a.header.Values(allowOrigin)) > 1 {
		h = hintTwice
	}
	return failHeader(a, allowOrigin, s.target.HelpCenter, h)
}

func statusCORSCredentials(_ context.Context, _ *session, a answer) error {
	if a.combined(allowCredentials) == "true" {
		return nil
	}
	h := hintCORSCredentials
	if len(a.header.Values(allowCredentials)) > 1 {
		h = hintTwice
	}
	return failHeader(a, allowCredentials, "true", h)
}

// statusVary is met by an integration that answers every origin alike.
func statusVary(ctx context.Context, s *session, a answer) error {
	if a.lists("Vary", "Origin") || a.lists("Vary", "*") {
		return nil
	}
	other, err := s.newBrowser().get(ctx, s.target.LoginStatusURL, header{"Origin", "https://attacker.example"})
	if err != nil {
		return err
	}
	if other.combined(allowOrigin) == a.combined(allowOrigin) {
		return nil
	}
	return failHeader(a, "Vary", "Origin", hintVary)
}

func statusNoStore(_ context.Context, _ *session, a answer) error {
	if a.lists("Cache-Control", "no-store") {
		return nil
	}
	return failHeader(a, "Cache-Control", "no-store", hintNoStore)
}

func statusPreflight(ctx context.Context, s *session) error {
	for _, field := range signing.FieldNames {
		name := strings.ToLower(field)
		a, err := s.newBrowser().do(ctx, request{method: http.MethodOptions, target: s.target.LoginStatusURL, headers: []header{
			{"Origin", s.target.HelpCenter}, {"Access-Control-Request-Method", http.MethodGet}, {"Access-Control-Request-Headers", name},
		}})
		if err != nil {
			return err
		}
		if a.status < 200 || a.status > 299 || a.combined(allowOrigin) != s.target.HelpCenter ||
			a.combined(allowCredentials) != "true" || !a.lists(allowHeaders, name) {
			var got []string
			for _, header := range []string{allowOrigin, allowCredentials, allowHeaders} {
				got = append(got, header+": "+cmp.Or(a.combined(header), "(none)"))
			}
			return fail("an OPTIONS request that allows the help center's origin, credentials and the header "+field,
				strconv.Itoa(a.status)+" "+http.StatusText(a.status)+"; "+strings.Join(got, "; "), hintPreflight)
		}
	}
	return nil
}

// statusForeign returns a case that checks that none of the origins may read the status. A * is
// left to status/cors-origin.
func statusForeign(origins ...string) runFunc {
	return func(ctx context.Context, s *session) error {
		for _, origin := range origins {
			if slices.Contains(s.target.AlsoOrigins, origin) {
				continue
			}
			a, err := s.newBrowser().get(ctx, s.target.LoginStatusURL, header{"Origin", origin})
			if err != nil {
				return err
			}
			if slices.Contains(a.header.Values(allowOrigin), origin) {
				return fail("no "+allowOrigin+" for "+origin, allowOrigin+": "+origin, hintForeign)
			}
		}
		return nil
	}
}

func statusLookAlike(ctx context.Context, s *session) error {
	return statusForeign(lookAlikes(s.target.HelpCenter)...)(ctx, s)
}

// lookAlikes returns other origins that a careless comparison takes for origin.
func lookAlikes(origin string) []string {
	u := mustParse(origin)
	other := map[string]string{"http": "https", "https": "http"}[u.Scheme]
	list := []string{
		origin + ".attacker.example", // a prefix
		u.Scheme + "://attacker" + u.Host,
		u.Scheme + "://attacker.example." + u.Host, // a suffix
		other + "://" + u.Host,
		u.Scheme + "://" + strings.Replace(u.Host, ".", "x", 1), // an unescaped dot in a pattern
	}
	if u.Port() == "" {
		return append(list, origin+":4443")
	}
	return append(list, u.Scheme+"://"+u.Hostname(), origin+"9")
}

// statusCookie returns a case that checks the cookies of the login with check, which gets the
// failure's want and got.
func statusCookie(want string, check func(s *session, c cookie, want, got string) error) runFunc {
	return withMember(func(ctx context.Context, s *session, m *member) error {
		if s.target.Cookie.Reveal() != "" {
			return skip(whyCookieGiven)
		}
		cookies, err := s.loginCookies(ctx, m)
		if err != nil {
			return err
		}
		for _, c := range cookies {
			if err := check(s, c, "the cookie "+c.name+" "+want, c.String()); err != nil {
				return err
			}
		}
		return nil
	})
}

// attributeOf returns a check of an attribute.
func attributeOf(ok func(cookie) bool, h hint) func(*session, cookie, string, string) error {
	return func(_ *session, c cookie, want, got string) error {
		if ok(c) {
			return nil
		}
		return fail(want, got, h)
	}
}

func statusCookieStored(_ *session, c cookie, want, got string) error {
	if c.refused != "" {
		return fail(want, got+", which they refuse: "+c.refused, hintCookieRefused)
	}
	return nil
}

// statusSameSite wants SameSite=None unless the help center is on the same site.
func statusSameSite(s *session, c cookie, want, got string) error {
	if c.sameSite == "None" || sameSite(mustParse(s.target.HelpCenter), mustParse(s.target.LoginStatusURL)) {
		return nil
	}
	return fail(want, got, hintCookie)
}

// loginCookies returns the cookies of the member without which the status URL says logged out.
func (s *session) loginCookies(ctx context.Context, m *member) ([]cookie, error) {
	if err := s.checkStatusWorks(ctx, m.browser); err != nil {
		return nil, err
	}
	var needed []cookie
	for _, c := range m.jar.cookies {
		in, err := s.isLoggedIn(ctx, m.withCookies(func(other cookie) bool { return other.name != c.name }))
		if err != nil {
			return nil, err
		}
		if !in {
			needed = append(needed, c)
			s.hide(c.value)
		}
	}
	if needed == nil {
		return nil, skip(whyNoCookie)
	}
	return needed, nil
}

func statusUserCodeAlone(ctx context.Context, s *session) error {
	if guest, err := s.isLoggedIn(ctx, s.newBrowser()); err == nil && guest {
		return skip(whyStatusBlind)
	}
	status, usercode := s.target.LoginStatusURL, s.target.UserCode
	for _, request := range []struct {
		place, url string
		headers    []header
	}{
		{"the query", withQuery(status, header{"usercode", usercode}), nil},
		{"a header", status, []header{{"usercode", url.PathEscape(usercode)}}},
	} {
		a, err := s.newBrowser().get(ctx, request.url, request.headers...)
		if err != nil {
			return err
		}
		if got, err := parseStatus(a); err == nil && got.loggedIn {
			return fail(`"false" for a usercode in `+request.place+" and no cookie", a.String(), hintNoProof)
		}
	}
	return nil
}

// statusUserCodeCookie forges cookies that have nothing secret in them: a usercode, as the vendor's
// sample keeps it for its scripts, and the login's own cookies that any script can write.
func statusUserCodeCookie(ctx context.Context, s *session) error {
	usercode := s.target.UserCode
	forged := []cookie{{name: "usercode", value: url.QueryEscape(usercode)}, {name: "sso_test_login", value: "true"}}
	if s.target.has(needMember) {
		if m, err := s.member(ctx); err == nil {
			for _, c := range m.jar.cookies {
				if slices.Contains(spellings(usercode), c.value) {
					forged = append(forged, cookie{name: c.name, value: c.value})
				}
			}
		}
	}
	b := s.newBrowser()
	for _, c := range forged {
		c.domain, c.hostOnly, c.path = mustParse(s.target.LoginStatusURL).Hostname(), true, "/"
		b.jar.set(c, s.now())
	}
	a, err := s.askStatus(ctx, b)
	if err != nil {
		return err
	}
	if guest, err := s.isLoggedIn(ctx, s.newBrowser()); err == nil && guest {
		return skip(whyStatusBlind)
	}
	if got, err := parseStatus(a); err == nil && got.loggedIn {
		return fail(`"false" for a cookie that has the usercode and nothing secret`, a.String(), hintForgedCookie)
	}
	return nil
}

// spellings are the ways in which a cookie may have a usercode in clear.
func spellings(usercode string) []string {
	return []string{
		usercode, url.QueryEscape(usercode), url.PathEscape(usercode), `"` + usercode + `"`,
		base64.StdEncoding.EncodeToString([]byte(usercode)), base64.RawURLEncoding.EncodeToString([]byte(usercode)),
	}
}
