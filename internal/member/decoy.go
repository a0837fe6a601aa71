package member

import (
	"sync"

	"ocsso/internal/password"
)

// DecoyHash returns a hash that costs as much to check as the dearest one of dir's members, as far
// as dir knows them, and that no password matches. It is what dir's own method DecoyHash returns,
// or a hash at password.Hash's cost when dir has none. A Directory that wraps another one hands its
// DecoyHash on.
func DecoyHash(dir Directory) string {
	if dir, ok := dir.(interface{ DecoyHash() string }); ok {
		return dir.DecoyHash()
	}
	return password.Decoy("")
}

// isAsDear reports whether hash costs as much to check as other, or more.
func isAsDear(hash, other string) bool { return password.Cost(hash) >= password.Cost(other) }

// A dearest keeps a decoy of the dearest hash that it has seen. It is safe for concurrent use.
type dearest struct {
	mu    sync.Mutex
	decoy string // "" until the first hash
}

// see takes a hash into account. One that can't be checked counts for nothing.
func (d *dearest) see(hash string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if password.Cost(hash) > password.Cost(d.decoy) {
		d.decoy = password.Decoy(hash)
	}
}

// DecoyHash implements the method that Directory speaks of. Until it has seen a hash, it returns
// one at password.Hash's cost.
func (d *dearest) DecoyHash() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.decoy == "" {
		return password.Decoy("")
	}
	return d.decoy
}
