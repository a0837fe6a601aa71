package helpcenter_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ocsso/internal/helpcenter"
	"ocsso/internal/secret"
)

const success = `{"header":{"resultCode":200,"resultMessage":"","isSuccessful":true},"result":{"content":"access+token/1="}}`

// send has a help center that answers with answer, and makes one call to it.
func send(t *testing.T, timeout time.Duration, returnURL string, answer http.HandlerFunc) (location string, center helpcenter.Origin, err error) {
	t.Helper()
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	center = helpcenter.Origin(server.URL)
	site := helpcenter.NewSite(center, "hangame")
	to, err := site.ReturnURL(server.URL+returnURL, own)
	if err != nil {
		t.Fatal(err)
	}
	client := newClient(site, timeout)
	call, err := client.Sign(helpcenter.API, vectorMember, to, vectorTime)
	if err != nil {
		t.Fatal(err)
	}
	location, err = client.Send(context.Background(), call)
	return location, center, err
}

// TestSendPostsTheFieldsAndRedirectsWithTheAccessToken is D3 and D5.
func TestSendPostsTheFieldsAndRedirectsWithTheAccessToken(t *testing.T) {
	location, center, err := send(t, time.Minute, "/hangame/hc/ticket/?a=1&time=9#top", func(w http.ResponseWriter, r *http.Request) {
		if got, want := r.Method+" "+r.URL.String(), "POST /api/v2/enduser/remote.json"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		r.ParseForm()
		want := url.Values{
			"service": {"hangame"}, "usercode": {"testusercode"}, "username": {"testUsername"}, "email": {"test@email.com"},
			// The vector has no returnUrl either
			"phone": {"123456789"}, "time": {"1660095873001"}, "token": {vectorToken},
		}
		if diff := cmp.Diff(want, r.PostForm); diff != "" {
			t.Errorf("fields (-want +got):\n%s", diff)
		}
		fmt.Fprint(w, success)
	})
	if err != nil {
		t.Fatal(err)
	}
	want := string(center) + "/hangame/hc/ticket/?a=1&usercode=testusercode&time=1660095873001&accessToken=access%2Btoken%2F1%3D#top"
	if location != want {
		t.Errorf("got %s, want %s", location, want)
	}
}

func TestSendTellsWhatWentWrong(t *testing.T) {
	answer := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			fmt.Fprint(w, body)
		}
	}
	for name, test := range map[string]struct {
		answer http.HandlerFunc
		want   error
	}{
		"not JSON":             {answer(200, "<html>"), helpcenter.ErrAnswer},
		"empty":                {answer(200, ""), helpcenter.ErrAnswer},
		"another JSON":         {answer(200, `{"login":"true"}`), helpcenter.ErrAnswer},
		"no isSuccessful":      {answer(200, `{"header":{"resultCode":200},"result":{"content":"x"}}`), helpcenter.ErrAnswer},
		"no result":            {answer(200, `{"header":{"isSuccessful":true},"result":null}`), helpcenter.ErrAnswer},
		"a result of text":     {answer(200, `{"header":{"isSuccessful":true},"result":"x"}`), helpcenter.ErrAnswer},
		"no access token":      {answer(200, `{"header":{"isSuccessful":true},"result":{"content":""}}`), helpcenter.ErrAnswer},
		"a bad access token":   {answer(200, `{"header":{"isSuccessful":true},"result":{"content":"a\nb"}}`), helpcenter.ErrAnswer},
		"a success with a 500": {answer(500, success), helpcenter.ErrAnswer},
		"an error page":        {answer(503, "out of order"), helpcenter.ErrAnswer},
		"longer than 1 MiB":    {answer(200, success+strings.Repeat(" ", 1<<20)), helpcenter.ErrAnswer},
		"a redirect": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
		}, helpcenter.ErrAnswer},
		"a connection cut short": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, helpcenter.ErrUnreachable},
		"an answer cut short": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			fmt.Fprint(w, success)
		}, helpcenter.ErrUnreachable},
	} {
		location, _, err := send(t, time.Minute, "/", test.answer)
		if !errors.Is(err, test.want) || location != "" {
			t.Errorf("%s: got %q, %v, want %v", name, location, err, test.want)
		}
	}
}

func TestSendGivesUpAfterItsTimeout(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"before the answer": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"within the answer": func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprint(w, success[:10])
			http.NewResponseController(w).Flush()
			<-r.Context().Done()
		},
	} {
		_, _, err := send(t, 50*time.Millisecond, "/", func(w http.ResponseWriter, r *http.Request) {
			r.ParseForm() // so that the server watches for the client leaving
			answer(w, r)
		})
		if !errors.Is(err, helpcenter.ErrUnreachable) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: got %v, want %v for the deadline", name, err, helpcenter.ErrUnreachable)
		}
	}
}

func TestSendReportsARefusalWithItsReason(t *testing.T) {
	for _, test := range []struct {
		status int
		body   string
		want   helpcenter.RefusedError
	}{
		{200, `{"header":{"resultCode":9005,"resultMessage":"timeout","isSuccessful":false},"result":null}`, helpcenter.RefusedError{Code: 9005, Message: "timeout"}},
		{401, `{"header":{"resultCode":1,"resultMessage":"a\nb","isSuccessful":false}}`, helpcenter.RefusedError{Code: 1, Message: "a b"}},
		{200, `{"header":{"isSuccessful":false},"result":"no"}`, helpcenter.RefusedError{}},
		{200, `{"header":{"resultMessage":"` + strings.Repeat("가", 100) + `","isSuccessful":false}}`, helpcenter.RefusedError{Message: strings.Repeat("가", 66) + "…"}},
	} {
		_, _, err := send(t, time.Minute, "/", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(test.status)
			fmt.Fprint(w, test.body)
		})
		var got *helpcenter.RefusedError
		if !errors.As(err, &got) || *got != test.want {
			t.Errorf("%s: got %v, want %v", test.body, err, &test.want)
		}
	}
}

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
