package password

import (
	"cmp"
	"context"
	"errors"
	"math"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"
)

// ErrBusy is a Gate's error when too many passwords are waiting to be checked.
var ErrBusy = errors.New("too many password checks at once")

// A Gate bounds how many passwords are checked at once: each check takes a whole core and much
// memory by design. Checks take half of the cores, and the rest stay free for members who are
// already logged in. Waiting checks run in turn by client, so that nobody waits for all that one
// client has sent. It is safe for concurrent use.
type Gate struct {
	// running has a share for each check that may run. One that takes more memory than a share of
	// all that checks may take counts as several.
	running      *semaphore.Weighted
	share, total int64 // bytes: of a check at least, and of all
	pause        bool
	places       int // for checks that wait
	verify       func(hash, password string) (bool, error)

	mu      sync.Mutex
	waiting int
	clients map[string]*client // of the waiting checks
}

// A client has checks that wait. One of them, whose turn it is, queues with those of other clients.
type client struct {
	waiting int
	turn    *semaphore.Weighted
}

// NewGate returns a Gate for a machine with this many cores, at least one. On a single core a pause
// follows each check, in which the core is free. memory is what the process may use in bytes, or 0
// where that is not known: checks take no more than a third of it.
func NewGate(cores int, memory int64) *Gate {
	const placesForEach = 128 // takes some seconds
	running := max(1, cores/2)
	share := cmp.Or(memory/3, math.MaxInt64) / int64(running)
	total := share * int64(running)
	return &Gate{
		running: semaphore.NewWeighted(total),
		share:   share,
		total:   total,
		pause:   cores == 1,
		places:  placesForEach * running,
		verify:  Verify,
		clients: map[string]*client{},
	}
}

// Verify is the package's Verify, once it is this check's turn. name says which client waits for
// it, as any text. It returns ErrBusy when too many checks wait, most of them the client's own, and
// ctx's error when ctx ends first.
func (g *Gate) Verify(ctx context.Context, name, hash, password string) (bool, error) {
	f, _ := parse(hash)
	weight := min(max(f.memory, g.share), g.total)
	if err := g.wait(ctx, name, weight); err != nil {
		return false, err
	}
	start := time.Now()
	defer func() {
		release := func() { g.running.Release(weight) }
		if g.pause {
			time.AfterFunc(min(time.Since(start)*3/2, time.Second), release)
		} else {
			release()
		}
	}()
	return g.verify(hash, password)
}

// wait returns nil when a check may run.
func (g *Gate) wait(ctx context.Context, name string, weight int64) error {
	c, err := g.join(name)
	if err != nil {
		return err
	}
	defer g.leave(name, c)
	if err := c.turn.Acquire(ctx, 1); err != nil {
		return err
	}
	defer c.turn.Release(1)
	return g.running.Acquire(ctx, weight)
}

// join takes a place among those that wait. A client may have as many as are still free, so that
// one alone gets half of them, two get a third each, and there are some left for the next client.
func (g *Gate) join(name string) (*client, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	c := g.clients[name]
	if c == nil {
		c = &client{turn: semaphore.NewWeighted(1)}
	}
	if c.waiting >= g.places-g.waiting {
		return nil, ErrBusy
	}
	c.waiting++
	g.waiting++
	g.clients[name] = c
	return c, nil
}

func (g *Gate) leave(name string, c *client) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.waiting--
	if c.waiting--; c.waiting == 0 {
		delete(g.clients, name)
	}
}

// Waiting returns how many checks wait for their turn.
func (g *Gate) Waiting() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.waiting
}
