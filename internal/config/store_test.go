package config

import "testing"

// sqlite and redis are the required YAML with that store and one of its settings.
func sqlite(line string) string { return plus("store:\n  kind: sqlite\n  sqlite: {" + line + "}") }
func redis(line string) string  { return plus("store:\n  kind: redis\n  redis: {" + line + "}") }

func TestProblemsOfTheStore(t *testing.T) {
	const notHostPort = "c.yaml:10: store.redis.addresses[0]: is not host:port"
	testOneProblem(t, []oneProblem{
		{"another store", plus("store: {kind: etcd}"), `c.yaml:8: store.kind: is "etcd"`, "memory or sqlite or redis"},
		{"too little memory", plus("store: {memory: {max_entries: 0}}"), "c.yaml:8: store.memory.max_entries: is 0", "from 1000 to 100000000"},
		{"no database file", sqlite("path: ''"), "c.yaml:10: store.sqlite.path: is missing", "name the file"},
		{"no address", redis("addresses: []"), "c.yaml:10: store.redis.addresses: is missing", "127.0.0.1:6379"},
		{"an address without a port", redis("addresses: [redis.acme.com]"), notHostPort, "127.0.0.1:6379"},
		{"port 0", redis("addresses: ['127.0.0.1:0']"), notHostPort, "127.0.0.1:6379"},
		{"a Redis URL", redis("addresses: ['redis://127.0.0.1:6379']"), notHostPort, "settings of their own"},
		{"a password before the host", redis("addresses: ['secret@127.0.0.1:6379']"), notHostPort, "settings of their own"},
		{"several addresses of one server", redis("addresses: ['a:1', 'b:1']"), "c.yaml:10: store.redis.addresses: has 2 addresses, and store.redis.mode is single", "cluster or sentinel"},
		{"an address twice", redis("mode: cluster, addresses: ['a:1', 'b:1', 'a:1']"), "c.yaml:10: store.redis.addresses[2]: is there twice", "leave one of the two out"},
		{"another mode", redis("mode: replica"), `c.yaml:10: store.redis.mode: is "replica"`, "single or cluster or sentinel"},
		{"sentinels without a master", redis("mode: sentinel"), "c.yaml: store.redis.master: is missing", "the sentinels"},
		{"a master without sentinels", redis("mode: cluster, master: main"), "c.yaml:10: store.redis.master: is set, and store.redis.mode is not sentinel", "leave it out"},
		{"a CA without TLS", redis("tls_ca_file: ca.pem"), "c.yaml:10: store.redis.tls_ca_file: is set, and store.redis.tls is false", "set store.redis.tls to true"},
		{"a certificate without a key", redis("tls: true, tls_cert_file: c.pem"), "c.yaml: store.redis.tls_key_file: is missing beside store.redis.tls_cert_file", "private key"},
		{"a key without a certificate", redis("tls: true, tls_key_file: k.pem"), "c.yaml: store.redis.tls_cert_file: is missing beside store.redis.tls_key_file", "certificate"},
		{"a sentinel's user without sentinels", redis("sentinel_username: u"), "c.yaml:10: store.redis.sentinel_username: is set, and store.redis.mode is not sentinel", "leave it out"},
		{"a sentinel's password without sentinels", redis("sentinel_password: p"), "c.yaml:10: store.redis.sentinel_password: is set, and store.redis.mode is not sentinel", "leave it out"},
		{"fewer than no replicas", redis("min_replicas: -1"), "c.yaml:10: store.redis.min_replicas: is -1", "from 0 to 10"},
		{"a password with a line break", redis(`password: "a\nb"`), "c.yaml:10: store.redis.password: has U+000A LINE FEED as character 2 of 3", "delete it"},
	})
}

func TestValidStoreSettings(t *testing.T) {
	for name, yaml := range map[string]string{
		"memory":                         plus("store: {kind: memory}"),
		"sqlite as it is by default":     sqlite(""),
		"redis as it is by default":      redis(""),
		"redis by name, with a user":     redis("addresses: ['redis.acme.com:6380'], tls: true, username: ocsso, password: secret"),
		"redis by IPv6":                  redis("addresses: ['[::1]:6379'], key_prefix: ''"),
		"a password with a space inside": redis("password: 'two words'"),
		"a cluster":                      redis("mode: cluster, addresses: ['a:6379', 'b:6379']"),
		"TLS with files":                 redis("tls: true, tls_ca_file: ca.pem, tls_cert_file: c.pem, tls_key_file: k.pem"),
		"sentinels with a user":          redis("mode: sentinel, master: main, sentinel_username: u, sentinel_password: p, min_replicas: 1"),
		"sentinels":                      redis("mode: sentinel, master: main, addresses: ['a:26379', 'b:26379']"),
		"a store that is not chosen":     plus("store: {kind: memory, sqlite: {path: ''}, redis: {addresses: [], mode: none, master: main}}"),
	} {
		if _, err := load(yaml, nil, nil); err != nil {
			t.Errorf("%s gives\n%v", name, err)
		}
	}
}
