package i18n

import (
	"strconv"
	"strings"
)

// Lang is a language of the pages, by its two-letter code. The zero value is none.
type Lang string

// The languages of the pages. Chinese is written in simplified characters.
const (
	KO Lang = "ko"
	EN Lang = "en"
	JA Lang = "ja"
	ZH Lang = "zh"
)

// Langs is every language, in the order of the language switch.
var Langs = [...]Lang{KO, EN, JA, ZH}

// Parse returns the language with the code s, and whether there is one. It takes the exact codes only.
func Parse(s string) (Lang, bool) {
	for _, l := range Langs {
		if s == string(l) {
			return l, true
		}
	}
	return "", false
}

// For returns the sentences of l, which are shared and not to be changed. Korean stands in for a Lang that is not
// one of Langs.
func For(l Lang) *Messages {
	switch l {
	case EN:
		return &en
	case JA:
		return &ja
	case ZH:
		return &zh
	default:
		return &ko
	}
}

// maxAcceptLanguage is the length in bytes beyond which an Accept-Language header is not read. Browsers send less
// than a tenth of it.
const maxAcceptLanguage = 1024

// Negotiate returns the language that an Accept-Language header likes best: the highest q, and the first of equals.
// A region or script is ignored, so zh-TW is ZH. "*" stands for fallback. Malformed and unknown ranges are passed
// over, and fallback is the answer when nothing is left or the header is longer than a kilobyte.
func Negotiate(acceptLanguage string, fallback Lang) Lang {
	if len(acceptLanguage) > maxAcceptLanguage {
		return fallback
	}
	best, bestQ := fallback, 0.0
	for item := range strings.SplitSeq(acceptLanguage, ",") {
		lang, q, ok := parseRange(item, fallback)
		if ok && q > bestQ {
			best, bestQ = lang, q
		}
	}
	return best
}

// parseRange reads one item of an Accept-Language header, such as "zh-TW;q=0.8" (RFC 9110, section 12.5.4).
func parseRange(item string, fallback Lang) (lang Lang, q float64, ok bool) {
	tag, weight, weighted := strings.Cut(item, ";")
	primary, _, _ := strings.Cut(strings.TrimSpace(tag), "-")
	if primary == "*" {
		lang = fallback
	} else if lang, ok = Parse(strings.ToLower(primary)); !ok {
		return "", 0, false
	}
	if !weighted {
		return lang, 1, true
	}
	name, value, _ := strings.Cut(weight, "=")
	q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	// Written so that NaN, which ParseFloat reads, is refused too.
	if err != nil || !(q >= 0 && q <= 1) || strings.ToLower(strings.TrimSpace(name)) != "q" {
		return "", 0, false
	}
	return lang, q, true
}
