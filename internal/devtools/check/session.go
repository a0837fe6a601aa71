package check

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"ocsso/internal/devtools/signing"
)

// A session is one run over a target. Its cases share logins, since an integration may limit them.
type session struct {
	target      Target
	transport   http.RoundTripper
	now         func() time.Time
	reader      Reader
	patience    *patience
	chromium    *chromium // nil: no script runs
	byScript    bool      // the login goes on by script, so that its pages open in chromium
	tabs        []*tab    // that are open, the one used last at the end
	secrets     []string  // seen so far, to be masked in the report
	pageCount   int       // of returnPage
	shared      *member
	sharedErr   error
	failedLogin *failedLogin
	logout      *logout
	again       *repeated
}

// A member is a browser in which the member is logged in.
type member struct {
	*browser
	handoff   handoff // after the login; zero without a login URL, or where noHandoff says why
	noHandoff error
	returnURL string // of the login

	// What the login sent: the page with the form, and the URLs that the browser was sent to.
	// Zero with a cookie.
	page answer
	form form
	hops []*url.URL
	// postedOn is where a redirect would have posted the login form again, outside of the
	// integration.
	postedOn      *url.URL
	passwordInURL bool // a script has put it there
}

// newBrowser returns a browser without cookies.
func (s *session) newBrowser() *browser {
	origins := slices.Clone(s.target.AlsoOrigins)
	if s.target.LoginURL != "" {
		origins = append(origins, originOf(mustParse(s.target.LoginURL)))
	}
	origins = slices.DeleteFunc(origins, func(origin string) bool { return origin == s.target.HelpCenter })
	return &browser{transport: s.transport, timeout: s.target.Timeout, now: s.now, patience: s.patience, origins: origins}
}

// returnPage returns a different page of the help center each time, so that a limit on login loops
// does not stop the run. Each of its parts is lost by some mistake: the second parameter by a cut
// at &, %2B by decoding twice, the fragment by a redirect that drops it.
func (s *session) returnPage() string {
	s.pageCount++
	count := strconv.Itoa(s.pageCount)
	return s.target.HelpCenter + "/" + url.PathEscape(s.target.Service) + "/hc/ticket/?check=" + count +
		"&keyword=%ED%99%98%EB%B6%88%2B%EA%B5%90%ED%99%98&from=menu#faq-" + count
}

// openLogin opens the login URL for a returnUrl.
func (s *session) openLogin(ctx context.Context, b *browser, returnURL string) (answer, error) {
	target := withQuery(s.target.LoginURL, header{"returnUrl", returnURL})
	if s.byScript {
		return s.openInChromium(ctx, b, target)
	}
	a, err := b.open(ctx, target)
	s.hideCookies(b)
	if err == nil && s.chromium != nil && s.needsScript(ctx, b, a) {
		s.byScript = true
		return s.openInChromium(ctx, b, target)
	}
	return a, err
}

// hideCookies masks the values of the browser's cookies.
func (s *session) hideCookies(b *browser) {
	for _, c := range b.jar.cookies {
		if len(c.value) >= 8 && c.value != s.target.UserCode {
			s.hide(c.value)
		}
	}
}

// loginForm returns the login page and its form.
func (s *session) loginForm(ctx context.Context, b *browser, returnURL string) (answer, form, error) {
	a, err := s.openLogin(ctx, b, returnURL)
	if err != nil {
		return answer{}, form{}, err
	}
	if f, ok := s.passwordForm(a); ok {
		return a, f, nil
	}
	if b.asksByScript(ctx, a) {
		return answer{}, form{}, skip(whyScript)
	}
	return answer{}, form{}, skip(whyNoForm)
}

// asksByScript reports whether a page without a login form lets a script ask for the login.
func (b *browser) asksByScript(ctx context.Context, a answer) bool {
	if len(a.scripts()) == 0 || a.inChromium {
		return false
	}
	if _, ok := a.passwordInNoForm(); ok {
		return true
	}
	return b.goesOnByScript(ctx, a) || asks.MatchString(b.programs(ctx, a))
}

// passwordForm returns the page's login form: one with a single password field before a form that
// signs new members up.
func (s *session) passwordForm(a answer) (form, bool) {
	forms := slices.DeleteFunc(a.forms(), func(f form) bool {
		return f.passwords() == 0 && (s.target.PasswordField == "" || !f.has(s.target.PasswordField))
	})
	named := func(f form) bool { return s.target.UserNameField != "" && f.has(s.target.UserNameField) }
	single := func(f form) bool {
		isNew := func(i input) bool { return i.autocomplete == "new-password" }
		return f.passwords() == 1 && !slices.ContainsFunc(f.inputs, isNew)
	}
	for _, choose := range []func(form) bool{named, single, func(form) bool { return true }} {
		if at := slices.IndexFunc(forms, choose); at >= 0 {
			return forms[at], true
		}
	}
	if a.inChromium {
		return a.passwordInNoForm() // as pages that scripts build have it
	}
	return form{}, false
}

// passwordInNoForm returns a form with a field of type password that is in none.
func (a answer) passwordInNoForm() (form, bool) {
	for node := range a.elements("input") {
		if strings.EqualFold(attribute(node, "type"), "password") {
			field := input{kind: "password", name: attribute(node, "name"), id: attribute(node, "id"), sent: true}
			return form{page: a.url, action: a.url, method: http.MethodPost, charset: "utf-8", inputs: []input{field}, submitter: -1}, true
		}
	}
	return form{}, false
}

// fill types a usercode and a password into a login form.
func (s *session) fill(f form, usercode, password string) form {
	return f.filled(s.target.UserNameField, s.target.PasswordField, usercode, password)
}

// fillLogin types the member's usercode and password into a login form.
func (s *session) fillLogin(f form) form {
	return s.fill(f, s.target.UserCode, s.target.Password.Reveal())
}

// logIn logs the member in with the password. It is a failure when nobody is logged in then.
func (s *session) logIn(ctx context.Context, b *browser) (*member, error) {
	m := &member{browser: b, returnURL: s.returnPage()}
	var err error
	if m.page, m.form, err = s.loginForm(ctx, b, m.returnURL); err != nil {
		return nil, err
	}
	a, err := s.sendLogin(ctx, b, m.page, m.form, s.target.UserCode, s.target.Password.Reveal())
	if err != nil {
		return nil, err
	}
	s.hideCookies(b)
	m.hops, m.passwordInURL = a.hops, a.leaked
	if next := a.sent; next != nil && next.method == http.MethodPost && strings.Contains(next.body, url.QueryEscape(s.target.Password.Reveal())) {
		m.postedOn = next.url
	}
	if next, ok := a.location(); ok && a.method == http.MethodPost && keepsMethod(a.status) {
		m.postedOn = next
	}
	found := false
	if m.handoff, found = s.findHandoff(ctx, b, a); found {
		return m, nil
	}
	if m.handoff.way == wayScript && s.chromium != nil && !s.byScript {
		s.byScript = true
		*b = *s.newBrowser()
		return s.logIn(ctx, b)
	}
	loggedIn := s.seemsLoggedIn(ctx, b)
	_, asksAgain := s.passwordForm(a)
	// A server that answers a posted form with the form and a message has checked the password.
	plain := asksAgain && m.form.method == http.MethodPost && (a.status != m.page.status || a.text() != m.page.text())
	byScript := !a.inChromium && (m.handoff.way == wayScript || !plain && b.isSentByScript(ctx, m.page, m.form))
	got := a.String()
	if why := b.jar.explain(mustParse(s.target.LoginURL), s.now()); why != "" {
		got += "; " + why
	}
	unmet := fail("a handoff to the help center after the right password", got, s.hintNoHandoff(b, a, loggedIn))
	if m.handoff.byFetch {
		unmet = fail("a form that the browser posts", "a script that fetches remote.json", hintNotByFetch)
	}
	switch {
	case byScript && !loggedIn:
		return nil, skip(whyScript)
	case byScript && !m.handoff.byFetch:
		m.noHandoff = skip(whyScript)
	case !loggedIn:
		return nil, unmet
	case s.target.LinkURL == "" || m.handoff.byFetch: // otherwise it is right for the GET type
		m.noHandoff = unmet
	}
	return m, nil
}

// hintNoHandoff says why no handoff comes after a login.
func (s *session) hintNoHandoff(b *browser, a answer, loggedIn bool) hint {
	if to, ok := a.leadsTo(); ok && !s.target.allows(originOf(to)) && originOf(to) != originOf(a.url) {
		return hint{text: hintAlsoOrigin.text.with(originOf(to)), page: hintAlsoOrigin.page}
	}
	switch {
	case loggedIn:
		return hintNoHandoff
	case len(b.jar.dropped) > 0:
		return hintCookieExpired
	}
	return hintPassword
}

// seemsLoggedIn reports whether the status URL, or the link URL, knows the browser.
func (s *session) seemsLoggedIn(ctx context.Context, b *browser) bool {
	if s.target.LoginStatusURL != "" {
		if a, err := s.askStatus(ctx, b); err == nil && saysTrue(a) {
			return true
		}
	}
	if s.target.LinkURL != "" {
		link, err := s.signedLink(ctx, b)
		return err == nil && link.Query().Has("token")
	}
	return false
}

// sharedMember returns the member that the cases share. No case may log it out. The error is a
// failure when nobody is logged in.
func (s *session) sharedMember(ctx context.Context) (*member, error) {
	if s.shared == nil && s.sharedErr == nil {
		s.shared, s.sharedErr = s.newMember(ctx)
	}
	return s.shared, s.sharedErr
}

// member is sharedMember, with a skip in place of a failure: login/works, login/already-logged-in
// and status/logged-in alone report it.
func (s *session) member(ctx context.Context) (*member, error) {
	m, err := s.sharedMember(ctx)
	if _, ok := errors.AsType[*failure](err); ok {
		err = skip(whyNoLogin)
	}
	return m, err
}

// withMember returns a case that runs check with the shared member.
func withMember(check func(context.Context, *session, *member) error) runFunc {
	return func(ctx context.Context, s *session) error {
		m, err := s.member(ctx)
		if err != nil {
			return err
		}
		return check(ctx, s, m)
	}
}

// withHandoff is withMember, skipped unless the login hands off in this way.
func withHandoff(way string, check func(context.Context, *session, *member) error) runFunc {
	return withMember(func(ctx context.Context, s *session, m *member) error {
		if err := m.handsOff(); err != nil {
			return err
		}
		if m.handoff.way != way {
			return skip(whyOtherWay, way)
		}
		return check(ctx, s, m)
	})
}

// handsOff returns a skip when no handoff followed the login.
func (m *member) handsOff() error {
	if _, ok := errors.AsType[*skipped](m.noHandoff); ok {
		return m.noHandoff
	}
	if m.handoff.way == "" || m.noHandoff != nil {
		return skip(whyNoHandoff)
	}
	return nil
}

// newMember logs in with the password, or uses the cookie of a login.
func (s *session) newMember(ctx context.Context) (*member, error) {
	b := s.newBrowser()
	if s.target.Cookie.Reveal() == "" {
		return s.logIn(ctx, b)
	}
	cookies, err := http.ParseCookie(s.target.Cookie.Reveal())
	if err != nil {
		return nil, skip(whyBadCookie)
	}
	for _, text := range s.target.urls() {
		for _, c := range cookies {
			b.jar.set(cookie{name: c.Name, value: c.Value, domain: mustParse(text).Hostname(), hostOnly: true, path: "/"}, s.now())
			s.hide(c.Value)
		}
	}
	m := &member{browser: b, returnURL: s.returnPage()}
	if s.target.LoginURL != "" {
		if m.handoff, m.noHandoff = s.handOff(ctx, b, m.returnURL); m.noHandoff == nil {
			return m, nil
		}
	}
	canTell := s.target.LoginStatusURL != "" || s.target.LinkURL != ""
	if s.seemsLoggedIn(ctx, b) || s.target.LoginURL == "" && !canTell {
		return m, nil
	}
	if _, ok := errors.AsType[*skipped](m.noHandoff); ok && !canTell {
		return nil, m.noHandoff
	}
	return nil, fail("the given cookie logs a member in", "nobody is logged in", hintDeadCookie)
}

// The ways of a handoff.
const (
	wayForm   = "form"
	wayAPI    = "api"
	wayLink   = "link"
	wayScript = "script" // only running script can show it
)

// A handoff tells the help center who the member is (CONTRACT 4, 5 and 8).
type handoff struct {
	way      string
	form     form     // by wayForm
	location *url.URL // by wayAPI and wayLink
	page     answer
	at       time.Time
	byFetch  bool // by wayScript, and not by a form
}

// handOffAgain is handOff to a new return page with a skip in place of a failure, which
// login/already-logged-in reports.
func (s *session) handOffAgain(ctx context.Context, m *member) (h handoff, returnURL string, err error) {
	returnURL = s.returnPage()
	h, err = s.handOff(ctx, m.browser, returnURL)
	if _, ok := err.(*failure); ok {
		err = skip(whyNotAgain)
	}
	return h, returnURL, err
}

// handOff opens the login URL in a browser that is logged in. The error is a failure when no
// handoff follows.
func (s *session) handOff(ctx context.Context, b *browser, returnURL string) (handoff, error) {
	a, err := s.openLogin(ctx, b, returnURL)
	if err != nil {
		return handoff{}, err
	}
	h, ok := s.findHandoff(ctx, b, a)
	switch {
	case ok:
		return h, nil
	case h.byFetch:
		return h, fail("a form that the browser posts", "a script that fetches remote.json", hintNotByFetch)
	case h.way == wayScript:
		return h, skip(whyScript)
	case s.target.LinkURL != "" && (s.shared == nil || s.shared.handoff.way == ""):
		return handoff{}, skip(whyNoHandoff)
	}
	got := a.String()
	if why := b.jar.explain(a.url, s.now()); why != "" {
		got += "; " + why
	}
	if _, asked := s.passwordForm(a); asked {
		got += " that asks for the password"
	}
	return handoff{}, fail("a handoff to the help center at once", got, hintAtOnce)
}

// findHandoff returns the handoff in an answer, even if it is incomplete or wrong. The way is
// wayScript, and ok false, when a script makes it.
func (s *session) findHandoff(ctx context.Context, b *browser, a answer) (h handoff, ok bool) {
	h = handoff{page: a, at: s.now()}
	if a.sent != nil && a.sent.method == http.MethodPost {
		h.way, h.form = wayForm, a.sent.form(a)
		h.form.hidePersonal(s)
		return h, isRemoteLogin(h.form) || strings.HasSuffix(a.sent.url.Path, "/remote.json")
	}
	if to, leads := a.leadsTo(); leads {
		query := to.Query()
		switch {
		case strings.HasSuffix(to.Path, "/remote.json"):
			h.way, h.form = wayForm, formOf(a.url, to) // handoff/form-endpoint says what is wrong
		case query.Has("accessToken") || query.Has("usercode") && !query.Has("token"):
			h.way = wayAPI
		case query.Has("token"):
			h.way = wayLink
		case strings.Contains(to.Fragment, "accessToken="):
			h.way = wayAPI // handoff/api-redirect says what is wrong
		}
		h.location = to
		s.hidePersonal(query.Get)
		if behind, err := url.ParseQuery(to.EscapedFragment()); err == nil {
			s.hidePersonal(behind.Get)
		}
		return h, h.way != ""
	}
	for _, f := range a.forms() {
		if isRemoteLogin(f) {
			h.way, h.form = wayForm, f
			f.hidePersonal(s)
			return h, true
		}
	}
	if a.inChromium {
		if a.fetched {
			h.way, h.byFetch = wayScript, true
		}
		return h, false
	}
	if _, asked := s.passwordForm(a); !asked && b.goesOnByScript(ctx, a) {
		h.way = wayScript
		text := b.programs(ctx, a)
		h.byFetch = fetches.MatchString(text) && !formBuilders.MatchString(text)
	}
	return h, false
}

// hidePersonal keeps the form's personal fields out of the report.
func (f form) hidePersonal(s *session) {
	for _, i := range f.inputs {
		s.hidePersonal(func(name string) string {
			if name == i.name {
				return i.value
			}
			return ""
		})
	}
}

// formOf is a redirect to the URL that a form should post to, as a form.
func formOf(page, to *url.URL) form {
	f := form{page: page, action: to, method: http.MethodGet, charset: "utf-8", submitter: -1}
	query := to.Query()
	for _, name := range signing.FieldNames {
		for _, value := range query[name] {
			f.inputs = append(f.inputs, input{name: name, value: value, kind: "hidden", sent: true})
		}
	}
	return f
}

// isRemoteLogin reports whether a form looks like a handoff: it has two of the required fields.
func isRemoteLogin(f form) bool {
	count := 0
	for _, name := range []string{"service", "usercode", "time", "token"} {
		if f.has(name) {
			count++
		}
	}
	return count >= 2 && f.passwords() == 0
}

// values returns the fields of the handoff as the help center gets them.
func (h handoff) values() url.Values {
	if h.way == wayForm {
		return h.form.values()
	}
	if h.location == nil {
		return url.Values{}
	}
	return h.location.Query()
}

// destination is where the help center sends the member after the handoff, or "" if the handoff has
// no returnUrl.
func (h handoff) destination() string {
	if h.location != nil && h.way != wayForm {
		return h.location.String()
	}
	return h.form.values().Get("returnUrl")
}

// returnsTo returns nil if the handoff ends at a return page, else a failure that says what was
// lost on the way. The handoff may have added its own parameters to the query.
func (h handoff) returnsTo(returnURL string) error {
	if h.destination() == "" {
		return fail("the field returnUrl "+returnURL, "none", hintNoReturnURL)
	}
	if mistake, ok := compareURLs(h.destination(), returnURL); !ok {
		return fail("a handoff that leads to "+returnURL, "one that leads to "+strconv.Quote(h.destination()), mistake)
	}
	return nil
}

// parameter is a piece of a query, decoded.
type parameter struct{ name, value string }

// parameters returns the pieces of a query by name, without those that a handoff adds. Their order
// does not matter to a server.
func parameters(rawQuery string) (list []parameter) {
	for piece := range strings.SplitSeq(rawQuery, "&") {
		name, value, _ := strings.Cut(piece, "=")
		name, errName := url.QueryUnescape(name)
		decoded, errValue := url.QueryUnescape(value)
		if errName != nil || errValue != nil {
			decoded = value
		}
		if !slices.Contains([]string{"", "usercode", "username", "email", "phone", "memberno", "time", "token", "accessToken"}, name) {
			list = append(list, parameter{name, decoded})
		}
	}
	slices.SortStableFunc(list, func(a, b parameter) int { return strings.Compare(a.name, b.name) })
	return list
}

// compareURLs reports whether got leads where want does. If not, the hint says what got lost.
func compareURLs(got, want string) (mistake hint, ok bool) {
	if got == want {
		return hint{}, true
	}
	wanted := mustParse(want)
	found, err := url.Parse(got)
	if err != nil || withoutQuery(found) != withoutQuery(wanted) {
		return hintReturnURL, false
	}
	have, need := parameters(found.RawQuery), parameters(wanted.RawQuery)
	decodedAgain := slices.Clone(need)
	for i, p := range need {
		if again, err := url.QueryUnescape(p.value); err == nil {
			decodedAgain[i].value = again
		}
	}
	switch {
	case slices.Equal(have, need) && found.Fragment == wanted.Fragment:
		return hint{}, true
	case strings.Contains(got, "&amp;"):
		return hintEscapedTwice, false
	case slices.Equal(have, need) && strings.HasPrefix(found.Fragment, wanted.Fragment):
		return hintBehindFragment, false
	case slices.Equal(have, need):
		return hintFragment, false
	case len(have) > 0 && len(have) < len(need) && !slices.ContainsFunc(have, func(p parameter) bool { return !slices.Contains(need, p) }):
		return hintCut, false
	case slices.Equal(have, decodedAgain):
		return hintDecodedTwice, false
	}
	return hintReturnURL, false
}

// signedLink opens the link URL in a browser that is logged in. The link is a redirect, or in JSON.
func (s *session) signedLink(ctx context.Context, b *browser) (*url.URL, error) {
	a, err := b.get(ctx, s.target.LinkURL, page)
	if err != nil {
		return nil, err
	}
	link, ok := a.leadsTo()
	if !ok {
		var body struct{ URL string }
		if json.Unmarshal(a.body, &body) == nil && body.URL != "" {
			link, err = url.Parse(body.URL)
			ok = err == nil
		}
	}
	if !ok {
		return nil, skip(whyNoLink)
	}
	s.hidePersonal(link.Query().Get)
	return link, nil
}

// issuedToken gets a new token for the member that is logged in in b, from a form or a link.
func (s *session) issuedToken(ctx context.Context, b *browser) (string, error) {
	if s.target.LoginURL != "" {
		h, err := s.handOff(ctx, b, s.returnPage())
		if token := h.values().Get("token"); err == nil && token != "" {
			return token, nil
		}
	}
	if s.target.LinkURL != "" {
		if link, err := s.signedLink(ctx, b); err == nil && link.Query().Get("token") != "" {
			return link.Query().Get("token"), nil
		}
	}
	return "", skip(whyNoToken)
}

const (
	// plusTries is how many tokens are requested to find one with a +. Every second token has one.
	plusTries = 20
	// plusPause makes the next token different: a token changes with the millisecond.
	plusPause = 2 * time.Millisecond
)

// tryFor calls next until it returns a token that has a +, or has none.
func tryFor(ctx context.Context, plus bool, next func() (token string, err error)) error {
	for range plusTries {
		token, err := next()
		if err != nil || strings.Contains(token, "+") == plus {
			return err
		}
		if err := pause(ctx, plusPause); err != nil {
			return err
		}
	}
	return errNoPlus
}

// errNoPlus is the error of tryFor when none of the tokens is as wanted.
var errNoPlus = skip(whyNoPlus, plusTries)

// A repeated has two handoffs for one returnUrl, more than a second apart.
type repeated struct{ first, second handoff }

// freshPause is longer than a second, so that a time in seconds differs, too.
const freshPause = 1100 * time.Millisecond

// handOffTwice hands the member off to the same page twice. The cases share it.
func (s *session) handOffTwice(ctx context.Context, m *member) (repeated, error) {
	if s.again != nil {
		return *s.again, nil
	}
	first, returnURL, err := s.handOffAgain(ctx, m)
	if err != nil {
		return repeated{}, err
	}
	if err := pause(ctx, freshPause); err != nil {
		return repeated{}, err
	}
	second, err := s.handOff(ctx, m.browser, returnURL)
	if f, ok := err.(*failure); ok {
		return repeated{}, fail("a handoff after another second", f.got, hintStillLoggedIn)
	}
	if err != nil {
		return repeated{}, err
	}
	s.again = &repeated{first, second}
	return *s.again, nil
}

// checkFresh fails if the second of two handoffs has a value of the first. It leaves a missing
// value to the case of the required fields.
func checkFresh(first, second url.Values, names ...string) error {
	for _, name := range names {
		if value := first.Get(name); value != "" && second.Get(name) == value {
			return fail("another "+name+" after a second", "the same "+name+" as before", hintFresh)
		}
	}
	return nil
}

// A status is the body of a status or verify answer (CONTRACT 7 and 9).
type status struct {
	loggedIn bool
	usercode string // "" for null
	boolean  bool   // login is a Boolean and not a string (D1)
	odd      string // what else is not as in the vendor's examples, or ""
}

// parseStatus accepts what the vendor's pages allow.
func parseStatus(a answer) (status, error) {
	const want = `200 and {"login":"true","usercode":"..."} or {"login":"false","usercode":null}`
	wrong := func(h hint) (status, error) { return status{}, fail(want, a.String(), h) }
	var body map[string]any
	if a.status != http.StatusOK {
		return wrong(hintStatus200)
	}
	if strings.HasPrefix(string(a.body), "\ufeff") {
		return wrong(hintBOM)
	}
	if json.Unmarshal(a.body, &body) != nil {
		return wrong(hintJSON)
	}
	var got status
	switch login := body["login"].(type) {
	case string:
		if login != "true" && login != "false" {
			return wrong(hintLoginValue)
		}
		got.loggedIn = login == "true"
	case bool:
		got.loggedIn, got.boolean = login, true
	default:
		return wrong(hintLoginValue)
	}
	usercode, hasUserCode := body["usercode"]
	text, isText := usercode.(string)
	got.usercode = text
	switch {
	case got.loggedIn && strings.TrimSpace(text) == "":
		return wrong(hintUserCodeMissing)
	case !got.loggedIn && strings.TrimSpace(text) != "" || usercode != nil && !isText:
		return wrong(hintUserCodeWhenOut)
	case !hasUserCode:
		got.odd = "no usercode"
	case !got.loggedIn && usercode != nil:
		got.odd = "an empty usercode"
	case len(body) > 2:
		got.odd = "more keys"
	}
	return got, nil
}

// askStatus gets the status URL as the help center's script does, from its origin. It follows a
// redirect that browsers follow for a script: to the same origin, with the headers for it.
func (s *session) askStatus(ctx context.Context, b *browser) (answer, error) {
	origin := header{"Origin", s.target.HelpCenter}
	a, err := b.get(ctx, s.target.LoginStatusURL, origin)
	for err == nil {
		next, ok := a.location()
		if !ok || len(a.hops) >= maxRedirects || originOf(next) != originOf(a.url) ||
			a.combined(allowOrigin) != s.target.HelpCenter || a.combined(allowCredentials) != "true" {
			break
		}
		hops := append(a.hops, next)
		a, err = b.get(ctx, next.String(), origin)
		a.hops = hops
	}
	s.hideCookies(b)
	return a, err
}

// isLoggedIn asks the status URL. An answer that breaks the contract is a skip, since the status
// cases report it.
func (s *session) isLoggedIn(ctx context.Context, b *browser) (bool, error) {
	a, err := s.askStatus(ctx, b)
	if err != nil {
		return false, err
	}
	got, err := parseStatus(a)
	if err != nil {
		return false, skip(whyNoStatus)
	}
	return got.loggedIn, nil
}

// checkStatusWorks returns a skip unless the status URL says true for b, which is logged in, and
// false for a guest.
func (s *session) checkStatusWorks(ctx context.Context, b *browser) error {
	loggedIn, err := s.isLoggedIn(ctx, b)
	if err != nil {
		return err
	}
	guest, err := s.isLoggedIn(ctx, s.newBrowser())
	if err != nil {
		return err
	}
	if !loggedIn || guest {
		return skip(whyStatusBlind)
	}
	return nil
}
