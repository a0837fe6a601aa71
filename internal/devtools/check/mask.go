package check

import (
	"fmt"
	"html"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/korean"
)

// mask stands for a secret in a report.
const mask = "***"

// hide keeps values out of the report, in whatever encoding they come.
func (s *session) hide(values ...string) {
	for _, value := range values {
		// Short values are in every text.
		if long := utf8.RuneCountInString(value) >= 4 || len(value) >= 6; long && !slices.Contains(s.secrets, value) {
			s.secrets = append(s.secrets, value)
		}
	}
}

// hidePersonal keeps the personal fields of a handoff out of the report.
func (s *session) hidePersonal(named func(string) string) {
	for _, name := range []string{"username", "email", "phone", "memberno", "token", "accessToken"} {
		if value := named(name); value != s.target.UserCode {
			s.hide(value)
		}
	}
}

// tokenShape matches what looks like a token, in any encoding.
var tokenShape = regexp.MustCompile(`(?:[A-Za-z0-9+/_-]|%(?:25)*2[BbFf]|\\/|\\u002[bBfF]|&#0*4[37];|&#[xX]0*2[bBfF];){43}(?:=|%(?:25)*3[Dd]|\\u003[dD]|&#0*61;|&#[xX]0*3[dD];|&equals;)`)

// maxShown is how many characters of a text a result shows.
const maxShown = 300

// printable returns text for a report: with secrets masked, on one line, cut at maxShown.
func (s *session) printable(text string) string {
	secrets := append(slices.Clone(s.secrets), s.target.Password.Reveal(), string(s.target.OrganizationKey))
	// A secret may have another one in it.
	slices.SortFunc(secrets, func(a, b string) int { return len(b) - len(a) })
	for _, secret := range secrets {
		text = masked(text, secret)
	}
	text = tokenShape.ReplaceAllString(text, mask)
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text)
	if shown := []rune(text); len(shown) > maxShown {
		return string(shown[:maxShown]) + "…"
	}
	return text
}

// masked replaces a secret in text, in every mix of encodings in which an answer can show it.
func masked(text, secret string) string {
	if secret == "" {
		return text
	}
	var shown strings.Builder
	for at := 0; at < len(text); {
		if length := encodedLength(text[at:], secret); length > 0 {
			shown.WriteString(mask)
			at += length
			continue
		}
		shown.WriteByte(text[at])
		at++
	}
	return shown.String()
}

// encodedLength returns how many bytes at the beginning of text are the secret, or 0.
func encodedLength(text, secret string) int {
	at := 0
	for _, r := range secret {
		length := encodedRune(text[at:], r)
		if length == 0 {
			return 0
		}
		at += length
	}
	return at
}

// encodedRune returns how many bytes at the beginning of text are the character r: as it is, in
// JSON, as an HTML reference, or percent-encoded in UTF-8 or EUC-KR. It returns 0 for another one.
func encodedRune(text string, r rune) int {
	if text == "" {
		return 0
	}
	literal := string(r)
	switch text[0] { // before the literal: &amp; begins with an &, too
	case '\\':
		if length := escapedRune(text, r); length > 0 {
			return length
		}
	case '&':
		// A reference may lack its semicolon.
		for end := min(len(text), 10); end > 1; end-- {
			if html.UnescapeString(text[:end]) == literal {
				return end
			}
		}
	case '%':
		if length := percentLength(text, literal); length > 0 {
			return length
		}
		if encoded, err := korean.EUCKR.NewEncoder().String(literal); err == nil && r > unicode.MaxASCII {
			return percentLength(text, encoded)
		}
	}
	switch {
	case strings.HasPrefix(text, literal):
		return len(literal)
	case r == ' ' && text[0] == '+' || r == '+' && text[0] == ' ':
		return 1
	}
	return 0
}

// escapedRune is encodedRune for JSON's escapes.
func escapedRune(text string, r rune) int {
	if len(text) > 1 && rune(text[1]) == r && strings.ContainsRune(`"/\`, r) {
		return 2
	}
	units := ""
	for _, unit := range utf16.Encode([]rune{r}) {
		units += fmt.Sprintf(`\u%04x`, unit)
	}
	if len(text) >= len(units) && strings.EqualFold(text[:len(units)], units) {
		return len(units)
	}
	return 0
}

// percentLength returns how many bytes at the beginning of text are the given bytes,
// percent-encoded once or more often. It returns 0 for others.
func percentLength(text, bytes string) int {
	at := 0
	for _, b := range []byte(bytes) {
		if !strings.HasPrefix(text[at:], "%") {
			return 0
		}
		at++
		for strings.HasPrefix(text[at:], "25") && b != '%' {
			at += 2
		}
		hex := fmt.Sprintf("%02x", b)
		if len(text) < at+2 || !strings.EqualFold(text[at:at+2], hex) {
			return 0
		}
		at += 2
	}
	return at
}
