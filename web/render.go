package web

import (
	"bytes"
	"fmt"
	"net/http"
	"strconv"

	"github.com/a-h/templ"

	"ocsso/internal/i18n"
	"ocsso/internal/session"
	"ocsso/internal/token"
	"ocsso/templates"
)

// languageCookie remembers a choice made by ?lang=.
const languageCookie = "ocsso_lang"

// render writes a whole page or, when it can't be made, nothing.
func (s *server) render(w http.ResponseWriter, r *http.Request, status int, page templ.Component) error {
	buffer, used := s.buffers.Get().(*bytes.Buffer)
	if !used {
		buffer = new(bytes.Buffer)
	}
	defer s.buffers.Put(buffer)
	buffer.Reset()
	if err := page.Render(r.Context(), buffer); err != nil {
		return fmt.Errorf("render: %w", err)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(buffer.Len()))
	w.WriteHeader(status)
	w.Write(buffer.Bytes())
	return nil
}

// newPage is what a page shows around its content. current is nil for somebody logged out.
func (s *server) newPage(w http.ResponseWriter, r *http.Request, current *session.Session) templates.Page {
	lang := s.language(w, r)
	page := templates.Page{
		Lang: lang, T: i18n.For(lang), SiteName: s.SiteName, Languages: languageLinks(r, s.languages, lang), Framed: r.Header.Get("Sec-Fetch-Dest") == "iframe",
	}
	if current == nil {
		page.LoginURL = loginURL("/login", string(s.Own)+"/")
		return page
	}
	page.Member = current.Member.UserName
	if token.Blank(page.Member) {
		page.Member = current.Member.UserCode
	}
	return page
}

// language is the request's ?lang=, which is remembered; else the remembered one, the browser's, or the configured one.
func (s *server) language(w http.ResponseWriter, r *http.Request) i18n.Lang {
	if lang, ok := i18n.Parse(parameter(r, "lang"), s.languages); ok {
		http.SetCookie(w, &http.Cookie{
			Name: languageCookie, Value: string(lang), Path: "/", MaxAge: 365 * 24 * 60 * 60,
			HttpOnly: true, Secure: s.Own.Secure(), SameSite: http.SameSiteLaxMode,
		})
		return lang
	}
	if sent, err := r.Cookie(languageCookie); err == nil {
		if lang, ok := i18n.Parse(sent.Value, s.languages); ok {
			return lang
		}
	}
	return i18n.Negotiate(r.Header.Get("Accept-Language"), s.languages, s.Language)
}

// languageLinks leads to the same page in each language, a login form's return URL kept. The URLs are queries alone: a
// path like "//evil.test/" would lead to another site.
func languageLinks(r *http.Request, languages []i18n.Lang, current i18n.Lang) []templates.LanguageLink {
	query := r.URL.Query()
	if to := r.PostForm.Get("returnUrl"); to != "" {
		query.Set("returnUrl", to)
	}
	var links []templates.LanguageLink
	for _, lang := range languages {
		query.Set("lang", string(lang))
		text := i18n.For(lang)
		links = append(links, templates.LanguageLink{
			Name: text.LanguageName, HTMLLang: text.HTMLLang, URL: "?" + query.Encode(), Current: lang == current,
		})
	}
	return links
}
