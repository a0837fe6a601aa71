package i18n

import (
	"slices"
	"strconv"
	"strings"
)

// Lang is the two-letter code of a language that our pages speak. The zero value is none.
type Lang string

// The languages of the pages. Chinese is written in simplified characters.
const (
	KO Lang = "ko"
	EN Lang = "en"
	JA Lang = "ja"
	ZH Lang = "zh"
)

// Langs are the languages of members' pages, in the order of the language switch. Read-only.
var Langs = []Lang{KO, EN, JA, ZH}

// OperatorLangs are the languages of operators' pages, in the same order. Read-only.
var OperatorLangs = []Lang{KO, EN}

// Parse returns the one of langs whose code is exactly s, and whether there is one.
func Parse(s string, langs []Lang) (Lang, bool) {
	if !slices.Contains(langs, Lang(s)) {
		return "", false
	}
	return Lang(s), true
}

// For returns the sentences of l, or the Korean ones if l is not one of Langs. Read-only.
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

// Negotiate returns the one of langs that an Accept-Language header prefers: the highest q, and
// the first of equals. Regions and scripts are ignored, so zh-TW is ZH. "*" means fallback.
// Malformed and unknown ranges are skipped. Without a match, or above 1 KiB, it returns fallback.
func Negotiate(acceptLanguage string, langs []Lang, fallback Lang) Lang {
	if len(acceptLanguage) > 1024 {
		return fallback
	}
	best, bestQ := fallback, 0.0
	for item := range strings.SplitSeq(acceptLanguage, ",") {
		tag, q, ok := parseRange(item)
		if !ok || q <= bestQ {
			continue
		}
		if tag == "*" {
			best, bestQ = fallback, q
		} else if lang, ok := Parse(tag, langs); ok {
			best, bestQ = lang, q
		}
	}
	return best
}

// parseRange returns the primary tag, in lower case, and the weight of one item of the header, such
// as "zh-TW;q=0.8" (RFC 9110, section 12.5.4).
func parseRange(item string) (primary string, q float64, ok bool) {
	tag, weight, weighted := strings.Cut(item, ";")
	primary, _, _ = strings.Cut(strings.ToLower(strings.TrimSpace(tag)), "-")
	if !weighted {
		return primary, 1, true
	}
	name, value, _ := strings.Cut(weight, "=")
	q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	// The negation also rejects NaN, which ParseFloat accepts.
	if err != nil || !(q >= 0 && q <= 1) || strings.ToLower(strings.TrimSpace(name)) != "q" {
		return "", 0, false
	}
	return primary, q, true
}
