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
func everything() oidc.Claims {
	return oidc.Claims{UserCode: "sub", UserName: "name", Email: "email", Phone: "phone_number", MemberNo: "https://shop.example/no"}
}

func TestClaimsBecomeAMember(t *testing.T) {
	for name, test := range map[string]struct {
		claims   map[string]any
		userInfo map[string]any
		mapped   oidc.Claims
		want     member.Member
	}{
		"only what is mapped is taken": {
			map[string]any{"name": "Kim", "email": "kim@example.com"}, nil, oidc.Claims{UserCode: "sub", UserName: "name"},
			member.Member{UserCode: "member-1", UserName: "Kim"},
		},
		"what is absent stays empty": {nil, nil, everything(), member.Member{UserCode: "member-1"}},
		"so does what is null or empty": {
			map[string]any{"name": "", "email": json.RawMessage("null")}, nil, everything(), member.Member{UserCode: "member-1"},
		},
		"another claim is the usercode": {
			map[string]any{"preferred_username": "kim"}, nil, oidc.Claims{UserCode: "preferred_username"}, member.Member{UserCode: "kim"},
		},
		"an integer is its digits": {
			map[string]any{"id": json.RawMessage("123456789012345678901"), "no": -5}, nil, oidc.Claims{UserCode: "id", MemberNo: "no"},
			member.Member{UserCode: "123456789012345678901", MemberNo: "-5"},
		},
		"a claim has dots in its name": {
			map[string]any{"https://shop.example/no": "A-1"}, nil, everything(), member.Member{UserCode: "member-1", MemberNo: "A-1"},
		},
		"UserInfo adds what is missing": {
			map[string]any{"name": "Kim", "email": json.RawMessage("null"), "phone_number": ""},
			map[string]any{"name": "other", "email": "kim@example.com", "phone_number": "+821012345678", "https://shop.example/no": 7},
			everything(),
			member.Member{UserCode: "member-1", UserName: "Kim", Email: "kim@example.com", Phone: "+821012345678", MemberNo: "7"},
		},
		"UserInfo's usercode does": {
			nil, map[string]any{"nickname": "kim"}, oidc.Claims{UserCode: "nickname"}, member.Member{UserCode: "kim"},
		},
		"an email is taken where nobody says whether it is verified": {
			map[string]any{"email": "kim@example.com"}, nil, everything(), member.Member{UserCode: "member-1", Email: "kim@example.com"},
		},
		"Cognito verifies in text": {
			map[string]any{"email": "kim@example.com", "email_verified": "true"}, nil, everything(),
			member.Member{UserCode: "member-1", Email: "kim@example.com"},
		},
		"an unverified email is dropped": {
			map[string]any{"email": "kim@example.com", "email_verified": false}, nil, everything(), member.Member{UserCode: "member-1"},
		},
		"one that is unverified in text is, too": {
			map[string]any{"email": "kim@example.com", "email_verified": "false"}, nil, everything(), member.Member{UserCode: "member-1"},
		},
		"so is one that is verified by half": {
			map[string]any{"email": "kim@example.com", "email_verified": 1}, nil, everything(), member.Member{UserCode: "member-1"},
		},
		"so is an unverified one of UserInfo's": {
			nil, map[string]any{"email": "kim@example.com", "email_verified": false}, everything(), member.Member{UserCode: "member-1"},
		},
		"so is one that UserInfo takes back": {
			map[string]any{"email": "kim@example.com"}, map[string]any{"email_verified": false}, everything(), member.Member{UserCode: "member-1"},
		},
		"an unverified phone number is dropped": {
			map[string]any{"phone_number": "+821012345678", "phone_number_verified": false}, nil, everything(), member.Member{UserCode: "member-1"},
		},
		"fields are filled to the hilt": {
			map[string]any{"name": strings.Repeat("가", 50), "phone_number": strings.Repeat("1", 20)}, nil, everything(),
			member.Member{UserCode: "member-1", UserName: strings.Repeat("가", 50), Phone: strings.Repeat("1", 20)},
		},
	} {
		t.Run(name, func(t *testing.T) {
			i := newIDP(t)
			i.claims, i.userInfo = test.claims, test.userInfo
			opts := i.options()
			opts.Claims = test.mapped
			got, err := i.logIn(t, newProvider(t, i, opts))
			if got != test.want || err != nil {
				t.Errorf("got %+v and error %v, want %+v", got, err, test.want)
			}
		})
	}
}

func TestAClaimThatCannotBeAFieldIsNamed(t *testing.T) {
	for name, test := range map[string]struct {
		claims map[string]any
		mapped oidc.Claims
		claim  string
		want   token.FieldError
	}{
		"no usercode": {
			nil, oidc.Claims{UserCode: "employee_id"}, "employee_id", token.FieldError{Field: token.FieldUserCode, Reason: "is missing"},
		},
		"an unverified email for a usercode": {
			map[string]any{"email": "personal data", "email_verified": false}, oidc.Claims{UserCode: "email"},
			"email", token.FieldError{Field: token.FieldUserCode, Reason: "is missing"},
		},
		"a blank usercode": {
			map[string]any{"name": " \u3000"}, oidc.Claims{UserCode: "name"}, "name", token.FieldError{Field: token.FieldUserCode, Reason: "is missing"},
		},
		"a list": {
			map[string]any{"name": []string{"personal data"}}, everything(), "name", token.FieldError{Field: token.FieldUserName, Reason: "is neither text nor an integer"},
		},
		"an object": {
			map[string]any{"name": map[string]any{"given": "personal data"}}, everything(), "name", token.FieldError{Field: token.FieldUserName, Reason: "is neither text nor an integer"},
		},
		"a truth value": {
			map[string]any{"phone_number": true}, everything(), "phone_number", token.FieldError{Field: token.FieldPhone, Reason: "is neither text nor an integer"},
		},
		"a fraction": {
			map[string]any{"no": 1.5}, oidc.Claims{UserCode: "sub", MemberNo: "no"}, "no", token.FieldError{Field: token.FieldMemberNo, Reason: "is neither text nor an integer"},
		},
		"a power of ten": {
			map[string]any{"no": json.RawMessage("1e3")}, oidc.Claims{UserCode: "sub", MemberNo: "no"}, "no", token.FieldError{Field: token.FieldMemberNo, Reason: "is neither text nor an integer"},
		},
		"too long a phone number": {
			map[string]any{"phone_number": strings.Repeat("1", 21)}, everything(), "phone_number", token.FieldError{Field: token.FieldPhone, Reason: "has 21 characters, of at most 20"},
		},
		"an & in a usercode": {
			map[string]any{"name": "personal data&"}, oidc.Claims{UserCode: "name"}, "name", token.FieldError{Field: token.FieldUserCode, Reason: `has a "&", which separates the signed fields`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			i := newIDP(t)
			i.claims = test.claims
			opts := i.options()
			opts.Claims = test.mapped
			_, err := i.logIn(t, newProvider(t, i, opts))
			var got *oidc.ClaimError
			if !errors.As(err, &got) || got.Claim != test.claim || *got.Err != test.want {
				t.Errorf("got %v, want a ClaimError of %s: %v", err, test.claim, &test.want)
			}
		})
	}
}

func TestEveryBadClaimIsNamed(t *testing.T) {
	i := newIDP(t)
	i.claims = map[string]any{"name": true, "email": strings.Repeat("e", 101)}
	opts := i.options()
	opts.Claims = everything()
	_, err := i.logIn(t, newProvider(t, i, opts))
	want := "claim name: username is neither text nor an integer\nclaim email: email has 101 characters, of at most 100"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	var fieldError *token.FieldError
	if !errors.As(err, &fieldError) {
		t.Errorf("%v is no token.FieldError, which callers know how to answer", err)
	}
}

func TestUserInfoOfAnotherSubjectIsRefused(t *testing.T) {
	for _, sub := range []any{"member-2", "", nil} {
		i := newIDP(t)
		i.userInfo = map[string]any{"sub": sub, "name": "personal data"}
		opts := i.options()
		opts.Claims = everything()
		if _, err := i.logIn(t, newProvider(t, i, opts)); !errors.Is(err, oidc.ErrToken) {
			t.Errorf("subject %v: got %v, want %v", sub, err, oidc.ErrToken)
		}
	}
}

func TestUserInfoIsAskedOnlyForWhatIsMissing(t *testing.T) {
	for name, test := range map[string]struct {
		metadata map[string]any
		mapped   oidc.Claims
		want     int
	}{
		"nothing is missing":        {nil, oidc.Claims{UserCode: "sub"}, 0},
		"something is":              {nil, everything(), 1},
		"there is no such endpoint": {map[string]any{"userinfo_endpoint": nil}, everything(), 0},
	} {
		i := newIDP(t)
		if test.metadata != nil {
			i.metadata = test.metadata
		}
		opts := i.options()
		opts.Claims = test.mapped
		if _, err := i.logIn(t, newProvider(t, i, opts)); err != nil {
			t.Errorf("%s: got %v, want a login", name, err)
		}
		if got := i.called()[userInfoPath]; got != test.want {
			t.Errorf("%s: UserInfo was asked %d times, want %d", name, got, test.want)
		}
	}
}
