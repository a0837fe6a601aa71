package main

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ocsso/internal/cli/clitest"
	"ocsso/internal/config"
	"ocsso/internal/kv/redis/redistest"
	"ocsso/internal/proctest"
)

// A fleet is two replicas on one Redis, behind a proxy, and visitors who ask for their login
// status.
type fleet struct {
	t        *testing.T
	redis    *redistest.Server
	replicas [2]*child
	site     string // the proxy's
	browser  *http.Client
	visitors []*visitor
	want     map[*visitor]string // each visitor's status
	answers  chan answer         // to visitors under load, for await
}

// startFleet starts a fleet whose visitors have logged in, and some of them out again.
func startFleet(t *testing.T, start func(*testing.T, [2]string) proxy) *fleet {
	t.Helper()
	f := &fleet{t: t, redis: redistest.Start(t), browser: newHTTPClient(t), want: map[*visitor]string{}, answers: make(chan answer)}
	store := fmt.Sprintf("store: {kind: redis, redis: {addresses: [%q]}}\n", f.redis.Address)
	keys := config.NewSessionKey()
	for i := range f.replicas {
		f.replicas[i] = newChild(t, writeSettings(t, anyHelpCenter+manyLogins+store).asReplica().with("OCSSO_SESSION_KEYS", keys))
		f.replicas[i].start()
	}
	f.site = start(t, [2]string{
		strings.TrimPrefix(f.replicas[0].site, "http://"), strings.TrimPrefix(f.replicas[1].site, "http://"),
	}).site
	for i, usercode := range usercodes {
		v := f.logIn(f.site, usercode)
		f.want[v] = loggedIn(usercode)
		if i%4 == 3 {
			v.must(t, "POST", f.site+"/logout", url.Values{})
			f.want[v] = loggedOut
		}
		f.visitors = append(f.visitors, v)
	}
	return f
}

func (f *fleet) logIn(site, usercode string) *visitor {
	f.t.Helper()
	v := &visitor{http: f.browser, usercode: usercode}
	if err := v.logIn(site); err != nil {
		f.t.Fatal(err)
	}
	return v
}

// pace is the shortest time between two requests of a visitor.
const pace = 10 * time.Millisecond

// underLoad runs do while all visitors keep asking for their login status through the proxy. An
// answer that is not right is an error.
func (f *fleet) underLoad(right func(v *visitor, got answer) bool, do func()) {
	f.t.Helper()
	stop := make(chan struct{})
	var (
		group sync.WaitGroup
		calls atomic.Int64
	)
	for _, v := range f.visitors {
		group.Go(func() {
			next := time.NewTicker(pace)
			defer next.Stop()
			for {
				got, err := v.status(f.site)
				calls.Add(1)
				if err != nil || !right(v, got) {
					f.t.Errorf("got %d %s after %v, %v, for %s, want %s", got.code, got.body, got.took, err, v.usercode, f.want[v])
					return
				}
				select {
				case f.answers <- got:
				default:
				}
				select {
				case <-stop:
					return
				case <-next.C:
				}
			}
		})
	}
	defer func() {
		close(stop)
		group.Wait()
		f.t.Logf("%d status calls", calls.Load())
	}()
	do()
}

// await waits for n answers of a kind.
func (f *fleet) await(n int, kind func(answer) bool) {
	f.t.Helper()
	ctx, cancel := proctest.Patience(f.t)
	defer cancel()
	for n > 0 {
		select {
		case got := <-f.answers:
			if kind(got) {
				n--
			}
		case <-ctx.Done():
			f.t.Fatalf("%d answers are missing", n)
		}
	}
}

func anyAnswer(answer) bool   { return true }
func refusal(got answer) bool { return got.code == http.StatusServiceUnavailable }

// exactly accepts the right status only.
func (f *fleet) exactly(v *visitor, got answer) bool {
	return got.code == http.StatusOK && got.body == f.want[v]
}

// exactlyOrUnavailable is for the time around a failure of the store.
func (f *fleet) exactlyOrUnavailable(v *visitor, got answer) bool {
	return f.exactly(v, got) || isUnavailable(got) && got.body == loggedOut
}

// isUnavailable reports whether got is the answer for a store that fails. The server waits a second
// for its store; the limit leaves time for a busy machine.
func isUnavailable(got answer) bool {
	return got.code == http.StatusServiceUnavailable && got.header.Get("Retry-After") != "" && got.took < 5*time.Second
}

// TestNoRequestFailsWhileAReplicaIsAway stops one replica and starts it again, then kills the other
// and starts it again.
func TestNoRequestFailsWhileAReplicaIsAway(t *testing.T) {
	for name, start := range proxies {
		t.Run(name, func(t *testing.T) {
			f := startFleet(t, start)
			f.underLoad(f.exactly, func() {
				for i, end := range []func(*child){(*child).stop, (*child).kill} {
					replica := f.replicas[i]
					f.await(100, anyAnswer)
					end(replica)
					f.await(100, anyAnswer)
					v := f.logIn(f.replicas[1-i].site, usercodes[0])
					replica.start()
					f.awaitUse(replica)
					v.wantStatus(t, replica.site, loggedIn(v.usercode))
				}
			})
			for _, v := range f.visitors {
				for _, replica := range f.replicas {
					v.wantStatus(t, replica.site, f.want[v])
				}
			}
		})
	}
}

// answeredStatus matches the metrics of a replica that has answered a status call.
var answeredStatus = regexp.MustCompile(`(?m)^ocsso_status_answers_total\{answer="\w+",by="\w+"\} [1-9]`)

// awaitUse waits until nginx passes requests to the replica again, as an operator does before
// stopping the next one.
func (f *fleet) awaitUse(replica *child) {
	f.t.Helper()
	operator := newVisitor(f.t, "")
	for !answeredStatus.MatchString(operator.must(f.t, "GET", replica.admin+"/metrics", nil).body) {
		f.await(1, anyAnswer)
	}
}

// TestRequestsFailInTimeWhileTheStoreIsAway has a Redis that hangs, and one that loses its data.
func TestRequestsFailInTimeWhileTheStoreIsAway(t *testing.T) {
	f := startFleet(t, proxies["nginx"])
	f.underLoad(f.exactlyOrUnavailable, func() {
		f.redis.Pause()
		f.await(2*len(f.visitors), refusal)
		f.redis.Resume()
		f.wantRecovered()
	})
	f.underLoad(f.exactly, func() { f.await(100, anyAnswer) })

	f.underLoad(f.exactlyOrUnavailable, func() {
		f.redis.Kill()
		f.await(100, refusal)
	})
	f.redis.Restart()
	for _, v := range f.visitors {
		f.want[v] = loggedOut
	}
	f.underLoad(f.exactlyOrUnavailable, f.wantRecovered)
	v := f.logIn(f.replicas[0].site, usercodes[0])
	v.wantStatus(t, f.replicas[1].site, loggedIn(v.usercode))
}

// wantRecovered waits until each replica gives all visitors their right status.
func (f *fleet) wantRecovered() {
	f.t.Helper()
	for _, replica := range f.replicas {
		for _, v := range f.visitors {
			clitest.WaitUntil(f.t, "the status is "+f.want[v], func() bool {
				got, err := v.status(replica.site)
				return err == nil && f.exactly(v, got)
			})
		}
	}
}
