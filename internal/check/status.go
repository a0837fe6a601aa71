package check

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"ocsso/internal/contract"
)

// statusCases test the login status URL (PROTOCOL 7).
func statusCases() []Case {
	guest, both := []need{needStatus}, []need{needStatus, needMember}
	return []Case{
		{"status/logged-out", Must, `Somebody logged out is 200 and {"login":"false","usercode":null} (PROTOCOL 7)`,
			guest, statusLoggedOut},
		{"status/logged-in", Must, `A member is 200 and {"login":"true","usercode":"..."}, with the member's own usercode (PROTOCOL 7)`,
			both, withMember(statusLoggedIn)},
		{"status/strings", Should, "The value of login is a string, not a Boolean (PROTOCOL 7, D1)", guest, withStatus(statusStrings)},
		{"status/content-type", Should, "The content type is application/json (PROTOCOL 7)", guest, withStatus(statusContentType)},
		{"status/no-redirect", Must, "Somebody logged out gets an answer, not a redirect to a login page (PROTOCOL 7)",
			guest, statusNoRedirect},
		{"status/fast", Must, "The answer takes less than 1 s: each page of the help center waits for it (PROTOCOL 7)",
			guest, withStatus(statusFast)},
		{"status/cors-origin", Must, "Access-Control-Allow-Origin is the help center's exact origin, logged out and logged in (PROTOCOL 7, D6)",
			guest, withStatus(statusCORSOrigin)},
		{"status/cors-credentials", Must, "Access-Control-Allow-Credentials is true, logged out and logged in (PROTOCOL 7)",
			guest, withStatus(statusCORSCredentials)},
		{"status/preflight", Must, "A preflight allows each field of the contract as a header (PROTOCOL 7)",
			guest, statusPreflight},
		{"status/vary-origin", Must, "Vary has Origin, so that no cache gives one origin's answer to another (PROTOCOL 7)",
			guest, withStatus(statusVary)},
		{"status/no-store", Must, "Cache-Control has no-store: the answer depends on who asks (PROTOCOL 7)", guest, withStatus(statusNoStore)},
		{"status/foreign-origin", Should, "Another site may not read the status (PROTOCOL D6)",
			guest, statusForeign("https://attacker.example")},
		{"status/null-origin", Should, "The origin null may not read the status (PROTOCOL D6)", guest, statusForeign("null")},
		{"status/look-alike-origin", Should, "An origin that looks like the help center's may not read the status (PROTOCOL D6)",
			guest, statusLookAlike},
		{"status/cookie-secure", Must, "The session's cookie is Secure (PROTOCOL 7)", both,
			statusCookie("Secure", func(c cookie) bool { return c.Secure })},
		{"status/cookie-http-only", Must, "The session's cookie is HttpOnly (PROTOCOL D12)", both,
			statusCookie("HttpOnly", func(c cookie) bool { return c.HttpOnly })},
		{"status/cookie-same-site", Must, "The session's cookie is SameSite=None: otherwise the help center's script asks without it (PROTOCOL 7)", both,
			statusCookie("SameSite=None", func(c cookie) bool { return c.SameSite == http.SameSiteNoneMode })},
		{"status/usercode-alone", Must, "A usercode in a parameter or a header is not accepted without proof (PROTOCOL 7, D8)",
			guest, statusUserCodeAlone},
	}
}

func statusLoggedOut(ctx context.Context, s *session) error {
	a, err := s.askStatus(ctx, s.newBrowser())
	if err != nil {
		return err
	}
	if _, redirected := a.location(); redirected {
		return errRedirected
	}
	got, err := parseStatus(a)
	if err != nil {
		return err
	}
	if got.loggedIn {
		return fail(`{"login":"false","usercode":null} without a cookie`, a.String(), "a request without a session is logged out")
	}
	return nil
}

func statusLoggedIn(ctx context.Context, s *session, m *member) error {
	a, err := s.askStatus(ctx, m.browser)
	if err != nil {
		return err
	}
	got, err := parseStatus(a)
	if err != nil {
		return err
	}
	if got.usercode != s.target.UserCode {
		return fail(`{"login":"true","usercode":"`+s.target.UserCode+`"}`, a.String(),
			"read the session that the login page made, and name its member")
	}
	return nil
}

func statusNoRedirect(ctx context.Context, s *session) error {
	a, err := s.askStatus(ctx, s.newBrowser())
	if err != nil {
		return err
	}
	if _, redirected := a.location(); redirected {
		return fail("200 with a JSON body", a.String(), "exempt the status URL from the filter that sends people to the login page")
	}
	return nil
}

// withStatus returns a case that checks the answers to a guest and, if one can log in, to a member.
// It leaves a redirect to status/no-redirect.
func withStatus(check func(*session, answer) error) runFunc {
	return func(ctx context.Context, s *session) error {
		browsers := []*browser{s.newBrowser()}
		if s.target.has(needMember) {
			if m, err := s.member(ctx); err == nil {
				browsers = append(browsers, m.browser)
			}
		}
		for _, b := range browsers {
			a, err := s.askStatus(ctx, b)
			if err != nil {
				return err
			}
			if _, redirected := a.location(); redirected {
				return errRedirected
			}
			if err := check(s, a); err != nil {
				return err
			}
		}
		return nil
	}
}

// errRedirected skips cases that need an answer of the status URL.
var errRedirected = skip("it redirects; see status/no-redirect")

func statusStrings(_ *session, a answer) error {
	if got, err := parseStatus(a); err == nil && got.boolean {
		return fail(`"true" or "false" in quotes`, a.String(), "the vendor's examples all have strings")
	}
	return nil
}

func statusContentType(_ *session, a answer) error {
	if a.is("application/json") {
		return nil
	}
	return failHeader(a, "Content-Type", "application/json", "set the header before writing the body")
}

// failHeader returns the failure of a header that has another value than want.
func failHeader(a answer, name, want, hint string) error {
	return fail(name+": "+want, name+": "+strings.Join(a.header.Values(name), ", "), hint)
}

func statusFast(_ *session, a answer) error {
	if a.took < time.Second {
		return nil
	}
	return fail("an answer in less than 1 s", "one after "+a.took.Round(time.Millisecond).String(), "answer from the session alone")
}

func statusCORSOrigin(s *session, a answer) error {
	const name = "Access-Control-Allow-Origin"
	if slices.Equal(a.header.Values(name), []string{s.target.HelpCenter}) {
		return nil
	}
	return failHeader(a, name, s.target.HelpCenter, "answer the help center's exact origin, once: browsers accept no * with credentials")
}

func statusCORSCredentials(_ *session, a answer) error {
	const name = "Access-Control-Allow-Credentials"
	if a.header.Get(name) == "true" {
		return nil
	}
	return failHeader(a, name, "true", "without it the browser keeps the answer from the script")
}

func statusVary(_ *session, a answer) error {
	if a.lists("Vary", "Origin") || a.lists("Vary", "*") {
		return nil
	}
	return failHeader(a, "Vary", "Origin", "set it on every answer, to refused origins too")
}

func statusNoStore(_ *session, a answer) error {
	if a.lists("Cache-Control", "no-store") {
		return nil
	}
	return failHeader(a, "Cache-Control", "no-store", "a cached answer still says what was true before the login")
}

func statusPreflight(ctx context.Context, s *session) error {
	for _, field := range contract.FieldNames {
		name := strings.ToLower(field)
		a, err := s.newBrowser().do(ctx, http.MethodOptions, s.target.LoginStatusURL, nil,
			header{"Origin", s.target.HelpCenter}, header{"Access-Control-Request-Method", http.MethodGet},
			header{"Access-Control-Request-Headers", name})
		if err != nil {
			return err
		}
		if a.status < 200 || a.status > 299 || a.header.Get("Access-Control-Allow-Origin") != s.target.HelpCenter ||
			a.header.Get("Access-Control-Allow-Credentials") != "true" || !a.lists("Access-Control-Allow-Headers", name) {
			got := a.String() + "; Access-Control-Allow-Origin: " + a.header.Get("Access-Control-Allow-Origin") +
				"; Access-Control-Allow-Headers: " + a.header.Get("Access-Control-Allow-Headers")
			return fail("an OPTIONS request that allows the help center's origin, credentials and the header "+field, got,
				"answer OPTIONS with 204, both CORS headers and Access-Control-Allow-Headers with every field's name")
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
			if a.header.Get("Access-Control-Allow-Origin") == origin {
				return fail("no Access-Control-Allow-Origin for "+origin, "Access-Control-Allow-Origin: "+origin,
					"compare the whole Origin with the help center's; the vendor's sample echoes any")
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
	}
	if u.Port() == "" {
		return append(list, origin+":4443")
	}
	return append(list, u.Scheme+"://"+u.Hostname(), origin+"9")
}

// statusCookie returns a case that checks the cookies of the login with ok.
func statusCookie(want string, ok func(cookie) bool) runFunc {
	return withMember(func(ctx context.Context, s *session, m *member) error {
		if s.target.Cookie.Reveal() != "" {
			return skip("needs --password-env: a given cookie has no attributes")
		}
		cookies, err := s.loginCookies(ctx, m)
		if err != nil {
			return err
		}
		for _, c := range cookies {
			if !ok(c) {
				c.Value = mask
				return fail("the cookie "+c.Name+" with "+want, c.String(),
					"set Secure, HttpOnly and SameSite=None on the session's cookie; browsers accept Secure over http on localhost")
			}
		}
		return nil
	})
}

// loginCookies returns the cookies of the member without which the status URL says logged out.
func (s *session) loginCookies(ctx context.Context, m *member) ([]cookie, error) {
	if err := s.checkStatusWorks(ctx, m.browser); err != nil {
		return nil, err
	}
	var needed []cookie
	for _, c := range m.cookies {
		loggedIn, err := s.isLoggedIn(ctx, m.withoutCookie(c.Name))
		if err != nil {
			return nil, err
		}
		if !loggedIn {
			needed = append(needed, c)
			s.secrets = append(s.secrets, c.Value)
		}
	}
	if needed == nil {
		return nil, skip("the login does not depend on one cookie")
	}
	return needed, nil
}

func statusUserCodeAlone(ctx context.Context, s *session) error {
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
			return fail(`"false" for a usercode in `+request.place+" and no cookie", a.String(),
				"anybody can send a usercode; accept only the session, or a token that was issued to it")
		}
	}
	return nil
}
