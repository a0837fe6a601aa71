package signing

import (
	"fmt"
	"html"
	"iter"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/unicode/norm"
	"golang.org/x/text/width"
)

// replaced is a change that replaces every old text.
func replaced(old, new string) named {
	return named{"", func(s string) string { return strings.ReplaceAll(s, old, new) }}
}

// The time. Every function takes the time as it was sent.

const second = 1000

// inOtherSeconds returns seconds for milliseconds, then milliseconds for a time that was sent in
// seconds.
func inOtherSeconds(sent string) (forms []string) {
	n, err := strconv.ParseInt(sent, 10, 64)
	if err != nil {
		return nil
	}
	if !inSeconds(sent) {
		return []string{strconv.FormatInt(n/second, 10), strconv.FormatInt(n/second+1, 10)}
	}
	for i := range int64(second) {
		forms = append(forms, strconv.FormatInt(n*second+i, 10))
	}
	return forms
}

// inFinerUnits returns microseconds and nanoseconds. What is below a millisecond is not known.
func inFinerUnits(sent string) (forms []string) {
	forms = []string{sent + "000", sent + "000000"}
	for i := 1; i < 1000; i++ {
		forms = append(forms, fmt.Sprintf("%s%03d", sent, i))
	}
	return forms
}

func rounded(sent string) []string {
	if n, err := strconv.ParseInt(sent, 10, 64); err == nil {
		down, minute := n-n%second, n-n%(60*second)
		return []string{
			strconv.FormatInt(down, 10), strconv.FormatInt(down+second, 10), strconv.FormatInt(minute, 10), strconv.FormatInt(minute+60*second, 10),
		}
	}
	return nil
}

// withDecimals returns the ways in which languages print a time that is a floating-point number.
// Digits that were cut off before it was sent are not known, so all are tried, up to four.
func withDecimals(sent string) (forms []string) {
	n, err := strconv.ParseInt(sent, 10, 64)
	if err != nil {
		whole, _, _ := strings.Cut(sent, ".")
		return []string{whole}
	}
	seconds := fmt.Sprintf("%d.%03d", n/second, n%second)
	exponent := strconv.FormatFloat(float64(n), 'e', -1, 64) // 1.660095873001e+12
	java := strings.Replace(strings.ToUpper(exponent), "E+", "E", 1)
	forms = []string{
		sent + ".0", seconds, java, exponent, strings.ToUpper(exponent), grouped(n), strings.TrimRight(seconds, "0"),
		sent + ".00", sent + "L", sent + ".000",
	}
	for digits := 1; digits <= 4; digits++ {
		for i := range pow10(digits) {
			if i%10 != 0 { // the digits before a trailing zero were tried
				forms = append(forms, fmt.Sprintf("%s.%0*d", sent, digits, i), fmt.Sprintf("%s%0*d", seconds, digits, i))
			}
		}
	}
	return forms
}

func pow10(n int) int {
	power := 1
	for range n {
		power *= 10
	}
	return power
}

// grouped writes 1,660,095,873,001, as templates do that print numbers for people.
func grouped(n int64) string {
	text := strconv.FormatInt(n, 10)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// dateLayouts are the usual layouts of time.Format, with and without milliseconds.
var dateLayouts = []string{
	"2006-01-02 15:04:05", "2006-01-02T15:04:05", "20060102150405", "2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05.000Z07:00",
	"2006-01-02T15:04:05-0700", "2006-01-02 15:04:05.000", "2006-01-02T15:04:05.000", "20060102150405000", "2006/01/02 15:04:05",
	"2006-01-02T15:04:05.999Z07:00", "2006-01-02T15:04:05.000-0700", "Mon Jan 02 15:04:05 MST 2006", "Mon Jan _2 15:04:05 MST 2006", "Mon, 02 Jan 2006 15:04:05 MST",
	"Mon, 02 Jan 2006 15:04:05 GMT", "Mon Jan 02 2006 15:04:05 GMT-0700 (대한민국 표준시)", "Mon Jan 02 2006 15:04:05 GMT-0700 (Korean Standard Time)",
	"Mon, 02 Jan 2006 15:04:05 -0700", "2006-01-02 15:04:05.000000", "2006-01-02T15:04:05.000000", "2006-01-02 15:04", "2006-01-02",
	"20060102", "2006.01.02 15:04:05", "01/02/2006 15:04:05", "2006-01-02 15:04:05 -0700", "2006-01-02T15:04:05.000000Z07:00", "15:04:05",
	"2006-01-02T15:04:05.000Z07:00[Asia/Seoul]", "2006-01-02 15:04:05.0", "2006. 1. 2. 오후 3:04:05", "2006. 1. 2. 오전 3:04:05", "2006. 1. 2. PM 3:04:05", "1/2/2006, 3:04:05 PM",
}

func asDates(sent string) (forms []string) {
	n, err := strconv.ParseInt(sent, 10, 64)
	if err != nil {
		return nil
	}
	at := time.UnixMilli(n)
	for _, zone := range []*time.Location{time.FixedZone("KST", 9*60*60), time.UTC} {
		for _, layout := range dateLayouts {
			text := at.In(zone).Format(layout)
			forms = append(forms, text)
			if layout == "20060102150405000" { // time.Format needs a point before milliseconds
				forms[len(forms)-1] = at.In(zone).Format("20060102150405") + fmt.Sprintf("%03d", at.UnixMilli()%second)
			}
		}
	}
	return forms
}

// shifted returns the time with the nine hours of Korea added or taken away.
func shifted(sent string) (forms []string) {
	n, err := strconv.ParseInt(sent, 10, 64)
	if err != nil {
		return nil
	}
	const nine = 9 * 60 * 60 * second
	return []string{strconv.FormatInt(n+nine, 10), strconv.FormatInt(n-nine, 10)}
}

// maxReadTwice is how far apart two readings of the clock in one request may be, in milliseconds.
const maxReadTwice = 5 * second

// readTwice signs each time around the one that was sent, the nearest first. Its variants share
// their parts, so each is valid only until the next one.
func readTwice(s signing) iter.Seq[variant] {
	return func(yield func(variant) bool) {
		sent, i := s.value("time")
		n, err := strconv.ParseInt(sent, 10, 64)
		if i < 0 || err != nil {
			return
		}
		parts := slices.Clone(s.parts)
		var digits []byte
		for apart := int64(1); apart <= maxReadTwice; apart++ {
			for _, signed := range []int64{n - apart, n + apart} {
				digits = strconv.AppendInt(digits[:0], signed, 10)
				parts[i].value = string(digits)
				if !yield(variant{signing: s.withParts(parts), detail: fmt.Sprintf("%+d ms", signed-n)}) {
					return
				}
			}
		}
	}
}

// The phone number.

var notDigits = regexp.MustCompile(`\D`)

// phones returns the forms in which a Korean phone number is written.
func phones(sent string) []string {
	digits := notDigits.ReplaceAllString(sent, "")
	national := digits
	for _, prefix := range []string{"00820", "0082", "820", "82"} {
		if rest, ok := strings.CutPrefix(digits, prefix); ok {
			national = "0" + rest
			break
		}
	}
	if !strings.HasPrefix(national, "0") {
		national = "0" + national // a number that lost its 0
	}
	bare := national[1:]
	hyphened := hyphens(national)
	short := strings.TrimPrefix(hyphened, "0")
	_, last, _ := cutLast(hyphened, "-")
	first, _, _ := strings.Cut(hyphened, "-")
	forms := []string{
		digits, national, hyphened, "+82" + bare, "+82-" + short, bare, short, "+82 " + short, "+82" + short, "82" + bare, "82-" + short,
		strings.ReplaceAll(hyphened, "-", " "), strings.ReplaceAll(hyphened, "-", "."), "+82 " + strings.ReplaceAll(short, "-", " "),
		"+82 " + bare, "+82" + national, "+82-" + hyphened, "+82 " + hyphened, "82" + national, "+820" + bare, "0082" + bare, "+82(0)" + bare,
		"+82-" + bare, strings.Replace(hyphened, "-", ")", 1), "(" + strings.Replace(hyphened, "-", ") ", 1),
		first + "-****-" + last, first + "****" + last, strings.TrimPrefix(sent, "+"), "+" + sent, "tel:" + sent,
	}
	if strings.HasPrefix(national, "01") && len(national) == 11 {
		forms = append(forms, national[:3]+"-"+national[3:6]+"-"+national[6:], national[:3]+"-"+national[3:])
	}
	return forms
}

// hyphens writes a national number in groups.
func hyphens(national string) string {
	area := 3
	if strings.HasPrefix(national, "02") {
		area = 2
	}
	if len(national) < area+5 {
		return national
	}
	last := len(national) - 4
	return national[:area] + "-" + national[area:last] + "-" + national[last:]
}

func cutLast(s, separator string) (before, after string, found bool) {
	if i := strings.LastIndex(s, separator); i >= 0 {
		return s[:i], s[i+len(separator):], true
	}
	return s, s, false
}

// The service and the returnUrl.

// services returns what is taken for the service id: the parts of the help center's address, from
// the URLs that are known or from the usual one.
func services(c Case) func(string) []string {
	return func(service string) (forms []string) {
		var hosts []string
		add := func(host string) {
			if host != "" && !slices.Contains(hosts, host) {
				hosts = append(hosts, host)
			}
		}
		for _, returnURL := range append([]string{c.Fields.ReturnURL}, c.ReturnURLs...) {
			if u, err := url.Parse(returnURL); err == nil {
				add(u.Host)
			}
		}
		if u, err := url.Parse(service); err == nil && u.Host != "" {
			id, _, _ := strings.Cut(strings.Trim(u.Path, "/"), "/")
			forms = append(forms, id) // a URL was sent, and the id signed
		}
		_, company, _ := strings.Cut(c.Fields.Email, "@")
		company, _, _ = strings.Cut(company, ".")
		for _, label := range []string{service, company} { // guesses
			for _, vendor := range []string{".oc.nhncloud.com", ".oc.alpha-nhncloud.com", ".oc.toast.com"} {
				if label != "" {
					add(label + vendor)
				}
			}
		}
		for _, host := range hosts {
			label, _, _ := strings.Cut(host, ".")
			forms = append(forms, label, host)
			for _, scheme := range []string{"https://", "http://"} {
				site := scheme + host
				forms = append(forms, site, site+"/", site+"/"+service, site+"/"+service+"/", site+"/"+service+"/hc/", site+"/"+service+"/hc")
			}
			forms = append(forms, host+"/"+service, host+"/"+service+"/hc/", label+"/"+service)
		}
		return append(forms, "/"+service, service+"/", "/"+service+"/", service+"/hc", service+"/hc/", "/"+service+"/hc/")
	}
}

// returnURLs returns the forms that the same return URL takes on its way.
func returnURLs(sent string) []string {
	path, fragment, _ := strings.Cut(sent, "#")
	bare, query, _ := strings.Cut(path, "?")
	beforeAmp, _, _ := strings.Cut(sent, "&")
	forms := []string{
		bare, path, strings.TrimSuffix(sent, "/"), beforeAmp, sent + "/", strings.TrimSuffix(bare, "/") + strings.TrimPrefix(sent, bare),
		bare + "/" + strings.TrimPrefix(sent, bare), unescapedQuery(sent), unescapedPath(sent), unescapedQuery(unescapedQuery(sent)),
		strings.TrimSuffix(bare, "/"), bare + "#" + fragment, strings.ReplaceAll(sent, "&", "&amp;"), html.UnescapeString(sent), strings.ReplaceAll(sent, "&", "%26"),
		bare + "?" + EncodeURIComponent(query), lowerHex(func(s string) string { return s })(sent), upperHex(sent), strings.ReplaceAll(sent, "%20", "+"), strings.ReplaceAll(sent, "+", "%20"),
		strings.ReplaceAll(sent, "/", `\/`), strings.ToLower(sent), withoutParameter(sent, "iframe"), withoutParameter(sent, "from"),
		sent + "?iframe=true", sent + "&iframe=true", "returnUrl=" + sent, "null", "",
	}
	for _, schemes := range [][2]string{{"https://", "http://"}, {"http://", "https://"}} {
		if rest, ok := strings.CutPrefix(sent, schemes[0]); ok {
			host, _, _ := strings.Cut(rest, "/")
			forms = append(forms, schemes[1]+rest, rest, "//"+rest, strings.TrimPrefix(rest, host), schemes[0]+host, schemes[0]+host+"/", host)
			forms = append(forms, schemes[0]+host+":443"+strings.TrimPrefix(rest, host), schemes[0]+host+":80"+strings.TrimPrefix(rest, host))
		}
	}
	if u, err := url.Parse(sent); err == nil && u.Host != "" { // another page of the help center
		service, _, _ := strings.Cut(strings.TrimPrefix(u.EscapedPath(), "/"), "/")
		home := u.Scheme + "://" + u.Host + "/" + service + "/hc/"
		for _, page := range []string{"", "ticket/", "ticket/list/"} {
			forms = append(forms, home+page, strings.TrimSuffix(home+page, "/"), home+page+"?iframe=true")
		}
	}
	return forms
}

func withoutParameter(address, name string) string {
	pattern := regexp.MustCompile(`([?&])` + name + `=[^&#]*&?`)
	return strings.TrimRight(pattern.ReplaceAllString(address, "$1"), "?&")
}

// Changes to any value.

func unescapedPath(s string) string {
	text, err := url.PathUnescape(s)
	if err != nil {
		return s
	}
	return text
}

func unescapedQuery(s string) string {
	text, err := url.QueryUnescape(s)
	if err != nil {
		return s
	}
	return text
}

// encodeURI encodes like the JavaScript function of the same name.
func encodeURI(s string) string {
	const kept = ";,/?:@&=+$#"
	encoded := EncodeURIComponent(s)
	for _, c := range kept {
		encoded = strings.ReplaceAll(encoded, fmt.Sprintf("%%%02X", c), string(c))
	}
	return encoded
}

// lowerHex changes an encoder to write %3d instead of %3D.
func lowerHex(encode func(string) string) func(string) string {
	return func(s string) string {
		return percentEscape.ReplaceAllStringFunc(encode(s), strings.ToLower)
	}
}

func upperHex(s string) string { return percentEscape.ReplaceAllStringFunc(s, strings.ToUpper) }

var percentEscape = regexp.MustCompile(`%[0-9A-Fa-f]{2}`)

// jsEscape encodes like the old JavaScript function escape.
func jsEscape(s string) string {
	var b strings.Builder
	for _, unit := range utf16.Encode([]rune(s)) {
		switch {
		case unit < 0x80 && (unicode.IsLetter(rune(unit)) || unicode.IsDigit(rune(unit)) || strings.ContainsRune("@*_+-./", rune(unit))):
			b.WriteByte(byte(unit))
		case unit < 0x100:
			fmt.Fprintf(&b, "%%%02X", unit)
		default:
			fmt.Fprintf(&b, "%%u%04X", unit)
		}
	}
	return b.String()
}

// onlyText applies a change to values in UTF-8 with other characters than ASCII.
func onlyText(change func(string) string) func(string) string {
	return func(s string) string {
		if isASCII(s) || !utf8.ValidString(s) {
			return s
		}
		return change(s)
	}
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf })
}

var percentEncodings = []named{
	{"encodeURIComponent", EncodeURIComponent}, {"as in a form", url.QueryEscape}, {"in lower case", lowerHex(EncodeURIComponent)},
	{"as in a form, in lower case", lowerHex(url.QueryEscape)}, {"encodeURI", encodeURI}, {"escape", onlyText(jsEscape)},
	{"RFC 3986", url.PathEscape}, {"twice", func(s string) string { return EncodeURIComponent(EncodeURIComponent(s)) }},
	{"twice, as in a form", func(s string) string { return url.QueryEscape(url.QueryEscape(s)) }},
	{"EUC-KR", onlyText(func(s string) string { return url.QueryEscape(encoded(korean.EUCKR, s)) })},
}

var percentDecodings = []named{
	{"", unescapedPath}, {"as in a form", unescapedQuery}, {"twice", func(s string) string { return unescapedQuery(unescapedQuery(s)) }},
	{"EUC-KR", func(s string) string {
		if !percentEscape.MatchString(s) {
			return s
		}
		return decoded(korean.EUCKR, unescapedQuery(s))
	}},
	{"escape", jsUnescape},
}

var jsUnicodeEscape = regexp.MustCompile(`%u[0-9A-Fa-f]{4}`)

func jsUnescape(s string) string {
	return unescapedPath(jsUnicodeEscape.ReplaceAllStringFunc(s, func(escape string) string {
		n, _ := strconv.ParseUint(escape[2:], 16, 16) // the pattern has only hex digits
		return string(rune(n))
	}))
}

// htmlEntities escapes every character that a function selects.
func htmlEntities(format string, selected func(rune) bool) func(string) string {
	return func(s string) string {
		var b strings.Builder
		for _, r := range s {
			if selected(r) {
				fmt.Fprintf(&b, format, r)
			} else {
				b.WriteRune(r)
			}
		}
		return b.String()
	}
}

func notASCII(r rune) bool { return r >= utf8.RuneSelf }

var htmlUnescapings = []named{
	{"", html.UnescapeString}, {"twice", func(s string) string { return html.UnescapeString(html.UnescapeString(s)) }},
}

// escapings are escapes of HTML, JSON and SQL.
var escapings = []named{
	{"HTML", strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&#39;").Replace},
	{"HTML", strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&#039;").Replace},
	{"HTML", strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&#x27;").Replace},
	{"HTML", strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;").Replace},
	{"HTML", strings.NewReplacer("<", "&lt;", ">", "&gt;").Replace},
	{"HTML", html.EscapeString},
	{"HTML", htmlEntities("&#%d;", notASCII)}, {"HTML", htmlEntities("&#x%x;", notASCII)}, {"HTML", htmlEntities("&#x%X;", notASCII)},
	{"HTML", strings.NewReplacer("@", "&#64;", "&", "&amp;").Replace}, {"HTML", strings.NewReplacer("@", "&commat;", "+", "&plus;").Replace},
	{"HTML, twice", func(s string) string { return html.EscapeString(html.EscapeString(s)) }},
	{`\u`, unicodeEscapes(`\u%04x`)}, {`\u`, unicodeEscapes(`\u%04X`)}, {`\/`, strings.NewReplacer("/", `\/`).Replace},
	{"backslashes", strings.NewReplacer(`\`, `\\`, `'`, `\'`, `"`, `\"`).Replace}, {"backslashes", strings.NewReplacer(`'`, `''`).Replace},
	{`no \u`, func(s string) string {
		if text, err := strconv.Unquote(`"` + s + `"`); err == nil {
			return text
		}
		return s
	}},
	{"no backslashes", strings.NewReplacer(`\\`, `\`, `\`, "").Replace},
}

// unicodeEscapes escapes what is not ASCII, in UTF-16 as JSON does.
func unicodeEscapes(format string) func(string) string {
	return func(s string) string {
		var b strings.Builder
		for _, r := range s {
			if r < utf8.RuneSelf {
				b.WriteRune(r)
				continue
			}
			for _, unit := range utf16.Encode([]rune{r}) {
				fmt.Fprintf(&b, format, unit)
			}
		}
		return b.String()
	}
}

var outerSpaces = []named{
	{"", strings.TrimSpace}, {"", add("", "\n")}, {"", add("", "\r\n")}, {"", add("", " ")}, {"", add(" ", "")}, {"", add("", "\t")},
	{"", add(" ", " ")}, {"", add("", "\x00")}, {"", add("", "\u00a0")}, {"", add("", "\u3000")}, {"", trimLeft}, {"", trimRight},
}

func trimLeft(s string) string  { return strings.TrimLeftFunc(s, unicode.IsSpace) }
func trimRight(s string) string { return strings.TrimRightFunc(s, unicode.IsSpace) }

func add(before, after string) func(string) string {
	return func(s string) string { return before + s + after }
}

var innerSpaces = []named{
	{"none", func(s string) string { return strings.Join(strings.Fields(s), "") }},
	{"one for several", func(s string) string { return strings.Join(strings.Fields(s), " ") }},
	{"U+00A0", strings.NewReplacer("\u00a0", " ", "\u3000", " ", "\t", " ", "\u2009", " ", "\u202f", " ").Replace},
	{"U+00A0", strings.NewReplacer(" ", "\u00a0").Replace}, {"U+3000", strings.NewReplacer(" ", "\u3000").Replace},
	{"two", strings.NewReplacer(" ", "  ").Replace}, {"_", strings.NewReplacer(" ", "_").Replace}, {"", strings.NewReplacer("\n", "\r\n").Replace},
	{"", strings.NewReplacer("\r\n", "\n").Replace},
}

var cases = []named{
	{"lower", strings.ToLower}, {"upper", strings.ToUpper},
	{"first letter upper", func(s string) string {
		r, size := utf8.DecodeRuneInString(s)
		return string(unicode.ToUpper(r)) + s[size:]
	}},
	{"first letter lower", func(s string) string {
		r, size := utf8.DecodeRuneInString(s)
		return string(unicode.ToLower(r)) + s[size:]
	}},
	{"lower after @", func(s string) string {
		if before, after, found := strings.Cut(s, "@"); found {
			return before + "@" + strings.ToLower(after)
		}
		return s
	}},
	{"lower before @", func(s string) string {
		if before, after, found := strings.Cut(s, "@"); found {
			return strings.ToLower(before) + "@" + after
		}
		return s
	}},
}

var (
	wholeNumber    = regexp.MustCompile(`^[0-9]+$`)
	decimalsOfZero = regexp.MustCompile(`\.0+$`)
)

var numbers = []named{
	{"", func(s string) string {
		if wholeNumber.MatchString(s) && len(s) < 13 {
			return strings.TrimLeft(s[:len(s)-1], "0") + s[len(s)-1:]
		}
		return s
	}},
	{".0", func(s string) string {
		if wholeNumber.MatchString(s) && len(s) < 13 {
			return s + ".0"
		}
		return s
	}},
	{".0", func(s string) string { return decimalsOfZero.ReplaceAllString(s, "") }},
	{"0", func(s string) string {
		if wholeNumber.MatchString(s) && len(s) < 13 {
			return "0" + s
		}
		return s
	}},
	{"grouped", func(s string) string {
		if n, err := strconv.ParseInt(s, 10, 64); err == nil && wholeNumber.MatchString(s) && len(s) < 13 && len(s) > 3 {
			return grouped(n)
		}
		return s
	}},
}

// zeroWidth are characters that do not show. The zero-width joiner is left out, because emoji have
// it.
const zeroWidth = "\ufeff\u200b\u200c\u2060\u00ad\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"

func withoutInvisible(s string) string {
	if !strings.ContainsAny(s, zeroWidth) {
		return s
	}
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(zeroWidth, r) {
			return -1
		}
		return r
	}, s)
}

var invisibles = []named{
	{"", withoutInvisible}, {"U+FEFF", add("\ufeff", "")}, {"U+200B", add("", "\u200b")}, {"U+200B", add("\u200b", "")},
	{"U+FEFF", add("", "\ufeff")}, {"U+200E", add("", "\u200e")}, {"U+200E", add("\u200e", "")}, {"U+00A0", add("", "\u00a0")},
	{"U+2060", add("", "\u2060")}, {"U+200C", add("", "\u200c")}, {"U+200D", add("", "\u200d")}, {"U+00AD", add("", "\u00ad")},
	{"U+202C", add("", "\u202c")}, {"U+202A", add("\u202a", "\u202c")}, {"U+202D", add("\u202d", "\u202c")}, {"U+00A0", add("\u00a0", "")},
}

// quotePairs are the quotes that open and close a text.
var quotePairs = [][2]string{{`"`, `"`}, {`'`, `'`}, {"“", "”"}, {"‘", "’"}, {"`", "`"}, {"「", "」"}, {"«", "»"}, {"<", ">"}, {"{", "}"}, {"[", "]"}, {"(", ")"}}

// unquote takes away the quotes around a text, also escaped ones and those of Python's bytes.
func unquote(s string) string {
	s = strings.NewReplacer(`\"`, `"`, "&quot;", `"`).Replace(s)
	if rest, ok := strings.CutPrefix(s, "b'"); ok {
		s = "'" + rest
	}
	for _, pair := range quotePairs {
		if len(s) > len(pair[0])+len(pair[1]) && strings.HasPrefix(s, pair[0]) && strings.HasSuffix(s, pair[1]) {
			return s[len(pair[0]) : len(s)-len(pair[1])]
		}
	}
	return s
}

var quotes = []named{
	{"", unquote}, {`""`, add(`"`, `"`)}, {"''", add("'", "'")}, {`\"\"`, add(`\"`, `\"`)}, {"b''", add("b'", "'")},
	{"“”", add("“", "”")}, {`"`, add(`"`, "")}, {`"`, add("", `"`)}, {"'", add("'", "")}, {"'", add("", "'")}, {"‘’", add("‘", "’")},
	{"``", add("`", "`")}, {"<>", add("<", ">")}, {"{}", add("{", "}")}, {"[]", add("[", "]")},
}

var normalizations = []named{
	{"NFD", norm.NFD.String}, {"NFC", norm.NFC.String}, {"NFKC", norm.NFKC.String}, {"NFKD", norm.NFKD.String},
}

var widths = []named{
	{"half-width", width.Narrow.String}, {"full-width digits", fullWidth(unicode.IsDigit)}, {"full-width", width.Widen.String},
	{"full-width", fullWidth(func(r rune) bool { return r > ' ' })}, {"half-width", width.Fold.String},
	{"full-width letters", fullWidth(func(r rune) bool { return unicode.IsDigit(r) || unicode.IsLetter(r) })},
}

// fullWidth writes the selected ASCII characters in their full-width forms.
func fullWidth(selected func(rune) bool) func(string) string {
	return func(s string) string {
		return strings.Map(func(r rune) rune {
			if r > ' ' && r <= '~' && selected(r) {
				return r - '!' + '！'
			}
			return r
		}, s)
	}
}

// encoded writes a text in a character set, with ? for what it does not have.
func encoded(charset encoding.Encoding, s string) string {
	text, err := encoding.ReplaceUnsupported(charset.NewEncoder()).String(s)
	if err != nil {
		return s
	}
	return strings.ReplaceAll(text, "\x1a", "?")
}

// decoded reads a text in a character set.
func decoded(charset encoding.Encoding, s string) string {
	text, err := charset.NewDecoder().String(s)
	if err != nil {
		return s
	}
	return text
}

// latin1 reads each byte as one character.
func latin1(s string) string {
	var b strings.Builder
	for i := range len(s) {
		b.WriteRune(rune(s[i]))
	}
	return b.String()
}

// lowBytes keeps the low byte of each UTF-16 unit, as JavaScript does with binary strings.
func lowBytes(s string) string {
	var b []byte
	for _, unit := range utf16.Encode([]rune(s)) {
		b = append(b, byte(unit))
	}
	return string(b)
}

// utf16Bytes writes a text in UTF-16, with the byte order and the mark in front.
func utf16Bytes(mark string, high, low uint) func(string) string {
	return func(s string) string {
		b := []byte(mark)
		for _, unit := range utf16.Encode([]rune(s)) {
			b = append(b, byte(unit>>high), byte(unit>>low))
		}
		return string(b)
	}
}

var charsets = []named{
	{"EUC-KR", onlyText(func(s string) string { return encoded(korean.EUCKR, s) })},
	{"ISO-8859-1", onlyText(func(s string) string { return encoded(charmap.ISO8859_1, s) })},
	{"?", onlyText(func(s string) string { return strings.Map(questionMark, s) })},
	{"? for each byte", onlyText(func(s string) string { return strings.Map(questionMark, latin1(s)) })},
	{"windows-1252", onlyText(func(s string) string { return encoded(charmap.Windows1252, s) })},
	{"low bytes", onlyText(lowBytes)},
	{"ASCII only", onlyText(func(s string) string {
		return strings.Map(func(r rune) rune {
			if notASCII(r) {
				return -1
			}
			return r
		}, s)
	})},
	{"sent in EUC-KR", func(s string) string {
		if utf8.ValidString(s) {
			return s
		}
		return decoded(korean.EUCKR, s)
	}},
	{"sent in ISO-8859-1", func(s string) string {
		if utf8.ValidString(s) {
			return s
		}
		return latin1(s)
	}},
	{"CESU-8", onlyText(cesu8)},
}

func questionMark(r rune) rune {
	if notASCII(r) {
		return '?'
	}
	return r
}

// cesu8 writes characters above U+FFFF as two units of three bytes, as old Java and Oracle do.
func cesu8(s string) string {
	var b []byte
	for _, unit := range utf16.Encode([]rune(s)) {
		if utf16.IsSurrogate(rune(unit)) {
			b = append(b, 0xE0|byte(unit>>12), 0x80|byte(unit>>6)&0x3F, 0x80|byte(unit)&0x3F)
			continue
		}
		b = utf8.AppendRune(b, rune(unit))
	}
	return string(b)
}

// mojibakes read the bytes of one character set as another, or repair what was read so.
var mojibakes = []named{
	{"UTF-8 as ISO-8859-1", onlyText(latin1)},
	{"UTF-8 as windows-1252", onlyText(func(s string) string { return decoded(charmap.Windows1252, s) })},
	{"UTF-8 as EUC-KR", onlyText(func(s string) string { return decoded(korean.EUCKR, s) })},
	{"UTF-8 as EUC-KR", onlyText(func(s string) string { return strings.ReplaceAll(decoded(korean.EUCKR, s), "\ufffd", "?") })},
	{"EUC-KR as UTF-8", onlyText(func(s string) string { return replaceInvalid(encoded(korean.EUCKR, s)) })},
	{"EUC-KR as UTF-8", onlyText(func(s string) string { return strings.ToValidUTF8(encoded(korean.EUCKR, s), "\ufffd") })},
	{"EUC-KR as UTF-8", onlyText(func(s string) string { return string([]rune(encoded(korean.EUCKR, s))) })},
	{"EUC-KR as ISO-8859-1", onlyText(func(s string) string { return latin1(encoded(korean.EUCKR, s)) })},
	{"EUC-KR as windows-1252", onlyText(func(s string) string { return decoded(charmap.Windows1252, encoded(korean.EUCKR, s)) })},
	{"sent as ISO-8859-1 of UTF-8", repaired(fromLatin1)},
	{"sent as windows-1252 of UTF-8", repaired(func(s string) string { return encoded(charmap.Windows1252, s) })},
	{"sent as EUC-KR of UTF-8", repaired(func(s string) string { return encoded(korean.EUCKR, s) })},
	{"sent as ISO-8859-1 of EUC-KR", func(s string) string {
		if bytes := fromLatin1(s); bytes != "" && !isASCII(s) && !utf8.ValidString(bytes) {
			return decoded(korean.EUCKR, bytes)
		}
		return s
	}},
}

// replaceInvalid writes one U+FFFD for each beginning of a character that does not go on, as Java,
// Python and browsers do.
func replaceInvalid(s string) string {
	var b strings.Builder
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		if r == utf8.RuneError && size == 1 {
			for size < len(s) && !utf8.FullRuneInString(s[:size]) && !utf8.RuneStart(s[size]) {
				size++
			}
			if size > 1 && utf8.FullRuneInString(s[:size]) { // the last byte made it invalid
				size--
			}
		}
		b.WriteRune(r)
		s = s[size:]
	}
	return b.String()
}

// repaired takes the bytes of a text that was read in the wrong character set, if they are UTF-8.
func repaired(bytesOf func(string) string) func(string) string {
	return func(s string) string {
		if isASCII(s) {
			return s
		}
		bytes := bytesOf(s)
		if bytes == "" || !utf8.ValidString(bytes) || isASCII(bytes) {
			return s
		}
		return bytes
	}
}
