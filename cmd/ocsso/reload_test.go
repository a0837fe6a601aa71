package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"ocsso/internal/config"
	"ocsso/internal/metrics"
	"ocsso/internal/token"
)

// hangUp sends this process a SIGHUP and waits until the log has line once more.
func (d served) hangUp(line string) {
	d.t.Helper()
	before := strings.Count(d.log.String(), line)
	if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
		d.t.Fatal(err)
	}
	for deadline := time.Now().Add(10 * time.Second); strings.Count(d.log.String(), line) == before; {
		if time.Now().After(deadline) {
			d.t.Fatalf("got no %q in the log:\n%s", line, d.log)
		}
	}
}

func (d served) write(name, content string) {
	d.t.Helper()
	if err := os.WriteFile(filepath.Join(d.dir, name), []byte(content), 0o600); err != nil {
		d.t.Fatal(err)
	}
}

func logInStatus(d served, usercode string) int {
	d.t.Helper()
	return newClient(d.t).do("POST", d.site+"/login", url.Values{"usercode": {usercode}, "password": {testPassword}}).StatusCode
}

func TestAHangUpReadsTheMembersAgain(t *testing.T) {
	d := serveWith(t, "https://help.example.com", "form")
	if got := logInStatus(d, "newcomer"); got != http.StatusUnauthorized {
		t.Errorf("before: got %d, want 401", got)
	}
	d.write("members.yaml", fmt.Sprintf("members:\n  - usercode: newcomer\n    password_hash: %s\n", cheapHash))
	d.hangUp("members reloaded")
	if got := logInStatus(d, "newcomer"); got != http.StatusSeeOther {
		t.Errorf("after: got %d, want 303", got)
	}
	if got := logInStatus(d, "minji"); got != http.StatusUnauthorized {
		t.Errorf("who is gone: got %d, want 401", got)
	}

	d.write("members.yaml", "members:\n  - usercode: a&b\n")
	d.hangUp("members not reloaded")
	if got := logInStatus(d, "newcomer"); got != http.StatusSeeOther {
		t.Errorf("after a bad file: got %d, want 303 as before", got)
	}
	d.end()
}

func TestAHangUpReadsTheKeysAgain(t *testing.T) {
	d := serveWith(t, "https://help.example.com", "form")
	old := newClient(t)
	old.do("POST", d.site+"/login", url.Values{"usercode": {"minji"}, "password": {testPassword}})
	status := func(c client) string { return readAll(t, c.do("GET", d.site+"/login/status", nil)) }
	const in, out = `{"login":"true","usercode":"minji"}`, `{"login":"false","usercode":null}`

	first, _ := d.environment.lookup("OCSSO_SESSION_KEYS")
	second := newSessionKey()
	d.environment.set("OCSSO_SESSION_KEYS", second+","+first)
	d.hangUp("keys reloaded")
	if got := status(old); got != in {
		t.Errorf("with the old key second: got %s, want %s", got, in)
	}
	fresh := newClient(t)
	fresh.do("POST", d.site+"/login", url.Values{"usercode": {"minji"}, "password": {testPassword}})

	d.environment.set("OCSSO_SESSION_KEYS", second)
	d.hangUp("keys reloaded")
	if got := status(old); got != out {
		t.Errorf("without the old key: got %s, want %s", got, out)
	}
	if got := status(fresh); got != in {
		t.Errorf("signed with the new key: got %s, want %s", got, in)
	}

	d.environment.set("OCSSO_SESSION_KEYS", "changeme")
	d.hangUp("keys not reloaded")
	if got := status(fresh); got != in {
		t.Errorf("after a bad key: got %s, want %s as before", got, in)
	}
	d.end()
}

func TestAHangUpReadsTheOrganizationKeyAgain(t *testing.T) {
	d := serveWith(t, "https://help.example.com", "link")
	c := newClient(t)
	c.do("POST", d.site+"/login", url.Values{"usercode": {"minji"}, "password": {testPassword}})
	wantSigned := func(key string) {
		t.Helper()
		link, err := url.Parse(c.do("GET", d.site+"/help/ticket", nil).Header.Get("Location"))
		if err != nil {
			t.Fatal(err)
		}
		sent := link.Query()
		at, err := strconv.ParseInt(sent.Get("time"), 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		want := token.Sign(token.NewKey(key), token.Claims{
			Service: "hangame", UserCode: sent.Get("usercode"), UserName: sent.Get("username"),
			Email: sent.Get("email"), Phone: sent.Get("phone"), Time: at,
		})
		if got := sent.Get("token"); got != want {
			t.Errorf("got token %s, want %s", got, want)
		}
	}
	wantSigned(testKey)
	const newKey = "9a8b7c6d5e4f30212c3d4e5f6a7b8c9d"
	d.environment.set("OCSSO_HELP_CENTER_ORGANIZATION_KEY", newKey)
	d.hangUp("keys reloaded")
	wantSigned(newKey)
	d.end()
}

func TestOtherChangesAreSaidToTakeARestart(t *testing.T) {
	d := serveWith(t, "https://help.example.com", "form")
	d.environment.set("OCSSO_UI_SITE_NAME", "Other")
	d.hangUp("restart to put them in place")
	d.end()
}

// writeCertificate makes a new certificate and writes it to both files, with a time of its own.
func writeCertificate(t *testing.T, files config.TLS, changed time.Time) (serial string) {
	t.Helper()
	made, _, err := selfSignedTLS(changed)
	if err != nil {
		t.Fatal(err)
	}
	pair := made.Certificates[0]
	key, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	for name, block := range map[string]*pem.Block{
		files.CertFile: {Type: "CERTIFICATE", Bytes: pair.Certificate[0]}, files.KeyFile: {Type: "PRIVATE KEY", Bytes: key},
	} {
		if err := os.WriteFile(name, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(name, changed, changed); err != nil {
			t.Fatal(err)
		}
	}
	return pair.Leaf.SerialNumber.String()
}

func TestANewCertificateIsServedOnceItIsThere(t *testing.T) {
	dir := t.TempDir()
	files := config.TLS{CertFile: filepath.Join(dir, "cert.pem"), KeyFile: filepath.Join(dir, "key.pem")}
	if _, err := loadCertificate(files, slog.New(slog.DiscardHandler)); err == nil {
		t.Error("no files: got no error, want one")
	}
	at := time.Now().Truncate(time.Second)
	first := writeCertificate(t, files, at)
	settings, err := loadCertificate(files, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	listener, err := listen("127.0.0.1:0", settings)
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: http.NotFoundHandler()}
	go server.Serve(listener)
	t.Cleanup(func() { server.Close() })
	serial := func() string {
		t.Helper()
		conn, err := tls.Dial("tcp", listener.Addr().String(), &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2"}})
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if got := conn.ConnectionState().NegotiatedProtocol; got != "h2" {
			t.Errorf("got protocol %q, want h2", got)
		}
		return conn.ConnectionState().PeerCertificates[0].SerialNumber.String()
	}
	if got := serial(); got != first {
		t.Errorf("got certificate %s, want %s", got, first)
	}
	second := writeCertificate(t, files, at.Add(time.Minute))
	if got := serial(); got != second || got == first {
		t.Errorf("got certificate %s, want the new one, %s", got, second)
	}
	if err := os.WriteFile(files.KeyFile, []byte("half a key"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := serial(); got != second {
		t.Errorf("in the middle of a change: got certificate %s, want the old one, %s", got, second)
	}
}

func TestHealthcheck(t *testing.T) {
	status := http.StatusOK
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
	ask := func() int {
		var text strings.Builder
		err := run(context.Background(), []string{"healthcheck", "--url", server.URL}, os.LookupEnv, strings.NewReader(""), &text, &text)
		return report(&text, err)
	}
	if got := ask(); got != 0 {
		t.Errorf("well: got exit %d, want 0", got)
	}
	status = http.StatusServiceUnavailable
	if got := ask(); got != exitFailed {
		t.Errorf("unwell: got exit %d, want %d", got, exitFailed)
	}
	server.Close()
	if got := ask(); got != exitFailed {
		t.Errorf("not there: got exit %d, want %d", got, exitFailed)
	}
}

func TestReadinessWarnsOfAClockThatIsWrong(t *testing.T) {
	ahead := time.Duration(0)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Date", time.Now().Add(ahead).UTC().Format(http.TimeFormat))
	}))
	defer server.Close()
	for _, test := range []struct {
		ahead time.Duration
		want  string
	}{{0, ""}, {20 * time.Second, ""}, {45 * time.Second, "\nwarning: the help center's clock is 4"}, {-time.Hour, "\nwarning: the help center's clock is -"}} {
		ahead = test.ahead
		client, err := newHelpCenterClient(config.HelpCenter{BaseURL: server.URL, Services: []string{"hangame"}, RequestTimeout: time.Minute}, &http.Transport{})
		if err != nil {
			t.Fatal(err)
		}
		watch := &clockWatch{client: client, log: slog.New(slog.DiscardHandler), gauge: metrics.New("test").ClockDifference}
		watch.compare(context.Background())
		if got := watch.warning(); !strings.HasPrefix(got, test.want) || (test.want == "") != (got == "") {
			t.Errorf("%v ahead: got %q, want %q", test.ahead, got, test.want)
		}
	}
}
