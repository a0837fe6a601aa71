package app

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ocsso/internal/config"
	"ocsso/internal/kv"
	"ocsso/internal/member"
	"ocsso/internal/metrics"
	"ocsso/internal/oidc"
	"ocsso/internal/secret"
	"ocsso/web"
)

// TestTheAuditLogHasTheWay to log in, as the setting has it.
func TestTheAuditLogHasTheWay(t *testing.T) {
	cfg := config.Default()
	cfg.Server.PublicURL, cfg.HelpCenter.BaseURL = "https://sso.example.com", "https://help.example.com"
	cfg.HelpCenter.Services = []string{"hangame"}
	cfg.Session.Keys = []secret.Text{secret.New(config.NewSessionKey())}
	cfg.Login.With = "proxy"
	cfg.Login.Proxy.From, cfg.Login.Proxy.Headers.UserCode = []netip.Prefix{netip.MustParsePrefix("192.0.2.1/32")}, "X-User"
	var log bytes.Buffer
	app := New(slog.New(slog.NewTextHandler(&log, nil)), metrics.New("test"), kv.NewMemory(time.Now, 1_000_000), nil, nil, 0)
	handler, err := app.Handler(cfg)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest("GET", "https://sso.example.com/login", nil)
	r.Header.Set("X-User", "minji")
	handler.ServeHTTP(httptest.NewRecorder(), r)
	if want := "event=login way=proxy outcome=ok"; !strings.Contains(log.String(), want) {
		t.Errorf("got the log %s, want %s", &log, want)
	}
}

// TestTheSettingsOfALoginBecomeItsOptions: the packages that take them test what each option does.
func TestTheSettingsOfALoginBecomeItsOptions(t *testing.T) {
	load := func(login string) config.Config {
		t.Helper()
		cfg, err := config.Load("config.yaml", fmt.Appendf(nil, `
server: {public_url: "https://sso.example.com/sub"}
help_center: {base_url: "https://help.example.com", services: [hangame], organization_key: 4f1d0c6b9e7a48f2a3c5d8e1b2f60718}
session: {keys: [%q]}
login: {guest_values: [nobody], %s}
`, config.NewSessionKey(), login), nil, os.ReadFile)
		if err != nil {
			t.Fatal(err)
		}
		return cfg
	}
	const fields = "{usercode: u, username: n, email: e, phone: p, memberno: m}"
	want := member.Names{UserCode: "u", UserName: "n", Email: "e", Phone: "p", MemberNo: "m", Guests: member.Guests{"nobody"}}
	differ := func(what string, want, got any) {
		t.Helper()
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: options differ (-want +got):\n%s", what, diff)
		}
	}

	proxy, _ := withProxy(nil, load("with: proxy, proxy: {from: [192.0.2.0/24], headers: "+fields+"}"))
	differ("proxy", []any{[]string{"192.0.2.0/24"}, want}, []any{prefixTexts(proxy.(web.ProxyLogin).From), proxy.(web.ProxyLogin).Headers})

	const client = "client_id: help, client_secret: here-is-the-secret, scopes: [openid, nickname], "
	provider := load("with: oidc, oidc: {issuer: https://id.example.com, " + client + "max_age: 1h, prompt: login, claims: " + fields + "}")
	differ("oidc", oidc.Options{
		Issuer: "https://id.example.com", ClientID: "help", ClientSecret: "here-is-the-secret", Scopes: []string{"openid", "nickname"},
		RedirectURL: "https://sso.example.com/sub/login/callback", Claims: want, MaxAge: time.Hour, Prompt: "login",
	}, oidcOptions(provider))
	for logout, want := range map[string]string{"provider": "https://sso.example.com/sub/logout", "local": ""} {
		provider.Login.OIDC.Logout = logout
		login, _ := withOIDC(&App{}, provider)
		differ("logout: "+logout, want, login.(web.ProviderLogin).AfterLogout)
	}

	want.EmailVerified = []string{"ok"}
	naver := load("with: oauth2, oauth2: {authorization_url: https://id.example.com/a, token_url: https://id.example.com/t, userinfo_url: https://id.example.com/u, " +
		client + "fields: {usercode: u, username: n, email: e, phone: p, memberno: m, email_verified: ok}}")
	options := oidc.OAuth2Options{
		AuthorizationURL: "https://id.example.com/a", TokenURL: "https://id.example.com/t", UserInfoURL: "https://id.example.com/u",
		ClientID: "help", ClientSecret: "here-is-the-secret", Scopes: []string{"openid", "nickname"},
		RedirectURL: "https://sso.example.com/sub/login/callback", Fields: want,
	}
	differ("oauth2", options, oauth2Options(naver))
	naver.Login.OAuth2.UserInfoToken, options.UserInfoHeaders = "headers", true
	differ("oauth2 with userinfo_token: headers", options, oauth2Options(naver))
}

func prefixTexts(prefixes []netip.Prefix) (texts []string) {
	for _, prefix := range prefixes {
		texts = append(texts, prefix.String())
	}
	return texts
}

// TestNoValueOfAnotherLanguageIsAMember: every visitor would be that one member.
func TestNoValueOfAnotherLanguageIsAMember(t *testing.T) {
	read := func(cfg config.Config, usercode string) (member.Member, error) {
		who, _, err := paths(cfg, cfg.Login.Site.Fields).InJSON(fmt.Appendf(nil, `{"usercode":%s}`, usercode))
		return who, err
	}
	cfg, open := config.Default(), config.Default()
	open.Login.GuestValues = nil
	for _, nobody := range []string{
		`0`, `-1`, `"0"`, `"null"`, `"NULL"`, `"(null)"`, `"undefined"`, `"None"`, `"nil"`, `"<nil>"`, `"false"`, `"False"`, `" null "`, `"NaN"`,
		`"anonymous"`, `"anonymousUser"`, `"AnonymousUser"`, `"guest"`, `"Guest"`, `"Optional.empty"`, `"[object Object]"`,
		`"$remote_user"`, `"$http_x_user"`, `"${user.id}"`, `"%{REMOTE_USER}e"`, `"%{REMOTE_USER}s"`, `"{http.auth.user.id}"`, `"{{ user.id }}"`, `"#{user.id}"`, `"%!s(<nil>)"`,
		`"00000000-0000-0000-0000-000000000000"`,
	} {
		if who, err := read(cfg, nobody); !errors.Is(err, member.ErrGuest) {
			t.Errorf("%s: got %+v, %v, want nobody", nobody, who, err)
		}
		if who, err := read(open, nobody); err != nil || who.UserCode == "" {
			t.Errorf("%s without guest_values: got %+v, %v, want a member", nobody, who, err)
		}
	}
	for _, somebody := range []string{
		`1`, `10`, `-10`, `"00"`, `"guest1"`, `"my guest"`, `"nullable"`, `"nilsson"`, `"anonymous7"`, `"a$b"`, `"{6F9619FF-8B86-D011-B42D-00CF4FC964FF}"`, `"falsetto"`,
	} {
		if who, err := read(cfg, somebody); err != nil || who.UserCode == "" {
			t.Errorf("%s: got %+v, %v, want a member", somebody, who, err)
		}
	}
	for _, empty := range []string{`null`, `false`, `""`} {
		if who, err := read(open, empty); err != nil || who.UserCode != "" {
			t.Errorf("%s: got %+v, %v, want nobody", empty, who, err)
		}
	}
}

func TestTheStartSaysWhatIsWrongWithTheLogin(t *testing.T) {
	var answer string
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, answer) }))
	t.Cleanup(site.Close)
	for text, want := range map[string]string{`{"usercode":"minji"}`: "level=ERROR", `{"usercode":null}`: "", `{"usercode":"guest"}`: ""} {
		cfg := config.Default()
		cfg.Session.Keys = []secret.Text{secret.New(config.NewSessionKey())}
		cfg.Login.With, cfg.Login.Site.WhoamiURL = "site", site.URL
		var log bytes.Buffer
		app := New(slog.New(slog.NewTextHandler(&log, nil)), metrics.New("test"), kv.NewMemory(time.Now, 1_000_000), nil, nil, 0)
		if _, err := app.Handler(cfg); err != nil {
			t.Fatal(err)
		}
		answer = text
		if app.CheckLogin(t.Context()); !strings.Contains(log.String(), want) || want == "" && log.Len() > 0 {
			t.Errorf("%s: got the log %q, want %q", text, &log, want)
		}
	}
}
