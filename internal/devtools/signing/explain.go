package signing

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/rivo/uniseg"
)

// Lang is a language of the texts for people who build an integration.
type Lang string

// The languages.
const (
	English Lang = "en"
	Korean  Lang = "ko"
)

// Words is a text in both languages.
type Words struct{ EN, KO string }

// In returns the text in the language.
func (w Words) In(lang Lang) string {
	if lang == Korean {
		return w.KO
	}
	return w.EN
}

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
	// SignedFields are the fields as they stand in Signed.
	SignedFields Fields
	// Sent is the token as it came. Standard is the same signature as standard Base64; "" when the
	// token is no signature in any known encoding.
	Sent, Standard string
}

// Explain compares the token with the expected one (CONTRACT 3). If they differ, it tries the known
// mistakes, alone and in pairs. It tries no more pairs when ctx is done.
func Explain(ctx context.Context, c Case) Explanation {
	e := Explanation{Remarks: remarks(c), Mistakes: wrongValues(c), Wanted: Message(c.Call, c.Fields), Sent: c.Fields.Token}
	if e.Sent != "" {
		e.readSignature(ctx, c)
	}
	if _, right := wrongTime(c.Fields.Time); right != c.Fields.Time {
		c.Fields.Time = right
		e.Wanted = Message(c.Call, c.Fields)
	}
	return e
}

// readSignature finds out what is wrong with the signature.
func (e *Explanation) readSignature(ctx context.Context, c Case) {
	add := func(mistakes ...Mistake) {
		for _, m := range mistakes {
			if !slices.ContainsFunc(e.Mistakes, func(known Mistake) bool { return known.Cause == m.Cause }) {
				e.Mistakes = append(e.Mistakes, m)
			}
		}
	}
	right := Sign(c.Key, e.Wanted)
	if detail, lost := damage(right, e.Sent); detail != "" {
		add(Mistake{Cause: causeEncoding, Detail: detail})
		if !lost {
			e.Signed, e.Standard = e.Wanted, right
		}
		return
	}
	signature, spelled := readToken(e.Sent)
	if signature == "" {
		add(Mistake{Cause: causeNoSignature})
		return
	}
	e.Standard = inBase64(signature)
	refused := len(e.Mistakes) > 0 // for its values, whatever the token
	found, by := look(ctx, c, signature)
	add(append(found, spelled...)...)
	if by != nil {
		e.Signed = string(by.message(nil))
		for _, p := range by.parts {
			for _, c := range by.whole {
				p.value = c.of(p.value)
			}
			if p.signed {
				*e.SignedFields.inOrder()[p.field] = p.value
			}
		}
	} else if !refused {
		add(Mistake{Cause: CauseUnknown})
	}
}

// Right reports whether the token is right. It does not judge the clock or the limits.
func (e Explanation) Right() bool { return len(e.Mistakes) == 0 }

// Unknown reports whether the token is wrong for a reason that was not found.
func (e Explanation) Unknown() bool {
	return slices.ContainsFunc(e.Mistakes, func(m Mistake) bool { return m.Cause == CauseUnknown })
}

// Hint says how to mend the mistakes; "" when the token is right.
func (e Explanation) Hint(lang Lang) string {
	return strings.Join(each(e.Mistakes, func(m Mistake) string { return m.Cause.Hint(lang) }), "; ")
}

// Verdict names the mistakes in one line, with the fields; "" when the token is right.
func (e Explanation) Verdict(lang Lang) string {
	return strings.Join(each(e.Mistakes, func(m Mistake) string {
		if where := m.where(); where != "" {
			return m.Cause.In(lang) + " (" + where + ")"
		}
		return m.Cause.In(lang)
	}), "; ")
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
	line := func(label Words, value string) {
		const widest = 16
		fmt.Fprintf(&text, "%s%*s%s\n", label.In(lang), widest+2-uniseg.StringWidth(label.In(lang)), "", value)
	}
	for _, r := range e.Remarks {
		line(Words{"look at", "확인할 값"}, visible(r.In(lang)))
	}
	if e.Right() {
		line(Words{"right", "올바름"}, Words{"the key gives this token for these fields", "이 Key와 필드로 나오는 토큰입니다"}.In(lang))
		line(Words{"signed", "서명한 문자열"}, visible(e.Wanted))
		return text.String()
	}
	label := Words{"wrong", "잘못된 점"}
	for _, m := range e.Mistakes {
		line(label, m.Cause.In(lang))
		label = Words{"and", "그리고"}
		if where := m.where(); where != "" {
			line(Words{"namely", "구체적으로"}, visible(where))
		}
	}
	// compare shows a text below the one that it should be, with a caret under the first
	// difference.
	compare := func(shouldBe Words, should string, was Words, is string) {
		line(shouldBe, visible(should))
		line(was, visible(is))
		same, _, _, _ := Difference(should, is)
		mark := Words{"^ first difference, at byte %d", "^ 처음 다른 곳, %d번째 바이트"}.In(lang)
		line(Words{}, fmt.Sprintf("%*s"+mark, uniseg.StringWidth(visible(same)), "", len(same)))
	}
	switch e.Signed {
	case "":
		line(Words{"should be signed", "서명할 문자열"}, visible(e.Wanted))
		line(Words{"was signed", "서명한 문자열"}, CauseUnknown.In(lang))
	case e.Wanted:
		line(Words{"signed", "서명한 문자열"}, visible(e.Wanted)+Words{" (right)", " (올바름)"}.In(lang))
	default:
		compare(Words{"should be signed", "서명할 문자열"}, e.Wanted, Words{"was signed", "서명한 문자열"}, e.Signed)
	}
	if e.Standard != "" && e.Standard != e.Sent {
		compare(Words{"standard Base64", "표준 Base64"}, e.Standard, Words{"was sent", "보낸 토큰"}, e.Sent)
	}
	return text.String()
}

// Difference splits two texts into what is the same at both ends and what differs between, in whole
// characters.
func Difference(a, b string) (before, midA, midB, after string) {
	x, y, first, last := strings.Split(a, ""), strings.Split(b, ""), 0, 0
	for first < min(len(x), len(y)) && x[first] == y[first] {
		first++
	}
	for last < min(len(x), len(y))-first && x[len(x)-1-last] == y[len(y)-1-last] {
		last++
	}
	text := func(characters []string) string { return strings.Join(characters, "") }
	return text(x[:first]), text(x[first : len(x)-last]), text(y[first : len(y)-last]), text(x[len(x)-last:])
}

// visible escapes characters that would not show or would break the line.
func visible(text string) string {
	text = strconv.Quote(text)
	return unquoted.Replace(text[1 : len(text)-1])
}
