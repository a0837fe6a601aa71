package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"ocsso/internal/app"
	"ocsso/internal/cli"
	"ocsso/internal/cli/clitest"
	"ocsso/internal/config"
	"ocsso/internal/kv"
	"ocsso/internal/metrics"
)

const (
	testKey      = "4f1d0c6b9e7a48f2a3c5d8e1b2f60718"
	testPassword = "correct horse battery"
)

// The answers of CONTRACT 7.
func loggedIn(usercode string) string { return `{"login":"true","usercode":"` + usercode + `"}` }

const loggedOut = `{"login":"false","usercode":null}`

// A server is the real server with settings of a test, and the members of the demo.
type server struct {
	site string
	file string // the configuration
}

// serveSettings runs a server for the help center at an origin until the test ends.
func serveSettings(t *testing.T, center, handoff, sections string) server {
	t.Helper()
	address := clitest.FreeAddress(t)
	s := server{"http://" + address, filepath.Join(t.TempDir(), "config.yaml")}
	clitest.WriteFile(t, s.file, fmt.Sprintf("server: {listen: %q, public_url: %q}\nsession: {keys: [%q]}\n", address, s.site, config.NewSessionKey())+
		fmt.Sprintf("help_center: {base_url: %q, services: [hangame], handoff: %s, organization_key: %s}\n", center, handoff, testKey)+sections)
	cfg, err := cli.ConfigFile(s.file).Load(cli.Terminal{Environ: os.Environ})
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
	listener, err := cli.Listen(address, nil)
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
	return s
}

// anyHelpCenter answers, so that its clock can be read, and does nothing else.
func anyHelpCenter(t *testing.T) (origin string) {
	t.Helper()
	center := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(center.Close)
	return center.URL
}
