package check

import (
	"html"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/text/encoding/korean"
)

// signerMutants have one mistake in the signature. All but the one without a token make a wrong
// token.
var signerMutants = func() (list []mutant) {
	for _, name := range slices.Sorted(maps.Keys(wrongSigners)) {
		if name != "no token" && name != "encoded for a URL" {
			list = append(list, mutant{name: name, cases: []string{"handoff/form-token", "link/token"}})
		}
	}
	return list
}()

// at limits a change to the answers of one path.
func at(path string, changes ...func(*answerEdit)) func(*http.Request, *answerEdit) {
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

func cookies(pairs ...string) func(*http.Request, *answerEdit) {
	return func(_ *http.Request, a *answerEdit) { changeHeader("Set-Cookie", pairs...)(a) }
}

// renamed lets the reference find its session under another cookie's name.
func renamed(name string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set("Cookie", strings.ReplaceAll(r.Header.Get("Cookie"), name, "sid")) }
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

func withoutFragment(text string) string {
	text, _, _ = strings.Cut(text, "#")
	return text
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
	everyReturn   = []string{"login/return-url-kept", "login/return-url", "handoff/form-return-url"}
	returnURL     = []string{"login/return-url", "handoff/form-return-url"}
	nobody        = []string{"status/logged-in", "login/works", "login/already-logged-in"}
	submitsItself = []string{"handoff/form-submits"}
)

// submitBy replaces the script that submits the handoff's form.
func submitBy(script string) func(*http.Request, *answerEdit) {
	return handoffs(change("<script>document.forms[0].submit()</script>", script))
}

// editMutants have one mistake in what the reference is asked or answers.
var editMutants = []mutant{
	// CORS, with headers as Fetch combines them.
	{name: "two equal Allow-Origin headers", cases: []string{"status/cors-origin"}, after: at("/status", add(allowOrigin, centerOrigin))},
	{name: "Allow-Origin and a *", cases: []string{"status/cors-origin"}, after: at("/status", add(allowOrigin, "*"))},
	{name: "a list of origins", cases: []string{"status/cors-origin"}, after: at("/status", set(allowOrigin, centerOrigin+", https://other.example"))},
	{name: "Allow-Origin with a slash", cases: []string{"status/cors-origin"}, after: at("/status", set(allowOrigin, centerOrigin+"/"))},
	{name: "Allow-Origin without a scheme", cases: []string{"status/cors-origin"}, after: at("/status", set(allowOrigin, "example.oc.nhncloud.com"))},
	{name: "Allow-Origin in upper case", cases: []string{"status/cors-origin"}, after: at("/status", set(allowOrigin, strings.ToUpper(centerOrigin)))},
	{name: "Allow-Origin names this site", cases: []string{"status/cors-origin"}, after: at("/status", set(allowOrigin, siteOrigin))},
	{name: "no CORS for members", cases: []string{"status/cors-origin"}, after: to(loggedIn, at("/status", remove(allowOrigin)))},
	{name: "two Allow-Credentials headers", cases: []string{"status/cors-credentials"}, after: at("/status", add(allowCredentials, "true"))},
	{name: "Allow-Credentials in title case", cases: []string{"status/cors-credentials"}, after: at("/status", set(allowCredentials, "True"))},
	{name: "Allow-Credentials is 1", cases: []string{"status/cors-credentials"}, after: at("/status", set(allowCredentials, "1"))},
	{name: "no credentials for guests", cases: []string{"status/cors-credentials"}, after: to(loggedOut, at("/status", remove(allowCredentials)))},
	{name: "no credentials for members", cases: []string{"status/cors-credentials"}, after: to(loggedIn, at("/status", remove(allowCredentials)))},
	{name: "Vary has another header", cases: []string{"status/vary-origin"}, after: at("/status", set("Vary", "Accept-Encoding"))},
	{name: "no-cache for no-store", cases: []string{"status/no-store"}, after: at("/status", set("Cache-Control", "no-cache"))},
	{name: "cacheable for members", cases: []string{"status/no-store"}, after: to(loggedIn, at("/status", set("Cache-Control", "private, max-age=60")))},
	{name: "preflight redirects", cases: []string{"status/preflight"}, after: preflights(code(302), set("Location", "/login"))},
	{name: "preflight with two origins", cases: []string{"status/preflight"}, after: preflights(add(allowOrigin, centerOrigin))},
	{name: "preflight without an origin", cases: []string{"status/preflight"}, after: preflights(remove(allowOrigin))},
	{name: "preflight without headers", cases: []string{"status/preflight"}, after: preflights(remove(allowHeaders))},
	{name: "preflight is 500", cases: []string{"status/preflight"}, after: preflights(code(500))},
	{name: "origins by a pattern", cases: []string{"status/look-alike-origin"}},

	{name: "status over http", cases: []string{"status/https", "status/logged-in"}, target: func(t *Target) { t.LoginStatusURL = "http://shop.example/status" }},

	// The JSON.
	{name: "empty status", cases: bothStatus, after: at("/status", text(""))},
	{name: "status with a BOM", cases: bothStatus, after: at("/status", before("\ufeff"))},
	{name: "status with a warning before it", cases: bothStatus, after: at("/status", before("<b>Notice</b>: Undefined index\n"))},
	{name: "JSONP", cases: bothStatus, after: at("/status", before("callback("))},
	{name: "single quotes", cases: bothStatus, after: at("/status", change(`"`, "'"))},
	{name: "a list around it", cases: bothStatus, after: at("/status", func(a *answerEdit) { a.body = "[" + a.body + "]" })},
	{name: "JSON in a string", cases: bothStatus, after: at("/status", func(a *answerEdit) { a.body = `"` + strings.ReplaceAll(a.body, `"`, `\"`) + `"` })},
	{name: "Python's True", cases: bothStatus, after: at("/status", change(`"true"`, `"True"`, `"false"`, `"False"`))},
	{name: "true in upper case", cases: bothStatus, after: at("/status", change(`"true"`, `"TRUE"`, `"false"`, `"FALSE"`))},
	{name: "Y and N", cases: bothStatus, after: at("/status", change(`"true"`, `"Y"`, `"false"`, `"N"`))},
	{name: "isLogin for login", cases: bothStatus, after: at("/status", change(`"login"`, `"isLogin"`))},
	{name: "userCode for usercode", cases: []string{"status/logged-in", "status/keys"}, after: at("/status", change(`"usercode"`, `"userCode"`))},
	{name: "no usercode for members", cases: []string{"status/logged-in"}, after: to(loggedIn, at("/status", change(`"minji"`, "null")))},
	{name: "empty usercode for members", cases: []string{"status/logged-in"}, after: to(loggedIn, at("/status", change(`"minji"`, `""`)))},
	{name: "usercode is a number", cases: []string{"status/logged-in"}, after: to(loggedIn, at("/status", change(`"minji"`, "17")))},
	{name: "usercode with a space", cases: []string{"status/logged-in"}, after: to(loggedIn, at("/status", change("minji", "minji ")))},
	{name: "usercode in upper case", cases: []string{"status/logged-in"}, after: to(loggedIn, at("/status", change("minji", "MINJI")))},
	{name: "guests have a usercode", cases: []string{"status/logged-out"}, after: to(loggedOut, at("/status", change("null", `"guest"`)))},
	{name: "null in quotes", cases: []string{"status/logged-out"}, after: to(loggedOut, at("/status", change("null", `"null"`)))},
	{name: "no usercode key when logged out", cases: []string{"status/keys"}, after: to(loggedOut, at("/status", text(`{"login":"false"}`)))},
	{name: "one more key for members", cases: []string{"status/keys"}, after: to(loggedIn, at("/status", change("{", `{"name":"x",`)))},
	{name: "status is 500 for guests", cases: []string{"status/logged-out"}, after: to(loggedOut, at("/status", code(500)))},
	{name: "status is 403 for guests", cases: []string{"status/logged-out"}, after: to(loggedOut, at("/status", code(403)))},
	{name: "status is an empty 200 for guests", cases: []string{"status/logged-out"}, after: to(loggedOut, at("/status", text("")))},
	{name: "the last login counts for everybody", cases: []string{"status/logged-out"}},
	{name: "status is the login page", cases: append(bothStatus, "status/content-type"), after: at("/status", set("Content-Type", "text/html"), text("<p>Log in"))},
	{name: "JSON as text", cases: []string{"status/content-type"}, after: at("/status", set("Content-Type", "text/plain"))},
	{name: "JSON without a type", cases: []string{"status/content-type"}, after: at("/status", set("Content-Type", ""))},
	{name: "status redirects to another site", cases: []string{"status/no-redirect"}, after: to(loggedOut, at("/status", code(302), set("Location", "https://login.example/")))},
	{name: "status redirects with CORS to the login", cases: []string{"status/no-redirect"}, after: at("/status", code(302), set("Location", "/login"))},

	// Cookies.
	{name: "cookie for one path", cases: []string{"status/logged-in", "link/given", "logout/token"}, after: cookies("Path=/", "Path=/login")},
	{name: "cookie for another domain", cases: []string{"status/cookie-stored"}, after: cookies("Path=/", "Path=/; Domain=other.example")},
	{name: "cookie for a domain below", cases: []string{"status/cookie-stored"}, after: cookies("Path=/", "Path=/; Domain=www.shop.example")},
	{name: "cookie for a public suffix", cases: []string{"status/cookie-stored"}, after: cookies("Path=/", "Path=/; Domain=example")},
	{name: "cookie that has expired", cases: nobody, after: cookies("Path=/", "Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT")},
	{name: "cookie with Max-Age=0", cases: nobody, after: cookies("Path=/", "Path=/; Max-Age=0; Expires=Fri, 01 Jan 2100 00:00:00 GMT")},
	{name: "cookie that lives for a second", cases: []string{"handoff/form-fresh", "link/given"}, after: cookies("Path=/", "Path=/; Max-Age=1")},
	{name: "__Host- with a Domain", cases: []string{"status/cookie-stored"}, before: renamed("__Host-sid"), after: cookies("sid=", "__Host-sid=", "Path=/", "Path=/; Domain=shop.example")},
	{name: "__Host- with a Path", cases: []string{"status/logged-in", "link/given", "logout/token"}, before: renamed("__Host-sid"), after: cookies("sid=", "__Host-sid=", "Path=/", "Path=/login")},
	{name: "__Secure- without Secure", cases: []string{"status/cookie-stored", "status/cookie-secure"}, before: renamed("__Secure-sid"), after: cookies("sid=", "__Secure-sid=", "; Secure", "")},
	{name: "Strict cookie", cases: []string{"status/cookie-same-site"}, after: cookies("SameSite=None", "SameSite=Strict")},
	{name: "cookie without SameSite", cases: []string{"status/cookie-same-site"}, after: cookies("; SameSite=None", "")},
	{name: "cookie with an unknown SameSite", cases: []string{"status/cookie-same-site"}, after: cookies("SameSite=None", "SameSite=Any")},
	{name: "cookie without any attribute", cases: []string{"status/cookie-secure", "status/cookie-http-only", "status/cookie-same-site"}, after: cookies("; HttpOnly; Secure; SameSite=None", "")},
	{name: "a usercode cookie is believed", cases: []string{"status/usercode-cookie"}},
	{name: "the sample's cookies are believed", cases: []string{"status/usercode-cookie"}},

	// The login.
	{name: "login page's form-action is self", cases: []string{"login/policy"}, way: wayAPI, after: logins(add(csp, "form-action 'self'"))},
	{name: "login page's form-action is none", cases: []string{"login/policy"}, after: logins(add(csp, "default-src 'self'; form-action 'none'"))},
	{name: "login page's form-action in a meta", cases: []string{"login/policy"}, after: logins(before(`<meta http-equiv="Content-Security-Policy" content="form-action https://other.example">`))},
	{name: "login page's form-action has a path", cases: []string{"login/policy"}, after: logins(add(csp, "form-action https://shop.example/account"))},
	{name: "login page is in a sandbox", cases: []string{"login/policy"}, after: logins(add(csp, "sandbox allow-scripts"))},
	{name: "a second policy forbids the form", cases: []string{"login/policy"}, after: logins(add(csp, "form-action 'self'"), add(csp, "form-action 'none'"))},
	{name: "a wrong password leaves a session", cases: []string{"login/wrong-password"}},
	{name: "login page as text", cases: []string{"login/page"}, after: logins(set("Content-Type", "text/plain"))},
	{name: "a wrong password is an error", cases: []string{"login/wrong-password"}, after: func(r *http.Request, a *answerEdit) {
		if r.Method == http.MethodPost && a.status == http.StatusUnauthorized {
			a.status = http.StatusInternalServerError
		}
	}},
	{name: "login page is 401", cases: []string{"login/page"}, after: logins(code(401))},
	{name: "returnUrl not encoded in the login's redirect", cases: []string{"login/return-url"}},
	{name: "every returnUrl decoded twice", cases: everyReturn, before: returnURLs(decodedAgain)},
	{name: "every fragment lost", cases: everyReturn, before: returnURLs(withoutFragment)},
	{name: "every returnUrl escaped twice", cases: everyReturn, before: returnURLs(html.EscapeString)},
	{name: "every returnUrl in lower case", cases: everyReturn, before: returnURLs(func(s string) string { return strings.ReplaceAll(s, "ticket", "TICKET") })},
	{name: "+ for %2B in every returnUrl", cases: everyReturn, before: returnURLs(func(s string) string { return strings.ReplaceAll(s, "%2B", "+") })},
	{name: "returnUrl escaped for HTML twice", cases: returnURL},
	{name: "returnUrl without its fragment", cases: returnURL},
	{name: "returnUrl cut at &", cases: returnURL},
	{name: "returnUrl decoded twice", cases: returnURL},
	{name: "returnUrl without its query", cases: returnURL},
	{name: "returnUrl is always the home", cases: returnURL},
	{name: "login page by meta refresh to another site", cases: []string{"login/page"}, after: logins(text(`<meta http-equiv="refresh" content="0; url=https://login.example/">`))},

	{name: "returnUrl not escaped", cases: []string{"login/markup"}, after: func(_ *http.Request, a *answerEdit) { a.body = html.UnescapeString(a.body) }},
	{name: "returnUrl in the page's script", cases: []string{"login/markup"}, after: func(r *http.Request, a *answerEdit) {
		logins(func(a *answerEdit) { a.body += "<script>var back = '" + r.URL.Query().Get("returnUrl") + "'</script>" })(r, a)
	}},
	{name: "handoff by fetch", cases: []string{"login/works", "login/already-logged-in"}, after: handoffs(text(`<p>...</p><script>fetch("` + centerOrigin + `/v2/enduser/remote.json", {method: "POST", mode: "no-cors"})</script>`))},
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
	{name: "a button submits the form", cases: submitsItself, after: submitBy("<button form=x>Go on</button>")},
	{name: "the form is named and not submitted", cases: submitsItself, after: submitBy("<script>var form = document.forms[0]</script>")},
	{name: "the script comes before the form", cases: submitsItself, after: handoffs(before("<script>document.forms[0].submit()</script>"), change("</form><script>document.forms[0].submit()</script>", "</form>"))},
	{name: "the script is a comment for old browsers", cases: submitsItself, after: submitBy("<script type=text/template>document.forms[0].submit()</script>")},
	{name: "the script file is missing", cases: submitsItself, after: submitBy("<script src=/missing.js></script>")},
	{name: "the script file is text with nosniff", cases: submitsItself, after: func(r *http.Request, a *answerEdit) {
		submitBy("<script src=/submit.js></script>")(r, a)
		at("/submit.js", set("Content-Type", "text/plain"), set("X-Content-Type-Options", "nosniff"))(r, a)
	}},
	{name: "the policy forbids inline scripts", cases: submitsItself, after: handoffs(set(csp, "script-src 'self'"))},
	{name: "default-src forbids inline scripts", cases: submitsItself, after: handoffs(set(csp, "default-src 'self'"))},
	{name: "a nonce without the script's", cases: submitsItself, after: handoffs(set(csp, "script-src 'nonce-abc'"))},
	{name: "unsafe-inline beside a nonce", cases: submitsItself, after: handoffs(set(csp, "script-src 'unsafe-inline' 'nonce-abc'"))},
	{name: "a hash of another script", cases: submitsItself, after: handoffs(set(csp, "script-src 'sha256-AAAA'"))},
	{name: "a policy in a meta forbids scripts", cases: submitsItself, after: handoffs(before(`<meta http-equiv="content-security-policy" content="script-src 'none'">`))},
	{name: "the policy forbids onload", cases: submitsItself, after: handoffs(set(csp, "script-src-attr 'none'"), change("<script>document.forms[0].submit()</script>", ""), before(`<body onload="document.forms[0].submit()">`))},
	{name: "handoff page in a sandbox without scripts", cases: submitsItself, after: handoffs(set(csp, "sandbox allow-forms"))},
	{name: "a button named submit", cases: submitsItself, after: handoffs(change("</form>", "<input type=submit name=submit></form>"))},
	{name: "a field with the id submit", cases: submitsItself, after: handoffs(change("</form>", "<button id=submit>Go on</button></form>"))},
	{name: "handoff into a new window", cases: submitsItself, after: handoffs(change("<form", "<form target=_blank"))},
	{name: "handoff page as text", cases: submitsItself, after: handoffs(set("Content-Type", "text/plain"))},
	{name: "handoff page's form-action is self", cases: []string{"handoff/form-policy"}, after: handoffs(set(csp, "form-action 'self'"))},
	{name: "handoff page's form-action is another host", cases: []string{"handoff/form-policy"}, after: handoffs(set(csp, "form-action https://other.oc.nhncloud.com"))},
	{name: "handoff page's form-action has another port", cases: []string{"handoff/form-policy"}, after: handoffs(set(csp, "form-action https://example.oc.nhncloud.com:8443"))},
	{name: "handoff page in a sandbox without forms", cases: []string{"handoff/form-policy"}, after: handoffs(set(csp, "sandbox allow-scripts"))},
	{name: "handoff page in EUC-KR", cases: []string{"handoff/form-charset"}, after: handoffs(inEUCKR)},
	{name: "handoff form in EUC-KR", cases: []string{"handoff/form-charset"}, after: handoffs(change("<form", `<form accept-charset="EUC-KR"`))},
	{name: "handoff page in Latin-1", cases: []string{"handoff/form-charset"}, after: handoffs(set("Content-Type", "text/html; charset=iso-8859-1"))},
	{name: "handoff by a redirect", cases: []string{"handoff/form-endpoint"}, after: handoffs(func(a *answerEdit) {
		f := answer{url: mustParse(siteOrigin), header: a.header, body: []byte(a.body)}.forms()[0]
		*a = answerEdit{http.StatusFound, http.Header{"Location": {f.action.String() + "?" + f.query(false)}, "Cache-Control": {"no-store"}}, ""}
	})},
	{name: "handoff by text/plain", cases: []string{"handoff/form-endpoint"}, after: handoffs(change("<form", "<form enctype=text/plain"))},
	{name: "handoff over http", cases: []string{"handoff/form-endpoint"}, after: handoffs(change(`action="https:`, `action="http:`))},
	{name: "handoff to this site", cases: []string{"handoff/form-endpoint"}, after: handoffs(change(`action="`+centerOrigin, `action="`))},
	{name: "handoff to the old path", cases: []string{"handoff/form-endpoint"}, after: handoffs(change("/v2/", "/v1/"))},
	{name: "the time is disabled", cases: []string{"handoff/form-required"}, after: handoffs(change(`name="time"`, `disabled name="time"`))},
	{name: "all fields are disabled", cases: []string{"login/return-url", "handoff/form-required", "handoff/form-return-url"}, after: handoffs(change("<input", "<fieldset disabled><input", "</form>", "</fieldset></form>"))},
	{name: "the returnUrl has another name", cases: []string{"login/return-url", "handoff/form-token", "handoff/form-return-url"}, after: handoffs(change(`name="returnUrl"`, `name="returnurl"`))},
	{name: "the usercode has another name", cases: []string{"handoff/form-required"}, after: handoffs(change(`name="usercode"`, `name="userCode"`))},
	{name: "the service has another name", cases: []string{"handoff/form-required"}, after: handoffs(change(`name="service"`, `name="serviceId"`))},
	{name: "the time has another name", cases: []string{"handoff/form-required"}, after: handoffs(change(`name="time"`, `name="timestamp"`))},
	{name: "returnUrl twice", cases: []string{"handoff/form-required"}, after: handoffs(change("</form>", "<input type=hidden name=returnUrl value=x></form>"))},
	{name: "handoffs are kept", cases: []string{"handoff/form-fresh", "link/fresh"}},
	{name: "handoffs are kept", cases: []string{"handoff/api-fresh", "link/fresh"}, way: wayAPI},
	{name: "time of the login", cases: []string{"handoff/form-fresh", "link/fresh"}},
	{name: "time in microseconds", cases: []string{"handoff/form-time", "link/time"}},
	{name: "time as text", cases: []string{"handoff/form-time", "link/time"}},
	{name: "time in Seoul", cases: []string{"handoff/form-time", "link/time"}},
	{name: "time with .0", cases: []string{"handoff/form-time", "link/time"}},
	{name: "time of 10 s ago", cases: []string{"handoff/form-time", "link/time"}},
	{name: "long email", cases: []string{"handoff/form-limits", "link/limits"}},
	{name: "long phone", cases: []string{"handoff/form-limits", "link/limits"}},

	// The server's call.
	{name: "call as JSON", cases: []string{"handoff/api-call"}, way: wayAPI},
	{name: "parameters behind the fragment", cases: []string{"login/return-url", "handoff/api-redirect", "handoff/api-return-url"}, way: wayAPI},
	{name: "& where there is no query", cases: []string{"handoff/api-return-url"}, way: wayAPI},
	{name: "returnUrl without its query", cases: []string{"login/return-url", "handoff/api-return-url"}, way: wayAPI},
	{name: "returnUrl without its fragment", cases: []string{"login/return-url", "handoff/api-return-url"}, way: wayAPI},
	{name: "call without the token", cases: []string{"handoff/api-required"}, way: wayAPI},
	{name: "call with another usercode", cases: []string{"handoff/api-required", "handoff/api-token", "handoff/api-passed-on"}, way: wayAPI},
	{name: "hex for Base64", cases: []string{"handoff/api-token", "link/token"}, way: wayAPI},
	{name: "joined by |", cases: []string{"handoff/api-token", "link/token"}, way: wayAPI},

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
	{name: "link as JSON under another key", cases: []string{"link/given"}, after: at("/link", code(200), remove("Location"), text(`{"link":"x"}`))},
	{name: "link to the login", cases: []string{"link/path", "link/required", "link/email"}, after: at("/link", set("Location", "/login"))},

	// The verify URL.
	{name: "verify knows the last token alone", cases: []string{"verify/earlier"}},
	{name: "verify uses a token up", cases: []string{"verify/twice"}},
	{name: "verify decodes twice", cases: []string{"verify/plus"}},
	{name: "verify ignores case", cases: []string{"verify/look-alike"}},
	{name: "verify ignores spaces at the end", cases: []string{"verify/look-alike"}},
	{name: "verify ignores the usercode's case", cases: []string{"verify/look-alike"}},
	{name: "verify by LIKE", cases: []string{"verify/look-alike"}},
	{name: "verify with a BOM", cases: []string{"verify/shape"}, after: at("/verify", before("\ufeff"))},
	{name: "verify is 401 for false", cases: []string{"verify/shape"}, after: func(_ *http.Request, a *answerEdit) {
		if strings.Contains(a.body, `"false"`) && a.header.Get(allowOrigin) == "" {
			a.status = 401
		}
	}},
	{name: "verify has Booleans", cases: []string{"verify/strings"}, after: at("/verify", change(`"true"`, "true", `"false"`, "false"))},
	{name: "verify as HTML", cases: []string{"verify/content-type"}, after: at("/verify", set("Content-Type", "text/html"))},
	{name: "verify with one more key", cases: []string{"verify/keys"}, after: at("/verify", change("{", `{"result":"ok",`))},
	{name: "verify names nobody", cases: []string{"verify/shape"}, after: at("/verify", change(`"minji"`, "null"))},
	{name: "verify with Python's True", cases: []string{"verify/issued", "verify/shape"}, after: at("/verify", change(`"true"`, `"True"`, `"false"`, `"False"`))},
	{name: "verify is 405", cases: []string{"verify/issued", "verify/shape"}, after: at("/verify", code(405), text(""))},

	// The frame.
	{name: "frame named ocPage", cases: []string{"frame/id"}, after: at("/help", change(`id="ocPage"`, `name="ocPage"`))},
	{name: "frame's id in lower case", cases: []string{"frame/id"}, after: at("/help", change("ocPage", "ocpage"))},
	{name: "frame in a sandbox", cases: []string{"frame/source"}, after: at("/help", change("<iframe", `<iframe sandbox="allow-scripts"`))},
	{name: "frame with iframe=1", cases: []string{"frame/source"}, after: at("/help", change("iframe=true", "iframe=1"))},
	{name: "frame of another help center", cases: []string{"frame/source"}, after: at("/help", change("https://example.oc", "https://other.oc"))},
	{name: "policy in a meta without the help center", cases: []string{"frame/policy"}, after: at("/help", before(`<meta http-equiv="Content-Security-Policy" content="child-src 'self'">`))},
	{name: "policy with the help center over http", cases: []string{"frame/policy"}, after: at("/help", set(csp, "frame-src https://example.oc.nhncloud.com:444"))},

	{name: "server's clock is a minute slow", cases: []string{"clock/server"}, after: func(r *http.Request, a *answerEdit) {
		if date, err := http.ParseTime(a.header.Get("Date")); err == nil && r.URL.Host == "shop.example" {
			a.header.Set("Date", date.Add(-60*1e9).Format(http.TimeFormat))
		}
	}},
}

// explanations are the hints of mutants whose case has more than one, so that none is explained by
// another mistake.
var explanations = map[string]hint{
	"two equal Allow-Origin headers":                hintTwice,
	"Allow-Origin and a *":                          hintTwice,
	"a list of origins":                             hintCORSOrigin,
	"no CORS for members":                           hintCORSOrigin,
	"two Allow-Credentials headers":                 hintTwice,
	"no credentials for guests":                     hintCORSCredentials,
	"status is 401 for guests":                      hintStatus200,
	"status is 500 for guests":                      hintStatus200,
	"empty status":                                  hintJSON,
	"status with a BOM":                             hintBOM,
	"status with a warning before it":               hintJSON,
	"JSONP":                                         hintJSON,
	"single quotes":                                 hintJSON,
	"Python's True":                                 hintLoginValue,
	"1 for true":                                    hintLoginValue,
	"no usercode for members":                       hintUserCodeMissing,
	"usercode is a number":                          hintUserCodeMissing,
	"guests have a usercode":                        hintUserCodeWhenOut,
	"usercode in upper case":                        hintOtherMember,
	"cookie for one path":                           hintCookieUnsent,
	"cookie for another domain":                     hintCookieRefused,
	"cookie that has expired":                       hintCookieExpired,
	"cookie with Max-Age=0":                         hintCookieExpired,
	"cookie without Secure":                         hintSecure,
	"Lax cookie":                                    hintCookie,
	"no password is right":                          hintPassword,
	"asks a member for the password again":          hintAtOnce,
	"returnUrl lost by the login":                   hintReturnURL,
	"returnUrl not encoded in the login's redirect": hintCut,
	"every returnUrl decoded twice":                 hintDecodedTwice,
	"every fragment lost":                           hintFragment,
	"every returnUrl escaped twice":                 hintEscapedTwice,
	"+ for %2B in every returnUrl":                  hintDecodedTwice,
	"returnUrl escaped for HTML twice":              hintEscapedTwice,
	"returnUrl cut at &":                            hintCut,
	"parameters behind the fragment":                hintBehindFragment,
	"& where there is no query":                     hintQuestionMark,
	"the returnUrl has another name":                hintNoReturnURL,
	"usercode twice":                                hintOnce,
	"the time is disabled":                          hintNames,
	"time in seconds":                               hintMilliseconds,
	"time in microseconds":                          hintMilliseconds,
	"time as text":                                  hintMilliseconds,
	"time with .0":                                  hintMilliseconds,
	"time in Seoul":                                 hintTimeZone,
	"time of an hour ago":                           hintTimeZone,
	"handoffs are kept":                             hintFresh,
	"nothing submits the form":                      hintSubmits,
	"handoff into a new window":                     hintTarget,
	"handoff page in EUC-KR":                        hintCharset,
	"verify is always false":                        hintStoreTokens,
	"verify uses a token up":                        hintTwiceTrue,
	"verify decodes twice":                          hintPlus,
	"verify with Python's True":                     hintLoginValue,
	"verify with a BOM":                             hintBOM,
	"logout deletes the cookie alone":               hintLogoutToken,
}
