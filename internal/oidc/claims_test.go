package oidc_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"ocsso/internal/member"
	"ocsso/internal/oidc"
	"ocsso/internal/token"
)

// everything maps each field.
var everything = oidc.Claims{
	UserCode: "sub", UserName: "name", Email: "email", Phone: "phone_number", MemberNo: "https://shop.example/no",
}

// object is a JSON object.
type object = map[string]any

func TestClaimsBecomeAMember(t *testing.T) {
	for name, test := range map[string]struct {
		claims, userInfo object
		mapped           oidc.Claims
		want             member.Member
	}{
		"only mapped claims are used": {
			object{"name": "Kim", "email": "kim@example.com"}, nil, oidc.Claims{UserCode: "sub", UserName: "name"},
			member.Member{UserCode: "member-1", UserName: "Kim"},
		},
		"absent claims stay empty": {nil, nil, everything, member.Member{UserCode: "member-1"}},
		"null and empty claims stay empty": {
			object{"name": "", "email": json.RawMessage("null")}, nil, everything, member.Member{UserCode: "member-1"},
		},
		"another claim is the usercode": {
			object{"preferred_username": "kim"}, nil, oidc.Claims{UserCode: "preferred_username"},
			member.Member{UserCode: "kim"},
		},
		"an integer becomes its digits": {
			object{"id": json.RawMessage("123456789012345678901"), "no": -5}, nil,
			oidc.Claims{UserCode: "id", MemberNo: "no"}, member.Member{UserCode: "123456789012345678901", MemberNo: "-5"},
		},
		"the name of a claim may have dots": {
			object{"https://shop.example/no": "A-1"}, nil, everything, member.Member{UserCode: "member-1", MemberNo: "A-1"},
		},
		"UserInfo adds what is missing": {
			object{"name": "Kim", "email": json.RawMessage("null"), "phone_number": ""},
			object{"name": "other", "email": "kim@example.com", "phone_number": "+8210", "https://shop.example/no": 7},
			everything,
			member.Member{UserCode: "member-1", UserName: "Kim", Email: "kim@example.com", Phone: "+8210", MemberNo: "7"},
		},
		"UserInfo has the usercode": {
			nil, object{"nickname": "kim"}, oidc.Claims{UserCode: "nickname"}, member.Member{UserCode: "kim"},
		},
		"an email without email_verified is used": {
			object{"email": "kim@example.com"}, nil, everything, member.Member{UserCode: "member-1", Email: "kim@example.com"},
		},
		"Cognito writes email_verified as text": {
			object{"email": "kim@example.com", "email_verified": "true"}, nil, everything,
			member.Member{UserCode: "member-1", Email: "kim@example.com"},
		},
		"fields may have their full length": {
			object{"name": strings.Repeat("가", 50), "phone_number": strings.Repeat("1", 20)}, nil, everything,
			member.Member{UserCode: "member-1", UserName: strings.Repeat("가", 50), Phone: strings.Repeat("1", 20)},
		},
	} {
		t.Run(name, func(t *testing.T) {
			i := newIDP(t)
			i.claims, i.userInfo, i.mapped = test.claims, test.userInfo, test.mapped
			got, err := i.logIn(t, newProvider(t, i))
			if got != test.want || err != nil {
				t.Errorf("got %+v and error %v, want %+v", got, err, test.want)
			}
		})
	}
}

func TestUnverifiedClaimsAreDropped(t *testing.T) {
	for name, test := range map[string]struct{ claims, userInfo object }{
		"email":                {object{"email": "kim@example.com", "email_verified": false}, nil},
		"email, as text":       {object{"email": "kim@example.com", "email_verified": "false"}, nil},
		"email, as a number":   {object{"email": "kim@example.com", "email_verified": 1}, nil},
		"email of UserInfo":    {nil, object{"email": "kim@example.com", "email_verified": false}},
		"email, says UserInfo": {object{"email": "kim@example.com"}, object{"email_verified": false}},
		"phone number":         {object{"phone_number": "+8210", "phone_number_verified": false}, nil},
	} {
		i := newIDP(t)
		i.claims, i.userInfo, i.mapped = test.claims, test.userInfo, everything
		if got, err := i.logIn(t, newProvider(t, i)); got != (member.Member{UserCode: "member-1"}) || err != nil {
			t.Errorf("%s: got %+v and error %v, want a usercode alone", name, got, err)
		}
	}
}

func TestEveryClaimThatDoesNotFitItsFieldIsNamed(t *testing.T) {
	number := oidc.Claims{UserCode: "sub", MemberNo: "no"}
	for name, test := range map[string]struct {
		claims object
		mapped oidc.Claims
		want   string
	}{
		"no usercode": {nil, oidc.Claims{UserCode: "employee_id"}, "claim employee_id: usercode is missing"},
		"an unverified email as the usercode": {
			object{"email": "personal data", "email_verified": false}, oidc.Claims{UserCode: "email"},
			"claim email: usercode is missing",
		},
		"a blank usercode": {object{"name": " \u3000"}, oidc.Claims{UserCode: "name"}, "claim name: usercode is missing"},
		"a list": {
			object{"name": []string{"personal data"}}, everything, "claim name: username is neither text nor an integer",
		},
		"an object": {
			object{"name": object{"given": "personal data"}}, everything,
			"claim name: username is neither text nor an integer",
		},
		"a boolean": {
			object{"phone_number": true}, everything, "claim phone_number: phone is neither text nor an integer",
		},
		"a fraction": {object{"no": 1.5}, number, "claim no: memberno is neither text nor an integer"},
		"a power of ten": {
			object{"no": json.RawMessage("1e3")}, number, "claim no: memberno is neither text nor an integer",
		},
		"too long a phone number": {
			object{"phone_number": strings.Repeat("1", 21)}, everything,
			"claim phone_number: phone has 21 characters, of at most 20",
		},
		"an & in a usercode": {
			object{"name": "personal data&"}, oidc.Claims{UserCode: "name"},
			`claim name: usercode has a "&", which separates the signed fields`,
		},
		"two claims": {
			object{"name": true, "email": strings.Repeat("e", 101)}, everything,
			"claim name: username is neither text nor an integer\nclaim email: email has 101 characters, of at most 100",
		},
	} {
		t.Run(name, func(t *testing.T) {
			i := newIDP(t)
			i.claims, i.mapped = test.claims, test.mapped
			_, err := i.logIn(t, newProvider(t, i))
			var claimError *oidc.ClaimError
			var fieldError *token.FieldError // callers handle it as such
			if !errors.As(err, &claimError) || !errors.As(err, &fieldError) || err.Error() != test.want {
				t.Errorf("got %v, want a ClaimError and a token.FieldError: %s", err, test.want)
			}
		})
	}
}

func TestUserInfoOfAnotherSubjectIsRefused(t *testing.T) {
	for _, sub := range []any{"member-2", "", nil} {
		i := newIDP(t)
		i.userInfo, i.mapped = object{"sub": sub, "name": "personal data"}, everything
		if _, err := i.logIn(t, newProvider(t, i)); !errors.Is(err, oidc.ErrToken) {
			t.Errorf("subject %v: got %v, want %v", sub, err, oidc.ErrToken)
		}
	}
}

func TestUserInfoIsCalledOnlyIfAClaimIsMissing(t *testing.T) {
	for name, test := range map[string]struct {
		metadata object
		mapped   oidc.Claims
		want     int
	}{
		"no claim is missing":       {nil, oidc.Claims{UserCode: "sub"}, 0},
		"a claim is missing":        {nil, everything, 1},
		"there is no such endpoint": {object{"userinfo_endpoint": nil}, everything, 0},
	} {
		i := newIDP(t)
		i.metadata, i.mapped = test.metadata, test.mapped
		if _, err := i.logIn(t, newProvider(t, i)); err != nil {
			t.Errorf("%s: got %v, want a login", name, err)
		}
		if got := i.called()[userInfoPath]; got != test.want {
			t.Errorf("%s: got %d calls of UserInfo, want %d", name, got, test.want)
		}
	}
}
