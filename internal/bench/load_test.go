package bench

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// connections is how many requests are under way at once, each on a keep-alive connection.
const connections = 32

// A load sends requests to one server, from one goroutine. It reads the answer on a connection,
// writes the next request there and goes on to the next connection, so the server always has work.
type load struct {
	process *process
	want    string        // part of every answer
	request func() []byte // makes the next request; valid until the next call
	conns   []*connection
}

// A connection polls its socket and never sleeps. To wake a sleeping load generator costs the
// server's core time, and more often on a slow server, which would then look slower than it is.
type connection struct {
	net.Conn
	raw    syscall.RawConn
	buffer [16 << 10]byte
}

func (p *process) dial() *connection {
	conn, err := net.Dial("tcp", p.address)
	if err != nil {
		p.b.Fatal(err)
	}
	p.b.Cleanup(func() { conn.Close() })
	raw, err := conn.(*net.TCPConn).SyscallConn()
	if err != nil {
		p.b.Fatal(err)
	}
	return &connection{Conn: conn, raw: raw}
}

// poll returns the next bytes.
func (c *connection) poll(into []byte) (n int, err error) {
	for {
		c.raw.Read(func(fd uintptr) (done bool) {
			n, err = syscall.Read(int(fd), into)
			return true
		})
		switch {
		case err == syscall.EAGAIN || err == syscall.EINTR:
			syscall.RawSyscall(syscall.SYS_SCHED_YIELD, 0, 0, 0) // Redis may need this core
		case err == nil && n == 0: // closed
			return 0, io.EOF
		default:
			return n, err
		}
	}
}

// run makes requests for so long and returns how many the server answered a second.
func (l *load) run(long time.Duration) float64 {
	for len(l.conns) < connections {
		l.conns = append(l.conns, l.process.dial())
	}
	for _, c := range l.conns {
		l.process.ask(c, l.request())
	}
	done, start := 0, time.Now()
	for time.Since(start) < long {
		for _, c := range l.conns {
			l.read(c)
			l.process.ask(c, l.request())
		}
		done += len(l.conns)
	}
	took := time.Since(start)
	for _, c := range l.conns {
		l.read(c)
	}
	return float64(done) / took.Seconds()
}

// read reads one answer and checks it.
func (l *load) read(c *connection) {
	answer := l.process.read(c)
	if !bytes.HasPrefix(answer, []byte("HTTP/1.1 200 OK\r\n")) || !bytes.Contains(answer, []byte(l.want)) {
		l.process.b.Fatalf("got %q, want a status of 200 and %q", answer, l.want)
	}
}

func (p *process) ask(c *connection, request []byte) {
	if _, err := c.Write(request); err != nil {
		p.b.Fatal(err)
	}
}

// read returns one answer, valid until the next read of the connection.
func (p *process) read(c *connection) []byte {
	n := 0
	for !whole(c.buffer[:n]) {
		more, err := c.poll(c.buffer[n:])
		if err != nil {
			p.b.Fatalf("%v after %q", err, c.buffer[:n])
		}
		n += more
	}
	return c.buffer[:n]
}

// whole reports whether data is an answer with all of its body.
func whole(data []byte) bool {
	header, body, found := bytes.Cut(data, []byte("\r\n\r\n"))
	if !found {
		return false
	}
	_, rest, found := bytes.Cut(header, []byte("\r\nContent-Length: "))
	if !found { // chunked
		return bytes.HasSuffix(body, []byte("0\r\n\r\n"))
	}
	digits, _, _ := bytes.Cut(rest, []byte("\r\n"))
	length, err := strconv.Atoi(string(digits))
	return err == nil && len(body) >= length
}

// exchange makes one request on a connection of its own and returns the answer.
func (p *process) exchange(request []byte) []byte {
	c := p.dial()
	defer c.Close()
	p.ask(c, request)
	return p.read(c)
}

// get is a GET as a browser sends it. Each line of header ends in "\r\n".
func (p *process) get(target, header string) []byte {
	return fmt.Appendf(nil, "GET %s HTTP/1.1\r\nHost: %s\r\nAccept: */*\r\nAccept-Encoding: gzip, deflate, br\r\n"+
		"Accept-Language: ko-KR,ko;q=0.9\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 "+
		"(KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36\r\n%s\r\n", target, p.address, header)
}

// postLogins logs in as the member whose password takes work to check, several at a time, until
// stop, which returns how many logins succeeded.
func (p *process) postLogins(password string) (stop func() (succeeded int64)) {
	const clients = 8
	form := url.Values{"usercode": {"dear"}, "password": {password}}
	client := http.Client{
		Transport:     &http.Transport{MaxIdleConnsPerHost: clients},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	var stopping atomic.Bool
	var succeeded atomic.Int64
	var running sync.WaitGroup
	for range clients {
		running.Go(func() {
			for !stopping.Load() {
				resp, err := client.PostForm("http://"+p.address+"/login", form)
				if err != nil {
					p.b.Error(err)
					return
				}
				io.Copy(io.Discard, resp.Body)
				resp.Body.Close()
				if resp.StatusCode == http.StatusSeeOther {
					succeeded.Add(1)
				}
			}
		})
	}
	return func() int64 {
		stopping.Store(true)
		running.Wait()
		client.CloseIdleConnections()
		return succeeded.Load()
	}
}
