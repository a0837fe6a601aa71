package standin

import (
	"net/http"
	"slices"
	"strings"

	"ocsso/internal/i18n"
)

// lang is a language of the pages, as a BCP 47 tag.
type lang string

const (
	langKO lang = "ko"
	langEN lang = "en"
)

// langs has the languages in the order of the language switch. The first is the default. Read-only.
var langs = []lang{langKO, langEN}

// words is a text in both languages.
type words struct{ en, ko string }

// say chooses the text in the language.
func (l lang) say(en, ko string) string { return l.of(words{en, ko}) }

func (l lang) of(w words) string {
	if l == langKO {
		return w.ko
	}
	return w.en
}

const langCookie = "oc_lang"

// parseLang returns the language of a tag, such as en-US, or "".
func parseLang(tag string) lang {
	primary, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(tag)), "-")
	if !slices.Contains(langs, lang(primary)) {
		return ""
	}
	return lang(primary)
}

// chooseLang picks a page's language: from ?lang=, which a cookie then remembers, from that cookie,
// or from Accept-Language.
func chooseLang(w http.ResponseWriter, r *http.Request) lang {
	w.Header().Add("Vary", "Accept-Language, Cookie")
	if l := parseLang(r.URL.Query().Get("lang")); l != "" {
		http.SetCookie(w, &http.Cookie{
			Name: langCookie, Value: string(l), Path: "/", MaxAge: 365 * 24 * 60 * 60,
			HttpOnly: true, Secure: true, SameSite: http.SameSiteNoneMode, // None, for framed pages
		})
		return l
	}
	if cookie, err := r.Cookie(langCookie); err == nil {
		if l := parseLang(cookie.Value); l != "" {
			return l
		}
	}
	return i18n.Negotiate(r.Header.Get("Accept-Language"), langs, langs[0])
}
