// Package paste finds what copying and saving have done to a text.
//
// Each function returns what is wrong and what to do about it, or "". It shows at most one character
// of the text, which may be a secret, and none that an ASCII key has.
package paste

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	signs  = "\"'`" // around what programs and shells quote
	quotes = signs + "“”‘’«»「」＂＇"
)

// Encoding checks that a file is UTF-8, and returns the line that isn't. A byte order mark is fine.
func Encoding(data string) (line int, fault, hint string) {
	i := strings.IndexFunc(data, func(r rune) bool { return r == utf8.RuneError || r == 0 })
	if i < 0 {
		return 0, "", ""
	}
	return 1 + strings.Count(data[:i], "\n"), "is not UTF-8",
		"save it as UTF-8: PowerShell writes UTF-16 without -Encoding, and a Korean Windows saves ANSI (cp949, EUC-KR)"
}

// Password finds what nobody sees in a text that a person types. Joiners, which emoji and some
// languages have, are fine.
func Password(text string) (fault, hint string) {
	return find(text, func(r rune) bool {
		const hangulFiller = 'ㅤ' // a letter without strokes
		return r == hangulFiller || r != ' ' && unicode.Is(unicode.Zs, r) || !unicode.IsGraphic(r) && r != '\u200c' && r != '\u200d'
	})
}

// Text is Password for a text that neither spaces nor quotes belong around.
func Text(text string) (fault, hint string) {
	if fault, hint = Password(text); fault != "" || text == "" {
		return fault, hint
	}
	first, _ := utf8.DecodeRuneInString(text)
	last, _ := utf8.DecodeLastRuneInString(text)
	if isQuoted := strings.ContainsRune(quotes, first) && strings.ContainsRune(quotes, last); isQuoted || first == ' ' || last == ' ' {
		return "has quotes or spaces around it", "leave the quotes and spaces out: here they are part of the value"
	}
	return "", ""
}

// Key is Text for a key that a program has made of ASCII letters, digits and a few signs. Base64
// ends with "=".
func Key(text string) (fault, hint string) {
	if fault, hint = Text(text); fault != "" {
		return fault, hint
	}
	return find(strings.TrimRight(text, "="), func(r rune) bool {
		return r <= ' ' || r > '~' || strings.ContainsRune(signs+"=:\\{}()<>,;*", r)
	})
}

// find returns a fault with the first character that is bad, and its place.
func find(text string, bad func(rune) bool) (fault, hint string) {
	if _, fault, hint = Encoding(text); fault != "" {
		return fault, hint
	}
	i := strings.IndexFunc(text, bad)
	if i < 0 {
		return "", ""
	}
	r, _ := utf8.DecodeRuneInString(text[i:])
	return fmt.Sprintf("has %#U as character %d of %d", r, utf8.RuneCountInString(text[:i])+1, utf8.RuneCountInString(text)),
		"write the value alone, and type it again if it was copied: web pages, documents and chats add characters that nobody sees, " +
			"Korean keyboards write full-width letters, and in double quotes \\t is a tab"
}
