package cli

import (
	"bytes"
	"crypto/tls"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// An http2Client is one connection whose frames the test writes and reads.
type http2Client struct {
	*http2.Framer
	t *testing.T
}

// dialHTTP2 serves an endpoint over TLS, as `ocsso serve` does, and connects to it with settings.
func dialHTTP2(t *testing.T, e Endpoint, settings ...http2.Setting) http2Client {
	t.Helper()
	ready := httptest.NewTLSServer(nil) // for its certificate
	defer ready.Close()
	listener, err := Listen("127.0.0.1:0", &tls.Config{Certificates: ready.TLS.Certificates})
	if err != nil {
		t.Fatal(err)
	}
	server := e.server(slog.New(slog.DiscardHandler))
	go server.Serve(listener)
	t.Cleanup(func() { server.Close() })

	config := ready.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
	config.NextProtos = []string{"h2"}
	conn, err := tls.Dial("tcp", listener.Addr().String(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if _, err := conn.Write([]byte(http2.ClientPreface)); err != nil {
		t.Fatal(err)
	}
	c := http2Client{http2.NewFramer(conn, conn), t}
	c.must(c.WriteSettings(settings...))
	return c
}

func (c http2Client) must(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}

// get asks for the page on a new stream.
func (c http2Client) get(stream uint32) {
	c.t.Helper()
	var block bytes.Buffer
	headers := hpack.NewEncoder(&block)
	for _, h := range []hpack.HeaderField{
		{Name: ":method", Value: "GET"}, {Name: ":scheme", Value: "https"}, {Name: ":authority", Value: "localhost"}, {Name: ":path", Value: "/"},
	} {
		c.must(headers.WriteField(h))
	}
	c.must(c.WriteHeaders(http2.HeadersFrameParam{StreamID: stream, BlockFragment: block.Bytes(), EndStream: true, EndHeaders: true}))
}

// wantReset reads until the server resets a stream.
func (c http2Client) wantReset() *http2.RSTStreamFrame {
	c.t.Helper()
	for {
		frame, err := c.ReadFrame()
		if err != nil {
			c.t.Fatalf("got %v, want a stream to be reset", err)
		}
		switch frame := frame.(type) {
		case *http2.SettingsFrame:
			if !frame.IsAck() {
				c.must(c.WriteSettingsAck())
			}
		case *http2.RSTStreamFrame:
			return frame
		}
	}
}

// shortTimeout bounds the handshake, too, which takes a while on a busy machine.
const shortTimeout = time.Second

// TestAClientThatReadsNoAnswersIsCutOff has one with a window of 0: it opens streams and lets the
// server keep the answers.
func TestAClientThatReadsNoAnswersIsCutOff(t *testing.T) {
	ended := make(chan error, 1)
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, err := w.Write(make([]byte, 1<<20))
		ended <- err
	})
	c := dialHTTP2(t, Endpoint{Handler: handler, WriteTimeout: shortTimeout},
		http2.Setting{ID: http2.SettingInitialWindowSize, Val: 0})
	c.get(1)
	if got := c.wantReset(); got.StreamID != 1 {
		t.Errorf("stream %d is reset, want 1", got.StreamID)
	}
	if err := <-ended; err == nil {
		t.Error("the handler wrote its answer, want an error")
	}
}

// TestAClientThatStopsReadingIsCutOff has one that doesn't read from its connection any more, so
// that nothing can be reset.
func TestAClientThatStopsReadingIsCutOff(t *testing.T) {
	ended := make(chan error, 1)
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var err error
		for err == nil {
			_, err = w.Write(make([]byte, 1<<20))
		}
		ended <- err
	})
	c := dialHTTP2(t, Endpoint{Handler: handler, WriteTimeout: shortTimeout},
		http2.Setting{ID: http2.SettingInitialWindowSize, Val: 1<<31 - 1})
	c.must(c.WriteWindowUpdate(0, 1<<30))
	c.get(1)
	<-ended // or the handler still writes
}

func TestAConnectionHasABoundedNumberOfStreams(t *testing.T) {
	running, end := make(chan bool, 100), make(chan bool)
	defer close(end)
	handler := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { running <- true; <-end })
	c := dialHTTP2(t, Endpoint{Handler: handler})
	for i := range uint32(maxStreams + 1) {
		c.get(2*i + 1)
	}
	if got := c.wantReset(); got.StreamID != 2*maxStreams+1 {
		t.Errorf("stream %d is reset, want the last one, %d", got.StreamID, 2*maxStreams+1)
	}
	for range maxStreams {
		<-running
	}
	if len(running) != 0 {
		t.Errorf("%d requests more than %d are served", len(running), maxStreams)
	}
}
