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

// member returns the member that claims describe, and the optional fields whose claims have another
// type. Whether the help center can take a text is left to Member.Sendable; only the usercode must
// be fit to send. The error has a *token.FieldError of it in its chain.
func (p *Provider) member(claims claimSet) (member.Member, []*token.FieldError, error) {
	claim := p.opts.Claims.UserCode
	who, left, err := p.opts.Claims.Member(claims.text)
	if err != nil {
		return member.Member{}, nil, unusable(claim, err)
	}
	if err := checkUserCode(claim, who.UserCode); err != nil {
		return member.Member{}, nil, err
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
	if !claims.have(p.opts.Claims) && found.provider.UserInfoEndpoint() != "" {
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

// have reports whether s has every mapped claim.
func (s claimSet) have(mapped member.Names) bool {
	for _, name := range mapped.Fields() {
		if _, ok := s[name]; name != "" && !ok {
			return false
		}
	}
	return true
}

// dropUnverified removes an email if "email_verified" is present and not true, because it could be
// somebody else's and agents would trust it; and so a phone number. Cognito writes true as text.
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

// text returns a claim, which is text or an integer, as text, or "" if it is absent. In place of
// what is not Unicode it has U+FFFD, which no usercode may have.
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
