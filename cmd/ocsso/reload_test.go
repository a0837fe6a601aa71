package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"ocsso/internal/cli"
	"ocsso/internal/cli/clitest"
	"ocsso/internal/config"
	"ocsso/internal/member"
	"ocsso/internal/metrics"
)

// hangUp sends this process a SIGHUP and waits until the log has line once more.
func (d served) hangUp(line string) {
	d.T.Helper()
	before := strings.Count(d.Log.String(), line)
	if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
		d.T.Fatal(err)
	}
	clitest.WaitUntil(d.T, "the log has "+line, func() bool { return strings.Count(d.Log.String(), line) > before })
}

// row is a member of a member file.
func row(usercode, email string) string {
	return fmt.Sprintf("  - {usercode: %s, password_hash: %q, email: %q}\n", usercode, cheapHash, email)
}

// TestAHangUpReloadsTheMembers: one who was removed is logged out, and one whose data changed is
// handed off with the new.
func TestAHangUpReloadsTheMembers(t *testing.T) {
	d := writeSettings(t, anyHelpCenter).serve(t)
	d.writeMembers(t, "members:\n"+row("minji", "old@example.com")+row("ara", ""))
	d.hangUp("members reloaded")
	minji, ara := loggedInAt(t, d.site), newVisitor(t, "ara")
	if err := ara.logIn(d.site); err != nil {
		t.Fatal(err)
	}
	d.writeMembers(t, "members:\n"+row("minji", "new@example.com")+row("newcomer", ""))
	d.hangUp("members reloaded")
	if page := minji.must(t, "GET", d.site+"/login", nil).body; !strings.Contains(page, "new@example.com") {
		t.Errorf("got %s, want a handoff with the new email", page)
	}
	if page := ara.must(t, "GET", d.site+"/login", nil).body; !strings.Contains(page, "password") {
		t.Errorf("got %s, want the login form", page)
	}
	ara.wantStatus(t, d.site, loggedOut)

	d.writeMembers(t, "members:\n  - usercode: a&b\n")
	d.hangUp("members not reloaded") // the old file stays in use
	minji.wantStatus(t, d.site, loggedIn("minji"))
	if err := newVisitor(t, "newcomer").logIn(d.site); err != nil {
		t.Error(err)
	}
	if err := newVisitor(t, "ara").logIn(d.site); err == nil {
		t.Error("a member who is no longer in the file logs in")
	}
}

// TestAHangUpDuringTheStartReloads sends SIGHUP while serve reads its settings. Without a channel
// for it from the first moment, it would end the process.
func TestAHangUpDuringTheStartReloads(t *testing.T) {
	elsewhere := make(chan os.Signal, 1) // so that the test goes on where serve isn't told
	signal.Notify(elsewhere, syscall.SIGHUP)
	defer signal.Stop(elsewhere)
	s := writeSettings(t, anyHelpCenter)
	s.environment.Hook = sync.OnceFunc(func() {
		if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
			t.Error(err)
		}
		<-elsewhere
	})
	d := s.serve(t)
	clitest.WaitUntil(t, "the members are reloaded", func() bool { return strings.Contains(d.Log.String(), "members reloaded") })
}

// TestNothingHeavyIsInPackageVariables: a SIGHUP that comes before serve asks for it ends the
// process, and packages initialise before that. What they allocate says how much they do.
func TestNothingHeavyIsInPackageVariables(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	output, err := (&exec.Cmd{Path: self, Args: []string{"ocsso", "version"}, Env: []string{"GODEBUG=inittrace=1"}}).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	traced := regexp.MustCompile(`(?m)^init (ocsso/(?:internal|web|templates|static)\S*) .* (\d+) bytes, \d+ allocs$`).FindAllSubmatch(output, -1)
	if len(traced) < 5 {
		t.Fatalf("got no trace of our packages: %s", output)
	}
	for _, line := range traced {
		if bytes, err := strconv.Atoi(string(line[2])); err != nil || bytes > 100_000 {
			t.Errorf("%s allocates %s bytes at the start, %v", line[1], line[2], err)
		}
	}
}

// TestAChangedMemberFileIsReadByItself, but not while it is written. The clock of testing/synctest
// lets time pass at once.
func TestAChangedMemberFileIsReadByItself(t *testing.T) {
	s := writeSettings(t, anyHelpCenter)
	cfg := s.load(t)
	synctest.Test(t, func(t *testing.T) {
		members, err := openDirectory(t.Context(), cfg, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		log := &clitest.LockedBuffer{}
		d := &deployment{counts: metrics.New("test"), members: members, log: slog.New(slog.NewTextHandler(log, nil))}
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		go d.watchMembers(ctx)
		after := func(pause time.Duration, usercode string, want error, lines ...string) {
			t.Helper()
			time.Sleep(pause)
			synctest.Wait()
			if _, err := members.Account(ctx, usercode); !errors.Is(err, want) {
				t.Errorf("%s: got %v, want %v", usercode, err, want)
			}
			for _, line := range lines {
				if got := strings.Count(log.String(), line); got != 1 {
					t.Errorf("the log has %q %d times, want once:\n%s", line, got, log)
				}
			}
		}
		const long = 5 * memberInterval
		after(long, "minji", nil)
		content := "members:\n"
		for i := range 10 { // it grows from one look to the next
			content += row(fmt.Sprintf("m%d", i), "")
			s.writeMembers(t, content)
			after(memberInterval, "minji", nil)
		}
		if log.String() != "" {
			t.Errorf("got the log %s of a file that is unchanged or grows, want nothing", log)
		}
		after(long, "m9", nil, `msg="members reloaded" count=10`)

		s.writeMembers(t, "members:\n"+row("minji", "")+"  - usercode: half\n")
		for range 2 { // the second time, nothing is said of the same file
			after(long, "m9", nil, "members not reloaded: the old ones stay", "members[1].password_hash: is missing")
		}
		s.writeMembers(t, "members:\n"+row("minji", ""))
		after(long, "m9", member.ErrUnknown, "count=1\n")

		if err := os.Remove(cfg.Members.File.Path); err != nil {
			t.Fatal(err)
		}
		after(long, "minji", nil, "no such file")
		s.writeMembers(t, "members:\n"+row("minji", "")+row("back", "")+row("again", ""))
		after(long, "back", nil, "count=3")
	})
}

// TestAHangUpReloadsTheSessionKeys: replicas are compared in a rotation by the keys' fingerprints.
func TestAHangUpReloadsTheSessionKeys(t *testing.T) {
	d := writeSettings(t, anyHelpCenter).serve(t)
	first, second := d.environment.Values["OCSSO_SESSION_KEYS"], config.NewSessionKey()
	of := func(key string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(key)))[:8] }
	shown := func(session string) {
		t.Helper()
		page := newVisitor(t, "").must(t, "GET", d.admin+"/metrics", nil).body
		wantMetrics(t, page, fmt.Sprintf("ocsso_key_info{fingerprint=%q,key=\"session\"} 1\n", of(session)),
			fmt.Sprintf("ocsso_key_info{fingerprint=%q,key=\"organization\"} 1\n", of(testKey)))
		if got := strings.Count(page, "\nocsso_key_info"); got != 2 {
			t.Errorf("got %d keys in use, want 2", got)
		}
	}
	shown(first)
	old := loggedInAt(t, d.site)
	d.environment.Set("OCSSO_SESSION_KEYS", second+","+first)
	d.hangUp("keys reloaded")
	shown(second)
	old.wantStatus(t, d.site, loggedIn("minji"))
	fresh := loggedInAt(t, d.site)

	d.environment.Set("OCSSO_SESSION_KEYS", second)
	d.hangUp("keys reloaded")
	old.wantStatus(t, d.site, loggedOut)
	fresh.wantStatus(t, d.site, loggedIn("minji"))

	d.environment.Set("OCSSO_SESSION_KEYS", "changeme")
	d.hangUp("keys not reloaded")
	fresh.wantStatus(t, d.site, loggedIn("minji"))
	for _, want := range []string{
		"msg=serving version=", "session_key=" + of(first) + " organization_key=" + of(testKey), `msg="keys reloaded" session_key=` + of(second),
	} {
		if !strings.Contains(d.Log.String(), want) {
			t.Errorf("got no %s in %s", want, d.Log)
		}
	}
	wantMetrics(t, newVisitor(t, "").must(t, "GET", d.admin+"/metrics", nil).body,
		`ocsso_reloads_total{outcome="ok",what="keys"} 2`, `ocsso_reloads_total{outcome="failed",what="keys"} 1`,
		`ocsso_reloads_total{outcome="ok",what="members"} 3`, `ocsso_reloads_total{outcome="failed",what="members"} 0`)
}

func TestAHangUpReloadsTheOrganizationKey(t *testing.T) {
	d := writeSettings(t, helpCenterSection("https://help.example.com", "link")).serve(t)
	v := loggedInAt(t, d.site)
	wantSigned := func(key string) {
		t.Helper()
		link, err := url.Parse(v.must(t, "GET", d.site+"/help/ticket", nil).header.Get("Location"))
		if err != nil {
			t.Fatal(err)
		}
		sent := link.Query()
		mac := hmac.New(sha256.New, []byte(key)) // as the vendor does (CONTRACT 3)
		mac.Write([]byte("hangame"))
		for _, field := range []string{"usercode", "username", "email", "phone", "time"} {
			mac.Write([]byte("&" + sent.Get(field)))
		}
		if got, want := sent.Get("token"), base64.StdEncoding.EncodeToString(mac.Sum(nil)); got != want {
			t.Errorf("got token %s, want %s", got, want)
		}
	}
	wantSigned(testKey)
	const newKey = "9a8b7c6d5e4f30212c3d4e5f6a7b8c9d"
	d.environment.Set("OCSSO_HELP_CENTER_ORGANIZATION_KEY", newKey)
	d.hangUp("keys reloaded")
	wantSigned(newKey)
	d.environment.Set("OCSSO_UI_SITE_NAME", "Other")
	d.hangUp("restart to put them in place")
}

// newCertificate writes a certificate and its key into a folder of the test.
func newCertificate(t *testing.T) config.TLS {
	t.Helper()
	dir := t.TempDir()
	files := config.TLS{CertFile: filepath.Join(dir, "cert.pem"), KeyFile: filepath.Join(dir, "key.pem")}
	writeCertificate(t, files, time.Now().Truncate(time.Second))
	return files
}

// writeCertificate writes a new certificate for this machine and its key, with this modification
// time.
func writeCertificate(t *testing.T, files config.TLS, changed time.Time) (serial string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(changed.UnixNano()), DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: changed.Add(-time.Hour), NotAfter: changed.Add(7 * 24 * time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	key, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	for name, block := range map[string]*pem.Block{
		files.CertFile: {Type: "CERTIFICATE", Bytes: der}, files.KeyFile: {Type: "PRIVATE KEY", Bytes: key},
	} {
		clitest.WriteFile(t, name, string(pem.EncodeToMemory(block)))
		if err := os.Chtimes(name, changed, changed); err != nil {
			t.Fatal(err)
		}
	}
	return template.SerialNumber.String()
}

func TestANewCertificateIsServedWithoutARestart(t *testing.T) {
	d := writeSettings(t, anyHelpCenter).deploy(t)
	dir := t.TempDir()
	files := config.TLS{CertFile: filepath.Join(dir, "cert.pem"), KeyFile: filepath.Join(dir, "key.pem")}
	if _, err := loadCertificate(files, d.log, d.counts); err == nil {
		t.Error("no files: got no error, want one")
	}
	at := time.Now().Truncate(time.Second)
	first := writeCertificate(t, files, at)
	settings, err := loadCertificate(files, d.log, d.counts)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := cli.Listen("127.0.0.1:0", settings)
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: http.NotFoundHandler()}
	go server.Serve(listener)
	t.Cleanup(func() { server.Close() })
	want := func(serial string, made time.Time, reloads, failures int) {
		t.Helper()
		conn, err := tls.Dial("tcp", listener.Addr().String(), &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2"}})
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		state := conn.ConnectionState()
		if got := state.PeerCertificates[0].SerialNumber.String(); got != serial || state.NegotiatedProtocol != "h2" {
			t.Errorf("got the certificate %s with %s, want %s with h2", got, state.NegotiatedProtocol, serial)
		}
		wantMetrics(t, d.scrape(), fmt.Sprintf("ocsso_certificate_expiry_timestamp_seconds %d\n", made.Add(7*24*time.Hour).Unix()),
			fmt.Sprintf("ocsso_reloads_total{outcome=\"ok\",what=\"certificate\"} %d\n", reloads),
			fmt.Sprintf("ocsso_reloads_total{outcome=\"failed\",what=\"certificate\"} %d\n", failures))
	}
	want(first, at, 0, 0)
	later := at.Add(time.Minute)
	second := writeCertificate(t, files, later)
	want(second, later, 1, 0)
	clitest.WriteFile(t, files.KeyFile, "half a key")
	want(second, later, 1, 1) // in the middle of a change, the old one stays
	want(second, later, 1, 1) // and is not tried again
}
