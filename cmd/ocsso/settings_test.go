package main

import (
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"ocsso/internal/cli/clitest"
	"ocsso/internal/config"
	"ocsso/internal/kv/redis"
	"ocsso/internal/member"
	"ocsso/internal/member/memberdb"
	"ocsso/internal/password"
)

func TestLoginAttemptsAreLimitedByAddressAndByMember(t *testing.T) {
	const perAddress = anyHelpCenter + "login: {limits: {per_address: 2/1m, per_member: 100/1m}}\n"
	const perMember = anyHelpCenter + "login: {limits: {per_address: 100/1m, per_member: 2/1m}}\n"
	for _, test := range []struct {
		name, sections, trusted string
		usercodes               []string // each from another address behind the proxy 192.0.2.1
		want                    []int
	}{
		{"a member", perMember, "", []string{"ara", "ara", "ara", "bom"}, []int{401, 401, 429, 401}},
		{"addresses", perAddress, "192.0.2.1", []string{"ara", "bom", "chan"}, []int{401, 401, 401}},
		{"the address of a proxy that is not trusted", perAddress, "192.0.2.2", []string{"ara", "bom", "chan"}, []int{401, 401, 429}},
	} {
		synctest.Test(t, func(t *testing.T) {
			d := writeSettings(t, test.sections).with("OCSSO_SERVER_TRUSTED_PROXIES", test.trusted).deploy(t)
			var got []int
			for i, usercode := range test.usercodes {
				d.header.Set("X-Forwarded-For", fmt.Sprintf("198.51.100.%d", i))
				got = append(got, d.try(usercode))
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("%s: got %v, want %v", test.name, got, test.want)
			}
			time.Sleep(time.Minute)
			if got := d.try(test.usercodes[0]); got != http.StatusUnauthorized {
				t.Errorf("%s, a minute later: got %d, want 401", test.name, got)
			}
		})
	}
}

func TestTheAddressOfTheHelpCenterComesFromTheSettings(t *testing.T) {
	for _, test := range []struct{ section, want string }{
		{"help_center: {services: [one, two], environment: real, domain: acme}", "https://acme.oc.nhncloud.com"},
		{"help_center: {services: [one, two], environment: alpha, domain: acme}", "https://acme.oc.alpha-nhncloud.com"},
		{"help_center: {services: [one, two], base_url: https://acme.oc.toast.com}", "https://acme.oc.toast.com"},
	} {
		d := writeSettings(t, test.section+"\n").deploy(t)
		d.logIn("ara")
		action, fields := d.handOff("")
		if want := test.want + "/v2/enduser/remote.json"; action != want || fields["service"] != "one" {
			t.Errorf("%s: got %s for service %s, want %s for service one", test.section, action, fields["service"], want)
		}
		if _, fields := d.handOff(test.want + "/two/hc/"); fields["service"] != "two" {
			t.Errorf("%s: got service %s for a page of service two", test.section, fields["service"])
		}
	}
}

func TestTheOrganizationKeyCanBeInAFile(t *testing.T) {
	const key = "0c2b7d915e8f4a63b1d7c9e2f8a40615"
	file := filepath.Join(t.TempDir(), "key")
	clitest.WriteFile(t, file, key+"\n")
	d := writeSettings(t, anyHelpCenter).
		with("OCSSO_HELP_CENTER_ORGANIZATION_KEY", "").
		with("OCSSO_HELP_CENTER_ORGANIZATION_KEY_FILE", file).deploy(t)
	d.logIn("ara")
	_, fields := d.handOff("")
	want := vendorToken(key, "hangame", "ara", fields["returnUrl"], fields["time"])
	if got := fields["token"]; got != want {
		t.Errorf("got token %s, want %s", got, want)
	}
}

// TestSessionsSurviveARestartWithTheSameStoreAndKey uses one database again, with the key of its
// sessions and without it.
func TestSessionsSurviveARestartWithTheSameStoreAndKey(t *testing.T) {
	dir := t.TempDir()
	sections := anyHelpCenter + fmt.Sprintf("store: {kind: file, file: {path: %q}}\n", filepath.Join(dir, "state.db"))
	old, fresh := config.NewSessionKey(), config.NewSessionKey()
	before := writeSettings(t, sections).asReplica().with("OCSSO_SESSION_KEYS", old).deploy(t)
	before.logIn("ara")
	before.close() // one process has the file at a time
	for name, keys := range map[string]string{"its key second": fresh + "\n" + old + "\n", "its key gone": fresh + "\n"} {
		file := filepath.Join(dir, "keys")
		clitest.WriteFile(t, file, keys)
		after := writeSettings(t, sections).asReplica().with("OCSSO_SESSION_KEYS", "").with("OCSSO_SESSION_KEYS_FILE", file).deploy(t)
		after.cookie = before.cookie
		want := loggedOut
		if strings.Contains(keys, old) {
			want = loggedIn("ara")
		}
		if got := after.do("GET", "/login/status", nil).Body.String(); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
		after.close()
	}
}

func TestASessionEndsWhenIdleOrAtTheEndOfItsLifetime(t *testing.T) {
	const sections = anyHelpCenter + "session: {lifetime: 10m, idle: 4m}\nissued_tokens: {lifetime: 3m}\n"
	synctest.Test(t, func(t *testing.T) {
		d := writeSettings(t, sections).deploy(t)
		d.logIn("ara")
		time.Sleep(4*time.Minute - time.Second)
		d.wantStatus(loggedIn("ara"))
		time.Sleep(4*time.Minute + time.Second)
		d.wantStatus(loggedOut)

		d.logIn("ara")
		for range 3 {
			time.Sleep(3 * time.Minute)
			d.wantStatus(loggedIn("ara"))
		}
		time.Sleep(time.Minute + time.Second)
		d.wantStatus(loggedOut)
	})
}

func TestAnIssuedTokenExpiresAfterItsLifetime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := writeSettings(t, anyHelpCenter+"issued_tokens: {lifetime: 5m}\n").deploy(t)
		d.logIn("ara")
		_, fields := d.handOff("")
		verify := "/token/verify?" + url.Values{"usercode": {"ara"}, "token": {fields["token"]}}.Encode()
		for _, step := range []struct {
			wait time.Duration
			want string
		}{{5*time.Minute - time.Second, `"login":"true"`}, {2 * time.Second, `"login":"false"`}} {
			time.Sleep(step.wait)
			if got := d.do("GET", verify, nil).Body.String(); !strings.Contains(got, step.want) {
				t.Errorf("after %v more: got %s, want %s", step.wait, got, step.want)
			}
		}
	})
}

func TestFurtherOriginsMayReadTheStatus(t *testing.T) {
	d := writeSettings(t, `
help_center: {base_url: "https://help.example.com", services: [hangame], extra_origins: ["https://app.example.com"]}
`).deploy(t)
	for origin, want := range map[string]string{
		"https://help.example.com": "https://help.example.com", "https://app.example.com": "https://app.example.com", "https://example.com": "",
	} {
		d.header.Set("Origin", origin)
		if got := d.do("GET", "/login/status", nil).Header().Get("Access-Control-Allow-Origin"); got != want {
			t.Errorf("to %s: got Access-Control-Allow-Origin %q, want %q", origin, got, want)
		}
	}
}

func TestABackendNeedsAKeyToMakeLinks(t *testing.T) {
	const key = "a-key-of-the-app-backend"
	hash := sha256.Sum256([]byte(key))
	d := writeSettings(t, anyHelpCenter+fmt.Sprintf("links_api: {keys: [%s]}\n", hex.EncodeToString(hash[:]))).deploy(t)
	// A request without a body is a bad one.
	for sent, want := range map[string]int{key: http.StatusBadRequest, "another": http.StatusUnauthorized} {
		d.header.Set("Authorization", "Bearer "+sent)
		if got := d.do("POST", "/v1/links", nil).Code; got != want {
			t.Errorf("with %q: got %d, want %d", sent, got, want)
		}
	}
}

func TestPagesShowTheConfiguredNameAndLanguage(t *testing.T) {
	page := writeSettings(t, anyHelpCenter+"ui: {site_name: 에이스 상점, default_language: ja}\n").deploy(t).do("GET", "/login", nil).Body.String()
	for _, want := range []string{`<html lang="ja"`, "에이스 상점"} {
		if !strings.Contains(page, want) {
			t.Errorf("got no %s in the page:\n%s", want, page)
		}
	}
}

func TestTheLogHasTheConfiguredFormat(t *testing.T) {
	d := writeSettings(t, anyHelpCenter+"log: {format: json}\n").serve(t)
	d.End()
	serving := false
	for line := range strings.Lines(d.Log.String()) {
		var entry struct{ Msg string }
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			t.Errorf("got the line %s, want JSON", line)
		}
		serving = serving || entry.Msg == "serving"
	}
	if !serving {
		t.Error("got no line for serving")
	}
}

func TestAProxyLogsMembersInByItsHeaders(t *testing.T) {
	d := writeSettings(t, anyHelpCenter+`
login:
  with: proxy
  proxy:
    from: [192.0.2.0/24]
    headers: {usercode: X-Id, username: X-Name, email: X-Mail, phone: X-Tel, memberno: X-No}
`).deploy(t)
	if got := d.do("GET", "/login", nil).Code; got != http.StatusForbidden {
		t.Errorf("without the headers: got %d, want 403", got)
	}
	d.header = http.Header{"X-Id": {"u-1"}, "X-Name": {"Kim"}, "X-Mail": {"kim@example.com"}, "X-Tel": {"010-1"}, "X-No": {"7"}}
	d.do("GET", "/login", nil)
	_, fields := d.handOff("")
	want := map[string]string{"usercode": "u-1", "username": "Kim", "email": "kim@example.com", "phone": "010-1", "memberno": "7"}
	wantFields(t, want, fields)

	d.from, d.cookie = "198.51.100.1:40000", nil
	if got := d.do("GET", "/login", nil).Code; got != http.StatusForbidden {
		t.Errorf("from elsewhere: got %d, want 403", got)
	}
}

// wantFields compares the fields of a handoff that want names.
func wantFields(t *testing.T, want, fields map[string]string) {
	t.Helper()
	got := map[string]string{}
	for name := range want {
		got[name] = fields[name]
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("fields of the handoff differ (-want +got):\n%s", diff)
	}
}

// TestTheSettingsOfRedisBecomeItsOptions and the next test check the options only. The packages
// that take them test what each option does.
func TestTheSettingsOfRedisBecomeItsOptions(t *testing.T) {
	password := filepath.Join(t.TempDir(), "password")
	clitest.WriteFile(t, password, "in a file\n")
	const sections = anyHelpCenter + `
store:
  kind: redis
  redis: {addresses: ["rediss+sentinel://watcher:there@127.0.0.1:1/main", "rediss+sentinel://watcher:there@127.0.0.1:2/main"], username: sso, password: here, key_prefix: "a:"}
`
	want := redis.Options{
		Addresses: []string{"127.0.0.1:1", "127.0.0.1:2"}, Mode: "sentinel", Master: "main", TLS: &tls.Config{},
		Username: "sso", Password: "here", KeyPrefix: "a:",
		SentinelUsername: "watcher", SentinelPassword: "there",
	}
	ignore := cmpopts.IgnoreTypes(tls.Config{})
	optionsOf := func(s settings) redis.Options {
		t.Helper()
		options, err := redisOptions(s.load(t).Store.Redis)
		if err != nil {
			t.Fatal(err)
		}
		return options
	}
	if diff := cmp.Diff(want, optionsOf(writeSettings(t, sections)), ignore); diff != "" {
		t.Errorf("options differ (-want +got):\n%s", diff)
	}
	other := writeSettings(t, strings.ReplaceAll(sections, "rediss", "redis")).with("OCSSO_STORE_REDIS_PASSWORD_FILE", password)
	want.TLS, want.Password = nil, "in a file"
	if diff := cmp.Diff(want, optionsOf(other), ignore); diff != "" {
		t.Errorf("without TLS, with a password in a file, options differ (-want +got):\n%s", diff)
	}
}

func TestTheSettingsOfTheMemberDatabaseBecomeItsOptions(t *testing.T) {
	dsn := filepath.Join(t.TempDir(), "dsn")
	clitest.WriteFile(t, dsn, "postgres://in-a-file/\n")
	const sections = anyHelpCenter + `
members:
  kind: sql
  sql: {driver: mysql, dsn: "u@tcp(h)/d", query: SELECT 1, max_open: 7, timeout: 250ms}
`
	want := memberdb.Options{Driver: "mysql", DSN: "u@tcp(h)/d", Query: "SELECT 1", MaxOpen: 7, Timeout: 250 * time.Millisecond}
	if diff := cmp.Diff(want, sqlOptions(writeSettings(t, sections).load(t).Members.SQL)); diff != "" {
		t.Errorf("options differ (-want +got):\n%s", diff)
	}
	want.Driver, want.DSN = "postgres", "postgres://in-a-file/"
	other := writeSettings(t, sections).with("OCSSO_MEMBERS_SQL_DRIVER", "postgres").with("OCSSO_MEMBERS_SQL_DSN_FILE", dsn)
	if diff := cmp.Diff(want, sqlOptions(other.load(t).Members.SQL)); diff != "" {
		t.Errorf("with a DSN in a file, options differ (-want +got):\n%s", diff)
	}
}

// A refusal costs what the dearest hash does, so that its time tells nothing.
func TestTheConfiguredDirectoryKnowsItsDearestHash(t *testing.T) {
	const dear = "$2b$12$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"
	path := filepath.Join(t.TempDir(), "members.yaml")
	clitest.WriteFile(t, path, "members:\n- {usercode: jiu, password_hash: '"+cheapHash+"'}\n- {usercode: minji, password_hash: '"+dear+"'}\n")
	cfg := writeSettings(t, anyHelpCenter).with("OCSSO_MEMBERS_FILE_PATH", path).load(t)
	members, err := openDirectory(t.Context(), cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer members.close()
	if got, want := password.Cost(member.DecoyHash(members.Directory)), password.Cost(dear); got != want {
		t.Errorf("a decoy costs %d, want the %d of the dearest hash", got, want)
	}
}
