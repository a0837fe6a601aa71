package oidc_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"ocsso/internal/member"
	"ocsso/internal/oidc"
	"ocsso/internal/token"

	"github.com/google/go-cmp/cmp"
)

// everything maps each field.
var everything = member.Names{
	UserCode: "sub", UserName: "name", Email: "email", Phone: "phone_number", MemberNo: "https://shop.example/no",
}

// object is a JSON object.
type object = map[string]any

func TestClaimsBecomeAMember(t *testing.T) {
	for name, test := range map[string]struct {
		claims, userInfo object
		mapped           member.Names
		want             member.Member
	}{
		"only mapped claims are used": {
			object{"name": "Kim", "email": "kim@example.com"}, nil, member.Names{UserCode: "sub", UserName: "name"},
			member.Member{UserCode: "member-1", UserName: "Kim"},
		},
		"absent claims stay empty": {nil, nil, everything, member.Member{UserCode: "member-1"}},
		"null and empty claims stay empty": {
			object{"name": "", "email": json.RawMessage("null")}, nil, everything, member.Member{UserCode: "member-1"},
		},
		"another claim is the usercode": {
			object{"preferred_username": "kim"}, nil, member.Names{UserCode: "preferred_username"},
			member.Member{UserCode: "kim"},
		},
		"an integer becomes its digits": {
			object{"id": json.RawMessage("123456789012345678901"), "no": -5}, nil,
			member.Names{UserCode: "id", MemberNo: "no"}, member.Member{UserCode: "123456789012345678901", MemberNo: "-5"},
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
			nil, object{"nickname": "kim"}, member.Names{UserCode: "nickname"}, member.Member{UserCode: "kim"},
		},
		"an email without email_verified is used": {
			object{"email": "kim@example.com"}, nil, everything, member.Member{UserCode: "member-1", Email: "kim@example.com"},
		},
		"Cognito writes email_verified as text": {
			object{"email": "kim@example.com", "email_verified": "true"}, nil, everything,
			member.Member{UserCode: "member-1", Email: "kim@example.com"},
		},
		"what can't be sent is left to Sendable": {
			object{"name": strings.Repeat("가", 60), "email": "r&d@example.com", "phone_number": "+82 (0)10-1234-5678 ext. 12"}, nil, everything,
			member.Member{
				UserCode: "member-1", UserName: strings.Repeat("가", 60), Email: "r&d@example.com", Phone: "+82 (0)10-1234-5678 ext. 12",
			},
		},
		"fields may have their full length": {
			object{"name": strings.Repeat("가", 50), "phone_number": strings.Repeat("1", 20)}, nil, everything,
			member.Member{UserCode: "member-1", UserName: strings.Repeat("가", 50), Phone: strings.Repeat("1", 20)},
		},
	} {
		t.Run(name, func(t *testing.T) {
			i := newIDP(t)
			i.claims, i.userInfo, i.mapped = test.claims, test.userInfo, test.mapped
			got, err := i.logIn(t, newProvider(i))
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
		if got, err := i.logIn(t, newProvider(i)); got != (member.Member{UserCode: "member-1"}) || err != nil {
			t.Errorf("%s: got %+v and error %v, want a usercode alone", name, got, err)
		}
	}
}

func TestAUserCodeThatCannotBeSentIsRefused(t *testing.T) {
	claims := member.Names{UserCode: "id"}
	for name, test := range map[string]struct {
		claims object
		mapped member.Names
		want   string
	}{
		"none": {nil, member.Names{UserCode: "employee_id"}, "claim employee_id: usercode is missing"},
		"an unverified email": {
			object{"email": "personal data", "email_verified": false}, member.Names{UserCode: "email"},
			"claim email: usercode is missing",
		},
		"null":           {object{"id": json.RawMessage("null")}, claims, "claim id: usercode is missing"},
		"a blank one":    {object{"id": " \u3000"}, claims, "claim id: usercode is missing"},
		"a boolean":      {object{"id": true}, claims, "claim id: usercode is neither text nor an integer in its claim"},
		"a list":         {object{"id": []string{"personal data"}}, claims, "claim id: usercode is neither text nor an integer in its claim"},
		"an object":      {object{"id": object{"a": "personal data"}}, claims, "claim id: usercode is neither text nor an integer in its claim"},
		"a fraction":     {object{"id": 1.5}, claims, "claim id: usercode is neither text nor an integer in its claim"},
		"a power of ten": {object{"id": json.RawMessage("1e3")}, claims, "claim id: usercode is neither text nor an integer in its claim"},
		"an &":           {object{"id": "personal data&"}, claims, `claim id: usercode has a "&", which separates the signed fields`},
		"a space":        {object{"id": "personal data "}, claims, "claim id: usercode ends with a space (U+0020)"},
		"invisible":      {object{"id": "\u200bpersonal data"}, claims, "claim id: usercode has the invisible character U+200B as character 1"},
		// Two such people would be one for encoding/json, which makes U+FFFD of them
		"a lone surrogate": {
			object{"id": json.RawMessage(`"\ud800"`)}, claims, "claim id: usercode has U+FFFD as character 1: the real character was lost before",
		},
		"half a pair behind text": {
			object{"id": json.RawMessage(`"kim\udc00"`)}, claims, "claim id: usercode has U+FFFD as character 4: the real character was lost before",
		},
		"bad UTF-8": {
			object{"id": json.RawMessage("\"k\xffm\"")}, claims, "claim id: usercode has U+FFFD as character 2: the real character was lost before",
		},
	} {
		for where, set := range map[string]func(*idp){
			"the ID token": func(i *idp) { i.claims = test.claims },
			"UserInfo":     func(i *idp) { i.userInfo = test.claims },
		} {
			t.Run(name+" in "+where, func(t *testing.T) {
				i := newIDP(t)
				i.mapped = test.mapped
				set(i)
				_, err := i.logIn(t, newProvider(i))
				var fieldError *token.FieldError // callers handle it as such
				if !errors.As(err, &fieldError) || err.Error() != test.want {
					t.Errorf("got %v, want a token.FieldError: %s", err, test.want)
				}
			})
		}
	}
}

// The subject ties UserInfo to the ID token, and two broken ones may be one for a decoder.
func TestASubjectThatIsNotUnicodeIsRefused(t *testing.T) {
	for _, sub := range []string{`"\ud800"`, `"member\udfff"`, "\"\xff\""} {
		i := newIDP(t)
		i.claims, i.mapped = object{"sub": json.RawMessage(sub), "nickname": "kim"}, member.Names{UserCode: "nickname"}
		if _, err := i.logIn(t, newProvider(i)); !errors.Is(err, oidc.ErrToken) {
			t.Errorf("%q: got error %v, want ErrToken", sub, err)
		}
	}
}

// TestAnOptionalClaimOfAnotherTypeKeepsNobodyOut: what a provider sends for the phone, say, is an
// object in one and a list in another.
func TestAnOptionalClaimOfAnotherTypeKeepsNobodyOut(t *testing.T) {
	for name, value := range map[string]any{
		"a list": []string{"personal data"}, "an object": object{"given": "personal data"}, "a boolean": true,
		"a fraction": 1.5, "a power of ten": json.RawMessage("1e3"),
	} {
		i := newIDP(t)
		i.claims = object{"name": value, "email": "kim@example.com", "phone_number": value, "https://shop.example/no": 7}
		i.mapped = everything
		p, a := newProvider(i), newAttempt()
		who, err := p.Exchange(t.Context(), a, i.callback(t, p, a))
		got, left := who.Member, who.Left
		if want := (member.Member{UserCode: "member-1", Email: "kim@example.com", MemberNo: "7"}); got != want || err != nil {
			t.Errorf("%s: got %+v and error %v, want %+v", name, got, err, want)
		}
		const reason = "is neither text nor an integer in its claim"
		want := []*token.FieldError{{Field: token.FieldUserName, Reason: reason}, {Field: token.FieldPhone, Reason: reason}}
		if diff := cmp.Diff(want, left); diff != "" {
			t.Errorf("%s: what is left differs (-want +got):\n%s", name, diff)
		}
	}
}

func TestUserInfoOfAnotherSubjectIsRefused(t *testing.T) {
	for _, sub := range []any{"member-2", "", nil} {
		i := newIDP(t)
		i.userInfo, i.mapped = object{"sub": sub, "name": "personal data"}, everything
		if _, err := i.logIn(t, newProvider(i)); !errors.Is(err, oidc.ErrToken) {
			t.Errorf("subject %v: got %v, want %v", sub, err, oidc.ErrToken)
		}
	}
}

func TestUserInfoIsCalledOnlyIfAClaimIsMissing(t *testing.T) {
	for name, test := range map[string]struct {
		metadata object
		mapped   member.Names
		want     int
	}{
		"no claim is missing":       {nil, member.Names{UserCode: "sub"}, 0},
		"a claim is missing":        {nil, everything, 1},
		"there is no such endpoint": {object{"userinfo_endpoint": nil}, everything, 0},
	} {
		i := newIDP(t)
		i.metadata, i.mapped = test.metadata, test.mapped
		if _, err := i.logIn(t, newProvider(i)); err != nil {
			t.Errorf("%s: got %v, want a login", name, err)
		}
		if got := i.called()[userInfoPath]; got != test.want {
			t.Errorf("%s: got %d calls of UserInfo, want %d", name, got, test.want)
		}
	}
}
