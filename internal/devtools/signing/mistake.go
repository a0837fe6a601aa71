package signing

import (
	"iter"
	"slices"
	"strings"
)

// Cause is a mistake that makes a token wrong, in English. The text is stable: tests and tools may
// compare it.
type Cause string

// The causes that other code asks for. The table has all of them.
const (
	CauseSeconds           Cause = "seconds for milliseconds"
	CauseTimeUnit          Cause = "microseconds or nanoseconds for milliseconds"
	CauseTimeDecimals      Cause = "a time with decimals"
	CauseTimeText          Cause = "a date for the time"
	CauseReturnURLSigned   Cause = "returnUrl signed in an api call"
	CauseReturnURLUnsigned Cause = "returnUrl sent in a form but not signed"
	CauseMemberNoUnsigned  Cause = "memberno left out"
	CausePlusLost          Cause = "+ lost to a space"
	CauseEncoding          Cause = "token not in standard Base64"
	CauseKey               Cause = "another key"
	// CauseUnknown stands for every mistake that is not known.
	CauseUnknown Cause = "not known"

	causeReadTwice Cause = "the clock read twice"
	causeNotUTF8   Cause = "text not in UTF-8"
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

// step is a part of the making of a token.
type step int

const (
	inValues  step = iota // what each field holds
	inFields              // which fields are signed
	inFormat              // how they are joined
	inMessage             // the bytes of the whole message
	inKey
	inDigest
	inToken // how the signature is written; readToken knows these
)

// exclusive reports whether two mistakes of the step would replace each other.
func (s step) exclusive() bool { return s == inFormat || s == inDigest }

// row is one mistake that people make. A new mistake is a new row.
type row struct {
	step  step
	cause Cause
	ko    string // the cause in Korean
	hint  words  // how to mend it
	// variants makes the wrong signings, the likeliest first. It is nil for the token's own text.
	variants func(signing) iter.Seq[variant]
	// common is how many of the variants are combined with other mistakes; 0 for all.
	common int
}

// words is a text in both languages.
type words struct{ en, ko string }

func (w words) in(lang Lang) string {
	if lang == Korean {
		return w.ko
	}
	return w.en
}

func (r *row) mistake(v variant) Mistake { return Mistake{r.cause, v.fields, v.detail} }

// mistakes is the table. Its order is that in which a signer works, because each mistake is tried
// on top of an earlier one. The last two rows have thousands of variants.
func mistakes(c Case) []row {
	return []row{
		{inValues, CauseSeconds, "밀리초가 아닌 초 단위 시간", words{
			"time is in milliseconds since the epoch, in the message and in what is sent",
			"time은 서명할 때도 보낼 때도 1970년부터의 밀리초로 쓰십시오",
		}, field("time", inOtherSeconds), 3},
		{inValues, CauseTimeUnit, "밀리초가 아닌 마이크로초나 나노초 단위 시간", words{
			"time is in milliseconds since the epoch, 13 digits",
			"time은 1970년부터의 밀리초이며 13자리입니다",
		}, field("time", inFinerUnits), 2},
		{inValues, "the time rounded to the second", "초나 분 단위로 반올림하거나 버린 시간", words{
			"read the clock once, and sign and send the same digits",
			"시각을 한 번만 읽고 같은 숫자를 서명하고 보내십시오",
		}, field("time", rounded), 0},
		{inValues, CauseTimeDecimals, "소수나 지수로 쓴 시간", words{
			"write time as whole digits, without decimals, an exponent or separators of thousands, before signing",
			"time은 서명하기 전에 소수점, 지수, 천 단위 구분 기호가 없는 정수로 쓰십시오",
		}, field("time", withDecimals), 10},
		{inValues, CauseTimeText, "숫자가 아닌 날짜로 쓴 시간", words{
			"sign the milliseconds since the epoch, not a date",
			"날짜가 아니라 1970년부터의 밀리초에 서명하십시오",
		}, field("time", asDates), 0},
		{inValues, "the time shifted by the time zone", "시간대만큼 어긋난 시간", words{
			"take the milliseconds since the epoch in UTC, without an offset for the time zone",
			"시간대를 더하거나 빼지 않은 UTC 기준 밀리초를 쓰십시오",
		}, field("time", shifted), 0},

		{inValues, CausePlusLost, "+가 공백으로 바뀜", words{
			"write + as %2B in URLs and forms", "URL과 폼에서는 +를 %2B로 쓰십시오",
		}, values(replaced(" ", "+"), replaced("+", " "), named{"", func(s string) string {
			return strings.TrimPrefix(strings.Replace(s, " ", "+", 1), " ")
		}}), 0},
		{inValues, "sent percent-encoded, signed plain", "보낸 값만 퍼센트 인코딩이 더 됨", words{
			"percent-encode each value once when you send it: a form and an HTTP client do it by themselves",
			"값은 보낼 때 한 번만 인코딩하십시오. 폼과 HTTP 클라이언트는 알아서 인코딩합니다",
		}, values(percentDecodings...), 0},
		{inValues, "sent with HTML escapes, signed plain", "보낸 값만 HTML 이스케이프됨", words{
			"escape a value once when you write it into HTML: the template does it by itself",
			"값을 HTML에 쓸 때는 한 번만 이스케이프하십시오. 템플릿은 알아서 이스케이프합니다",
		}, values(htmlUnescapings...), 0},
		{inValues, "an invisible character in a value", "값에 보이지 않는 문자가 있음", words{
			"remove the byte order mark and zero-width characters before signing and before sending",
			"서명하고 보내기 전에 BOM과 폭 없는 문자를 제거하십시오",
		}, values(invisibles...), 40},
		{inValues, "quotes around a value", "값 앞뒤의 따옴표", words{
			"sign and send the value without the quotes around it",
			"값을 감싼 따옴표 없이 서명하고 보내십시오",
		}, values(quotes...), 30},
		{inValues, "other spaces around a value", "값 앞뒤의 공백이 보낸 값과 다름", words{
			"sign each value exactly as you send it: trim it before both, or not at all",
			"보내는 값 그대로 서명하십시오. 공백은 서명과 전송 전에 모두 제거하거나 모두 그대로 두십시오",
		}, except("time", values(outerSpaces...)), 40},
		{inValues, "the phone number in another form", "전화번호 형식이 보낸 값과 다름", words{
			"sign the phone number in the form in which you send it: the same hyphens, country code and leading 0",
			"전화번호는 하이픈, 국가 번호, 맨 앞의 0까지 보내는 형식 그대로 서명하십시오",
		}, field("phone", phones), 0},
		{inValues, "other spaces inside a value", "값 안의 공백이 보낸 값과 다름", words{
			"sign each value exactly as you send it, with the same spaces inside",
			"값 안의 공백까지 보내는 값 그대로 서명하십시오",
		}, values(innerSpaces...), 0},
		{inValues, "returnUrl in another form", "returnUrl 형식이 보낸 값과 다름", words{
			"sign returnUrl letter by letter as you send it, decoded once: the same slash, query, fragment and escapes",
			"returnUrl은 한 번 디코딩한 값 그대로 서명하십시오. 끝의 슬래시, 쿼리, 프래그먼트, 이스케이프가 모두 같아야 합니다",
		}, field("returnUrl", returnURLs), 0},
		{inValues, "another letter case", "대소문자가 보낸 값과 다름", words{
			"sign each value in the letter case in which you send it",
			"보내는 값의 대소문자 그대로 서명하십시오",
		}, values(cases...), 0},
		{inValues, "hyphens left out of a value", "값의 하이픈을 뺌", words{
			"sign each value with the hyphens with which you send it", "하이픈까지 보내는 값 그대로 서명하십시오",
		}, values(replaced("-", "")), 0},
		{inValues, "a number's leading zeros or decimals", "숫자의 앞자리 0이나 소수점이 보낸 값과 다름", words{
			"keep usercode, memberno and phone as text: as numbers they lose leading zeros or get decimals",
			"usercode, memberno, phone은 문자열로 다루십시오. 숫자로 바꾸면 앞자리 0이 없어지거나 소수점이 붙습니다",
		}, values(numbers...), 0},
		{inValues, "the domain or a URL for the service id", "서비스 ID 대신 도메인이나 URL", words{
			"service is the id in the help center's path, such as hangame in https://acme.oc.nhncloud.com/hangame/hc/",
			"service는 헬프센터 주소의 경로에 있는 ID입니다. https://acme.oc.nhncloud.com/hangame/hc/에서는 hangame입니다",
		}, field("service", services(c)), 0},
		{inValues, "full-width for half-width characters", "전각과 반각 문자가 다름", words{
			"sign each value with the same full-width or half-width characters as you send",
			"전각·반각까지 보내는 값 그대로 서명하십시오",
		}, values(widths...), 0},
		{inValues, "another Unicode normalization (NFC or NFD)", "유니코드 정규화(NFC, NFD)가 다름", words{
			"normalize each value once, to NFC, before signing and before sending: macOS decomposes Korean file names and input",
			"서명하고 보내기 전에 값을 NFC로 한 번만 정규화하십시오. macOS에서 온 한글은 자모가 분리되어 있을 수 있습니다",
		}, values(normalizations...), 0},
		{inValues, "text decoded in another character set (mojibake)", "다른 문자 집합으로 읽어 깨진 글자", words{
			"read the text as UTF-8 where it enters: the database connection, the file, the request",
			"문자열이 들어오는 곳(데이터베이스 연결, 파일, 요청)에서 UTF-8로 읽으십시오",
		}, values(mojibakes...), 0},
		{inValues, causeNotUTF8, "UTF-8이 아닌 문자 인코딩", words{
			"take the bytes of the text in UTF-8, by name: getBytes(\"UTF-8\"), not the platform's default; and send the page and the form in UTF-8",
			"문자열의 바이트는 기본값이 아니라 UTF-8로 지정해 얻고(getBytes(\"UTF-8\")), 페이지와 폼도 UTF-8로 보내십시오",
		}, values(charsets...), 0},
		{inValues, "text escaped before signing", "이스케이프한 뒤 서명함", words{
			"sign the plain text, without HTML entities, backslashes or \\u escapes",
			"HTML 엔티티, 역슬래시, \\u 이스케이프가 없는 원래 문자열에 서명하십시오",
		}, values(escapings...), 0},
		{inValues, "text percent-encoded before signing", "인코딩한 문자열에 서명함", words{
			"sign the plain text, and percent-encode only what you send",
			"원래 문자열에 서명하고, 보낼 때만 퍼센트 인코딩하십시오",
		}, values(percentEncodings...), 0},

		{inFields, CauseReturnURLSigned, "서버 호출인데 returnUrl까지 서명함", words{
			"an api call and a link sign no returnUrl, only a form does",
			"returnUrl은 폼에서만 서명합니다. 서버 호출과 링크에서는 서명하지 마십시오",
		}, list(withReturnURL(c)), 0},
		{inFields, "returnUrl signed but not sent", "returnUrl을 서명했지만 보내지 않음", words{
			"send the returnUrl that you sign in the form, or sign none",
			"서명한 returnUrl은 폼으로 함께 보내십시오. 보내지 않는다면 서명하지 마십시오",
		}, list(withUnsentReturnURL(c)), 0},
		{inFields, CauseReturnURLUnsigned, "returnUrl을 보냈지만 서명하지 않음", words{
			"sign the returnUrl that a form sends, right before time; an api call and a link sign none",
			"폼으로 보내는 returnUrl은 time 바로 앞에 넣어 서명하십시오. 서버 호출과 링크에서는 서명하지 않습니다",
		}, list(without("returnUrl")), 0},
		{inFields, CauseMemberNoUnsigned, "memberno를 빼고 서명함", words{
			"sign memberno after phone; the vendor's older page does not mention it",
			"memberno는 phone 뒤에 넣어 서명하십시오. 예전 문서에는 없는 항목입니다",
		}, list(without("memberno")), 0},
		{inFields, "a field left out", "빠뜨린 필드가 있음", words{
			"sign every field that you send and that is not blank; service, usercode and time always",
			"보내는 필드 중 비어 있지 않은 것은 모두 서명하십시오. service, usercode, time은 항상 들어갑니다",
		}, leftOut, 40},
		{inFields, "a blank signed", "빈 값까지 서명함", words{
			"leave a blank field out of the message, together with its &; do not sign null, None or undefined for it",
			"빈 필드는 뒤의 &까지 함께 빼십시오. null, None, undefined 같은 값으로 서명하지 마십시오",
		}, withBlanks, 80},
		{inFields, "another field's value in its place", "다른 필드의 값을 서명함", words{
			"compare which variable goes to which place of the message",
			"문자열의 각 자리에 어떤 변수가 들어가는지 비교하십시오",
		}, otherField, 0},
		{inFields, "a value signed twice", "한 값을 두 번 서명함", words{
			"sign each value once", "값마다 한 번만 서명하십시오",
		}, doubled, 24},

		{inFormat, "another separator than &", "&가 아닌 구분자", words{
			"join the values with one & between each two, without spaces, and not as &amp;",
			"값 사이는 공백이나 &amp; 없이 & 하나로만 이으십시오",
		}, formats(separators...), 0},
		{inFormat, "an & too many or too few", "&가 더 있거나 모자람", words{
			"put one & between two values, none at the beginning and none at the end",
			"&는 값과 값 사이에 하나씩만 넣고 맨 앞과 맨 뒤에는 넣지 마십시오",
		}, misplacedSeparators, 0},
		{inFormat, "name=value pairs signed", "이름=값 형태로 서명함", words{
			"sign the values alone, joined by &, without the names",
			"이름 없이 값만 &로 이어서 서명하십시오",
		}, formats(pairFormats()...), 24},
		{inFormat, "JSON signed", "JSON에 서명함", words{
			"sign the values joined by &, not a JSON text or a printed list",
			"JSON이나 출력한 목록이 아니라 &로 이은 값에 서명하십시오",
		}, formats(jsonFormats()...), 30},

		{inMessage, "something before or after the message", "서명 문자열 앞이나 뒤에 다른 문자가 있음", words{
			"sign the message alone, without a line end, space, quote or byte order mark around it",
			"줄 바꿈, 공백, 따옴표, BOM 없이 서명 문자열만 서명하십시오",
		}, texts(ends...), 0},
		{inMessage, "the whole message changed before signing", "서명 문자열 전체를 변환한 뒤 서명함", words{
			"sign the UTF-8 bytes of the message itself, without another encoding or letter case",
			"서명 문자열을 다른 형태로 바꾸지 말고 UTF-8 바이트 그대로 서명하십시오",
		}, texts(wholeMessages...), 0},

		{inKey, CauseKey, "다른 조직 Key", words{
			"the token was made with the other key that you named: alpha and real have a key each",
			"함께 지정한 다른 Key로 만든 토큰입니다. 알파와 운영은 Key가 서로 다릅니다",
		}, keys(otherKeys(c)...), 0},
		{inKey, "the key quoted", "따옴표가 붙은 조직 Key", words{
			"use the key without the quotes of a settings file", "설정 파일의 따옴표를 뺀 Key를 쓰십시오",
		}, keys(quotes...), 0},
		{inKey, "other spaces or a newline around the key", "조직 Key 앞뒤의 공백이나 줄 바꿈이 다름", words{
			"use the key exactly as the console shows it, without spaces or a newline from a file or a form",
			"파일이나 폼에서 딸려 온 공백과 줄 바꿈 없이 콘솔에 보이는 Key를 그대로 쓰십시오",
		}, keys(spacedKeys...), 0},
		{inKey, "the key with an invisible character", "조직 Key에 보이지 않는 문자가 있음", words{
			"save the key's file without a byte order mark, and copy the key without zero-width characters",
			"Key 파일은 BOM 없이 저장하고, 폭 없는 문자가 섞이지 않게 복사하십시오",
		}, keys(invisibles...), 0},
		{inKey, "the key in another letter case", "조직 Key의 대소문자가 다름", words{
			"use the key in the letter case in which the console shows it",
			"콘솔에 보이는 대소문자 그대로 Key를 쓰십시오",
		}, keys(cases...), 0},
		{inKey, "the key decoded from hex", "조직 Key를 16진수로 풀어서 사용함", words{
			"use the bytes of the key's text; it looks like hex, but must not be decoded",
			"Key가 16진수처럼 보여도 풀지 말고 글자 그대로의 바이트를 쓰십시오",
		}, keys(named{"", fromHex}), 0},
		{inKey, "the key decoded from Base64", "조직 Key를 Base64로 풀어서 사용함", words{
			"use the bytes of the key's text; it looks like Base64, but must not be decoded",
			"Key가 Base64처럼 보여도 풀지 말고 글자 그대로의 바이트를 쓰십시오",
		}, keys(keyFromBase64...), 0},
		{inKey, "the key encoded or hashed before use", "조직 Key를 변환한 뒤 사용함", words{
			"use the bytes of the key's text, without encoding, hashing or cutting it",
			"Key를 인코딩하거나 해시하거나 자르지 말고 글자 그대로의 바이트를 쓰십시오",
		}, keys(keyForms...), 0},
		{inKey, "no key, or a placeholder for it", "조직 Key가 비었거나 자리 표시자임", words{
			"look where your code reads the key: it got an empty value, or the name of the setting",
			"코드가 Key를 읽는 곳을 확인하십시오. 빈 값이거나 설정 이름이 들어 있습니다",
		}, keys(placeholders...), 0},

		{inDigest, "SHA-256 without a key", "Key 없이 SHA-256만 사용함", words{
			"use HMAC-SHA256 with the organization key, not SHA-256 of the message",
			"문자열의 SHA-256이 아니라 조직 Key를 쓰는 HMAC-SHA256을 사용하십시오",
		}, digests(keyless()...), 0},
		{inDigest, "a plain hash of key and message", "Key와 문자열을 이어 해시함", words{
			"use HMAC-SHA256 with the organization key, not a hash of the key and the message in one text",
			"Key와 문자열을 이은 것의 해시가 아니라 조직 Key를 쓰는 HMAC-SHA256을 사용하십시오",
		}, digests(concatenated()...), 0},
		{inDigest, "key and message swapped", "Key와 문자열의 자리가 바뀜", words{
			"pass the organization key as the key and the message as the data; the order of the arguments differs between libraries",
			"조직 Key를 키로, 문자열을 데이터로 넘기십시오. 인자의 순서는 라이브러리마다 다릅니다",
		}, digests(swapped()...), 0},
		{inDigest, "another hash than HMAC-SHA256", "HMAC-SHA256이 아닌 해시", words{
			"use HMAC with SHA-256", "SHA-256을 쓰는 HMAC을 사용하십시오",
		}, digests(otherHMACs()...), 0},
		{inDigest, "the key signed with the message", "문자열에 Key까지 넣어 서명함", words{
			"the key is only the HMAC's key, and no part of the message",
			"Key는 HMAC의 키로만 쓰고 문자열에는 넣지 마십시오",
		}, digests(withKeyInside()...), 0},
		{inDigest, "hashed twice", "해시를 두 번 함", words{
			"sign the message itself, once", "문자열 자체를 한 번만 서명하십시오",
		}, digests(twice()...), 0},

		{inToken, CauseEncoding, "표준 Base64가 아닌 토큰", words{
			"write the 32 bytes of the signature in standard Base64, with + and /, and = at the end",
			"서명 32바이트를 +와 /를 쓰고 끝에 =를 붙이는 표준 Base64로 쓰십시오",
		}, nil, 0},

		{inValues, causeReadTwice, "시각을 두 번 읽음", words{
			"read the clock once, and sign and send the same digits",
			"시각을 한 번만 읽고 같은 숫자를 서명하고 보내십시오",
		}, readTwice, 400},
		{inFields, "fields in another order", "필드 순서가 다름", words{
			"use this order: service, usercode, username, email, phone, memberno, returnUrl, time",
			"service, usercode, username, email, phone, memberno, returnUrl, time 순서로 서명하십시오",
		}, reordered(), 500},
	}
}

// In returns the cause in the language.
func (c Cause) In(lang Lang) string {
	if c == CauseUnknown {
		return unknown.in(lang)
	}
	if lang == Korean {
		return tableRow(c).ko
	}
	return string(c)
}

// Hint says how to mend the cause.
func (c Cause) Hint(lang Lang) string {
	if c == CauseUnknown {
		return unknownHint.in(lang)
	}
	return tableRow(c).hint.in(lang)
}

// tableRow is the row of the cause. It panics if there is none.
func tableRow(c Cause) row {
	table := mistakes(Case{})
	return table[slices.IndexFunc(table, func(r row) bool { return r.cause == c })]
}
