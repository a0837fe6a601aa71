package main

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"ocsso/internal/config"
	"ocsso/internal/member"
)

const (
	shopCookie  = "shop_session"
	shopMinutes = 30 // without use, until a session ends
)

// A demoShop is the customer's site of demo --login site: it knows nothing of this server but its
// address, and shares no cookie's content with it.
type demoShop struct {
	info     demoInfo
	mu       sync.Mutex
	sessions map[string]*shopSession // by the cookie's value
}

type shopSession struct {
	who     member.Member
	expires time.Time
}

func newDemoShop(info demoInfo) *demoShop {
	return &demoShop{info: info, sessions: map[string]*shopSession{}}
}

// settings are login.site of the server beside the shop. The address of whoami is an internal one.
func (s *demoShop) settings(whoamiURL string) config.LoginSite {
	site := config.Default().Login.Site
	site.WhoamiURL, site.Cookies = whoamiURL, []string{shopCookie}
	site.LoginURL, site.LogoutURL = s.info.Shop+"/login", s.info.Shop+"/logout"
	site.Recheck = 5 * time.Second // to see a logout soon
	return site
}

// routes are the shop's pages.
func (s *demoShop) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.page("home"))
	mux.HandleFunc("GET /login", s.loginPage)
	mux.HandleFunc("POST /login", s.logIn)
	mux.HandleFunc("GET /logout", s.page("logout"))
	mux.HandleFunc("POST /logout", s.logOut)
	mux.HandleFunc("GET /shop.css", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/css; charset=utf-8")
		w.Write([]byte(shopCSS))
	})
	policy := "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; " +
		"form-action 'self' " + s.info.Site + " " + s.info.HelpCenter // the login leads on to both
	pages := http.NewCrossOriginProtection().Handler(http.MaxBytesHandler(mux, 1<<16))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Content-Security-Policy", policy)
		w.Header().Set("Referrer-Policy", "strict-origin")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		pages.ServeHTTP(w, r)
	})
}

// whoami is what a site adds for login.with: site.
func (s *demoShop) whoami(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	who, ok := s.current(r, r.Header.Get("X-Ocsso-Purpose") != "recheck")
	if !ok {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(map[string]string{
		"usercode": who.UserCode, "username": who.UserName, "email": who.Email, "phone": who.Phone, "memberno": who.MemberNo,
	})
}

// current returns who is logged in. A use prolongs the session.
func (s *demoShop) current(r *http.Request, use bool) (member.Member, bool) {
	cookie, err := r.Cookie(shopCookie)
	if err != nil {
		return member.Member{}, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	found, ok := s.sessions[cookie.Value]
	if !ok || time.Now().After(found.expires) {
		return member.Member{}, false
	}
	if use {
		found.expires = time.Now().Add(shopMinutes * time.Minute)
	}
	return found.who, true
}

// next is where a login leads: to the server beside the shop, or home.
func (s *demoShop) next(asked string) string {
	if strings.HasPrefix(asked, s.info.Site+"/") {
		return asked
	}
	return "/"
}

func (s *demoShop) loginPage(w http.ResponseWriter, r *http.Request) {
	next := s.next(r.FormValue("next"))
	if _, ok := s.current(r, true); ok {
		http.Redirect(w, r, next, http.StatusSeeOther)
		return
	}
	s.show(w, r, http.StatusOK, shopPage{Page: "login", Next: next})
}

func (s *demoShop) logIn(w http.ResponseWriter, r *http.Request) {
	next, usercode, password := s.next(r.FormValue("next")), r.FormValue("usercode"), r.FormValue("password")
	for _, m := range demoMembers {
		if m.account.UserCode != usercode || subtle.ConstantTimeCompare([]byte(m.password), []byte(password)) != 1 {
			continue
		}
		id := rand.Text()
		s.end(r)
		s.mu.Lock()
		s.sessions[id] = &shopSession{m.account.Member, time.Now().Add(shopMinutes * time.Minute)}
		s.mu.Unlock()
		s.setCookie(w, id, 0)
		http.Redirect(w, r, next, http.StatusSeeOther)
		return
	}
	s.show(w, r, http.StatusUnauthorized, shopPage{Page: "login", Next: next, UserCode: usercode, Wrong: true})
}

func (s *demoShop) logOut(w http.ResponseWriter, r *http.Request) {
	s.end(r)
	s.setCookie(w, "", -1)
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// end ends the session of r, if it has one.
func (s *demoShop) end(r *http.Request) {
	if cookie, err := r.Cookie(shopCookie); err == nil {
		s.mu.Lock()
		delete(s.sessions, cookie.Value)
		s.mu.Unlock()
	}
}

func (s *demoShop) setCookie(w http.ResponseWriter, value string, maxAge int) {
	http.SetCookie(w, &http.Cookie{
		Name: shopCookie, Value: value, Path: "/", MaxAge: maxAge, HttpOnly: true,
		Secure: strings.HasPrefix(s.info.Shop, "https:"), SameSite: http.SameSiteLaxMode,
	})
}

func (s *demoShop) page(name string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { s.show(w, r, http.StatusOK, shopPage{Page: name}) }
}

// shopPage is what demo_shop.templ shows.
type shopPage struct {
	Page                               string // "home", "login" or "logout"
	Who                                string // who is logged in, or ""
	Next, UserCode                     string
	Wrong                              bool
	Members                            []demoMember
	HelpURL, InquiryURL, HelpCenterURL string
}

func (s *demoShop) show(w http.ResponseWriter, r *http.Request, status int, p shopPage) {
	if who, ok := s.current(r, true); ok {
		if p.Who = who.UserName; p.Who == "" {
			p.Who = who.UserCode
		}
	}
	p.Members, p.HelpURL = s.info.Members, s.info.Site+"/help"
	p.HelpCenterURL = s.info.HelpCenter + "/" + s.info.Service + "/hc/"
	p.InquiryURL = s.info.Site + "/login?returnUrl=" + url.QueryEscape(p.HelpCenterURL+"ticket/")
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	shopHTML(p).Render(r.Context(), w)
}

const shopCSS = `
:root { color-scheme: light dark; --text: #2b2622; --quiet: #6b625a; --page: #faf7f2; --card: #fff; --line: #ddd3c7; --accent: #8a4b08; --on: #fff; --wrong: #a3151a; }
@media (prefers-color-scheme: dark) { :root { --text: #ece6df; --quiet: #b3a89c; --page: #1d1a17; --card: #28241f; --line: #453e36; --accent: #f0b067; --on: #1d1a17; --wrong: #ff9d94; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 1rem/1.6 system-ui, "Apple SD Gothic Neo", "Malgun Gothic", "Noto Sans KR", "Noto Sans CJK KR", sans-serif; overflow-wrap: anywhere; word-break: keep-all; }
header { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; justify-content: space-between; padding: 1rem max(1rem, 50vw - 19rem); border-bottom: 1px solid var(--line); }
.name { color: inherit; font-weight: 600; text-decoration: none; }
[lang=en] { color: var(--quiet); font-weight: 400; font-size: .875em; }
a [lang=en], button [lang=en], .wrong [lang=en] { color: inherit; }
main { max-width: 40rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
h1 { font-size: 1.375rem; line-height: 1.4; margin: 0 0 1.25rem; }
.quiet { font-weight: 400; }
ul { list-style: none; padding: 0; margin: 0 0 1.5rem; background: var(--card); border: 1px solid var(--line); border-radius: .5rem; }
li + li { border-top: 1px solid var(--line); }
li a { display: block; padding: .75rem 1rem; }
a { color: var(--accent); }
form { display: grid; gap: 1rem; justify-items: start; max-width: 20rem; margin-bottom: 2rem; }
label { width: 100%; }
input { width: 100%; margin-top: .25rem; padding: .625rem .75rem; font: inherit; color: inherit; background: var(--card); border: 1px solid var(--quiet); border-radius: .375rem; }
button { padding: .625rem 1.25rem; font: inherit; color: var(--on); background: var(--accent); border: 0; border-radius: .375rem; cursor: pointer; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.wrong { margin: 0; color: var(--wrong); }
table { border-collapse: collapse; }
caption { text-align: start; padding-bottom: .25rem; color: var(--quiet); }
td { padding: .25rem 1.5rem .25rem 0; border-top: 1px solid var(--line); }
`
