package oidc

import (
	"errors"
	"fmt"
	"strings"
	"unicode"

	"ocsso/internal/token"
)

// What can come of an attempt, beside a member. No error holds a code, a token, a secret or a claim's value.
var (
	// ErrRefused says that the provider let nobody in: the member gave up or may not, or the code was used before, is too
	// old or was another attempt's. The text ends with the provider's error code.
	ErrRefused = errors.New("identity provider refused the login")
	// ErrForged says that the callback is not the answer to this attempt, or not this provider's.
	ErrForged = errors.New("callback does not belong to the login")
	// ErrUnreachable says that the provider gave no whole and sensible answer in time, or doesn't take us as its client.
	ErrUnreachable = errors.New("identity provider out of order")
	// ErrToken says that the provider's ID token, or what UserInfo adds to it, vouches for nobody here and now.
	ErrToken = errors.New("invalid ID token")
)

// A ClaimError is a claim that can't become the member's field it is mapped to. A login can have several, joined.
type ClaimError struct {
	Claim string // as configured
	Err   *token.FieldError
}

func (e *ClaimError) Error() string { return fmt.Sprintf("claim %s: %v", e.Claim, e.Err) }

func (e *ClaimError) Unwrap() error { return e.Err }

// unreachable marks an error of a call to what.
func unreachable(what string, err error) error {
	return fmt.Errorf("%w: %s: %w", ErrUnreachable, what, foreignError{err})
}

// invalidToken marks an error of the ID token's.
func invalidToken(err error) error { return fmt.Errorf("%w: %w", ErrToken, foreignError{err}) }

// A foreignError is one whose text the provider has a say in.
type foreignError struct{ err error }

func (e foreignError) Error() string { return printable(e.err.Error()) }

func (e foreignError) Unwrap() error { return e.err }

// printable bounds the provider's words for a log line.
func printable(text string) string {
	const most = 300
	text = strings.Map(func(r rune) rune { // which replaces what is not UTF-8
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text)
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	return text
}
