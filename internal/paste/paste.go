// Package paste finds what copying has done to a text: characters that nobody sees, quotes, the
// name of a variable before its value, another encoding.
//
// Each function returns what is wrong and what to do about it, or "". It says which character is
// wrong and where, and shows no letter of the text, which may be a secret.
package paste

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	hintUnseen = "delete it and type the value again there: web pages, documents and chats put such characters into what is copied"
	hintBOM    = "save the file without a byte order mark, in PowerShell with: Set-Content -Encoding ascii"
	hintQuotes = "leave the quotes out: here they count as part of the value"
	hintNamed  = "write the value alone, without a variable's or setting's name before it"
	hintASCII  = "type it again with the keyboard's full-width and Korean modes off"
	hintSign   = "leave it out: copy the key alone"

	quotes = "\"'`“”„‘’‚«»「」『』＂＇´"
	// lookalikes look like a file's syntax.
	lookalikes = "：，［］｛｝＃＂＇－“”„‘’‚«»「」『』´"
)

var (
	// named is what secrets don't begin with. DSNs may begin with "host=" or "user:".
	named = regexp.MustCompile(`^\s*(?:(?:export|set|setx)\s+\w+\s*=|\$env:\w+\s*=|-e\s+\w+=|[A-Z][A-Z0-9_]{2,}=[^=]|[A-Za-z_][A-Za-z0-9_.]*: +\S)`)
	// namedKey is what keys don't begin with, either. Base64 ends with "=".
	namedKey = regexp.MustCompile(`^\s*["'\w][\w.-]*["']?\s*[=:]\s*[^=\s]`)
	// strange is a sign at an end of a key, other than Base64's, or a URL's escape.
	strange = regexp.MustCompile(`^[^A-Za-z0-9+/_-]|[^A-Za-z0-9+/_=-]$|%[0-9A-Fa-f]{2}`)
)

// Text checks a text of one line, such as a setting: nothing unseen is in it, and neither spaces nor
// quotes are around it.
func Text(text string) (fault, hint string) {
	fault, hint = Unseen(text, "")
	last, _ := utf8.DecodeLastRuneInString(text)
	switch {
	case fault != "":
	case strings.HasPrefix(text, " "), strings.HasSuffix(text, " "):
		return "has a space before or behind it", hintUnseen
	case strings.IndexAny(text, quotes) == 0 && (text[0] >= utf8.RuneSelf || len(text) > 1 && text[0] == text[len(text)-1]),
		last > unicode.MaxASCII && strings.ContainsRune(quotes, last):
		return "has quotes around it", hintQuotes
	}
	return fault, hint
}

// Unseen checks only for characters that nobody sees, except those in allowed, and for bytes that
// are not UTF-8.
func Unseen(text, allowed string) (fault, hint string) {
	if _, fault, hint := File([]byte(text)); fault != "" {
		return fault, hint
	}
	i := strings.IndexFunc(text, func(r rune) bool { return unseen(r) && !strings.ContainsRune(allowed, r) })
	switch {
	case i < 0:
		return "", ""
	case i == 0 && strings.HasPrefix(text, "\ufeff"):
		return "has" + at(text, 0), hintBOM
	}
	return "has" + at(text, i), hintUnseen
}

// Password checks a password that a member types, which may contain anything that one can see.
// Emoji and some languages' words are typed with joiners.
func Password(password string) (fault, hint string) {
	return Unseen(password, "\u200c\u200d\ufe0f\u00a0")
}

// unseen reports whether r is neither a visible character nor an ASCII space. U+2800 is a Braille
// letter without a dot.
func unseen(r rune) bool {
	return r != ' ' && (!unicode.IsGraphic(r) || unicode.In(r, unicode.Zs, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)) ||
		r == '\u2800' || r == utf8.RuneError
}

// Secret is Text for a secret that others make up, such as a password or a DSN.
func Secret(secret string) (fault, hint string) {
	if named.MatchString(secret) {
		return "begins with a name", hintNamed
	}
	if fault, hint = Text(secret); fault != "" {
		return fault, hint
	}
	if i := strings.IndexFunc(secret, func(r rune) bool { return r >= '！' && r <= '～' }); i >= 0 {
		return "has a full-width character," + at(secret, i), hintASCII
	}
	return "", ""
}

// Key is Secret for a key that a program has made of ASCII letters, digits and the signs of Base64.
func Key(key string) (fault, hint string) {
	if namedKey.MatchString(key) {
		return "begins with a name", hintNamed
	}
	if fault, hint = Secret(key); fault != "" {
		return fault, hint
	}
	if i := strings.IndexFunc(key, func(r rune) bool { return r > unicode.MaxASCII }); i >= 0 {
		return "has a character that is not ASCII," + at(key, i), hintASCII
	}
	if i := strings.IndexAny(key, " \\\"'`"); i >= 0 {
		return "has" + at(key, i), hintSign
	}
	if strange.MatchString(key) {
		return "has a sign that is not part of it", hintSign
	}
	return "", ""
}

// File checks the encoding of a whole file, and returns the line of what is wrong. A byte order
// mark before UTF-8 is fine.
func File(data []byte) (line int, fault, hint string) {
	if bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff")) || bytes.IndexByte(data, 0) >= 0 {
		return 1, "is UTF-16, not UTF-8", "save it as UTF-8; in PowerShell with: Set-Content -Encoding utf8"
	}
	for i, text := range bytes.SplitAfter(data, []byte("\n")) {
		if !utf8.Valid(text) {
			return i + 1, "is not UTF-8", "save it as UTF-8; a Korean Windows may have saved it as ANSI (cp949, EUC-KR)"
		}
	}
	return 0, "", ""
}

// Syntax looks in a line of a file for a character that looks like one of the file's syntax, or
// that nobody sees. Tabs are fine.
func Syntax(line string) (fault, hint string) {
	if i := strings.IndexAny(line, lookalikes); i >= 0 {
		return "has" + at(line, i), "write the ASCII character that it looks like"
	}
	return Unseen(line, "\t")
}

// at names the character at byte i of text, and its place.
func at(text string, i int) string {
	r, _ := utf8.DecodeRuneInString(text[i:])
	return fmt.Sprintf(" %U as character %d of %d", r, utf8.RuneCountInString(text[:i])+1, utf8.RuneCountInString(text))
}
