package main

import (
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"ocsso/internal/cli"
	"ocsso/internal/cli/clitest"
	"ocsso/internal/kv/redis/redistest"
)

func TestRedisOverTLSWithOurOwnCA(t *testing.T) {
	files, dir := newCertificate(t), t.TempDir()
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
