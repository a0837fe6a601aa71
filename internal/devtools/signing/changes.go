package signing

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/korean"
	utf "golang.org/x/text/encoding/unicode"
	"golang.org/x/text/unicode/norm"
	"golang.org/x/text/width"
)

// The time. Every function takes the time as it was sent.

// millis makes forms of a time that is a whole number.
func millis(forms func(n int64) []int64) func(string) []string {
	return func(sent string) (texts []string) {
		if n, err := strconv.ParseInt(sent, 10, 64); err == nil {
			for _, form := range forms(n) {
				texts = append(texts, strconv.FormatInt(form, 10))
			}
		}
		return texts
	}
}

// otherSeconds is seconds for milliseconds, or milliseconds where seconds were sent.
func otherSeconds(n int64) []int64 {
	if n < firstMillis {
		return []int64{n * 1000}
	}
	return []int64{n / 1000, n/1000 + 1}
}

// otherReadings are readings of the clock some milliseconds before and after, and rounded ones.
func otherReadings(n int64) []int64 {
	if n%1000 == 0 { // seconds, written as milliseconds
		return nil
	}
	second, minute := n-n%1000, n-n%60_000
	forms := []int64{second, second + 1000, minute, minute + 60_000}
	for apart := int64(1); apart <= 10; apart++ {
		forms = append(forms, n-apart, n+apart)
	}
	return forms
}

func shifted(n int64) []int64 {
	const korea = 9 * 60 * 60 * 1000
	return []int64{n + korea, n - korea}
}

// finer are microseconds and nanoseconds.
func finer(sent string) []string { return []string{sent + "000", sent + "000000"} }

// withDecimals returns what languages print for a time that is a floating-point number, and the
// whole number of such a text.
func withDecimals(sent string) []string {
	n, err := strconv.ParseInt(sent, 10, 64)
	if err != nil {
		whole, _, _ := strings.Cut(strings.ReplaceAll(sent, ",", ""), ".")
		return []string{whole}
	}
	exponent := strconv.FormatFloat(float64(n), 'e', -1, 64) // 1.660095873001e+12
	return []string{
		sent + ".0", fmt.Sprintf("%d.%03d", n/1000, n%1000), exponent, strings.ToUpper(strings.Replace(exponent, "+", "", 1)), grouped(sent),
	}
}

// grouped writes 1,660,095,873,001, as templates do that print numbers for people.
func grouped(number string) string {
	for i := len(number) - 3; i > 0; i -= 3 {
		number = number[:i] + "," + number[i:]
	}
	return number
}

// asDates writes the time in the layouts that languages and people use.
func asDates(sent string) (forms []string) {
	n, err := strconv.ParseInt(sent, 10, 64)
	for _, layout := range []string{
		"2006-01-02 15:04:05", "2006-01-02 15:04:05.000", "2006-01-02T15:04:05Z07:00", "20060102150405", "2006-01-02T15:04:05.000Z07:00",
		"Mon Jan 02 15:04:05 MST 2006", "Mon Jan 02 2006 15:04:05 GMT-0700 (Korean Standard Time)", "2006-01-02T15:04:05.000000",
	} {
		for _, zone := range []*time.Location{time.FixedZone("KST", 9*60*60), time.UTC} {
			if err == nil {
				forms = append(forms, time.UnixMilli(n).In(zone).Format(layout))
			}
		}
	}
	return forms
}

// The other fields.

var notDigits = regexp.MustCompile(`\D`)

// phones returns the forms in which a Korean phone number is written.
func phones(sent string) []string {
	digits := notDigits.ReplaceAllString(sent, "")
	national := "0" + strings.TrimPrefix(strings.TrimPrefix(digits, "82"), "0")
	area, last := 3, max(len(national)-4, 0)
	if strings.HasPrefix(national, "02") {
		area = 2
	}
	hyphened := national
	if last > area {
		hyphened = national[:area] + "-" + national[area:last] + "-" + national[last:]
	}
	bare, short := national[1:], hyphened[1:]
	return []string{
		digits, national, hyphened, "+82" + bare, "+82-" + short, "+82 " + short, bare, short, "82" + bare,
		strings.ReplaceAll(hyphened, "-", " "), strings.ReplaceAll(hyphened, "-", "."),
	}
}

// services returns what is taken for the service id: parts of the help center's address.
func services(c Case) func(string) []string {
	return func(service string) []string {
		forms, hosts := []string{service + "/hc"}, []string{service + ".oc.nhncloud.com"} // a guess
		for _, returnURL := range append([]string{c.Fields.ReturnURL}, c.ReturnURLs...) {
			if u, err := url.Parse(returnURL); err == nil && u.Host != "" {
				hosts = append(hosts, u.Host)
			}
		}
		for _, host := range slices.Compact(hosts) {
			company, _, _ := strings.Cut(host, ".")
			forms = append(forms, company, host, "https://"+host, "https://"+host+"/", "https://"+host+"/"+service+"/hc/")
		}
		return forms
	}
}

// returnURLs returns the forms that the same return URL takes on its way.
func returnURLs(sent string) []string {
	page, _, _ := strings.Cut(sent, "#")
	bare, _, _ := strings.Cut(page, "?")
	beforeAnd, _, _ := strings.Cut(sent, "&")
	forms := []string{
		page, bare, beforeAnd, strings.TrimSuffix(sent, "/"), sent + "/", strings.TrimSuffix(bare, "/") + strings.TrimPrefix(sent, bare),
		strings.ReplaceAll(sent, "&", "&amp;"), lowerHex(sent), strings.NewReplacer("https://", "http://", "http://", "https://").Replace(sent),
	}
	if u, err := url.Parse(sent); err == nil && u.Host != "" {
		service, _, _ := strings.Cut(strings.TrimPrefix(u.Path, "/"), "/")
		site := u.Scheme + "://" + u.Host
		forms = append(forms, strings.TrimPrefix(sent, site), site, site+"/"+service+"/hc/", site+"/"+service+"/hc")
	}
	return forms
}

// Changes to any text.

func replaced(detail string, oldnew ...string) change {
	return change{detail, strings.NewReplacer(oldnew...).Replace}
}

func added(detail, before, after string) change {
	return change{detail, func(s string) string { return before + s + after }}
}

// orSame turns a function that may fail into one that then returns the same text.
func orSame[T string | []byte](f func(string) (T, error)) func(string) string {
	return func(s string) string {
		if changed, err := f(s); err == nil {
			return string(changed)
		}
		return s
	}
}

// notASCII limits a change to texts in UTF-8 with other characters than ASCII.
func notASCII(detail string, of func(string) string) change {
	return change{detail, func(s string) string {
		if isASCII(s) || !utf8.ValidString(s) {
			return s
		}
		return of(s)
	}}
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf })
}

var percentEscape = regexp.MustCompile(`%[0-9A-Fa-f]{2}`)

// lowerHex writes %3d instead of %3D, as .NET does.
func lowerHex(s string) string { return percentEscape.ReplaceAllStringFunc(s, strings.ToLower) }

var percentEncodings = []change{
	{"encodeURIComponent", EncodeURIComponent}, {"as in a form", url.QueryEscape},
	{"as in a form, in lower case", func(s string) string { return lowerHex(url.QueryEscape(s)) }},
	{"twice", func(s string) string { return EncodeURIComponent(EncodeURIComponent(s)) }},
	notASCII("EUC-KR", func(s string) string { return url.QueryEscape(encoded(korean.EUCKR, s)) }),
}

var escapings = []change{
	replaced("HTML", "&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&#39;"),
	replaced("HTML", "&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&#x27;"),
	replaced("HTML", "&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;"),
	notASCII(`\u`, escapedUnicode), replaced("backslashes", `\`, `\\`, `'`, `\'`, `"`, `\"`),
}

// escapedUnicode escapes what is not ASCII as JSON does.
func escapedUnicode(s string) string {
	text := strconv.QuoteToASCII(s)
	return unquoted.Replace(text[1 : len(text)-1])
}

var unquoted = strings.NewReplacer(`\"`, `"`, `\\`, `\`)

var unescapings = []change{
	{"percent-encoded", orSame(url.PathUnescape)}, {"percent-encoded, as in a form", orSame(url.QueryUnescape)}, {"HTML", html.UnescapeString},
}

var spaces = []change{
	{"at its ends", strings.TrimSpace}, added(`\n`, "", "\n"), added(`\r\n`, "", "\r\n"), added("at its end", "", " "), added("at its beginning", " ", ""),
}

var innerSpaces = []change{replaced("none", " ", ""), replaced("U+00A0", " ", "\u00a0"), replaced("U+00A0", "\u00a0", " ", "\u3000", " ")}

// zeroWidth takes away characters that do not show. The zero-width joiner stays, because emoji have
// it.
var zeroWidth = strings.NewReplacer("\ufeff", "", "\u200b", "", "\u200c", "", "\u2060", "", "\u00ad", "", "\u200e", "", "\u200f", "",
	"\u202a", "", "\u202b", "", "\u202c", "", "\u202d", "", "\u202e", "")

// wrappings has the three first that are tried with each value.
var wrappings = []change{
	{"quotes", unquote}, {"invisible", zeroWidth.Replace}, added(`""`, `"`, `"`),
	added("''", "'", "'"), added("U+FEFF", "\ufeff", ""), added("U+200B", "", "\u200b"),
}

// unquote takes away the quotes around a text, also those of Python's bytes.
func unquote(s string) string {
	s = strings.NewReplacer(`\"`, `"`, "&quot;", `"`).Replace(s)
	if strings.HasPrefix(s, "b'") {
		s = s[1:]
	}
	for _, pair := range [][2]string{{`"`, `"`}, {`'`, `'`}, {"“", "”"}, {"‘", "’"}, {"`", "`"}} {
		if inner, ok := strings.CutPrefix(s, pair[0]); ok && len(inner) > len(pair[1]) && strings.HasSuffix(inner, pair[1]) {
			return strings.TrimSuffix(inner, pair[1])
		}
	}
	return s
}

var letterCases = []change{
	{"lower", strings.ToLower}, {"upper", strings.ToUpper},
	{"first letter upper", func(s string) string { return strings.ToUpper(s[:min(1, len(s))]) + s[min(1, len(s)):] }},
}

var wholeNumber = regexp.MustCompile(`^[0-9]+$`)

// ofNumber limits a change to short whole numbers. A time is longer.
func ofNumber(detail string, of func(string) string) change {
	return change{detail, func(s string) string {
		if len(s) < 13 && wholeNumber.MatchString(s) {
			return of(s)
		}
		return s
	}}
}

var numbers = []change{
	ofNumber("no zeros", func(s string) string { return strings.TrimLeft(s[:len(s)-1], "0") + s[len(s)-1:] }),
	ofNumber(".0", func(s string) string { return s + ".0" }), ofNumber("grouped", grouped), replaced("no hyphens", "-", ""),
}

var unicodeForms = []change{
	{"NFD", norm.NFD.String}, {"NFC", norm.NFC.String}, {"half-width", width.Narrow.String}, {"full-width", width.Widen.String},
	{"full-width digits", func(s string) string {
		return strings.Map(func(r rune) rune {
			if '0' <= r && r <= '9' {
				return r - '0' + '０'
			}
			return r
		}, s)
	}},
}

// encoded writes a text in a character set, with ? for what it does not have.
func encoded(charset encoding.Encoding, s string) string {
	return strings.ReplaceAll(orSame(encoding.ReplaceUnsupported(charset.NewEncoder()).String)(s), "\x1a", "?")
}

// decoded reads a text in a character set, with U+FFFD for what is not in it.
func decoded(charset encoding.Encoding, s string) string {
	return orSame(charset.NewDecoder().String)(s)
}

var charsets = []change{
	notASCII("EUC-KR", func(s string) string { return encoded(korean.EUCKR, s) }),
	notASCII("ISO-8859-1", func(s string) string { return encoded(charmap.ISO8859_1, s) }),
	{"sent in EUC-KR", func(s string) string {
		if utf8.ValidString(s) {
			return s
		}
		return decoded(korean.EUCKR, s)
	}},
}

// mojibakes read the bytes of one character set as another.
var mojibakes = []change{
	notASCII("UTF-8 as ISO-8859-1", func(s string) string { return decoded(charmap.ISO8859_1, s) }),
	notASCII("UTF-8 as windows-1252", func(s string) string { return decoded(charmap.Windows1252, s) }),
	notASCII("UTF-8 as EUC-KR", func(s string) string { return decoded(korean.EUCKR, s) }),
	notASCII("EUC-KR as UTF-8", func(s string) string { return decoded(utf.UTF8, encoded(korean.EUCKR, s)) }),
	notASCII("EUC-KR as ISO-8859-1", func(s string) string { return decoded(charmap.ISO8859_1, encoded(korean.EUCKR, s)) }),
	repaired("ISO-8859-1", charmap.ISO8859_1), repaired("windows-1252", charmap.Windows1252), repaired("EUC-KR", korean.EUCKR),
}

// repaired takes the bytes of a text that was read in the wrong character set, if they are UTF-8.
func repaired(name string, charset encoding.Encoding) change {
	return notASCII("sent as "+name+" of UTF-8", func(s string) string {
		if bytes, err := charset.NewEncoder().String(s); err == nil && utf8.ValidString(bytes) {
			return bytes
		}
		return s
	})
}

// Formats of the message.

// list writes the signed parts between two texts.
func list(open, separator, end string, write func(part) string) func([]part) string {
	return func(parts []part) string {
		texts := make([]string, 0, len(parts))
		for _, p := range parts {
			if !p.left {
				texts = append(texts, write(p))
			}
		}
		return open + strings.Join(texts, separator) + end
	}
}

func joined(separator string) func([]part) string {
	return list("", separator, "", func(p part) string { return p.value })
}

func separators() (all []format) {
	for _, separator := range []string{"", "+", "|", ",", " & ", "&amp;", ", ", ";", ":", "-", "_", "\n", " ", "/", "%26", "::"} {
		all = append(all, format{strconv.Quote(separator), joined(separator)})
	}
	return all
}

// inBothOrders has a format as it is, and with the parts sorted by name.
func inBothOrders(detail string, join func([]part) string) []format {
	return []format{{detail, join}, {detail, func(parts []part) string { return join(sortedByName(parts)) }}}
}

// pairFormats write names and values.
func pairFormats() []format {
	return slices.Concat(
		inBothOrders("name=value&", list("", "&", "", func(p part) string { return p.name + "=" + p.value })),
		inBothOrders("name=value&", list("", "&", "", func(p part) string { return p.name + "=" + url.QueryEscape(p.value) })),
		inBothOrders("namevalue", list("", "", "", func(p part) string { return p.name + p.value })))
}

// jsonFormats write an object or an array, as JSON or as languages print it.
func jsonFormats() (all []format) {
	for _, escape := range []func(string) string{strings.Clone, escapedUnicode} {
		for _, number := range []bool{true, false} {
			value := func(p part) string {
				if p.name == "time" && number {
					return p.value
				}
				return escape(quoted(p.value))
			}
			for _, space := range []string{"", " "} {
				all = append(all, format{"[...]", list("[", ","+space, "]", value)})
				all = append(all, inBothOrders("{...}", list("{", ","+space, "}", func(p part) string { return `"` + p.name + `":` + space + value(p) }))...)
			}
		}
	}
	return append(all,
		format{"[a, b]", list("[", ", ", "]", func(p part) string { return p.value })},
		format{"['a', 'b']", list("[", ", ", "]", func(p part) string { return "'" + p.value + "'" })},
		format{"{name=value, ...}", list("{", ", ", "}", func(p part) string { return p.name + "=" + p.value })})
}

func quoted(value string) string {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.Encode(value) // a string always has a JSON form
	return strings.TrimSuffix(b.String(), "\n")
}

func inHex(s string) string    { return hex.EncodeToString([]byte(s)) }
func inBase64(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

func inUTF16(order utf.Endianness, mark utf.BOMPolicy) func(string) string {
	return func(s string) string { return encoded(utf.UTF16(order, mark), s) }
}

var wholeMessages = []change{
	{"percent-encoded", EncodeURIComponent}, {"percent-encoded, as in a form", url.QueryEscape}, {"Base64", inBase64}, {"hex", inHex},
	{"lower case", strings.ToLower}, {"upper case", strings.ToUpper}, {"UTF-16LE", inUTF16(utf.LittleEndian, utf.IgnoreBOM)},
	{"UTF-16BE", inUTF16(utf.BigEndian, utf.IgnoreBOM)}, {"UTF-16 with a mark", inUTF16(utf.BigEndian, utf.UseBOM)}, {"JSON string", quoted},
	{"SHA-256", sha256Of}, {"SHA-256 in hex", func(s string) string { return inHex(sha256Of(s)) }},
}

func sha256Of(s string) string { sum := sha256.Sum256([]byte(s)); return string(sum[:]) }

// The key.

var keyForms = []change{
	{"decoded from hex", orSame(hex.DecodeString)}, {"decoded from Base64", orSame(base64.StdEncoding.DecodeString)}, {"in Base64", inBase64},
	{"in hex", inHex}, {"SHA-256", sha256Of}, {"SHA-256 in hex", func(s string) string { return inHex(sha256Of(s)) }},
	{"lower case", strings.ToLower}, {"upper case", strings.ToUpper}, {"UTF-16LE", inUTF16(utf.LittleEndian, utf.IgnoreBOM)},
	{"percent-encoded", url.QueryEscape}, {"percent-decoded", orSame(url.PathUnescape)},
}

// placeholders are what a program has for a key that it did not get, and its line in the settings.
func placeholders() (all []change) {
	for _, text := range []string{"", "undefined", "null", "None", "key", "apiKey", "${oc.apikey}", "7cf2828608274a49a3f06152b2188927"} {
		all = append(all, change{`"` + text + `"`, func(string) string { return text }})
	}
	return append(all, added("oc.apikey=...", "oc.apikey=", ""), added("apikey=...", "apikey=", ""))
}

// otherKeys are the keys that the caller named.
func otherKeys(c Case) (all []change) {
	for _, other := range c.OtherKeys {
		all = append(all, change{other.Name, func(string) string { return string(other.Key) }})
	}
	return all
}
