package oidc_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ocsso/internal/member"
	"ocsso/internal/oidc"
	"ocsso/internal/oidc/oidctest"
	"ocsso/internal/token"
)

// The answers are those of the providers' documentation, shortened.
func TestMembersLogInByOAuth2(t *testing.T) {
	for name, test := range map[string]struct {
		headers  bool
		document string
		fields   member.Names
		want     member.Member
	}{
		"Naver": {
			false, `{"resultcode":"00","message":"success","response":{"email":"openapi@naver.com","nickname":"OpenAPI","profile_image":null,"id":"32742776","name":"오픈 API","mobile":"010-0000-0000"}}`,
			member.Names{UserCode: "response.id", UserName: "response.name", Email: "response.email", Phone: "response.mobile"},
			member.Member{UserCode: "32742776", UserName: "오픈 API", Email: "openapi@naver.com", Phone: "010-0000-0000"},
		},
		"Kakao": {
			false, `{"id":9007199254740993,"connected_at":"2023-03-06T13:06:54Z","kakao_account":{"profile":{"nickname":"닉네임"},"has_email":true,"email":"myid@kakao.com"}}`,
			member.Names{UserCode: "id", UserName: "kakao_account.profile.nickname", Email: "kakao_account.email", Phone: "kakao_account.phone_number"},
			member.Member{UserCode: "9007199254740993", UserName: "닉네임", Email: "myid@kakao.com"},
		},
		"Kakao, of an email that is not its member's": {
			false, `{"id":7,"kakao_account":{"is_email_valid":true,"is_email_verified":false,"email":"myid@kakao.com"}}`,
			member.Names{UserCode: "id", Email: "kakao_account.email", EmailVerified: []string{"kakao_account.is_email_verified", "kakao_account.is_email_valid"}},
			member.Member{UserCode: "7"},
		},
		"LINE": {
			false, `{"userId":"U4af4980629","displayName":"Brown","pictureUrl":"https://profile.line-scdn.net/abc","statusMessage":"Hello, LINE!"}`,
			member.Names{UserCode: "userId", UserName: "displayName"},
			member.Member{UserCode: "U4af4980629", UserName: "Brown"},
		},
		"PAYCO": {
			true, `{"header":{"isSuccessful":true,"resultCode":0,"resultMessage":"SUCCESS"},"data":{"member":{"idNo":"abcd-1","email":"m@payco.com","mobile":"821012345678","name":"홍길동"}}}`,
			member.Names{UserCode: "data.member.idNo", UserName: "data.member.name", Email: "data.member.email", Phone: "data.member.mobile"},
			member.Member{UserCode: "abcd-1", UserName: "홍길동", Email: "m@payco.com", Phone: "821012345678"},
		},
	} {
		i := newOAuth2(t)
		i.Member, i.oauth2.UserInfoHeaders, i.oauth2.Fields, i.oauth2.Scopes = test.document, test.headers, test.fields, []string{"profile", "account_email"}
		p := i.login()
		if to, _ := p.AuthURL(t.Context(), newAttempt()); !strings.Contains(to, "scope=profile+account_email") {
			t.Errorf("%s: got %s, want the scopes", name, to)
		}
		got, err := i.logIn(t, p)
		if diff := cmp.Diff(test.want, got.Member); diff != "" || err != nil {
			t.Errorf("%s: %v, member differs (-want +got):\n%s", name, err, diff)
		}
		if wants := http.MethodGet; test.headers && i.Told.Method == wants || i.Asked.PostForm.Get("state") == "" { // which Naver requires
			t.Errorf("%s: got UserInfo by %s, and the token request %v", name, i.Told.Method, i.Asked.PostForm)
		}
	}
}

func TestTheAuthorizationURLKeepsItsQuery(t *testing.T) {
	i := newOAuth2(t)
	i.oauth2.AuthorizationURL += "?serviceProviderCode=FRIENDS&userLocale=ko_KR"
	got, err := i.login().AuthURL(t.Context(), newAttempt())
	to, parseErr := url.Parse(got)
	if errors.Join(err, parseErr) != nil || to.Query().Get("serviceProviderCode") != "FRIENDS" || to.Query().Get("client_id") != clientID {
		t.Errorf("got %s, %v, want both queries", got, err)
	}
}

func TestAProviderMayAnswerWithAForm(t *testing.T) {
	i := newOAuth2(t)
	p := i.login()
	i.Faults[oidctest.Tokens] = oidctest.Says(200, "error=invalid_grant&error_description=personal+data")
	if _, err := i.logIn(t, p); !errors.Is(err, oidc.ErrRefused) {
		t.Errorf("got %v, want %v", err, oidc.ErrRefused)
	}
	i.Faults[oidctest.Tokens] = oidctest.Says(200, "access_token=a&expires=5183999")
	i.Faults[oidctest.UserInfo] = oidctest.Says(200, `{"sub":"member-1"}`)
	if got, err := i.logIn(t, p); err != nil || got.Member.UserCode != "member-1" {
		t.Errorf("got %+v, %v, want a login", got, err)
	}
}

func TestADocumentWithoutAUsableUserCodeIsNobody(t *testing.T) {
	for document, isClaim := range map[string]bool{
		`{}`: true, `{"sub":null}`: true, `{"sub":""}`: true, `{"sub":" "}`: true, `{"sub":"a&b"}`: true, `null`: true, `[]`: true, `{"sub":false}`: true,
		`{"sub":0}`: true, `{"sub":"null"}`: true,
		`{"sub":{"personal data":1}}`: false, `{"sub":true}`: false, `{"sub":1.5}`: false, `{"sub":"\ud800"}`: false,
	} {
		i := newOAuth2(t)
		i.Member = document
		_, err := i.logIn(t, i.login())
		fault := (*token.FieldError)(nil)
		if errors.As(err, &fault) != isClaim || isClaim != strings.HasPrefix(fmt.Sprint(err), "claim sub: usercode ") || !isClaim && !errors.Is(err, oidc.ErrUnreachable) {
			t.Errorf("%s: got %v, want nobody and an error of the claim: %v", document, err, isClaim)
		}
	}
}
