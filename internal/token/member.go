package token

import (
	"errors"
	"unicode/utf8"
)

// A Member is who a token vouches for: a person with an account at the customer's site (CONTRACT
// 2). Only UserCode is required; the others may be "". The values are personal data: never log
// them.
type Member struct {
	UserCode string
	UserName string
	Email    string
	Phone    string
	MemberNo string
}

// A MemberField is one field of a Member.
type MemberField struct {
	Name  Field
	Value *string
}

// Fields lists m's fields in the order of the signed message: the usercode, then the optional ones.
func (m *Member) Fields() []MemberField {
	return []MemberField{
		{FieldUserCode, &m.UserCode}, {FieldUserName, &m.UserName}, {FieldEmail, &m.Email}, {FieldPhone, &m.Phone},
		{FieldMemberNo, &m.MemberNo},
	}
}

// Sendable returns m without the optional fields that the help center can't take, so that none of
// them keeps a member out (CONTRACT D20): too long a name is cut at its limit, and any other such
// field is "". left says what was wrong with each field that was cut or left out. The error is a
// *FieldError: the usercode can't be sent, and neither can m. Neither contains values.
func (m Member) Sendable() (fit Member, left []*FieldError, err error) {
	if err := CheckField(FieldUserCode, m.UserCode); err != nil {
		return Member{}, nil, err
	}
	for _, optional := range m.Fields()[1:] {
		fault, ok := errors.AsType[*FieldError](CheckField(optional.Name, *optional.Value))
		if !ok {
			continue
		}
		left = append(left, fault)
		if optional.Name == FieldUserName && utf8.ValidString(m.UserName) {
			m.UserName = cut(m.UserName, limits[FieldUserName])
		} else {
			*optional.Value = ""
		}
	}
	return m, left, nil
}
