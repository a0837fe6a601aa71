// Package bench measures the built server over the wire and prints a table.
//
// Each ratio compares two servers within one run, in short alternating slices, with both servers on
// the same core and the load generator on another. The figures depend on the machine, the ratios
// much less. Nothing here fails because of a figure.
package bench

import (
	"bytes"
	"flag"
	"fmt"
	"html"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"ocsso/internal/kv/redis/redistest"
)

var pairs = flag.Int("pairs", 15, "how many pairs of slices make a ratio")

const (
	warmUp     = time.Second
	shortSlice = 200 * time.Millisecond
	longSlice  = time.Second // long enough for several password checks

	statusPath = "GET /login/status"
	verifyPath = "GET /token/verify"
	handoff    = "GET /login, handoff page"

	loggedIn = `{"login":"true","usercode":"minji"}`

	memory = "{kind: memory}"
)

// BenchmarkServer prints the table.
func BenchmarkServer(b *testing.B) {
	binary := build(b)
	for b.Loop() {
		var t table
		againstNetHTTP(b, binary, &t)
		againstMemoryStore(b, binary, &t)
		underFlood(b, binary, &t)
		logins(b, binary, &t)
		resident(b, binary, &t)
		start(b, binary, &t)
		t.print()
	}
}

// againstNetHTTP compares with two other servers: one sends our answer from memory with our headers
// and timeouts, the other is what one would write by hand.
func againstNetHTTP(b testing.TB, binary string, t *table) {
	server := startServer(b, binary, oneCore, memory)
	cookie, token := logIn(server), issueToken(server)
	for _, row := range []struct {
		what, keep string
		load       *load
	}{
		{statusPath, "at least 0.65", statusLoad(server, cookie)},
		{verifyPath, "at least 0.60", verifyLoad(server, token)},
		{handoff, "at least 0.28", handoffLoad(server, cookie)},
	} {
		answer := filepath.Join(b.TempDir(), "answer")
		if err := os.WriteFile(answer, server.exchange(row.load.request()), 0o600); err != nil {
			b.Fatal(err)
		}
		bare, byHand := *row.load, *row.load
		bare.process = startOther(b, bareAnswer+"="+answer)
		t.ratio(row.what+" : net/http, same headers and timeouts", row.keep, row.load.run, bare.run, shortSlice)
		byHand.process = startOther(b, byHandCookie+"="+cookie, byHandToken+"="+token)
		t.ratio(row.what+" : net/http, written by hand", "", row.load.run, byHand.run, shortSlice)
	}
}

// againstMemoryStore compares the other stores with memory.
func againstMemoryStore(b testing.TB, binary string, t *table) {
	load := func(store string) func(time.Duration) float64 {
		server := startServer(b, binary, oneCore, store)
		return statusLoad(server, logIn(server)).run
	}
	base := load(memory)
	file := fmt.Sprintf("{kind: file, file: {path: %q}}", filepath.Join(b.TempDir(), "ocsso.db"))
	t.ratio(statusPath+", a file : memory", "at least 0.45", load(file), base, shortSlice)
	redis := fmt.Sprintf("{kind: redis, redis: {addresses: [%q]}}", redistest.Start(b).Address)
	t.ratio(statusPath+", Redis : memory", "", load(redis), base, shortSlice)
}

// underFlood compares a server on two cores with itself while others try passwords.
func underFlood(b testing.TB, binary string, t *table) {
	server := startServer(b, binary, twoCores, memory)
	quiet := statusLoad(server, logIn(server)).run
	flooded := func(long time.Duration) float64 {
		defer server.postLogins("wrong")()
		return quiet(long)
	}
	t.ratio(statusPath+", under a login flood : quiet, two cores", "at least 0.50", flooded, quiet, longSlice)
}

// logins counts logins with a password hash of the strength that hash-password makes.
func logins(b testing.TB, binary string, t *table) {
	server := startServer(b, binary, twoCores, memory)
	var rates []float64
	for i := range *pairs + 1 {
		begun := time.Now()
		stop := server.postLogins(password)
		time.Sleep(longSlice)
		if n := stop(); i > 0 { // the first warms up
			rates = append(rates, float64(n)/time.Since(begun).Seconds())
		}
	}
	t.figure("logins a second, two cores", "at least 30", rates)
}

// resident measures the resident memory, in MB of a million bytes.
func resident(b testing.TB, binary string, t *table) {
	server := startServer(b, binary, oneCore, memory)
	statusLoad(server, logIn(server)).run(20 * time.Second)
	t.figure("MB resident after a load of "+statusPath, "at most 26", []float64{server.resident()})
}

// start measures the time from starting the process to its first answer.
func start(b testing.TB, binary string, t *table) {
	server := startServer(b, binary, oneCore, memory)
	var took []float64
	for range *pairs {
		server.stop()
		begun := time.Now()
		server.start()
		server.exchange(server.get("/login/status", ""))
		took = append(took, float64(time.Since(begun).Microseconds())/1000)
	}
	t.figure("ms from start to the first answer", "at most 25", took)
}

var cookieLine = regexp.MustCompile(`(?m)^Set-Cookie: (__Host-ocsso[^=]*=[^;]+)`)

// logIn starts a session of minji's and returns its cookie, name=value.
func logIn(p *process) string {
	form := "usercode=minji&password=" + password
	page := p.exchange(fmt.Appendf(nil, "POST /login HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\n"+
		"Content-Type: application/x-www-form-urlencoded\r\n\r\n%s", p.address, len(form), form))
	found := cookieLine.FindSubmatch(page)
	if found == nil {
		p.b.Fatalf("got %q, want a cookie", page)
	}
	return string(found[1])
}

var tokenField = regexp.MustCompile(`name="token" value="([^"]+)"`)

// issueToken logs a member in and returns the token of a handoff.
func issueToken(p *process) string {
	target := "/login?returnUrl=" + helpCenter + "/hangame/hc/ticket/"
	page := p.exchange(p.get(target, "Cookie: "+logIn(p)+"\r\n"))
	found := tokenField.FindSubmatch(page)
	if found == nil {
		p.b.Fatalf("got %q, want a token", page)
	}
	return html.UnescapeString(string(found[1]))
}

// statusLoad asks as the help center's script does.
func statusLoad(p *process, cookie string) *load {
	request := p.get("/login/status", "Origin: "+helpCenter+"\r\nReferer: "+helpCenter+"/\r\n"+
		"Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: cors\r\nCookie: "+cookie+"\r\n")
	return &load{process: p, want: loggedIn, request: func() []byte { return request }}
}

// verifyLoad asks as the help center's server does.
func verifyLoad(p *process, token string) *load {
	request := fmt.Appendf(nil, "GET /token/verify?usercode=minji&token=%s HTTP/1.1\r\nHost: %s\r\n"+
		"Accept: application/json\r\n\r\n", url.QueryEscape(token), p.address)
	return &load{process: p, want: loggedIn, request: func() []byte { return request }}
}

// handoffLoad asks for handoff pages, each to another inquiry, by the button of the loop page: a
// member who comes again and again meets that page otherwise.
func handoffLoad(p *process, cookie string) *load {
	const digits = "000000000"
	request := p.get("/login?returnUrl="+helpCenter+"/hangame/hc/ticket/%3Fid%3D"+digits,
		"Sec-Fetch-Dest: document\r\nSec-Fetch-Mode: navigate\r\nCookie: "+cookie+"\r\n")
	request = bytes.Replace(request, []byte("/login?"), []byte("/login?continue=1&"), 1)
	end, next := bytes.Index(request, []byte(" HTTP/1.1")), 0
	return &load{process: p, want: `name="token"`, request: func() []byte {
		next++
		copy(request[end-len(digits):end], fmt.Sprintf("%0*d", len(digits), next))
		return request
	}}
}
