// Package paste finds what copying has done to a text: characters that nobody sees, quotes, the
// name of a variable before its value, another encoding.
//
// Each function returns what is wrong and what to do about it, or "". It shows no letter of the
// text, which may be a secret.
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
	hintASCII  = "type it again with the keyboard's full-width and Korean modes off"
	hintSign   = "leave it out: copy the key alone"
	hintNamed  = "write the value alone, without a variable's or setting's name before it"

	quotes = "\"'`“”„‘’‚«»「」『』＂＇´"
)

var (
	// named is what secrets don't begin with. DSNs may begin with "host=" or "user:".
	named = regexp.MustCompile(`^\s*(?:(?:export|set|setx)\s+\w+\s*=|\$env:\w+\s*=|-e\s+\w+=|[A-Z][A-Z0-9_]{2,}=[^=]|[A-Za-z_][A-Za-z0-9_.]*: +\S)`)
	// namedKey is what keys don't begin with, either. Base64 ends with "=".
	namedKey = regexp.MustCompile(`^\s*["'\w][\w.-]*["']?\s*[=:]\s*[^=\s]`)
	// strange is a sign at an end of a key, other than Base64's, or a URL's escape.
	strange = regexp.MustCompile(`^[^A-Za-z0-9+/_-]|[^A-Za-z0-9+/_=-]$|%[0-9A-Fa-f]{2}`)
)

// Unseen checks for characters that nobody sees, except those in allowed, and for bytes that are not
// UTF-8.
func Unseen(text, allowed string) (fault, hint string) {
	if _, fault, hint := File([]byte(text)); fault != "" {
		return fault, hint
	}
	hint = hintUnseen
	if strings.HasPrefix(text, "\ufeff") {
		hint = "save the file without a byte order mark, in PowerShell with: Set-Content -Encoding ascii"
	}
	return find(text, "has ", hint, func(r rune) bool {
		const braille = '\u2800' // a letter without a dot
		return r != ' ' && !strings.ContainsRune(allowed, r) && (!unicode.IsGraphic(r) || r == braille || r == utf8.RuneError ||
			unicode.In(r, unicode.Zs, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector))
	})
}

// Password is Unseen for a password that a member types. Emoji and some languages' words are typed
// with joiners.
func Password(password string) (fault, hint string) {
	return Unseen(password, "\u200c\u200d\ufe0f\u00a0")
}

// Text checks a text of one line, such as a setting: nothing unseen is in it, and neither spaces nor
// quotes are around it.
func Text(text string) (fault, hint string) {
	fault, hint = Unseen(text, "")
	first, _ := utf8.DecodeRuneInString(text)
	last, size := utf8.DecodeLastRuneInString(text)
	isQuote := func(r rune) bool { return strings.ContainsRune(quotes, r) }
	switch {
	case fault != "":
	case first == ' ' || last == ' ':
		return "has a space before or behind it", hintUnseen
	case isQuote(first) && (first > unicode.MaxASCII || first == last && len(text) > size), isQuote(last) && last > unicode.MaxASCII:
		return "has quotes around it", "leave the quotes out: here they count as part of the value"
	}
	return fault, hint
}

// Secret is Text for a secret that others make up, such as a password or a DSN.
func Secret(secret string) (fault, hint string) {
	if named.MatchString(secret) {
		return "begins with a name", hintNamed
	}
	if fault, hint = Text(secret); fault != "" {
		return fault, hint
	}
	return find(secret, "has a full-width character, ", hintASCII, func(r rune) bool { return r >= '！' && r <= '～' })
}

// Key is Secret for a key that a program has made of ASCII letters, digits and the signs of Base64.
func Key(key string) (fault, hint string) {
	if namedKey.MatchString(key) {
		return "begins with a name", hintNamed
	}
	if fault, hint = Secret(key); fault != "" {
		return fault, hint
	}
	if fault, hint = find(key, "has a character that is not ASCII, ", hintASCII, func(r rune) bool { return r > unicode.MaxASCII }); fault != "" {
		return fault, hint
	}
	if fault, hint = find(key, "has ", hintSign, func(r rune) bool { return strings.ContainsRune(" \\\"'`", r) }); fault == "" && strange.MatchString(key) {
		return "has a sign that is not part of it", hintSign
	}
	return fault, hint
}

// Syntax looks in a line of a file for a character that looks like one of the file's syntax, or
// that nobody sees. Tabs are fine.
func Syntax(line string) (fault, hint string) {
	fault, hint = find(line, "has ", "write the ASCII character that it looks like", func(r rune) bool {
		return r > unicode.MaxASCII && strings.ContainsRune("：，［］｛｝＃－"+quotes, r)
	})
	if fault == "" {
		return Unseen(line, "\t")
	}
	return fault, hint
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

// find returns a fault with the first character that is bad, and its place.
func find(text, fault, hint string, bad func(rune) bool) (string, string) {
	i := strings.IndexFunc(text, bad)
	if i < 0 {
		return "", ""
	}
	r, _ := utf8.DecodeRuneInString(text[i:])
	return fmt.Sprintf("%s%U as character %d of %d", fault, r, utf8.RuneCountInString(text[:i])+1, utf8.RuneCountInString(text)), hint
}
