package simulator

import (
	"net/http"
	"strconv"
	"strings"
)

// lang is a language of the pages, as in BCP 47.
type lang string

const (
	langKO lang = "ko"
	langEN lang = "en"
	langJA lang = "ja"
	langZH lang = "zh"
)

// langs are the languages in the order of the switch; the first is the default.
var langs = []lang{langKO, langEN, langJA, langZH}

const langCookie = "oc_lang"

// HTML is the value of the lang attribute. The Chinese is simplified.
func (l lang) HTML() string {
	if l == langZH {
		return "zh-Hans"
	}
	return string(l)
}

// parseLang finds our language for a tag, "" for none.
func parseLang(tag string) lang {
	primary, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(tag)), "-")
	for _, l := range langs {
		if primary == string(l) {
			return l
		}
	}
	return ""
}

// chooseLang settles a page's language: ?lang=, which is remembered, then the cookie, then Accept-Language.
func chooseLang(w http.ResponseWriter, r *http.Request) lang {
	w.Header().Add("Vary", "Accept-Language, Cookie")
	if l := parseLang(r.URL.Query().Get("lang")); l != "" {
		http.SetCookie(w, &http.Cookie{
			Name: langCookie, Value: string(l), Path: "/", MaxAge: 365 * 24 * 60 * 60,
			HttpOnly: true, Secure: true, SameSite: http.SameSiteNoneMode, // framed pages remember it too
		})
		return l
	}
	if cookie, err := r.Cookie(langCookie); err == nil {
		if l := parseLang(cookie.Value); l != "" {
			return l
		}
	}
	return negotiate(r.Header.Get("Accept-Language"))
}

// negotiate takes the best of our languages that the header names, the first of equals, or the default.
func negotiate(header string) lang {
	best, quality := langs[0], 0.0
	for choice := range strings.SplitSeq(header, ",") {
		tag, parameter, _ := strings.Cut(choice, ";")
		l, q := parseLang(tag), 1.0
		if text, ok := strings.CutPrefix(strings.TrimSpace(parameter), "q="); ok {
			q, _ = strconv.ParseFloat(text, 64) // what is no number asks for nothing
		}
		if l != "" && q > quality {
			best, quality = l, q
		}
	}
	return best
}
