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

// statusCases are those of the login status URL (PROTOCOL 7).
func statusCases() []Case {
	guest, both := []need{needStatus}, []need{needStatus, needMember}
	return []Case{
		{"status/logged-out", Must, `Somebody logged out is 200 and {"login":"false","usercode":null} (PROTOCOL 7)`,
			guest, statusLoggedOut},
		{"status/logged-in", Must, `A member is 200 and {"login":"true","usercode":"..."}, with the member's own usercode (PROTOCOL 7)`,
			both, statusLoggedIn},
		{"status/strings", Should, "The value of login is a string, not a Boolean (PROTOCOL 7, D1)", guest, statusStrings},
		{"status/content-type", Should, "The content type is application/json (PROTOCOL 7)", guest, statusContentType},
		{"status/no-redirect", Must, "Somebody logged out gets an answer, not a redirect to a login page (PROTOCOL 7)",
			guest, statusNoRedirect},
		{"status/fast", Must, "The answer takes less than 1 s: each page of the help center waits for it (PROTOCOL 7)",
			guest, statusFast},
		{"status/cors-origin", Must, "Access-Control-Allow-Origin is the help center's exact origin, logged out and logged in (PROTOCOL 7, D6)",
			guest, statusCORSOrigin},
		{"status/cors-credentials", Must, "Access-Control-Allow-Credentials is true, logged out and logged in (PROTOCOL 7)",
			guest, statusCORSCredentials},
		{"status/preflight", Must, "A preflight allows each field of the contract as a header (PROTOCOL 7)",
			guest, statusPreflight},
		{"status/vary-origin", Must, "Vary has Origin, so that no cache gives one origin's answer to another (PROTOCOL 7)",
			guest, statusVary},
		{"status/no-store", Must, "Cache-Control has no-store: the answer depends on who asks (PROTOCOL 7)", guest, statusNoStore},
		{"status/foreign-origin", Should, "Another site may not read the status (PROTOCOL D6)",
			guest, statusForeign("https://attacker.example")},
		{"status/null-origin", Should, "The origin null may not read the status (PROTOCOL D6)", guest, statusForeign("null")},
		{"status/look-alike-origin", Should, "An origin that looks like the help center's may not read the status (PROTOCOL D6)",
			guest, statusLookAlike},
		{"status/cookie-secure", Must, "The session's cookie is Secure (PROTOCOL 7)", both,
			statusCookie("Secure", func(c cookie) bool { return c.Secure })},
		{"status/cookie-http-only", Must, "The session's cookie is HttpOnly (PROTOCOL D12)", both,
			statusCookie("HttpOnly", func(c cookie) bool { return c.HttpOnly })},
		{"status/cookie-same-site", Must, "The session's cookie is SameSite=None, or the help center's script asks without it (PROTOCOL 7)", both,
			statusCookie("SameSite=None", func(c cookie) bool { return c.SameSite == http.SameSiteNoneMode })},
		{"status/usercode-alone", Must, "A usercode in a parameter or a header is not believed without a proof (PROTOCOL 7, D8)",
			guest, statusUserCodeAlone},
	}
}

func statusLoggedOut(ctx context.Context, s *session) error {
	a, err := s.askStatus(ctx, s.visitor())
	if err != nil {
		return err
	}
	if _, redirected := a.location(); redirected {
		return skip("it redirects; status/no-redirect says more")
	}
	read, err := stateOf(a)
	if err != nil {
		return err
	}
	if read.loggedIn {
		return found(`{"login":"false","usercode":null} without a cookie`, a.String(), "a request without a session is logged out")
	}
	return nil
}

func statusLoggedIn(ctx context.Context, s *session) error {
	m, err := s.member(ctx)
	if err != nil {
		return err
	}
	a, err := s.askStatus(ctx, m.browser)
	if err != nil {
		return err
	}
	read, err := stateOf(a)
	if err != nil {
		return err
	}
	if read.usercode != s.target.UserCode {
		return found(`{"login":"true","usercode":"`+s.target.UserCode+`"}`, a.String(),
			"read the session that the login page made, and name its member")
	}
	return nil
}

func statusStrings(ctx context.Context, s *session) error {
	return s.eachStatus(ctx, func(a answer) error {
		if read, err := stateOf(a); err == nil && read.boolean {
			return found(`"true" or "false" in quotes`, a.String(), "the vendor's examples all have strings")
		}
		return nil
	})
}

func statusContentType(ctx context.Context, s *session) error {
	return s.eachStatus(ctx, func(a answer) error {
		if a.is("application/json") {
			return nil
		}
		return found("Content-Type: application/json", "Content-Type: "+a.header.Get("Content-Type"),
			"set the header before writing the body")
	})
}

func statusNoRedirect(ctx context.Context, s *session) error {
	a, err := s.askStatus(ctx, s.visitor())
	if err != nil {
		return err
	}
	if _, redirected := a.location(); redirected {
		return found("200 with a JSON body", a.String(), "exempt the status URL from the filter that sends people to the login page")
	}
	return nil
}

func statusFast(ctx context.Context, s *session) error {
	return s.eachStatus(ctx, func(a answer) error {
		if a.took < time.Second {
			return nil
		}
		return found("an answer in less than 1 s", "one after "+a.took.Round(time.Millisecond).String(), "answer from the session alone")
	})
}

// eachStatus judges the answers to a guest and, where there is one, to a member. A redirect is for another case to judge.
func (s *session) eachStatus(ctx context.Context, judge func(answer) error) error {
	browsers := []*browser{s.visitor()}
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
			return skip("it redirects; status/no-redirect says more")
		}
		if err := judge(a); err != nil {
			return err
		}
	}
	return nil
}

func statusCORSOrigin(ctx context.Context, s *session) error {
	return s.eachStatus(ctx, func(a answer) error {
		if got := a.header.Values("Access-Control-Allow-Origin"); !slices.Equal(got, []string{s.target.HelpCenter}) {
			return found("Access-Control-Allow-Origin: "+s.target.HelpCenter, "Access-Control-Allow-Origin: "+strings.Join(got, ", "),
				"answer the help center's origin to the letter, once: a browser takes no * with credentials")
		}
		return nil
	})
}

func statusCORSCredentials(ctx context.Context, s *session) error {
	return s.eachStatus(ctx, func(a answer) error {
		if got := a.header.Get("Access-Control-Allow-Credentials"); got != "true" {
			return found("Access-Control-Allow-Credentials: true", "Access-Control-Allow-Credentials: "+got,
				"without it the browser keeps the answer from the script")
		}
		return nil
	})
}

func statusPreflight(ctx context.Context, s *session) error {
	for _, field := range contract.FieldNames {
		name := strings.ToLower(field)
		a, err := s.visitor().do(ctx, http.MethodOptions, s.target.LoginStatusURL, nil,
			header{"Origin", s.target.HelpCenter}, header{"Access-Control-Request-Method", http.MethodGet},
			header{"Access-Control-Request-Headers", name})
		if err != nil {
			return err
		}
		if a.status < 200 || a.status > 299 || a.header.Get("Access-Control-Allow-Origin") != s.target.HelpCenter ||
			a.header.Get("Access-Control-Allow-Credentials") != "true" || !a.lists("Access-Control-Allow-Headers", name) {
			got := a.String() + "; Access-Control-Allow-Origin: " + a.header.Get("Access-Control-Allow-Origin") +
				"; Access-Control-Allow-Headers: " + a.header.Get("Access-Control-Allow-Headers")
			return found("an OPTIONS request that allows the help center's origin, credentials and the header "+field, got,
				"answer OPTIONS with 204, both CORS headers and Access-Control-Allow-Headers with every field's name")
		}
	}
	return nil
}

func statusVary(ctx context.Context, s *session) error {
	return s.eachStatus(ctx, func(a answer) error {
		if a.lists("Vary", "Origin") || a.lists("Vary", "*") {
			return nil
		}
		return found("Vary: Origin", "Vary: "+strings.Join(a.header.Values("Vary"), ", "),
			"set it on every answer, to refused origins too")
	})
}

func statusNoStore(ctx context.Context, s *session) error {
	return s.eachStatus(ctx, func(a answer) error {
		if a.lists("Cache-Control", "no-store") {
			return nil
		}
		return found("Cache-Control: no-store", "Cache-Control: "+strings.Join(a.header.Values("Cache-Control"), ", "),
			"a cached answer goes on saying what was true before the login")
	})
}

// statusForeign has no other origin read the status. Whether * is right at all is for status/cors-origin.
func statusForeign(origins ...string) func(context.Context, *session) error {
	return func(ctx context.Context, s *session) error {
		for _, origin := range origins {
			if slices.Contains(s.target.AlsoOrigins, origin) {
				continue
			}
			a, err := s.visitor().get(ctx, s.target.LoginStatusURL, header{"Origin", origin})
			if err != nil {
				return err
			}
			if a.header.Get("Access-Control-Allow-Origin") == origin {
				return found("no Access-Control-Allow-Origin for "+origin, "Access-Control-Allow-Origin: "+origin,
					"compare the whole Origin with the help center's; the vendor's sample echoes any")
			}
		}
		return nil
	}
}

func statusLookAlike(ctx context.Context, s *session) error {
	return statusForeign(lookAlikes(s.target.HelpCenter)...)(ctx, s)
}

// lookAlikes are origins that a careless comparison takes for origin.
func lookAlikes(origin string) []string {
	u, err := url.Parse(origin)
	if err != nil {
		panic(err) // Target.validate has let it through
	}
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

// statusCookie judges the cookies that make the login.
func statusCookie(want string, judge func(cookie) bool) func(context.Context, *session) error {
	return func(ctx context.Context, s *session) error {
		if s.target.Cookie.Reveal() != "" {
			return skip("needs --password-env: a given cookie has no attributes")
		}
		cookies, err := s.sessionCookies(ctx)
		if err != nil {
			return err
		}
		for _, c := range cookies {
			if !judge(c) {
				c.Value = mask
				return found("the cookie "+c.Name+" with "+want, c.String(),
					"set Secure, HttpOnly and SameSite=None on the session's cookie; browsers take Secure over http on localhost")
			}
		}
		return nil
	}
}

// sessionCookies are the shared member's cookies without which nobody is logged in.
func (s *session) sessionCookies(ctx context.Context) ([]cookie, error) {
	m, err := s.seenMember(ctx)
	if err != nil {
		return nil, err
	}
	var needed []cookie
	for _, c := range m.cookies {
		loggedIn, err := s.isLoggedIn(ctx, m.without(c.Name))
		if err != nil {
			return nil, err
		}
		if !loggedIn {
			needed = append(needed, c)
			s.secrets = append(s.secrets, c.Value)
		}
	}
	if needed == nil {
		return nil, skip("no cookie makes the login")
	}
	return needed, nil
}

func statusUserCodeAlone(ctx context.Context, s *session) error {
	asks := map[string]func() (answer, error){
		"the query": func() (answer, error) {
			return s.visitor().get(ctx, withQuery(s.target.LoginStatusURL, header{"usercode", s.target.UserCode}))
		},
		"a header": func() (answer, error) {
			return s.visitor().get(ctx, s.target.LoginStatusURL, header{"usercode", url.PathEscape(s.target.UserCode)})
		},
	}
	for place, ask := range asks {
		a, err := ask()
		if err != nil {
			return err
		}
		if read, err := stateOf(a); err == nil && read.loggedIn {
			return found(`"false" for a usercode in `+place+" and no cookie", a.String(),
				"anybody can send a usercode; believe the session, or a token that was issued to it")
		}
	}
	return nil
}
