package member

import (
	"context"
	"errors"
	"time"
)

// ErrBusy is a Gate's answer when too many passwords wait to be checked already.
var ErrBusy = errors.New("too many password checks at once")

// A Gate bounds how many passwords are checked at once, since each check takes a core and much memory for some tens of milliseconds
// by design. After each, a pause of one and a half times as long, or of a second at most, leaves the core to others: however many
// passwords are tried, those who are logged in already keep 60 % of it. It is safe for concurrent use.
type Gate struct {
	running  chan struct{} // has an item for each check that runs or has just run
	admitted chan struct{} // and for each that runs or waits
	verify   func(hash, password string) (bool, error)
}

// NewGate returns a Gate for some checks at once, and some more that wait. Both are positive.
func NewGate(running, waiting int) *Gate {
	return &Gate{make(chan struct{}, running), make(chan struct{}, running+waiting), VerifyPassword}
}

// Authenticate is the package's Authenticate, with ErrBusy where there are too many already. A wait ends with ctx.
func (g *Gate) Authenticate(ctx context.Context, dir Directory, usercode, password string) (Member, error) {
	return authenticate(ctx, dir, usercode, password, func(hash, password string) (bool, error) {
		select {
		case g.admitted <- struct{}{}:
			defer func() { <-g.admitted }()
		default:
			return false, ErrBusy
		}
		select {
		case g.running <- struct{}{}:
			defer g.rest(time.Now())
		case <-ctx.Done():
			return false, ctx.Err()
		}
		return g.verify(hash, password)
	})
}

// rest ends a check that began at start, after the pause.
func (g *Gate) rest(start time.Time) {
	time.AfterFunc(min(time.Since(start)*3/2, time.Second), func() { <-g.running })
}
