package password

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// checksOf are those that a gate's clients make: their passwords, in the order in which they run.
type checksOf struct {
	*Gate
	takes time.Duration // each
	ran   []string
	busy  []string // that were turned away
	mu    sync.Mutex
}

func newChecks(cores int, memory int64) *checksOf {
	c := &checksOf{Gate: NewGate(cores, memory), takes: time.Second}
	c.verify = func(_, password string) (bool, error) {
		c.mu.Lock()
		c.ran = append(c.ran, password)
		c.mu.Unlock()
		time.Sleep(c.takes)
		return true, nil
	}
	return c
}

// ask lets a client ask for a check that has its name.
func (c *checksOf) ask(t *testing.T, client, hash string) {
	go func() {
		if _, err := c.Verify(t.Context(), client, hash, client); errors.Is(err, ErrBusy) {
			c.mu.Lock()
			c.busy = append(c.busy, client)
			c.mu.Unlock()
		}
	}()
	synctest.Wait()
}

// begun returns how many checks have begun.
func (c *checksOf) begun() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.ran)
}

func TestAGateRunsHalfAsManyChecksAsThereAreCores(t *testing.T) {
	for cores, want := range map[int]int{1: 1, 2: 1, 3: 1, 4: 2, 8: 4} {
		synctest.Test(t, func(t *testing.T) {
			c := newChecks(cores, 0)
			for range 10 {
				c.ask(t, "minji", "")
			}
			if got := c.begun(); got != want {
				t.Errorf("on %d cores: %d checks run at once, want %d", cores, got, want)
			}
			time.Sleep(time.Minute)
			if got := c.begun(); got != 10 {
				t.Errorf("on %d cores: %d checks run in the end, want 10", cores, got)
			}
		})
	}
}

// TestOneClientMayHaveEveryPlaceThatNobodyElseWants has an office behind one address.
func TestOneClientMayHaveEveryPlaceThatNobodyElseWants(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newChecks(2, 0)
		for range 65 { // one runs, 64 wait
			c.ask(t, "an office", "")
		}
		if len(c.busy) != 0 {
			t.Errorf("%d checks of 65 were turned away, want none", len(c.busy))
		}
		c.ask(t, "an office", "")
		if len(c.busy) != 1 {
			t.Errorf("while 64 wait, %d were turned away, want 1", len(c.busy))
		}
		time.Sleep(time.Second)
		synctest.Wait()
		c.ask(t, "an office", "")
		time.Sleep(time.Hour)
		if c.begun() != 66 || len(c.busy) != 1 {
			t.Errorf("after one has ended: %d checks ran and %d were turned away, want 66 and 1", c.begun(), len(c.busy))
		}
	})
}

func TestAWaitForAGateEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newChecks(2, 0)
		c.ask(t, "minji", "")
		ctx, cancel := context.WithTimeout(t.Context(), time.Second/2)
		defer cancel()
		if _, err := c.Verify(ctx, "jisu", "", ""); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got error %v, want DeadlineExceeded", err)
		}
		if waiting := c.Waiting(); waiting != 0 || len(c.clients) != 0 {
			t.Errorf("%d checks of %d clients wait, want none", waiting, len(c.clients))
		}
		time.Sleep(time.Minute)
	})
}

func TestAFloodFromOneClientLeavesOthersTheirTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newChecks(2, 0) // one check runs
		for range 256 {
			c.ask(t, "flood", "")
		}
		for _, client := range []string{"minji", "jisu", "minji"} {
			c.ask(t, client, "")
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		want := []string{"flood", "flood", "minji", "jisu", "flood", "minji", "flood", "flood"}
		if diff := cmp.Diff(want, c.ran[:len(want)]); diff != "" {
			t.Errorf("the checks that run first (-want +got):\n%s", diff)
		}
		if len(c.ran) != 1+64+3 || slices.Contains(c.busy, "minji") || slices.Contains(c.busy, "jisu") {
			t.Errorf("%d checks ran and %v were turned away, want 68, and of the flood alone", len(c.ran), c.busy)
		}
	})
}

// TestOfManyClientsTheLastIsTurnedAway: those who wait already stay.
func TestOfManyClientsTheLastIsTurnedAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newChecks(2, 0)
		for i := range 130 { // one runs, 128 wait
			c.ask(t, fmt.Sprint(i), "")
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		if diff := cmp.Diff([]string{"129"}, c.busy); diff != "" {
			t.Errorf("turned away (-want +got):\n%s", diff)
		}
	})
}

func TestFloodsFromSeveralClientsLeavePlaces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newChecks(2, 0)
		for range 200 {
			for _, client := range []string{"flood", "deluge", "torrent"} {
				c.ask(t, client, "")
			}
		}
		c.ask(t, "minji", "")
		time.Sleep(time.Hour)
		synctest.Wait()
		if at := slices.Index(c.ran, "minji"); at < 0 || at > 5 {
			t.Errorf("minji's check ran as number %d, want her to wait for one check of each flood", at)
		}
	})
}

// TestChecksTakeAThirdOfTheMemory has a machine with cores for 32 checks at once.
func TestChecksTakeAThirdOfTheMemory(t *testing.T) {
	const (
		saltSum = "$25OqagC5J4YOhlMHUmFNCw$2zzFIodJAHxF+uqU6Qp7psCqBlMC9xFDj7gcesICVCw"
		argon19 = "$argon2id$v=19$m=19456,t=2,p=1" + saltSum
		argon64 = "$argon2id$v=19$m=65536,t=3,p=4" + saltSum
		scrypt  = "$scrypt$ln=16,r=8,p=1" + saltSum // 64 MiB
		bcrypt  = "$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW"
		mebi    = 1 << 20
	)
	for _, test := range []struct {
		hash   string
		memory int64
		want   int
	}{
		{argon19, 0, 32},
		{argon19, 512 * mebi, 8},
		{argon64, 512 * mebi, 2},
		{scrypt, 512 * mebi, 2},
		{bcrypt, 512 * mebi, 32},
		{argon64, 64 * mebi, 1}, // more than a third: alone
		{argon19, 100 << 30, 32},
	} {
		synctest.Test(t, func(t *testing.T) {
			c := newChecks(64, test.memory)
			for range 40 {
				c.ask(t, "minji", test.hash)
			}
			if got := c.begun(); got != test.want {
				t.Errorf("%.30s with %d MiB: %d checks run at once, want %d", test.hash, test.memory/mebi, got, test.want)
			}
			time.Sleep(time.Hour)
			synctest.Wait()
			if len(c.ran) != 40 || !c.running.TryAcquire(c.total) {
				t.Errorf("%.30s: in the end %d checks have run, want 40, and nothing taken", test.hash, len(c.ran))
			}
		})
	}
}

func TestAGatePausesAfterACheckOnASingleCoreOnly(t *testing.T) {
	for _, test := range []struct {
		cores        int
		takes, pause time.Duration
	}{
		{1, 40 * time.Millisecond, 60 * time.Millisecond},
		{1, 10 * time.Second, time.Second},
		{2, 40 * time.Millisecond, 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			c := newChecks(test.cores, 0)
			c.takes = test.takes
			if ok, err := c.Verify(t.Context(), "", "", ""); !ok || err != nil {
				t.Errorf("got %v and error %v, want what the check says", ok, err)
			}
			start := time.Now()
			c.Verify(t.Context(), "", "", "")
			if got := time.Since(start) - test.takes; got != test.pause {
				t.Errorf("on %d cores, after %v: got a pause of %v, want %v", test.cores, test.takes, got, test.pause)
			}
			time.Sleep(time.Minute) // the last pause ends
		})
	}
}
