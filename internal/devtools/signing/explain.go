package signing

import (
	"context"
	"encoding/base64"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
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
	// Mistakes are the mistakes, in the order in which a signer works. Empty when the token is
	// right. CauseUnknown is among them when no known mistakes give the token.
	Mistakes []Mistake
	// Wanted is the string that should have been signed. Signed is the one that was; "" when that
	// is not known.
	Wanted, Signed string
	// Sent is the token as it came. Standard is the same signature as standard Base64; "" when the
	// token is no signature in any known encoding.
	Sent, Standard string
	// Tried is how many tokens were made to compare. Complete is false when the search stopped
	// early.
	Tried    int
	Complete bool
	// Single is set when no pairs of mistakes were to be tried.
	Single bool

	causes []Cause // that were tried
}

// Explain compares the token with the expected one (CONTRACT 3). If they differ, it tries the known
// mistakes, alone and in pairs, until it finds them, the context is done, or a bounded number of
// tokens was tried. That takes up to a few seconds.
func Explain(ctx context.Context, c Case) Explanation { return explain(ctx, c, 2, maxSignings) }

// ExplainOne is like Explain, but looks for one mistake only, which takes milliseconds.
func ExplainOne(ctx context.Context, c Case) Explanation { return explain(ctx, c, 1, maxSignings) }

// explain looks for up to the given number of mistakes.
func explain(ctx context.Context, c Case, most, budget int) Explanation {
	e := Explanation{Remarks: remarks(c), Wanted: Message(c.Call, c.Fields), Sent: c.Fields.Token, Single: most == 1}
	readings := readToken(c.Fields.Token)
	if detail := damage(c.Key, e.Wanted, c.Fields.Token); detail != "" {
		e.Mistakes, e.Signed, e.Standard = []Mistake{{Cause: CauseEncoding, Detail: detail}}, e.Wanted, Sign(c.Key, e.Wanted)
		return e.withValues(c)
	}
	if len(readings) == 0 {
		e.Mistakes = []Mistake{{Cause: CauseUnknown}}
		return e.withValues(c)
	}
	var macs [][]byte
	for _, r := range readings {
		macs = append(macs, r.mac)
	}
	look, table := newSearch(ctx, macs, budget), mistakes(c)
	right := signing{parts: signed(c.Call, c.Fields), format: separated("&"), key: string(c.Key), digest: hmacSHA256}
	found, signing, ok := look.find(right, table, most)
	written := readings[look.fits]
	e.Standard = base64.StdEncoding.EncodeToString(written.mac)
	e.Tried, e.Complete = look.tried, look.left > 0
	for _, r := range table {
		if r.cause != CauseKey || len(c.OtherKeys) > 0 {
			e.causes = append(e.causes, r.cause)
		}
	}
	if ok {
		e.Signed = string(signing.message(nil))
	} else {
		found = []Mistake{{Cause: CauseUnknown}}
	}
	e.Mistakes = append(found, written.mistakes...)
	return e.withValues(c)
}

// withValues adds what is wrong with the values as they were sent. Even a right signature of them
// is refused.
func (e Explanation) withValues(c Case) Explanation {
	var broken []string
	for _, name := range FieldNames {
		if !utf8.ValidString(c.Fields.Named(name)) {
			broken = append(broken, name)
		}
	}
	if e.Right() && broken != nil {
		e.Mistakes = []Mistake{{Cause: causeNotUTF8, Fields: strings.Join(broken, ", ")}}
	}
	cause, right := wrongTime(c.Fields.Time)
	if cause == "" {
		return e
	}
	if !slices.ContainsFunc(e.Mistakes, func(m Mistake) bool { return m.Cause == cause }) {
		e.Mistakes = slices.Insert(e.Mistakes, 0, Mistake{Cause: cause})
	}
	c.Fields.Time = right
	e.Wanted = Message(c.Call, c.Fields)
	return e
}

// wrongTime says why a time is not the milliseconds of a handoff, and what it would be in
// milliseconds; the same text if that is not known.
func wrongTime(sent string) (cause Cause, right string) {
	n, err := strconv.ParseInt(sent, 10, 64)
	switch {
	case dateDigits.MatchString(sent):
		return CauseTimeText, sent
	case err == nil && inSeconds(sent):
		return CauseSeconds, sent + "000"
	case err == nil && n >= 100_000_000_000_000 && len(sent) <= 19:
		return CauseTimeUnit, sent[:13]
	case err == nil:
		return "", sent
	}
	if f, err := strconv.ParseFloat(strings.ReplaceAll(sent, ",", ""), 64); err == nil && f > 0 && f < 1e18 {
		return CauseTimeDecimals, strconv.FormatFloat(f, 'f', 0, 64)
	}
	if dateText.MatchString(sent) {
		return CauseTimeText, sent
	}
	return "", sent
}

var (
	dateDigits = regexp.MustCompile(`^(19|20)\d\d(0[1-9]|1[0-2])([0-2]\d|3[01])\d{6}(\d{3})?$`)
	dateText   = regexp.MustCompile(`\d\D+\d`)
)

// inSeconds reports whether a time can't be milliseconds, because it would be before 1973.
func inSeconds(time string) bool {
	n, err := strconv.ParseInt(time, 10, 64)
	return err == nil && n >= 0 && n < 100_000_000_000
}

// Right reports whether the token is right. It does not judge the clock or the limits.
func (e Explanation) Right() bool { return len(e.Mistakes) == 0 }

// Unknown reports whether the token is wrong for a reason that was not found.
func (e Explanation) Unknown() bool {
	return slices.ContainsFunc(e.Mistakes, func(m Mistake) bool { return m.Cause == CauseUnknown })
}

var (
	unknown     = words{"not known", "알 수 없음"}
	unknownHint = words{
		"no known mistake gives this token: compare the key, and each value that your code signs with what is sent",
		"알려진 실수로는 이 토큰이 나오지 않습니다. Key를 확인하고, 코드가 서명하는 값을 보내는 값과 하나씩 비교하십시오",
	}
	noSignature     = words{"not a signature", "서명이 아님"}
	noSignatureHint = words{
		"a token is the 32 bytes of an HMAC-SHA256 in Base64, 44 characters; this one is not, in any known encoding",
		"토큰은 HMAC-SHA256의 32바이트를 Base64로 쓴 44자입니다. 이 값은 어떤 인코딩으로 읽어도 그렇지 않습니다",
	}
)

// Hint says how to mend the mistakes; "" when the token is right.
func (e Explanation) Hint(lang Lang) string {
	if !e.Right() && e.Standard == "" {
		return noSignatureHint.in(lang)
	}
	var texts []string
	for _, m := range e.Mistakes {
		texts = append(texts, m.Cause.Hint(lang))
	}
	return strings.Join(texts, "; ")
}

// Verdict names the mistakes in one line, with the fields; "" when the token is right.
func (e Explanation) Verdict(lang Lang) string {
	if !e.Right() && e.Standard == "" {
		return noSignature.in(lang)
	}
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

// labels are the words at the beginning of each line.
var labels = struct {
	right, isRight, signed, wrong, and, namely, tried, triedAll, triedSome, wanted, wasSigned, same, standard, sent, difference, look words
}{
	right:      words{"right", "올바름"},
	isRight:    words{"the key gives this token for these fields", "이 Key와 필드로 나오는 토큰입니다"},
	signed:     words{"signed", "서명한 문자열"},
	wrong:      words{"wrong", "잘못된 점"},
	and:        words{"and", "그리고"},
	namely:     words{"namely", "구체적으로"},
	tried:      words{"tried", "대조한 실수"},
	triedAll:   words{"%d tokens by these mistakes, alone and in pairs", "아래 실수를 하나씩, 그리고 둘씩 조합한 토큰 %d개"},
	triedSome:  words{"%d tokens by these mistakes, alone and in pairs; time was up before all pairs", "아래 실수를 하나씩, 그리고 둘씩 조합한 토큰 %d개. 시간이 다 되어 모든 조합을 마치지 못함"},
	wanted:     words{"should be signed", "서명할 문자열"},
	wasSigned:  words{"was signed", "서명한 문자열"},
	same:       words{" (right)", " (올바름)"},
	standard:   words{"standard Base64", "표준 Base64"},
	sent:       words{"was sent", "보낸 토큰"},
	difference: words{"first difference, at byte %d", "처음 다른 곳, %d번째 바이트"},
	look:       words{"look at", "확인할 값"},
}

// Text shows the explanation on several lines, each ending in a newline: what is odd about the
// values, the mistakes, then what should have been signed above what was signed, with the first
// difference marked. Invisible characters are escaped as in Go.
func (e Explanation) Text(lang Lang) string {
	var text strings.Builder
	line := func(label words, format string, args ...any) {
		writeLine(&text, label.in(lang), fmt.Sprintf(format, args...))
	}
	for _, r := range e.Remarks {
		line(labels.look, "%s", r.In(lang))
	}
	if e.Right() {
		line(labels.right, "%s", labels.isRight.in(lang))
		line(labels.signed, "%s", visible(e.Wanted))
		return text.String()
	}
	e.writeMistakes(line, lang)
	// mark puts a caret under the first character that differs from the line above.
	mark := func(a, b string) {
		offset := firstDifference(a, b)
		indent := strings.Repeat(" ", columns(visible(a[:offset])))
		writeLine(&text, "", indent+"^ "+fmt.Sprintf(labels.difference.in(lang), offset))
	}
	switch e.Signed {
	case "":
		line(labels.wanted, "%s", visible(e.Wanted))
		line(labels.wasSigned, "%s", unknown.in(lang))
	case e.Wanted:
		line(labels.signed, "%s%s", visible(e.Wanted), labels.same.in(lang))
	default:
		line(labels.wanted, "%s", visible(e.Wanted))
		line(labels.wasSigned, "%s", visible(e.Signed))
		mark(e.Wanted, e.Signed)
	}
	if e.Standard != "" && e.Standard != e.Sent {
		line(labels.standard, "%s", e.Standard)
		line(labels.sent, "%s", visible(e.Sent))
		mark(e.Standard, e.Sent)
	}
	return text.String()
}

func (e Explanation) writeMistakes(line func(words, string, ...any), lang Lang) {
	if e.Standard == "" {
		line(labels.wrong, "%s", noSignature.in(lang))
		return
	}
	label := labels.wrong
	for _, m := range e.Mistakes {
		line(label, "%s", m.Cause.In(lang))
		if where := m.where(); where != "" {
			line(labels.namely, "%s", visible(where))
		}
		label = labels.and
	}
	if e.Signed != "" {
		return
	}
	format := labels.triedAll
	if !e.Complete {
		format = labels.triedSome
	}
	line(labels.tried, format.in(lang), e.Tried)
	for text := range strings.Lines(inLines(e.causes, lang)) {
		line(words{}, "%s", strings.TrimSuffix(text, "\n"))
	}
}

// inLines lists the causes in lines of less than 100 columns.
func inLines(causes []Cause, lang Lang) string {
	var text strings.Builder
	width := 0
	for i, cause := range causes {
		name := cause.In(lang)
		switch {
		case i == 0:
		case width+columns(name) > 78:
			text.WriteString(";\n")
			width = 0
		default:
			text.WriteString("; ")
			width += 2
		}
		text.WriteString(name)
		width += columns(name)
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
