package password

import (
	"cmp"
	"context"
	"errors"
	"math"
	"slices"
	"sync"
	"time"
)

// ErrBusy is a Gate's error when too many passwords are waiting to be checked.
var ErrBusy = errors.New("too many password checks at once")

// A Gate bounds how many passwords are checked at once: each check takes a whole core and much
// memory by design. Checks take half of the cores, and the rest stay free for members who are
// already logged in. Waiting checks run in turn by client, so that nobody waits for all that one
// client has sent. It is safe for concurrent use.
type Gate struct {
	maxRunning, maxWaiting int
	maxMemory              int64 // bytes that all running checks may take together
	pause                  bool
	verify                 func(hash, password string) (bool, error)

	mu      sync.Mutex
	running int   // counts a check during the pause after it, too
	memory  int64 // of the running checks
	waiting int
	queues  []queue // the first is next; none is empty
}

// A queue has the waiting checks of one client, the oldest first.
type queue struct {
	client string
	checks []*check
}

// A check is one that waits.
type check struct {
	memory int64
	turn   chan error // gets nil when the check may run, or ErrBusy; it has room for one
}

// NewGate returns a Gate for a machine with this many cores, at least one. On a single core a pause
// follows each check, in which the core is free. memory is what the process may use in bytes, or 0
// where that is not known: checks take no more than a third of it.
func NewGate(cores int, memory int64) *Gate {
	const waitingForEach = 64 // takes some seconds
	running := max(1, cores/2)
	return &Gate{
		maxRunning: running,
		maxWaiting: running * waitingForEach,
		maxMemory:  cmp.Or(memory/3, math.MaxInt64),
		pause:      cores == 1,
		verify:     Verify,
	}
}

// Verify is the package's Verify, once it is this check's turn. client says who waits for it, as
// any text. It returns ErrBusy when too many checks wait and no client has more of them, and
// ctx's error when ctx ends first.
func (g *Gate) Verify(ctx context.Context, client, hash, password string) (bool, error) {
	// A check that takes more than there is for all of them runs alone.
	memory := min(memoryOf(hash), g.maxMemory)
	if err := g.wait(ctx, client, memory); err != nil {
		return false, err
	}
	defer g.release(memory, time.Now())
	return g.verify(hash, password)
}

// Waiting returns how many checks wait for their turn.
func (g *Gate) Waiting() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.waiting
}

// wait returns nil when a check may run.
func (g *Gate) wait(ctx context.Context, client string, memory int64) error {
	c := &check{memory, make(chan error, 1)}
	g.mu.Lock()
	g.join(client, c)
	g.startNext()
	if g.waiting > g.maxWaiting {
		g.turnAway()
	}
	g.mu.Unlock()
	select {
	case err := <-c.turn:
		return err
	case <-ctx.Done():
		if g.leave(c) {
			return ctx.Err()
		}
		return <-c.turn // it came at the same moment
	}
}

// join puts c at the end of its client's queue.
func (g *Gate) join(client string, c *check) {
	g.waiting++
	for i := range g.queues {
		if g.queues[i].client == client {
			g.queues[i].checks = append(g.queues[i].checks, c)
			return
		}
	}
	g.queues = append(g.queues, queue{client, []*check{c}})
}

// startNext lets checks run while there is room: one of the first queue, which then is the last.
func (g *Gate) startNext() {
	for len(g.queues) > 0 {
		first := g.queues[0]
		next := first.checks[0]
		if g.running == g.maxRunning || g.memory > g.maxMemory-next.memory {
			return
		}
		g.waiting--
		g.running++
		g.memory += next.memory
		g.queues = g.queues[1:]
		if first.checks = first.checks[1:]; len(first.checks) > 0 {
			g.queues = append(g.queues, first)
		}
		next.turn <- nil
	}
}

// turnAway refuses the newest check of the longest queue. Of several it is the last queue.
func (g *Gate) turnAway() {
	longest := 0
	for i, q := range g.queues {
		if len(q.checks) >= len(g.queues[longest].checks) {
			longest = i
		}
	}
	checks := g.queues[longest].checks
	checks[len(checks)-1].turn <- ErrBusy
	g.remove(longest, len(checks)-1)
}

// leave removes a waiting check. It reports false for one that waits no longer.
func (g *Gate) leave(c *check) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	for i, q := range g.queues {
		if at := slices.Index(q.checks, c); at >= 0 {
			g.remove(i, at)
			g.startNext() // the first check may need less memory now
			return true
		}
	}
	return false
}

// remove removes a check of a queue, and the queue with its last check.
func (g *Gate) remove(i, at int) {
	g.waiting--
	g.queues[i].checks = slices.Delete(g.queues[i].checks, at, at+1)
	if len(g.queues[i].checks) == 0 {
		g.queues = slices.Delete(g.queues, i, i+1)
	}
}

// release lets the next check run: at once, or after a pause of one and a half times as long as the
// check has taken, but no more than a second.
func (g *Gate) release(memory int64, start time.Time) {
	end := func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.running--
		g.memory -= memory
		g.startNext()
	}
	if !g.pause {
		end()
		return
	}
	time.AfterFunc(min(time.Since(start)*3/2, time.Second), end)
}

// memoryOf returns how many bytes checking hash takes, in the forms that take much.
func memoryOf(hash string) int64 {
	if m := argon2idForm.FindStringSubmatch(hash); m != nil {
		return int64(parseNumber(m[1])) << 10
	}
	if m := scryptForm.FindStringSubmatch(hash); m != nil {
		return 128 * int64(parseNumber(m[2])) << parseNumber(m[1])
	}
	return 0
}
