package oidc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"

	gooidc "github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"ocsso/internal/member"
	"ocsso/internal/token"
)

// Claims map each field of a member to the name of a claim; "" leaves the field empty. A name may
// have dots, as in "https://example.com/memberno": it never means a claim inside another claim.
//
// A claim is text or an integer. One that is absent, null, empty or of another type leaves an
// optional field empty. Whether the help center can take a text is left to member.Sendable; only
// the usercode must be fit to send.
//
// "email" counts as absent if "email_verified" is present and not true, because it could be someone
// else's and agents would trust it. So does "phone_number" with "phone_number_verified".
type Claims struct {
	UserCode string // required; "sub" is best: providers never reassign it
	UserName string
	Email    string
	Phone    string
	MemberNo string
}

// complete reports whether claims has every mapped claim.
func (c Claims) complete(claims claimSet) bool {
	for _, claim := range []string{c.UserCode, c.UserName, c.Email, c.Phone, c.MemberNo} {
		if _, ok := claims[claim]; claim != "" && !ok {
			return false
		}
	}
	return true
}

// member returns the member that claims describe, and the optional fields whose claims have another
// type. The error is a *ClaimError of the usercode.
func (c Claims) member(claims claimSet) (who member.Member, left []*token.FieldError, err error) {
	who.UserCode, err = claims.text(c.UserCode)
	if err == nil {
		err = token.CheckField(token.FieldUserCode, who.UserCode)
	} else {
		err = &token.FieldError{Field: token.FieldUserCode, Reason: err.Error()}
	}
	var fault *token.FieldError
	if errors.As(err, &fault) {
		return member.Member{}, nil, &ClaimError{c.UserCode, fault}
	}
	for _, optional := range []struct {
		field token.Field
		claim string
		value *string
	}{
		{token.FieldUserName, c.UserName, &who.UserName},
		{token.FieldEmail, c.Email, &who.Email},
		{token.FieldPhone, c.Phone, &who.Phone},
		{token.FieldMemberNo, c.MemberNo, &who.MemberNo},
	} {
		if *optional.value, err = claims.text(optional.claim); err != nil {
			left = append(left, &token.FieldError{Field: optional.field, Reason: err.Error()})
		}
	}
	return who, left, nil
}

// claims returns the claims of the ID token, and of UserInfo if the token lacks a mapped claim.
func (p *Provider) claims(
	ctx context.Context, found *configuration, tokens *oauth2.Token, idToken *gooidc.IDToken,
) (claimSet, error) {
	claims, err := newClaimSet(idToken.Claims)
	if err != nil {
		return nil, invalidToken(err)
	}
	if !p.opts.Claims.complete(claims) && found.provider.UserInfoEndpoint() != "" {
		info, err := found.provider.UserInfo(ctx, oauth2.StaticTokenSource(tokens))
		if err != nil {
			return nil, unreachable("UserInfo", err)
		}
		if info.Subject != idToken.Subject {
			return nil, fmt.Errorf("%w: UserInfo is another subject's", ErrToken)
		}
		more, err := newClaimSet(info.Claims)
		if err != nil {
			return nil, unreachable("UserInfo", err)
		}
		maps.Copy(more, claims) // the signed claims win
		claims = more
	}
	claims.dropUnverified()
	return claims, nil
}

// A claimSet holds claims by name. None is null or empty.
type claimSet map[string]json.RawMessage

// newClaimSet decodes claims with decode.
func newClaimSet(decode func(any) error) (claimSet, error) {
	claims := claimSet{}
	if err := decode(&claims); err != nil {
		return nil, err
	}
	maps.DeleteFunc(claims, func(_ string, value json.RawMessage) bool {
		return string(value) == "null" || string(value) == `""`
	})
	return claims, nil
}

// dropUnverified removes an unverified email and phone number. Cognito writes true as text.
func (s claimSet) dropUnverified() {
	for _, name := range []string{"email", "phone_number"} {
		verified, ok := s[name+"_verified"]
		if ok && string(verified) != "true" && string(verified) != `"true"` {
			delete(s, name)
		}
	}
}

// errClaimType says that a claim has no text. It follows the name of the field.
var errClaimType = errors.New("is neither text nor an integer in its claim")

// text returns a claim as text, or "" if it is absent. In place of what is not Unicode it has
// U+FFFD, which no usercode may have.
func (s claimSet) text(claim string) (string, error) {
	raw, ok := s[claim]
	if !ok {
		return "", nil
	}
	var value string
	if json.Unmarshal(raw, &value) == nil {
		return value, nil
	}
	var number json.Number
	if json.Unmarshal(raw, &number) != nil || strings.ContainsAny(number.String(), ".eE") {
		return "", errClaimType
	}
	return number.String(), nil
}
