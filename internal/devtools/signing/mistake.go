package signing

import (
	"crypto"
	"html"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/korean"
	utf "golang.org/x/text/encoding/unicode"
	"golang.org/x/text/unicode/norm"
	"golang.org/x/text/width"
)

// Cause is a mistake that makes a token wrong, in English. The text is stable: tests and tools may
// compare it.
type Cause string

// The causes that other code asks for. The table has all of them.
const (
	CauseSeconds         Cause = "seconds for milliseconds"
	CauseReturnURLSigned Cause = "returnUrl signed in an api call"
	// CauseUnknown stands for every mistake that is not known.
	CauseUnknown Cause = "not known"

	causeMissing     Cause = "a required field missing"
	causeTimeUnit    Cause = "microseconds or nanoseconds for milliseconds"
	causeDecimals    Cause = "a time with decimals"
	causeDate        Cause = "a date for the time"
	causePlusLost    Cause = "+ lost to a space"
	causeEncoding    Cause = "token not in standard Base64"
	causeNotUTF8     Cause = "text not in UTF-8"
	causeNoSignature Cause = "not a signature"
)

// Mistake is a mistake that was found in a token.
type Mistake struct {
	Cause Cause
	// Fields are the names of the fields that it changes, such as "username, email". "" when it
	// changes no field, or always the same one.
	Fields string
	// Detail tells variants of a cause apart, such as "EUC-KR". It is the same in every language.
	Detail string
}

// row is one mistake that people make. A new mistake is a new row.
type row struct {
	cause    Cause
	ko       string // the cause in Korean
	variants variants
	hint     Words // how to mend it
}

// none is for a mistake that the values or the token's own text tell.
func none(Case, *signing) []variant { return nil }

// mistakes is the table. Its order is that in which a signer works: each mistake is tried alone,
// and then on top of every earlier one.
var mistakes = []row{
	{causeMissing, "필수 필드가 없음", none, Words{"send service, usercode, time and token in every handoff, and email in a link, too",
		"service, usercode, time, token은 항상, email은 링크에서도 보내세요"}},
	{CauseSeconds, "밀리초가 아닌 초 단위 시간", times(
		func(n int64) any {
			if n < firstMillis { // seconds were sent
				return n * 1000
			}
			return n / 1000
		}, func(n int64) any { return n/1000 + 1 }), Words{
		"time is in milliseconds since the epoch, in the message and in what is sent",
		"time은 서명할 때도 보낼 때도 1970년부터의 밀리초로 쓰세요"}},
	{causeTimeUnit, "밀리초가 아닌 마이크로초나 나노초 단위 시간", times(
		func(n int64) any { return n * 1000 }, func(n int64) any { return n * 1000_000 }), Words{
		"time is in milliseconds since the epoch, 13 digits",
		"time은 1970년부터의 밀리초이며 13자리입니다"}},
	{"the clock read twice, or rounded", "시각을 두 번 읽거나 반올림함", times(otherReadings()...), Words{
		"read the clock once, and sign and send the same digits",
		"시각을 한 번만 읽고 같은 숫자를 서명하고 보내세요"}},
	{causeDecimals, "소수, 지수, 쉼표로 쓴 시간", decimals(), Words{
		"write time as whole digits, without decimals, an exponent or commas, before signing",
		"time은 서명하기 전에 소수점, 지수, 쉼표가 없는 정수로 쓰세요"}},
	{causeDate, "숫자가 아닌 날짜로 쓴 시간", times(append(
		dates(time.FixedZone("KST", korea/1000), "2006-01-02 15:04:05", "2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05.000000",
			"2006-01-02 15:04:05.000", "20060102150405", "Mon Jan 02 15:04:05 MST 2006",
			"Mon Jan 02 2006 15:04:05 GMT-0700 (Korean Standard Time)"),
		dates(time.UTC, "2006-01-02 15:04:05", "2006-01-02T15:04:05.000Z07:00", "2006-01-02T15:04:05.000000")...)...), Words{
		"sign the milliseconds since the epoch, not a date", "날짜가 아니라 1970년부터의 밀리초에 서명하세요"}},
	{"the time shifted by the time zone", "시간대만큼 어긋난 시간", times(
		func(n int64) any { return n + korea }, func(n int64) any { return n - korea }), Words{
		"take the milliseconds since the epoch in UTC, without an offset for the time zone",
		"시간대를 더하거나 빼지 않은 UTC 기준 밀리초를 쓰세요"}},

	{causePlusLost, "+가 공백으로 바뀜", values(replaced("", " ", "+"), replaced("", "+", " ")), Words{
		"write + as %2B in URLs and forms", "URL과 폼에서는 +를 %2B로 쓰세요"}},
	{"sent escaped or percent-encoded, signed plain", "보낸 값만 이스케이프나 퍼센트 인코딩이 더 됨", values(change{"percent-encoded", orSame(url.PathUnescape)}, change{"as in a form", orSame(url.QueryUnescape)}, change{"HTML", html.UnescapeString}), Words{
		"encode a value once when you send it: a form, a template and an HTTP client do it by themselves",
		"값은 보낼 때 한 번만 인코딩하세요. 폼, 템플릿, HTTP 클라이언트는 알아서 인코딩합니다"}},
	{"quotes or an invisible character in a value", "값에 따옴표나 보이지 않는 문자가 있음", values(change{"quotes", unquote}, change{"invisible", zeroWidth.Replace}, added(`""`, `"`, `"`)), Words{
		"remove quotes, the byte order mark and zero-width characters before signing and before sending",
		"서명하고 보내기 전에 따옴표, BOM, 폭 없는 문자를 제거하세요"}},
	{"something before or after the message", "서명 문자열 앞이나 뒤에 다른 문자가 있음", texts(append(wrappings, spaces[1:]...)...), Words{
		"sign the message alone, without a line end, space, quote or byte order mark around it",
		"줄 바꿈, 공백, 따옴표, BOM 없이 서명 문자열만 서명하세요"}},
	{"other spaces around a value", "값 앞뒤의 공백이 보낸 값과 다름", values(spaces[:3]...), Words{
		"sign each value exactly as you send it: trim it before both, or not at all",
		"보내는 값 그대로 서명하세요. 공백은 서명과 전송 전에 모두 제거하거나 모두 그대로 두세요"}},
	{"other spaces inside a value", "값 안의 공백이 보낸 값과 다름", values(replaced("none", " ", ""), replaced("U+00A0", " ", "\u00a0"), replaced("U+00A0", "\u00a0", " ", "\u3000", " ")), Words{
		"sign each value exactly as you send it, with the same spaces inside",
		"값 안의 공백까지 보내는 값 그대로 서명하세요"}},
	{"the phone number in another form", "전화번호 형식이 보낸 값과 다름", field(atPhone, phones...), Words{
		"sign the phone number in the form in which you send it: the same hyphens, country code and leading 0",
		"전화번호는 하이픈, 국가 번호, 맨 앞의 0까지 보내는 형식 그대로 서명하세요"}},
	{"returnUrl in another form", "returnUrl 형식이 보낸 값과 다름", field(atReturnURL, returnURLs...), Words{
		"sign returnUrl letter by letter as you send it, decoded once: the same slash, query, fragment and escapes",
		"returnUrl은 한 번 디코딩한 값 그대로 서명하세요. 끝의 슬래시, 쿼리, 프래그먼트, 이스케이프가 모두 같아야 합니다"}},
	{"another letter case", "대소문자가 보낸 값과 다름", values(change{"lower", strings.ToLower}, change{"upper", strings.ToUpper}), Words{
		"sign each value in the letter case in which you send it", "보내는 값의 대소문자 그대로 서명하세요"}},
	{"a number's leading zeros, decimals or hyphens", "숫자의 앞자리 0, 소수점, 하이픈이 보낸 값과 다름", values(
		only(shortNumber, "no zeros", func(s string) string { return strings.TrimLeft(s[:len(s)-1], "0") + s[len(s)-1:] }),
		only(shortNumber, ".0", func(s string) string { return s + ".0" }), only(shortNumber, "grouped", grouped), replaced("no hyphens", "-", "")), Words{
		"keep usercode, memberno and phone as text: as numbers they lose leading zeros or get decimals",
		"usercode, memberno, phone은 문자열로 다루세요. 숫자로 바꾸면 앞자리 0이 없어지거나 소수점이 붙습니다"}},
	{"the domain or a URL for the service id", "서비스 ID 대신 도메인이나 URL", services, Words{
		"service is the id in the help center's path, such as hangame in https://acme.oc.nhncloud.com/hangame/hc/",
		"service는 헬프센터 주소의 경로에 있는 ID입니다. https://acme.oc.nhncloud.com/hangame/hc/에서는 hangame입니다"}},
	{"another Unicode form (NFC, NFD, full-width)", "유니코드 형태(NFC, NFD, 전각)가 다름", values(
		only(notASCII, "NFD", norm.NFD.String), only(notASCII, "NFC", norm.NFC.String), only(notASCII, "half-width", width.Narrow.String),
		replaced("full-width digits", "0", "０", "1", "１", "2", "２", "3", "３", "4", "４", "5", "５", "6", "６", "7", "７", "8", "８", "9", "９")), Words{
		"normalize each value once, to NFC, before signing and before sending: macOS decomposes Korean file names and input",
		"서명하고 보내기 전에 값을 NFC로 한 번만 정규화하세요. macOS에서 온 한글은 자모가 분리되어 있을 수 있습니다"}},
	{"text decoded in another character set (mojibake)", "다른 문자 집합으로 읽어 깨진 글자", values(append(repairs,
		only(notASCII, "UTF-8 as ISO-8859-1", func(s string) string { return decoded(charmap.ISO8859_1, s) }),
		only(notASCII, "UTF-8 as windows-1252", func(s string) string { return decoded(charmap.Windows1252, s) }),
		only(notASCII, "UTF-8 as EUC-KR", func(s string) string { return decoded(korean.EUCKR, s) }),
		only(notASCII, "EUC-KR as UTF-8", func(s string) string { return decoded(utf.UTF8, encoded(korean.EUCKR, s)) }),
		only(notASCII, "EUC-KR as ISO-8859-1", func(s string) string { return decoded(charmap.ISO8859_1, encoded(korean.EUCKR, s)) }))...), Words{
		"read the text as UTF-8 where it enters: the database connection, the file, the request",
		"문자열이 들어오는 곳(데이터베이스 연결, 파일, 요청)에서 UTF-8로 읽으세요"}},
	{causeNotUTF8, "UTF-8이 아닌 문자 인코딩", values(
		only(notASCII, "EUC-KR", func(s string) string { return encoded(korean.EUCKR, s) }),
		only(notASCII, "ISO-8859-1", func(s string) string { return encoded(charmap.ISO8859_1, s) }),
		only(notUTF8, "sent in EUC-KR", func(s string) string { return decoded(korean.EUCKR, s) })), Words{
		"take the bytes of the text in UTF-8, by name: getBytes(\"UTF-8\"), not the platform's default; and send the page and the form in UTF-8",
		"문자열의 바이트는 기본값이 아니라 UTF-8로 지정해 얻고(getBytes(\"UTF-8\")), 페이지와 폼도 UTF-8로 보내세요"}},
	{"text escaped before signing", "이스케이프한 뒤 서명함", values(
		replaced("HTML", "&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&#39;"),
		replaced("HTML", "&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&#x27;"),
		replaced("HTML", "&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;"),
		only(notASCII, `\u`, escapedUnicode), replaced("backslashes", `\`, `\\`, `'`, `\'`, `"`, `\"`)), Words{
		"sign the plain text, without HTML entities, backslashes or \\u escapes",
		"HTML 엔티티, 역슬래시, \\u 이스케이프가 없는 원래 문자열에 서명하세요"}},
	{"text percent-encoded before signing", "인코딩한 문자열에 서명함", values(
		change{"encodeURIComponent", EncodeURIComponent}, change{"as in a form", url.QueryEscape},
		change{"as in a form, in lower case", func(s string) string { return lowerHex(url.QueryEscape(s)) }},
		only(notASCII, "EUC-KR", func(s string) string { return url.QueryEscape(encoded(korean.EUCKR, s)) })), Words{
		"sign the plain text, and percent-encode only what you send", "원래 문자열에 서명하고, 보낼 때만 퍼센트 인코딩하세요"}},

	{CauseReturnURLSigned, "서버 호출인데 returnUrl까지 서명함", withReturnURL(false), Words{
		"an api call and a link sign no returnUrl, only a form does",
		"returnUrl은 폼에서만 서명합니다. 서버 호출과 링크에서는 서명하지 마세요"}},
	{"returnUrl signed but not sent", "returnUrl을 서명했지만 보내지 않음", withReturnURL(true), Words{
		"send the returnUrl that you sign in the form, or sign none",
		"서명한 returnUrl은 폼으로 함께 보내세요. 보내지 않는다면 서명하지 마세요"}},
	{"returnUrl sent in a form but not signed", "returnUrl을 보냈지만 서명하지 않음", unnamed(leaving(atReturnURL)), Words{
		"sign the returnUrl that a form sends, right before time; an api call and a link sign none",
		"폼으로 보내는 returnUrl은 time 바로 앞에 넣어 서명하세요. 서버 호출과 링크에서는 서명하지 않습니다"}},
	{"a word for an absent value sent", "값이 없을 때 언어가 출력하는 단어를 보냄", withoutWords, Words{
		"leave a field that has no value out of what you send, too, in place of null, None or undefined",
		"값이 없는 필드는 null, None, undefined로 보내지 말고 보내는 값에서도 빼세요"}},
	{"memberno left out", "memberno를 빼고 서명함", unnamed(leaving(atMemberNo)), Words{
		"sign memberno after phone; the vendor's older page does not mention it",
		"memberno는 phone 뒤에 넣어 서명하세요. 예전 문서에는 없는 항목입니다"}},
	{"a field left out", "빠뜨린 필드가 있음", leaving(atService, atUserCode, atUserName, atEmail, atPhone, atMemberNo, atReturnURL, atTime), Words{
		"sign every field that you send and that is not blank; service, usercode and time always",
		"보내는 필드 중 비어 있지 않은 것은 모두 서명하세요. service, usercode, time은 항상 들어갑니다"}},
	{"a blank signed", "빈 값까지 서명함", withBlanks, Words{
		"leave a blank field out of the message, together with its &; do not sign null, None or undefined for it",
		"빈 필드는 뒤의 &까지 함께 빼세요. null, None, undefined 같은 값으로 서명하지 마세요"}},
	{"another field's value in its place", "다른 필드의 값을 서명함", fixed(each([][2]int{
		{atUserCode, atEmail}, {atUserCode, atUserName}, {atUserCode, atMemberNo},
		{atUserName, atUserCode}, {atUserName, atEmail}, {atMemberNo, atUserCode},
	}, swapped)...), Words{
		"compare which variable goes to which place of the message", "문자열의 각 자리에 어떤 변수가 들어가는지 비교하세요"}},
	{"fields in another order", "필드 순서가 다름", moved(), Words{
		"use this order: service, usercode, username, email, phone, memberno, returnUrl, time",
		"service, usercode, username, email, phone, memberno, returnUrl, time 순서로 서명하세요"}},

	{"another separator than &", "&가 아닌 구분자", fixed(separators("", "+", "|", ",", " & ", "&amp;", ";", ":", "-", "_", "\n", " ", "%26", "::")...), Words{
		"join the values with one & between each two, without spaces, and not as &amp;",
		"값 사이는 공백이나 &amp; 없이 & 하나로만 이으세요"}},
	{"an & too many", "&가 더 있음", texts(added("...&", "", "&"), added("&...", "&", ""), added("&...&", "&", "&")), Words{
		"put one & between two values, none at the beginning and none at the end",
		"&는 값과 값 사이에 하나씩만 넣고 맨 앞과 맨 뒤에는 넣지 마세요"}},
	{"an & too few", "&가 모자람", fixed(each(FieldNames, separatorLost)...), Words{"put one & between two values", "값과 값 사이에는 &를 하나씩 넣으세요"}},
	{"name=value pairs signed", "이름=값 형태로 서명함", fixed(pairFormats()...), Words{
		"sign the values alone, joined by &, without the names", "이름 없이 값만 &로 이어서 서명하세요"}},
	{"JSON signed", "JSON에 서명함", fixed(jsonFormats()...), Words{
		"sign the values joined by &, not a JSON text or a printed list", "JSON이나 출력한 목록이 아니라 &로 이은 값에 서명하세요"}},
	{"the whole message changed before signing", "서명 문자열 전체를 변환한 뒤 서명함", texts(wholeMessages...), Words{
		"sign the UTF-8 bytes of the message itself, without another encoding or letter case",
		"서명 문자열을 다른 형태로 바꾸지 말고 UTF-8 바이트 그대로 서명하세요"}},

	{"another key", "다른 조직 Key", otherKeys, Words{
		"the token was made with the other key that you named: alpha and real have a key each",
		"함께 지정한 다른 Key로 만든 토큰입니다. 알파와 운영은 Key가 서로 다릅니다"}},
	{"other spaces or a newline around the key", "조직 Key 앞뒤의 공백이나 줄 바꿈이 다름", keys(spaces...), Words{
		"use the key exactly as the console shows it, without spaces or a newline from a file or a form",
		"파일이나 폼에서 딸려 온 공백과 줄 바꿈 없이 콘솔에 보이는 Key를 그대로 쓰세요"}},
	{"the key with quotes or an invisible character", "조직 Key에 따옴표나 보이지 않는 문자가 있음", keys(append(wrappings, change{"quotes", unquote}, change{"invisible", zeroWidth.Replace})...), Words{
		"use the key without the quotes of a settings file, and save its file without a byte order mark",
		"설정 파일의 따옴표를 뺀 Key를 쓰고, Key 파일은 BOM 없이 저장하세요"}},
	{"the key decoded or changed before use", "조직 Key를 풀거나 변환한 뒤 사용함", keys(keyForms...), Words{
		"use the bytes of the key's text as the console shows it; it looks like hex or Base64, but must not be decoded, encoded or hashed",
		"콘솔에 보이는 Key의 글자 그대로의 바이트를 쓰세요. 16진수나 Base64처럼 보여도 풀거나 변환하거나 해시하지 마세요"}},
	{"no key, or a placeholder for it", "조직 Key가 비었거나 자리 표시자임", keys(placeholders...), Words{
		"look where your code reads the key: it got an empty value, the name of the setting, or the key of the vendor's example",
		"코드가 Key를 읽는 곳을 확인하세요. 빈 값이나 설정 이름, 공식 문서의 예제 Key가 들어 있습니다"}},

	{"a plain hash, no HMAC", "HMAC이 아닌 해시만 사용함", fixed(plainHashes()...), Words{
		"use HMAC-SHA256 with the organization key, not a hash of the message, nor of the key and the message in one text",
		"문자열의 해시나 Key와 문자열을 이은 것의 해시가 아니라 조직 Key를 쓰는 HMAC-SHA256을 사용하세요"}},
	{"key and message swapped", "Key와 문자열의 자리가 바뀜", fixed(uses("", crypto.SHA256, "m", "k")), Words{
		"pass the organization key as the key and the message as the data; the order of the arguments differs between libraries",
		"조직 Key를 키로, 문자열을 데이터로 넘기세요. 인자의 순서는 라이브러리마다 다릅니다"}},
	{"another hash than HMAC-SHA256", "HMAC-SHA256이 아닌 해시", fixed(
		uses("HMAC-SHA-1", crypto.SHA1, "k", "m"), uses("HMAC-SHA-512", crypto.SHA512, "k", "m"),
		uses("HMAC-MD5", crypto.MD5, "k", "m"), uses("HMAC-SHA-384", crypto.SHA384, "k", "m")), Words{
		"use HMAC with SHA-256", "SHA-256을 쓰는 HMAC을 사용하세요"}},
	{"the key signed with the message", "문자열에 Key까지 넣어 서명함", fixed(keyInside("%s", crypto.SHA256, "k")...), Words{
		"the key is only the HMAC's key, and no part of the message", "Key는 HMAC의 키로만 쓰고 문자열에는 넣지 마세요"}},

	{causeEncoding, "표준 Base64가 아닌 토큰", none, Words{
		"write the 32 bytes of the signature in standard Base64, with + and /, and = at the end",
		"서명 32바이트를 +와 /를 쓰고 끝에 =를 붙이는 표준 Base64로 쓰세요"}},
	{causeNoSignature, "토큰 형식이 아님", none, Words{
		"a token is the 32 bytes of an HMAC-SHA256 in Base64, 44 characters; this one is not, in any known encoding",
		"토큰은 HMAC-SHA256의 32바이트를 Base64로 쓴 44자입니다. 이 값은 어떤 인코딩으로 읽어도 그렇지 않습니다"}},
	{CauseUnknown, "알 수 없음", none, Words{
		"no known mistake gives this token: compare the key, and each value that your code signs with what is sent",
		"알려진 실수로는 이 토큰이 나오지 않습니다. Key를 확인하고, 코드가 서명하는 값을 보내는 값과 하나씩 비교하세요"}},
}

// row is the cause's row of the table. It panics if there is none.
func (c Cause) row() row {
	return mistakes[slices.IndexFunc(mistakes, func(r row) bool { return r.cause == c })]
}

// In returns the cause in the language.
func (c Cause) In(lang Lang) string { return Words{string(c), c.row().ko}.In(lang) }

// Hint says how to mend the cause.
func (c Cause) Hint(lang Lang) string { return c.row().hint.In(lang) }
