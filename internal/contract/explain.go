package contract

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxCauses is how many mistakes Explain combines. A third would multiply the work, and explain
// less.
const maxCauses = 2

// Explanation says whether a token is right for its fields, and if not, which mistakes its signer
// made. It shows the fields and the token in clear, so do not log it.
type Explanation struct {
	// Causes are the mistakes, in the order in which a signer works. Empty when the token is right.
	// CauseKey is among them when no known mistakes give the token.
	Causes []Cause
	// Wanted is the string that should have been signed. Signed is the one that was; "" when that
	// is not known.
	Wanted, Signed string
	// Sent is the token as it came. Standard is the same token in standard Base64; "" when it is
	// not the 32 bytes of a signature in any known encoding.
	Sent, Standard string
}

// Explain compares the token in f with the expected one (PROTOCOL 3). If they differ it tries the
// known mistakes, alone and in pairs. The search is bounded to about a second.
func Explain(call Call, key Key, f Fields) Explanation {
	e := explain(call, key, f, nil, maxCauses)
	if inSeconds(f.Time) {
		if !slices.Contains(e.Causes, CauseSeconds) {
			e.Causes = slices.Insert(e.Causes, 0, CauseSeconds) // a right signature of a wrong time
		}
		f.Time += "000"
		e.Wanted = Message(call, f)
	}
	return e
}

// inSeconds reports whether a time can't be milliseconds, because it would be before 1973.
func inSeconds(time string) bool {
	n, err := strconv.ParseInt(time, 10, 64)
	return err == nil && n >= 0 && n < 100_000_000_000
}

// explain finds the smallest number of mistakes that give the token, up to the given maximum.
func explain(call Call, key Key, f Fields, returnURLs []string, most int) Explanation {
	e := Explanation{Causes: []Cause{CauseKey}, Wanted: Message(call, f), Sent: f.Token}
	mac, misread := readToken(f.Token)
	if mac == nil {
		return e
	}
	e.Standard = base64.StdEncoding.EncodeToString(mac)
	contract := signing{signed(call, f), "&", hmac.New(sha256.New, []byte(key))}
	known := mistakes(string(key), append([]string{f.ReturnURL}, returnURLs...))
	look := search{mac, maxSignings}
	for n := 0; len(misread)+n <= most; n++ {
		if causes, message, found := look.try(contract, known, n); found {
			e.Causes = slices.Compact(append(causes, misread...)) // a "+" can be lost twice
			e.Signed = message
			break
		}
	}
	return e
}

const (
	// maxSignings bounds a search whose fields have very many variants. Fields that are all filled
	// in take 620,000.
	maxSignings = 700_000
	// orderedVariants is how many variants of a mistake are also tried in every order of the
	// fields. Eight fields have 40,320 orders.
	orderedVariants = 3
)

// search looks for the signing that gives the bytes of a token.
type search struct {
	mac  []byte
	left int // signings to try before giving up
}

// try combines exactly n of the known mistakes in every way, each on top of the earlier ones.
func (look *search) try(s signing, known []mistake, n int) (causes []Cause, message string, found bool) {
	if n == 0 {
		look.left--
		message = s.message()
		return nil, message, hmac.Equal(s.mac(message), look.mac)
	}
	for i, m := range known {
		rest := known[i+1:]
		tried := 0
		for variant := range m.variants(s) {
			if causes, message, found = look.try(variant, rest, n-1); found {
				return append([]Cause{m.cause}, causes...), message, true
			}
			if look.left <= 0 {
				return nil, "", false
			}
			if tried++; tried == orderedVariants {
				rest = rest[:max(len(rest)-1, 0)] // the order is the last mistake
			}
		}
	}
	return nil, "", false
}

// readToken decodes the 32 bytes of a token and names the mistakes in the way it is written. It
// returns nil if no known encoding gives 32 bytes.
func readToken(token string) (mac []byte, causes []Cause) {
	text := strings.ReplaceAll(token, " ", "+")
	if text != token {
		causes = append(causes, CausePlusLost)
	}
	for _, decode := range []func(string) ([]byte, error){
		base64.StdEncoding.DecodeString, base64.RawStdEncoding.DecodeString,
		base64.URLEncoding.DecodeString, base64.RawURLEncoding.DecodeString,
		hex.DecodeString, decodeBase64OfHex, decodeEscapedBase64,
	} {
		mac, err := decode(text)
		if err != nil || len(mac) != sha256.Size {
			continue
		}
		if base64.StdEncoding.EncodeToString(mac) != text {
			causes = append(causes, CauseEncoding)
		}
		return mac, causes
	}
	return nil, nil
}

// decodeBase64OfHex decodes a token that was written as hex, and the hex as Base64.
func decodeBase64OfHex(s string) ([]byte, error) {
	text, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		return nil, err
	}
	return hex.DecodeString(string(text))
}

// decodeEscapedBase64 decodes a token that was percent-encoded once too often.
func decodeEscapedBase64(s string) ([]byte, error) {
	text, err := url.PathUnescape(s)
	if err != nil {
		return nil, err
	}
	return base64.StdEncoding.DecodeString(text)
}

// Right reports whether the token is right. It does not judge the clock or the limits.
func (e Explanation) Right() bool { return len(e.Causes) == 0 }

// Hint says how to fix the causes; "" when the token is right.
func (e Explanation) Hint() string {
	if e.Standard == "" {
		return "a token is the 32 bytes of an HMAC-SHA256 in Base64, 44 characters; this one is not, in any known encoding"
	}
	var texts []string
	for _, cause := range e.Causes {
		texts = append(texts, hints[cause])
	}
	return strings.Join(texts, "; ")
}

// String shows the explanation on several lines, each ending in a newline: the causes, then what
// should have been signed above what was signed, with the first difference marked. Invisible
// characters are escaped as in Go.
func (e Explanation) String() string {
	if e.Right() {
		return line("right", "the key gives this token for these fields") + line("signed", visible(e.Wanted))
	}
	text := line("wrong", e.verdict())
	switch e.Signed {
	case "":
		text += line("should be signed", visible(e.Wanted)) + line("was signed", "not known")
	case e.Wanted:
		text += line("signed", visible(e.Wanted)+" (right)")
	default:
		text += line("should be signed", visible(e.Wanted)) + line("was signed", visible(e.Signed)) + mark(e.Wanted, e.Signed)
	}
	if e.Standard != "" && e.Standard != e.Sent {
		text += line("standard Base64", e.Standard) + line("was sent", visible(e.Sent)) + mark(e.Standard, e.Sent)
	}
	return text
}

// verdict names the causes.
func (e Explanation) verdict() string {
	if e.Standard == "" {
		return "not a signature"
	}
	var texts []string
	for _, cause := range e.Causes {
		texts = append(texts, string(cause))
	}
	return strings.Join(texts, ", and ")
}

func line(label, text string) string { return fmt.Sprintf("%-16s  %s\n", label, text) }

// mark is a line with a caret under the first character that differs between two texts printed on
// the lines above.
func mark(a, b string) string {
	offset := firstDifference(a, b)
	indent := strings.Repeat(" ", columns(visible(a[:offset])))
	return line("", fmt.Sprintf("%s^ first difference, at byte %d", indent, offset))
}

// firstDifference is the byte offset of the first character that differs. If one text starts with
// the other, it is the length of the shorter one.
func firstDifference(a, b string) int {
	offset := 0
	for offset < min(len(a), len(b)) && a[offset] == b[offset] {
		offset++
	}
	for offset > 0 && offset < len(a) && !utf8.RuneStart(a[offset]) {
		offset--
	}
	return offset
}

// visible escapes characters that would not show or would break the line.
func visible(text string) string {
	var b strings.Builder
	for len(text) > 0 {
		r, size := utf8.DecodeRuneInString(text)
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, text[0])
		case unicode.IsPrint(r):
			b.WriteRune(r)
		default:
			b.WriteString(strings.Trim(strconv.QuoteRune(r), "'"))
		}
		text = text[size:]
	}
	return b.String()
}

// columns is the width of a text in a terminal: 2 for a Korean, Chinese or Japanese character and
// for an emoji, 0 for a character that combines with the one before it, 1 for any other.
func columns(text string) int {
	width := 0
	for _, r := range text {
		switch {
		case unicode.Is(unicode.Mn, r), 0x1160 <= r && r <= 0x11FF:
			// a combining mark, or the vowel or final of a decomposed Korean syllable
		case unicode.In(r, unicode.Hangul, unicode.Han, unicode.Hiragana, unicode.Katakana),
			0xFF01 <= r && r <= 0xFF60, 0x1F300 <= r && r <= 0x1FAFF:
			width += 2
		default:
			width++
		}
	}
	return width
}
