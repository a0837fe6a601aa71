package web

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"

	"github.com/a-h/templ"

	"ocsso/internal/i18n"
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
	base      string         // before every path of ours; "" for none
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

// logProblem logs why a request failed, in the line of its own that it may have (accessLog): as an
// error where the operator has something to fix.
func (p *pages) logProblem(w http.ResponseWriter, r *http.Request, status int, err error) {
	level := slog.LevelInfo
	if status >= 500 || status == http.StatusUnprocessableEntity || errors.Is(err, errConflict) {
		level = slog.LevelError
	}
	if line, ok := r.Context().Value(lineKey{}).(*line); ok && line.err == nil {
		line.level, line.err = level, err
		return
	}
	p.log.LogAttrs(r.Context(), level, "request failed", slog.String("request_id", idOf(w)),
		slog.Any("error", err), slog.String("path", loggedPath(r)))
}
