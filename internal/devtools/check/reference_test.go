package check

import (
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"ocsso/internal/devtools/signing"
)

const (
	siteOrigin   = "https://shop.example"
	centerOrigin = "https://example.oc.nhncloud.com"
	testKey      = "7cf2828608274a49a3f06152b2188927"
	testPassword = "p&ss w0rd"
	testService  = "hangame"
)

// A reference is an integration that meets every requirement except the one that its mutant breaks.
// It is not safe for concurrent use.
type reference struct {
	mutant    string
	before    func(*http.Request)
	after     func(*http.Request, *answerEdit)
	way       signing.Call // of the handoff: form or api
	count     int
	sessions  map[string]bool
	tokens    map[string]string // session by token
	center    *Center
	hung      bool // the next request gets no answer
	lastToken string
	logins    map[string]time.Time
	signedAt  map[string][]pair // fields by session and returnUrl, for a mutant that keeps them
}

// minji is the only member. Her fields have what is easily encoded wrong: Korean, a space, a plus
// and a quote.
var minji = struct{ usercode, username, email, phone string }{"minji", "김 민지's", "minji+shop@example.com", "010-1234"}

func newReference(mutant string, way signing.Call) *reference {
	return &reference{mutant: mutant, way: way, sessions: map[string]bool{}, tokens: map[string]string{}, center: &Center{}, signedAt: map[string][]pair{}, logins: map[string]time.Time{}}
}

func (r *reference) is(mutant string) bool { return r.mutant == mutant }

// ServeHTTP answers for the site.
func (r *reference) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	if r.before != nil {
		req = req.Clone(req.Context())
		r.before(req)
	}
	r.hung = false
	answer := httptest.NewRecorder()
	answer.Header().Set("Date", time.Now().UTC().Format(http.TimeFormat))
	mux := http.NewServeMux()
	for path, handler := range map[string]http.HandlerFunc{
		"/login": r.login, "/submit.js": r.script, "/status": r.status, "/verify": r.verify, "/link": r.link, "/logout": r.logout, "/help": r.help,
	} {
		mux.HandleFunc(path, handler)
	}
	mux.ServeHTTP(answer, req)
	if r.hung {
		panic(http.ErrAbortHandler)
	}
	edited := &answerEdit{answer.Code, answer.Header(), answer.Body.String()}
	if r.after != nil {
		r.after(req, edited)
	}
	for name, values := range edited.header {
		if name == "Content-Type" && len(values) == 1 && values[0] == "" {
			values = nil
		}
		w.Header()[name] = values
	}
	w.WriteHeader(edited.status)
	io.WriteString(w, edited.body)
}

// An answerEdit is an answer that a mutant changes.
type answerEdit struct {
	status int
	header http.Header
	body   string
}

func (r *reference) session(req *http.Request) string {
	if c, err := req.Cookie("sid"); err == nil && r.sessions[c.Value] {
		return c.Value
	}
	return ""
}

// allowed reports whether a login may lead to returnURL.
func (r *reference) allowed(returnURL string) bool {
	u, err := url.Parse(returnURL)
	switch {
	case r.is("any returnUrl"):
		return true
	case r.is("returnUrl by suffix"):
		return err == nil && strings.HasSuffix(u.Host, "example.oc.nhncloud.com")
	case r.is("returnUrl of any scheme"):
		return err == nil && (u.Host == "" && u.Scheme != "" || originOf(returnURL) == centerOrigin)
	case r.is("returnUrl with a backslash") && strings.HasPrefix(returnURL, "/"):
		return !strings.HasPrefix(returnURL, "//")
	}
	return err == nil && u.User == nil && originOf(returnURL) == centerOrigin
}

func (r *reference) login(w http.ResponseWriter, req *http.Request) {
	returnURL := req.FormValue("returnUrl")
	w.Header().Set("Cache-Control", "no-store")
	if r.is("redirects guests to the returnUrl") && r.session(req) == "" && req.Method == http.MethodGet && !strings.HasPrefix(returnURL, centerOrigin) {
		w.Header().Set("Location", returnURL)
		w.WriteHeader(http.StatusSeeOther)
		return
	}
	if !r.allowed(returnURL) {
		http.Error(w, "bad returnUrl", http.StatusBadRequest)
		return
	}
	if req.FormValue("password") != "" {
		r.submit(w, req, returnURL)
		return
	}
	if session := r.session(req); session != "" && !(r.is("asks a member for the password again") && req.URL.Query().Get("fresh") == "") {
		if r.is("another returnUrl when logged in") && req.URL.Query().Get("fresh") == "" {
			returnURL = centerOrigin + "/hangame/hc/?page=1"
		}
		r.handOff(w, req, session, returnURL)
		return
	}
	r.loginForm(w, http.StatusOK, returnURL, "")
}

func (r *reference) loginForm(w http.ResponseWriter, status int, returnURL, message string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	fmt.Fprintf(w, `<form method="post" action="/login"><p>%s</p><input type="hidden" name="returnUrl" value="%s">
<input name="usercode"><input name="password" type="password"><button>Log in</button></form>`, message, html.EscapeString(returnURL))
}

func (r *reference) submit(w http.ResponseWriter, req *http.Request, returnURL string) {
	if req.Header.Get("Sec-Fetch-Site") == "cross-site" && !r.is("login from any site") {
		http.Error(w, "cross-site", http.StatusForbidden)
		return
	}
	usercode, password := req.FormValue("usercode"), req.FormValue("password")
	if (usercode != minji.usercode || password != testPassword) && !r.is("any password") || r.is("no password is right") {
		message := "wrong"
		if r.is("unknown members are told") && usercode != minji.usercode {
			message = "no such member"
		}
		if r.is("a wrong password leaves a session") {
			r.sessions["left"] = true
			r.setCookie(w, "left")
		}
		if r.is("returnUrl lost by a wrong password") {
			returnURL = centerOrigin + "/hangame/hc/"
		}
		r.loginForm(w, http.StatusUnauthorized, returnURL, message)
		return
	}
	r.count++
	id := "session-" + strconv.Itoa(r.count)
	if old, err := req.Cookie("sid"); err == nil && r.is("session fixation") {
		id = old.Value
	}
	r.sessions[id], r.logins[id] = true, time.Now()
	r.setCookie(w, id)
	if r.is("returnUrl lost by the login") {
		returnURL = centerOrigin + "/hangame/hc/"
	}
	location := "/login?" + url.Values{"returnUrl": {returnURL}, "fresh": {"1"}}.Encode()
	if r.is("returnUrl not encoded in the login's redirect") {
		location = "/login?fresh=1&returnUrl=" + returnURL
	}
	w.Header().Set("Location", location)
	w.WriteHeader(http.StatusSeeOther)
}

func (r *reference) setCookie(w http.ResponseWriter, id string) {
	http.SetCookie(w, &http.Cookie{Name: "sid", Value: id, Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteNoneMode})
}

func (r *reference) handOff(w http.ResponseWriter, req *http.Request, session, returnURL string) {
	if strings.HasPrefix(returnURL, "/") { // allowed only by a mutant
		w.Header().Set("Location", returnURL)
		w.WriteHeader(http.StatusSeeOther)
		return
	}
	if r.way == wayAPI {
		r.call(w, req, session, returnURL)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprintf(w, `<form method="post" action="%s/v2/enduser/remote.json">`, centerOrigin)
	for _, p := range r.signed(session, returnURL) {
		if p.value == "" && p.name != "token" {
			continue
		}
		fmt.Fprintf(w, `<input type="hidden" name="%s" value="%s">`, p.name, html.EscapeString(p.value))
	}
	fmt.Fprint(w, "</form><script>document.forms[0].submit()</script>")
}

func (r *reference) script(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/javascript")
	fmt.Fprint(w, "document.forms[0].submit()")
}

func (r *reference) status(w http.ResponseWriter, req *http.Request) {
	h, session := w.Header(), r.session(req)
	r.allowOrigin(h, req.Header.Get("Origin"))
	if req.Method == http.MethodOptions {
		h.Set("Access-Control-Allow-Headers", "service, usercode, username, email, phone, memberno, returnurl, time, token")
		w.WriteHeader(http.StatusNoContent)
		return
	}
	if r.is("slow status") && req.Header.Get("Origin") == centerOrigin && r.count == 0 {
		r.count++ // once is enough: the cases share the answer
		time.Sleep(1100 * time.Millisecond)
	}
	h.Set("Cache-Control", "no-store")
	usercode := ""
	if session == "" && r.is("the last login counts for everybody") && len(r.sessions) > 0 {
		usercode = minji.usercode
	}
	if session != "" {
		usercode = minji.usercode
	}
	if usercode == "" && r.is("usercode in the query is believed") {
		usercode = req.URL.Query().Get("usercode")
	}
	if usercode == "" && r.is("usercode in a header is believed") {
		usercode = req.Header.Get("usercode")
	}
	if c, err := req.Cookie("usercode"); err == nil && r.is("a usercode cookie is believed") {
		usercode = c.Value
	}
	if c, err := req.Cookie("sso_test_login"); err == nil && c.Value != "" && r.is("the sample's cookies are believed") {
		usercode = minji.usercode
	}
	r.answer(w, usercode)
}

func (r *reference) allowOrigin(h http.Header, origin string) {
	allowed := origin == centerOrigin
	switch {
	case r.is("every origin is echoed"),
		r.is("origins by prefix") && strings.HasPrefix(origin, centerOrigin),
		r.is("origins by host") && strings.HasSuffix(origin, "://example.oc.nhncloud.com"),
		r.is("origins by a pattern") && regexp.MustCompile("^"+centerOrigin+"$").MatchString(origin),
		r.is("the origin null") && origin == "null":
		allowed = true
	}
	h.Set("Vary", "Origin")
	if allowed {
		h.Set("Access-Control-Allow-Origin", origin)
		h.Set("Access-Control-Allow-Credentials", "true")
	}
}

// answer writes a status body. An empty usercode means logged out.
func (r *reference) answer(w http.ResponseWriter, usercode string) {
	body := map[string]any{"login": strconv.FormatBool(usercode != ""), "usercode": nil}
	if usercode != "" {
		body["usercode"] = usercode
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(body)
}
