package config

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// file and redis are the required YAML with that store and one of its settings.
func file(line string) string  { return plus("store:\n  kind: file\n  file: {" + line + "}") }
func redis(line string) string { return plus("store:\n  kind: redis\n  redis: {" + line + "}") }

func TestProblemsOfTheStore(t *testing.T) {
	const notHostPort = "c.yaml:10: store.redis.addresses[0]: is neither host:port nor a Redis URL"
	testOneProblem(t, []oneProblem{
		{"another store", plus("store: {kind: etcd}"), `c.yaml:8: store.kind: is "etcd"`, "memory or file or redis"},
		{"too little memory", plus("store: {memory: {max_mb: 0}}"), "c.yaml:8: store.memory.max_mb: is 0", "from 1 to 1000000"},
		{"no database file", file("path: ''"), "c.yaml:10: store.file.path: is missing", "name the file"},
		{"no address", redis("addresses: []"), "c.yaml:10: store.redis.addresses: is missing", "127.0.0.1:6379"},
		{"an address without a port", redis("addresses: [redis.acme.com]"), notHostPort, "127.0.0.1:6379"},
		{"port 0", redis("addresses: ['127.0.0.1:0']"), notHostPort, "127.0.0.1:6379"},
		{"another URL", redis("addresses: ['http://127.0.0.1:6379']"), notHostPort, "redis://"},
		{"a URL with a database", redis("addresses: ['redis://127.0.0.1:6379/1']"), notHostPort, "redis://"},
		{"a password before the host", redis("addresses: ['secret@127.0.0.1:6379']"), notHostPort, "redis://user:password@"},
		{"two users", redis("mode: cluster, addresses: ['redis://u:p@a:1', 'redis://u:q@b:1']"), "c.yaml:10: store.redis.addresses[1]: has another user, password or scheme than the first address", "the same"},
		{"two schemes", redis("mode: cluster, addresses: ['redis://a:1', 'rediss://b:1']"), "c.yaml:10: store.redis.addresses[1]: has another user, password or scheme than the first address", "the same"},
		{"a user in two places", redis("addresses: ['redis://u:p@a:1'], password: q"), "c.yaml:10: store.redis.addresses[0]: has a user beside store.redis.username and password", "one of the two"},
		{"several addresses of one server", redis("addresses: ['a:1', 'b:1']"), "c.yaml:10: store.redis.addresses: has 2 addresses, and store.redis.mode is single", "cluster or sentinel"},
		{"an address twice", redis("mode: cluster, addresses: ['a:1', 'b:1', 'a:1']"), "c.yaml:10: store.redis.addresses[2]: is there twice", "leave one of the two out"},
		{"another mode", redis("mode: replica"), `c.yaml:10: store.redis.mode: is "replica"`, "single or cluster or sentinel"},
		{"sentinels without a master", redis("mode: sentinel"), "c.yaml: store.redis.master: is missing", "the sentinels"},
		{"a master without sentinels", redis("mode: cluster, master: main"), "c.yaml:10: store.redis.master: is set, and store.redis.mode is not sentinel", "leave it out"},
		{"a CA without TLS", redis("tls_ca_file: ca.pem"), "c.yaml:10: store.redis.tls_ca_file: is set, and store.redis.tls is false", "set store.redis.tls to true"},
		{"a certificate without a key", redis("tls: true, tls_cert_file: c.pem"), "c.yaml: store.redis.tls_key_file: is missing beside store.redis.tls_cert_file", "private key"},
		{"a key without a certificate", redis("tls: true, tls_key_file: k.pem"), "c.yaml: store.redis.tls_cert_file: is missing beside store.redis.tls_key_file", "certificate"},
		{"a sentinel's user", redis("sentinel_username: u"), "c.yaml:10: store.redis.sentinel_username: is gone", "redis://user:password@"},
		{"a sentinel's password", redis("sentinel_password: p"), "c.yaml:10: store.redis.sentinel_password: is gone", "redis://user:password@"},
		{"a sentinel's password in a file", redis("sentinel_password_file: p"), "c.yaml:10: store.redis.sentinel_password_file: is gone", "redis://user:password@"},
		{"replicas", redis("min_replicas: 1"), "c.yaml:10: store.redis.min_replicas: is gone", "leave it out"},
		{"entries of the memory", plus("store: {memory: {max_entries: 300000}}"), "c.yaml:8: store.memory.max_entries: is gone", "store.memory.max_mb"},
		{"SQLite", plus("store: {kind: sqlite}"), `c.yaml:8: store.kind: is "sqlite", which is gone`, "set it to file"},
		{"the file of SQLite", plus("store: {sqlite: {path: data/ocsso.db}}"), "c.yaml:8: store.sqlite: is gone", "store.file.path"},
		{"idle connections", plus("server: {idle_timeout: 2m}"), "c.yaml:8: server.idle_timeout: is gone", "620s"},
		{"a password with a line break", redis(`password: "a\nb"`), "c.yaml:10: store.redis.password: has U+000A as character 2 of 3", "delete it"},
	})
}

func TestThePasswordInAnAddressIsNotShown(t *testing.T) {
	c := mustLoad(t, redis("mode: sentinel, master: main, addresses: ['rediss://watcher:open%2Fsesame@a:26379', 'rediss://watcher:open%2Fsesame@b']"), nil, nil)
	if got := c.Store.Redis.Addresses[1]; got.HostPort != "b:6379" || got.Username != "watcher" || got.Password.Reveal() != "open/sesame" || !got.TLS {
		t.Errorf("got %v, want the user, the password, TLS and Redis's port", got)
	}
	shown := string(c.Show())
	for how, text := range map[string]string{"Show": shown, "%v": fmt.Sprintf("%v", c), "%+v": fmt.Sprintf("%+v", c.Store)} {
		if strings.Contains(text, "sesame") {
			t.Errorf("%s has the password:\n%s", how, text)
		}
	}
	env := map[string]string{"OCSSO_HELP_CENTER_ORGANIZATION_KEY": organizationKey, "OCSSO_SESSION_KEYS": sessionKey(1)}
	if again := mustLoad(t, shown, env, nil).Store.Redis.Addresses[0]; again.HostPort != "a:26379" || again.Username != "watcher" {
		t.Errorf("what is shown loads as %v, want the address and the user", again)
	}
	if got := c.SecretFiles("c.yaml", []byte("store: {redis: {addresses: ['redis://:open@a']}}")); !slices.Equal(got, []string{"c.yaml"}) {
		t.Errorf("got %q as files with secrets, want c.yaml", got)
	}
}

func TestValidStoreSettings(t *testing.T) {
	for name, yaml := range map[string]string{
		"memory":                         plus("store: {kind: memory}"),
		"a file as it is by default":     file(""),
		"redis as it is by default":      redis(""),
		"redis by name, with a user":     redis("addresses: ['redis.acme.com:6380'], tls: true, username: ocsso, password: secret"),
		"redis by IPv6":                  redis("addresses: ['[::1]:6379'], key_prefix: ''"),
		"a password with a space inside": redis("password: 'two words'"),
		"a cluster":                      redis("mode: cluster, addresses: ['a:6379', 'b:6379']"),
		"TLS with files":                 redis("tls: true, tls_ca_file: ca.pem, tls_cert_file: c.pem, tls_key_file: k.pem"),
		"sentinels with a user":          redis("mode: sentinel, master: main, password: p, addresses: ['redis://u:q@a:26379']"),
		"a URL without a port":           redis("addresses: ['redis://redis.acme.com']"),
		"a URL with TLS":                 redis("addresses: ['rediss://:p@redis.acme.com:6380'], tls_ca_file: ca.pem"),
		"sentinels":                      redis("mode: sentinel, master: main, addresses: ['a:26379', 'b:26379']"),
		"a store that is not chosen":     plus("store: {kind: memory, file: {path: ''}, redis: {addresses: [], mode: none, master: main}}"),
	} {
		if _, err := load(yaml, nil, nil); err != nil {
			t.Errorf("%s gives\n%v", name, err)
		}
	}
}
