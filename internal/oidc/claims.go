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

// Claims name the claim that each field of a member is taken from; "" leaves the field empty. A name is taken whole, so
// "https://example.com/memberno" is one; claims inside other claims can't be had.
//
// A claim is text, or an integer, which counts as its decimal digits. A claim that is absent, null or empty leaves an
// optional field empty. "email" and "phone_number" count as absent while "email_verified" or "phone_number_verified" is there
// and not true: they could be someone else's, and agents would believe them.
type Claims struct {
	UserCode string // required; "sub" is the one that a provider never gives to another member
	UserName string
	Email    string
	Phone    string
	MemberNo string
}

// complete reports whether found has every claim that is mapped.
func (c Claims) complete(found claimSet) bool {
	for _, claim := range []string{c.UserCode, c.UserName, c.Email, c.Phone, c.MemberNo} {
		if _, ok := found[claim]; claim != "" && !ok {
			return false
		}
	}
	return true
}

// member returns the member that found describes. The error is joined *ClaimErrors.
func (c Claims) member(found claimSet) (member.Member, error) {
	var problems []error
	take := func(field token.Field, claim string) string {
		if claim == "" {
			return ""
		}
		value, problem := found.text(field, claim)
		if problem != nil {
			problems = append(problems, &ClaimError{claim, problem})
		}
		return value
	}
	m := member.Member{
		UserCode: take(token.FieldUserCode, c.UserCode),
		UserName: take(token.FieldUserName, c.UserName),
		Email:    take(token.FieldEmail, c.Email),
		Phone:    take(token.FieldPhone, c.Phone),
		MemberNo: take(token.FieldMemberNo, c.MemberNo),
	}
	if len(problems) > 0 {
		return member.Member{}, errors.Join(problems...)
	}
	return m, nil
}

// claims returns what the ID token says, and UserInfo where the ID token lacks something that is mapped.
func (p *Provider) claims(ctx context.Context, remote *remote, tokens *oauth2.Token, idToken *gooidc.IDToken) (claimSet, error) {
	found, err := newClaimSet(idToken.Claims)
	if err != nil {
		return nil, invalidToken(err)
	}
	if !p.opts.Claims.complete(found) && remote.provider.UserInfoEndpoint() != "" {
		info, err := remote.provider.UserInfo(ctx, oauth2.StaticTokenSource(tokens))
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
		maps.Copy(more, found) // what is signed wins
		found = more
	}
	found.dropUnverified()
	return found, nil
}

// A claimSet is claims by name, none of them null or empty.
type claimSet map[string]json.RawMessage

// newClaimSet decodes claims with decode.
func newClaimSet(decode func(any) error) (claimSet, error) {
	found := claimSet{}
	if err := decode(&found); err != nil {
		return nil, err
	}
	maps.DeleteFunc(found, func(_ string, value json.RawMessage) bool {
		return string(value) == "null" || string(value) == `""`
	})
	return found, nil
}

// dropUnverified drops what the provider says it doesn't vouch for. Cognito writes true as text.
func (s claimSet) dropUnverified() {
	for _, name := range []string{"email", "phone_number"} {
		verified, ok := s[name+"_verified"]
		if ok && string(verified) != "true" && string(verified) != `"true"` {
			delete(s, name)
		}
	}
}

// text returns the value for field of claim, "" for an absent one, or what is wrong with it.
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
