package signing

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/unicode/norm"
)

// Remark says what is odd about a value as it was sent. The token may be right nevertheless.
type Remark struct {
	Field string // on the wire; "key" for the organization key, which is not shown
	what  words
	// Reading is what the value may have been meant as; "" if that is not known.
	Reading string
}

// In returns the remark in the language.
func (r Remark) In(lang Lang) string {
	text := r.Field + ": " + r.what.in(lang)
	if r.Reading != "" {
		text += fmt.Sprintf(words{"; perhaps %s was meant", ". %s인 듯합니다"}.in(lang), visible(r.Reading))
	}
	return text
}

// oddity is one thing that may be odd about a value.
type oddity struct {
	what words
	// odd reports whether the value has it. It may also say what the value was meant as.
	odd func(field, value string) (reading string, found bool)
}

// oddities is the table. A new oddity is a new row.
var oddities = []oddity{
	{words{"not UTF-8: the page or the form is in another encoding, such as EUC-KR", "UTF-8이 아닙니다. 페이지나 폼이 EUC-KR 같은 다른 인코딩입니다"},
		func(_, value string) (string, bool) {
			if utf8.ValidString(value) {
				return "", false
			}
			if meant := decoded(korean.EUCKR, value); !strings.ContainsRune(meant, utf8.RuneError) {
				return meant, true
			}
			return "", true
		}},
	{words{"has U+FFFD, which stands for text that was read in the wrong encoding and is lost", "U+FFFD가 있습니다. 다른 인코딩으로 읽어 원래 글자가 사라진 것입니다"},
		contains("\ufffd")},
	{words{"UTF-8 that was read in another encoding (mojibake)", "UTF-8을 다른 인코딩으로 읽어 깨진 글자입니다"},
		func(_, value string) (string, bool) {
			for _, repair := range mojibakes {
				if !strings.HasPrefix(repair.name, "sent as") || !utf8.ValidString(value) {
					continue
				}
				if meant := repair.apply(value); meant != value && isReadable(meant) {
					return meant, true
				}
			}
			return "", false
		}},
	{words{"has percent escapes: it was percent-encoded twice, or not decoded", "퍼센트 인코딩이 남아 있습니다. 두 번 인코딩했거나 디코딩하지 않은 값입니다"},
		func(field, value string) (string, bool) {
			if field == "returnUrl" && strings.Contains(value, "://") || !percentEscape.MatchString(value) {
				return "", false
			}
			if meant := unescapedPath(value); utf8.ValidString(meant) {
				return meant, true
			}
			return "", true
		}},
	{words{"has HTML escapes such as &amp;: it was escaped twice, or copied from a page's source", "&amp; 같은 HTML 이스케이프가 있습니다. 두 번 이스케이프했거나 페이지 소스에서 복사한 값입니다"},
		func(_, value string) (string, bool) {
			return unescapedHTML(value), htmlEscape.MatchString(value)
		}},
	{words{"has \\u escapes of JSON", "JSON의 \\u 이스케이프가 있습니다"}, matches(`\\u[0-9A-Fa-f]{4}`)},
	{words{"has a +, which may be a space that was not decoded", "+가 있습니다. 디코딩되지 않은 공백일 수 있습니다"},
		func(field, value string) (string, bool) {
			text := field == "usercode" || field == "username" || field == "memberno"
			return strings.ReplaceAll(value, "+", " "), text && strings.Contains(value, "+")
		}},
	{words{"has a space, which may be a + that was not sent as %2B", "공백이 있습니다. %2B로 보내지 않은 +일 수 있습니다"},
		func(field, value string) (string, bool) {
			inside := strings.Contains(strings.TrimSpace(value), " ")
			if field == "email" && inside || field == "token" && inside || field == "phone" && strings.HasPrefix(value, " 82") {
				return strings.ReplaceAll(value, " ", "+"), true
			}
			return "", false
		}},
	{words{"decomposed Unicode (NFD), as macOS makes it", "자모가 분리된 유니코드(NFD)입니다. macOS에서 이렇게 됩니다"},
		func(_, value string) (string, bool) {
			return "", utf8.ValidString(value) && !norm.NFC.IsNormalString(value)
		}},
	{words{"has full-width characters", "전각 문자가 있습니다"}, matches(`[\x{FF01}-\x{FF5E}\x{3000}]`)},
	{words{"has a byte order mark (U+FEFF)", "BOM(U+FEFF)이 있습니다"}, contains("\ufeff")},
	{words{"has an invisible character, such as a zero-width space", "폭 없는 공백 같은 보이지 않는 문자가 있습니다"},
		func(_, value string) (string, bool) {
			return "", withoutInvisible(strings.ReplaceAll(value, "\ufeff", "")) != strings.ReplaceAll(value, "\ufeff", "") || loneJoiner(value)
		}},
	{words{"has an unusual space or a control character", "특수한 공백이나 제어 문자가 있습니다"},
		func(_, value string) (string, bool) {
			return "", strings.ContainsFunc(value, func(r rune) bool {
				return unicode.IsControl(r) || unicode.IsSpace(r) && r != ' ' && r != '\u3000' || r == '\u2007' || r == '\u202f'
			})
		}},
	{words{"has spaces at its ends", "앞이나 뒤에 공백이 있습니다"},
		func(_, value string) (string, bool) {
			return "", strings.Trim(value, " \u3000") != value && !Blank(value)
		}},
	{words{"has quotes around it", "따옴표로 싸여 있습니다"},
		func(_, value string) (string, bool) {
			first, size := utf8.DecodeRuneInString(value)
			return "", len(value) > size && strings.ContainsRune("\"'“”‘’`「«", first) && unquote(value) != value
		}},
	{words{"the word that a language prints for an absent value", "값이 없을 때 언어가 출력하는 단어입니다"},
		func(field, value string) (string, bool) {
			return "", field != "service" && slices.Contains([]string{"null", "undefined", "None", "NaN", "nil", "<nil>", "NULL", "[object Object]"}, value)
		}},
	{words{"a domain or a URL, not the id of a service", "서비스 ID가 아니라 도메인이나 URL입니다"},
		func(field, value string) (string, bool) {
			return "", field == "service" && strings.ContainsAny(value, "./:")
		}},
	{words{"no address with https:// or http:// in front", "https://나 http://로 시작하는 주소가 아닙니다"},
		func(field, value string) (string, bool) {
			return "", field == "returnUrl" && !Blank(value) && !strings.HasPrefix(value, "https://") && !strings.HasPrefix(value, "http://")
		}},
	{words{"not a whole number of milliseconds", "정수로 된 밀리초가 아닙니다"},
		func(field, value string) (string, bool) {
			return "", field == "time" && !wholeNumber.MatchString(value)
		}},
	{words{"longer than its limit", "길이 제한을 넘습니다"},
		func(field, value string) (string, bool) {
			return "", Limits[field] > 0 && Length(value) > Limits[field]
		}},
}

var htmlEscape = regexp.MustCompile(`&(amp|lt|gt|quot|apos|nbsp|#[0-9]+|#[xX][0-9A-Fa-f]+);`)

func unescapedHTML(value string) string { return htmlUnescapings[0].apply(value) }

func contains(text string) func(string, string) (string, bool) {
	return func(_, value string) (string, bool) { return "", strings.Contains(value, text) }
}

func matches(pattern string) func(string, string) (string, bool) {
	expression := regexp.MustCompile(pattern)
	return func(_, value string) (string, bool) { return "", expression.MatchString(value) }
}

// isReadable reports whether a repaired text looks like text: letters of Korean, Chinese or
// Japanese, or of the Latin alphabet with accents.
func isReadable(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool {
		return unicode.In(r, unicode.Hangul, unicode.Han, unicode.Hiragana, unicode.Katakana) || 'À' <= r && r <= 'ž'
	}) && !strings.ContainsFunc(text, unicode.IsControl)
}

// loneJoiner reports whether there is a zero-width joiner that does not join emoji.
func loneJoiner(value string) bool {
	before := rune(0)
	for _, r := range value {
		if r == '\u200d' && before < 0x2000 {
			return true
		}
		before = r
	}
	return false
}

// remarks looks at every value as it was sent, and at the key.
func remarks(c Case) (found []Remark) {
	for _, name := range FieldNames {
		value := c.Fields.Named(name)
		for _, o := range oddities {
			if reading, odd := o.odd(name, value); odd && value != "" {
				found = append(found, Remark{name, o.what, reading})
			}
		}
	}
	for _, o := range oddities {
		if _, odd := o.odd("key", string(c.Key)); odd {
			found = append(found, Remark{"key", o.what, ""})
		}
	}
	return found
}
