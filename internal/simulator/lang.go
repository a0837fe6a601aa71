package simulator

import (
	"net/http"
	"slices"
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

// The languages of members' pages and of the console, in the order of the switch; the first is the
// default. Read-only.
var (
	memberLangs  = []lang{langKO, langEN, langJA, langZH}
	consoleLangs = []lang{langKO, langEN}
)

const langCookie = "oc_lang"

// HTML is the value of the lang attribute. The Chinese is simplified.
func (l lang) HTML() string {
	if l == langZH {
		return "zh-Hans"
	}
	return string(l)
}

// parseLang returns the one of langs that a language tag names, or "".
func parseLang(tag string, langs []lang) lang {
	primary, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(tag)), "-")
	if !slices.Contains(langs, lang(primary)) {
		return ""
	}
	return lang(primary)
}

// chooseLang is a page's language: the one of ?lang=, which is remembered, else the remembered one, else
// the browser's.
func chooseLang(w http.ResponseWriter, r *http.Request, langs []lang) lang {
	w.Header().Add("Vary", "Accept-Language, Cookie")
	if l := parseLang(r.URL.Query().Get("lang"), langs); l != "" {
		http.SetCookie(w, &http.Cookie{
			Name: langCookie, Value: string(l), Path: "/", MaxAge: 365 * 24 * 60 * 60,
			HttpOnly: true, Secure: true, SameSite: http.SameSiteNoneMode, // framed pages remember it too
		})
		return l
	}
	if cookie, err := r.Cookie(langCookie); err == nil {
		if l := parseLang(cookie.Value, langs); l != "" {
			return l
		}
	}
	return negotiate(r.Header.Get("Accept-Language"), langs)
}

// negotiate returns the one of langs that the header prefers, the first of equals, or the default.
func negotiate(header string, langs []lang) lang {
	best, quality := langs[0], 0.0
	for choice := range strings.SplitSeq(header, ",") {
		tag, parameter, _ := strings.Cut(choice, ";")
		l, q := parseLang(tag, langs), 1.0
		if text, ok := strings.CutPrefix(strings.TrimSpace(parameter), "q="); ok {
			q, _ = strconv.ParseFloat(text, 64) // not a number counts as 0
		}
		if l != "" && q > quality {
			best, quality = l, q
		}
	}
	return best
}
