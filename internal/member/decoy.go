package member

import (
	"cmp"
	"sync"

	"ocsso/internal/password"
)

// DecoyHash returns the dearest hash of dir's members to check, as far as dir knows them. It is what
// dir's own method DecoyHash returns, or password.Decoy when dir has none. It is checked for the time
// that it takes, and whether it matches is of no matter. A Directory that wraps another one hands
// its DecoyHash on.
func DecoyHash(dir Directory) string {
	if dir, ok := dir.(interface{ DecoyHash() string }); ok {
		return dir.DecoyHash()
	}
	return password.Decoy
}

// A Dearest keeps the dearest hash that it has seen. It is safe for concurrent use.
type Dearest struct {
	mu   sync.Mutex
	hash string // "" until the first
}

// See takes a hash into account. One that can't be checked counts for nothing.
func (d *Dearest) See(hash string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if password.Cost(hash) > password.Cost(d.hash) {
		d.hash = hash
	}
}

// DecoyHash implements the method that Directory speaks of.
func (d *Dearest) DecoyHash() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return cmp.Or(d.hash, password.Decoy)
}
