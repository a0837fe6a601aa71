package password

import (
	"context"
	"errors"
	"time"
)

// ErrBusy is a Gate's error when too many passwords are waiting to be checked.
var ErrBusy = errors.New("too many password checks at once")

// A Gate bounds how many passwords are checked at once: each check takes a whole core and much
// memory by design. Checks take half of the cores, and the rest stay free for members who are
// already logged in. It is safe for concurrent use.
type Gate struct {
	running  chan struct{} // holds an item for each running check, and during the pause after it
	admitted chan struct{} // holds an item for each running or waiting check
	pause    bool
	verify   func(hash, password string) (bool, error)
}

// NewGate returns a Gate for a machine with this many cores, at least one. On a single core a pause
// follows each check, in which the core is free.
func NewGate(cores int) *Gate {
	const waitingForEach = 64 // takes some seconds
	running := max(1, cores/2)
	return &Gate{
		running:  make(chan struct{}, running),
		admitted: make(chan struct{}, running*(1+waitingForEach)),
		pause:    cores == 1,
		verify:   Verify,
	}
}

// Verify is the package's Verify, once it is this check's turn. It returns ErrBusy when too many
// checks are waiting already, and ctx's error when ctx ends first.
func (g *Gate) Verify(ctx context.Context, hash, password string) (bool, error) {
	select {
	case g.admitted <- struct{}{}:
		defer func() { <-g.admitted }()
	default:
		return false, ErrBusy
	}
	select {
	case g.running <- struct{}{}:
		defer g.release(time.Now())
	case <-ctx.Done():
		return false, ctx.Err()
	}
	return g.verify(hash, password)
}

// release lets the next check run: at once, or after a pause of one and a half times as long as the
// check has taken, but no more than a second.
func (g *Gate) release(start time.Time) {
	if !g.pause {
		<-g.running
		return
	}
	time.AfterFunc(min(time.Since(start)*3/2, time.Second), func() { <-g.running })
}
