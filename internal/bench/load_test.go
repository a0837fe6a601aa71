package bench

import (
	"bytes"
	"fmt"
	"io"
	"net/netip"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// connections is how many requests are under way at once, each on a keep-alive connection of its own.
const connections = 32

// A load asks one server the same thing again and again. One goroutine does it: it reads the answer on a connection,
// writes the next request there and goes on to the next connection, so that the server always has work.
type load struct {
	b       testing.TB
	process *process
	request func() []byte // of the next request; good until the call after it
	answer  string        // how every answer begins
	body    string        // how every answer ends; may be ""
	// meanwhile, if not nil, is begun before each slice and stopped after it.
	meanwhile func() (stop func())
	conns     []*connection
}

// A connection is a socket that is read without ever waiting for it. A generator that slept would have to be woken by the server,
// whose core pays for that: the slower of two servers, for which the generator waits more often, would look slower than it is.
type connection struct {
	socket int
	buffer [16 << 10]byte
}

// dial connects to an address of 127.0.0.1.
func dial(address string) (*connection, error) {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return nil, err
	}
	socket, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err != nil {
		return nil, err
	}
	c := &connection{socket: socket}
	if err := syscall.Connect(socket, &syscall.SockaddrInet4{Port: int(to.Port()), Addr: to.Addr().As4()}); err != nil {
		c.close()
		return nil, err
	}
	return c, syscall.SetsockoptInt(socket, syscall.IPPROTO_TCP, syscall.TCP_NODELAY, 1)
}

func (c *connection) close() { syscall.Close(c.socket) }

// read returns some bytes, and asks until there are any.
func (c *connection) read(into []byte) (int, error) {
	for {
		n, _, err := syscall.Recvfrom(c.socket, into, syscall.MSG_DONTWAIT)
		switch {
		case err == syscall.EAGAIN || err == syscall.EINTR:
			syscall.RawSyscall(syscall.SYS_SCHED_YIELD, 0, 0, 0) // for a machine with one core
		case err == nil && n == 0:
			return 0, io.EOF
		default:
			return n, err
		}
	}
}

// write sends all of a request, which fits into the socket's buffer.
func (c *connection) write(request []byte) error {
	n, err := syscall.Write(c.socket, request)
	if err == nil && n < len(request) {
		err = io.ErrShortWrite
	}
	return err
}

func newLoad(b testing.TB, p *process, answer string, request func() []byte) *load {
	return &load{b: b, process: p, request: request, answer: answer}
}

// connect opens the connections. A server closes those on which it hears nothing for some seconds.
func (l *load) connect() {
	l.b.Helper()
	for range connections {
		c, err := dial(l.process.address)
		if err != nil {
			l.b.Fatal(err)
		}
		l.b.Cleanup(c.close)
		l.conns = append(l.conns, c)
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
	if err := c.write(l.request()); err != nil {
		l.b.Fatal(err)
	}
}

// read reads one answer, checks how it begins and ends, and returns all of it.
func (l *load) read(c *connection) []byte {
	n := 0
	for {
		more, err := c.read(c.buffer[n:])
		if err != nil {
			l.b.Fatalf("%v after %q", err, c.buffer[:n])
		}
		n += more
		if length, ok := wholeLength(c.buffer[:n]); ok && n >= length {
			break
		}
	}
	if !bytes.HasPrefix(c.buffer[:n], []byte(l.answer)) || !bytes.HasSuffix(c.buffer[:n], []byte(l.body)) {
		l.b.Fatalf("got %q, want an answer that begins with %q and ends with %q; the server's log:\n%s", c.buffer[:n], l.answer, l.body, l.process.log())
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
	c, err := dial(p.address)
	if err != nil {
		b.Fatal(err)
	}
	defer c.close()
	l := newLoad(b, p, "HTTP/1.1 ", func() []byte { return request })
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
