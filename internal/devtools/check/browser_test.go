package check

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// htmlAnswer is a page at u.
func htmlAnswer(u, contentType, body string) answer {
	return answer{url: mustParse(u), status: http.StatusOK, header: http.Header{"Content-Type": {contentType}}, body: []byte(body)}
}

func TestCookiesAreStoredAndSentAsInRFC6265bis(t *testing.T) {
	now := time.Date(2026, 11, 2, 9, 30, 0, 0, time.UTC)
	const from = "https://www.shop.example/member/login?x=1"
	for _, test := range []struct {
		set  []string // Set-Cookie headers of from
		to   string
		want string
	}{
		{[]string{"a=1"}, "https://www.shop.example/member/other", "a=1"},
		{[]string{"a=1"}, "https://www.shop.example/member", "a=1"},
		{[]string{"a=1"}, "https://www.shop.example/api/login-status", ""},
		{[]string{"a=1; Path=/member"}, "https://www.shop.example/membership", ""},
		{[]string{"a=1; path=/"}, "https://www.shop.example/api", "a=1"},
		{[]string{"a=1; Path=relative"}, "https://www.shop.example/member/x", "a=1"},
		{[]string{"a=1; Path=/; Path=/member"}, "https://www.shop.example/api", ""}, // the last one counts
		{[]string{"a=1; Path=/"}, "https://shop.example/", ""},
		{[]string{"a=1; Path=/"}, "https://other.www.shop.example/", ""},
		{[]string{"a=1; Path=/; Domain=shop.example"}, "https://api.shop.example/", "a=1"},
		{[]string{"a=1; Path=/; Domain=.SHOP.example"}, "https://shop.example/", "a=1"},
		{[]string{"a=1; Path=/; Domain=www.shop.example"}, "https://other.www.shop.example/", "a=1"},
		{[]string{"a=1; Path=/; Secure"}, "http://www.shop.example/", ""},
		{[]string{"a=1; Path=/; Max-Age=60"}, "https://www.shop.example/", "a=1"},
		{[]string{"a=1; Path=/; Max-Age=0"}, "https://www.shop.example/", ""},
		{[]string{"a=1; Path=/; Max-Age=-1"}, "https://www.shop.example/", ""},
		{[]string{"a=1; Path=/; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT"}, "https://www.shop.example/", "a=1"},
		{[]string{"a=1; Path=/; Expires=Thu, 01-Jan-1970 00:00:01 GMT"}, "https://www.shop.example/", ""},
		{[]string{"a=1; Path=/; Expires=Mon, 02 Nov 2026 09:31:00 GMT"}, "https://www.shop.example/", "a=1"},
		{[]string{"a=1; Path=/; Max-Age=never"}, "https://www.shop.example/", "a=1"},
		{[]string{"a=1; Path=/", "a=2; Path=/"}, "https://www.shop.example/", "a=2"},
		{[]string{"a=1; Path=/", "a=2; Path=/member"}, "https://www.shop.example/member/", "a=2; a=1"},
		{[]string{"a=1; Path=/", "a=; Path=/; Max-Age=0"}, "https://www.shop.example/", ""},
		{[]string{"a=1; Path=/", "a=; Max-Age=0"}, "https://www.shop.example/", "a=1"}, // has another path
		{[]string{"a=s%3Ax.y+z/=; Path=/"}, "https://www.shop.example/", "a=s%3Ax.y+z/="},
		{[]string{`a="x y"; Path=/`, "b=한글; Path=/"}, "https://www.shop.example/", `a="x y"; b=한글`},
		{[]string{"no value"}, "https://www.shop.example/member/", ""},
		{[]string{" a = 1 ;Path=/;;"}, "https://www.shop.example/", "a=1"},
	} {
		var j jar
		j.setFrom(mustParse(from), http.Header{"Set-Cookie": test.set}, now)
		if got := j.headerFor(mustParse(test.to), now); got != test.want {
			t.Errorf("%q to %s: got %q, want %q", test.set, test.to, got, test.want)
		}
	}
}

func TestTheJarSaysWhatBrowsersRefuse(t *testing.T) {
	for _, test := range []struct{ from, set, want string }{
		{"https://shop.example/", "a=1; Domain=other.example", "is not shop.example or above it"},
		{"https://shop.example/", "a=1; Domain=www.shop.example", "is not shop.example or above it"},
		{"https://shop.co.kr/", "a=1; Domain=co.kr", "public suffix"},
		{"https://shop.github.io/", "a=1; Domain=github.io", "public suffix"},
		{"http://shop.example/", "a=1; Secure", "set over http"},
		{"https://shop.example/", "__Secure-a=1", "needs Secure"},
		{"https://shop.example/", "__Host-a=1; Path=/", "needs Secure"},
		{"https://shop.example/", "__host-a=1; Secure; Path=/x", "needs Path=/"},
		{"https://shop.example/x/y", "__Host-a=1; Secure", "needs Path=/"},
		{"https://shop.example/", "__Host-a=1; Secure; Path=/; Domain=shop.example", "needs Path=/"},
		{"https://shop.example/", "a=" + strings.Repeat("x", maxCookie), "longer"},
		{"https://shop.example/", "a=1\x01", "control character"},

		{"https://shop.example/", "__Host-a=1; Secure; Path=/", ""},
		{"https://shop.example/", "__Secure-a=1; Secure; Domain=shop.example", ""},
		{"http://localhost:8080/", "a=1; Secure", ""},
		{"http://127.0.0.1/", "__Host-a=1; Secure; Path=/", ""},
		{"https://www.shop.co.kr/", "a=1; Domain=shop.co.kr", ""},
		{"http://localhost/", "a=1; Domain=localhost", ""},
	} {
		c, ok := parseCookie(test.set, mustParse(test.from), time.Now())
		if !ok || test.want == "" && c.refused != "" || !strings.Contains(c.refused, test.want) {
			t.Errorf("%s from %s: got %q, want %q", test.set, test.from, c.refused, test.want)
		}
	}
}

func TestFormsAreSentAsInHTML(t *testing.T) {
	const at = "https://shop.example/a/b?c=d"
	for _, test := range []struct{ name, contentType, page, want string }{
		{"as a browser sends it", "text/html; charset=utf-8",
			`<form method=post><input name=a value=1><textarea name=b>
x
y</textarea><input type=hidden name=c value="한"></form>`, "a=1&b=x%0D%0Ay&c=%ED%95%9C"},
		{"disabled, unchecked and nameless", "text/html",
			`<form method=post><input name=a disabled value=1><input type=checkbox name=b checked><input type=checkbox name=c>
			<fieldset disabled><legend><input name=d value=4></legend><input name=e></fieldset><input value=6></form>`, "b=on&d=4"},
		{"radio and select", "text/html",
			`<form method=post><input type=radio name=a value=1><input type=radio name=a value=2 checked>
			<select name=b><option value=1>x<option selected value=2>y</select><select name=c><option disabled>x<option> y  z </select>
			<select name=d multiple><option>1<option>2</select></form>`, "a=2&b=2&c=y+z"},
		{"the first button", "text/html", `<form method=post><button type=button name=a>x</button><button name=b value=1>x</button><input type=submit name=c></form>`, "b=1"},
		{"an image", "text/html", `<form method=post><input type=image name=i></form>`, "i.x=0&i.y=0"},
		{"controls elsewhere", "text/html", `<input form=f name=a value=1><form id=f method=post></form><form method=post><input name=b form=f value=2></form>`, "a=1&b=2"},
		{"a form in a table", "text/html", `<table><form method=post><tr><td><input name=a value=1><tr><td><button name=b value=2>x</button></form></table>`, "a=1&b=2"},
		{"a page in EUC-KR", "text/html; charset=euc-kr", "<form method=post><input name=a value=\"\xb1\xe8\">", "a=%B1%E8"},
		{"a page that names EUC-KR itself", "text/html", "<meta charset=euc-kr><form method=post><input name=a value=\"\xb1\xe8\">", "a=%B1%E8"},
		{"accept-charset", "text/html; charset=euc-kr", "<form method=post accept-charset='unknown UTF-8'><input name=a value=\"\xb1\xe8\">", "a=%EA%B9%80"},
		{"a character that EUC-KR lacks", "text/html; charset=utf-8", `<form method=post accept-charset=euc-kr><input name=a value="😀">`, "a=%26%23128512%3B"},
		{"the charset's field", "text/html; charset=utf-8", `<form method=post><input type=hidden name=_charset_>`, "_charset_=UTF-8"},
		{"a line break in a text field", "text/html", "<form method=post><input name=a value='x\ny'><input type=email name=b value=' m@example.com '>", "a=xy&b=m%40example.com"},
	} {
		forms := htmlAnswer(at, test.contentType, test.page).forms()
		if len(forms) == 0 {
			t.Errorf("%s: got no form, want one", test.name)
			continue
		}
		if got := forms[0].request().body; got != test.want {
			t.Errorf("%s: got %s, want %s", test.name, got, test.want)
		}
	}
}

func TestAFormGoesWhereItsPageSays(t *testing.T) {
	for page, want := range map[string]string{
		`<form>`:                         "GET https://shop.example/a/b?x=1",
		`<form action="">`:               "GET https://shop.example/a/b?x=1",
		`<form action=c method=Post>`:    "POST https://shop.example/a/c",
		`<base href=/z/><form action=c>`: "GET https://shop.example/z/c?x=1",
		`<form action=/c method=dialog>`: "GET https://shop.example/c?x=1",
		`<form action=c><button formaction=/d formmethod=post></button>`: "POST https://shop.example/d",
	} {
		f := htmlAnswer("https://shop.example/a/b?c=d", "text/html", page+`<input name=x value=1>`).forms()[0]
		if r := f.request(); r.method+" "+r.target != want {
			t.Errorf("%s: got %s %s, want %s", page, r.method, r.target, want)
		}
	}
}

func TestTheUserNameGoesIntoTheFieldBeforeThePassword(t *testing.T) {
	for page, want := range map[string]string{
		`<input name=q><input name=id><input name=pw type=password>`:                                         "id",
		`<input name=id><input type=hidden name=x><input type=checkbox name=c><input name=pw type=password>`: "id",
		`<input name=id type=EMAIL><input name=pw type=password><input name=otp>`:                            "id",
		`<input name=id type=tel><input name=no disabled><input name=pw type=password>`:                      "id",
		`<input name=pw type=password><input name=id>`:                                                       "id",
		`<input name=id type=userid><input name=pw type=password>`:                                           "id",
	} {
		f := htmlAnswer("https://shop.example/", "text/html", `<form>`+page).forms()[0].filled("", "", "minji", "secret")
		values, err := url.ParseQuery(f.query(true))
		if err != nil || values.Get(want) != "minji" || values.Get("pw") != "secret" {
			t.Errorf("%s: got %v, want the usercode in %s", page, values, want)
		}
	}
}

func TestTheLoginFormIsChosenAmongSeveral(t *testing.T) {
	s := &session{target: referenceTarget()}
	a := htmlAnswer("https://shop.example/", "text/html", `<form action=/search><input name=q></form>
		<form action=/join><input name=id><input type=password name=a><input type=password name=b></form>
		<form action=/new><input name=id><input type=password autocomplete=new-password name=a></form>
		<form action=/login><input name=id><input type=password name=pw></form>`)
	if f, ok := s.passwordForm(a); !ok || f.action.Path != "/login" {
		t.Errorf("got %v, want the form with one password", f.action)
	}
	s.target.PasswordField = "b"
	s.target.UserNameField = "id"
	if f, ok := s.passwordForm(a); !ok || f.action.Path != "/join" {
		t.Errorf("got %v, want the form with the named field", f.action)
	}
}

func TestPagesGoOnByRefreshAndLiteralLocation(t *testing.T) {
	for page, want := range map[string]string{
		`<meta http-equiv=refresh content="0;url=/next?a=1&amp;b=2">`:                               "https://shop.example/next?a=1&b=2",
		`<meta http-equiv="Refresh" content="3; URL='next'">`:                                       "https://shop.example/a/next",
		`<form action=/search><input name=q></form><meta http-equiv=refresh content="0;url=/next">`: "https://shop.example/next",
		`<meta http-equiv=refresh content="300;url=/next">`:                                         "",
		`<meta http-equiv=refresh content="5">`:                                                     "",
		`<script>location.href = "\/next\u0026b";</script>`:                                         "https://shop.example/next&b",
		`<script>window.location='/next'</script>`:                                                  "https://shop.example/next",
		`<script>document.location.replace("https:\/\/shop.example/x")</script>`:                    "https://shop.example/x",
		`<script>setTimeout(function () { top.location.assign('/next') }, 0)</script>`:              "https://shop.example/next",
		`<body onload="location.href='/next'">`:                                                     "https://shop.example/next",
		`<script>location.href = "/next?u=" + encodeURIComponent(u)</script>`:                       "",
		`<script>var url = "/next"; location = url</script>`:                                        "",
		`<a onclick="location='/next'">x</a>`:                                                       "",
		`<form><input type=password></form><script>location='/next'</script>`:                       "",
		`<form action=/search></form><script>function home() { location = "/" }</script>`:           "",
		`<script type="text/template">location='/next'</script>`:                                    "",
	} {
		got := ""
		if next, ok := htmlAnswer("https://shop.example/a/b", "text/html", page).goesOn(); ok {
			got = next.String()
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", page, got, want)
		}
	}
}

func TestPoliciesMatchAsInCSP(t *testing.T) {
	self, target := mustParse("https://shop.example/login"), mustParse("https://example.oc.nhncloud.com/v2/enduser/remote.json")
	for policy, want := range map[string]bool{
		"":                                    true,
		"default-src 'none'":                  true, // does not cover form-action
		"form-action":                         false,
		"form-action 'none'":                  false,
		"form-action 'self'":                  false,
		"form-action *":                       true,
		"form-action https:":                  true,
		"form-action http:":                   true, // https is better than asked for
		"form-action data:":                   false,
		"form-action example.oc.nhncloud.com": true,
		"form-action HTTPS://EXAMPLE.oc.nhncloud.com":                        true,
		"form-action *.oc.nhncloud.com":                                      true,
		"form-action *.nhncloud.com":                                         true,
		"form-action *.example.oc.nhncloud.com":                              false,
		"form-action oc.nhncloud.com":                                        false,
		"form-action example.oc.nhncloud.com:443":                            true,
		"form-action example.oc.nhncloud.com:*":                              true,
		"form-action example.oc.nhncloud.com:8443":                           false,
		"form-action https://example.oc.nhncloud.com/v2/":                    true,
		"form-action https://example.oc.nhncloud.com/v2":                     false,
		"form-action https://example.oc.nhncloud.com/v2/enduser/remote.json": true,
		"form-action 'self'; form-action *":                                  false, // the first one counts
		"form-action *, form-action 'self'":                                  false, // two policies
		"FORM-ACTION *":                                                      true,
	} {
		a := answer{header: http.Header{csp: {policy}}}
		if _, got := allows(a.policies(), self, target, false, "form-action"); got != want {
			t.Errorf("%q: got %v, want %v", policy, got, want)
		}
	}
	if _, ok := allows([]policy{parsePolicy("form-action https://example.oc.nhncloud.com/login")}, self, target, true, "form-action"); !ok {
		t.Error("got a path that counts after a redirect, want it ignored")
	}
}

func TestAScriptRunsOnlyIfThePolicyAllowsIt(t *testing.T) {
	const form = `<form><input name=token></form>`
	const inline = `<script>document.forms[0].submit()</script>`
	for _, test := range []struct {
		policy, page string
		want         bool // that the form is submitted
	}{
		{"", form + inline, true},
		{"script-src 'unsafe-inline'", form + inline, true},
		{"default-src 'unsafe-inline'; script-src 'self'", form + inline, false},
		{"script-src 'nonce-x'", form + `<script nonce=x>document.forms[0].submit()</script>`, true},
		{"script-src 'nonce-x'", form + inline, false},
		{"script-src 'sha256-ZTTaTGpr3RzQXGtvxTYYf0ydACGQNAzJWVArNk2AAtA='", form + inline, false},
		{"script-src 'sha256-ePniVEkSivX/c7XWBGafqh8tSpiRrKiqYeqbG7N1TOE='", form + inline, true},
		{"script-src-elem 'none'; script-src 'unsafe-inline'", form + inline, false},
		{"script-src 'self'", form + `<script src=https://cdn.example/a.js></script>`, false},
		{"script-src https://cdn.example", form + `<script src=https://cdn.example/a.js></script>`, true},
		{"script-src 'unsafe-inline'", `<body onload="document.forms[0].submit()">` + form, true},
		{"script-src 'nonce-x' 'unsafe-inline'", `<body onload="document.forms[0].submit()">` + form, false},
		{"", `<script>window.onload = function () { document.forms[0].submit() }</script>` + form, true},
		{"", `<script defer>document.forms[0].submit()</script>` + form, false}, // defer is for files
		{"", `<script type=module>document.forms[0].submit()</script>` + form, true},
		{"", `<script>document.forms[0].submit()</script>` + form, false},
		{"", `<script>function go() { document.forms[0].submit() }</script><body onload="go()">` + form, true},
		{"", `<form><input name=submit></form><script>HTMLFormElement.prototype.submit.call(document.forms[0])</script>`, true},
		{"", `<form><input name=submit></form><script>document.forms[0].requestSubmit()</script>`, true},
		{"", `<form><input type=submit name=submit></form>` + inline, false},
		{"", `<form><button id=go></button></form><script>document.getElementById("go").click()</script>`, true},
	} {
		a := htmlAnswer("https://shop.example/", "text/html", test.page)
		a.header.Set(csp, test.policy)
		b := (&session{target: referenceTarget()}).newBrowser()
		if problem := b.submission(t.Context(), a, a.forms()[0]); (problem == "") != test.want {
			t.Errorf("%s %s: got %q, want submitted %v", test.policy, test.page, problem, test.want)
		}
	}
}

func TestSecretsAreMaskedInEveryEncoding(t *testing.T) {
	const token, name, mail = "Ah9M58+QRFT/hjFuqziQr0MjmJxN6bzWxMD71moo0A=", `김 "민지" & Co`, "minji+shop@example.com"
	s := &session{target: referenceTarget()}
	s.hide(token, name, mail)
	shown := map[string]string{}
	for _, text := range []string{
		token, url.QueryEscape(token), url.PathEscape(token), strings.NewReplacer("%2B", "%2b", "%2F", "%2f", "%3D", "%3d").Replace(url.QueryEscape(token)), url.QueryEscape(url.QueryEscape(token)),
		strings.ReplaceAll(token, "+", " "), strings.ReplaceAll(token, "/", `\/`), strings.NewReplacer("+", `\u002B`, "=", `\u003d`).Replace(token),
		strings.NewReplacer("+", "&#43;", "/", "&#x2F;", "=", "&equals;").Replace(token), "Ah9M58%2BQRFT\\/hjFuqziQr0MjmJxN6bzWxMD71moo0A&#61;",
		name, url.QueryEscape(name), url.PathEscape(name), "김 &quot;민지&#34; &amp; Co", `김 \"민지\" \u0026 Co`, `\uae40 \"\uBBFC\uC9C0\" & Co`,
		"%B1%E8+%22%B9%CE%C1%F6%22+%26+Co",
		mail, url.QueryEscape(mail), "minji&#43;shop&commat;example.com",
		"XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX=", // looks like a token that nobody has seen before
	} {
		if got := s.printable("a " + text + " b"); got != "a *** b" {
			shown[text] = got
		}
	}
	if len(shown) > 0 {
		t.Errorf("got %q, want all of them masked", shown)
	}
	if got, want := s.printable("https://shop.example/login?x=minji"), "https://shop.example/login?x=minji"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestReturnURLsAreComparedAsServersReadThem(t *testing.T) {
	const want = "https://example.oc.nhncloud.com/s/hc/?check=1&keyword=%ED%99%98%2B%EA%B5%90&from=menu#faq-1"
	mistakes := map[string]hint{
		strings.Replace(want, "&keyword=%ED%99%98%2B%EA%B5%90&from=menu#faq-1", "", 1): hintCut,
		strings.Replace(want, "#faq-1", "", 1):                                         hintFragment,
		strings.ReplaceAll(want, "&", "&amp;"):                                         hintEscapedTwice,
		strings.Replace(want, "%2B", "+", 1):                                           hintDecodedTwice,
		want + "&usercode=u&accessToken=t":                                             hintBehindFragment,
		"https://example.oc.nhncloud.com/s/hc/":                                        hintReturnURL,
		"https://example.oc.nhncloud.com/s/":                                           hintReturnURL,
		"%":                                                                            hintReturnURL,
	}
	for got, mistake := range mistakes {
		if found, ok := compareURLs(got, want); ok || found.text != mistake.text {
			t.Errorf("%s: got %q, want %q", got, found.text.EN, mistake.text.EN)
		}
	}
	same := []string{
		want, strings.Replace(want, "%ED%99%98", "환", 1), strings.Replace(want, "#", "&usercode=u&time=1&accessToken=t#", 1),
		"https://example.oc.nhncloud.com:443/s/hc/?from=menu&check=1&keyword=%ed%99%98%2b%ea%b5%90#faq-1",
	}
	for _, got := range same {
		if found, ok := compareURLs(got, want); !ok {
			t.Errorf("%s: got %q, want it equal", got, found.text.EN)
		}
	}
}
