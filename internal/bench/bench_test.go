// Package bench measures the built server under load, against net/http and against itself.
//
// Every figure of the table is a ratio of two servers within one run, in short slices that alternate, each server on the same core
// and the generator on another. `make bench` prints it. It never fails on a number: a machine has its moods.
package bench

import (
	"bytes"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sync"
	"testing"
	"text/tabwriter"
	"time"

	"ocsso/internal/kv/redis/redistest"
)

const (
	slicePairs = 15
	sliceTime  = 200 * time.Millisecond
	warmUp     = time.Second
	// enoughCore is the part of the core that a server must have had in a slice. With less, something else ran there or the generator
	// was too slow, and the pair is dropped. Of too few, there is no figure.
	enoughCore = 0.9
	enough     = 5

	status = "GET /login/status"

	ok       = "HTTP/1.1 200 OK\r\n" // how an answer begins
	loggedIn = `{"login":"true","usercode":"minji"}`
)

// A result is a row of the table. The rates are requests a second.
type result struct {
	what          string
	ours, base    float64
	ratio, target float64 // a target of 0 is none: the figure is for whoever wants to know
	kept          int     // of slicePairs
}

// measure compares two loads: the median over the pairs of slices of ours' rate over base's.
func measure(what string, target float64, ours, base *load, long time.Duration) result {
	ours.run(warmUp)
	base.run(warmUp)
	var ratios, rates, baseRates []float64
	for i := range slicePairs {
		var a, b slice
		if i%2 == 0 { // so that neither is always the one that comes after a pause
			a, b = ours.run(long), base.run(long)
		} else {
			b, a = base.run(long), ours.run(long)
		}
		if a.busy >= enoughCore && b.busy >= enoughCore {
			ratios, rates, baseRates = append(ratios, a.rate/b.rate), append(rates, a.rate), append(baseRates, b.rate)
		}
	}
	return result{what, median(rates), median(baseRates), median(ratios), target, len(ratios)}
}

// median is 0 for none.
func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	slices.Sort(values)
	return values[len(values)/2]
}

// BenchmarkTargets prints the table, and what is measured by itself.
func BenchmarkTargets(b *testing.B) {
	binary := build(b)
	for b.Loop() {
		rows := slices.Concat(ofNetHTTP(b, binary), ofStores(b, binary), ofSessions(b, binary))
		rows = append(rows, underFlood(b, binary))
		printTable(rows)
		printResident(b, binary)
		printStart(b, binary)
	}
}

const memory = "{kind: memory}"

// ofNetHTTP compares with a bare net/http handler that sends the same.
func ofNetHTTP(b testing.TB, binary string) []result {
	b.Helper()
	server := startServer(b, binary, memory)
	status := statusLoad(b, server, logIn(b, server))
	verify := verifyLoad(b, server)
	handoff := handoffLoad(b, startServer(b, binary, memory))
	return []result{
		measure("GET /login/status, memory store : bare net/http", 0.85, status, bareLoad(b, status), sliceTime),
		measure("GET /token/verify, memory store : bare net/http", 0.80, verify, bareLoad(b, verify), sliceTime),
		measure("GET /login, handoff page : bare net/http", 0.70, handoff, bareLoad(b, handoff), sliceTime),
	}
}

// ofStores compares the stores with each other.
func ofStores(b testing.TB, binary string) []result {
	b.Helper()
	load := func(store string) *load {
		server := startServer(b, binary, store)
		return statusLoad(b, server, logIn(b, server))
	}
	base := load(memory)
	redis := redistest.Start(b)
	return []result{
		measure(status+", Redis store, warm : memory store", 0.80, load(fmt.Sprintf("{kind: redis, redis: {addresses: [%q]}}", redis.Address)), base, sliceTime),
		measure(status+", SQLite store : memory store", 0.60, load(fmt.Sprintf("{kind: sqlite, sqlite: {path: %q}}", filepath.Join(b.TempDir(), "ocsso.db"))), base, sliceTime),
	}
}

// ofSessions compares many sessions with few.
func ofSessions(b testing.TB, binary string) []result {
	b.Helper()
	const few, many = 1_000, 1_000_000
	small, large := startServer(b, binary, memory), startServer(b, binary, memory)
	some, all := logInMany(b, small, few), logInMany(b, large, many)
	base := statusLoad(b, small, some...)
	return []result{
		measure(status+", 1,000,000 sessions, 1,000 of them in use : 1,000 sessions", 0.95, statusLoad(b, large, all[:few]...), base, sliceTime),
		measure(status+", 1,000,000 sessions, all in use : 1,000 sessions", 0, statusLoad(b, large, all...), base, sliceTime),
	}
}

// underFlood compares one server with itself, while passwords are tried at it.
func underFlood(b testing.TB, binary string) result {
	b.Helper()
	server := startServer(b, binary, memory)
	cookie := logIn(b, server)
	flooded := statusLoad(b, server, cookie)
	flooded.meanwhile = func() (stop func()) { return flood(b, server) }
	return measure(status+", under a login flood : without", 0.50, flooded, statusLoad(b, server, cookie), time.Second)
}

func printTable(rows []result) {
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "\nratio\tat least\t\tslices kept\tper second\tof\t  what")
	for _, r := range rows {
		if r.kept < enough {
			fmt.Fprintf(table, "?\t%.2f\ttoo busy a machine\t%d of %d\t\t\t  %s\n", r.target, r.kept, slicePairs, r.what)
			continue
		}
		missed := ""
		if r.ratio < r.target {
			missed = "missed"
		}
		fmt.Fprintf(table, "%.2f\t%.2f\t%s\t%d of %d\t%.0f\t%.0f\t  %s\n", r.ratio, r.target, missed, r.kept, slicePairs, r.ours, r.base, r.what)
	}
	table.Flush()
}

// printResident prints the resident memory after a minute of status calls.
func printResident(b testing.TB, binary string) {
	b.Helper()
	server := startServer(b, binary, memory)
	statusLoad(b, server, logIn(b, server)).run(time.Minute)
	fmt.Printf("%.1f MB resident after a minute of %s (at most 20)\n", server.resident(), status)
}

// printStart prints how long it takes from starting the process until the first answer.
func printStart(b testing.TB, binary string) {
	b.Helper()
	const starts = 21
	var took []float64
	for range starts {
		server := newServer(b, binary, memory)
		begun := time.Now()
		server.start(server.command)
		exchange(b, server, get(server, "/login/status", ""))
		took = append(took, float64(time.Since(begun).Microseconds())/1000)
		server.stop()
	}
	fmt.Printf("%.1f ms from start to the first answer, the median of %d (at most 15)\n", median(took), starts)
}

// cookieLine finds the session cookie in a login's answer.
var cookieLine = regexp.MustCompile(`(?m)^Set-Cookie: (__Host-ocsso=[^;]+)`)

func loginRequest(p *process) []byte { return post(p, "/login", "usercode=minji&password="+password) }

// cookieOf returns the cookie that a login's answer sets.
func cookieOf(b testing.TB, answer []byte) string {
	found := cookieLine.FindSubmatch(answer)
	if found == nil {
		b.Fatalf("got %q, want a cookie", answer)
	}
	return string(found[1])
}

// logIn returns the cookie of a new session.
func logIn(b testing.TB, p *process) string {
	b.Helper()
	return cookieOf(b, exchange(b, p, loginRequest(p)))
}

// logInMany starts n sessions, n being a multiple of connections, and returns their cookies.
func logInMany(b testing.TB, p *process, n int) (cookies []string) {
	b.Helper()
	request := loginRequest(p)
	l := newLoad(b, p, "HTTP/1.1 303 See Other\r\n", func() []byte { return request })
	l.connect()
	for _, c := range l.conns {
		l.ask(c)
	}
	for {
		for _, c := range l.conns {
			if cookies = append(cookies, cookieOf(b, l.read(c))); len(cookies) == n {
				return cookies
			}
			l.ask(c)
		}
	}
}

// statusLoad asks as the help center's script does, for the members who have these cookies, in turn.
func statusLoad(b testing.TB, p *process, cookies ...string) *load {
	b.Helper()
	const name = "Cookie: "
	request := get(p, "/login/status", "Origin: "+helpCenter+"\r\nReferer: "+helpCenter+"/\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: cors\r\n"+name+cookies[0]+"\r\n")
	at, next := bytes.Index(request, []byte(name))+len(name), 0
	l := newLoad(b, p, ok, func() []byte {
		next = (next + 1) % len(cookies)
		copy(request[at:], cookies[next]) // all have the same length
		return request
	})
	l.body = loggedIn
	return l
}

// bareLoad gives to l's requests an answer that l's server has given.
func bareLoad(b testing.TB, l *load) *load {
	b.Helper()
	bare := startBare(b, exchange(b, l.process, l.request()))
	return newLoad(b, bare, ok, l.request)
}

var tokenField = regexp.MustCompile(`name="token" value="([^"]+)"`)

// verifyLoad asks as the help center's server does, about a token that was issued by a handoff.
func verifyLoad(b testing.TB, p *process) *load {
	b.Helper()
	page := exchange(b, p, get(p, "/login?returnUrl="+helpCenter+"/hangame/hc/ticket/", "Cookie: "+logIn(b, p)+"\r\n"))
	found := tokenField.FindSubmatch(page)
	if found == nil {
		b.Fatalf("got %q, want a token", page)
	}
	token := url.QueryEscape(html.UnescapeString(string(found[1])))
	request := fmt.Appendf(nil, "GET /token/verify?usercode=minji&token=%s HTTP/1.1\r\nHost: %s\r\nAccept: application/json\r\n\r\n", token, p.address)
	l := newLoad(b, p, ok, func() []byte { return request })
	l.body = loggedIn
	return l
}

// handoffLoad asks for handoff pages of a member who is logged in, each to another inquiry: a member who comes to the same one again
// and again is held back.
func handoffLoad(b testing.TB, p *process) *load {
	b.Helper()
	const digits = "000000000"
	request := get(p, "/login?returnUrl="+helpCenter+"/hangame/hc/ticket/%3Fid%3D"+digits, "Sec-Fetch-Dest: document\r\nSec-Fetch-Mode: navigate\r\nCookie: "+logIn(b, p)+"\r\n")
	end := bytes.Index(request, []byte(" HTTP/1.1"))
	return newLoad(b, p, ok, func() []byte {
		for i := end - 1; i >= end-len(digits); i-- {
			if request[i]++; request[i] <= '9' {
				break
			}
			request[i] = '0'
		}
		return request
	})
}

// flood tries passwords, several at a time, until it is stopped. Each is as dear to check as one is that ships. Unlike the
// generator, which has to have the core, it sleeps while it waits.
func flood(b testing.TB, p *process) (stop func()) {
	b.Helper()
	const attackers = 8
	form := url.Values{"usercode": {"flooded"}, "password": {"wrong"}}
	done := make(chan struct{})
	var attacks sync.WaitGroup
	for range attackers {
		attacks.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				resp, err := http.PostForm("http://"+p.address+"/login", form)
				if err != nil {
					b.Error(err)
					return
				}
				io.Copy(io.Discard, resp.Body)
				resp.Body.Close()
			}
		})
	}
	return func() {
		close(done)
		attacks.Wait()
	}
}
