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

	"ocsso/internal/kv/redis/redistest"
)

// A fleet is two replicas on one Redis, behind nginx, and visitors who ask for their login status without end.
type fleet struct {
	t        *testing.T
	redis    *redistest.Server
	replicas [2]*child
	site     string // nginx's
	browser  *http.Client
	visitors []*visitor
	want     map[*visitor]string // what each visitor's status is
	answers  chan answer         // to visitors under load, for whoever awaits them
}

// startFleet has all its visitors log in, and some of them out again.
func startFleet(t *testing.T) *fleet {
	t.Helper()
	f := &fleet{t: t, redis: redistest.Start(t), browser: newHTTPClient(t), want: map[*visitor]string{}, answers: make(chan answer)}
	sections := fmt.Sprintf(`
help_center: {base_url: "https://help.example.com", services: [hangame]}
login: {limits: {per_address: 100000/1h, per_member: 100000/1h}}
store: {kind: redis, redis: {addresses: [%q]}}
`, f.redis.Address)
	binary, keys := build(t), newSessionKey()
	for i := range f.replicas {
		s := writeSettings(t, sections)
		s.environment["OCSSO_SESSION_KEYS"] = keys
		f.replicas[i] = newChild(t, binary, s)
		f.replicas[i].start()
	}
	f.site = startNginx(t, f.replicas[0], f.replicas[1])
	for i, usercode := range usercodes {
		v := f.logIn(f.site, usercode)
		f.want[v] = v.loggedIn()
		if i%4 == 3 {
			f.logOut(f.site, v)
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

func (f *fleet) logOut(site string, v *visitor) {
	f.t.Helper()
	if got, err := v.do("POST", site+"/logout", url.Values{}); err != nil || got.code != http.StatusSeeOther {
		f.t.Fatalf("log out %s: got %d, %v", v.usercode, got.code, err)
	}
}

// wantStatus checks the visitor's status at a replica.
func (f *fleet) wantStatus(v *visitor, replica *child, want string) {
	f.t.Helper()
	got, err := v.status(replica.site)
	if err != nil || got.code != http.StatusOK || got.body != want {
		f.t.Errorf("got %d %s, %v, want %s", got.code, got.body, err, want)
	}
}

// eventually asks a replica for the visitor's status until it is want.
func (f *fleet) eventually(v *visitor, replica *child, want string) {
	f.t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; {
		got, err := v.status(replica.site)
		if err == nil && got.code == http.StatusOK && got.body == want {
			return
		}
		if err != nil || time.Now().After(deadline) {
			f.t.Fatalf("got %d %s, %v, want %s in the end", got.code, got.body, err, want)
		}
	}
}

// pace is how soon a visitor asks again, at the least: it bounds the load to some thousands of calls.
const pace = 10 * time.Millisecond

// underLoad has all visitors ask for their login status through nginx, again and again, while it does what it is given.
// An answer that isn't right is an error.
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

// await returns after so many answers more.
func (f *fleet) await(n int, kind func(answer) bool) {
	f.t.Helper()
	timeout := time.After(20 * time.Second)
	for n > 0 {
		select {
		case got := <-f.answers:
			if kind(got) {
				n--
			}
		case <-timeout:
			f.t.Fatalf("got %d answers too few", n)
		}
	}
}

func anyAnswer(answer) bool   { return true }
func refusal(got answer) bool { return got.code == http.StatusServiceUnavailable }

// exactly is right as long as the store answers.
func (f *fleet) exactly(v *visitor, got answer) bool {
	return got.code == http.StatusOK && got.body == f.want[v]
}

// exactlyOrUnavailable is right while the store is out of order, and a moment before and after.
func (f *fleet) exactlyOrUnavailable(v *visitor, got answer) bool {
	return f.exactly(v, got) || isOutOfOrder(got) && got.body == loggedOut
}

// isOutOfOrder is what every answer is that needs a store that doesn't answer. It comes within a second; the bound leaves
// another one to a busy machine.
func isOutOfOrder(got answer) bool {
	return got.code == http.StatusServiceUnavailable && got.header.Get("Retry-After") != "" && got.took < 2*time.Second
}

func TestAFleetIsOneServer(t *testing.T) {
	f := startFleet(t)
	f.underLoad(f.exactly, func() {
		for i, in := range f.replicas {
			for _, out := range f.replicas {
				v := f.logIn(in.site, usercodes[0])
				f.wantStatus(v, in, v.loggedIn())
				f.wantStatus(v, f.replicas[1-i], v.loggedIn())
				f.logOut(out.site, v)
				f.wantStatus(v, out, loggedOut)
				f.eventually(v, f.replicas[0], loggedOut)
				f.eventually(v, f.replicas[1], loggedOut)
			}
		}
		f.await(100, anyAnswer)
	})
}

// TestAFleetLosesNothingWithAReplica stops each replica and starts it again, then kills each and starts it again.
func TestAFleetLosesNothingWithAReplica(t *testing.T) {
	f := startFleet(t)
	f.underLoad(f.exactly, func() {
		for _, end := range []func(*child){(*child).stop, (*child).kill} {
			for i, replica := range f.replicas {
				f.await(100, anyAnswer)
				end(replica)
				f.await(100, anyAnswer)
				meanwhile := f.logIn(f.replicas[1-i].site, usercodes[0])
				replica.start()
				f.awaitUse(replica)
				f.wantStatus(meanwhile, replica, meanwhile.loggedIn())
			}
		}
	})
	for _, v := range f.visitors {
		for _, replica := range f.replicas {
			f.wantStatus(v, replica, f.want[v])
		}
	}
}

// answeredStatus is a metric of a replica that has answered a status call since it was started.
var answeredStatus = regexp.MustCompile(`(?m)^ocsso_status_answers_total\{answer="\w+"\} [1-9]`)

// awaitUse returns when nginx has the replica answer again: an operator waits for that, too, before ending another one.
func (f *fleet) awaitUse(replica *child) {
	f.t.Helper()
	operator := &visitor{http: newHTTPClient(f.t)}
	for {
		got, err := operator.do("GET", replica.admin+"/metrics", nil)
		if err != nil {
			f.t.Fatal(err)
		}
		if answeredStatus.MatchString(got.body) {
			return
		}
		f.await(1, anyAnswer)
	}
}

// recovery is how soon a fleet is right again after its store is.
const recovery = 2 * time.Second

func TestAFleetSaysThatItsStoreHangs(t *testing.T) {
	f := startFleet(t)
	f.underLoad(f.exactlyOrUnavailable, func() {
		f.redis.Pause()
		f.await(40, refusal) // several seconds of them
		f.wantOutOfOrder()
		f.redis.Resume()
		f.wantRecovered()
	})
	f.underLoad(f.exactly, func() { f.await(100, anyAnswer) })
}

func TestAFleetLogsEverybodyOutWithAStoreThatForgets(t *testing.T) {
	f := startFleet(t)
	f.underLoad(f.exactlyOrUnavailable, func() {
		f.redis.Kill()
		f.await(100, refusal)
		f.wantOutOfOrder()
	})
	f.redis.Restart()
	for _, v := range f.visitors {
		f.want[v] = loggedOut
	}
	f.underLoad(f.exactlyOrUnavailable, f.wantRecovered)
	f.underLoad(f.exactly, func() {
		f.await(100, anyAnswer)
		v := f.logIn(f.replicas[0].site, usercodes[0])
		f.wantStatus(v, f.replicas[1], v.loggedIn())
	})
}

// wantOutOfOrder checks what everybody who needs the store is told, at each replica.
func (f *fleet) wantOutOfOrder() {
	f.t.Helper()
	v := f.visitors[0]
	login := url.Values{"usercode": {v.usercode}, "password": {testPassword}}
	for _, replica := range f.replicas {
		for _, call := range []struct {
			method, target string
			form           url.Values
			want           string // in the body
		}{
			{"GET", replica.site + "/login", nil, "<h1>"},
			{"POST", replica.site + "/login", login, "<h1>"},
			{"GET", replica.site + "/token/verify?usercode=" + v.usercode + "&token=x", nil, loggedOut},
		} {
			got, err := v.do(call.method, call.target, call.form)
			if err != nil || !isOutOfOrder(got) || !strings.Contains(got.body, call.want) {
				f.t.Errorf("%s %s: got %d %v %s after %v, %v, want 503, Retry-After and %s",
					call.method, call.target, got.code, got.header, got.body, got.took, err, call.want)
			}
		}
		if got, err := v.do("GET", replica.admin+"/readyz", nil); err != nil || got.code != http.StatusServiceUnavailable {
			f.t.Errorf("readyz: got %d, %v, want 503", got.code, err)
		}
	}
}

// wantRecovered checks that each replica answers all visitors rightly again.
func (f *fleet) wantRecovered() {
	f.t.Helper()
	start := time.Now()
	for _, replica := range f.replicas {
		for _, v := range f.visitors {
			f.eventually(v, replica, f.want[v])
		}
	}
	took := time.Since(start)
	f.t.Logf("recovered after %v", took)
	if took > recovery {
		f.t.Errorf("recovered after %v, want it within %v", took, recovery)
	}
}
