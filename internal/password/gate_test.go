package password

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// slowGate returns a gate whose checks take some time and then return true.
func slowGate(cores int, takes time.Duration) *Gate {
	g := NewGate(cores)
	g.verify = func(string, string) (bool, error) { time.Sleep(takes); return true, nil }
	return g
}

func TestAGateRunsHalfAsManyChecksAsThereAreCores(t *testing.T) {
	for cores, want := range map[int]int{1: 1, 2: 1, 3: 1, 4: 2, 8: 4} {
		synctest.Test(t, func(t *testing.T) {
			g, running := NewGate(cores), make(chan struct{}, 100)
			g.verify = func(string, string) (bool, error) {
				running <- struct{}{}
				time.Sleep(time.Second)
				return true, nil
			}
			for range 10 {
				go g.Verify(t.Context(), "", "")
			}
			synctest.Wait()
			if got := len(running); got != want {
				t.Errorf("on %d cores: %d checks run at once, want %d", cores, got, want)
			}
			time.Sleep(time.Minute)
			if got := len(running); got != 10 {
				t.Errorf("on %d cores: %d checks run in the end, want 10", cores, got)
			}
		})
	}
}

func TestAGateIsBusyWhenTooManyWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := slowGate(2, time.Second)
		for range 65 { // one runs, 64 wait
			go g.Verify(t.Context(), "", "")
		}
		synctest.Wait()
		if _, err := g.Verify(t.Context(), "", ""); !errors.Is(err, ErrBusy) {
			t.Errorf("while 64 wait: got error %v, want ErrBusy", err)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if ok, err := g.Verify(t.Context(), "", ""); !ok || err != nil {
			t.Errorf("after one has ended: got %v and error %v, want true", ok, err)
		}
	})
}

func TestAWaitForAGateEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := slowGate(2, time.Minute)
		go g.Verify(t.Context(), "", "")
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := g.Verify(ctx, "", ""); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got error %v, want DeadlineExceeded", err)
		}
		if len(g.admitted) != 1 {
			t.Errorf("%d checks run or wait, want only the one that runs", len(g.admitted))
		}
		time.Sleep(time.Minute)
	})
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
			g := slowGate(test.cores, test.takes)
			g.Verify(t.Context(), "", "")
			start := time.Now()
			g.Verify(t.Context(), "", "")
			if got := time.Since(start) - test.takes; got != test.pause {
				t.Errorf("on %d cores, after %v: got a pause of %v, want %v", test.cores, test.takes, got, test.pause)
			}
			time.Sleep(time.Minute) // the last pause ends
		})
	}
}
