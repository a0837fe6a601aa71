// Package member holds the members and the directories that find them.
//
// It knows neither sessions nor tokens, and of the help center only which values its fields can
// have.
package member

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"golang.org/x/text/unicode/norm"

	"ocsso/internal/password"
	"ocsso/internal/token"
)

// ErrUnknown is a Directory's error when it has no such member.
var ErrUnknown = errors.New("unknown member")

// ErrRefused is in the chain of every *RefusedError.
var ErrRefused = errors.New("wrong member id or password")

// A RefusedError is Authenticate's error for an unknown usercode, a wrong password, and a row that
// can't be used. It is an ErrRefused, and its text doesn't say which. Row is in its chain.
type RefusedError struct {
	UserCode string    // of the account that was found, to count attempts by; "" for none
	Why      string    // "unknown", "no_hash", "row" or "wrong": for the log alone
	Row      *RowError // why the row can't be used, or nil
}

func (e *RefusedError) Error() string { return ErrRefused.Error() }

// Unwrap returns ErrRefused, and Row if there is one.
func (e *RefusedError) Unwrap() []error {
	if e.Row == nil {
		return []error{ErrRefused}
	}
	return []error{ErrRefused, e.Row}
}

// A RowError says what is wrong with a member's row in a directory. It contains no value.
type RowError struct {
	Column string // as in a member file and in a query; "" when the fault is in none alone
	Reason string // "has a control character", say
}

func (e *RowError) Error() string {
	if e.Column == "" {
		return e.Reason
	}
	return "column " + e.Column + " " + e.Reason
}

// A Member is a person with an account at the customer's site.
type Member = token.Member

// An Account is a member and the hash of the member's password.
type Account struct {
	Member
	PasswordHash string // in a form that password.Verify takes, or ""
}

// passwordHash names the hash in a member file and in a query.
const passwordHash = "password_hash"

// Columns lists the fields of a by their keys in a member file, which are the columns of a query.
func (a *Account) Columns() []token.MemberField {
	return slices.Insert(a.Fields(), 1, token.MemberField{Name: passwordHash, Value: &a.PasswordHash})
}

// A Directory finds member accounts. It is safe for concurrent use. Implement it for your own
// source of members: the example does so for an HTTP API, and package membertest tests an
// implementation.
//
// A Directory may also have a method DecoyHash() string; see DecoyHash.
type Directory interface {
	// Account returns the account that the directory has for a usercode, as it is: the callers deal
	// with fields that can't be sent, and with a hash that is blank or can't be checked.
	//
	// The account's own UserCode is the member. It may differ from the usercode that was asked for,
	// where a database ignores case, say, or finds members by their email, too. So compare it when
	// you look for a certain member. An account whose usercode equals the one asked for byte for
	// byte comes before all others.
	//
	// The error is ErrUnknown when there is no such member, with a *RowError in its chain when the
	// directory has rows but can't say which. Any other error says that the directory is out of
	// order.
	Account(ctx context.Context, usercode string) (Account, error)
}

// DecoyHash returns the dearest hash of dir's members to check, as far as dir knows them. It is
// what dir's own method DecoyHash returns, or password.Decoy when dir has none. It is checked for
// the time that it takes, and whether it matches is of no matter. A Directory that wraps another
// one hands its DecoyHash on.
func DecoyHash(dir Directory) string {
	if dir, ok := dir.(interface{ DecoyHash() string }); ok {
		return dir.DecoyHash()
	}
	return password.Decoy
}

// A Dearest keeps the dearest hash that it has seen. It is safe for concurrent use.
type Dearest struct {
	mu   sync.Mutex
	hash string // "" until the first
}

// See takes a hash into account. One that can't be checked counts for nothing.
func (d *Dearest) See(hash string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if password.Cost(hash) > password.Cost(d.hash) {
		d.hash = hash
	}
}

// DecoyHash implements the method that Directory speaks of.
func (d *Dearest) DecoyHash() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return cmp.Or(d.hash, password.Decoy)
}

// Authenticate returns the member with this usercode and password. verify is the Verify of a
// password.Gate. The error is a *RefusedError for an unknown member, a wrong password, and a row
// that can't be used: a usercode that can't be sent, or a hash that can't be checked. Any other
// error says that the directory is out of order or verify is busy. The usercode may be typed as
// LookUp takes it. The password counts byte for byte: nothing is trimmed or normalised.
//
// Neither a refusal nor its time tells who is a member. It costs as much as the dearest hash of the
// directory: a decoy of that cost is checked for an unknown member, and after a hash that is
// cheaper. A hash that is too dear to check (see password.CheckHash) is such a row: it refuses its
// own member and makes nobody else wait. What the time still tells: a cheap hash is checked in
// addition, and a directory may not know its dearest hash yet (see DecoyHash).
func Authenticate(ctx context.Context, dir Directory, verify func(ctx context.Context, hash, password string) (bool, error),
	usercode, given string) (Member, error) {
	account, err := LookUp(ctx, dir, usercode)
	if err != nil && !errors.Is(err, ErrUnknown) {
		return Member{}, fmt.Errorf("look up the member: %w", err)
	}
	refused := &RefusedError{UserCode: account.UserCode, Why: "wrong"}
	hash, decoy := account.PasswordHash, DecoyHash(dir)
	fault, _ := hashFault(hash)
	switch {
	case errors.As(err, &refused.Row):
		refused.Why = "row"
	case err != nil:
		refused.Why = "unknown"
	case hash == "":
		refused.Why = "no_hash"
	case fault != "":
		refused.Row, refused.Why, hash = &RowError{passwordHash, fault}, "row", ""
	}
	if hash != "" {
		ok, err := verify(ctx, hash, given)
		if err != nil {
			return Member{}, fmt.Errorf("check the member's password: %w", err)
		}
		if ok {
			return account.Member, nil
		}
		if password.Cost(hash) >= password.Cost(decoy) {
			return Member{}, refused
		}
	}
	if _, err := verify(ctx, decoy, given); err != nil {
		return Member{}, fmt.Errorf("check a decoy: %w", err)
	}
	return Member{}, refused
}

// LookUp returns the account of a typed usercode. Some keyboards and macOS write Korean letters in
// parts, and some keyboards full-width letters, so an unknown text is also looked up composed (NFC)
// and folded (NFKC). The errors are those of Directory.Account. An account whose usercode can't be
// sent is an ErrUnknown with a *RowError.
//
// To look a member up again later, keep the text that was typed: a directory may find members by
// something else than their usercode. Then compare the UserCode.
func LookUp(ctx context.Context, dir Directory, typed string) (Account, error) {
	account, err := dir.Account(ctx, typed)
	last := typed
	for _, form := range []norm.Form{norm.NFC, norm.NFKC} {
		if other := form.String(typed); errors.Is(err, ErrUnknown) && other != last {
			account, err = dir.Account(ctx, other)
			last = other
		}
	}
	if err != nil {
		return Account{}, err
	}
	if fault, ok := errors.AsType[*token.FieldError](token.CheckField(token.FieldUserCode, account.UserCode)); ok {
		return Account{}, fmt.Errorf("%w: %w", ErrUnknown, &RowError{"usercode", fault.Reason})
	}
	return account, nil
}
