package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
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

func TestAHangUpReloadsTheMembers(t *testing.T) {
	d := writeSettings(t, anyHelpCenter).serve(t)
	wantLogin := func(usercode string, want int) {
		t.Helper()
		got := newVisitor(t, usercode).must(t, "POST", d.site+"/login", credentials(usercode, testPassword))
		if got.code != want {
			t.Errorf("%s: got %d, want %d", usercode, got.code, want)
		}
	}
	wantLogin("newcomer", http.StatusUnauthorized)
	d.writeMembers(t, fmt.Sprintf("members:\n  - usercode: newcomer\n    password_hash: %s\n", cheapHash))
	d.hangUp("members reloaded")
	wantLogin("newcomer", http.StatusSeeOther)
	wantLogin("minji", http.StatusUnauthorized) // is no longer in the file

	d.writeMembers(t, "members:\n  - usercode: a&b\n")
	d.hangUp("members not reloaded")
	wantLogin("newcomer", http.StatusSeeOther) // the old file stays in use
}

// A member who was removed is logged out, and one whose data changed is handed off with the new.
func TestAMemberOfTheFileIsLookedUpAgain(t *testing.T) {
	d := writeSettings(t, anyHelpCenter).serve(t)
	member := func(usercode, email string) string {
		return fmt.Sprintf("  - usercode: %s\n    password_hash: %s\n    email: %s\n", usercode, cheapHash, email)
	}
	d.writeMembers(t, "members:\n"+member("minji", "old@example.com")+member("adam", "adam@example.com"))
	d.hangUp("members reloaded")
	visitors := map[string]*visitor{}
	for _, usercode := range []string{"minji", "adam"} {
		visitors[usercode] = newVisitor(t, usercode)
		visitors[usercode].must(t, "POST", d.site+"/login", credentials(usercode, testPassword))
	}
	if page := visitors["minji"].must(t, "GET", d.site+"/login", nil).body; !strings.Contains(page, "old@example.com") {
		t.Fatalf("got no handoff of minji: %s", page)
	}
	d.writeMembers(t, "members:\n"+member("minji", "new@example.com"))
	d.hangUp("members reloaded")
	if page := visitors["minji"].must(t, "GET", d.site+"/login", nil).body; !strings.Contains(page, "new@example.com") {
		t.Errorf("got a handoff with old data: %s", page)
	}
	if page := visitors["adam"].must(t, "GET", d.site+"/login", nil).body; strings.Contains(page, "adam@example.com") || !strings.Contains(page, "password") {
		t.Errorf("got %s, want the login form", page)
	}
	visitors["adam"].wantStatus(t, d.site, loggedOut)
	visitors["minji"].wantStatus(t, d.site, loggedIn("minji"))
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

// TestAChangedMemberFileIsReadByItself plays with the clock of testing/synctest: five seconds pass
// at once.
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
		after := func(usercode string, want error, lines ...string) {
			t.Helper()
			time.Sleep(5 * time.Second)
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
		after("minji", nil)
		if log.String() != "" {
			t.Errorf("got the log %s of an unchanged file, want nothing", log)
		}
		row := func(usercode string) string {
			return "  - {usercode: " + usercode + ", password_hash: \"" + cheapHash + "\"}\n"
		}
		s.writeMembers(t, "members:\n"+row("minji")+row("newcomer"))
		after("newcomer", nil, `msg="members reloaded" count=2`)

		s.writeMembers(t, "members:\n"+row("minji")+"  - usercode: half\n")
		after("newcomer", nil, "members not reloaded: the old ones stay", "members[1].password_hash: is missing")
		after("newcomer", nil, "members not reloaded: the old ones stay") // not again for the same file

		s.writeMembers(t, "members:\n"+row("minji"))
		after("newcomer", member.ErrUnknown, "count=1")

		path := cfg.Members.File.Path
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		after("minji", nil, "no such file")
		s.writeMembers(t, "members:\n"+row("minji")+row("back")+row("again"))
		after("back", nil, "count=3")
	})
}

// TestAMemberFileIsNotReadWhileItIsWritten has a file that grows from one look to the next.
func TestAMemberFileIsNotReadWhileItIsWritten(t *testing.T) {
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
		content := "members:\n"
		for i := range 10 {
			content += fmt.Sprintf("  - {usercode: m%d, password_hash: %q}\n", i, cheapHash)
			s.writeMembers(t, content)
			time.Sleep(memberInterval)
			synctest.Wait()
		}
		if log.String() != "" {
			t.Errorf("got the log %s while the file grows, want nothing", log)
		}
		time.Sleep(2 * memberInterval)
		synctest.Wait()
		if got := strings.Count(log.String(), `msg="members reloaded" count=10`); got != 1 {
			t.Errorf("got the log %s, want all ten members at once", log)
		}
	})
}

func TestAHangUpReloadsTheSessionKeys(t *testing.T) {
	d := writeSettings(t, anyHelpCenter).serve(t)
	old := loggedInAt(t, d.site)
	first := d.environment.Values["OCSSO_SESSION_KEYS"]
	second := config.NewSessionKey()
	d.environment.Set("OCSSO_SESSION_KEYS", second+","+first)
	d.hangUp("keys reloaded")
	old.wantStatus(t, d.site, loggedIn("minji"))
	fresh := loggedInAt(t, d.site)

	d.environment.Set("OCSSO_SESSION_KEYS", second)
	d.hangUp("keys reloaded")
	old.wantStatus(t, d.site, loggedOut)
	fresh.wantStatus(t, d.site, loggedIn("minji"))

	d.environment.Set("OCSSO_SESSION_KEYS", "changeme")
	d.hangUp("keys not reloaded")
	fresh.wantStatus(t, d.site, loggedIn("minji"))
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
		want := vendorToken(key, "hangame", sent.Get("usercode"), sent.Get("username"), sent.Get("email"), sent.Get("phone"), sent.Get("time"))
		if got := sent.Get("token"); got != want {
			t.Errorf("got token %s, want %s", got, want)
		}
	}
	wantSigned(testKey)
	const newKey = "9a8b7c6d5e4f30212c3d4e5f6a7b8c9d"
	d.environment.Set("OCSSO_HELP_CENTER_ORGANIZATION_KEY", newKey)
	d.hangUp("keys reloaded")
	wantSigned(newKey)
}

func TestAHangUpSaysThatOtherChangesNeedARestart(t *testing.T) {
	d := writeSettings(t, anyHelpCenter).serve(t)
	d.environment.Set("OCSSO_UI_SITE_NAME", "Other")
	d.hangUp("restart to put them in place")
}

// writeCertificate writes a new certificate and its key, with this modification time.
func writeCertificate(t *testing.T, files config.TLS, changed time.Time) (serial string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(changed.UnixNano()), DNSNames: []string{"localhost"},
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
	dir := t.TempDir()
	files := config.TLS{CertFile: filepath.Join(dir, "cert.pem"), KeyFile: filepath.Join(dir, "key.pem")}
	if _, err := loadCertificate(files, slog.New(slog.DiscardHandler), metrics.New("")); err == nil {
		t.Error("no files: got no error, want one")
	}
	at := time.Now().Truncate(time.Second)
	first := writeCertificate(t, files, at)
	settings, err := loadCertificate(files, slog.New(slog.DiscardHandler), metrics.New(""))
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
	clitest.WriteFile(t, files.KeyFile, "half a key")
	if got := serial(); got != second {
		t.Errorf("in the middle of a change: got certificate %s, want the old one, %s", got, second)
	}
}

func TestReadinessWarnsThatTheClocksDiffer(t *testing.T) {
	for off, want := range map[time.Duration]string{
		0: "", 20 * time.Second: "",
		45 * time.Second: "\nwarning: the help center's clock is 4", -time.Hour: "\nwarning: the help center's clock is -",
	} {
		d := writeSettings(t, helpCenterSection(helpCenterWithClock(t, off), "form")).deploy(t)
		d.clock.compare(t.Context())
		if got := d.clock.warning(); !strings.HasPrefix(got, want) || (want == "") != (got == "") {
			t.Errorf("%v ahead: got %q, want %q", off, got, want)
		}
	}
}
