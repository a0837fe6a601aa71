package oidc_test

import (
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ocsso/internal/member"
	"ocsso/internal/oidc"
	"ocsso/internal/token"
)

// An oauthServer is a provider of OAuth 2 with one client and one member. It is an http.Handler
// behind a real listener.
type oauthServer struct {
	url      string
	headers  bool   // it wants the access token as PAYCO does
	needs    string // a parameter that the token request must have
	document string // about the member
	faults   map[string]http.HandlerFunc

	mu           sync.Mutex
	called       map[string]int
	challenges   map[string]string // by code
	accessTokens map[string]bool
}

func newOAuthServer(t *testing.T) *oauthServer {
	s := &oauthServer{
		document: `{"id":"member-1"}`, faults: map[string]http.HandlerFunc{},
		called: map[string]int{}, challenges: map[string]string{}, accessTokens: map[string]bool{},
	}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

func (s *oauthServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.called[r.URL.Path]++
	r.ParseForm()
	switch fault := s.faults[r.URL.Path]; {
	case fault != nil:
		fault(w, r)
	case r.URL.Path == "/authorize":
		q := r.URL.Query()
		if q.Get("response_type") != "code" || q.Get("client_id") != clientID || q.Get("redirect_uri") != redirectURL || q.Get("state") == "" ||
			len(q.Get("code_challenge")) != 43 {
			http.Error(w, "invalid_request", http.StatusBadRequest)
			return
		}
		code := rand.Text()
		s.challenges[code] = q.Get("code_challenge")
		http.Redirect(w, r, redirectURL+"?"+url.Values{"code": {code}, "state": {q.Get("state")}}.Encode(), http.StatusFound)
	case r.Method == http.MethodPost && r.URL.Path == "/token":
		challenge, ok := s.challenges[r.PostForm.Get("code")]
		delete(s.challenges, r.PostForm.Get("code"))
		sum := sha256.Sum256([]byte(r.PostForm.Get("code_verifier")))
		switch {
		case r.PostForm.Get("client_id") != clientID || r.PostForm.Get("client_secret") != clientSecret:
			writeJSON(w, http.StatusUnauthorized, object{"error": "invalid_client", "error_description": "personal data"})
		case !ok, challenge != "" && encode(sum[:]) != challenge, s.needs != "" && r.PostForm.Get(s.needs) == "":
			writeJSON(w, http.StatusBadRequest, object{"error": "invalid_grant", "error_description": "personal data"})
		default:
			accessToken := rand.Text()
			s.accessTokens[accessToken] = true
			writeJSON(w, http.StatusOK, object{"access_token": accessToken, "token_type": "bearer", "expires_in": "3600"})
		}
	case r.URL.Path == "/me":
		accessToken, method := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "), http.MethodGet
		if s.headers {
			accessToken, method = r.Header.Get("access_token"), http.MethodPost
		}
		if !s.accessTokens[accessToken] || r.Method != method || s.headers && r.Header.Get("client_id") != clientID {
			writeJSON(w, http.StatusUnauthorized, object{"resultcode": "024", "message": "personal data"})
			return
		}
		w.Header().Set("Content-Type", "application/json;charset=utf-8")
		w.Write([]byte(s.document))
	default:
		http.NotFound(w, r)
	}
}

// calls returns the number of calls of a path.
func (s *oauthServer) calls(path string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.called[path]
}

// options are the right ones for s.
func (s *oauthServer) options() oidc.OAuth2Options {
	return oidc.OAuth2Options{
		AuthorizationURL: s.url + "/authorize", TokenURL: s.url + "/token", UserInfoURL: s.url + "/me", UserInfoHeaders: s.headers,
		ClientID: clientID, ClientSecret: clientSecret, RedirectURL: redirectURL,
		Fields: member.Names{UserCode: "id", Email: "email", Guests: member.Guests{"0", "null"}},
	}
}

func newOAuth2(opts oidc.OAuth2Options) *oidc.OAuth2Provider {
	return oidc.NewOAuth2(opts, http.DefaultTransport)
}

// callback sends a browser to the provider for a, and returns the query of the redirect back.
func (s *oauthServer) callback(t *testing.T, p *oidc.OAuth2Provider, a oidc.Attempt) url.Values {
	t.Helper()
	to, err := p.AuthURL(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest(http.MethodGet, to, nil))
	back, err := url.Parse(w.Header().Get("Location"))
	if err != nil || w.Code != http.StatusFound {
		t.Fatalf("%s: the provider answers the browser %d %s, want a redirect back", to, w.Code, w.Body)
	}
	return back.Query()
}

// exchangeOAuth2 checks that the error has no secrets.
func exchangeOAuth2(t *testing.T, p *oidc.OAuth2Provider, a oidc.Attempt, callback url.Values) (member.Member, error) {
	t.Helper()
	who, err := p.Exchange(t.Context(), a, callback)
	if err == nil {
		return who.Member, nil
	}
	for _, secret := range []string{a.State, a.Verifier, callback.Get("code"), "clientsecret", "member-1", "personal data"} {
		if secret != "" && strings.Contains(err.Error(), secret) {
			t.Errorf("the error %q holds %q", err, secret)
		}
	}
	return who.Member, err
}

// The answers are those of the providers' documentation, shortened.
func TestMembersLogInByOAuth2(t *testing.T) {
	for name, test := range map[string]struct {
		headers  bool
		needs    string
		document string
		fields   member.Names
		want     member.Member
	}{
		"Naver": {
			false, "state", `{"resultcode":"00","message":"success","response":{"email":"openapi@naver.com","nickname":"OpenAPI","profile_image":null,"id":"32742776","name":"오픈 API","mobile":"010-0000-0000"}}`,
			member.Names{UserCode: "response.id", UserName: "response.name", Email: "response.email", Phone: "response.mobile"},
			member.Member{UserCode: "32742776", UserName: "오픈 API", Email: "openapi@naver.com", Phone: "010-0000-0000"},
		},
		"Kakao": {
			false, "", `{"id":9007199254740993,"connected_at":"2023-03-06T13:06:54Z","kakao_account":{"profile":{"nickname":"닉네임"},"has_email":true,"email":"myid@kakao.com"}}`,
			member.Names{UserCode: "id", UserName: "kakao_account.profile.nickname", Email: "kakao_account.email", Phone: "kakao_account.phone_number"},
			member.Member{UserCode: "9007199254740993", UserName: "닉네임", Email: "myid@kakao.com"},
		},
		"Kakao, of an email that is not its member's": {
			false, "", `{"id":7,"kakao_account":{"is_email_valid":true,"is_email_verified":false,"email":"myid@kakao.com"}}`,
			member.Names{UserCode: "id", Email: "kakao_account.email", EmailVerified: []string{"kakao_account.is_email_verified", "kakao_account.is_email_valid"}},
			member.Member{UserCode: "7"},
		},
		"LINE": {
			false, "", `{"userId":"U4af4980629","displayName":"Brown","pictureUrl":"https://profile.line-scdn.net/abc","statusMessage":"Hello, LINE!"}`,
			member.Names{UserCode: "userId", UserName: "displayName"},
			member.Member{UserCode: "U4af4980629", UserName: "Brown"},
		},
		"PAYCO": {
			true, "", `{"header":{"isSuccessful":true,"resultCode":0,"resultMessage":"SUCCESS"},"data":{"member":{"idNo":"abcd-1","email":"m@payco.com","mobile":"821012345678","name":"홍길동"}}}`,
			member.Names{UserCode: "data.member.idNo", UserName: "data.member.name", Email: "data.member.email", Phone: "data.member.mobile"},
			member.Member{UserCode: "abcd-1", UserName: "홍길동", Email: "m@payco.com", Phone: "821012345678"},
		},
	} {
		s := newOAuthServer(t)
		s.headers, s.needs, s.document = test.headers, test.needs, test.document
		opts := s.options()
		opts.Fields, opts.Scopes = test.fields, []string{"profile", "account_email"}
		p, a := newOAuth2(opts), newAttempt()
		if to, _ := p.AuthURL(t.Context(), a); !strings.Contains(to, "scope=profile+account_email") {
			t.Errorf("%s: got %s, want the scopes", name, to)
		}
		got, err := exchangeOAuth2(t, p, a, s.callback(t, p, a))
		if diff := cmp.Diff(test.want, got); diff != "" || err != nil {
			t.Errorf("%s: %v, member differs (-want +got):\n%s", name, err, diff)
		}
	}
}

func TestTheAuthorizationURLKeepsItsQuery(t *testing.T) {
	s := newOAuthServer(t)
	opts := s.options()
	opts.AuthorizationURL += "?serviceProviderCode=FRIENDS&userLocale=ko_KR"
	got, err := newOAuth2(opts).AuthURL(t.Context(), newAttempt())
	to, parseErr := url.Parse(got)
	if errors.Join(err, parseErr) != nil || to.Query().Get("serviceProviderCode") != "FRIENDS" || to.Query().Get("client_id") != clientID {
		t.Errorf("got %s, %v, want both queries", got, err)
	}
}

func TestAnOAuth2CallbackOfAnotherLoginIsForged(t *testing.T) {
	for name, change := range map[string]func(s *oauthServer, a *oidc.Attempt, callback url.Values){
		"no state":        func(_ *oauthServer, _ *oidc.Attempt, q url.Values) { q.Del("state") },
		"another state":   func(_ *oauthServer, _ *oidc.Attempt, q url.Values) { q.Set("state", newAttempt().State) },
		"two states":      func(_ *oauthServer, a *oidc.Attempt, q url.Values) { q.Add("state", a.State) },
		"another attempt": func(_ *oauthServer, a *oidc.Attempt, _ url.Values) { *a = newAttempt() },
		"another attempt's refusal": func(_ *oauthServer, _ *oidc.Attempt, q url.Values) {
			q.Set("state", "other")
			q.Set("error", "access_denied")
		},
		"another provider's":         func(_ *oauthServer, _ *oidc.Attempt, q url.Values) { q.Set("iss", "https://evil.example") },
		"a provider on another port": func(s *oauthServer, _ *oidc.Attempt, q url.Values) { q.Set("iss", s.url+"1") },
		"two providers'":             func(s *oauthServer, _ *oidc.Attempt, q url.Values) { q["iss"] = []string{s.url, s.url} },
		"no code":                    func(_ *oauthServer, _ *oidc.Attempt, q url.Values) { q.Del("code") },
		"two codes":                  func(_ *oauthServer, _ *oidc.Attempt, q url.Values) { q.Add("code", "another") },
		"nothing":                    func(_ *oauthServer, _ *oidc.Attempt, q url.Values) { clear(q) },
	} {
		s, a := newOAuthServer(t), newAttempt()
		p := newOAuth2(s.options())
		callback := s.callback(t, p, a)
		change(s, &a, callback)
		if _, err := exchangeOAuth2(t, p, a, callback); !errors.Is(err, oidc.ErrForged) {
			t.Errorf("%s: got %v, want %v", name, err, oidc.ErrForged)
		}
		if n := s.calls("/token"); n != 0 {
			t.Errorf("%s: got %d calls for tokens, want none", name, n)
		}
	}
	s, a := newOAuthServer(t), newAttempt()
	p := newOAuth2(s.options())
	callback := s.callback(t, p, a)
	callback.Set("iss", s.url+"/tenant")
	if _, err := exchangeOAuth2(t, p, a, callback); err != nil {
		t.Errorf("the provider's own issuer: got %v", err)
	}
}

// TestACodeOfAnotherAttemptIsRefused: an attacker who has got hold of a member's code can't use it
// in a login of his own.
func TestACodeOfAnotherAttemptIsRefused(t *testing.T) {
	s := newOAuthServer(t)
	p, victim, attacker := newOAuth2(s.options()), newAttempt(), newAttempt()
	stolen := s.callback(t, p, victim)
	stolen.Set("state", attacker.State)
	if _, err := exchangeOAuth2(t, p, attacker, stolen); !errors.Is(err, oidc.ErrRefused) {
		t.Errorf("got %v, want %v", err, oidc.ErrRefused)
	}
	// A code of another provider is no code here.
	other := newOAuthServer(t)
	foreign := other.callback(t, newOAuth2(other.options()), attacker)
	if _, err := exchangeOAuth2(t, p, attacker, foreign); !errors.Is(err, oidc.ErrRefused) {
		t.Errorf("another provider's code: got %v, want %v", err, oidc.ErrRefused)
	}
}

func TestAnOAuth2RefusalHasTheProvidersErrorCode(t *testing.T) {
	s, a := newOAuthServer(t), newAttempt()
	p := newOAuth2(s.options())
	for code, want := range map[string]error{
		"access_denied": oidc.ErrRefused, "consent_required": oidc.ErrRefused, "server_error": oidc.ErrUnreachable,
	} {
		_, err := exchangeOAuth2(t, p, a, url.Values{"state": {a.State}, "error": {code}, "error_description": {"personal data"}})
		if !errors.Is(err, want) || !strings.HasSuffix(err.Error(), ": "+code) {
			t.Errorf("%s: got %v, want %v with it", code, err, want)
		}
	}
}

func TestAUselessOAuth2AnswerIsAnOutage(t *testing.T) {
	faults := outages("personal data")
	faults["JSON and more"] = answer(200, `{"id":"member-1","access_token":"a"}{"id":"member-2"}`)
	faults["an error with status 200"] = answer(200, `{"error":"invalid_request","error_description":"personal data"}`)
	faults["a member with an error's status"] = answer(500, `{"id":"member-1"}`)
	faults["a member in too many bytes"] = answer(200, `{"id":"member-1"}`+strings.Repeat(" ", 1<<20))
	for _, headers := range []bool{false, true} {
		for path, faults := range map[string]map[string]http.HandlerFunc{"/token": faults, "/me": faults} {
			for name, fault := range faults {
				t.Run(fmt.Sprint(name, " at ", path, headers), func(t *testing.T) {
					s, a := newOAuthServer(t), newAttempt()
					s.faults[path], s.headers = fault, headers
					p := newOAuth2(s.options())
					who, err := exchangeOAuth2(t, p, a, s.callback(t, p, a))
					claim := (*token.FieldError)(nil)
					if !errors.Is(err, oidc.ErrUnreachable) && !(path == "/me" && errors.As(err, &claim)) || who != (member.Member{}) {
						t.Errorf("got %+v, %v, want nobody and %v", who, err, oidc.ErrUnreachable)
					}
					if s.calls("/elsewhere") != 0 {
						t.Error("got a call to the target of a redirect")
					}
				})
			}
		}
	}
}

func TestADocumentWithoutAUsableUserCodeIsNobody(t *testing.T) {
	for document, want := range map[string]string{
		`{}`: "id", `{"id":null}`: "id", `{"id":""}`: "id", `{"id":" "}`: "id", `{"id":"a&b"}`: "id", `null`: "id", `[]`: "id",
		`{"id":0}`: "id", `{"id":"null"}`: "id", `{"id":{"personal data":1}}`: "", `{"id":true}`: "", `{"id":1.5}`: "", `{"id":"\ud800"}`: "",
	} {
		s, a := newOAuthServer(t), newAttempt()
		s.document = document
		p := newOAuth2(s.options())
		who, err := exchangeOAuth2(t, p, a, s.callback(t, p, a))
		claim := (*token.FieldError)(nil)
		if isClaim := errors.As(err, &claim); who != (member.Member{}) || err == nil || isClaim != (want != "") || isClaim && !strings.HasPrefix(err.Error(), "claim "+want+": ") {
			t.Errorf("%s: got %+v, %v, want nobody and an error about %q", document, who, err, want)
		}
	}
}
