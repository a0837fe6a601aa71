package contract

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// An Explanation says whether a token is the one of its fields, and if not, what its signer got wrong. It has the fields
// and the token in clear; it is not for logs.
type Explanation struct {
	// Causes are none when the token is right, CauseKey among them when no known mistake gives the token.
	Causes []Cause
	// Wanted is the string that should have been signed, Signed the one that was; "" when that isn't known.
	Wanted, Signed string
	// Sent is the token as it came, Standard the same as standard Base64 writes it; "" when it is no signature at all.
	Sent, Standard string
}

// Explain holds the token in f against the one that the key gives for the fields of the call (PROTOCOL 3), and tries
// what people get wrong, alone and in pairs. It ends within about a second.
func Explain(call Call, key Key, f Fields) Explanation {
	how := explain(call, key, f, nil, maxCauses)
	causes := how.causes
	if inSeconds(f.Time) {
		if !slices.Contains(causes, CauseSeconds) {
			causes = slices.Insert(causes, 0, CauseSeconds) // a right signature of a wrong time
		}
		f.Time += "000"
	}
	return Explanation{causes, Message(call, f), how.message, f.Token, how.token}
}

// inSeconds reports whether a time can't be milliseconds: that would be before 1973.
func inSeconds(time string) bool {
	n, err := strconv.ParseInt(time, 10, 64)
	return err == nil && n >= 0 && n < 100_000_000_000
}

// Right reports whether the help center takes the token; it says nothing of the clock and of the limits.
func (e Explanation) Right() bool { return len(e.Causes) == 0 }

// Hint is what to do about the causes; "" when the token is right.
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

var hints = map[Cause]string{
	CauseSeconds:           "time is in milliseconds since the epoch, in the message and in what is sent",
	CauseReturnURLSigned:   "an api call and a link sign no returnUrl, only a form does",
	CauseReturnURLUnsigned: "a form signs the returnUrl that it sends, right before time; an api call and a link sign none",
	CauseMemberNoUnsigned:  "memberno is signed behind phone, which the vendor's older page doesn't say",
	CauseBlankSigned:       "leave a blank field out of the message together with its &",
	CauseSpaces:            "sign each value exactly as it is sent: trim it before both or not at all",
	CausePlusLost:          "send a + as %2B wherever it is in a URL or a form",
	CausePercentEncoded:    "sign the text itself, and percent-encode only what is sent",
	CauseOrder:             "the order is service, usercode, username, email, phone, memberno, returnUrl, time",
	CauseEncoding:          "write the 32 bytes of the signature in Base64 with + and / and the = at the end",
	CauseKeySpaces:         "sign with the key as it is in the console, without what a file or a form has put around it",
	CauseKeyHex:            "sign with the bytes of the key's text; it looks like hex, but is not to be decoded",
	CauseNoKey:             "use HMAC-SHA256 with the organization key, not SHA-256 of the message",
	CauseKey:               "no known mistake gives this token, alone or with another: compare the key, then each value with what your code signs",
}

// String is the explanation on several lines, each with its end: the causes, and what was signed below what should
// have been, with the first difference marked. Characters that don't show are escaped as in Go.
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

// mark is a line with a caret below the first character in which two texts differ, when they are on lines above it.
func mark(a, b string) string {
	offset := firstDifference(a, b)
	indent := strings.Repeat(" ", columns(visible(a[:offset])))
	return line("", fmt.Sprintf("%s^ first difference, at byte %d", indent, offset))
}

// firstDifference is the offset in bytes of the first character in which two texts differ; the length of one that the
// other begins with.
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

// visible escapes what would not show, or would break the line.
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

// columns is the width of a text in a terminal: two for a Korean, Chinese or Japanese character and an emoji, none for
// what joins the character before it.
func columns(text string) int {
	width := 0
	for _, r := range text {
		switch {
		case unicode.Is(unicode.Mn, r), 0x1160 <= r && r <= 0x11FF: // the later letters of a decomposed syllable
		case unicode.In(r, unicode.Hangul, unicode.Han, unicode.Hiragana, unicode.Katakana),
			0xFF01 <= r && r <= 0xFF60, 0x1F300 <= r && r <= 0x1FAFF:
			width += 2
		default:
			width++
		}
	}
	return width
}
