package check

import (
	"cmp"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"ocsso/internal/devtools/signing"
)

// mask stands for a secret in a report.
const mask = "***"

// A hidden is a secret of a report.
type hidden struct {
	pattern *regexp.Regexp
	shown   string // in its place
}

// hide keeps values out of the report, in whatever encoding they come.
func (r *run) hide(values ...string) { r.hideAs(mask, values...) }

func (r *run) hideAs(shown string, values ...string) {
	for _, value := range values {
		// Short values are in every text.
		if long := utf8.RuneCountInString(value) >= 4 || len(value) >= 6; long && r.secrets[value].pattern == nil {
			r.secrets[value] = hidden{regexp.MustCompile(inAnyEncoding(value)), shown}
		}
	}
}

// personal are the names of the fields with personal data.
var personal = []string{"username", "email", "phone", "memberno"}

// hidePersonal keeps the personal fields of a handoff out of the report.
func (r *run) hidePersonal(fields url.Values) {
	for _, name := range append(slices.Clip(personal), "token", "accessToken") {
		for _, value := range fields[name] {
			if value != r.target.UserCode && !signing.IsAbsentWord(value) {
				r.hideAs(mask+name+mask, value)
			}
		}
	}
}

// hideSigned keeps the personal fields out of the report as they were signed, perhaps in another
// form than they were sent, and lets an explanation compare what the report shows.
func (r *run) hideSigned(why *signing.Explanation) {
	for _, name := range personal {
		if value := why.SignedFields.Named(name); value != r.target.UserCode {
			r.hideAs(mask+name+" as it was signed"+mask, value, strings.Trim(strconv.Quote(value), `"`))
		}
	}
	why.Wanted, why.Signed, why.Standard = r.masked(why.Wanted), r.masked(why.Signed), ""
}

// hideCookies keeps the values of cookies out of the report.
func (r *run) hideCookies(cookies []*http.Cookie) {
	for _, c := range cookies {
		if len(c.Value) >= 8 && c.Value != r.target.UserCode {
			r.hide(c.Value)
		}
	}
}

// inAnyEncoding returns a pattern for a text as it is, in JSON, in HTML, and percent-encoded once
// or more often.
func inAnyEncoding(text string) string {
	var pattern strings.Builder
	for _, r := range text {
		percent := ""
		for _, b := range []byte(string(r)) {
			percent += fmt.Sprintf("%%(?:25)*(?i:%02x)", b)
		}
		forms := []string{regexp.QuoteMeta(string(r)), percent, fmt.Sprintf(`&#(?:0*%d|[xX]0*(?i:%x));`, r, r), fmt.Sprintf(`\\u(?i:%04x)`, r)}
		if escaped := html.EscapeString(string(r)); escaped != string(r) {
			forms = append([]string{regexp.QuoteMeta(escaped)}, forms...)
		}
		switch r {
		case '"', '\\', '/':
			forms = append(forms, `\\`+regexp.QuoteMeta(string(r)))
		case ' ':
			forms = append(forms, `\+`)
		case '+':
			forms = append(forms, " ", "&plus;")
		case '=':
			forms = append(forms, "&equals;")
		}
		pattern.WriteString("(?:" + strings.Join(forms, "|") + ")")
	}
	return pattern.String()
}

// tokenShape matches what looks like a token, in any encoding.
var tokenShape = regexp.MustCompile(`(?:[A-Za-z0-9+/_-]|%(?:25)*2[BbFf]|\\/|\\u002[bBfF]|&#0*4[37];|&#[xX]0*2[bBfF];){43}(?:=|%(?:25)*3[Dd]|\\u003[dD]|&#0*61;|&#[xX]0*3[dD];|&equals;)`)

// maxShown is how many characters of a text a report shows.
const maxShown = 400

// printable returns text for a report: with secrets masked, on one line, cut at maxShown.
func (r *run) printable(text string) string {
	return cut(strings.Map(func(c rune) rune {
		if unicode.IsControl(c) {
			return ' '
		}
		return c
	}, r.masked(text)), maxShown)
}

func (r *run) masked(text string) string {
	secrets := make([]string, 0, len(r.secrets))
	for secret := range r.secrets {
		secrets = append(secrets, secret)
	}
	// A secret may have another one in it.
	slices.SortFunc(secrets, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	for _, secret := range secrets {
		text = r.secrets[secret].pattern.ReplaceAllLiteralString(text, r.secrets[secret].shown)
	}
	return tokenShape.ReplaceAllString(text, mask)
}
