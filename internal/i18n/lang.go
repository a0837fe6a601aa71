package i18n

import (
	"cmp"
	"slices"
	"strings"

	"golang.org/x/text/language"
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
func Parse[L ~string](s string, langs []L) (L, bool) {
	if !slices.Contains(langs, L(s)) {
		return "", false
	}
	return L(s), true
}

var messages = map[Lang]*Messages{KO: &ko, EN: &en, JA: &ja, ZH: &zh}

// For returns the sentences of l, or the Korean ones if l is not one of Langs. Read-only.
func For(l Lang) *Messages { return cmp.Or(messages[l], &ko) }

// Negotiate returns the one of langs that an Accept-Language header prefers: the highest q, and
// the first of equals. Regions and scripts are ignored, so zh-TW is ZH. "*" means fallback.
// Malformed and unknown ranges are skipped. Without a match, or above 1 KiB, it returns fallback.
func Negotiate[L ~string](acceptLanguage string, langs []L, fallback L) L {
	if len(acceptLanguage) > 1024 {
		return fallback
	}
	best, bestQ := fallback, float32(0)
	for item := range strings.SplitSeq(acceptLanguage, ",") {
		tags, weights, err := language.ParseAcceptLanguage(item)
		if err != nil || len(tags) == 0 || !(weights[0] > bestQ) { // which no NaN is
			continue
		}
		base, _ := tags[0].Base()
		if base.String() == "mul" { // as the library reads "*"
			best, bestQ = fallback, weights[0]
		} else if lang, ok := Parse(base.String(), langs); ok {
			best, bestQ = lang, weights[0]
		}
	}
	return best
}
