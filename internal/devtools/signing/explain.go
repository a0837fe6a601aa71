package signing

import (
	"bytes"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// Lang is a language of the explanations.
type Lang string

// The languages of operators' text.
const (
	English Lang = "en"
	Korean  Lang = "ko"
)

// Case is a token to explain.
type Case struct {
	Call   Call
	Key    Key
	Fields Fields
	// ReturnURLs are URLs that the signer may have signed without sending them.
	ReturnURLs []string
	// OtherKeys are keys that the signer may have taken for Key, such as that of alpha.
	OtherKeys []NamedKey
}

// NamedKey is a key with the name that an explanation shows for it.
type NamedKey struct {
	Name string
	Key  Key
}

// Explanation says whether a token is right for its fields, and if not, which mistakes its signer
// made. It shows the fields and the token in clear, so do not log it.
type Explanation struct {
	// Remarks say what is odd about the values, whatever the token.
	Remarks []Remark
	// Mistakes are the mistakes: required fields that are missing, then a wrong time, then those of
	// the signature in the order in which a signer works. Empty when the token is right.
	// CauseUnknown is the last when no known mistakes give the token.
	Mistakes []Mistake
	// Wanted is the string that should have been signed. Signed is the one that was; "" when that
	// is not known.
	Wanted, Signed string
	// Sent is the token as it came. Standard is the same signature as standard Base64; "" when the
	// token is no signature in any known encoding.
	Sent, Standard string
}

// Explain compares the token with the expected one (CONTRACT 3). If they differ, it tries the known
// mistakes, alone and in pairs, which takes a fraction of a second. It tries no more when ctx is
// done.
func Explain(ctx context.Context, c Case) Explanation {
	e := Explanation{Remarks: remarks(c), Wanted: Message(c.Call, c.Fields), Sent: c.Fields.Token}
	e.Mistakes = append(e.Mistakes, wrongValues(c)...)
	if c.Fields.Token != "" {
		e = e.withSignature(ctx, c)
	}
	if _, right := wrongTime(c.Fields.Time); right != c.Fields.Time {
		c.Fields.Time = right
		e.Wanted = Message(c.Call, c.Fields)
	}
	return e
}

// withSignature adds what is wrong with the signature.
func (e Explanation) withSignature(ctx context.Context, c Case) Explanation {
	right := rightSigning(c)
	mac := right.digest.of(right.key, e.Wanted)
	readings := readToken(c.Fields.Token)
	add := func(mistakes ...Mistake) {
		for _, m := range mistakes {
			if !slices.ContainsFunc(e.Mistakes, func(known Mistake) bool { return known.Cause == m.Cause }) {
				e.Mistakes = append(e.Mistakes, m)
			}
		}
	}
	if detail, lost := damage(string(mac), c.Fields.Token); detail != "" {
		add(Mistake{Cause: causeEncoding, Detail: detail})
		if !lost {
			e.Signed, e.Standard = e.Wanted, inBase64(string(mac))
		}
		return e
	}
	if len(readings) == 0 {
		add(Mistake{Cause: causeNoSignature})
		return e
	}
	found, signed, read := look(ctx, right, mistakes(c), readings)
	e.Standard = inBase64(read.text)
	if signed != nil {
		add(found...)
		e.Signed = signed.message()
		add(read.mistakes...)
		return e
	}
	known := len(e.Mistakes) > 0 // the help center refuses those values whatever the token
	add(read.mistakes...)
	if !known {
		add(Mistake{Cause: CauseUnknown})
	}
	return e
}

// look searches for the signing that gives one of the signatures: the right one, one with a mistake
// of the table, or one with two. It returns a nil signing if there is none.
func look(ctx context.Context, right signing, table []row, readings []spelled) ([]Mistake, *signing, spelled) {
	gives := func(s signing) int {
		var mac []byte
		return slices.IndexFunc(readings, func(r spelled) bool {
			if len(r.text) != s.digest.size {
				return false
			}
			if mac == nil {
				mac = s.digest.of(s.key, s.message())
			}
			return bytes.Equal(mac, []byte(r.text))
		})
	}
	if i := gives(right); i >= 0 {
		return nil, &right, readings[i]
	}
	table = slices.DeleteFunc(slices.Clone(table), func(r row) bool { return r.variants == nil })
	one := make([][]signing, len(table))
	for i, r := range table {
		one[i] = r.variants(right)
		for _, s := range one[i] {
			if read := gives(s); read >= 0 {
				return []Mistake{{r.cause, s.fields, s.detail}}, &s, readings[read]
			}
		}
	}
	for i, first := range table {
		for _, s := range one[i] {
			if ctx.Err() != nil {
				break
			}
			for _, second := range table[i:] {
				for _, t := range second.variants(s) {
					if read := gives(t); read >= 0 {
						return joinedMistakes(Mistake{first.cause, s.fields, s.detail}, Mistake{second.cause, t.fields, t.detail}), &t, readings[read]
					}
				}
			}
		}
	}
	return nil, nil, readings[0]
}

// joinedMistakes returns two mistakes, or one with the fields of both if their cause is the same.
func joinedMistakes(first, second Mistake) []Mistake {
	if first.Cause != second.Cause {
		return []Mistake{first, second}
	}
	first.Fields += ", " + second.Fields
	return []Mistake{first}
}

// wrongValues says what is wrong with the values as they were sent. Even a right signature of them
// is refused.
func wrongValues(c Case) (found []Mistake) {
	var missing, broken []string
	for _, name := range FieldNames {
		value := c.Fields.Named(name)
		if Blank(value) && (slices.Contains([]string{"service", "usercode", "time", "token"}, name) || name == "email" && c.Call == CallLink) {
			missing = append(missing, name)
		}
		if !utf8.ValidString(value) {
			broken = append(broken, name)
		}
	}
	if missing != nil {
		found = append(found, Mistake{Cause: causeMissing, Fields: strings.Join(missing, ", ")})
	}
	if cause, _ := wrongTime(c.Fields.Time); cause != "" {
		found = append(found, Mistake{Cause: cause})
	}
	if broken != nil {
		found = append(found, Mistake{Cause: causeNotUTF8, Fields: strings.Join(broken, ", ")})
	}
	return found
}

// firstMillis is the first time in milliseconds that can't be one in seconds: it is in 1973.
const firstMillis = 100_000_000_000

// wrongTime says why a time is not the milliseconds of a handoff, and what it would be in
// milliseconds; the same text if that is not known.
func wrongTime(sent string) (cause Cause, right string) {
	n, err := strconv.ParseInt(sent, 10, 64)
	switch {
	case dateDigits.MatchString(sent):
		return causeDate, sent
	case err == nil && n >= 0 && n < firstMillis:
		return CauseSeconds, sent + "000"
	case err == nil && n >= 1000*firstMillis, err != nil && wholeNumber.MatchString(sent):
		return causeTimeUnit, sent[:13]
	case err == nil:
		return "", sent
	}
	if f, err := strconv.ParseFloat(strings.ReplaceAll(sent, ",", ""), 64); err == nil && f > 0 && f < 1e18 {
		return causeDecimals, strconv.FormatFloat(f, 'f', 0, 64)
	}
	if !Blank(sent) {
		return causeDate, sent
	}
	return "", sent
}

var dateDigits = regexp.MustCompile(`^(19|20)\d\d(0[1-9]|1[0-2])([0-2]\d|3[01])\d{6}(\d{3})?$`)

// Right reports whether the token is right. It does not judge the clock or the limits.
func (e Explanation) Right() bool { return len(e.Mistakes) == 0 }

// Unknown reports whether the token is wrong for a reason that was not found.
func (e Explanation) Unknown() bool {
	return slices.ContainsFunc(e.Mistakes, func(m Mistake) bool { return m.Cause == CauseUnknown })
}

// Hint says how to mend the mistakes; "" when the token is right.
func (e Explanation) Hint(lang Lang) string {
	var texts []string
	for _, m := range e.Mistakes {
		texts = append(texts, m.Cause.Hint(lang))
	}
	return strings.Join(texts, "; ")
}

// Verdict names the mistakes in one line, with the fields; "" when the token is right.
func (e Explanation) Verdict(lang Lang) string {
	var texts []string
	for _, m := range e.Mistakes {
		text := m.Cause.In(lang)
		if where := m.where(); where != "" {
			text += " (" + where + ")"
		}
		texts = append(texts, text)
	}
	return strings.Join(texts, "; ")
}

// where names the fields and the detail.
func (m Mistake) where() string {
	if m.Fields == "" || m.Detail == "" {
		return m.Fields + m.Detail
	}
	return m.Fields + ": " + m.Detail
}

// Text shows the explanation on several lines, each ending in a newline: what is odd about the
// values, the mistakes, then what should have been signed above what was signed, with the first
// difference marked. Invisible characters are escaped as in Go.
func (e Explanation) Text(lang Lang) string {
	var text strings.Builder
	line := func(en, ko, value string) { writeLine(&text, words{en, ko}.in(lang), visible(value)) }
	for _, r := range e.Remarks {
		line("look at", "확인할 값", r.In(lang))
	}
	if e.Right() {
		line("right", "올바름", words{"the key gives this token for these fields", "이 Key와 필드로 나오는 토큰입니다"}.in(lang))
		line("signed", "서명한 문자열", e.Wanted)
		return text.String()
	}
	for i, m := range e.Mistakes {
		if i == 0 {
			line("wrong", "잘못된 점", m.Cause.In(lang))
		} else {
			line("and", "그리고", m.Cause.In(lang))
		}
		if where := m.where(); where != "" {
			line("namely", "구체적으로", where)
		}
	}
	// mark puts a caret under the first character that differs from the line above.
	mark := func(a, b string) {
		offset := firstDifference(a, b)
		line("", "", strings.Repeat(" ", columns(visible(a[:offset])))+"^ "+
			fmt.Sprintf(words{"first difference, at byte %d", "처음 다른 곳, %d번째 바이트"}.in(lang), offset))
	}
	switch e.Signed {
	case "":
		line("should be signed", "서명할 문자열", e.Wanted)
		line("was signed", "서명한 문자열", CauseUnknown.In(lang))
	case e.Wanted:
		line("signed", "서명한 문자열", e.Wanted+words{" (right)", " (올바름)"}.in(lang))
	default:
		line("should be signed", "서명할 문자열", e.Wanted)
		line("was signed", "서명한 문자열", e.Signed)
		mark(e.Wanted, e.Signed)
	}
	if e.Standard != "" && e.Standard != e.Sent {
		line("standard Base64", "표준 Base64", e.Standard)
		line("was sent", "보낸 토큰", e.Sent)
		mark(e.Standard, e.Sent)
	}
	return text.String()
}

// labelWidth is the width of the longest label.
const labelWidth = 16

func writeLine(b *strings.Builder, label, text string) {
	b.WriteString(label + strings.Repeat(" ", labelWidth+2-columns(label)) + text + "\n")
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
	text = strconv.Quote(text)
	return unquoted.Replace(text[1 : len(text)-1])
}

// columns is the width of a text in a terminal: 2 for a Korean, Chinese or Japanese character and
// for an emoji, 0 for a character that combines with the one before it, 1 for any other.
func columns(text string) (columns int) {
	for _, r := range text {
		switch kind := width.LookupRune(r).Kind(); {
		case unicode.Is(unicode.Mn, r), 0x1160 <= r && r <= 0x11FF: // the vowels and finals of a decomposed Korean syllable
		case kind == width.EastAsianWide, kind == width.EastAsianFullwidth:
			columns += 2
		default:
			columns++
		}
	}
	return columns
}
