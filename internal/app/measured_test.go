package app

import (
	"context"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"

	"ocsso/internal/kv"
	"ocsso/internal/member"
	"ocsso/internal/metrics"
	"ocsso/internal/sitelogin"
	"ocsso/web"
)

// failing is a store, a directory and a site that fail.
type failing struct {
	kv.Store
	web.Site
	err error
}

func (f failing) Get(context.Context, string) ([]byte, error) { return nil, f.err }

func (f failing) Account(context.Context, string) (member.Account, error) {
	return member.Account{}, f.err
}

func (failing) DecoyHash() string { return "dear" }

func (f failing) Ask(context.Context, string, sitelogin.Purpose, string) (sitelogin.Answer, error) {
	return sitelogin.Answer{}, f.err
}

// TestAClientThatGoesAwayIsNoFailure: browsers cut requests off all the time, and an operator is
// alerted of failures.
func TestAClientThatGoesAwayIsNoFailure(t *testing.T) {
	for err, want := range map[error]string{context.Canceled: "0", errors.New("on fire"): "1"} {
		counts, f := metrics.New("test"), failing{err: err}
		newMeasuredStore(f, counts).Get(t.Context(), "key")
		measuredDirectory{f, counts}.Account(t.Context(), "minji")
		measuredSite{f, counts}.Ask(t.Context(), "sid=1", sitelogin.Login, "id")
		w := httptest.NewRecorder()
		counts.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
		for _, series := range []string{
			`ocsso_store_seconds_count{operation="get",outcome="failed"}`,
			`ocsso_directory_seconds_count{outcome="failed"}`,
			`ocsso_site_seconds_count{outcome="failed"}`,
		} {
			if !strings.Contains(w.Body.String(), series+" "+want+"\n") {
				t.Errorf("%v: want %s %s in %s", err, series, want, w.Body)
			}
		}
	}
}

// TestADecoyIsTheDirectorys: a refusal costs what the directory's dearest hash does.
func TestADecoyIsTheDirectorys(t *testing.T) {
	if got := member.DecoyHash(measuredDirectory{failing{}, nil}); got != "dear" {
		t.Errorf("got %q, want the hash of the directory", got)
	}
}
