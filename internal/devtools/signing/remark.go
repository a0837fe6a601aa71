package signing

import (
	"fmt"
	"html"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/unicode/norm"
)

// Remark says what is odd about a value as it was sent. The token may be right nevertheless.
type Remark struct {
	Field string // on the wire; "key" for the organization key, which is not shown
	what  Words
	// Reading is what the value may have been meant as; "" if that is not known.
	Reading string
}

// In returns the remark in the language.
func (r Remark) In(lang Lang) string {
	text := r.Field + ": " + r.what.In(lang)
	if r.Reading != "" {
		text += fmt.Sprintf(Words{"; perhaps %s was meant", ". 원래 값(추정): %s"}.In(lang), visible(r.Reading))
	}
	return text
}

// oddities are what may be odd about a value. The fields are those that can have it, all but those
// after a "-", or "" for all and the key. fix gives what may have been meant; nil if that is not
// known.
var oddities = []struct {
	what   Words
	fields string
	odd    func(string) bool
	fix    func(string) string
}{
	{Words{"not UTF-8: the page or the form is in another encoding, such as EUC-KR", "UTF-8이 아닙니다. 페이지나 폼이 EUC-KR 같은 다른 인코딩입니다"},
		"", notUTF8, func(s string) string { return decoded(korean.EUCKR, s) }},
	{Words{"has U+FFFD, which stands for text that was read in the wrong encoding and is lost", "U+FFFD가 있습니다. 다른 인코딩으로 읽어 원래 글자가 사라진 것입니다"},
		"", func(s string) bool { return strings.Contains(s, "\ufffd") }, nil},
	{Words{"UTF-8 that was read in another encoding (mojibake)", "UTF-8을 다른 인코딩으로 읽어 깨진 글자입니다"},
		"", func(s string) bool { return unbroken(s) != s }, unbroken},
	{percentEscapes, "-returnUrl", percentEscape.MatchString, orSame(url.PathUnescape)},
	{percentEscapes, "returnUrl", matches(`^https?%3[Aa]`), orSame(url.PathUnescape)},
	{Words{"has HTML escapes such as &amp;: it was escaped twice, or copied from a page's source", "&amp; 같은 HTML 이스케이프가 있습니다. 두 번 이스케이프했거나 페이지 소스에서 복사한 값입니다"},
		"", matches(`&(amp|lt|gt|quot|apos|nbsp|#[0-9]+|#[xX][0-9A-Fa-f]+);`), html.UnescapeString},
	{Words{"has \\u escapes of JSON", "JSON의 \\u 이스케이프가 있습니다"}, "", matches(`\\u[0-9A-Fa-f]{4}`), nil},
	{Words{"has a +, which may be a space that was not decoded", "+가 있습니다. 디코딩되지 않은 공백일 수 있습니다"},
		"usercode username memberno", matches(`\+`), replaced("", "+", " ").of},
	{lostPlus, "email token", matches(`\S \S`), replaced("", " ", "+").of},
	{lostPlus, "phone", matches("^ 82"), replaced("", " ", "+").of},
	{Words{"decomposed Unicode (NFD), as macOS makes it", "자모가 분리된 유니코드(NFD)입니다. macOS에서 이렇게 됩니다"},
		"", func(s string) bool { return utf8.ValidString(s) && !norm.NFC.IsNormalString(s) }, nil},
	{Words{"has full-width characters", "전각 문자가 있습니다"}, "", matches(`[\x{FF01}-\x{FF5E}\x{3000}]`), nil},
	{Words{"has a byte order mark (U+FEFF)", "BOM(U+FEFF)이 있습니다"}, "", matches("\ufeff"), nil},
	{Words{"has an invisible character, such as a zero-width space", "폭 없는 공백 같은 보이지 않는 문자가 있습니다"}, // a joiner may join emoji
		"", matches(`[\x{200b}\x{200c}\x{2060}\x{ad}\x{200e}\x{200f}\x{202a}-\x{202e}]|[ -~가-힣]\x{200d}`), nil},
	{Words{"has an unusual space or a control character", "특수한 공백이나 제어 문자가 있습니다"},
		"", matches(`[\x00-\x1f\x7f-\xa0\x{2000}-\x{200a}\x{202f}\x{2028}\x{2029}]`), nil},
	{Words{"has spaces at its ends", "앞이나 뒤에 공백이 있습니다"}, "", matches(`^[ \x{3000}].*\S|\S[ \x{3000}]$`), nil},
	{Words{"has quotes around it", "따옴표로 싸여 있습니다"}, "", matches(`^("|'|“|‘).+("|'|”|’)$`), nil},
	{Words{"the word that a language prints for an absent value", "값이 없을 때 언어가 출력하는 단어입니다"},
		"-service", IsAbsentWord, nil},
	{Words{"a domain or a URL, not the id of a service", "서비스 ID가 아니라 도메인이나 URL입니다"}, "service", matches(`[./:]`), nil},
	{Words{"no address with https:// or http:// in front", "https://나 http://로 시작하는 주소가 아닙니다"},
		"returnUrl", func(s string) bool { return !Blank(s) && !httpAddress.MatchString(s) }, nil},
	{Words{"has commas, as Freemarker and other templates write numbers: write it as ${time?c}", "쉼표가 있습니다. Freemarker 같은 템플릿이 숫자를 이렇게 씁니다. ${time?c}로 쓰세요"},
		"time", matches(`^\d{1,3}(,\d{3})+$`), replaced("", ",", "").of},
	{Words{"not a whole number of milliseconds", "정수로 된 밀리초가 아닙니다"}, "time", func(s string) bool { return !wholeNumber.MatchString(s) }, nil},
}

// IsAbsentWord reports whether a text is what a language prints for an absent value.
var IsAbsentWord = matches(`^(null|undefined|None|NaN|nil|<nil>|NULL|\[object Object\])$`)

var (
	percentEscapes = Words{"has percent escapes: it was percent-encoded twice, or not decoded", "퍼센트 인코딩이 남아 있습니다. 두 번 인코딩했거나 디코딩하지 않은 값입니다"}
	lostPlus       = Words{"has a space, which may be a + that was not sent as %2B", "공백이 있습니다. %2B로 보내지 않은 +일 수 있습니다"}
	httpAddress    = regexp.MustCompile(`^https?://`)
)

func matches(pattern string) func(string) bool { return regexp.MustCompile(pattern).MatchString }

// unbroken repairs a mojibake if letters come out: of Korean, Chinese or Japanese, or of the Latin
// alphabet with accents.
func unbroken(s string) string {
	for _, c := range repairs {
		meant := c.of(s)
		if !strings.ContainsFunc(meant, unicode.IsControl) && strings.ContainsFunc(meant, func(r rune) bool {
			return unicode.In(r, unicode.Hangul, unicode.Han, unicode.Hiragana, unicode.Katakana) || 'À' <= r && r <= 'ž'
		}) {
			return meant
		}
	}
	return s
}

// remarks looks at every value as it was sent, and at the key.
func remarks(c Case) (found []Remark) {
	for _, name := range append(slices.Clone(FieldNames), "key") {
		value := c.Fields.Named(name)
		if name == "key" {
			value = string(c.Key)
		}
		for _, o := range oddities {
			others, except := strings.CutPrefix(o.fields, "-")
			if value == "" || o.fields != "" && slices.Contains(strings.Fields(others), name) == except || !o.odd(value) {
				continue
			}
			remark := Remark{Field: name, what: o.what}
			if o.fix != nil && name != "key" {
				remark.Reading = o.fix(value)
			}
			if notUTF8(remark.Reading) || strings.ContainsRune(remark.Reading, utf8.RuneError) {
				remark.Reading = ""
			}
			found = append(found, remark)
		}
		if limit := Limits[name]; limit > 0 && Length(value) > limit {
			found = append(found, Remark{Field: name, what: Words{"longer than its limit", "길이 제한을 넘습니다"}})
		}
	}
	return found
}

// wrongValues says what is wrong with the values as they were sent. Even a right signature of them
// is refused.
func wrongValues(c Case) (found []Mistake) {
	where := func(wrong func(name, value string) bool) string {
		return strings.Join(slices.DeleteFunc(slices.Clone(FieldNames), func(name string) bool { return !wrong(name, c.Fields.Named(name)) }), ", ")
	}
	missing := where(func(name, value string) bool { return slices.Contains(Required(c.Call), name) && Blank(value) })
	if missing != "" {
		found = append(found, Mistake{Cause: causeMissing, Fields: missing})
	}
	if cause, _ := wrongTime(c.Fields.Time); cause != "" {
		found = append(found, Mistake{Cause: cause})
	}
	if broken := where(func(_, value string) bool { return notUTF8(value) }); broken != "" {
		found = append(found, Mistake{Cause: causeNotUTF8, Fields: broken})
	}
	return found
}

// firstMillis is the first time in milliseconds that can't be one in seconds: it is in 1973.
const firstMillis = 100_000_000_000

var dateDigits = regexp.MustCompile(`^(19|20)\d\d(0[1-9]|1[0-2])([0-2]\d|3[01])\d{6}(\d{3})?$`)

// wrongTime says why a time is not the milliseconds of a handoff, and what it would be in
// milliseconds; the same text if that is not known.
func wrongTime(sent string) (cause Cause, right string) {
	n, err := strconv.ParseInt(sent, 10, 64)
	f, decimals := strconv.ParseFloat(strings.ReplaceAll(sent, ",", ""), 64)
	switch {
	case Blank(sent):
		return "", sent
	case err == nil && n >= 0 && n < firstMillis:
		return CauseSeconds, sent + "000"
	case dateDigits.MatchString(sent):
		return causeDate, sent
	case err == nil && n >= 1000*firstMillis, err != nil && wholeNumber.MatchString(sent):
		return causeTimeUnit, sent[:13]
	case err == nil:
		return "", sent
	case decimals == nil && f > 0 && f < 1e18:
		return causeDecimals, strconv.FormatFloat(f, 'f', 0, 64)
	}
	return causeDate, sent
}
