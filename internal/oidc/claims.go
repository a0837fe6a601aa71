package oidc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"ocsso/internal/member"
	"ocsso/internal/token"
)

// A claimSet holds claims by name.
type claimSet map[string]json.RawMessage

// dropUnverified removes the email if "email_verified" is there and not true, because it could be
// somebody else's; and so the phone number. Cognito writes true as text.
func (s claimSet) dropUnverified(mapped member.Names) (left []*token.FieldError) {
	for _, c := range []struct {
		field      token.Field
		name, used string
	}{{token.FieldEmail, "email", mapped.Email}, {token.FieldPhone, "phone_number", mapped.Phone}} {
		verified := string(s[c.name+"_verified"])
		if s[c.name] == nil || slices.Contains([]string{"", "true", `"true"`}, verified) {
			continue
		}
		delete(s, c.name)
		if c.used == c.name {
			left = append(left, &token.FieldError{Field: c.field, Reason: "is left out: " + c.name + "_verified is not true"})
		}
	}
	return left
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

// member returns who an ID token is about. UserInfo is asked for mapped claims that the token
// lacks, and decides nothing else: an answer that can't be used is missing.
func (p *Provider) member(ctx context.Context, found *configuration, accessToken string, idToken *signedToken) (Identity, error) {
	claims := idToken.claims
	maps.DeleteFunc(claims, func(_ string, value json.RawMessage) bool { return string(value) == "null" || string(value) == `""` })
	var missing error
	names := p.opts.Claims.Fields()
	lacks := func(name string) bool { return name != "" && claims[name] == nil }
	if found.UserInfo != "" && slices.ContainsFunc(names[:], lacks) {
		var more claimSet
		if more, missing = p.userInfo(ctx, found, accessToken); missing == nil {
			if subject, err := more.text("sub"); err != nil || subject != idToken.Subject {
				return Identity{}, fmt.Errorf("%w: UserInfo is another subject's", ErrToken)
			}
			maps.Copy(more, claims) // the signed claims win
			claims = more
		}
	}
	unverified := claims.dropUnverified(p.opts.Claims)
	if _, ok := claims[p.opts.Claims.UserCode]; !ok && missing != nil {
		return Identity{}, missing
	}
	who, left, err := p.opts.Claims.Member(claims.text)
	identity, err := identify(p.opts.Claims, who, append(unverified, left...), err)
	identity.Missing = missing
	return identity, err
}

// userInfo returns UserInfo's claims (OpenID Connect Core 1.0, section 5.3), which may be signed.
// The error is ErrUnreachable.
func (p *Provider) userInfo(ctx context.Context, found *configuration, accessToken string) (claims claimSet, err error) {
	body, err := fetch(ctx, p.client, http.MethodGet, found.UserInfo, bearer(accessToken))
	if err == nil && strings.HasPrefix(string(body), "ey") { // the Base64 of {"
		body, err = found.keys.verify(ctx, string(body), true)
	}
	if err == nil && json.Unmarshal(body, &claims) != nil {
		err = errors.New("not a JSON object")
	}
	if err != nil {
		return nil, unreachable("UserInfo", err)
	}
	return claims, nil
}
