// Package member is who can sign in: the members, the directory that knows them, and their passwords.
//
// It owns what a member is and how a password is checked. It knows neither sessions nor tokens, and of the help center
// only which values its fields can take.
package member

import (
	"context"
	"errors"
	"fmt"

	"ocsso/internal/password"
	"ocsso/internal/token"
)

// ErrUnknown is a Directory's answer when it has no such member.
var ErrUnknown = errors.New("unknown member")

// An unknownError is ErrUnknown from a directory that knows what its members' hashes cost to check.
type unknownError struct{ decoyHash string }

func (unknownError) Error() string { return ErrUnknown.Error() }

// Is makes every unknownError an ErrUnknown.
func (unknownError) Is(target error) bool { return target == ErrUnknown }

// ErrRefused is Authenticate's answer when usercode and password don't belong together. It doesn't say which is wrong.
var ErrRefused = errors.New("wrong member id or password")

// A Member is a person with an account at the customer's site, as the help center is told about them (PROTOCOL section
// 2). Only UserCode is required; the others may be "". The values are personal data and belong in no log.
type Member struct {
	UserCode string
	UserName string
	Email    string
	Phone    string
	MemberNo string
}

// Validate returns an error when the help center couldn't take a field: one joined of a *token.FieldError for each
// such field. It names fields by their wire names and holds no values.
func (m Member) Validate() error {
	return errors.Join(
		token.CheckField(token.FieldUserCode, m.UserCode),
		token.CheckField(token.FieldUserName, m.UserName),
		token.CheckField(token.FieldEmail, m.Email),
		token.CheckField(token.FieldPhone, m.Phone),
		token.CheckField(token.FieldMemberNo, m.MemberNo),
	)
}

// An Account is a member and what the member's password is checked against.
type Account struct {
	Member
	PasswordHash string // in a form that password.Verify takes
}

// A Directory knows the member accounts. It is safe for concurrent use; package membertest holds every one to it.
//
// It is where a member source of one's own comes in: the example is all of one, over an HTTP API.
type Directory interface {
	// Account returns the account whose usercode is this one, byte for byte. It returns ErrUnknown when there is
	// none; any other error says that the directory is out of order.
	Account(ctx context.Context, usercode string) (Account, error)
}

// Authenticate returns the member with this usercode and password. verify checks one password: it is
// the Verify of a password.Gate. An unknown member and a wrong password are both ErrRefused; any other
// error says that the directory is out of order or verify too busy. The password counts byte for byte:
// nothing is trimmed or normalised.
//
// For an unknown member a decoy hash is checked, so that neither the answer nor its time tells who is a
// member. The decoy costs as much as the first hash of a member file, or the last one that came out of
// a database. Where a directory has hashes of several forms or costs, the time may tell which of them a
// member has.
func Authenticate(ctx context.Context, dir Directory, verify func(ctx context.Context, hash, password string) (bool, error),
	usercode, password string) (Member, error) {
	account, err := dir.Account(ctx, usercode)
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

// decoyHash returns the hash to check for an unknown member.
func decoyHash(unknown error) string {
	var err unknownError
	if errors.As(unknown, &err) {
		return err.decoyHash
	}
	return password.Decoy("")
}
