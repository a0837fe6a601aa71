package config

import (
	"crypto/sha256"
	"slices"
	"time"
)

func checkMembers(c Config, report reporter) {
	checkChoice("members.kind", c.Members.Kind, report, "file", "sql")
	switch {
	case !c.NeedsMembers():
	case c.Members.Kind == "file" && c.Members.File.Path == "":
		report("members.file.path", "is missing", "name the file with the member accounts")
	case c.Members.Kind == "sql":
		checkMembersSQL(c.Members.SQL, report)
	}
}

func checkMembersSQL(s MembersSQL, report reporter) {
	checkChoice("members.sql.driver", s.Driver, report, "sqlite", "postgres", "mysql")
	if s.DSN.Reveal() == "" {
		report("members.sql.dsn", "is missing",
			"name the database, such as postgres://user:password@host/database, in it or in a file that members.sql.dsn_file names")
	}
	checkTidy("members.sql.dsn", s.DSN, report)
	if s.Query == "" {
		report("members.sql.query", "is missing", "write a SELECT that yields usercode and password_hash of one usercode")
	}
	checkBetween("members.sql.max_open", s.MaxOpen, 1, 1000, report)
	checkBetween("members.sql.max_idle", s.MaxIdle, 0, 1000, report)
	checkBetween("members.sql.conn_lifetime", s.ConnLifetime, time.Second, 24*time.Hour, report)
	checkBetween("members.sql.timeout", s.Timeout, 10*time.Millisecond, 30*time.Second, report)
}

// checkLinksAPI reports what can't be the hash of a key. No report shows it: it may be the key.
func checkLinksAPI(l LinksAPI, report reporter) {
	const path, hint = "links_api.keys", `make it with: printf %s "$KEY" | sha256sum`
	var earlier [][sha256.Size]byte
	for i, key := range l.Keys {
		hash, ok := parseHash(key)
		switch {
		case !ok:
			report(item(path, i), "is not the 64 hex digits of a SHA-256", hint)
		case hash == sha256.Sum256(nil):
			report(item(path, i), "is the hash of nothing, and no key", hint)
		case slices.Contains(earlier, hash):
			report(item(path, i), "is there twice", "leave one of the two out")
		}
		earlier = append(earlier, hash)
	}
}
