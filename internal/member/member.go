// Package member holds the members and the directories that find them.
//
// It knows neither sessions nor tokens, and of the help center only which values its fields can
// have.
package member

import (
	"context"
	"errors"
	"fmt"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"ocsso/internal/password"
	"ocsso/internal/token"
)

// ErrUnknown is a Directory's error when it has no such member.
var ErrUnknown = errors.New("unknown member")

// An unknownError is ErrUnknown from a directory that knows what its members' hashes cost to check.
type unknownError struct{ decoyHash string }

func (unknownError) Error() string { return ErrUnknown.Error() }

// Is makes every unknownError an ErrUnknown.
func (unknownError) Is(target error) bool { return target == ErrUnknown }

// ErrRefused is Authenticate's error for an unknown usercode or a wrong password. It doesn't say
// which.
var ErrRefused = errors.New("wrong member id or password")

// A Member is a person with an account at the customer's site (PROTOCOL section 2). Only UserCode
// is required; the others may be "". The values are personal data: never log them.
type Member struct {
	UserCode string
	UserName string
	Email    string
	Phone    string
	MemberNo string
}

// Validate returns an error when the help center would refuse a field: a *token.FieldError for each
// such field, joined. It names the fields as on the wire and contains no values.
func (m Member) Validate() error {
	return errors.Join(
		token.CheckField(token.FieldUserCode, m.UserCode),
		token.CheckField(token.FieldUserName, m.UserName),
		token.CheckField(token.FieldEmail, m.Email),
		token.CheckField(token.FieldPhone, m.Phone),
		token.CheckField(token.FieldMemberNo, m.MemberNo),
	)
}

// Sendable returns m without the optional fields that the help center can't take, so that none of
// them keeps a member out (PROTOCOL D20): too long a name is cut at its limit, and any other such
// field is "". left says what was wrong with each field that was cut or left out. The error is a
// *token.FieldError: the usercode can't be sent, and neither can m. Neither contains values.
func (m Member) Sendable() (fit Member, left []*token.FieldError, err error) {
	if err := token.CheckField(token.FieldUserCode, m.UserCode); err != nil {
		return Member{}, nil, err
	}
	for _, optional := range []struct {
		field token.Field
		value *string
	}{
		{token.FieldUserName, &m.UserName},
		{token.FieldEmail, &m.Email},
		{token.FieldPhone, &m.Phone},
		{token.FieldMemberNo, &m.MemberNo},
	} {
		var fault *token.FieldError
		if !errors.As(token.CheckField(optional.field, *optional.value), &fault) {
			continue
		}
		left = append(left, fault)
		if optional.field == token.FieldUserName && utf8.ValidString(m.UserName) {
			m.UserName = token.Cut(token.FieldUserName, m.UserName)
		} else {
			*optional.value = ""
		}
	}
	return m, left, nil
}

// An Account is a member and the hash of the member's password.
type Account struct {
	Member
	PasswordHash string // in a form that password.Verify takes
}

// A Directory finds member accounts. It is safe for concurrent use. Implement it for your own
// source of members: the example does so for an HTTP API, and package membertest tests an
// implementation.
type Directory interface {
	// Account returns the account whose usercode equals this one byte for byte, or ErrUnknown. Any
	// other error says that the directory is out of order.
	Account(ctx context.Context, usercode string) (Account, error)
}

// Authenticate returns the member with this usercode and password. verify is the Verify of a
// password.Gate. An unknown member and a wrong password are both ErrRefused; any other error says
// that the directory is out of order or verify is busy. The usercode may be typed decomposed or
// full-width; the password counts byte for byte: nothing is trimmed or normalised.
//
// For an unknown member a decoy hash is checked, so that neither the answer nor its time tells who
// is a member. The decoy costs as much as the first hash of a member file, or the last hash out of
// a database. Where a directory has hashes of several forms or costs, the time may tell which one a
// member has.
func Authenticate(ctx context.Context, dir Directory, verify func(ctx context.Context, hash, password string) (bool, error),
	usercode, password string) (Member, error) {
	account, err := lookUp(ctx, dir, usercode)
	unknown := errors.Is(err, ErrUnknown)
	if err != nil && !unknown {
		return Member{}, fmt.Errorf("look up the member: %w", err)
	}
	hash := account.PasswordHash
	if unknown {
		hash = decoyHash(err)
	}
	ok, err := verify(ctx, hash, password)
	if err != nil {
		return Member{}, fmt.Errorf("check the member's password: %w", err)
	}
	if unknown || !ok {
		return Member{}, ErrRefused
	}
	return account.Member, nil
}

// lookUp finds the account of a typed usercode. Some keyboards and macOS write Korean letters in
// parts, and some keyboards full-width letters, so an unknown text is also looked up composed (NFC)
// and folded (NFKC).
func lookUp(ctx context.Context, dir Directory, typed string) (Account, error) {
	account, err := dir.Account(ctx, typed)
	last := typed
	for _, form := range []norm.Form{norm.NFC, norm.NFKC} {
		if other := form.String(typed); errors.Is(err, ErrUnknown) && other != last {
			account, err = dir.Account(ctx, other)
			last = other
		}
	}
	return account, err
}

// decoyHash returns the hash to check for an unknown member.
func decoyHash(unknown error) string {
	var err unknownError
	if errors.As(unknown, &err) {
		return err.decoyHash
	}
	return password.Decoy("")
}
