package config

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// database is the required YAML with a valid member database, and one more setting.
func database(line string) string {
	return plus("members:\n  kind: sql\n  sql: {dsn: /acme.db, query: SELECT 1, " + line + "}")
}

// links is the required YAML with bearer keys.
func links(keys ...string) string {
	return plus("links_api: {keys: ['" + strings.Join(keys, "', '") + "']}")
}

// keyHash is the hash of a bearer key.
func keyHash(key string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(key))) }

func TestProblemsOfMembers(t *testing.T) {
	const notHash = "c.yaml:8: links_api.keys[0]: is not the 64 hex digits of a SHA-256"
	testOneProblem(t, []oneProblem{
		{"another kind of directory", plus("members: {kind: ldap}"), `c.yaml:8: members.kind: is "ldap"`, "file or sql"},
		{"no member file", plus("members: {file: {path: ''}}"), "c.yaml:8: members.file.path: is missing", "name the file"},
		{"no database", plus("members: {kind: sql}"), "c.yaml: members.sql.dsn: is missing\nc.yaml: members.sql.query: is missing", "members.sql.dsn_file"},
		{"no query", plus("members: {kind: sql, sql: {dsn: /acme.db}}"), "c.yaml: members.sql.query: is missing", "SELECT"},
		{"another driver", database("driver: oracle"), `c.yaml:10: members.sql.driver: is "oracle"`, "postgres or mysql"},
		{"a space behind the DSN", plus("members: {kind: sql, sql: {dsn: '/acme.db ', query: SELECT 1}}"), "c.yaml:8: members.sql.dsn: has a space before or behind it", "delete it"},
		{"no connection", database("max_open: 0"), "c.yaml:10: members.sql.max_open: is 0", "from 1 to 1000"},
		{"too many connections", database("max_open: 1001"), "c.yaml:10: members.sql.max_open: is 1001", "from 1 to 1000"},
		{"SQLite", database("driver: sqlite"), `c.yaml:10: members.sql.driver: is "sqlite", which is gone`, "postgres or mysql, or members.kind to file"},
		{"a bound of idle connections", database("max_idle: 2"), "c.yaml:10: members.sql.max_idle: is gone", "leave it out"},
		{"an age of connections", database("conn_lifetime: 30m"), "c.yaml:10: members.sql.conn_lifetime: is gone", "leave it out"},
		{"too short a timeout", database("timeout: 9ms"), "c.yaml:10: members.sql.timeout: is 9ms", "from 10ms to 10s"},
		{"too long a timeout", database("timeout: 11s"), "c.yaml:10: members.sql.timeout: is 11s", "from 10ms to 10s"},
		{"a bearer key for its hash", links("open sesame"), notHash, "sha256sum"},
		{"a hash of letters", links(strings.Repeat("g", 64)), notHash, "sha256sum"},
		{"the hash of no key", links(keyHash("")), "c.yaml:8: links_api.keys[0]: is the hash of nothing, and no key", "sha256sum"},
		{"a hash twice", links(keyHash("a"), keyHash("b"), strings.ToUpper(keyHash("a"))), "c.yaml:8: links_api.keys[2]: is there twice", "leave one of the two out"},
	})
}

func TestValidMemberSettings(t *testing.T) {
	for name, yaml := range map[string]string{
		"a database":                       database("driver: mysql"),
		"a query in lines":                 plus("members:\n  kind: sql\n  sql:\n    dsn: /acme.db\n    query: |\n      SELECT usercode, password_hash\n      FROM members WHERE usercode = $1\n"),
		"one connection":                   database("max_open: 1"),
		"a kind that is not chosen":        plus("members: {kind: file, sql: {driver: none, max_open: 0}}"),
		"keys":                             links(keyHash("a"), strings.ToUpper(keyHash("b"))),
		"no database that nobody needs":    proxy("") + "members: {kind: sql}\n",
		"no member file that nobody needs": proxy("") + "members: {file: {path: ''}}\n",
	} {
		if _, err := load(yaml, nil, nil); err != nil {
			t.Errorf("%s gives\n%v", name, err)
		}
	}
}

func TestPasswordsAndLinksNeedMembers(t *testing.T) {
	for _, test := range []struct {
		with string
		keys []string
		want bool
	}{
		{"password", nil, true},
		{"oidc", nil, false},
		{"proxy", nil, false},
		{"oidc", []string{keyHash("a")}, true},
	} {
		c := Config{Login: Login{With: test.with}, LinksAPI: LinksAPI{Keys: test.keys}}
		if got := c.NeedsMembers(); got != test.want {
			t.Errorf("login with %s and %d keys for links needs members: %t, want %t", test.with, len(test.keys), got, test.want)
		}
	}
	_, err := load(proxy("")+"members: {kind: sql}\nlinks_api: {keys: ["+keyHash("a")+"]}\n", nil, nil)
	want := "c.yaml: members.sql.dsn: is missing\nc.yaml: members.sql.query: is missing"
	if err == nil || err.Error() != want {
		t.Errorf("keys for links and no database give\n%v\nwant\n%s", err, want)
	}
}

func TestHashesAreInOrder(t *testing.T) {
	l := LinksAPI{Keys: []string{keyHash("b"), strings.ToUpper(keyHash("a"))}}
	want := [][sha256.Size]byte{sha256.Sum256([]byte("b")), sha256.Sum256([]byte("a"))}
	if diff := cmp.Diff(want, l.Hashes()); diff != "" {
		t.Errorf("hashes differ (-want +got):\n%s", diff)
	}
}
