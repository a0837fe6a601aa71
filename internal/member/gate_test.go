package member

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"testing/synctest"
	"time"
)

// directoryOf has one account.
type directoryOf struct{ account Account }

func (d directoryOf) Account(_ context.Context, usercode string) (Account, error) {
	if usercode != d.account.UserCode {
		return Account{}, ErrUnknown
	}
	return d.account, nil
}

func TestAGateLetsSomeRunSomeWaitAndNoMore(t *testing.T) {
	hash, err := HashPassword("secret")
	if err != nil {
		t.Fatal(err)
	}
	dir := directoryOf{Account{Member{UserCode: "minji"}, hash}}
	g := NewGate(1, 1)
	ctx, cancel := context.WithCancel(context.Background())
	check := func() error { _, err := g.Authenticate(ctx, dir, "minji", "secret"); return err }

	if err := check(); err != nil {
		t.Errorf("free: got %v, want no error", err)
	}
	if _, err := g.Authenticate(ctx, dir, "nobody", "secret"); !errors.Is(err, ErrRefused) {
		t.Errorf("unknown: got %v, want %v", err, ErrRefused)
	}
	g.running <- struct{}{} // one runs
	g.admitted <- struct{}{}
	waiting := make(chan error)
	go func() { waiting <- check() }()
	for len(g.admitted) < 2 { // and one waits
		runtime.Gosched()
	}
	if err := check(); !errors.Is(err, ErrBusy) {
		t.Errorf("full: got %v, want %v", err, ErrBusy)
	}
	if _, err := g.Authenticate(ctx, dir, "nobody", "secret"); !errors.Is(err, ErrBusy) {
		t.Errorf("full, unknown: got %v, want %v too", err, ErrBusy)
	}
	<-g.running
	<-g.admitted
	if err := <-waiting; err != nil {
		t.Errorf("after the wait: got %v, want no error", err)
	}

	g.running <- struct{}{}
	cancel()
	if err := check(); !errors.Is(err, context.Canceled) {
		t.Errorf("given up: got %v, want %v", err, context.Canceled)
	}
	if len(g.admitted) != 0 {
		t.Errorf("got %d admitted, want none", len(g.admitted))
	}
}

// TestAGateRestsAfterACheck has checks that take some time, one after the other.
func TestAGateRestsAfterACheck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewGate(1, 1)
		for _, test := range []struct{ check, pause time.Duration }{
			{40 * time.Millisecond, 60 * time.Millisecond}, {20 * time.Millisecond, 30 * time.Millisecond}, {10 * time.Second, time.Second},
		} {
			g.verify = func(string, string) (bool, error) { time.Sleep(test.check); return true, nil }
			dir := directoryOf{Account{Member{UserCode: "minji"}, "a hash"}}
			if _, err := g.Authenticate(context.Background(), dir, "minji", "secret"); err != nil {
				t.Fatal(err)
			}
			begun := time.Now()
			g.running <- struct{}{} // the next check would begin here
			if got := time.Since(begun); got != test.pause {
				t.Errorf("after %v: got a pause of %v, want %v", test.check, got, test.pause)
			}
			<-g.running
		}
	})
}
