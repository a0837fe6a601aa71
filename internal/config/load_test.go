package config

import (
	"encoding/base64"
	"errors"
	"io/fs"
	"reflect"
	"strings"
	"testing"
	"time"

	"ocsso/internal/secret"
	"ocsso/internal/yamlfile"

	"github.com/google/go-cmp/cmp"
)

const organizationKey = "b6f1d9c07a5e4382"

// sessionKey returns a valid session key, a different one for each seed.
func sessionKey(seed byte) string {
	raw := make([]byte, KeySize)
	for i := range raw {
		raw[i] = seed + byte(i)*7
	}
	return base64.StdEncoding.EncodeToString(raw)
}

// required is YAML with only the settings that have no default.
var required = `
help_center:
  domain: acme
  services: [hangame]
  organization_key: ` + organizationKey + `
session:
  keys: [` + sessionKey(1) + `]
`

// load loads YAML with this environment and these files, both by name.
func load(yaml string, env, files map[string]string) (Config, error) {
	var environ []string
	for name, text := range env {
		environ = append(environ, name+"="+text)
	}
	readFile := func(name string) ([]byte, error) {
		text, ok := files[name]
		if !ok {
			return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
		}
		return []byte(text), nil
	}
	return Load("c.yaml", []byte(yaml), environ, readFile)
}

// mustLoad is load, and ends the test on an error.
func mustLoad(t *testing.T, yaml string, env, files map[string]string) Config {
	t.Helper()
	c, err := load(yaml, env, files)
	if err != nil {
		t.Fatalf("loading fails:\n%v", err)
	}
	return c
}

// revealed lets cmp compare secrets.
var revealed = cmp.Transformer("Reveal", secret.Text.Reveal)

func TestASettingThatIsNotSetHasItsDefault(t *testing.T) {
	want := Default()
	want.HelpCenter.Domain, want.HelpCenter.Services, want.HelpCenter.OrganizationKey.Value = "acme", []string{"hangame"}, secret.New(organizationKey)
	want.Session.Keys.Value = []secret.Text{secret.New(sessionKey(1))}
	for name, yaml := range map[string]string{
		"what is left out": required,
		"null":             required + "  idle:\nserver:\n  listen: ~\nlog: ~\n",
	} {
		if diff := cmp.Diff(want, mustLoad(t, yaml, nil, nil), revealed); diff != "" {
			t.Errorf("with %s the settings differ (-want +got):\n%s", name, diff)
		}
	}
}

func TestEverySettingCanComeFromTheEnvironment(t *testing.T) {
	texts := map[string]string{
		"server.listen": ":80", "server.admin_listen": "", "server.public_url": "https://login.acme.example",
		"server.tls.cert_file": "cert.pem", "server.tls.key_file": "key.pem", "server.trusted_proxies": "10.0.0.0/8,::1",
		"server.drain":            "0s",
		"help_center.environment": "real", "help_center.domain": "", "help_center.base_url": "https://acme.oc.toast.com",
		"help_center.services": "one,two", "help_center.organization_key": "", "help_center.organization_key_file": "organization",
		"help_center.handoff": "api", "help_center.request_timeout": "1s", "help_center.extra_origins": "https://a.example",
		"session.lifetime": "3h", "session.idle": "2m", "session.keys": "", "session.keys_file": "keys",
		"issued_tokens.lifetime": "3m", "store.kind": "redis", "store.memory.max_mb": "20", "store.file.path": "s.db",
		"store.redis.addresses": "redis://watcher:in%20url@10.0.0.1:26379,redis://watcher:in%20url@[::1]:26379", "store.redis.mode": "sentinel", "store.redis.master": "main", "store.redis.tls": "true",
		"store.redis.tls_ca_file": "ca.pem", "store.redis.tls_cert_file": "c.pem", "store.redis.tls_key_file": "k.pem",
		"store.redis.username": "ocsso", "store.redis.password": "", "store.redis.password_file": "redis", "store.redis.key_prefix": "",
		"login.with": "oidc", "login.limits.per_address": "100/1h", "login.limits.per_member": "5/1m30s",
		"login.site.whoami_url": "http://10.0.0.7/whoami", "login.site.cookies": "sid,remember", "login.site.login_url": "https://acme.example/login",
		"login.site.return_parameter": "back", "login.site.logout_url": "https://acme.example/logout", "login.site.return_origins": "https://acme.example",
		"login.site.fields.usercode": "user.id", "login.site.fields.username": "user.name", "login.site.fields.email": "", "login.site.fields.phone": "user.tel",
		"login.site.fields.memberno": "no", "login.site.timeout": "2s", "login.site.recheck": "1m0s",
		"login.oidc.issuer": "https://acme.example/", "login.oidc.client_id": "help", "login.oidc.client_secret": "", "login.oidc.client_secret_file": "client",
		"login.oidc.scopes": "openid,email", "login.oidc.claims.usercode": "id", "login.oidc.claims.username": "nick", "login.oidc.claims.email": "",
		"login.oidc.claims.phone": "tel", "login.oidc.claims.memberno": "no",
		"login.oidc.logout": "local", "login.oidc.max_age": "1h0m0s", "login.oidc.prompt": "login consent",
		"login.oauth2.authorization_url": "https://acme.example/a", "login.oauth2.token_url": "https://acme.example/t",
		"login.oauth2.userinfo_url": "https://acme.example/u", "login.oauth2.userinfo_token": "headers", "login.oauth2.client_id": "shop",
		"login.oauth2.client_secret": "", "login.oauth2.client_secret_file": "shop", "login.oauth2.scopes": "a,b", "login.oauth2.fields.usercode": "response.id",
		"login.oauth2.fields.username": "nick", "login.oauth2.fields.email": "", "login.oauth2.fields.phone": "tel", "login.oauth2.fields.memberno": "no",
		"login.oauth2.pkce": "false",
		"login.proxy.from":  "10.0.0.5,fd00::/8", "login.proxy.headers.usercode": "X-User", "login.proxy.headers.username": "X-Name",
		"login.proxy.headers.email": "", "login.proxy.headers.phone": "X-Phone", "login.proxy.headers.memberno": "X-No",
		"members.kind": "sql", "members.file.path": "m.yaml", "members.sql.driver": "mysql", "members.sql.dsn": "", "members.sql.dsn_file": "dsn",
		"members.sql.query": "SELECT a, b", "members.sql.max_open": "20", "members.sql.timeout": "2s",
		"links_api.keys": strings.Repeat("ab", 32),
		"ui.site_name":   "에이스", "ui.default_language": "ja", "log.format": "json", "log.level": "debug",
	}
	env := map[string]string{}
	for _, s := range settingsOf(reflect.ValueOf(new(Config)).Elem(), "") {
		text, ok := texts[s.path]
		if !ok {
			t.Errorf("the test has no text for %s", s.path)
		}
		if _, ok := env[Variable(s.path)]; ok {
			t.Errorf("two settings have the variable %s", Variable(s.path))
		}
		env[Variable(s.path)] = text
	}
	want := Config{
		Server:       Server{Listen: ":80", PublicURL: "https://login.acme.example", TLS: TLS{"cert.pem", "key.pem"}, TrustedProxies: []string{"10.0.0.0/8", "::1"}},
		HelpCenter:   HelpCenter{Environment: "real", BaseURL: "https://acme.oc.toast.com", Services: []string{"one", "two"}, OrganizationKey: Secret[secret.Text]{secret.New(organizationKey), "organization"}, Handoff: "api", RequestTimeout: time.Second, ExtraOrigins: []string{"https://a.example"}},
		Session:      Session{Lifetime: 3 * time.Hour, Idle: 2 * time.Minute, Keys: Secret[[]secret.Text]{[]secret.Text{secret.New(sessionKey(2)), secret.New(sessionKey(3))}, "keys"}},
		IssuedTokens: IssuedTokens{Lifetime: 3 * time.Minute},
		Store: Store{Kind: "redis", Memory: Memory{MaxMB: 20}, File: File{Path: "s.db"}, Redis: Redis{
			Addresses: []Address{
				{HostPort: "10.0.0.1:26379", Username: "watcher", Password: secret.New("in url")},
				{HostPort: "[::1]:26379", Username: "watcher", Password: secret.New("in url")},
			}, Mode: "sentinel",
			Master: "main", TLS: true, Username: "ocsso", Password: Secret[secret.Text]{secret.New("in redis"), "redis"},
			TLSCAFile: "ca.pem", TLSCertFile: "c.pem", TLSKeyFile: "k.pem"}},
		Login: Login{
			With:   "oidc",
			Limits: LoginLimits{PerAddress: Rate{100, time.Hour}, PerMember: Rate{5, 90 * time.Second}},
			Site: LoginSite{
				WhoamiURL: "http://10.0.0.7/whoami", Cookies: []string{"sid", "remember"}, LoginURL: "https://acme.example/login",
				ReturnParameter: "back", LogoutURL: "https://acme.example/logout", ReturnOrigins: []string{"https://acme.example"},
				Fields:  MemberNames{UserCode: "user.id", UserName: "user.name", Phone: "user.tel", MemberNo: "no"},
				Timeout: 2 * time.Second, Recheck: time.Minute,
			},
			OIDC: OIDC{Issuer: "https://acme.example/", ClientID: "help", ClientSecret: Secret[secret.Text]{secret.New("in client"), "client"},
				Scopes: []string{"openid", "email"}, Claims: MemberNames{UserCode: "id", UserName: "nick", Phone: "tel", MemberNo: "no"},
				Logout: "local", MaxAge: time.Hour, Prompt: "login consent"},
			OAuth2: OAuth2{AuthorizationURL: "https://acme.example/a", TokenURL: "https://acme.example/t", UserInfoURL: "https://acme.example/u",
				UserInfoToken: "headers", ClientID: "shop", ClientSecret: Secret[secret.Text]{secret.New("in shop"), "shop"}, Scopes: []string{"a", "b"},
				Fields: MemberNames{UserCode: "response.id", UserName: "nick", Phone: "tel", MemberNo: "no"}},
			Proxy: LoginProxy{From: []string{"10.0.0.5", "fd00::/8"},
				Headers: MemberNames{UserCode: "X-User", UserName: "X-Name", Phone: "X-Phone", MemberNo: "X-No"}},
		},
		Members: Members{Kind: "sql", File: MembersFile{Path: "m.yaml"}, SQL: MembersSQL{Driver: "mysql", DSN: Secret[secret.Text]{secret.New("in dsn"), "dsn"},
			Query: "SELECT a, b", MaxOpen: 20, Timeout: 2 * time.Second}},
		LinksAPI: LinksAPI{Keys: []string{strings.Repeat("ab", 32)}},
		UI:       UI{SiteName: "에이스", DefaultLanguage: "ja"},
		Log:      Log{Format: "json", Level: "debug"},
	}
	files := map[string]string{"organization": organizationKey, "keys": sessionKey(2) + "\r\n" + sessionKey(3) + "\r\n",
		"redis": "in redis\n", "client": "in client\n", "shop": "in shop\n", "dsn": "in dsn\n"}
	got := mustLoad(t, required, env, files)
	if diff := cmp.Diff(want, got, revealed); diff != "" {
		t.Errorf("the settings differ (-want +got):\n%s", diff)
	}
}

func TestWhichSourceOfASecretWins(t *testing.T) {
	const (
		inYAML    = "11aa22bb33cc44dd"
		inYAMLs   = "22bb33cc44dd55ee" // in the file that YAML names
		inEnv     = "33cc44dd55ee66ff"
		inEnvs    = "44dd55ee66ff77aa"
		key       = "OCSSO_HELP_CENTER_ORGANIZATION_KEY"
		file      = "OCSSO_HELP_CENTER_ORGANIZATION_KEY_FILE"
		yamlKey   = "organization_key: " + inYAML
		yamlFile  = "organization_key_file: yaml.key"
		yamlEmpty = `organization_key: ""`
	)
	files := map[string]string{
		"yaml.key": inYAMLs, "env.key": inEnvs, "lf.key": inEnvs + "\n", "crlf.key": inEnvs + "\r\n",
	}
	for _, test := range []struct {
		name, yaml string
		env        map[string]string
		want       string
	}{
		{"YAML alone", yamlKey, nil, inYAML},
		{"a file alone", yamlFile, nil, inYAMLs},
		{"an empty secret beside a file", yamlEmpty + "\n  " + yamlFile, nil, inYAMLs},
		{"the environment over YAML", yamlKey, map[string]string{key: inEnv}, inEnv},
		{"the environment over YAML's file", yamlFile, map[string]string{key: inEnv}, inEnv},
		{"the environment's file over YAML", yamlKey, map[string]string{file: "env.key"}, inEnvs},
		{"the environment's file over YAML's file", yamlFile, map[string]string{file: "env.key"}, inEnvs},
		{"an empty variable hides nothing", yamlKey, map[string]string{key: "", file: ""}, inYAML},
		{"an empty variable beside a file hides nothing", yamlFile, map[string]string{key: ""}, inYAMLs},
		{"a file's newline is not in it", yamlKey, map[string]string{file: "lf.key"}, inEnvs},
		{"a file's CR LF is not in it", yamlKey, map[string]string{file: "crlf.key"}, inEnvs},
	} {
		t.Run(test.name, func(t *testing.T) {
			yaml := strings.Replace(required, "organization_key: "+organizationKey, test.yaml, 1)
			if got := mustLoad(t, yaml, test.env, files).HelpCenter.OrganizationKey.Value.Reveal(); got != test.want {
				t.Errorf("got key %q, want %q", got, test.want)
			}
		})
	}
}

func TestAnEmptyVariableEmptiesAListAndAText(t *testing.T) {
	yaml := required + "server: {trusted_proxies: [10.0.0.0/8], admin_listen: ':9'}\n"
	got := mustLoad(t, yaml, map[string]string{"OCSSO_SERVER_TRUSTED_PROXIES": "", "OCSSO_SERVER_ADMIN_LISTEN": ""}, nil).Server
	if len(got.TrustedProxies) != 0 || got.AdminListen != "" {
		t.Errorf("got trusted_proxies %q and admin_listen %q, want both empty", got.TrustedProxies, got.AdminListen)
	}
}

func TestAnUnknownVariableIsAProblem(t *testing.T) {
	for name, hint := range map[string]string{
		"OCSSO_STORE_KINDD":            "did you mean OCSSO_STORE_KIND?",
		"OCSSO_STORE_REDIS_ADDRESS":    "did you mean OCSSO_STORE_REDIS_ADDRESSES?",
		"OCSSO_HELPCENTER_DOMAIN":      "did you mean OCSSO_HELP_CENTER_DOMAIN?",
		"OCSSO_ORGANIZATION_KEY":       "did you mean OCSSO_HELP_CENTER_ORGANIZATION_KEY?",
		"OCSSO_SESSION_KEY":            "did you mean OCSSO_SESSION_KEYS?",
		"OCSSO_SESSION_KEYS_FILES":     "did you mean OCSSO_SESSION_KEYS_FILE?",
		"OCSSO_SERVER__PUBLIC_URL":     "did you mean OCSSO_SERVER_PUBLIC_URL?",
		"ocsso_log_level":              "did you mean OCSSO_LOG_LEVEL?",
		"Ocsso_Log_Level":              "did you mean OCSSO_LOG_LEVEL?",
		"OCSSO_":                       "config.example.yaml has every setting",
		"OCSSO_QWXZVBTR":               "config.example.yaml has every setting",
		"OCSSO_STORE_REDIS_PORT":       "did you mean ",
		"OCSSO_SERVER_PORT":            "config.example.yaml has every setting",
		"OCSSO_STORE_SERVICE_KIND_XYZ": "",
	} {
		_, err := load(required, map[string]string{name: "hunter2"}, nil)
		var problems yamlfile.Problems
		if !errors.As(err, &problems) || len(problems) != 1 {
			t.Errorf("%s: got %v, want one problem", name, err)
			continue
		}
		if got, want := problems[0].String(), "$"+name+": is no setting"; got != want || !strings.HasPrefix(problems[0].Hint, hint) || problems[0].Hint == "" {
			t.Errorf("%s: got %q with the hint %q, want %q and %q", name, got, problems[0].Hint, want, hint)
		}
		if strings.Contains(problems[0].Hint, "hunter2") {
			t.Errorf("%s: the hint %q shows the value", name, problems[0].Hint)
		}
	}
}

// TestKubernetesMayCallAServiceOcsso has the variables that a pod gets for services called ocsso,
// ocsso-redis and ocsso-admin, and others that are not ours.
func TestKubernetesMayCallAServiceOcsso(t *testing.T) {
	env := map[string]string{"PATH": "/bin", "OCSSO": "x", "MY_OCSSO_KEY": "x"}
	for _, service := range []string{"OCSSO", "OCSSO_REDIS", "OCSSO_ADMIN"} {
		for name, value := range map[string]string{
			"SERVICE_HOST": "10.0.0.11", "SERVICE_PORT": "8080", "SERVICE_PORT_HTTP": "8080", "PORT": "tcp://10.0.0.11:8080",
			"PORT_8080_TCP": "tcp://10.0.0.11:8080", "PORT_8080_TCP_PROTO": "tcp", "PORT_8080_TCP_PORT": "8080",
			"PORT_8080_TCP_ADDR": "10.0.0.11", "PORT_53_UDP": "udp://10.0.0.11:53",
		} {
			env[service+"_"+name] = value
		}
	}
	mustLoad(t, required, env, nil)
	for _, s := range settingsOf(reflect.ValueOf(new(Config)).Elem(), "") {
		if serviceLink.MatchString(Variable(s.path) + "=tcp://10.0.0.11:8080") {
			t.Errorf("%s is taken for a variable of Kubernetes", Variable(s.path))
		}
	}
}
