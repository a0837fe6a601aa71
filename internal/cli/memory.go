package cli

import (
	"log/slog"
	"math"
	"runtime/debug"

	"github.com/KimMachineGun/automemlimit/memlimit"
)

// LimitMemory lets the garbage collector keep the process within nine tenths of what its cgroup may
// use, unless GOMEMLIMIT says otherwise. The rest is for what the collector doesn't count. Without
// a cgroup, or one without a limit, it does nothing.
func LimitMemory(log *slog.Logger, lookupEnv func(string) (string, bool)) {
	if _, set := lookupEnv("GOMEMLIMIT"); set {
		return
	}
	if cgroup, err := memlimit.FromCgroup(); err == nil {
		limit := int64(cgroup / 10 * 9)
		debug.SetMemoryLimit(limit)
		log.Info("memory limit set", "cgroup_bytes", cgroup, "gomemlimit_bytes", limit)
	}
}

// MemoryLimit returns how many bytes the process may use, by GOMEMLIMIT and its cgroup, or 0 where
// neither has a limit.
func MemoryLimit() int64 {
	limit := debug.SetMemoryLimit(-1) // only reads it
	if cgroup, err := memlimit.FromCgroup(); err == nil {
		limit = min(limit, int64(cgroup))
	}
	if limit == math.MaxInt64 {
		return 0
	}
	return limit
}
