package check

import (
	"html"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/text/encoding/korean"
)

// signerMutants have one mistake in the signature. Package signing tries the others.
var signerMutants = []mutant{
	{name: "hex for Base64", cases: []string{"handoff/form-token", "link/token"}},
	{name: "email before username", cases: []string{"handoff/form-token", "link/token"}},
	{name: "another letter case", cases: []string{"handoff/form-token", "link/token"}},
	{name: "decomposed Korean", cases: []string{"handoff/form-token", "link/token"}},
	{name: "time first", cases: []string{"handoff/api-token", "link/token"}, way: wayAPI},
}

// atPath limits a change to the answers of one path.
func atPath(path string, changes ...func(*answerEdit)) func(*http.Request, *answerEdit) {
	return func(r *http.Request, a *answerEdit) {
		if r.URL.Path == path && r.Method != http.MethodOptions {
			for _, change := range changes {
				change(a)
			}
		}
	}
}

// to limits a change to the answers that a guest, or a member, gets.
func to(who side, change func(*http.Request, *answerEdit)) func(*http.Request, *answerEdit) {
	return func(r *http.Request, a *answerEdit) {
		if _, err := r.Cookie("sid"); (err == nil) == (who == loggedIn) {
			change(r, a)
		}
	}
}

// preflights limits a change to the answers to OPTIONS.
func preflights(changes ...func(*answerEdit)) func(*http.Request, *answerEdit) {
	return func(r *http.Request, a *answerEdit) {
		if r.Method == http.MethodOptions {
			for _, change := range changes {
				change(a)
			}
		}
	}
}

// handoffs limits a change to pages with a handoff, logins to pages with a login form.
func handoffs(changes ...func(*answerEdit)) func(*http.Request, *answerEdit) {
	return pagesWith(`name="token"`, changes)
}

func logins(changes ...func(*answerEdit)) func(*http.Request, *answerEdit) {
	return pagesWith(`type="password"`, changes)
}

func pagesWith(text string, changes []func(*answerEdit)) func(*http.Request, *answerEdit) {
	return func(_ *http.Request, a *answerEdit) {
		if strings.Contains(a.body, text) {
			for _, change := range changes {
				change(a)
			}
		}
	}
}

// posts limits a change to the answers to a login, which then sets no cookie.
func posts(changes ...func(*answerEdit)) func(*http.Request, *answerEdit) {
	return func(r *http.Request, a *answerEdit) {
		if r.Method == http.MethodPost && r.URL.Path == "/login" {
			for _, change := range append(changes, remove("Set-Cookie")) {
				change(a)
			}
		}
	}
}

func set(name, value string) func(*answerEdit) {
	return func(a *answerEdit) { a.header.Set(name, value) }
}
func add(name, value string) func(*answerEdit) {
	return func(a *answerEdit) { a.header.Add(name, value) }
}
func remove(name string) func(*answerEdit) { return func(a *answerEdit) { a.header.Del(name) } }
func code(status int) func(*answerEdit)    { return func(a *answerEdit) { a.status = status } }
func text(body string) func(*answerEdit)   { return func(a *answerEdit) { a.body = body } }
func before(prefix string) func(*answerEdit) {
	return func(a *answerEdit) { a.body = prefix + a.body }
}

// change replaces text in the body, changeHeader in a header.
func change(pairs ...string) func(*answerEdit) {
	return func(a *answerEdit) { a.body = strings.NewReplacer(pairs...).Replace(a.body) }
}

func changeHeader(name string, pairs ...string) func(*answerEdit) {
	return func(a *answerEdit) {
		for i, value := range a.header.Values(name) {
			a.header[http.CanonicalHeaderKey(name)][i] = strings.NewReplacer(pairs...).Replace(value)
		}
	}
}

// anywhere makes a change in every answer.
func anywhere(change func(*answerEdit)) func(*http.Request, *answerEdit) {
	return func(_ *http.Request, a *answerEdit) { change(a) }
}

func cookies(pairs ...string) func(*http.Request, *answerEdit) {
	return anywhere(changeHeader("Set-Cookie", pairs...))
}

// slowBy sets the site's clock back.
func slowBy(d time.Duration) func(*http.Request, *answerEdit) {
	return func(_ *http.Request, a *answerEdit) {
		a.header.Set("Date", time.Now().UTC().Add(-d).Format(http.TimeFormat))
	}
}

// returnURLs changes the returnUrl that the reference is asked for.
func returnURLs(change func(string) string) func(*http.Request) {
	return func(r *http.Request) {
		query := r.URL.Query()
		if query.Has("returnUrl") {
			query.Set("returnUrl", change(query.Get("returnUrl")))
			r.URL.RawQuery = query.Encode()
		}
	}
}

func links(change func(string) string) func(*http.Request, *answerEdit) {
	return func(r *http.Request, a *answerEdit) {
		if r.URL.Path == "/link" && a.header.Get("Location") != "" {
			a.header.Set("Location", change(a.header.Get("Location")))
		}
	}
}

func decodedAgain(text string) string {
	text, _ = url.QueryUnescape(text)
	return text
}

func inEUCKR(a *answerEdit) {
	a.header.Set("Content-Type", "text/html; charset=euc-kr")
	a.body, _ = korean.EUCKR.NewEncoder().String(a.body)
}

const csp = "Content-Security-Policy"

var (
	bothStatus    = []string{"status/logged-out", "status/logged-in"}
	returnURL     = []string{"login/return-url"}
	nobody        = []string{"login/works"}
	submitsItself = []string{"handoff/form-submits"}
)

// submitBy replaces the script that submits the handoff's form.
func submitBy(script string) func(*http.Request, *answerEdit) {
	return handoffs(change("<script>document.forms[0].submit()</script>", script))
}

// editMutants have one mistake in what the reference is asked or answers.
var editMutants = []mutant{
	// CORS, with headers as Fetch combines them.
	{name: "two equal Allow-Origin headers", cases: []string{"status/cors-origin"}, after: atPath("/status", add(allowOrigin, centerOrigin))},
	{name: "Allow-Origin and a *", cases: []string{"status/cors-origin"}, after: atPath("/status", add(allowOrigin, "*"))},
	{name: "a list of origins", cases: []string{"status/cors-origin"}, after: atPath("/status", set(allowOrigin, centerOrigin+", https://other.example"))},
	{name: "Allow-Origin with a slash", cases: []string{"status/cors-origin"}, after: atPath("/status", set(allowOrigin, centerOrigin+"/"))},
	{name: "no CORS for members", cases: []string{"status/cors-origin"}, after: to(loggedIn, atPath("/status", remove(allowOrigin)))},
	{name: "two Allow-Credentials headers", cases: []string{"status/cors-credentials"}, after: atPath("/status", add(allowCredentials, "true"))},
	{name: "Allow-Credentials in title case", cases: []string{"status/cors-credentials"}, after: atPath("/status", set(allowCredentials, "True"))},
	{name: "Allow-Credentials is 1", cases: []string{"status/cors-credentials"}, after: atPath("/status", set(allowCredentials, "1"))},
	{name: "no credentials for guests", cases: []string{"status/cors-credentials"}, after: to(loggedOut, atPath("/status", remove(allowCredentials)))},
	{name: "no credentials for members", cases: []string{"status/cors-credentials"}, after: to(loggedIn, atPath("/status", remove(allowCredentials)))},
	{name: "Vary has another header", cases: []string{"status/vary-origin"}, after: atPath("/status", set("Vary", "Accept-Encoding"))},
	{name: "no-cache for no-store", cases: []string{"status/no-store"}, after: atPath("/status", set("Cache-Control", "no-cache"))},
	{name: "cacheable for members", cases: []string{"status/no-store"}, after: to(loggedIn, atPath("/status", set("Cache-Control", "private, max-age=60")))},
	{name: "preflight redirects", cases: []string{"status/preflight"}, after: preflights(code(302), set("Location", "/login"))},
	{name: "preflight with two origins", cases: []string{"status/preflight"}, after: preflights(add(allowOrigin, centerOrigin))},
	{name: "preflight without an origin", cases: []string{"status/preflight"}, after: preflights(remove(allowOrigin))},
	{name: "preflight without headers", cases: []string{"status/preflight"}, after: preflights(remove(allowHeaders))},
	{name: "preflight is 500", cases: []string{"status/preflight"}, after: preflights(code(500))},
	{name: "origins by a pattern", cases: []string{"status/look-alike-origin"}},

	{name: "status over http", cases: []string{"status/https"}, target: func(t *Target) { t.LoginStatusURL = "http://shop.example/status" }},

	// The JSON.
	{name: "empty status", cases: bothStatus, after: atPath("/status", text(""))},
	{name: "status with a BOM", cases: bothStatus, after: atPath("/status", before("\ufeff"))},
	{name: "status with a warning before it", cases: bothStatus, after: atPath("/status", before("<b>Notice</b>: Undefined index\n"))},
	{name: "JSONP", cases: bothStatus, after: atPath("/status", before("callback("))},
	{name: "single quotes", cases: bothStatus, after: atPath("/status", change(`"`, "'"))},
	{name: "a list around it", cases: bothStatus, after: atPath("/status", func(a *answerEdit) { a.body = "[" + a.body + "]" })},
	{name: "an object one level down", cases: bothStatus, after: atPath("/status", func(a *answerEdit) { a.body = `{"data":` + a.body + `}` })},
	{name: "status out of a cache", cases: []string{"status/logged-in"}, after: to(loggedIn, func(r *http.Request, a *answerEdit) {
		if r.URL.RawQuery == "" {
			atPath("/status", text(`{"login":"false","usercode":null}`))(r, a)
		}
	})},
	{name: "verify is 401", cases: []string{"verify/issued"}, after: atPath("/verify", code(401), text(""))},
	{name: "JSON in a string", cases: bothStatus, after: atPath("/status", func(a *answerEdit) { a.body = `"` + strings.ReplaceAll(a.body, `"`, `\"`) + `"` })},
	{name: "Python's True", cases: bothStatus, after: atPath("/status", change(`"true"`, `"True"`, `"false"`, `"False"`))},
	{name: "true in upper case", cases: bothStatus, after: atPath("/status", change(`"true"`, `"TRUE"`, `"false"`, `"FALSE"`))},
	{name: "Y and N", cases: bothStatus, after: atPath("/status", change(`"true"`, `"Y"`, `"false"`, `"N"`))},
	{name: "isLogin for login", cases: bothStatus, after: atPath("/status", change(`"login"`, `"isLogin"`))},
	{name: "userCode for usercode", cases: []string{"status/logged-in", "status/keys"}, after: atPath("/status", change(`"usercode"`, `"userCode"`))},
	{name: "no usercode for members", cases: []string{"status/logged-in"}, after: to(loggedIn, atPath("/status", change(`"minji"`, "null")))},
	{name: "empty usercode for members", cases: []string{"status/logged-in"}, after: to(loggedIn, atPath("/status", change(`"minji"`, `""`)))},
	{name: "usercode is a number", cases: []string{"status/logged-in"}, after: to(loggedIn, atPath("/status", change(`"minji"`, "17")))},
	{name: "usercode with a space", cases: []string{"status/logged-in"}, after: to(loggedIn, atPath("/status", change("minji", "minji ")))},
	{name: "usercode in upper case", cases: []string{"status/logged-in"}, after: to(loggedIn, atPath("/status", change("minji", "MINJI")))},
	{name: "guests have a usercode", cases: []string{"status/logged-out"}, after: to(loggedOut, atPath("/status", change("null", `"guest"`)))},
	{name: "null in quotes", cases: []string{"status/logged-out"}, after: to(loggedOut, atPath("/status", change("null", `"null"`)))},
	{name: "no usercode key when logged out", cases: []string{"status/keys"}, after: to(loggedOut, atPath("/status", text(`{"login":"false"}`)))},
	{name: "one more key for members", cases: []string{"status/keys"}, after: to(loggedIn, atPath("/status", change("{", `{"name":"x",`)))},
	{name: "status is 500 for guests", cases: []string{"status/logged-out"}, after: to(loggedOut, atPath("/status", code(500)))},
	{name: "status is not the gzip that it says", cases: []string{"status/logged-out"}, after: atPath("/status", set("Content-Encoding", "gzip"))},
	{name: "status in UTF-16", cases: bothStatus, after: atPath("/status", func(a *answerEdit) { a.body = "\xff\xfe" + strings.ReplaceAll(a.body, "", "\x00")[1:] })},
	{name: "status is 404", cases: bothStatus, after: atPath("/status", code(404))},
	{name: "status is 403 for guests", cases: []string{"status/logged-out"}, after: to(loggedOut, atPath("/status", code(403)))},
	{name: "status is an empty 200 for guests", cases: []string{"status/logged-out"}, after: to(loggedOut, atPath("/status", text("")))},
	{name: "the last login counts for everybody", cases: []string{"status/logged-out"}},
	{name: "status is the login page", cases: append(bothStatus, "status/content-type"), after: atPath("/status", set("Content-Type", "text/html"), text("<p>Log in"))},
	{name: "JSON as text", cases: []string{"status/content-type"}, after: atPath("/status", set("Content-Type", "text/plain"))},
	{name: "JSON without a type", cases: []string{"status/content-type"}, after: atPath("/status", set("Content-Type", ""))},
	{name: "status redirects to another site", cases: []string{"status/no-redirect"}, after: to(loggedOut, atPath("/status", code(302), set("Location", "https://login.example/")))},
	{name: "status redirects with CORS to the login", cases: []string{"status/no-redirect"}, after: atPath("/status", code(302), set("Location", "/login"))},

	// Cookies.
	{name: "cookie for one path", cases: []string{"status/logged-in", "link/given", "logout/token"}, shown: true, after: cookies("Path=/", "Path=/login")},
	{name: "Partitioned cookie", cases: []string{"status/cookie-same-site"}, after: cookies("SameSite=None", "SameSite=None; Partitioned")},
	{name: "cookie for another domain", cases: []string{"status/cookie-stored"}, after: cookies("Path=/", "Path=/; Domain=other.example")},
	{name: "cookie that has expired", cases: nobody, after: cookies("Path=/", "Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT")},
	{name: "a usercode cookie is believed", cases: []string{"status/usercode-cookie"}},
	{name: "the sample's cookies are believed", cases: []string{"status/usercode-cookie"}},

	// The login.
	{name: "login page's form-action is self", cases: []string{"login/policy"}, way: wayAPI, after: logins(add(csp, "form-action 'self'"))},
	{name: "every login is refused as forged", cases: nobody, after: posts(code(403), text("Forbidden"))},
	{name: "no Referer for a check against forged logins", cases: nobody, after: func(r *http.Request, a *answerEdit) {
		logins(set("Referrer-Policy", "no-referrer"))(r, a)
		posts(code(403), text("Forbidden"))(r, a)
	}},
	{name: "nobody is handed off", cases: nobody, after: handoffs(text("<p>Welcome"))},
	{name: "the login takes no POST", cases: nobody, after: posts(code(405), text(""))},
	{name: "the login is an error", cases: []string{"login/works", "login/wrong-password"}, after: posts(code(500), text(""))},
	{name: "the login is kept by the page's script", cases: nobody, after: posts(func(a *answerEdit) {
		if to, err := url.Parse(a.header.Get("Location")); err == nil && a.status == http.StatusSeeOther {
			a.header.Set("Location", to.Query().Get("returnUrl"))
		}
	})},
	{name: "a wrong password leaves a session", cases: []string{"login/wrong-password"}},
	{name: "a wrong password is an error", cases: []string{"login/wrong-password"}, after: func(r *http.Request, a *answerEdit) {
		if r.Method == http.MethodPost && a.status == http.StatusUnauthorized {
			a.status = http.StatusInternalServerError
		}
	}},
	{name: "returnUrl not encoded in the login's redirect", cases: []string{"login/return-url"}},
	{name: "every returnUrl decoded twice", cases: returnURL, before: returnURLs(decodedAgain)},
	{name: "login page by meta refresh to another site", cases: []string{"login/page"}, after: logins(text(`<meta http-equiv="refresh" content="0; url=https://login.example/">`))},

	{name: "returnUrl not escaped", cases: []string{"login/markup"}, after: func(_ *http.Request, a *answerEdit) { a.body = html.UnescapeString(a.body) }},
	{name: "returnUrl in the page's script", cases: []string{"login/markup"}, after: func(r *http.Request, a *answerEdit) {
		logins(func(a *answerEdit) { a.body += "<script>var back = '" + r.URL.Query().Get("returnUrl") + "'</script>" })(r, a)
	}},
	{name: "handoff by fetch", cases: []string{"login/works"}, after: handoffs(text(`<p>...</p><script>fetch("` + centerOrigin + `/v2/enduser/remote.json", {method: "POST", mode: "no-cors"})</script>`))},
	{name: "a post to the help center by 307", cases: []string{"login/password-passed-on"}, before: func(r *http.Request) {
		if r.Method == http.MethodPost { // as if the login's answer were the next page's
			r.ParseForm()
		}
	}, way: wayAPI, after: func(r *http.Request, a *answerEdit) {
		if r.Method == http.MethodPost && a.status == http.StatusSeeOther {
			a.status = http.StatusTemporaryRedirect
			a.header.Set("Location", centerOrigin+"/hangame/hc/ticket/?"+strings.TrimPrefix(r.PostForm.Get("returnUrl"), centerOrigin+"/hangame/hc/ticket/?"))
		}
	}},

	// The page with the handoff.
	{name: "nothing submits the form", cases: submitsItself, after: submitBy("")},
	{name: "the policy forbids inline scripts", cases: submitsItself, after: handoffs(set(csp, "script-src 'self'"))},
	{name: "an exception before the submit", cases: submitsItself, after: handoffs(change("<script>", "<script>analytics.track();"))},
	{name: "a button named submit", cases: submitsItself, after: handoffs(change("</form>", "<input type=submit name=submit></form>"))},
	{name: "handoff into a new window", cases: submitsItself, after: handoffs(change("<form", "<form target=_blank"))},
	{name: "handoff page's form-action is self", cases: []string{"handoff/form-policy"}, after: handoffs(set(csp, "form-action 'self'"))},
	{name: "handoff page in EUC-KR", cases: []string{"handoff/form-charset"}, after: handoffs(inEUCKR)},
	{name: "ids for names", cases: []string{"handoff/form-required"}, shown: true, after: handoffs(change(`name="`, `id="`))},
	{name: "the time is disabled", cases: []string{"handoff/form-required"}, after: handoffs(change(`name="time"`, `disabled name="time"`))},
	{name: "the returnUrl has another name", cases: []string{"login/return-url"}, after: handoffs(change(`name="returnUrl"`, `name="returnurl"`))},
	{name: "handoffs are kept", cases: []string{"handoff/form-fresh", "link/fresh"}, may: []string{"handoff/form-time", "link/time"}},
	{name: "handoffs are kept", cases: []string{"handoff/api-fresh", "link/fresh"}, may: []string{"handoff/api-time", "handoff/api-redirect", "link/time"}, way: wayAPI},

	// The server's call.
	{name: "call as JSON", cases: []string{"handoff/api-call"}, way: wayAPI},
	{name: "call by GET", cases: []string{"handoff/api-call"}, way: wayAPI},
	{name: "parameters after the fragment", cases: []string{"handoff/api-redirect"}, way: wayAPI, after: func(_ *http.Request, a *answerEdit) {
		if page, query, ok := strings.Cut(a.header.Get("Location"), "accessToken="); ok {
			query, fragment, _ := strings.Cut(query, "#")
			a.header.Set("Location", strings.TrimRight(page, "?&")+"#"+fragment+"&accessToken="+query)
		}
	}},
	{name: "? where there is a query", cases: []string{"handoff/api-return-url"}, way: wayAPI, after: anywhere(changeHeader("Location", "&accessToken=", "?accessToken="))},
	{name: "& where there is no query", cases: []string{"handoff/api-return-url"}, way: wayAPI},
	{name: "call without the token", cases: []string{"handoff/api-required"}, way: wayAPI},

	// The signed link.
	{name: "link with its token as it is", cases: []string{"link/encoding", "link/encoding-strict"}, after: links(func(s string) string {
		path, token, _ := strings.Cut(s, "token=")
		return path + "token=" + strings.ReplaceAll(token, "%2B", "+")
	})},
	{name: "link with its token encoded twice", cases: []string{"link/encoding", "link/token"}, after: links(func(s string) string {
		path, token, _ := strings.Cut(s, "token=")
		return path + "token=" + url.QueryEscape(token)
	})},
	{name: "link with lower-case escapes", cases: []string{"link/encoding-strict"}, after: links(func(s string) string { return strings.NewReplacer("%3D", "%3d", "%2B", "%2b", "%2F", "%2f").Replace(s) })},
	{name: "link with a literal @", cases: []string{"link/encoding-strict"}, after: links(func(s string) string { return strings.ReplaceAll(s, "%40", "@") })},
	{name: "link to a page without its service", cases: []string{"link/path"}, after: links(func(s string) string { return strings.Replace(s, "/hangame/", "/", 1) })},
	{name: "link to the development help center", cases: []string{"link/path"}, after: links(func(s string) string { return strings.Replace(s, ".nhncloud.com", ".alpha-nhncloud.com", 1) })},
	{name: "link without the time", cases: []string{"link/required"}, after: links(func(s string) string { return strings.Replace(s, "&time=", "&t=", 1) })},
	{name: "link without the usercode", cases: []string{"link/required"}, after: links(func(s string) string { return strings.Replace(s, "usercode=", "user=", 1) })},
	{name: "links for guests", cases: []string{"link/guest"}, before: func(r *http.Request) {
		if r.URL.Path == "/link" && r.Header.Get("Cookie") == "" {
			r.Header.Set("X-Guest", "1")
		}
	}},
	{name: "link as JSON under another key", cases: []string{"link/given"}, after: atPath("/link", code(200), remove("Location"), text(`{"link":"x"}`))},
	{name: "link to the login", cases: []string{"link/path", "link/required", "link/email"}, after: atPath("/link", set("Location", "/login"))},

	// The verify URL.
	{name: "verify knows the last token alone", cases: []string{"verify/earlier"}},
	{name: "verify uses a token up", cases: []string{"verify/twice"}},
	{name: "verify decodes twice", cases: []string{"verify/plus"}},
	{name: "verify ignores case", cases: []string{"verify/look-alike"}},
	{name: "verify ignores spaces at the end", cases: []string{"verify/look-alike"}},
	{name: "verify ignores the usercode's case", cases: []string{"verify/look-alike"}},
	{name: "verify by LIKE", cases: []string{"verify/look-alike"}},
	{name: "verify with a BOM", cases: []string{"verify/shape"}, after: atPath("/verify", before("\ufeff"))},
	{name: "verify is 401 for false", cases: []string{"verify/shape"}, after: func(_ *http.Request, a *answerEdit) {
		if strings.Contains(a.body, `"false"`) && a.header.Get(allowOrigin) == "" {
			a.status = 401
		}
	}},
	{name: "verify has Booleans", cases: []string{"verify/strings"}, after: atPath("/verify", change(`"true"`, "true", `"false"`, "false"))},
	{name: "verify as HTML", cases: []string{"verify/content-type"}, after: atPath("/verify", set("Content-Type", "text/html"))},
	{name: "verify with one more key", cases: []string{"verify/keys"}, after: atPath("/verify", change("{", `{"result":"ok",`))},
	{name: "verify names nobody", cases: []string{"verify/shape"}, after: atPath("/verify", change(`"minji"`, "null"))},
	{name: "verify with Python's True", cases: []string{"verify/issued", "verify/shape"}, after: atPath("/verify", change(`"true"`, `"True"`, `"false"`, `"False"`))},
	{name: "verify is 405", cases: []string{"verify/issued"}, after: atPath("/verify", code(405), text(""))},
	{name: "verify redirects to the login", cases: []string{"verify/issued"}, after: atPath("/verify", code(302), set("Location", "/login"), text(""))},

	// The frame.
	{name: "frame in a sandbox", cases: []string{"frame/source"}, after: atPath("/help", change("<iframe", `<iframe sandbox="allow-scripts"`))},

	{name: "server's clock is a minute slow", cases: []string{"clock/server"}, after: slowBy(time.Minute)},
}

// explanations are what the hints of mutants say whose case has more than one, so that none is
// explained by another mistake.
var explanations = map[string]string{
	"two equal Allow-Origin headers":                "comes twice",
	"Allow-Origin and a *":                          "comes twice",
	"a list of origins":                             "exact origin",
	"Allow-Origin with a slash":                     "only the slash",
	"no CORS for members":                           "exact origin",
	"two Allow-Credentials headers":                 "comes twice",
	"no credentials for guests":                     "answer exactly true",
	"status is 401 for guests":                      "answer 200",
	"status is 403 for guests":                      "exempt this URL",
	"status is 404":                                 "compare it with the console's",
	"status is 500 for guests":                      "own log",
	"status is not the gzip that it says":           "Content-Encoding says gzip",
	"status in UTF-16":                              "is UTF-16",
	"userCode for usercode":                         "it is called userCode here",
	"ids for names":                                 "give each control a name",
	"status with a BOM":                             "EF BB BF",
	"status with a warning before it":               "one JSON object",
	"an object one level down":                      "one level down, in data",
	"Python's True":                                 "in lower case",
	"usercode is a number":                          "the usercode is a number",
	"guests have a usercode":                        "null for somebody logged out",
	"usercode in upper case":                        "name the member of the session",
	"status out of a cache":                         "out of a cache",
	"cookie for one path":                           "Path=/",
	"cookie for another domain":                     "drop such a cookie",
	"cookie without Secure":                         "refuse SameSite=None without it",
	"Lax cookie":                                    "asks without it",
	"no password is right":                          "does not log the member in",
	"asks a member for the password again":          "before showing the login page",
	"every returnUrl decoded twice":                 "decoded twice",
	"returnUrl not encoded in the login's redirect": "cut at its first &",
	"& where there is no query":                     "begin the query with ?",
	"the time is disabled":                          "is disabled",
	"usercode twice":                                "send the field once",
	"time in seconds":                               "milliseconds",
	"another key":                                   "compare the organization key",
	"time of an hour ago":                           "by a time zone",
	"the api's path":                                "with /api is the server's",
	"nothing submits the form":                      "submit the form by a script",
	"an exception before the submit":                "ends at an exception",
	"the policy forbids inline scripts":             "blocks the script",
	"a button named submit":                         "name no control submit",
	"Partitioned cookie":                            "leave Partitioned out",
	"every login is refused as forged":              "against forged requests",
	"no Referer for a check against forged logins":  "Referrer-Policy no-referrer",
	"nobody is handed off":                          "the help center was not told",
	"the login takes no POST":                       "nothing takes the login",
	"the login is an error":                         "the login itself fails",
	"the login is kept by the page's script":        "localStorage",
	"handoff into a new window":                     "leave target out",
	"handoff page in EUC-KR":                        "reads UTF-8",
	"verify is always false":                        "store each token",
	"verify is 405":                                 "asks by GET",
	"verify is 401":                                 "has no cookie and no password",
	"verify redirects to the login":                 "follows no redirect",
	"returnURL for returnUrl":                       "it is called returnURL here",
	"? where there is a query":                      "begin the query with ?",
	"parameters after the fragment":                 "stand after the #",
	"call by GET":                                   "call by POST",
	"call as JSON":                                  "not as JSON",
	"the returnUrl has another name":                "it is called returnurl here",
	"time of ten minutes ago":                       "in UTC",
	"verify uses a token up":                        "do not use a token up",
	"verify decodes twice":                          "decoded twice",
	"logout deletes the cookie alone":               "forget the session's tokens",
}
