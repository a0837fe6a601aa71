package token

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// Field is the wire name of a field (CONTRACT 2).
type Field string

// The fields, in the order of the signed message.
const (
	FieldService   Field = "service"
	FieldUserCode  Field = "usercode"
	FieldUserName  Field = "username"
	FieldEmail     Field = "email"
	FieldPhone     Field = "phone"
	FieldMemberNo  Field = "memberno"
	FieldReturnURL Field = "returnUrl"
	FieldTime      Field = "time"
	FieldToken     Field = "token"
)

// limits are the most UTF-16 code units that the help center takes. The others have none.
var limits = map[Field]int{
	FieldService: 50, FieldUserCode: 50, FieldUserName: 50, FieldEmail: 100, FieldPhone: 20, FieldMemberNo: 50,
}

// A FieldError says what is wrong with a field. It never holds the value, which is personal data.
type FieldError struct {
	Field  Field
	Reason string
}

func (e *FieldError) Error() string { return string(e.Field) + " " + e.Reason }

// CheckField returns a *FieldError when value can't be sent in f: a blank service or usercode,
// invalid UTF-8, more UTF-16 code units than the limit of CONTRACT 2, or a character that
// D9 forbids. A usercode must also pass CheckSpelling. An empty optional field is valid.
//
// With "&" or a control character, one member's fields could sign like another's. Only a username
// may hold them, because package helpcenter replaces them before signing.
func CheckField(f Field, value string) error {
	n, limit := utf16Length(value), limits[f]
	switch {
	case !utf8.ValidString(value):
		return &FieldError{f, "is not valid UTF-8"}
	case (f == FieldService || f == FieldUserCode) && Blank(value):
		return &FieldError{f, "is missing"}
	case limit > 0 && n > limit:
		return &FieldError{f, fmt.Sprintf("has %d characters, of at most %d", n, limit)}
	case f == FieldUserName:
		return nil
	case strings.Contains(value, "&") && f != FieldReturnURL:
		return &FieldError{f, `has a "&", which separates the signed fields`}
	case strings.ContainsFunc(value, unicode.IsControl):
		return &FieldError{f, "has a control character"}
	case f == FieldUserCode:
		return CheckSpelling(value)
	}
	return nil
}

// CheckSpelling returns a *FieldError of FieldUserCode when usercode could be taken for another: it
// has a space of any kind at an end, or anywhere a character that nobody sees (zero-width,
// bidirectional, tags, variation selectors, fillers) or U+FFFD, to which decoders turn everything
// that is not Unicode. The error says which character, and where.
func CheckSpelling(usercode string) error {
	fault := func(format string, args ...any) error {
		return &FieldError{FieldUserCode, fmt.Sprintf(format, args...)}
	}
	for i, r := range []rune(usercode) {
		switch {
		case r == utf8.RuneError:
			return fault("has U+FFFD as character %d: the real character was lost before", i+1)
		case unicode.In(r, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector):
			return fault("has the invisible character %U as character %d", r, i+1)
		}
	}
	if first, _ := utf8.DecodeRuneInString(usercode); unicode.IsSpace(first) {
		return fault("begins with a space (%U)", first)
	}
	if last, _ := utf8.DecodeLastRuneInString(usercode); unicode.IsSpace(last) {
		return fault("ends with a space (%U)", last)
	}
	return nil
}

// cut returns as much of value, from its beginning, as limit allows, in whole characters as a
// reader sees them: letters with their marks, a family of emoji. value is valid UTF-8.
func cut(value string, limit int) string {
	n := 0
	clusters := uniseg.NewGraphemes(value)
	for clusters.Next() {
		if n += utf16Length(clusters.Str()); n > limit {
			begin, _ := clusters.Positions()
			return value[:begin]
		}
	}
	return value
}

// utf16Length counts like Java's String.length, the strictest reading of VARCHAR(n).
func utf16Length(s string) int { return len(utf16.Encode([]rune(s))) }
