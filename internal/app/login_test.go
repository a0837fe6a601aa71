package app

import (
	"bytes"
	"log/slog"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"ocsso/internal/config"
	"ocsso/internal/kv"
	"ocsso/internal/metrics"
	"ocsso/internal/secret"
)

// TestTheAuditLogHasTheWay to log in, as the setting has it.
func TestTheAuditLogHasTheWay(t *testing.T) {
	cfg := config.Default()
	cfg.Server.PublicURL, cfg.HelpCenter.BaseURL = "https://sso.example.com", "https://help.example.com"
	cfg.HelpCenter.Services = []string{"hangame"}
	cfg.Session.Keys = []secret.Text{secret.New(config.NewSessionKey())}
	cfg.Login.With = "proxy"
	cfg.Login.Proxy.From, cfg.Login.Proxy.Headers.UserCode = []netip.Prefix{netip.MustParsePrefix("192.0.2.1/32")}, "X-User"
	var log bytes.Buffer
	app := New(slog.New(slog.NewTextHandler(&log, nil)), metrics.New("test"), kv.NewMemory(time.Now, 1_000_000), nil, nil, 0)
	handler, err := app.Handler(cfg)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest("GET", "https://sso.example.com/login", nil)
	r.Header.Set("X-User", "minji")
	handler.ServeHTTP(httptest.NewRecorder(), r)
	if want := "event=login way=proxy outcome=ok"; !strings.Contains(log.String(), want) {
		t.Errorf("got the log %s, want %s", &log, want)
	}
}
