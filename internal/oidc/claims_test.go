package oidc_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"ocsso/internal/member"
	"ocsso/internal/oidc"
	"ocsso/internal/oidc/oidctest"
	"ocsso/internal/token"

	"github.com/google/go-cmp/cmp"
)

// everything maps each field.
var everything = member.Names{
	UserCode: "sub", UserName: "name", Email: "email", Phone: "phone_number", MemberNo: "https://shop.example/no",
}

// raw is JSON as it is.
func raw(text string) json.RawMessage { return json.RawMessage(text) }

func TestClaimsBecomeAMember(t *testing.T) {
	for name, test := range map[string]struct {
		claims, userInfo object
		mapped           member.Names
		want             member.Member
	}{
		"only mapped claims are used": {
			object{"name": "Kim", "email": "kim@example.com"}, object{}, member.Names{UserCode: "sub", UserName: "name"},
			member.Member{UserCode: "member-1", UserName: "Kim"},
		},
		"absent claims stay empty": {nil, object{}, everything, member.Member{UserCode: "member-1"}},
		"null and empty claims stay empty": {
			object{"name": "", "email": raw("null")}, object{}, everything, member.Member{UserCode: "member-1"},
		},
		"another claim is the usercode": {
			object{"preferred_username": "kim"}, object{}, member.Names{UserCode: "preferred_username"}, member.Member{UserCode: "kim"},
		},
		"an integer becomes its digits": {
			object{"id": raw("123456789012345678901"), "no": -5}, object{},
			member.Names{UserCode: "id", MemberNo: "no"}, member.Member{UserCode: "123456789012345678901", MemberNo: "-5"},
		},
		"the name of a claim may have dots": {
			object{"https://shop.example/no": "A-1"}, object{}, everything, member.Member{UserCode: "member-1", MemberNo: "A-1"},
		},
		"UserInfo adds what is missing": {
			object{"name": "Kim", "email": raw("null"), "phone_number": ""},
			object{"name": "other", "email": "kim@example.com", "phone_number": "+8210", "https://shop.example/no": 7}, everything,
			member.Member{UserCode: "member-1", UserName: "Kim", Email: "kim@example.com", Phone: "+8210", MemberNo: "7"},
		},
		"UserInfo has the usercode": {
			nil, object{"nickname": "kim"}, member.Names{UserCode: "nickname"}, member.Member{UserCode: "kim"},
		},
		"an email without email_verified is used": {
			object{"email": "kim@example.com"}, object{}, everything, member.Member{UserCode: "member-1", Email: "kim@example.com"},
		},
		"Cognito writes email_verified as text": {
			object{"email": "kim@example.com", "email_verified": "true"}, object{}, everything,
			member.Member{UserCode: "member-1", Email: "kim@example.com"},
		},
		"UserInfo doesn't decide what the ID token has verified": {
			object{"email": "kim@example.com", "email_verified": true}, object{"email_verified": false}, everything,
			member.Member{UserCode: "member-1", Email: "kim@example.com"},
		},
		"an unverified email":                {object{"email": "kim@example.com", "email_verified": false}, object{}, everything, member.Member{UserCode: "member-1"}},
		"an unverified email, as text":       {object{"email": "kim@example.com", "email_verified": "false"}, object{}, everything, member.Member{UserCode: "member-1"}},
		"an unverified email, as a number":   {object{"email": "kim@example.com", "email_verified": 1}, object{}, everything, member.Member{UserCode: "member-1"}},
		"an unverified email of UserInfo":    {nil, object{"email": "kim@example.com", "email_verified": 0}, everything, member.Member{UserCode: "member-1"}},
		"an unverified email, says UserInfo": {object{"email": "kim@example.com"}, object{"email_verified": false}, everything, member.Member{UserCode: "member-1"}},
		"an unverified phone number":         {object{"phone_number": "+8210", "phone_number_verified": false}, object{}, everything, member.Member{UserCode: "member-1"}},
		"what can't be sent is left to Sendable": {
			object{"name": strings.Repeat("가", 60), "email": "r&d@example.com", "phone_number": "+82 (0)10-1234-5678 ext. 12"}, object{}, everything,
			member.Member{
				UserCode: "member-1", UserName: strings.Repeat("가", 60), Email: "r&d@example.com", Phone: "+82 (0)10-1234-5678 ext. 12",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			i := newIDP(t)
			i.Claims, i.Member, i.opts.Claims = test.claims, test.userInfo, test.mapped
			if got, err := i.logIn(t, i.provider()); got.Member != test.want || err != nil {
				t.Errorf("got %+v and error %v, want %+v", got.Member, err, test.want)
			}
		})
	}
}

// TestUserInfoDecidesNothing that the ID token has said: it adds optional fields, or doesn't.
func TestUserInfoDecidesNothing(t *testing.T) {
	faults := outages("personal data")
	for _, odd := range []string{`null`, `1`, `"True"`, `"yes"`, `{}`} {
		faults["email_verified is "+odd] = oidctest.Says(200, `{"sub":"member-1","email":"kim@example.com","email_verified":`+odd+`}`)
	}
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			i := newIDP(t)
			i.Faults[oidctest.UserInfo], i.opts.Claims, i.Claims = fault, everything, object{"name": "Kim"}
			got, err := i.logIn(t, i.provider())
			if want := (member.Member{UserCode: "member-1", UserName: "Kim"}); got.Member != want || err != nil {
				t.Errorf("got %+v and error %v, want %+v", got.Member, err, want)
			}
			if (got.Missing == nil) == (got.Left == nil) || got.Missing != nil && strings.Contains(got.Missing.Error(), "personal data") {
				t.Errorf("got missing %v and left %v, want the reason for the log", got.Missing, got.Left)
			}
			i.opts.Claims = member.Names{UserCode: "nickname"} // which only UserInfo has
			if _, err := i.logIn(t, i.provider()); err == nil || got.Missing != nil && !errors.Is(err, oidc.ErrUnreachable) {
				t.Errorf("with the usercode: got %v, want %v", err, oidc.ErrUnreachable)
			}
		})
	}
	for _, sub := range []any{"member-2", "", nil} {
		i := newIDP(t)
		i.Member, i.opts.Claims = object{"sub": sub, "name": "personal data"}, everything
		if _, err := i.logIn(t, i.provider()); !errors.Is(err, oidc.ErrToken) {
			t.Errorf("subject %v: got %v, want %v", sub, err, oidc.ErrToken)
		}
	}
}

func TestUserInfoMayBeSigned(t *testing.T) {
	i := newIDP(t)
	i.opts.Claims = everything
	own, stranger := i.Key, oidctest.NewKey(t, "ES256", "key-1")
	for signer, want := range map[*oidctest.Key]string{&own: "Kim", &stranger: ""} {
		i.Faults[oidctest.UserInfo] = oidctest.Says(200, signer.Sign(object{"sub": "member-1", "name": "Kim"}))
		if got, err := i.logIn(t, i.provider()); err != nil || got.Member.UserName != want || (got.Missing == nil) != (want != "") {
			t.Errorf("got %+v, %v, want the name %q", got, err, want)
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
		i.Metadata, i.opts.Claims = test.metadata, test.mapped
		if _, err := i.logIn(t, i.provider()); err != nil {
			t.Errorf("%s: got %v, want a login", name, err)
		}
		if got := i.Called()[oidctest.UserInfo]; got != test.want {
			t.Errorf("%s: got %d calls of UserInfo, want %d", name, got, test.want)
		}
	}
}

func TestAUserCodeThatCannotBeSentIsRefused(t *testing.T) {
	const noText = "is neither text nor an integer in its claim"
	for name, test := range map[string]struct {
		id   any
		want string
	}{
		"none":           {nil, "is missing"},
		"null":           {raw("null"), "is missing"},
		"a blank one":    {" \u3000", "is missing"},
		"a boolean":      {true, noText},
		"an object":      {object{"a": "personal data"}, noText}, // others: see the optional ones
		"a power of ten": {raw("1e3"), noText},
		"an &":           {"personal data&", `has a "&", which separates the signed fields`},
		"nobody":         {0, `stands for nobody: it is "0" of login.guest_values`},
		// Two such people would be one for encoding/json, which makes U+FFFD of them
		"a lone surrogate":        {raw(`"\ud800"`), "has U+FFFD as character 1: the real character was lost before"},
		"half a pair behind text": {raw(`"kim\udc00"`), "has U+FFFD as character 4: the real character was lost before"},
		"bad UTF-8":               {raw("\"k\xffm\""), "has U+FFFD as character 2: the real character was lost before"},
	} {
		for where, set := range map[string]func(*idp){
			"the ID token": func(i *idp) { i.Claims = object{"id": test.id} },
			"UserInfo":     func(i *idp) { i.Member = object{"id": test.id} },
		} {
			t.Run(name+" in "+where, func(t *testing.T) {
				i := newIDP(t)
				i.opts.Claims = member.Names{UserCode: "id", Guests: member.Guests{"0"}}
				set(i)
				_, err := i.logIn(t, i.provider())
				var fieldError *token.FieldError // callers handle it as such
				if want := "claim id: usercode " + test.want; !errors.As(err, &fieldError) || err.Error() != want {
					t.Errorf("got %v, want a token.FieldError: %s", err, want)
				}
			})
		}
	}
	i := newIDP(t)
	i.Claims, i.opts.Claims = object{"email": "personal data", "email_verified": false}, member.Names{UserCode: "email"}
	if _, err := i.logIn(t, i.provider()); err == nil || err.Error() != "claim email: usercode is missing" {
		t.Errorf("an unverified email: got %v, want a refusal", err)
	}
}

// TestAnOptionalClaimOfAnotherTypeKeepsNobodyOut: what a provider sends for the phone, say, is an
// object in one and a list in another.
func TestAnOptionalClaimOfAnotherTypeKeepsNobodyOut(t *testing.T) {
	for name, value := range map[string]any{
		"a list": []string{"personal data"}, "an object": object{"given": "personal data"}, "a boolean": true,
		"a fraction": 1.5, "a power of ten": raw("1e3"),
	} {
		i := newIDP(t)
		i.Claims = object{"name": value, "email": "kim@example.com", "phone_number": value, "https://shop.example/no": 7}
		i.opts.Claims = everything
		got, err := i.logIn(t, i.provider())
		if want := (member.Member{UserCode: "member-1", Email: "kim@example.com", MemberNo: "7"}); got.Member != want || err != nil {
			t.Errorf("%s: got %+v and error %v, want %+v", name, got.Member, err, want)
		}
		const reason = "is neither text nor an integer in its claim"
		want := []*token.FieldError{{Field: token.FieldUserName, Reason: reason}, {Field: token.FieldPhone, Reason: reason}}
		if diff := cmp.Diff(want, got.Left); diff != "" {
			t.Errorf("%s: what is left differs (-want +got):\n%s", name, diff)
		}
	}
}
