package standin

import (
	"bytes"
	"crypto/rand"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/a-h/templ"

	"ocsso/internal/devtools/signing"
)

// memberCookie holds the id of the browser's session.
const memberCookie = "oc_member"

// view is what every page for members shows around its content.
type view struct {
	lang      // of the page
	Languages []languageLink
	Service   string // "" on pages that belong to no service
	Page      Kind
	Member    string // the display name; "" for a guest
	UserCode  string // "" for a guest
	Framed    bool   // no header and footer; the page reports its height to the parent
	LoginURL  string // for guests; "" if nobody can log in
	Status    statusCall
	Origin    string  // of the help center
	Abnormal  []words // what the console has changed: faults, cookies, the clock
}

// languageLink is one choice of the language switch.
type languageLink struct {
	Lang    lang
	Name    string
	URL     string
	Current bool
}

// URL is the path of one of the service's pages. It keeps iframe=true.
func (v view) URL(page Kind) string {
	if v.Framed {
		return pagePath(v.Service, page) + "?iframe=true"
	}
	return pagePath(v.Service, page)
}

// visit is a request for one of the three pages.
type visit struct {
	settings Settings
	member   *session // nil for a guest
	view     view
}

// page answers a request for one of the three pages, with the page's fault.
func (s *Simulator) page(kind Kind, show func(http.ResponseWriter, *http.Request, *visit)) http.HandlerFunc {
	return s.withFault(kind, func(w http.ResponseWriter, r *http.Request) {
		if v := s.enter(w, r, kind); v != nil {
			show(w, r, v)
		}
	})
}

// enter does what the three pages have in common: it handles a handoff in the query, finds the
// member's session and sets the page's policy. It returns nil if it has already answered.
func (s *Simulator) enter(w http.ResponseWriter, r *http.Request, page Kind) *visit {
	service := r.PathValue("service")
	if !validService(service) {
		s.showNotFound(w, r)
		return nil
	}
	v := visit{settings: s.settings(), view: s.viewOf(w, r)}
	clean, handoff := withoutHandoff(r.URL)
	if handoff {
		query := r.URL.Query()
		if query.Has("accessToken") || v.settings.asksStatus() && query.Has("usercode") && query.Has("time") && !query.Has("token") {
			s.takeAccessToken(w, r, v.settings)
		} else {
			s.takeLink(w, r, v.settings)
		}
		http.Redirect(w, r, clean, http.StatusFound)
		return nil
	}
	w.Header().Set("Content-Security-Policy", contentSecurityPolicy(v.settings.customerOrigins(), statusOrigin(v.settings)))
	if v.settings.Enabled {
		v.member = s.memberOf(r)
	}
	v.view.Service, v.view.Page = service, page
	v.view.LoginURL = v.settings.loginURL(origin(r) + clean)
	v.view.Status = statusCallFor(v.settings, v.member)
	v.view.Status.WithoutCookie = s.faults().BlockCookies
	if v.member != nil {
		v.view.Member, v.view.UserCode = v.member.name(), v.member.fields.UserCode
	}
	return &v
}

// viewOf fills the part of a view that every page needs.
func (s *Simulator) viewOf(w http.ResponseWriter, r *http.Request) view {
	l := chooseLang(w, r)
	v := view{lang: l, Framed: r.URL.Query().Get("iframe") == "true"}
	v.Origin, v.Abnormal = origin(r), s.faults().describe()
	for _, other := range langs {
		query := r.URL.Query()
		query.Set("lang", string(other))
		u := url.URL{Path: r.URL.Path, RawPath: r.URL.RawPath, RawQuery: query.Encode()}
		v.Languages = append(v.Languages, languageLink{Lang: other, Name: words{"English", "한국어"}.In(other), URL: pathAndQuery(&u), Current: other == l})
	}
	return v
}

// who notes the visitor.
func (v *visit) who() words {
	if v.member == nil {
		return words{"guest", "비회원"}
	}
	return say("member %s", "회원 %s", v.view.UserCode)
}

// recordVisit records that a page was shown.
func (s *Simulator) recordVisit(r *http.Request, v *visit) {
	event := newEvent(v.view.Page, r)
	event.Status = http.StatusOK
	s.record(event.with(v.who()))
}

func (s *Simulator) showStart(w http.ResponseWriter, r *http.Request) {
	v := s.viewOf(w, r)
	v.Service = s.settings().Service
	s.render(w, r, http.StatusOK, startPage(v))
}

func (s *Simulator) showHome(w http.ResponseWriter, r *http.Request, v *visit) {
	s.recordVisit(r, v)
	s.render(w, r, http.StatusOK, homePage(v.view))
}

// showHistory lists the member's inquiries. A guest is redirected to the inquiry page if no status
// script can send them to the login page (CONTRACT 9).
func (s *Simulator) showHistory(w http.ResponseWriter, r *http.Request, v *visit) {
	if v.member == nil && !v.settings.asksStatus() {
		http.Redirect(w, r, v.view.URL(KindInquiry), http.StatusFound)
		return
	}
	s.recordVisit(r, v)
	var own []Inquiry
	for _, inquiry := range s.inquiries() {
		if v.member != nil && inquiry.UserCode == v.view.UserCode && inquiry.Service == v.view.Service {
			own = append(own, inquiry)
		}
	}
	s.render(w, r, http.StatusOK, historyPage(v.view, own))
}

// showProblem shows a title and a text instead of a page. With the path of its console page, the
// customer's site may frame it, as it may be where a login ends.
func (s *Simulator) showProblem(w http.ResponseWriter, r *http.Request, v view, status int, title, body words, console string) {
	if console != "" {
		w.Header().Set("Content-Security-Policy", contentSecurityPolicy(s.settings().customerOrigins(), ""))
	}
	s.render(w, r, status, problemPage(v, v.of(title), v.of(body), console))
}

func (s *Simulator) showNotFound(w http.ResponseWriter, r *http.Request) {
	s.showProblem(w, r, s.viewOf(w, r), http.StatusNotFound, words{"Page not found", "페이지를 찾을 수 없습니다"},
		words{"Please check the address.", "주소를 다시 확인해 주세요."}, "")
}

// render renders the whole page before it writes anything.
func (s *Simulator) render(w http.ResponseWriter, r *http.Request, status int, page templ.Component) {
	var html bytes.Buffer
	if err := page.Render(r.Context(), &html); err != nil {
		s.log.Error("page not rendered", "path", r.URL.Path, "error", err)
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	html.WriteTo(w) // an error means that the client has left
}

// memberOf returns the session of the browser's cookie, or nil.
func (s *Simulator) memberOf(r *http.Request) *session {
	st, unlock := s.lock()
	defer unlock()
	if found, ok := st.sessions[sessionOf(r)]; ok {
		return &found
	}
	return nil
}

func sessionOf(r *http.Request) (id string) {
	if cookie, err := r.Cookie(memberCookie); err == nil {
		id = cookie.Value
	}
	return id
}

// LogIn ends the browser's session, if it has one, and starts a new one of the member, as a handoff
// that is right does.
func (s *Simulator) LogIn(w http.ResponseWriter, r *http.Request, fields signing.Fields) {
	s.logOut(r)
	id := rand.Text()
	st, unlock := s.lock()
	defer unlock()
	st.sessions[id] = session{fields: fields}
	// A frame on the customer's page needs SameSite=None, which needs Secure. Browsers accept
	// Secure cookies from loopback addresses over plain http.
	http.SetCookie(w, &http.Cookie{Name: memberCookie, Value: id, Path: "/", HttpOnly: true, Secure: true, SameSite: http.SameSiteNoneMode})
}

// confirm notes that the login status URL has said that the member is logged in.
func (s *Simulator) confirm(r *http.Request) {
	st, unlock := s.lock()
	defer unlock()
	if found, ok := st.sessions[sessionOf(r)]; ok {
		found.confirmed = true
		st.sessions[sessionOf(r)] = found
	}
}

// logOut ends the browser's session, if it has one. The cookie may stay; it is worthless then.
func (s *Simulator) logOut(r *http.Request) {
	st, unlock := s.lock()
	defer unlock()
	delete(st.sessions, sessionOf(r))
}

// pagePaths are the paths of the three pages below their service (CONTRACT 1). Read-only.
var pagePaths = map[Kind]string{KindHome: "hc/", KindInquiry: "hc/ticket/", KindHistory: "hc/ticket/list/"}

func pagePath(service string, page Kind) string {
	return "/" + url.PathEscape(service) + "/" + pagePaths[page]
}

// pageOf is the reverse of pagePath; "" for any other path.
func pageOf(u *url.URL) Kind {
	_, rest, _ := strings.Cut(strings.TrimPrefix(u.EscapedPath(), "/"), "/")
	for page, path := range pagePaths {
		if path == rest {
			return page
		}
	}
	return ""
}

// pathAndQuery is a URL without its origin. It never starts with two slashes, which a browser would
// read as a host.
func pathAndQuery(u *url.URL) string {
	s := "/" + strings.TrimLeft(u.EscapedPath(), "/")
	if u.RawQuery != "" {
		s += "?" + u.RawQuery
	}
	return s
}

func (v view) say(en, ko string) string { return words{EN: en, KO: ko}.In(v.lang) }

func (v view) of(w words) string { return w.In(v.lang) }

// name is the name of a page.
func (v view) name(page Kind) string { return v.of(kindNames[page]) }

// when writes a time.
func (v view) when(t time.Time) string {
	return t.Format(v.say("2 January 2006, 15:04", "2006년 1월 2일 15:04"))
}
