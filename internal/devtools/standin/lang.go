package standin

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"ocsso/internal/devtools/signing"
	"ocsso/internal/i18n"
)

// lang is a language of the pages, as a BCP 47 tag.
type lang = signing.Lang

const (
	langKO = signing.Korean
	langEN = signing.English
)

// langs has the languages in the order of the language switch. The first is the default. Read-only.
var langs = []lang{langKO, langEN}

// words is a text in both languages.
type words signing.Words

func (w words) In(l lang) string { return signing.Words(w).In(l) }

// say formats a text in both languages. A time.Duration is written with %s.
func say(en, ko string, args ...any) words {
	korean := slices.Clone(args)
	for i, arg := range args {
		if d, ok := arg.(time.Duration); ok {
			korean[i] = koreanDuration(d)
		}
	}
	return words{EN: fmt.Sprintf(en, args...), KO: fmt.Sprintf(ko, korean...)}
}

// koreanDuration drops fractions of a second.
func koreanDuration(d time.Duration) string {
	text := strings.NewReplacer("h", "시간 ", "m", "분 ", "s", "초").Replace(d.Truncate(time.Second).String())
	return strings.TrimSuffix(strings.TrimSuffix(text, " 0초"), " 0분")
}

// joined writes texts in one line.
func joined(l lang, texts []words) string {
	var all []string
	for _, text := range texts {
		all = append(all, text.In(l))
	}
	return strings.Join(all, "; ")
}

const langCookie = "oc_lang"

// chooseLang picks a page's language: from ?lang=, which a cookie then remembers, from that cookie,
// or from Accept-Language.
func chooseLang(w http.ResponseWriter, r *http.Request) lang {
	w.Header().Add("Vary", "Accept-Language, Cookie")
	if asked := lang(r.URL.Query().Get("lang")); slices.Contains(langs, asked) {
		http.SetCookie(w, &http.Cookie{
			Name: langCookie, Value: string(asked), Path: "/", MaxAge: 365 * 24 * 60 * 60,
			HttpOnly: true, Secure: true, SameSite: http.SameSiteNoneMode, // None, for framed pages
		})
		return asked
	}
	if cookie, err := r.Cookie(langCookie); err == nil && slices.Contains(langs, lang(cookie.Value)) {
		return lang(cookie.Value)
	}
	return i18n.Negotiate(r.Header.Get("Accept-Language"), langs, langs[0])
}
