package check

import (
	"context"
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"ocsso/internal/devtools/standin"
)

// The tests share a browser. Each run in it has a proxy of its own, which leads every name to the
// integration that it tries.
var shared struct {
	once    sync.Once
	browser *Browser
	err     error
	worlds  sync.Map // *world by *Center
}

func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", "4"); err != nil { // a run mostly waits for a page to come to rest
		panic(err)
	}
	code := m.Run()
	if shared.browser != nil {
		if err := shared.browser.Close(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

// installed returns the path of a browser.
func installed(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Fatal("got no chromium, chromium-browser or google-chrome on the path: install Chromium")
	return ""
}

func sharedBrowser(t *testing.T) *Browser {
	t.Helper()
	shared.once.Do(func() {
		shared.browser, shared.err = StartBrowser(context.Background(), BrowserOptions{Path: installed(t), HelpCenter: "https://none.example", AnyCertificate: true})
		if shared.err == nil {
			shared.browser.proxy = func(center *Center) string {
				w, _ := shared.worlds.Load(center)
				return w.(*world).address
			}
		}
	})
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	return shared.browser
}

// realOrigin is a help center that knows the organization key.
const realOrigin = "https://real.oc.example"

var anyCertificate = sync.OnceValues(func() (tls.Certificate, error) {
	certificate, _, err := selfSigned("test")
	return certificate, err
})

// A world is what a run sees of the network: an integration and the help center.
type world struct {
	center      *Center
	site        http.Handler
	centerClock time.Duration // is added to the help center's Date
	address     string        // of the proxy
	inner       connections
	certificate tls.Certificate
}

// newWorld serves a world until the test ends. Requests to the site come one after the other.
func newWorld(t *testing.T, center *Center, site http.Handler) *world {
	t.Helper()
	w := &world{center: center, inner: connections{make(chan net.Conn), make(chan struct{})}}
	var mu sync.Mutex
	w.site = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		site.ServeHTTP(rw, r)
	})
	certificate, err := anyCertificate()
	if err != nil {
		t.Fatal(err)
	}
	w.certificate = certificate
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w.address = listener.Addr().String()
	quiet := log.New(io.Discard, "", 0)
	proxy := &http.Server{Handler: http.HandlerFunc(w.connect), ErrorLog: quiet}
	server := &http.Server{Handler: http.HandlerFunc(w.serve), ErrorLog: quiet}
	go proxy.Serve(listener)
	go server.Serve(w.inner)
	shared.worlds.Store(center, w)
	t.Cleanup(func() {
		proxy.Close()
		server.Close()
		shared.worlds.Delete(center)
	})
	return w
}

// connect is the proxy: it speaks TLS for every name.
func (w *world) connect(rw http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodConnect {
		w.serve(rw, r)
		return
	}
	conn, _, err := rw.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\n")
	select {
	case w.inner.waiting <- tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{w.certificate}}):
	case <-w.inner.closed:
		conn.Close()
	}
}

func (w *world) serve(rw http.ResponseWriter, r *http.Request) {
	switch host, _, _ := strings.Cut(r.Host, ":"); {
	case "https://"+host == centerOrigin:
		rw.Header().Set("Date", time.Now().UTC().Add(w.centerClock).Format(http.TimeFormat))
		w.center.ServeHTTP(rw, r)
	case "https://"+host == realOrigin:
		real, err := standin.New(slog.New(slog.DiscardHandler), http.DefaultClient, time.Now, standin.Settings{Enabled: true, Guests: true, Type: standin.TypePOST,
			Service: testService, OrganizationKey: testKey, LoginURL: siteOrigin + "/login", LoginStatusURL: siteOrigin + "/status"})
		if err != nil {
			panic(err)
		}
		r.Host = strings.TrimPrefix(centerOrigin, "https://") // whose pages the handoffs return to
		real.ServeHTTP(rw, r)
	case host == "shop.example" || strings.HasSuffix(host, ".shop.example"):
		w.site.ServeHTTP(rw, r)
	default:
		http.Error(rw, "nobody is called "+host, http.StatusBadGateway)
	}
}

// transport sends plain HTTP to the world.
func (w *world) transport(t *testing.T) *http.Transport {
	proxy := &url.URL{Scheme: "http", Host: w.address}
	transport := &http.Transport{Proxy: http.ProxyURL(proxy), TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	t.Cleanup(transport.CloseIdleConnections)
	return transport
}

// connections is a listener that is given its connections.
type connections struct {
	waiting chan net.Conn
	closed  chan struct{}
}

func (c connections) Accept() (net.Conn, error) {
	select {
	case conn := <-c.waiting:
		return conn, nil
	case <-c.closed:
		return nil, errors.New("closed")
	}
}

func (c connections) Close() error {
	close(c.closed)
	return nil
}

func (c connections) Addr() net.Addr { return &net.TCPAddr{} }

// runIn runs cases in a world.
func runIn(t *testing.T, w *world, target Target, lang Lang, cases []Case) Report {
	t.Helper()
	target.Center = w.center
	report, err := Run(t.Context(), target, cases, w.transport(t), time.Now, lang, nil)
	if err != nil {
		t.Fatal(err)
	}
	return report
}
