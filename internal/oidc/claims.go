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
// A claim is text or an integer. One that is absent, null or empty leaves an optional field empty.
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

// member returns the member that claims describe. The error is joined *ClaimErrors.
func (c Claims) member(claims claimSet) (member.Member, error) {
	var problems []error
	text := func(field token.Field, claim string) string {
		if claim == "" {
			return ""
		}
		value, problem := claims.text(field, claim)
		if problem != nil {
			problems = append(problems, &ClaimError{claim, problem})
		}
		return value
	}
	m := member.Member{
		UserCode: text(token.FieldUserCode, c.UserCode),
		UserName: text(token.FieldUserName, c.UserName),
		Email:    text(token.FieldEmail, c.Email),
		Phone:    text(token.FieldPhone, c.Phone),
		MemberNo: text(token.FieldMemberNo, c.MemberNo),
	}
	if len(problems) > 0 {
		return member.Member{}, errors.Join(problems...)
	}
	return m, nil
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

// text returns claim as text for field, "" if it is absent, or what is wrong with it.
func (s claimSet) text(field token.Field, claim string) (string, *token.FieldError) {
	var value string
	if raw, ok := s[claim]; ok && json.Unmarshal(raw, &value) != nil {
		var number json.Number
		if json.Unmarshal(raw, &number) != nil || strings.ContainsAny(number.String(), ".eE") {
			return "", &token.FieldError{Field: field, Reason: "is neither text nor an integer"}
		}
		value = number.String()
	}
	var problem *token.FieldError
	if errors.As(token.CheckField(field, value), &problem) {
		return "", problem
	}
	return value, nil
}
