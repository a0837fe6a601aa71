package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"ocsso/internal/cli"
	"ocsso/internal/cli/clitest"
	"ocsso/internal/kv"
	"ocsso/internal/kv/redis/redistest"
	"ocsso/internal/metrics"
)

// A probedStore answers and counts probes.
type probedStore struct {
	kv.Store
	probes atomic.Int64
	answer func(context.Context) error // to a probe
	read   error                       // of every key
}

func (s *probedStore) Probe(ctx context.Context) error {
	s.probes.Add(1)
	return s.answer(ctx)
}

func (s *probedStore) Get(context.Context, string) ([]byte, error) { return nil, s.read }

func TestTheStoreIsProbedEveryFiveSecondsAndAFailureIsLoggedOnceAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log clitest.LockedBuffer
		var failure atomic.Value // a text; "" for a store that works
		failure.Store("")
		store := &probedStore{answer: func(context.Context) error {
			if text := failure.Load().(string); text != "" {
				return errors.New(text)
			}
			return nil
		}}
		counts := metrics.New("")
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		s := newStoreWatch(ctx, store, slog.New(slog.NewTextHandler(&log, nil)), counts.StoreUp)
		go s.watch(ctx)
		want := func(probes int64, reason, up string) {
			t.Helper()
			synctest.Wait()
			if got := store.probes.Load(); got != probes {
				t.Errorf("got %d probes, want %d", got, probes)
			}
			if err, _ := s.state(); fmt.Sprint(err) != reason {
				t.Errorf("got %v, want %s", err, reason)
			}
			page := httptest.NewRecorder()
			counts.Handler().ServeHTTP(page, httptest.NewRequest("GET", "/metrics", nil))
			if !strings.Contains(page.Body.String(), "\nocsso_store_up "+up+"\n") {
				t.Errorf("got metrics without ocsso_store_up %s", up)
			}
		}
		want(1, "<nil>", "1")
		failure.Store("disk full")
		time.Sleep(probeInterval - time.Millisecond)
		want(1, "<nil>", "1")
		time.Sleep(time.Millisecond)
		want(2, "disk full", "0")
		time.Sleep(remindEvery - probeInterval)
		want(13, "disk full", "0")
		wantLog := func(failures, recoveries int) {
			t.Helper()
			synctest.Wait()
			got := log.String()
			if strings.Count(got, "store out of order") != failures || strings.Count(got, "store works again") != recoveries {
				t.Errorf("got the log\n%s\nwant %d failures and %d recoveries", got, failures, recoveries)
			}
		}
		wantLog(1, 0)
		time.Sleep(probeInterval)
		wantLog(2, 0)
		failure.Store("")
		time.Sleep(probeInterval)
		want(15, "<nil>", "1")
		wantLog(2, 1)
	})
}

func TestAProbeThatHangsIsAFailureAndTheEndOfTheServerIsNone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &probedStore{answer: func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }}
		ctx, stop := context.WithCancel(t.Context())
		stop()
		s := newStoreWatch(ctx, store, slog.New(slog.DiscardHandler), metrics.New("").StoreUp)
		if err, _ := s.state(); err != nil {
			t.Errorf("at the end of the server: got %v, want nothing", err)
		}
		s.probe(t.Context())
		if err, _ := s.state(); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a probe that hangs: got %v, want %v", err, context.DeadlineExceeded)
		}
	})
}

func TestReadinessSaysWhatTheStoreCanDo(t *testing.T) {
	full := errors.New("no space left on device")
	const outOfOrder = "store: out of order: no space left on device"
	for _, test := range []struct {
		name        string
		probe, read error
		lax, strict string // what is answered, or the error
	}{
		{"it works", nil, kv.ErrNotFound, "ready\nstore: ok", "ready\nstore: ok"},
		{"it is full at the start, and members who are logged in go on", full, kv.ErrNotFound, "ready\n" + outOfOrder, outOfOrder},
		{"it has never worked", full, full, outOfOrder, outOfOrder},
	} {
		store := &probedStore{answer: func(context.Context) error { return test.probe }, read: test.read}
		watch := newStoreWatch(t.Context(), store, slog.New(slog.DiscardHandler), metrics.New("").StoreUp)
		d := &deployment{clock: &clockWatch{}, storeWatch: watch}
		for strict, want := range map[bool]string{false: test.lax, true: test.strict} {
			got, err := d.readiness(t.Context())(strict)
			if err != nil {
				got = err.Error()
			}
			if got != want || (err == nil) != strings.HasPrefix(want, "ready") {
				t.Errorf("%s, strict %t: got %q, %v, want %q", test.name, strict, got, err, want)
			}
		}
	}
}

// wantStore waits until the server says this of its store, and checks that it stays ready and what
// the metrics say.
func (d served) wantStore(line string, strict int, up string) {
	d.T.Helper()
	operator := newVisitor(d.T, "")
	clitest.WaitUntil(d.T, "readyz says "+line, func() bool {
		got := operator.must(d.T, "GET", d.admin+"/readyz", nil)
		if got.code != http.StatusOK {
			d.T.Fatalf("readyz: got %d, want 200", got.code)
		}
		return strings.HasPrefix(got.body, "ready\n") && strings.Contains(got.body, line)
	})
	if got := operator.must(d.T, "GET", d.admin+"/readyz?store=strict", nil); got.code != strict || !strings.Contains(got.body, line) {
		d.T.Errorf("strict: got %d %s, want %d and %s", got.code, got.body, strict, line)
	}
	if got := operator.must(d.T, "GET", d.admin+"/metrics", nil).body; !strings.Contains(got, "\nocsso_store_up "+up+"\n") {
		d.T.Errorf("got metrics without ocsso_store_up %s", up)
	}
}

// TestServingBeginsBeforeRedisIsThere starts a server, and then its Redis.
func TestServingBeginsBeforeRedisIsThere(t *testing.T) {
	server := redistest.Start(t)
	server.Kill()
	s := writeSettings(t, anyHelpCenter+fmt.Sprintf("store: {kind: redis, redis: {addresses: [%q]}}\n", server.Address))
	d := served{clitest.Start(t, run, s.environment, "serve", "--config", s.file), s}
	v := newVisitor(t, "minji")
	want := "store: out of order: redis probe: redis store at " + server.Address + " (single, without TLS, without a password): "
	var got answer
	clitest.WaitUntil(t, "readyz answers", func() bool {
		var err error
		got, err = v.do("GET", d.admin+"/readyz", nil)
		return err == nil
	})
	if got.code != http.StatusServiceUnavailable || !strings.Contains(got.body, want) {
		t.Errorf("readyz: got %d %s, want 503 and %s", got.code, got.body, want)
	}
	if got = v.must(t, "POST", d.site+"/login", credentials("minji", testPassword)); !isUnavailable(got) {
		t.Errorf("login: got %d, want 503 with Retry-After", got.code)
	}
	server.Restart()
	d.wantReady()
	d.wantStore("store: ok", http.StatusOK, "1")
	loggedInAt(t, d.site).wantStatus(t, d.site, loggedIn("minji"))
}

func TestAFileThatAnotherServerHasIsUnavailable(t *testing.T) {
	store := fmt.Sprintf("store: {kind: file, file: {path: %q}}\n", filepath.Join(t.TempDir(), "ocsso.db"))
	d := writeSettings(t, anyHelpCenter+store).serve(t)
	s := writeSettings(t, anyHelpCenter+store)
	_, stderr, code := clitest.RunCommand(t, "ocsso", run, s.environment, "serve", "--config", s.file)
	if want := "another process has it open"; code != cli.ExitUnavailable || !strings.Contains(stderr, want) || !strings.Contains(stderr, "hint: ") {
		t.Errorf("got exit code %d and %q, want 3, %q and a hint", code, stderr, want)
	}
	loggedInAt(t, d.site).wantStatus(t, d.site, loggedIn("minji"))
}

// nineTenths matches the metric of a store of a megabyte that is full but for the handoffs of
// members who are logged in.
var nineTenths = regexp.MustCompile(`(?m)^ocsso_store_bytes (89\d{4}|8\.9\d*e\+05)$`)

// TestAFullMemoryRefusesLoginsAndKeepsMembers fills the store with counted usercodes.
func TestAFullMemoryRefusesLoginsAndKeepsMembers(t *testing.T) {
	d := writeSettings(t, anyHelpCenter+manyLogins+"store: {memory: {max_mb: 1}}\n").serve(t)
	first := loggedInAt(t, d.site)
	stranger := newVisitor(t, "")
	for n := 0; stranger.must(t, "POST", d.site+"/login", credentials(fmt.Sprintf("nobody-%d", n), "wrong")).code == http.StatusUnauthorized; n++ {
		if n > 10_000 {
			t.Fatal("10,000 counted usercodes in a store of a megabyte, want one refused")
		}
	}
	if got := newVisitor(t, "ara").must(t, "POST", d.site+"/login", credentials("ara", testPassword)); !isUnavailable(got) {
		t.Errorf("login: got %d, want 503 with Retry-After", got.code)
	}
	first.wantStatus(t, d.site, loggedIn("minji"))
	if got := newVisitor(t, "").must(t, "GET", d.admin+"/metrics", nil).body; !nineTenths.MatchString(got) {
		t.Errorf("got metrics without ocsso_store_bytes of nine tenths of a megabyte:\n%s", got)
	}
	if got := first.must(t, "GET", d.site+"/login/form", nil); got.code != http.StatusOK || !strings.Contains(got.body, `id="handoff"`) {
		t.Errorf("handoff: got %d, want the help center's form: the last tenth is for members", got.code)
	}
	if got := first.must(t, "POST", d.site+"/logout", nil); got.code != http.StatusSeeOther {
		t.Errorf("logout: got %d, want 303", got.code)
	}
	first.wantStatus(t, d.site, loggedOut)
}
