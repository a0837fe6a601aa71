package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"ocsso/internal/i18n"
	"ocsso/internal/session"
	"ocsso/internal/token"
	"ocsso/templates"
)

// languageCookie remembers a choice made by ?lang=.
const languageCookie = "ocsso_lang"

// pages renders the pages of one listener in the reader's language.
type pages struct {
	log       *slog.Logger
	blank     templates.Page // what every page has, in any language
	languages []i18n.Lang    // what the pages are translated into
	fallback  i18n.Lang      // for a browser that asks for none of them
	secure    bool           // the listener is reached by https
}

// render writes a whole page. When rendering fails, it writes nothing.
func (p *pages) render(w http.ResponseWriter, r *http.Request, status int, page templ.Component) error {
	var buffer bytes.Buffer
	if err := page.Render(r.Context(), &buffer); err != nil {
		return fmt.Errorf("render: %w", err)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(buffer.Len()))
	w.WriteHeader(status)
	w.Write(buffer.Bytes())
	return nil
}

// newPage is what a page shows around its content, without a member and without a link to log in.
func (p *pages) newPage(w http.ResponseWriter, r *http.Request) templates.Page {
	page := p.framedPage(w, r)
	page.Framed = framed(r)
	if !page.Framed {
		page.Languages = p.languageLinks(r, page.Lang)
	}
	return page
}

// framedPage is a page without a header, for a frame or for a moment.
func (p *pages) framedPage(w http.ResponseWriter, r *http.Request) templates.Page {
	lang := p.language(w, r)
	page := p.blank
	page.Lang, page.T, page.Framed = lang, i18n.For(lang), true
	return page
}

// language is the request's ?lang=, which is remembered; else the remembered one, the browser's, or
// the fallback.
func (p *pages) language(w http.ResponseWriter, r *http.Request) i18n.Lang {
	if lang, ok := i18n.Parse(r.URL.Query().Get("lang"), p.languages); ok {
		if r.Method != http.MethodHead && !prefetched(r) { // these must have no effect (D19)
			http.SetCookie(w, &http.Cookie{
				Name: languageCookie, Value: string(lang), Path: "/", MaxAge: 365 * 24 * 60 * 60,
				HttpOnly: true, Secure: p.secure, SameSite: http.SameSiteLaxMode,
			})
		}
		return lang
	}
	if sent, err := r.Cookie(languageCookie); err == nil {
		if lang, ok := i18n.Parse(sent.Value, p.languages); ok {
			return lang
		}
	}
	return i18n.Negotiate(r.Header.Get("Accept-Language"), p.languages, p.fallback)
}

// languageLinks leads to the same page in each language. It keeps a login form's return URL. The
// URLs are queries alone: a path like "//evil.test/" would lead to another site.
func (p *pages) languageLinks(r *http.Request, current i18n.Lang) []templates.LanguageLink {
	query := r.URL.Query()
	if to := r.PostForm.Get("returnUrl"); to != "" {
		query.Set("returnUrl", to)
	}
	var links []templates.LanguageLink
	for _, lang := range p.languages {
		query.Set("lang", string(lang))
		text := i18n.For(lang)
		links = append(links, templates.LanguageLink{
			Name: text.LanguageName, HTMLLang: text.HTMLLang, URL: "?" + query.Encode(),
			Current: lang == current,
		})
	}
	return links
}

// memberPage is a page whose header shows the member of current, or a link to log in for nil.
func (s *server) memberPage(
	w http.ResponseWriter, r *http.Request, current *session.Session,
) templates.Page {
	page := s.newPage(w, r)
	if current == nil {
		page.LoginURL = s.loginURL("/login", s.own[0]+"/")
		return page
	}
	page.Member = current.Member.UserName
	if token.Blank(page.Member) {
		page.Member = current.Member.UserCode
	}
	return page
}

// withParameter adds a parameter to a URL's query.
func withParameter(address, name, value string) string {
	separator := "?"
	if strings.Contains(address, "?") {
		separator = "&"
	}
	return address + separator + url.QueryEscape(name) + "=" + url.QueryEscape(value)
}

// writeJSON writes v, which is one of our own types and can't fail to encode. No newline follows:
// the body is exactly the contract's (CONTRACT 7).
func writeJSON(w http.ResponseWriter, status int, contentType string, v any) {
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false) // nosniff: browsers never read JSON as HTML
	encoder.Encode(v)
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	w.Write(bytes.TrimSuffix(body.Bytes(), []byte("\n")))
}

// maxHeaders is the most bytes of an answer's header. Proxies take little: nginx 4 KB in all. It
// answers 502 for more, and takes this replica for dead.
const (
	maxHeaders   = 3500
	serversOwn   = 150 // the status line, and the headers that the HTTP server adds
	headerSyntax = len(": ") + len("\r\n")
)

// room is how long the value of one more header may be.
func room(header http.Header, name string) int {
	left := maxHeaders - serversOwn - len(name) - headerSyntax
	for name, values := range header {
		for _, value := range values {
			left -= len(name) + len(value) + headerSyntax
		}
	}
	return left
}

// seeOther sends the browser by GET to the first of the locations that fits into the header. Unlike
// http.Redirect it writes no body that would repeat a token.
func seeOther(w http.ResponseWriter, locations ...string) error {
	most := room(w.Header(), "Location")
	for _, location := range locations {
		if len(location) <= most {
			w.Header().Set("Location", location)
			w.WriteHeader(http.StatusSeeOther)
			return nil
		}
	}
	return errTooLong
}
