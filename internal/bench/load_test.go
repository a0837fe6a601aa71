package bench

import (
	"bytes"
	"fmt"
	"net"
	"strconv"
	"testing"
	"time"
)

// connections is how many requests are under way at once, each on a keep-alive connection of its own.
const connections = 32

// A load asks one server the same thing again and again. One goroutine does it: it reads the answer on a connection,
// writes the next request there and goes on to the next connection, so that the server always has work, and the
// generator makes no more than two system calls a request.
type load struct {
	b       testing.TB
	process *process
	request func() []byte // of the next request; good until the call after it
	answer  string        // how every answer begins
	// meanwhile, if not nil, is begun before each slice and stopped after it.
	meanwhile func() (stop func())
	conns     []*connection
}

// A connection has what it has read and not yet used.
type connection struct {
	net.Conn
	buffer [16 << 10]byte
}

func newLoad(b testing.TB, p *process, answer string, request func() []byte) *load {
	return &load{b: b, process: p, request: request, answer: answer}
}

// connect opens the connections. A server closes those on which it hears nothing for some seconds.
func (l *load) connect() {
	l.b.Helper()
	for range connections {
		conn, err := net.Dial("tcp", l.process.address)
		if err != nil {
			l.b.Fatal(err)
		}
		l.b.Cleanup(func() { conn.Close() })
		l.conns = append(l.conns, &connection{Conn: conn})
	}
}

// A slice is what one server did in a short time.
type slice struct {
	rate float64 // requests a second
	busy float64 // the part of a core that the server's process used
}

// run makes requests for so long.
func (l *load) run(long time.Duration) slice {
	l.b.Helper()
	if l.conns == nil {
		l.connect()
	}
	if l.meanwhile != nil {
		defer l.meanwhile()()
	}
	for _, c := range l.conns {
		l.ask(c)
	}
	done := 0
	cpu, start := l.process.cpu(), time.Now()
	for time.Since(start) < long {
		for _, c := range l.conns {
			l.read(c)
			l.ask(c)
		}
		done += len(l.conns)
	}
	took := time.Since(start)
	s := slice{rate: float64(done) / took.Seconds(), busy: (l.process.cpu() - cpu).Seconds() / took.Seconds()}
	for _, c := range l.conns {
		l.read(c)
	}
	return s
}

func (l *load) ask(c *connection) {
	if _, err := c.Write(l.request()); err != nil {
		l.b.Fatal(err)
	}
}

// read reads one answer, checks how it begins, and returns all of it.
func (l *load) read(c *connection) []byte {
	n := 0
	for {
		more, err := c.Read(c.buffer[n:])
		if err != nil {
			l.b.Fatalf("%v after %q", err, c.buffer[:n])
		}
		n += more
		if length, ok := wholeLength(c.buffer[:n]); ok && n >= length {
			break
		}
	}
	if !bytes.HasPrefix(c.buffer[:n], []byte(l.answer)) {
		l.b.Fatalf("got %q, want an answer that begins with %q; the server's log:\n%s", c.buffer[:n], l.answer, l.process.log())
	}
	return c.buffer[:n]
}

// wholeLength is how long the answer is that begins with data, once its header is there.
func wholeLength(data []byte) (int, bool) {
	head := bytes.Index(data, []byte("\r\n\r\n"))
	if head < 0 {
		return 0, false
	}
	const name = "Content-Length: "
	at := bytes.Index(data[:head], []byte(name))
	if at < 0 {
		return head + 4, true
	}
	digits := data[at+len(name):]
	body, err := strconv.Atoi(string(digits[:bytes.IndexByte(digits, '\r')]))
	return head + 4 + body, err == nil
}

// exchange makes one request on a connection of its own and returns the answer.
func exchange(b testing.TB, p *process, request []byte) []byte {
	b.Helper()
	conn, err := net.Dial("tcp", p.address)
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	l := newLoad(b, p, "HTTP/1.1 ", func() []byte { return request })
	c := &connection{Conn: conn}
	l.ask(c)
	return bytes.Clone(l.read(c))
}

// get is a GET as a browser's script sends it, with lines of header that end in "\r\n".
func get(p *process, target, header string) []byte {
	return fmt.Appendf(nil, "GET %s HTTP/1.1\r\nHost: %s\r\nAccept: */*\r\nAccept-Encoding: gzip, deflate, br\r\nAccept-Language: ko-KR,ko;q=0.9\r\n"+
		"User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36\r\n%s\r\n", target, p.address, header)
}

// post is a form's POST.
func post(p *process, target, form string) []byte {
	return fmt.Appendf(nil, "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s",
		target, p.address, len(form), form)
}

// body is the part of an answer after its header.
func body(answer []byte) string {
	_, after, _ := bytes.Cut(answer, []byte("\r\n\r\n"))
	return string(after)
}
