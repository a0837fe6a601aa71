package signing

import (
	"crypto"
	"crypto/hmac"
	_ "crypto/md5" // each hash function registers itself
	_ "crypto/sha1"
	"crypto/sha256"
	_ "crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash"
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
)

// signing is one way to make a token: the contract's, or one with mistakes.
type signing struct {
	search *search
	parts  [8]part
	join   func([]part) string
	key    string
	method method
	// The last mistake: the fields that it changes, as bits, and its detail as in Mistake.
	fields uint
	detail string
}

// search is what all signings of one search share.
type search struct {
	Case
	macs map[macKey]hash.Hash // kept, because most signings have the same key
	room []byte
}

type macKey struct {
	hash crypto.Hash
	key  string
}

func rightSigning(c Case) signing {
	return signing{search: &search{Case: c, macs: map[macKey]hash.Hash{}}, parts: partsOf(c.Call, c.Fields), join: joined("&"), key: string(c.Key), method: method{hash: crypto.SHA256}}
}

func (s *signing) message() string { return s.join(s.parts[:]) }

// gives reports whether the signing gives this signature.
func (s *signing) gives(signature string) bool {
	if len(signature) != s.method.hash.Size() {
		return false
	}
	key, text := s.key, s.message()
	if s.method.input != nil {
		key, text = s.method.input(key, text)
	}
	var sum hash.Hash
	if s.method.plain {
		sum = s.method.hash.New()
	} else if sum = s.search.macs[macKey{s.method.hash, key}]; sum == nil {
		sum = hmac.New(s.method.hash.New, []byte(key))
		s.search.macs[macKey{s.method.hash, key}] = sum
	}
	sum.Reset()
	s.search.room = append(s.search.room[:0], text...)
	sum.Write(s.search.room)
	return string(sum.Sum(s.search.room[:0])) == signature
}

// mistake is the last mistake of the signing.
func (s *signing) mistake(cause Cause) Mistake {
	var names []string
	for i, name := range FieldNames {
		if s.fields&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return Mistake{cause, strings.Join(names, ", "), s.detail}
}

// with returns the signing with one mistake more.
func (s signing) with(detail string) signing {
	s.fields, s.detail = 0, detail
	return s
}

// sign signs another value of a part, also of one that was left out.
func (s *signing) sign(i int, value string) {
	s.parts[i].value, s.parts[i].signed = value, true
	s.fields |= 1 << s.parts[i].field
}

// leave leaves out a part.
func (s *signing) leave(i int) {
	s.sign(i, s.parts[i].value)
	s.parts[i].signed = false
}

// change is one change of a text. Where it does not apply, it returns the same text.
type change struct {
	detail string
	of     func(string) string
}

// The functions below make the variants of a mistake.

// values makes each change in each value alone, and in all of them.
func values(changes ...change) func(signing) []signing {
	return func(s signing) (all []signing) {
		for _, c := range changes {
			whole, n := s.with(c.detail), 0
			for i, p := range s.parts {
				if value := c.of(p.value); p.signed && value != p.value {
					one := s.with(c.detail)
					one.sign(i, value)
					all = append(all, one)
					whole.sign(i, value)
					n++
				}
			}
			if n > 1 {
				all = append(all, whole)
			}
		}
		return all
	}
}

// field signs other forms of one field's value.
func field(name string, forms func(s *signing, value string) []string) func(signing) []signing {
	return func(s signing) (all []signing) {
		for i, p := range s.parts {
			if p.name() == name && p.signed {
				all = append(all, set(func(s *signing, form string) string { s.parts[i].value = form; return "" }, forms(&s, p.value)...)(s)...)
			}
		}
		return all
	}
}

// clock signs other forms of a time that is a whole number.
func clock(forms func(n int64) []any) func(signing) []signing {
	return field("time", func(_ *signing, sent string) (texts []string) {
		if n, err := strconv.ParseInt(sent, 10, 64); err == nil {
			for _, form := range forms(n) {
				texts = append(texts, fmt.Sprint(form))
			}
		}
		return texts
	})
}

// set makes one mistake for each of the values, and returns its detail.
func set[T any](mistake func(*signing, T) (detail string), values ...T) func(signing) []signing {
	return func(s signing) []signing {
		all := make([]signing, len(values))
		for i, value := range values {
			all[i] = s.with("")
			all[i].detail = mistake(&all[i], value)
		}
		return all
	}
}

// leaving leaves out one of the fields, or all of the optional ones.
func leaving(names ...string) func(signing) []signing {
	return func(s signing) (all []signing) {
		required := s.with("")
		for i, p := range s.parts {
			if p.signed && slices.Contains(names, p.name()) {
				one := s.with("")
				if one.leave(i); len(names) == 1 { // the mistake names it
					one.fields = 0
				}
				all = append(all, one)
				if p.optional {
					required.leave(i)
				}
			}
		}
		return append(all, required)
	}
}

// withReturnURL signs a returnUrl that was not sent: in a form, or in a call that signs none.
func withReturnURL(form bool) func(signing) []signing {
	return func(s signing) []signing {
		if (s.search.Call == CallForm) != form || s.parts[placeOfReturnURL].signed {
			return nil
		}
		return set(func(s *signing, url string) string {
			s.parts[placeOfReturnURL].value, s.parts[placeOfReturnURL].signed = url, !Blank(url)
			return ""
		}, append([]string{s.search.Fields.ReturnURL}, s.search.ReturnURLs...)...)(s)
	}
}

// withBlanks signs the blank fields, as they are or as the word for an absent value: one, all, or
// all but the returnUrl, which is the last.
func withBlanks(s signing) (all []signing) {
	for _, word := range []string{"", "null", "undefined", "None", "NaN"} {
		whole := s.with(word)
		for i, p := range s.parts {
			if p.optional && !p.signed {
				one := s.with(word)
				one.sign(i, p.value+word)
				whole.sign(i, p.value+word)
				all = append(all, one, whole)
			}
		}
	}
	return all
}

// moved returns the signed values by name, backwards, with the last one first, and with two
// neighbours swapped.
func moved(s signing) []signing {
	kept := slices.DeleteFunc(slices.Clone(s.parts[:]), func(p part) bool { return !p.signed })
	last := len(kept) - 1
	backwards := slices.Clone(kept)
	slices.Reverse(backwards)
	orders := [][]part{byName(kept), backwards, slices.Concat(kept[last:], kept[:last])}
	for i := range last {
		order := slices.Clone(kept)
		order[i], order[i+1] = order[i+1], order[i]
		orders = append(orders, order)
	}
	return set(func(s *signing, order []part) string { clear(s.parts[copy(s.parts[:], order):]); return "" }, orders...)(s)
}

func byName(parts []part) []part {
	return slices.SortedStableFunc(slices.Values(parts), func(a, b part) int {
		return strings.Compare(strings.ToLower(a.name()), strings.ToLower(b.name()))
	})
}

// separatorLost leaves out one &.
func separatorLost(s signing) (all []signing) {
	before := -1
	for i, p := range s.parts {
		if one := s.with(""); p.signed && before >= 0 {
			one.sign(i, s.parts[before].value+p.value)
			one.parts[before].signed = false
			all = append(all, one)
		}
		if p.signed {
			before = i
		}
	}
	return all
}

// texts changes the whole message.
func texts(changes ...change) func(signing) []signing {
	return set(func(s *signing, c change) string {
		join := s.join
		s.join = func(parts []part) string { return c.of(join(parts)) }
		return c.detail
	}, changes...)
}

// keys signs with other keys.
func keys(changes ...change) func(signing) []signing {
	return set(func(s *signing, c change) string { s.key = c.of(s.key); return c.detail }, changes...)
}

// otherKeys signs with the keys that the caller named.
func otherKeys(s signing) []signing {
	return set(func(s *signing, k NamedKey) string { s.key = string(k.Key); return k.Name }, s.search.OtherKeys...)(s)
}

// format writes the parts as one text.
type format struct {
	detail string
	join   func([]part) string
}

func formats(all ...format) func(signing) []signing {
	return set(func(s *signing, f format) string { s.join = f.join; return f.detail }, all...)
}

// method is a use of the key, the message and a hash function.
type method struct {
	detail string
	hash   crypto.Hash
	plain  bool // the hash itself and no HMAC
	// input changes what the HMAC gets; nil for the key and the message as they are.
	input func(key, message string) (string, string)
}

func methods(all ...method) func(signing) []signing {
	return set(func(s *signing, m method) string { s.method = m; return m.detail }, all...)
}

// keyInside puts the key and the message into one text.
var keyInside = []method{
	{"key+message", crypto.SHA256, false, func(key, message string) (string, string) { return key, key + message }},
	{"message+key", crypto.SHA256, false, func(key, message string) (string, string) { return key, message + key }},
	{"key&message", crypto.SHA256, false, func(key, message string) (string, string) { return key, key + "&" + message }},
	{"message&key", crypto.SHA256, false, func(key, message string) (string, string) { return key, message + "&" + key }},
}

// plainHashes are no HMACs.
func plainHashes() (all []method) {
	for _, h := range []crypto.Hash{crypto.SHA256, crypto.SHA1, crypto.SHA512, crypto.MD5} {
		for _, m := range append([]method{{detail: "message"}}, keyInside...) {
			all = append(all, method{h.String() + "(" + m.detail + ")", h, true, m.input})
		}
	}
	return all
}

// The forms of single fields.

const korea = 9 * 60 * 60 * 1000 // milliseconds ahead of UTC

// otherSeconds is seconds for milliseconds, or milliseconds where seconds were sent.
func otherSeconds(n int64) []any {
	if n < firstMillis {
		return []any{n * 1000}
	}
	return []any{n / 1000, n/1000 + 1}
}

// otherReadings are rounded times, and readings of the clock some milliseconds before and after.
func otherReadings(n int64) []any {
	if n%1000 == 0 { // seconds, written as milliseconds
		return nil
	}
	forms := []any{n - n%1000, n - n%1000 + 1000, n - n%60_000}
	for apart := int64(1); apart <= 5; apart++ {
		forms = append(forms, n-apart, n+apart)
	}
	return forms
}

// decimals returns what languages print for a time that is a floating-point number, and the whole
// number of such a text.
func decimals(_ *signing, sent string) []string {
	n, err := strconv.ParseInt(sent, 10, 64)
	if err != nil {
		whole, _, _ := strings.Cut(strings.ReplaceAll(sent, ",", ""), ".")
		return []string{whole}
	}
	exponent := fmt.Sprintf("%g", float64(n)) // 1.660095873001e+12
	return []string{sent + ".0", fmt.Sprintf("%.3f", float64(n)/1000), exponent, strings.ToUpper(strings.Replace(exponent, "+", "", 1)), grouped(sent)}
}

// grouped writes 1,660,095,873,001, as templates do that print numbers for people.
func grouped(number string) string {
	for i := len(number) - 3; i > 0; i -= 3 {
		number = number[:i] + "," + number[i:]
	}
	return number
}

// dates writes the time in the layouts of languages and people.
func dates(n int64) (forms []any) {
	here := time.UnixMilli(n).In(time.FixedZone("KST", korea/1000))
	for _, layout := range []string{
		"2006-01-02 15:04:05", "2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05.000000", "2006-01-02 15:04:05.000", "20060102150405",
		"Mon Jan 02 15:04:05 MST 2006", "Mon Jan 02 2006 15:04:05 GMT-0700 (Korean Standard Time)",
	} {
		forms = append(forms, here.Format(layout))
	}
	return append(forms, here.UTC().Format("2006-01-02 15:04:05"), here.UTC().Format("2006-01-02T15:04:05.000Z07:00"),
		here.UTC().Format("2006-01-02T15:04:05.000000"))
}

var notDigits = regexp.MustCompile(`\D`)

var koreanPhone = regexp.MustCompile(`^0(2|\d\d)(\d+)(\d{4})$`)

// phones returns the forms in which a Korean phone number is written.
func phones(_ *signing, sent string) []string {
	digits := notDigits.ReplaceAllString(sent, "")
	national := "0" + strings.TrimPrefix(strings.TrimPrefix(digits, "82"), "0")
	hyphened := koreanPhone.ReplaceAllString(national, "0$1-$2-$3")
	bare, short := national[1:], hyphened[1:]
	return []string{
		digits, national, hyphened, "+82" + bare, "+82-" + short, "+82 " + short, bare, short, "82" + bare,
		strings.ReplaceAll(hyphened, "-", " "), strings.ReplaceAll(hyphened, "-", "."),
	}
}

// services returns what is taken for the service id: parts of the help center's address.
func services(s *signing, service string) (forms []string) {
	for _, returnURL := range append([]string{"https://" + service + ".oc.nhncloud.com/", s.search.Fields.ReturnURL}, s.search.ReturnURLs...) {
		if u, err := url.Parse(returnURL); err == nil && u.Host != "" {
			company, _, _ := strings.Cut(u.Host, ".")
			forms = append(forms, company, u.Host, "https://"+u.Host, "https://"+u.Host+"/", "https://"+u.Host+"/"+service+"/hc/")
		}
	}
	return append(forms, service+"/hc")
}

// returnURLs returns the forms that the same return URL takes on its way.
func returnURLs(_ *signing, sent string) []string {
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
		forms = append(forms, strings.TrimPrefix(sent, site), site, site+"/"+service+"/hc/")
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

// only limits a change to the texts for which want is true.
func only(want func(string) bool, detail string, of func(string) string) change {
	return change{detail, func(s string) string {
		if want(s) {
			return of(s)
		}
		return s
	}}
}

// notASCII reports whether a text is UTF-8 with other characters than ASCII.
func notASCII(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf }) && utf8.ValidString(s)
}

var percentEscape = regexp.MustCompile(`%[0-9A-Fa-f]{2}`)

// lowerHex writes %3d instead of %3D, as .NET does.
func lowerHex(s string) string { return percentEscape.ReplaceAllStringFunc(s, strings.ToLower) }

// escapedUnicode escapes what is not ASCII as JSON does.
func escapedUnicode(s string) string {
	if !notASCII(s) {
		return s
	}
	text := strconv.QuoteToASCII(s)
	return unquoted.Replace(text[1 : len(text)-1])
}

var unquoted = strings.NewReplacer(`\"`, `"`, `\\`, `\`)

var spaces = []change{
	{"at its ends", strings.TrimSpace}, added(`\n`, "", "\n"), added(`\r\n`, "", "\r\n"), added("at its end", "", " "), added("at its beginning", " ", ""),
}

// zeroWidth takes away characters that do not show. The zero-width joiner stays, because emoji have
// it.
var zeroWidth = strings.NewReplacer("\ufeff", "", "\u200b", "", "\u200c", "", "\u2060", "", "\u00ad", "", "\u200e", "", "\u200f", "",
	"\u202a", "", "\u202b", "", "\u202c", "", "\u202d", "", "\u202e", "")

var quotes = regexp.MustCompile("^b?(\"|'|“|‘|`)(.+)(\"|'|”|’|`)$") // b'' of Python

// unquote takes away the quotes around a text.
func unquote(s string) string {
	if !strings.ContainsAny(s, "\"'“‘`;") {
		return s
	}
	return quotes.ReplaceAllString(strings.NewReplacer(`\"`, `"`, "&quot;", `"`).Replace(s), "$2")
}

func notUTF8(s string) bool { return !utf8.ValidString(s) }

// wrappings stand around a message or a key.
var wrappings = []change{added(`""`, `"`, `"`), added("''", "'", "'"), added("U+FEFF", "\ufeff", ""), added("U+200B", "", "\u200b")}

var wholeNumber = regexp.MustCompile(`^[0-9]+$`)

// shortNumber reports whether a text is a whole number. A time is longer.
func shortNumber(s string) bool { return len(s) < 13 && wholeNumber.MatchString(s) }

// encoded writes a text in a character set, with ? for what it does not have.
func encoded(charset encoding.Encoding, s string) string {
	return strings.ReplaceAll(orSame(encoding.ReplaceUnsupported(charset.NewEncoder()).String)(s), "\x1a", "?")
}

// decoded reads a text in a character set, with U+FFFD for what is not in it.
func decoded(charset encoding.Encoding, s string) string {
	return orSame(charset.NewDecoder().String)(s)
}

// repairs take the bytes of a text that was read in the wrong character set, if they are UTF-8.
var repairs = []change{repaired(charmap.ISO8859_1), repaired(charmap.Windows1252), repaired(korean.EUCKR)}

func repaired(charset encoding.Encoding) change {
	return only(notASCII, fmt.Sprintf("sent as %s of UTF-8", charset), func(s string) string {
		if bytes, err := charset.NewEncoder().String(s); err == nil && utf8.ValidString(bytes) {
			return bytes
		}
		return s
	})
}

// Formats of the message.

func separators() (all []format) {
	for _, separator := range []string{"", "+", "|", ",", " & ", "&amp;", ";", ":", "-", "_", "\n", " ", "%26", "::"} {
		all = append(all, format{strconv.Quote(separator), joined(separator)})
	}
	return all
}

// pairs writes names and values, also sorted by name.
func pairs(detail, open, separator, end string, write func(name string, p part) string) []format {
	join := list(open, separator, end, func(p part) string { return write(p.name(), p) })
	return []format{{detail, join}, {detail, func(parts []part) string { return join(byName(parts)) }}}
}

func pairFormats() []format {
	return slices.Concat(
		pairs("name=value&", "", "&", "", func(name string, p part) string { return name + "=" + p.value }),
		pairs("name=value&", "", "&", "", func(name string, p part) string { return name + "=" + url.QueryEscape(p.value) }),
		pairs("namevalue", "", "", "", func(name string, p part) string { return name + p.value }))
}

// jsonFormats write an object or an array as JavaScript and Python do, or as languages print them.
func jsonFormats() []format {
	all := pairs("{name=value, ...}", "{", ", ", "}", func(name string, p part) string { return name + "=" + p.value })
	for _, quote := range []string{"", "'"} {
		all = append(all, format{"[" + quote + "a" + quote + ", ...]", list("[", ", ", "]", func(p part) string { return quote + p.value + quote })})
	}
	for _, space := range []string{"", " "} { // JavaScript has none, and Python escapes
		for _, number := range []bool{true, false} {
			value := func(p part) string {
				switch {
				case p.field == placeOfTime && number:
					return p.value
				case space == "":
					return quoted(p.value)
				}
				return escapedUnicode(quoted(p.value))
			}
			all = append(all, format{"[...]", list("[", ","+space, "]", value)})
			all = append(all, pairs("{...}", "{", ","+space, "}", func(name string, p part) string { return `"` + name + `":` + space + value(p) })...)
		}
	}
	return all
}

func quoted(value string) string { return `"` + inJSON.Replace(value) + `"` }

var inJSON = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`, "\t", `\t`)

func inHex(s string) string    { return hex.EncodeToString([]byte(s)) }
func inBase64(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

func inUTF16(order utf.Endianness, mark utf.BOMPolicy) func(string) string {
	return func(s string) string { return encoded(utf.UTF16(order, mark), s) }
}

// recodings change a whole message, or the key.
var recodings = []change{
	{"percent-encoded", url.QueryEscape}, {"Base64", inBase64}, {"hex", inHex}, {"lower case", strings.ToLower}, {"upper case", strings.ToUpper},
	{"SHA-256", sha256Of}, {"SHA-256 in hex", func(s string) string { return inHex(sha256Of(s)) }}, {"UTF-16LE", inUTF16(utf.LittleEndian, utf.IgnoreBOM)},
}

var wholeMessages = append([]change{
	{"percent-encoded, as a component", EncodeURIComponent}, {"UTF-16BE", inUTF16(utf.BigEndian, utf.IgnoreBOM)},
	{"UTF-16 with a mark", inUTF16(utf.BigEndian, utf.UseBOM)}, {"JSON string", quoted},
}, recodings...)

var keyForms = append([]change{
	{"decoded from hex", orSame(hex.DecodeString)}, {"decoded from Base64", orSame(base64.StdEncoding.DecodeString)}, {"percent-decoded", orSame(url.PathUnescape)},
}, recodings...)

func sha256Of(s string) string { sum := sha256.Sum256([]byte(s)); return string(sum[:]) }

// placeholders are what a program has for a key that it did not get, and its line in the settings.
func placeholders() (all []change) {
	for _, text := range []string{"", "undefined", "null", "None", "key", "apiKey", "${oc.apikey}", "7cf2828608274a49a3f06152b2188927"} {
		all = append(all, change{`"` + text + `"`, func(string) string { return text }})
	}
	return append(all, added("oc.apikey=...", "oc.apikey=", ""), added("apikey=...", "apikey=", ""))
}
