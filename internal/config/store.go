package config

import (
	"fmt"
	"net"
	"slices"
	"strings"
)

func checkStore(s Store, report reporter) {
	checkChoice("store.kind", s.Kind, report, "memory", "sqlite", "redis")
	switch {
	case s.Kind == "sqlite" && s.SQLite.Path == "":
		report("store.sqlite.path", "is missing", "name the file to keep sessions and issued tokens in")
	case s.Kind == "redis":
		checkRedis(s.Redis, report)
	}
}

func checkRedis(r Redis, report reporter) {
	const path, hint = "store.redis.addresses", "write it as 127.0.0.1:6379; user, password and TLS have settings of their own"
	switch n := len(r.Addresses); {
	case n == 0:
		report(path, "is missing", hint)
	case n > 1 && r.Mode == "single":
		report(path, fmt.Sprintf("has %d addresses, and store.redis.mode is single", n),
			"leave one of them, or set store.redis.mode to cluster or sentinel")
	}
	for i, address := range r.Addresses {
		switch {
		case !isPeer(address): // not shown: a Redis URL may hold a password
			report(item(path, i), "is not host:port", hint)
		case slices.Index(r.Addresses, address) < i:
			report(item(path, i), "is there twice", "leave one of the two out")
		}
	}
	checkChoice("store.redis.mode", r.Mode, report, "single", "cluster", "sentinel")
	switch {
	case r.Mode == "sentinel" && r.Master == "":
		report("store.redis.master", "is missing", "set it to the name that the sentinels have for the master")
	case r.Mode != "sentinel" && r.Master != "":
		report("store.redis.master", "is set, and store.redis.mode is not sentinel", "leave it out, or set store.redis.mode to sentinel")
	}
	checkTidy("store.redis.password", r.Password, report)
}

// isPeer reports whether text is host:port of something to connect to.
func isPeer(text string) bool {
	host, port, err := net.SplitHostPort(text)
	return err == nil && host != "" && !strings.ContainsAny(host, "/@ ") && port != "0" && isHostPort(text)
}
