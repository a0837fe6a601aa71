package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ocsso/internal/cli"
	"ocsso/internal/cli/clitest"
	"ocsso/internal/config"
	"ocsso/internal/kv/redis/redistest"
)

func TestRedisOverTLSWithOurOwnCA(t *testing.T) {
	dir := t.TempDir()
	files := config.TLS{CertFile: filepath.Join(dir, "cert.pem"), KeyFile: filepath.Join(dir, "key.pem")}
	writeRedisCertificate(t, files)
	server := redistest.Start(t, "--tls-cert-file", files.CertFile, "--tls-key-file", files.KeyFile,
		"--tls-ca-cert-file", files.CertFile, "--tls-auth-clients", "no")
	sections := anyHelpCenter + fmt.Sprintf("store: {kind: redis, redis: {addresses: [%q]}}\n", "rediss://"+server.Address)
	const ca = "OCSSO_STORE_REDIS_TLS_CA_FILE"
	all := func() settings { return writeSettings(t, sections).with(ca, files.CertFile) }
	d := all().serve(t)
	loggedInAt(t, d.site).wantStatus(t, d.site, loggedIn("minji"))
	d.wantStore("store: ok", http.StatusOK, "1")

	empty := filepath.Join(dir, "empty.pem")
	clitest.WriteFile(t, empty, "no certificate")
	for name, test := range map[string]struct {
		s    settings
		want string
	}{
		"the CA is not known":    {all().with(ca, ""), "certificate signed by unknown authority"},
		"the CA file is missing": {all().with(ca, filepath.Join(dir, "missing.pem")), "store.redis.tls_ca_file: open"},
		"the CA file has none":   {all().with(ca, empty), "store.redis.tls_ca_file: " + empty + " has no certificate"},
	} {
		_, stderr, code := clitest.RunCommand(t, "ocsso", run, test.s.environment, "serve", "--config", test.s.file)
		want := cli.ExitUsage
		if !strings.HasPrefix(test.want, "store.redis.") { // what only a connection shows
			want = cli.ExitUnavailable
		}
		if code != want || !strings.Contains(stderr, test.want) || !strings.Contains(stderr, "hint: ") {
			t.Errorf("%s: got exit code %d and %q, want %d and %q", name, code, stderr, want, test.want)
		}
		if want == cli.ExitUnavailable {
			continue
		}
		_, checked, code := clitest.RunCommand(t, "ocsso", run, test.s.environment, "config", "check", "--config", test.s.file)
		if code != cli.ExitUsage || checked != stderr {
			t.Errorf("%s: config check: got exit code %d and %q, want what serve says", name, code, checked)
		}
	}
}

// writeRedisCertificate writes a certificate for 127.0.0.1, and its key.
func writeRedisCertificate(t *testing.T, files config.TLS) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(time.Hour),
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	clitest.WriteFile(t, files.CertFile, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate})))
	clitest.WriteFile(t, files.KeyFile, string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})))
}
