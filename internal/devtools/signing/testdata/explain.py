"""Makes explain.json: wrong tokens, each with one or two mistakes, made without the code under test.

The messages that say so come from Node.js 22 and Java 21 (JSON.stringify, escape, Date, Double and so on).
Run it as: python3 explain.py > explain.json
"""
import base64, hashlib, hmac, html, json, unicodedata, urllib.parse

KEY = "7cf2828608274a49a3f06152b2188927"
T = "1772452800001"
FULL = dict(service="hangame", usercode="alice", username="홍 길동", email="alice+1@example.com", phone="010-1234-5678",
            memberno="M-1", returnUrl="https://acme.oc.nhncloud.com/hangame/hc/ticket/?a=1&b=%ED%99%8D#top", time=T)
SHORT = dict(service="hangame", usercode="Alice", username="김민지", time=T)
ORDER = ["service", "usercode", "username", "email", "phone", "memberno", "returnUrl", "time"]


def with_(fields, **changes):
    return {k: v for k, v in {**fields, **changes}.items() if v is not None}


def message(fields, order=ORDER, sep="&"):
    return sep.join(fields[n] for n in order if n in fields)


def raw(text):
    return text if isinstance(text, bytes) else text.encode("utf-8")


def mac(msg, key=KEY, digest="sha256"):
    return hmac.new(raw(key), raw(msg), digest).digest()


def b64(b):
    return base64.b64encode(b).decode()


def tok(msg, key=KEY, digest="sha256"):
    return b64(mac(msg, key, digest))


rows = []


def row(name, want, token, fields=FULL, call="form", key=KEY, other=None):
    """The fields are those that were sent; text that is not UTF-8 is given in Latin-1 under "bytes"."""
    sent = {k: v for k, v in fields.items()}
    rows.append(dict(name=name, call=call, fields=sent, key=key, other=other or [], token=token, want=want.split("; ")))


def q(s): return urllib.parse.quote(s, safe="-_.!~*'()")
def qp(s): return urllib.parse.quote_plus(s)
def nfd(s): return unicodedata.normalize("NFD", s)
def cp949(s): return s.encode("cp949")


M = message(FULL)
S = message(SHORT)


def value(name, want, fields=FULL, sent=None, **changes):
    """One row whose signer signed other values than were sent."""
    row(name, want, tok(message(with_(fields, **changes))), fields=sent or fields)


PCT = "text percent-encoded before signing"
CHARSET = "text not in UTF-8"
MOJI = "text decoded in another character set (mojibake)"
NORM = "another Unicode form (NFC, NFD, full-width)"
WIDTH = "another Unicode form (NFC, NFD, full-width)"
CASE = "another letter case"
PHONE = "the phone number in another form"
SEP = "another separator than &"
AMP = "an & too many"
RET = "returnUrl in another form"
SVC = "the domain or a URL for the service id"
KEYSP = "other spaces or a newline around the key"
ENC = "token not in standard Base64"
SEC = "seconds for milliseconds"
TWICE = "the clock read twice, or rounded"
ORD = "fields in another order"
LEFT = "a field left out"
BLANK = "a blank signed"
CONCAT = "a plain hash, no HMAC"
NOKEY = "a plain hash, no HMAC"
HASH = "another hash than HMAC-SHA256"
DATE = "a date for the time"
DEC = "a time with decimals"
UNSIGNED = "returnUrl sent in a form but not signed"
MEMBERNO = "memberno left out"
JSON = "JSON signed"
PAIRS = "name=value pairs signed"
ESC = "text escaped before signing"
KEYCASE = "the key decoded or changed before use"
KEYHEX = "the key decoded or changed before use"
PLUS = "+ lost to a space"
SPACES = "other spaces around a value"

# Character sets and normalization
for f, n in ((FULL, "full"), (SHORT, "short")):
    row("the message in EUC-KR, " + n, CHARSET, tok(cp949(message(f))), f)
row("a syllable that only CP949 has", CHARSET, tok(cp949("hangame&Alice&똠방각하&" + T)), with_(SHORT, username="똠방각하"))
row("getBytes in ISO-8859-1 of Korean", CHARSET, tok(b"hangame&Alice&???&" + T.encode()), SHORT)
row("getBytes in ISO-8859-1 of French", CHARSET, tok("hangame&Alice&José Núñez&".encode("latin-1") + T.encode()), with_(SHORT, username="José Núñez"))
row("UTF-16LE", "the whole message changed before signing", tok(S.encode("utf-16-le")), SHORT)
row("UTF-16 as Java writes it", "the whole message changed before signing", tok(b"\xfe\xff" + S.encode("utf-16-be")), SHORT)
value("NFD signed", NORM, username=nfd("홍 길동"))
value("NFD sent", NORM, sent=with_(FULL, username=nfd("홍 길동")))
value("UTF-8 read as Latin-1", MOJI, SHORT, username="김민지".encode().decode("latin-1"))
value("UTF-8 read as windows-1252", MOJI, with_(SHORT, username="José"), username="JosÃ©")
value("UTF-8 read as EUC-KR by a browser", MOJI, SHORT, username="源\ufffd誘쇱\ufffd")
value("EUC-KR read as Latin-1", MOJI, SHORT, username=cp949("김민지").decode("latin-1"))
value("EUC-KR read as UTF-8", MOJI, SHORT, username=cp949("김민지").decode("utf-8", "replace"))
value("mojibake sent", MOJI, SHORT, sent=with_(SHORT, username="김민지".encode().decode("latin-1")))
row("EUC-KR sent and UTF-8 signed", CHARSET, tok(S), with_(SHORT, username=dict(latin1=cp949("김민지").decode("latin-1"))))
row("EUC-KR sent and signed", CHARSET, tok(cp949(S)), with_(SHORT, username=dict(latin1=cp949("김민지").decode("latin-1"))))
value("full-width digits signed", WIDTH, phone="０１０-１２３４-５６７８")
value("full-width digits sent", WIDTH, sent=with_(FULL, phone="０１０-１２３４-５６７８"))

# Separators
for sep in ["", "+", "|", ",", " & ", "&amp;", "\n", "::", ";", "-", "%26", " "]:
    row("separator %r" % sep, SEP, tok(message(FULL, sep=sep)))
row("a leading &", AMP, tok("&" + M))
row("a trailing &", AMP, tok(M + "&"))
row("both", AMP, tok("&" + M + "&"))
row("no & before the time", "an & too few", tok("hangame&Alice&김민지" + T), SHORT)
row("a line end", "something before or after the message", tok(M + "\n"))
row("a message in quotes", "something before or after the message", tok('"' + M + '"'))

# Hashes
for name, want, msg in (("key+message", CONCAT, KEY + M), ("message+key", CONCAT, M + KEY), ("key&message", CONCAT, KEY + "&" + M),
                        ("message&key", CONCAT, M + "&" + KEY), ("message", NOKEY, M)):
    row("SHA-256 of " + name, want, b64(hashlib.sha256(raw(msg)).digest()))
    row("SHA-256 of %s in hex" % name, want + "; " + ENC, hashlib.sha256(raw(msg)).hexdigest())
row("key and message swapped", "key and message swapped", b64(mac(KEY, M)))
for digest in ("sha1", "sha512", "md5", "sha384"):
    row("HMAC " + digest, HASH, tok(M, digest=digest))
row("HMAC SHA-1 in hex", HASH + "; " + ENC, mac(M, digest="sha1").hex())
row("MD5 of message and key in hex", CONCAT + "; " + ENC, hashlib.md5(raw(M + KEY)).hexdigest())
row("the key in the message too", "the key signed with the message", tok(M + "&" + KEY))
row("HMAC of a hash", "the whole message changed before signing", tok(hashlib.sha256(raw(M)).hexdigest()))

# How the token is written. PLUS_FORM has a + and a / in its token.
row("hex", ENC, mac(M).hex())
row("upper-case hex", ENC, mac(M).hex().upper())
row("hex as BitConverter writes it", ENC, "-".join("%02X" % b for b in mac(M)))
row("Base64 of hex", ENC, b64(mac(M).hex().encode()))
row("Base64 of upper-case hex", ENC, b64(mac(M).hex().upper().encode()))
row("Base64 twice", ENC, b64(tok(M).encode()))
n = 0
while True:
    n += 1
    P = with_(FULL, memberno="M-%d" % n)
    plus = tok(message(P))
    if "+" in plus and "/" in plus:
        break
row("URL-safe Base64", ENC, plus.replace("+", "-").replace("/", "_"), P)
row("URL-safe without padding", ENC, plus.replace("+", "-").replace("/", "_").rstrip("="), P)
row("without padding", ENC, plus.rstrip("="), P)
row("wrapped with a line end", ENC, plus + "\n", P)
row("wrapped at 20", ENC, plus[:20] + "\r\n" + plus[20:40] + "\r\n" + plus[40:], P)
row("percent-encoded", ENC, q(plus), P)
row("percent-encoded twice", ENC, q(q(plus)), P)
row("HTML escapes", ENC, plus.replace("+", "&#43;").replace("=", "&#61;"), P)
row("quotes", ENC, '"' + plus + '"', P)
row("bytes of Python", ENC, str(plus.encode()), P)
row("the + lost", PLUS, plus.replace("+", " "), P)
row("lower case", ENC, plus.lower(), P)
row("without its signs", ENC, plus.replace("+", "").replace("/", "").replace("=", ""), P)
row("toHexString of each byte", ENC, "".join("%x" % b for b in mac(M)))
row("cut", ENC, plus[:32], P)
row("String(bytes) of Java", ENC, b64(mac(M).decode("utf-8", "replace").encode()))
# Node.js: Buffer.from(hmac.digest('latin1'), 'utf8').toString('base64')
row("a binary string as UTF-8", ENC, b64(mac(M).decode("latin-1").encode()))

# Values
value("usercode in lower case", CASE, SHORT, usercode="alice")
value("email in lower case", CASE, with_(FULL, email="Alice@Example.com"), email="alice@example.com")
value("email in upper case", CASE, email="ALICE+1@EXAMPLE.COM")
for phone in ("01012345678", "+82-10-1234-5678", "+821012345678", "1012345678", "10-1234-5678", "010 1234 5678", "010.1234.5678", "821012345678",
              "+82 10-1234-5678"):
    value("phone %s signed" % phone, PHONE, phone=phone)
    value("phone %s sent" % phone, PHONE, sent=with_(FULL, phone=phone))
value("a number without its zeros", "a number's leading zeros, decimals or hyphens", with_(FULL, memberno="00042"), memberno="42")
value("a number with a decimal", "a number's leading zeros, decimals or hyphens", with_(FULL, usercode="42"), usercode="42.0")
for service in ("acme", "acme.oc.nhncloud.com", "https://acme.oc.nhncloud.com", "https://acme.oc.nhncloud.com/hangame/hc/", "hangame/hc"):
    value("service as %s" % service, SVC, service=service)
value("the service's URL without a returnUrl", SVC, SHORT, service="https://hangame.oc.nhncloud.com/")
for name in ("service", "usercode", "time", "username", "email", "phone"):
    value("without " + name, LEFT, **{name: None})
value("without memberno", MEMBERNO, memberno=None)
value("without returnUrl", UNSIGNED, returnUrl=None)
value("only the required ones", LEFT, username=None, email=None, phone=None, memberno=None, returnUrl=None)
for word in ("null", "None", "undefined", "", "NaN"):
    f = with_(FULL, phone=None)
    value("an absent phone as %r" % word, BLANK, f, phone=word)
    value("all absent as %r" % word, BLANK, SHORT, email=word, phone=word, memberno=word, returnUrl=word, sent=SHORT)
value("a blank as it is", BLANK, with_(FULL, phone=" "))
R = FULL["returnUrl"]
for name, url in (("decoded", urllib.parse.unquote(R)), ("without its fragment", R.split("#")[0]), ("without its query", R.split("?")[0]),
                  ("with &amp;", R.replace("&", "&amp;")), ("cut at &", R.split("&")[0]), ("its path alone", R[len("https://acme.oc.nhncloud.com"):]),
                  ("in http", R.replace("https", "http")), ("lower-case escapes", R.replace("%ED%99%8D", "%ed%99%8d")),
                  ("the slash left out", R.replace("ticket/?", "ticket?")), ("another page", "https://acme.oc.nhncloud.com/hangame/hc/")):
    want = "sent escaped or percent-encoded, signed plain" if name == "decoded" else RET
    value("returnUrl " + name, want, returnUrl=url)
value("returnUrl without its slash", RET, with_(FULL, returnUrl="https://acme.oc.nhncloud.com/hangame/hc/"),
      returnUrl="https://acme.oc.nhncloud.com/hangame/hc")
value("returnUrl encoded", PCT, returnUrl=q(R))
value("returnUrl sent encoded", "sent escaped or percent-encoded, signed plain", with_(FULL, returnUrl="https://acme.oc.nhncloud.com/hangame/hc/"),
      sent=with_(FULL, returnUrl=q("https://acme.oc.nhncloud.com/hangame/hc/")))
row("returnUrl signed in an api call", "returnUrl signed in an api call", tok(M), FULL, "api")
value("the name percent-encoded", PCT, username=q("홍 길동"))
value("the name encoded as in a form", PCT, username=qp("홍 길동"))
value("the name encoded in EUC-KR", PCT, username=urllib.parse.quote_plus("홍 길동", encoding="euc-kr"))
value("the name sent encoded", "sent escaped or percent-encoded, signed plain", sent=with_(FULL, username=q("홍 길동")))
O = with_(FULL, username="O'Brien & <Co>")
value("HTML escapes signed", ESC, O, username=html.escape("O'Brien & <Co>"))
value("HTML escapes sent", "sent escaped or percent-encoded, signed plain", O, sent=with_(O, username="O&#39;Brien &amp; &lt;Co&gt;"))
value("\\u escapes signed", ESC, SHORT, username="\\uae40\\ubbfc\\uc9c0")
value("a backslash before a quote", ESC, with_(SHORT, username="O'Brien"), username="O\\'Brien")
value("the + of the email as a space", PLUS, email="alice 1@example.com")
value("a space trimmed", SPACES, with_(FULL, username=" 홍 길동 "), username="홍 길동")
value("a line end on a value", SPACES, memberno="M-1\r\n")
value("the space in the name lost", "other spaces inside a value", username="홍길동")
value("a no-break space", "other spaces inside a value", username="홍\u00a0길동")
value("a BOM on the first value", "something before or after the message", service="\ufeffhangame")
value("a zero-width space sent", "quotes or an invisible character in a value", sent=with_(FULL, usercode="alice\u200b"))
value("quotes signed", "quotes or an invisible character in a value", username='"홍 길동"')
value("quotes sent", "quotes or an invisible character in a value", sent=with_(FULL, username='"홍 길동"'))
value("the email for the usercode", "another field's value in its place", usercode="alice+1@example.com")

value("hyphens left out", "a number's leading zeros, decimals or hyphens", with_(FULL, memberno="A-1-2"), memberno="A12")
value("grouped", "a number's leading zeros, decimals or hyphens", with_(FULL, memberno="12345"), memberno="12,345")
value("a phone of Seoul", PHONE, with_(FULL, phone="02-345-6789"), phone="+8223456789")

# Time
for name, want, time in (
    ("seconds", SEC, T[:-3]), ("microseconds", "microseconds or nanoseconds for milliseconds", T + "000"), (".0", DEC, T + ".0"),
    ("Double.toString of Java", DEC, "1772452800001.0"), ("a double in Java", DEC, "1.772452800001E12"), ("toExponential of JavaScript", DEC, "1.772452800001e+12"),
    ("%,d", DEC, "1,772,452,800,001"), 
    ("a date", DATE, "2026-03-02 21:00:00"), ("a date in UTC", DATE, "2026-03-02 12:00:00"), ("toISOString", DATE, "2026-03-02T12:00:00.001Z"),
    ("yyyyMMddHHmmss", DATE, "20260302210000"), ("Date of Java", DATE, "Mon Mar 02 21:00:00 KST 2026"),
    ("Date of Node.js", DATE, "Mon Mar 02 2026 21:00:00 GMT+0900 (Korean Standard Time)"), ("Timestamp of Java", DATE, "2026-03-02 21:00:00.001"),
("isoformat of Python", DATE, "2026-03-02T12:00:00.001000"),
    ("read 1 ms before", TWICE, "1772452800000"), ("read 5 ms later", TWICE, "1772452800006"),
):
    value("time: " + name, want if time != "1772452800000" else "the clock read twice, or rounded", time=time)
value("time rounded up", "the clock read twice, or rounded", with_(FULL, time="1772452800777"), time="1772452801000")
value("time rounded", "the clock read twice, or rounded", with_(FULL, time="1772452800777"), time="1772452800000")
value("seconds sent", SEC, sent=with_(FULL, time=T[:-3]))
row("seconds signed and sent", SEC, tok(message(with_(FULL, time=T[:-3]))), with_(FULL, time=T[:-3]))
row("microseconds signed and sent", "microseconds or nanoseconds for milliseconds", tok(message(with_(FULL, time=T + "123"))), with_(FULL, time=T + "123"))
value("KST for UTC", "the time shifted by the time zone", time=str(int(T) + 9 * 3600 * 1000))

row("a date signed and sent", DATE, tok(message(with_(FULL, time="2026-03-02 21:00:00"))), with_(FULL, time="2026-03-02 21:00:00"))
row("a double signed and sent", DEC, tok(message(with_(FULL, time=T + ".0"))), with_(FULL, time=T + ".0"))
value("a double sent", DEC, sent=with_(FULL, time=T + ".0"))
value("rounded to the minute", "the clock read twice, or rounded", with_(FULL, time="1772452839421"), time="1772452800000")
value("milliseconds signed, seconds sent", SEC, with_(FULL, time="1772452800123"), sent=with_(FULL, time="1772452800"))

# Whole messages. The JSON texts are as Node.js and Python write them.
obj = {n: (int(v) if n == "time" else v) for n, v in FULL.items()}
row("JSON.stringify", JSON, tok('{"service":"hangame","usercode":"Alice","username":"김민지","time":1772452800001}'), SHORT)
row("json.dumps", JSON, tok(json.dumps(obj)))
row("json sorted", JSON, tok(json.dumps(obj, sort_keys=True, separators=(",", ":"), ensure_ascii=False)))
row("a JSON array", JSON, tok(json.dumps(list(FULL.values()), separators=(",", ":"), ensure_ascii=False)))
row("a list of Java", JSON, tok("[" + ", ".join(FULL.values()) + "]"))
row("a list of Python", JSON, tok(str(list(FULL.values()))))
row("a Map of Java", JSON, tok("{" + ", ".join(k + "=" + v for k, v in FULL.items()) + "}"))
row("name=value", PAIRS, tok("&".join(k + "=" + v for k, v in FULL.items())))
row("name=value, sorted", PAIRS, tok("&".join(k + "=" + FULL[k] for k in sorted(FULL))))
row("URLSearchParams", PAIRS, tok("service=hangame&usercode=Alice&username=%EA%B9%80%EB%AF%BC%EC%A7%80&time=" + T), SHORT)
row("the message in Base64", "the whole message changed before signing", tok(b64(raw(M))))
row("the message in lower case", "another letter case", tok(S.lower()), SHORT)
row("time first", ORD, tok(message(FULL, ["time"] + ORDER[:-1])))
row("by name", ORD, tok(message(FULL, sorted(ORDER))))
row("memberno after returnUrl", ORD, tok(message(FULL, ORDER[:5] + ["returnUrl", "memberno", "time"])))

# Keys
for name, want, key in (
    ("a line end", KEYSP, KEY + "\n"), ("CR LF", KEYSP, KEY + "\r\n"), ("a space", KEYSP, " " + KEY), ("upper case", KEYCASE, KEY.upper()),
    ("quotes", "the key with quotes or an invisible character", '"' + KEY + '"'), ("single quotes", "the key with quotes or an invisible character", "'" + KEY + "'"),
    ("a BOM", "the key with quotes or an invisible character", "\ufeff" + KEY), ("a zero-width space", "the key with quotes or an invisible character", KEY + "\u200b"),
    ("from hex", KEYHEX, bytes.fromhex(KEY)), ("from Base64", "the key decoded or changed before use", base64.b64decode(KEY)),
    ("in Base64", "the key decoded or changed before use", b64(KEY.encode())), ("hashed", "the key decoded or changed before use", hashlib.sha256(KEY.encode()).hexdigest()),
    ("empty", "no key, or a placeholder for it", ""), ("undefined", "no key, or a placeholder for it", "undefined"),
    ("its line in the settings", "no key, or a placeholder for it", "oc.apikey=" + KEY),
):
    row("the key: " + name, want, tok(M, key))
row("the key of alpha, named", "another key", tok(M, "alphaalphaalphaalphaalphaalpha01"), other=["alphaalphaalphaalphaalphaalpha01"])
row("the key of alpha, not named", "not known", tok(S, "alphaalphaalphaalphaalphaalpha01"), SHORT)
row("the key of alpha, and another one named", "not known", tok(S, "alphaalphaalphaalphaalphaalpha01"), SHORT, other=["anotherkey"])
row("a key with a space at its end, trimmed", KEYSP, tok(M, KEY), key=KEY + " ")

# Pairs
MID = dict(service="hangame", usercode="alice", username="홍 길동", email="alice@example.com", phone="010-1234-5678", time=T)
MM = message(MID)
N = "not known"
mid = {**MID, "time": int(T)}
ALPHA = "alphaalphaalphaalphaalphaalpha01"


def pair(name, want, token, fields=MID, **more):
    row("pair: " + name, want, token, fields, **more)


pair("EUC-KR and a key with a line end", CHARSET + "; " + KEYSP, tok(cp949(MM), KEY + "\n"))
pair("EUC-KR and seconds", SEC + "; " + CHARSET, tok(cp949(message(with_(SHORT, time=T[:-3])))), fields=SHORT)
pair("EUC-KR and hex", CHARSET + "; " + ENC, mac(cp949(MM)).hex())
pair("NFD and no hyphens", PHONE + "; " + NORM, tok(message(with_(MID, username=nfd("홍 길동"), phone="01012345678"))))
pair("no separators and SHA-256 of key+message", SEP + "; " + CONCAT, b64(hashlib.sha256(raw(KEY + message(MID, sep=""))).digest()))
pair("no returnUrl and no memberno", UNSIGNED + "; " + MEMBERNO, tok(message(with_(FULL, returnUrl=None, memberno=None))), fields=FULL)
pair("no returnUrl and another order", UNSIGNED + "; " + ORD, tok(message(with_(FULL, returnUrl=None), ["time"] + ORDER[:-1])), fields=FULL)
pair("no returnUrl and seconds", SEC + "; " + UNSIGNED, tok(message(with_(FULL, returnUrl=None, time=T[:-3]))), fields=FULL)
pair("SHA-1 and |", SEP + "; " + HASH, tok(message(MID, sep="|"), digest="sha1"))
pair("swapped and no memberno", MEMBERNO + "; key and message swapped", b64(mac(KEY, message(with_(FULL, memberno=None)))), fields=FULL)
pair("seconds and hex", SEC + "; " + ENC, mac(message(with_(MID, time=T[:-3]))).hex())
pair("hex key and URL-safe token", KEYHEX + "; " + ENC, base64.urlsafe_b64encode(mac(MM, bytes.fromhex(KEY))).decode().rstrip("="))
pair("encoded name and no returnUrl", PCT + "; " + UNSIGNED, tok(message(with_(FULL, username=q("홍 길동"), returnUrl=None))), fields=FULL)
pair("read twice and no returnUrl", TWICE + "; " + UNSIGNED, tok(message(with_(FULL, returnUrl=None, time="1772452799997"))), fields=FULL)
pair("read twice by 3 ms and a key with a line end", TWICE + "; " + KEYSP, tok(message(with_(MID, time="1772452799998")), KEY + "\n"))
pair("read twice and EUC-KR", TWICE + "; " + CHARSET, tok(cp949(message(with_(MID, time="1772452799997")))))
pair("read twice and hex", TWICE + "; " + ENC, mac(message(with_(MID, time="1772452799997"))).hex())
pair("nulls and a trailing &", BLANK + "; " + AMP, tok("hangame&Alice&김민지&null&null&null&null&" + T + "&"), fields=SHORT)
pair("nulls and upper-case key", BLANK + "; " + KEYCASE, tok("hangame&Alice&김민지&null&null&null&null&" + T, KEY.upper()), fields=SHORT)
pair("None and .0", DEC + "; " + BLANK, tok("hangame&Alice&김민지&None&None&None&None&" + T + ".0"), fields=SHORT)
pair("email in lower case and no hyphens", PHONE + "; " + CASE, tok(message(with_(FULL, email="alice@example.com", phone="01012345678"))),
     fields=with_(FULL, email="Alice@Example.com"))
pair("domain and seconds", SEC + "; " + SVC, tok(message(with_(FULL, service="acme", time=T[:-3]))), fields=FULL)
pair("JSON and a key in quotes", JSON + "; the key with quotes or an invisible character", tok(json.dumps(mid), '"' + KEY + '"'))
pair("name=value and SHA-256 alone", PAIRS + "; " + NOKEY, b64(hashlib.sha256(raw("&".join(k + "=" + v for k, v in MID.items()))).digest()))
pair("name=value in hex", PAIRS + "; " + ENC, mac("&".join(k + "=" + v for k, v in MID.items())).hex())
pair("alpha's key and EUC-KR", CHARSET + "; another key", tok(cp949(MM), ALPHA), other=[ALPHA])
pair("alpha's key with a line end", "another key; " + KEYSP, tok(MM, ALPHA + "\n"), other=[ALPHA])
pair("HTML escapes and &amp; between", ESC + "; " + SEP, tok(message(with_(O, username=html.escape("O'Brien & <Co>")), sep="&amp;")), fields=O)
pair("returnUrl without query, key with BOM", RET + "; the key with quotes or an invisible character",
     tok(message(with_(FULL, returnUrl=R.split("?")[0])), "\ufeff" + KEY), fields=FULL)
pair("a date and KST, no memberno", DATE + "; " + MEMBERNO, tok(message(with_(FULL, time="20260302210000", memberno=None))), fields=FULL)
pair("MD5 and no service", LEFT + "; " + HASH, tok(message(with_(MID, service=None)), digest="md5"))
pair("a space for + in the token, and seconds", SEC + "; " + PLUS, "", fields=FULL)
pair("quotes and trailing newline", "quotes or an invisible character in a value; something before or after the message", tok(message(with_(MID, username='"홍 길동"')) + "\n"))
pair("by name in SHA-512", ORD + "; " + HASH, tok(message(MID, sorted(ORDER)), digest="sha512"))
pair("order and key with a line end", ORD + "; " + KEYSP, tok(message(MID, ORDER[1:2] + ORDER[:1] + ORDER[2:]), KEY + "\n"))
pair("zeros and case", CASE + "; a number's leading zeros, decimals or hyphens", tok(message(with_(FULL, usercode="ALICE", memberno="42"))),
     fields=with_(FULL, memberno="0042"))
pair("mojibake and + separators", MOJI + "; " + SEP, tok(message(with_(SHORT, username="김민지".encode().decode("latin-1")), sep="+")), fields=SHORT)
pair("three mistakes", N, tok(cp949(message(with_(SHORT, time=T[:-3]), sep="|")), KEY + "\n"), fields=SHORT)

# The vendor's sample
row("lower-case hex and a returnUrl in an api call", "returnUrl signed in an api call; " + ENC, mac(M).hex(), FULL, "api")
row("two fields left out", LEFT, tok(message(with_(FULL, email=None, phone=None))))
row("commas of Freemarker", DEC, tok(message(with_(FULL, time="1,772,452,800,001"))), with_(FULL, time="1,772,452,800,001"))
row("a time in seconds, and a key not named", SEC, tok(message(with_(SHORT, time=T[:-3])), "another"), with_(SHORT, time=T[:-3]))
row("no usercode", "a required field missing", tok(message(with_(SHORT, usercode=""))), with_(SHORT, usercode=""))

for r in rows:  # the row whose token must have a +
    if r["token"] == "":
        for n in range(1000):
            f = with_(FULL, memberno="M-%d" % n)
            t = tok(message(with_(f, time=T[:-3])))
            if "+" in t:
                r["fields"], r["token"] = f, t.replace("+", " ")
                break
print(json.dumps(rows, ensure_ascii=False, indent=0))
