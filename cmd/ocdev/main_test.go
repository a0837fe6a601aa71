package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"ocsso/internal/app"
	"ocsso/internal/cli"
	"ocsso/internal/cli/clitest"
	"ocsso/internal/config"
	"ocsso/internal/kv"
	"ocsso/internal/metrics"
)

// TestMain makes this test binary the command `ocdev` on the path of scripts.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"ocdev": main})
}

func TestHelpFitsATerminal(t *testing.T) {
	clitest.WantHelpFits(t, newRootCommand(cli.Terminal{}), run)
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata/script"})
}

const (
	testKey      = "4f1d0c6b9e7a48f2a3c5d8e1b2f60718"
	testPassword = "correct horse battery"
	loggedOut    = `{"login":"false","usercode":null}` // CONTRACT 7
)

// startDemo runs `ocdev demo` on free ports until the test ends. Its first member has every field.
func startDemo(t *testing.T, flags ...string) (d demoInfo) {
	t.Helper()
	p := clitest.Start(t, run, nil, append([]string{"demo", "--json", "--port", "0", "--helpcenter-port", "0", "--shop-port", "0"}, flags...)...)
	if err := json.Unmarshal([]byte(p.Line()), &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// startSimulator runs `ocdev simulate` with these flags until the test ends.
func startSimulator(t *testing.T, flags ...string) (origin string) {
	t.Helper()
	environment := &clitest.Environment{Values: map[string]string{"KEY": testKey}}
	p := clitest.Start(t, run, environment, append([]string{"simulate", "--organization-key-env", "KEY",
		"--login-url", "http://localhost:1/login", "--login-status-url", "http://localhost:1/status"}, flags...)...)
	line := p.Line()
	home := regexp.MustCompile(`(https?://127\.0\.0\.1:\d+)/shop/hc/`).FindStringSubmatch(line)
	if home == nil {
		t.Fatalf("got %q, want the start page of the service shop", line)
	}
	return home[1]
}

// serveSettings runs the real server for the help center at an origin until the test ends, with the
// members of the demo. It returns the configuration.
func serveSettings(t *testing.T, center, handoff string) (file string) {
	t.Helper()
	address := clitest.FreeAddress(t)
	file = filepath.Join(t.TempDir(), "config.yaml")
	clitest.WriteFile(t, file, fmt.Sprintf(`
server: {listen: %[1]q, public_url: "http://%[1]s"}
session: {keys: [%q]}
help_center: {base_url: %q, services: [hangame], handoff: %s, organization_key: %s}
`, address, config.NewSessionKey(), center, handoff, testKey))
	cfg, err := cli.ConfigFile(file).Load(cli.Terminal{Environ: os.Environ})
	if err != nil {
		t.Fatal(err)
	}
	members := demoDirectory{}
	for _, m := range demoMembers {
		members[m.account.UserCode] = m.account
	}
	log := slog.New(slog.DiscardHandler)
	handler, err := app.New(log, metrics.New("test"), kv.NewMemory(time.Now, 10_000_000), members, http.DefaultTransport, 0).Handler(cfg)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error)
	go func() {
		done <- cli.Serve(ctx, log, cli.Endpoint{Handler: handler, Listeners: []net.Listener{listener}})
	}()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return file
}

// anyHelpCenter answers, so that its clock can be read, and does nothing else.
func anyHelpCenter(t *testing.T) (origin string) {
	center := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(center.Close)
	return center.URL
}
