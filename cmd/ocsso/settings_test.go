package main

import (
	"crypto/sha256"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"ocsso/internal/kv/redis"
	"ocsso/internal/member/memberdb"
)

// TestTheSettingsReachTheServer: what each of them does is tested where it is done.
func TestTheSettingsReachTheServer(t *testing.T) {
	const key = "a-key-of-the-app-backend"
	s := writeSettings(t, fmt.Sprintf(`
help_center: {domain: acme, environment: alpha, services: [one, two], extra_origins: ["https://app.example.com"]}
session: {lifetime: 10m, idle: 4m}
issued_tokens: {lifetime: 3m}
links_api: {keys: ["%x"]}
ui: {site_name: 에이스 상점, default_language: ja}
login: {limits: {per_address: 4/1m, per_member: 2/1m}}
`, sha256.Sum256([]byte(key))))
	s.with("OCSSO_SERVER_TRUSTED_PROXIES", "192.0.2.1") // where requests come from
	const center = "https://acme.oc.alpha-nhncloud.com"
	synctest.Test(t, func(t *testing.T) {
		d := s.deploy(t)
		for origin, want := range map[string]string{center: center, "https://app.example.com": "https://app.example.com", "https://example.com": ""} {
			d.header = http.Header{"Origin": {origin}}
			if got := d.get("/login/status").header.Get("Access-Control-Allow-Origin"); got != want {
				t.Errorf("to %s: got Access-Control-Allow-Origin %q, want %q", origin, got, want)
			}
		}
		for sent, want := range map[string]int{key: http.StatusBadRequest, "another": http.StatusUnauthorized} { // for a request without a body
			d.header = http.Header{"Authorization": {"Bearer " + sent}}
			if got := d.must(t, "POST", d.site+"/v1/links", nil).code; got != want {
				t.Errorf("/v1/links with %q: got %d, want %d", sent, got, want)
			}
		}
		d.header = nil
		if page := d.get("/login").body; !strings.Contains(page, `<html lang="ja"`) || !strings.Contains(page, "에이스 상점") {
			t.Errorf("got a page without the name or the language: %s", page)
		}

		d.mustLogIn()
		action, fields := d.handOff("")
		if want := center + "/v2/enduser/remote.json"; action != want || fields["service"] != "one" {
			t.Errorf("got %s for service %s, want %s for service one", action, fields["service"], want)
		}
		if _, fields := d.handOff(center + "/two/hc/"); fields["service"] != "two" {
			t.Errorf("got service %s for a page of service two", fields["service"])
		}
		verify := "/token/verify?" + url.Values{"usercode": {"ara"}, "token": {fields["token"]}}.Encode()
		for _, step := range []struct {
			wait        time.Duration
			token, want string
		}{
			{3*time.Minute - time.Second, "true", loggedIn("ara")},
			{2 * time.Second, "false", loggedIn("ara")},
			{4*time.Minute + time.Second, "false", loggedOut}, // idle
		} {
			time.Sleep(step.wait)
			if got := d.get(verify).body; !strings.Contains(got, `"login":"`+step.token+`"`) {
				t.Errorf("after %v more: the token is %s, want %s", step.wait, got, step.token)
			}
			d.wantStatus(step.want)
		}
		d.mustLogIn()
		for range 3 {
			time.Sleep(3 * time.Minute)
			d.wantStatus(loggedIn("ara"))
		}
		time.Sleep(time.Minute + time.Second) // the end of the lifetime
		d.wantStatus(loggedOut)

		for i, try := range []struct {
			usercode, address string
			want              int
		}{
			{"ara", "7", 401}, {"ara", "7", 401}, {"ara", "7", 429}, {"bom", "7", 401}, {"bom", "7", 429}, {"chan", "7", 429}, {"chan", "8", 401},
		} {
			d.header = http.Header{"X-Forwarded-For": {"198.51.100." + try.address}}
			if got := d.must(t, "POST", d.site+"/login", credentials(try.usercode, "wrong")).code; got != try.want {
				t.Errorf("wrong password %d: got %d, want %d", i+1, got, try.want)
			}
		}
	})
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

// TestTheSettingsOfAStoreAndADatabaseBecomeTheirOptions: the packages that take them test what each
// option does.
func TestTheSettingsOfAStoreAndADatabaseBecomeTheirOptions(t *testing.T) {
	cfg := writeSettings(t, anyHelpCenter+`
store:
  kind: redis
  redis: {addresses: ["rediss+sentinel://watcher:there@127.0.0.1:1/main", "rediss+sentinel://watcher:there@127.0.0.1:2/main"], username: sso, password: here, key_prefix: "a:"}
members:
  kind: sql
  sql: {driver: mysql, dsn: "u@tcp(h)/d", query: SELECT 1, max_open: 7, timeout: 250ms}
`).load(t)
	got, err := redisOptions(cfg.Store.Redis)
	want := redis.Options{
		Addresses: []string{"127.0.0.1:1", "127.0.0.1:2"}, Mode: "sentinel", Master: "main", TLS: &tls.Config{},
		Username: "sso", Password: "here", KeyPrefix: "a:",
		SentinelUsername: "watcher", SentinelPassword: "there",
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreTypes(tls.Config{})); diff != "" || err != nil {
		t.Errorf("redis: %v, options differ (-want +got):\n%s", err, diff)
	}
	for i := range cfg.Store.Redis.Addresses {
		cfg.Store.Redis.Addresses[i].Scheme = "redis+sentinel"
	}
	if plain, err := redisOptions(cfg.Store.Redis); plain.TLS != nil || err != nil {
		t.Errorf("redis without TLS: got %v, %v", plain.TLS, err)
	}
	database := memberdb.Options{Driver: "mysql", DSN: "u@tcp(h)/d", Query: "SELECT 1", MaxOpen: 7, Timeout: 250 * time.Millisecond}
	if diff := cmp.Diff(database, sqlOptions(cfg.Members.SQL)); diff != "" {
		t.Errorf("members.sql: options differ (-want +got):\n%s", diff)
	}
}
