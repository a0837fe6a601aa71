package helpcenter_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"ocsso/internal/helpcenter"
	"ocsso/internal/secret"
)

func TestClockDifference(t *testing.T) {
	noon := time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		date string
		want time.Duration
		err  error
	}{
		{noon.Format(http.TimeFormat), time.Second / 2, nil},
		{noon.Add(time.Minute).Format(http.TimeFormat), time.Minute + time.Second/2, nil},
		{noon.Add(-time.Hour).Format(http.TimeFormat), -time.Hour + time.Second/2, nil},
		{"noon", 0, helpcenter.ErrAnswer},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodHead || r.URL.Path != "/" {
				t.Errorf("got %s %s, want HEAD /", r.Method, r.URL)
			}
			w.Header().Set("Date", test.date)
		}))
		site := helpcenter.NewSite(helpcenter.Origin(server.URL), "hangame")
		now := func() time.Time { return noon }
		client := helpcenter.NewClient(site, secret.New(vectorKey), &http.Transport{}, time.Minute, now)
		got, err := client.ClockDifference(context.Background())
		if got != test.want || !errors.Is(err, test.err) {
			t.Errorf("Date %s: got %v, %v, want %v, %v", test.date, got, err, test.want, test.err)
		}
		server.Close()
		if _, err := client.ClockDifference(context.Background()); !errors.Is(err, helpcenter.ErrUnreachable) {
			t.Errorf("closed: got %v, want %v", err, helpcenter.ErrUnreachable)
		}
	}
}
