// Package paste finds what copying has done to a text: characters that nobody sees, quotes, the
// name of a variable before its value, another encoding.
//
// Each function returns what is wrong and what to do about it, or "". Neither holds a letter or a
// digit of the text, which may be a secret.
package paste

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/runenames"
)

const (
	hintUnseen = "delete it and type the value again there: web pages, documents and chats put such characters into what is copied"
	hintQuotes = "leave the quotes out: here they count as part of the value"
	hintSign   = "leave it out: copy the key alone"
	hintASCII  = "type it again with the keyboard's full-width and Korean modes off"
)

// Text checks a text of one line that is no secret, such as a setting or a usercode: it has no
// unseen character, no white space around it, and no quotes around it.
func Text(text string) (fault, hint string) {
	if fault, hint := Unseen(text, ""); fault != "" {
		return fault, hint
	}
	if fault := outerSpace(text); fault != "" {
		return fault, hintUnseen
	}
	if i := quoteAround(text); i >= 0 {
		return "has " + at(text, i), hintQuotes
	}
	return "", ""
}

// Unseen checks only for characters that nobody sees, and for bytes that are not UTF-8. The
// characters in allowed are fine.
func Unseen(text, allowed string) (fault, hint string) {
	if !utf8.ValidString(text) {
		return "is not UTF-8", "save it as UTF-8"
	}
	for i, r := range text {
		if !unseen(r) || strings.ContainsRune(allowed, r) {
			continue
		}
		if r == byteOrderMark && i == 0 {
			return "has " + at(text, i), "save the file without a byte order mark, in PowerShell with: Set-Content -Encoding ascii"
		}
		return "has " + at(text, i), hintUnseen
	}
	return "", ""
}

// Secret is Text for a secret that others make up, such as a password or a DSN. It refuses
// full-width characters and a variable's name, too: "DSN=...".
func Secret(secret string) (fault, hint string) {
	if named.MatchString(secret) {
		return "begins with a name", hintNamed
	}
	if fault, hint := Text(secret); fault != "" {
		return fault, hint
	}
	for i, r := range secret {
		if r >= '！' && r <= '～' {
			return "has a full-width character" + place(secret, i), hintASCII
		}
	}
	return "", ""
}

// Key is Secret for a key that somebody's program has made of ASCII letters, digits and signs, such
// as an organization key, Base64 or hex: it has no quotes, spaces and escapes, and no sign at an
// end but what Base64 has there.
func Key(key string) (fault, hint string) {
	if namedKey.MatchString(key) {
		return "begins with a name", hintNamed
	}
	if fault, hint := Secret(key); fault != "" {
		return fault, hint
	}
	for i, r := range key {
		sign := !unicode.IsLetter(r) && !unicode.IsDigit(r)
		switch {
		case r > unicode.MaxASCII:
			return "has a character that is not ASCII" + place(key, i), hintASCII
		case strings.ContainsRune(` \"'`+"`", r), percentEscape.MatchString(key[i:]):
			return "has " + at(key, i), hintSign
		case sign && i == 0 && !strings.ContainsRune("+/-_", r), sign && i == len(key)-1 && !strings.ContainsRune("+/-_=", r):
			return "has " + at(key, i), hintSign
		}
	}
	return "", ""
}

const hintNamed = "write the value alone, without a variable's or setting's name before it"

var (
	// named is what secrets don't begin with. DSNs may begin with "host=" or "user:".
	named = regexp.MustCompile(`^\s*(?:(?:export|set|setx)\s+\w+\s*=|\$env:\w+\s*=|-e\s+\w+=|[A-Z][A-Z0-9_]{2,}=[^=]|[A-Za-z_][A-Za-z0-9_.]*: +\S)`)
	// namedKey is what keys don't begin with, either. Base64 ends with "=".
	namedKey = regexp.MustCompile(`^\s*["'\w][\w.-]*["']?\s*[=:]\s*[^=\s]`)

	percentEscape = regexp.MustCompile(`^%[0-9A-Fa-f]{2}`)
)

// Password checks a password that a member types into a form. It may contain anything that one can
// see, and spaces.
func Password(password string) (fault, hint string) {
	const form = "the member's browser sends UTF-8 without a byte order mark; in a pipe, give the command the same"
	switch {
	case strings.ContainsRune(password, 0) || strings.HasPrefix(password, "\xff\xfe") || strings.HasPrefix(password, "\xfe\xff"):
		return "is UTF-16", form
	case !utf8.ValidString(password):
		return "is not UTF-8", form
	}
	for i, r := range password {
		if !unicode.IsGraphic(r) && r != zeroWidthJoiner && r != zeroWidthNonJoiner {
			return "has " + at(password, i), "leave it out: members can't see it, and can hardly type it"
		}
	}
	return "", ""
}

// Emoji and some languages' words are typed with these.
const (
	zeroWidthNonJoiner = '\u200C'
	zeroWidthJoiner    = '\u200D'
)

// File checks the encoding of a whole file, and returns the line of what is wrong. A byte order
// mark before UTF-8 is fine.
func File(data []byte) (line int, fault, hint string) {
	const how = "save it as UTF-8"
	switch {
	case bytes.HasPrefix(data, []byte("\xff\xfe")), bytes.HasPrefix(data, []byte("\xfe\xff")), bytes.IndexByte(data, 0) >= 0:
		return 1, "is UTF-16, not UTF-8", how + "; in PowerShell with: Set-Content -Encoding utf8"
	}
	for i, text := range bytes.SplitAfter(data, []byte("\n")) {
		if !utf8.Valid(text) {
			return i + 1, "is not UTF-8", how + "; a Korean Windows may have saved it as ANSI (cp949, EUC-KR)"
		}
	}
	return 0, "", ""
}

// Syntax looks in a line of a file for a character that looks like one of the file's syntax, or
// that nobody sees. Tabs are fine.
func Syntax(line string) (fault, hint string) {
	for i, r := range line {
		switch {
		case r == '\t':
		case unseen(r):
			return "has " + at(line, i), hintUnseen
		case strings.ContainsRune("：，［］｛｝＃＂＇－", r), isQuote(r) && r > unicode.MaxASCII:
			return "has " + at(line, i), "write the ASCII character that it looks like"
		}
	}
	return "", ""
}

// outerSpace returns the white space before or after text, or "".
func outerSpace(text string) string {
	for i, r := range text {
		if unicode.IsSpace(r) && (i == 0 || i+utf8.RuneLen(r) == len(text)) {
			return "has " + at(text, i)
		}
	}
	return ""
}

// quoteAround returns where a quote is that was put around text, or -1. ASCII quotes come in pairs;
// a typographic one at either end is enough.
func quoteAround(text string) int {
	first, _ := utf8.DecodeRuneInString(text)
	last, size := utf8.DecodeLastRuneInString(text)
	switch {
	case isQuote(first) && (first > unicode.MaxASCII || first == last && len(text) > size):
		return 0
	case isQuote(last) && last > unicode.MaxASCII:
		return len(text) - size
	}
	return -1
}

func isQuote(r rune) bool {
	return strings.ContainsRune("\"'`“”„‟‘’‚‛«»「」『』＂＇´", r)
}

// unseen reports whether r is neither a visible character nor an ASCII space.
func unseen(r rune) bool {
	return r != ' ' && unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zs, unicode.Zl, unicode.Zp,
		unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector) || r == braille || r == utf8.RuneError
}

// braille is a letter without any dot.
const braille = '\u2800'

const byteOrderMark = '\uFEFF'

// at names the character of text at byte i, with its place.
func at(text string, i int) string {
	r, _ := utf8.DecodeRuneInString(text[i:])
	return Name(r) + place(text, i)
}

// place is where the character at byte i of text is.
func place(text string, i int) string {
	return fmt.Sprintf(" as character %d of %d", utf8.RuneCountInString(text[:i])+1, utf8.RuneCountInString(text))
}

// Name returns the code point and the Unicode name of a character.
func Name(r rune) string {
	name := map[rune]string{
		0: "NULL", '\t': "TAB", '\n': "LINE FEED", '\r': "CARRIAGE RETURN", byteOrderMark: "BYTE ORDER MARK",
	}[r]
	if name == "" {
		name = strings.ToUpper(strings.Trim(runenames.Name(r), "<>"))
	}
	return fmt.Sprintf("U+%04X %s", r, name)
}
