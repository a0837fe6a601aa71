package signing

import (
	"crypto"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
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

// variant is one way to make a mistake.
type variant struct {
	detail, fields string // as in Mistake
	make           func(*signing)
	sameMessage    bool // only the key or the method is another
}

// variants are the ways to make a mistake instead of the right signing. Those without an effect do
// no harm.
type variants func(c Case, right *signing) []variant

// each makes one thing of each item.
func each[T, U any](items []T, of func(T) U) (all []U) {
	for _, item := range items {
		all = append(all, of(item))
	}
	return all
}

func fixed(all ...variant) variants { return func(Case, *signing) []variant { return all } }

// change is one change of a text. Where it does not apply, it returns the same text.
type change struct {
	detail string
	of     func(string) string
}

// in makes the change in the values of fields, and signs them.
func (c change) in(right *signing, places ...int) variant {
	var changed []string
	for _, i := range places {
		changed = append(changed, c.of(right.parts[i].value))
	}
	return variant{detail: c.detail, fields: namesOf(places), make: func(s *signing) {
		for n, i := range places {
			if p := &s.parts[i]; p.value == right.parts[i].value {
				p.value, p.signed = changed[n], true
			} else { // it has another mistake already
				p.value, p.signed = c.of(p.value), true
			}
		}
	}}
}

func namesOf(places []int) string {
	return strings.Join(each(places, func(i int) string { return FieldNames[i] }), ", ")
}

// values makes each change in each value alone, and in all of them.
func values(changes ...change) variants {
	return func(_ Case, right *signing) (all []variant) {
		for _, c := range changes {
			var places []int
			for i, p := range right.parts {
				if p.signed && c.of(p.value) != p.value {
					places = append(places, i)
					all = append(all, c.in(right, i))
				}
			}
			all = append(all, c.in(right, places...))
		}
		return all
	}
}

// field makes each change in the value of one field, which the mistake names.
func field(place int, changes ...change) variants {
	return unnamed(func(_ Case, right *signing) (all []variant) {
		if right.parts[place].signed {
			all = each(changes, func(c change) variant { return c.in(right, place) })
		}
		return all
	})
}

func times(forms ...func(n int64) any) variants { return field(atTime, each(forms, ofNumber)...) }

// ofNumber changes a whole number.
func ofNumber(form func(n int64) any) change {
	return change{"", func(text string) string {
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return fmt.Sprint(form(n))
		}
		return text
	}}
}

// leaving leaves out one of the fields, or all of the optional ones.
func leaving(places ...int) variants {
	without := func(left ...int) variant {
		return variant{fields: namesOf(left), make: func(s *signing) {
			for _, i := range left {
				s.parts[i].signed = false
			}
		}}
	}
	return func(_ Case, right *signing) []variant {
		signed := slices.DeleteFunc(slices.Clone(places), func(i int) bool { return !right.parts[i].signed })
		optional := slices.DeleteFunc(slices.Clone(signed), func(i int) bool { return !right.parts[i].optional })
		return append(each(signed, func(i int) variant { return without(i) }), without(optional...))
	}
}

// unnamed is for a mistake that names its field.
func unnamed(of variants) variants {
	return func(c Case, right *signing) []variant {
		return each(of(c, right), func(v variant) variant { return variant{detail: v.detail, make: v.make} })
	}
}

// withoutWords leaves out the fields whose value is a word for an absent one.
func withoutWords(_ Case, right *signing) []variant {
	var words []int
	for i, p := range right.parts {
		if p.optional && p.signed && IsAbsentWord(p.value) {
			words = append(words, i)
		}
	}
	return []variant{{fields: namesOf(words), make: func(s *signing) {
		for _, i := range words {
			s.parts[i].signed = false
		}
	}}}
}

// withReturnURL signs a returnUrl that was not sent: in a form, or in a call that signs none.
func withReturnURL(form bool) variants {
	return func(c Case, right *signing) []variant {
		if (c.Call == CallForm) != form || right.parts[atReturnURL].signed {
			return nil
		}
		return each(append([]string{c.Fields.ReturnURL}, c.ReturnURLs...), func(url string) variant {
			return variant{make: func(s *signing) { s.parts[atReturnURL].value, s.parts[atReturnURL].signed = url, !Blank(url) }}
		})
	}
}

// withBlanks signs the blank fields, as they are or as the word for an absent value: one, all, or
// all but the returnUrl, which is the last.
func withBlanks(_ Case, right *signing) (all []variant) {
	for _, word := range []string{"", "null", "undefined", "None", "NaN"} {
		var places []int
		for i, p := range right.parts {
			if p.optional && !p.signed {
				places = append(places, i)
				all = append(all, added(word, "", word).in(right, i), added(word, "", word).in(right, places...))
			}
		}
	}
	return all
}

// swapped signs in the first field the value of the second.
func swapped(places [2]int) variant {
	to, from := places[0], places[1]
	return variant{detail: "= " + FieldNames[from], fields: FieldNames[to], make: func(s *signing) {
		s.parts[to].value, s.parts[to].signed = s.parts[from].value, true
	}}
}

// reordered changes the list of the signed parts.
func reordered(change func(signed []part)) variant {
	return variant{make: func(s *signing) {
		change(slices.DeleteFunc(s.parts[:], func(p part) bool { return !p.signed }))
	}}
}

func byName(parts []part) {
	slices.SortStableFunc(parts, func(a, b part) int { return strings.Compare(a.name(), b.name()) })
}

func lastFirst(parts []part) {
	slices.Reverse(parts[:len(parts)-1])
	slices.Reverse(parts)
}

// moved signs the values by name, backwards, with the last one first, and with two neighbours
// swapped.
func moved() variants {
	all := []variant{reordered(byName), reordered(slices.Reverse), reordered(lastFirst)}
	for i := range atTime {
		all = append(all, reordered(func(signed []part) {
			if i+1 < len(signed) {
				signed[i], signed[i+1] = signed[i+1], signed[i]
			}
		}))
	}
	return fixed(all...)
}

// separatorLost leaves out the separator before a part.
func separatorLost(name string) variant {
	lost := reordered(func(signed []part) {
		for i := range signed[1:] {
			if a, b := &signed[i], &signed[i+1]; b.name() == name {
				b.value, a.signed = a.value+b.value, false
			}
		}
	})
	lost.fields = name
	return lost
}

func texts(changes ...change) variants {
	return fixed(each(changes, func(c change) variant {
		return variant{detail: c.detail, make: func(s *signing) { s.whole = append(slices.Clip(s.whole), c) }}
	})...)
}

func keys(changes ...change) variants {
	return fixed(each(changes, func(c change) variant {
		return variant{detail: c.detail, sameMessage: true, make: func(s *signing) { s.key = c.of(s.key) }}
	})...)
}

func otherKeys(c Case, right *signing) []variant {
	return keys(each(c.OtherKeys, func(k NamedKey) change { return instead(k.Name, string(k.Key)) })...)(c, right)
}

// Uses of a hash function.

func uses(detail string, hash crypto.Hash, key, text string) variant {
	return variant{detail: detail, sameMessage: true, make: func(s *signing) { s.method = method{hash, key, text} }}
}

// keyInside puts the key and the message into one text.
func keyInside(detail string, hash crypto.Hash, key string) []variant {
	return each([][2]string{{"key+message", "km"}, {"message+key", "mk"}, {"key&message", "k&m"}, {"message&key", "m&k"}}, func(text [2]string) variant {
		return uses(fmt.Sprintf(detail, text[0]), hash, key, text[1])
	})
}

// plainHashes are no HMACs.
func plainHashes() (all []variant) {
	for _, h := range []crypto.Hash{crypto.SHA256, crypto.SHA1, crypto.SHA512, crypto.MD5} {
		all = append(append(all, uses(h.String()+"(message)", h, "", "m")), keyInside(h.String()+"(%s)", h, "")...)
	}
	return all
}

// Formats of the message.

func format(detail string, join joiner) variant {
	return variant{detail: detail, make: func(s *signing) { s.join = join }}
}

func separators(texts ...string) []variant {
	return each(texts, func(separator string) variant { return format(strconv.Quote(separator), joined(separator)) })
}

// pairs writes names and values, also sorted by name.
func pairs(detail, open, separator, end string, write writer) []variant {
	plain := format(detail, list(open, separator, end, write))
	return []variant{plain, {detail: detail, make: func(s *signing) {
		plain.make(s)
		reordered(byName).make(s)
	}}}
}

// named writes a part's name between two texts, and then its value.
func named(before, after string, value writer) writer {
	return func(to []byte, p part) []byte {
		return value(append(append(append(to, before...), p.name()...), after...), p)
	}
}

func pairFormats() []variant {
	escaped := func(to []byte, p part) []byte { return append(to, url.QueryEscape(p.value)...) }
	return slices.Concat(
		pairs("name=value&", "", "&", "", named("", "=", value)), pairs("name=value&", "", "&", "", named("", "=", escaped)),
		pairs("namevalue", "", "", "", named("", "", value)))
}

// jsonFormats write an object or an array as JavaScript and Python do, or as languages print them.
func jsonFormats() []variant {
	all := append(pairs("{name=value, ...}", "{", ", ", "}", named("", "=", value)),
		format("[a, ...]", list("[", ", ", "]", value)), format("['a', ...]", list("['", "', '", "']", value)))
	for _, number := range []bool{true, false} {
		for _, python := range []bool{false, true} {
			space, quote := "", quoted
			if python {
				space, quote = " ", strconv.AppendQuoteToASCII
			}
			write := func(to []byte, p part) []byte {
				if number && p.field == atTime {
					return value(to, p)
				}
				return quote(to, p.value)
			}
			all = append(all, format("[...]", list("[", ","+space, "]", write)))
			all = append(all, pairs("{...}", "{", ","+space, "}", named(`"`, `":`+space, write))...)
		}
	}
	return all
}

func quoted(to []byte, s string) []byte {
	return append(append(append(to, '"'), inJSON.Replace(s)...), '"')
}

var inJSON = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`, "\t", `\t`)

// The forms of single fields.

const korea = 9 * 60 * 60 * 1000 // milliseconds ahead of UTC

// otherReadings are rounded times, and readings of the clock some milliseconds before and after.
func otherReadings() (forms []func(n int64) any) {
	apart := func(by func(n int64) int64) {
		forms = append(forms, func(n int64) any {
			if n%1000 == 0 { // seconds, written as milliseconds
				return n
			}
			return n + by(n)
		})
	}
	apart(func(n int64) int64 { return -n % 1000 })
	apart(func(n int64) int64 { return 1000 - n%1000 })
	apart(func(n int64) int64 { return -n % 60_000 })
	for by := int64(-5); by <= 5; by++ {
		apart(func(int64) int64 { return by })
	}
	return forms
}

// grouped writes 1,660,095,873,001, as templates do that print numbers for people.
func grouped(number string) string {
	for i := len(number) - 3; i > 0; i -= 3 {
		number = number[:i] + "," + number[i:]
	}
	return number
}

// decimals are what languages print for a time that is a floating-point number, and the whole
// number of such a text.
func decimals() variants {
	exponent := func(n int64) any { return fmt.Sprintf("%g", float64(n)) } // 1.660095873001e+12, in Java 1.660095873001E12
	return field(atTime, append(rewritten(`^(\d+)(\d{3})$`, "$0.0", "$1.$2"),
		ofNumber(exponent), ofNumber(func(n int64) any { return strings.NewReplacer("e", "E", "+", "").Replace(fmt.Sprint(exponent(n))) }),
		only(wholeNumber.MatchString, "", grouped), change{"", func(text string) string {
			whole, _, _ := strings.Cut(strings.ReplaceAll(text, ",", ""), ".")
			return whole
		}})...)
}

// dates writes the time in the layouts of languages and people.
func dates(zone *time.Location, layouts ...string) []func(n int64) any {
	return each(layouts, func(layout string) func(n int64) any {
		return func(n int64) any { return time.UnixMilli(n).In(zone).Format(layout) }
	})
}

// services signs what is taken for the service id: parts of the help center's address.
func services(c Case, right *signing) []variant {
	changes := []change{added("", "", "/hc")}
	for _, page := range append([]string{"https://" + c.Fields.Service + ".oc.nhncloud.com/", c.Fields.ReturnURL}, c.ReturnURLs...) {
		if u, err := url.Parse(page); err == nil && u.Host != "" {
			company, _, _ := strings.Cut(u.Host, ".")
			site := "https://" + u.Host
			forms := []string{company, u.Host, site, site + "/", site + "/" + c.Fields.Service + "/hc/"}
			changes = append(changes, each(forms, func(form string) change { return instead("", form) })...)
		}
	}
	return field(atService, changes...)(c, right)
}

// phones are the forms in which a Korean phone number is written.
var phones = append(rewritten(`^\D*(?:82)?\D*0?\D*(2|\d\d)\D*(\d{3,4})\D*(\d{4})$`,
	"0$1$2$3", "0$1-$2-$3", "+82$1$2$3", "+82-$1-$2-$3", "+82 $1-$2-$3", "$1$2$3", "$1-$2-$3", "82$1$2$3", "0$1 $2 $3", "0$1.$2.$3"),
	rewritten(`\D`, "")...)

// returnURLs are the forms that the same return URL takes on its way.
var returnURLs = slices.Concat(
	rewritten(`^(https?://[^/?#]*)(/[^/?#]*)?([^?#]*?)(/?)(\?[^#]*)?(#.*)?$`,
		"$1$2$3$4$5", "$1$2$3$4", "$1$2$3$5$6", "$2$3$4$5$6", "$1", "$1$2/hc/"),
	rewritten(`&.*`, ""), rewritten(`/$`, ""), []change{
		added("", "", "/"), replaced("", "&", "&amp;"), {"", lowerHex}, replaced("", "https://", "http://", "http://", "https://"),
	})

// Changes to any text.

// rewritten writes the texts that match a pattern in other ways.
func rewritten(pattern string, templates ...string) []change {
	texts := regexp.MustCompile(pattern)
	return each(templates, func(template string) change {
		return change{"", func(s string) string { return texts.ReplaceAllString(s, template) }}
	})
}

func instead(detail, text string) change {
	return change{detail, func(string) string { return text }}
}

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
	{"percent-encoded, as a component", EncodeURIComponent}, {"UTF-16 with a mark", inUTF16(utf.BigEndian, utf.UseBOM)}, {"JSON string", func(s string) string { return string(quoted(nil, s)) }},
}, recodings...)

var keyForms = append([]change{
	{"decoded from hex", orSame(hex.DecodeString)}, {"decoded from Base64", orSame(base64.StdEncoding.DecodeString)}, {"percent-decoded", orSame(url.PathUnescape)},
}, recodings...)

func sha256Of(s string) string { sum := sha256.Sum256([]byte(s)); return string(sum[:]) }

// placeholders are what a program has for a key that it did not get, and its line in the settings.
var placeholders = append(
	each([]string{"", "undefined", "null", "None", "key", "apiKey", "${oc.apikey}", "7cf2828608274a49a3f06152b2188927"}, func(text string) change {
		return instead(`"`+text+`"`, text)
	}), added("oc.apikey=...", "oc.apikey=", ""), added("apikey=...", "apikey=", ""))
